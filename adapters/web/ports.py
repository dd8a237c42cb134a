"""What the web chat needs of the house; given by bot/wiring.py. Each may raise Unavailable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.messages import Address, Answer, Card, Exchange, Inbound, Lang
from bot.pace import Pace
from bot.settings import Settings


@dataclass(frozen=True)
class Matter:
    """An open follow-up, as it stands beside the chat."""

    id: str
    name: str = field(repr=False)
    subject: str = field(repr=False)
    mine: dt.datetime
    """When it is due, on the person's clock."""
    theirs: dt.datetime
    """The same moment on the counterpart's clock."""
    place: str
    """Where that clock is, as people call it."""
    late: bool


PER_SECOND, BURST = 2.0, 60.0
"""Messages of one person that are let through: far more than anybody types, far fewer than would hold up others."""


@dataclass(frozen=True)
class WebPorts:
    """What the pages ask for."""

    receive: Callable[[Inbound], Answer]
    history: Callable[[Address, str, dt.datetime, Lang], list[Exchange]]
    """The open conversation there, oldest first; the language is that of the page."""
    card: Callable[[str, Lang], Card | None]
    now: Callable[[], dt.datetime]
    settings: Settings
    unasked: Callable[[Address, dt.datetime], list[tuple[dt.datetime, Answer]]] = lambda _address, _since: []
    """(when, what) came to a page later than a moment, without having been asked for."""
    matters: Callable[[Address, Lang], list[Matter]] = lambda _address, _lang: []
    """The open follow-ups of whoever talks there, the earliest first."""
    past: Callable[[Address, Lang], list[Exchange]] = lambda _address, _lang: []
    """All conversations there that are kept, on the person's clock, oldest first."""
    mine: Callable[[Address], str] = lambda _address: "{}"
    """Every row that is kept of whoever talks there, as JSON."""
    pace: Pace = field(default_factory=lambda: Pace(PER_SECOND, BURST))
