"""What several commands need: the settings, the assembled app, one JSON value on standard output."""

from __future__ import annotations

import datetime as dt
import json
import os
from typing import TYPE_CHECKING, Any

import typer
from sqlalchemy import Engine

from bot import logs
from bot.settings import Settings, read_settings

if TYPE_CHECKING:
    from bot.wiring import App


def settings() -> Settings:
    """The settings of the environment; logging is set up with them. Raises WrongSettings."""
    found = read_settings(os.environ)
    logs.configure(production=found.env == "production")
    return found


def assembled(*, later: bool = False) -> App:
    """The whole app, as `serve` uses it; `later`: understanding only when it is needed, as `work` uses it."""
    from bot.wiring import build  # two seconds of imports, which few commands need

    return build(settings(), later=later)


def database() -> Engine:
    """The database alone, schema checked, without knowledge and understanding (which take seconds)."""
    from bot.wiring_ground import ground

    return ground(settings()).engine


def moment(text: str, option: str = "--now") -> dt.datetime:
    """The aware time of an option. Raises BadParameter (wrong usage) when it is no time or has no offset."""
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("is not ISO 8601, such as 2026-11-25T10:30:00-05:00", param_hint=option) from None
    if at.tzinfo is None:
        raise typer.BadParameter("needs an offset, such as 2026-11-25T10:30:00-05:00", param_hint=option)
    return at


def print_json(value: Any) -> None:
    """One JSON value, and nothing else, on standard output. Half characters, which UTF-8 cannot hold, become `?`."""
    print(json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace").decode())
