"""A worker of the crash run during a broadcast: the engine, and the rounds that begin and watch runs. It is there to be killed."""

from __future__ import annotations

import datetime as dt
import os
import threading
from multiprocessing.synchronize import Event

from sqlalchemy import select

from bot import logs
from bot.broadcasts import runs
from bot.broadcasts.ports import Look, Ports
from bot.db import open_engine
from bot.delivery.engine import Worker
from bot.errors import Unavailable
from bot.followups.calendars import Overrides
from bot.followups.rules import Rules
from bot.people.tables import PersonRow
from tests.crash.worker import KEYS, KINDS, TERMS
from tests.fakes.vendor import FakeChannel


def now() -> dt.datetime:
    """The real time."""
    return dt.datetime.now(dt.UTC)


def ports(limits: dict[str, object]) -> Ports:
    """What a broadcast of own words needs, with every day a working one; nobody here asks about themes or votes on cards."""
    return Ports(
        limits=limits,  # type: ignore[arg-type]
        looks={name: lambda card: Look([card.text]) for name in limits},
        rules=Rules(Overrides(work={"CN": frozenset(now().date() + dt.timedelta(days=n) for n in (-1, 0, 1))})),
        kept=(),
        content=lambda kind, name, lang: None,
        tips_of=lambda theme: (),
        asked_about=lambda theme, since: select(PersonRow.id),
        questions=lambda session, run, since, until: 0,
        card_votes=lambda session, run, card, since: (0, 0),
    )


def main(url: str, port: int, ready: Event) -> None:
    """Work until killed."""
    logs.configure(production=True)
    nowhere = os.open(os.devnull, os.O_WRONLY)  # every doubt is logged
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    channels = {kind: FakeChannel(kind, port, timeout=1.5) for kind in KINDS}
    engine = open_engine(url, KEYS)
    Worker(engine, channels, now, dict.fromkeys(KINDS, TERMS)).start()
    ready.set()
    mine = ports({name: channel.limits for name, channel in channels.items()})
    pause = threading.Event()
    while not pause.wait(0.2):
        try:
            runs.sweep(engine, mine, now())
        except Unavailable:
            pause.wait(0.2)
