"""What several commands need: the settings, the assembled app, one JSON value on standard output."""

from __future__ import annotations

import json
import os
from typing import Any

from sqlalchemy import Engine

from bot import logs
from bot.settings import Settings, read_settings
from bot.wiring import App, build, ground


def settings() -> Settings:
    """The settings of the environment; logging is set up with them. Raises WrongSettings."""
    found = read_settings(os.environ)
    logs.configure(production=found.env == "production")
    return found


def assembled(*, later: bool = False) -> App:
    """The whole app, as `serve` uses it; `later`: understanding only when it is needed, as `work` uses it."""
    return build(settings(), later=later)


def database() -> Engine:
    """The database alone, schema checked, without knowledge and understanding (which take seconds)."""
    return ground(settings()).engine


def print_json(value: Any) -> None:
    """One JSON value, and nothing else, on standard output. Half characters, which UTF-8 cannot hold, become `?`."""
    print(json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace").decode())
