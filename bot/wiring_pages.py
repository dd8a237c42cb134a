"""Which pages are there for people? The chat, sign-in and the console, over the assembled app."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from functools import partial
from typing import Protocol

from fastapi import APIRouter
from sqlalchemy import Engine

from adapters.console import routes as console
from adapters.web import routes as browser
from adapters.web.ports import WebPorts
from bot.conversations.coach import Coach
from bot.db import reading
from bot.messages import Address, Answer, Inbound
from bot.people import directory
from bot.people.export import export
from bot.wiring_console import Console, House
from bot.wiring_followups import Desk
from bot.wiring_site import SignIn


class Pages(House, Protocol):
    """What the pages stand on: the assembled app."""

    @property
    def coach(self) -> Coach: ...  # noqa: D102 - as bot.wiring.App has it
    @property
    def receive(self) -> Callable[[Inbound], Answer]: ...  # noqa: D102 - as above
    @property
    def unasked(self) -> Callable[[Address, dt.datetime], list[tuple[dt.datetime, Answer]]]: ...  # noqa: D102 - as above


def routers(app: Pages, desk: Desk) -> list[APIRouter]:
    """All of them, behind one door."""
    signing = SignIn(app.settings, app.engine, app.now)
    chat = WebPorts(
        receive=app.receive,
        history=app.coach.history,
        card=app.coach.card,
        now=app.now,
        settings=app.settings,
        unasked=app.unasked,
        matters=desk.matters,
        past=app.coach.past,
        mine=partial(_mine, app.engine),
    )
    return [*signing.routers(), browser.router(chat, signing.door()), console.router(signing.door(), Console(app).ports())]


def _mine(engine: Engine, address: Address) -> str:
    """Every row of whoever speaks at an address, as JSON; nobody is made."""
    with reading(engine) as session:
        person = directory.speaker(session, address)
        return json.dumps(export(session, person) if person else {}, ensure_ascii=False, default=str, indent=1)
