"""What do broadcasts need of channels, vendors, the knowledge and talks? Given by `bot.wiring_broadcasts`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import SelectBase
from sqlalchemy.orm import Session

from bot.channel import Limits
from bot.followups.rules import Rules
from bot.messages import Card, Lang


@dataclass(frozen=True)
class Look:
    """A card as one channel shows it: the very messages, in order, and what of it stands behind a button."""

    messages: Sequence[Any]
    """As the vendor gets them; words where the channel shows text."""
    folded: bool = False
    """Part of it is read on demand."""


@dataclass(frozen=True)
class Ports:
    """Everything outside of this folder that a broadcast touches."""

    limits: Mapping[str, Limits]
    """Of the channels on which people can be spoken to unasked, the terminal among them."""
    looks: Mapping[str, Callable[[Card], Look]]
    rules: Rules
    kept: Collection[str]
    """Names of all themes of the knowledge."""
    content: Callable[[str, str, Lang], Card | None]
    """(card or tip, its name, language): what is sent of it; None: there is none such."""
    tips_of: Callable[[str], Sequence[str]]
    """The names of all tips of a theme, in their order."""
    asked_about: Callable[[str, dt.datetime], SelectBase]
    """(theme, since): the ids of people who asked about its cards since then."""
    questions: Callable[[Session, str, dt.datetime, dt.datetime], int]
    """(run, from, until): questions of people who got it, asked in that time."""
    card_votes: Callable[[Session, str, str, dt.datetime], tuple[int, int]]
    """(run, card, since): useful and not, of people who got it."""
    members: Mapping[str, Callable[[str], Sequence[str]]] = field(default_factory=dict[str, Callable[[str], Sequence[str]]])
    """`wecom:department` or `wecom:tag` → the member ids of one of that id. Raises NotThere, and SendErrors."""
    tenant: Callable[[str], str] = lambda channel: ""
    """Channel → the vendor's id of its one workspace (a corp, the team of a single token); empty where there may be many."""
    mass_left: Callable[[], tuple[int, int, str] | None] = lambda: None
    """(left, granted, "month" or "day") of the official account's mass messages; None: it may send none."""
