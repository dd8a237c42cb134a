"""`caucus doctor`: is everything there?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer
from sqlalchemy import text

from bot.cli import doctor_mail, doctor_slack, doctor_tencent
from bot.cli.shared import settings
from bot.db import open_engine, reading, revisions
from bot.errors import CaucusError, Refused
from bot.intents.sentences import find_sentences
from bot.settings import Settings
from knowledge.load import load

PARTS: dict[str, Callable[[Settings], list[tuple[str, Callable[[], str]]]]] = {
    "slack": doctor_slack.looks,
    "wechat": doctor_tencent.wechat,
    "wecom": doctor_tencent.wecom,
    "mail": doctor_mail.looks,
}
"""What can be looked at alone: name → its checks."""


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("doctor", epilog="Example: caucus doctor slack")(doctor)


def doctor(part: Annotated[str, typer.Argument(help=f"One part alone: {', '.join(PARTS)}.")] = "") -> None:
    """Look at settings, database, knowledge and understanding; every trouble is named, exit code 1 when there is one."""
    if part and part not in PARTS:
        raise typer.BadParameter(f"the parts are {', '.join(PARTS)}")
    troubles = 0
    found = settings()  # names every wrong setting itself
    print("settings: ok")
    looks: list[tuple[str, Callable[[], str]]] = [
        ("database", lambda: _database(found.database, found.keys())),
        ("knowledge", _knowledge),
        ("sentence encoder", _encoder),
    ]
    if part:
        looks = PARTS[part](found)
    elif found.takes_mail:
        looks += doctor_mail.looks(found)
    else:
        looks += doctor_mail.sending(found)
    for name, look in looks:
        try:
            print(f"{name}: {look()}")
        except (CaucusError, OSError) as error:
            troubles += 1
            print(f"{name}: TROUBLE: {error}")
    if troubles:
        raise Refused(f"{troubles} troubles")


def _database(url: str, keys: list[str]) -> str:
    engine = open_engine(url, keys)
    with reading(engine) as session:
        session.execute(text("SELECT 1"))
    has, needs = revisions(engine)
    if has is None and engine.dialect.name == "sqlite":
        return f"ok ({engine.dialect.name}, new)"
    if has != needs:
        raise Refused(f"at revision {has or 'none'}, needs {needs}: run `caucus db upgrade`")
    return f"ok ({engine.dialect.name}, revision {has})"


def _knowledge() -> str:
    return f"ok ({len(load().cards)} cards)"


def _encoder() -> str:
    kind = find_sentences("full").kind
    if kind == "plain":
        raise Refused("absent or not the pinned version: understanding falls back to words and characters")
    if kind == "fast":
        raise Refused("MiniLM is absent or not the pinned version: understanding is as with CAUCUS_UNDERSTANDING=fast")
    return "ok"
