"""What the console needs of the house; given by bot/wiring_console.py.

Each port takes who asks and shows no more than they may see. Each may raise Unavailable, NotThere, Conflict or Refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from adapters.site.guard import Visitor
from bot.messages import Card, Lang


class Figures(Protocol):
    """Numbers by week, oldest first, for pictures."""

    weeks: list[dt.date]
    decisions: dict[str, list[int]]
    themes: list[tuple[str, int]]
    nudges: dict[str, list[int]]
    tips: dict[str, list[int]]


@dataclass(frozen=True)
class Look:
    """A card as one channel shows it."""

    channel: str
    messages: Sequence[Any]
    """HTML, message by message."""


@dataclass(frozen=True)
class CardSeen:
    """A card for its page in the console."""

    card: Card
    looks: Sequence[Look]
    phrasings: Mapping[Lang, Sequence[str]]
    useful: int
    not_useful: int
    hidden: bool = False
    own: bool = False


@dataclass(frozen=True)
class Likely:
    """A card or command that a question may mean; `gist` is the card's verdict in one sentence."""

    id: str
    title: str
    gist: str = ""


@dataclass(frozen=True)
class Trouble:
    """A delivery that failed or is in doubt."""

    id: str
    channel: str
    to: str
    """The id of the person, shortened: who it is stands on the page of people."""
    kind: str
    state: str
    reason: str
    at: dt.datetime
    tries: int


@dataclass(frozen=True)
class PersonSeen:
    """A person, for admins."""

    id: str
    name: str = field(repr=False)
    email: str = field(repr=False)
    role: str
    channels: Sequence[str]
    sessions: int


@dataclass(frozen=True)
class Moved:
    """A question that a change makes the coach answer otherwise."""

    text: str
    lang: Lang
    wanted: str
    """Title of what it means."""
    now: str
    """Titles of what it would be taken for; empty for nothing known."""
    outcome: str
    """As `bot.intents.evaluate` names it; empty when the coach is sure of something else."""
    worse: bool = True
    """Whether the person asking gets less than before."""


@dataclass(frozen=True)
class Change:
    """A curator's wish to change what the coach knows."""

    id: int
    part: str
    kind: str
    state: str
    step: str
    by: str
    at: dt.datetime
    version: int | None
    reason: str
    worse: Sequence[Moved]
    """Why it was refused, question by question."""
    moved: Sequence[Moved]
    """The first of them, the worse ones before the others."""
    lines: Sequence[tuple[str, str, str]]
    """What it says, to be read before it is accepted: field, language or nothing, text."""
    title: str = ""
    """Of the card that it is about."""
    card: str = ""
    """The id of that card, where there is one."""
    better: int = 0
    less: int = 0
    """How many known questions are answered better and worse than before, of all."""
    since: dt.datetime | None = None
    """When it was decided."""
    question: str = ""
    """One that it teaches, to be asked again."""
    despite: bool = False
    """Refused, and may be accepted all the same."""


@dataclass(frozen=True)
class Proposal:
    """How a change is proposed."""

    settles: Sequence[int] = ()
    """Kept questions that it answers."""
    live: bool = False
    """Accepted at once by its author."""
    draft: bool = False
    seen: int | None = None
    """The version that its author looked at."""


@dataclass(frozen=True)
class CurationPorts:
    """The team's own layer over the shipped knowledge. Each may raise NotThere, Conflict, Refused."""

    changes: Callable[[Visitor, Lang], list[Change]]
    change: Callable[[Visitor, int, Lang], Change]
    propose: Callable[[Visitor, Mapping[str, Any], Proposal], int]
    """(who, the change as data, how) → its id. Nothing is kept when it is refused."""
    decide: Callable[[Visitor, int, bool, bool], None]
    """(who, change, accept or decline, despite what the coach is sure of)."""
    submit: Callable[[Visitor, int], None]
    """A draft is ready for review."""
    undo: Callable[[Visitor, int], int]
    """A live version is proposed to be taken back → the new change's id."""
    export: Callable[[Visitor], str]
    import_: Callable[[Visitor, str], int]
    card: Callable[[Visitor, str], tuple[Mapping[str, Any], bool] | None]
    """A card's fields as data, and whether it is the team's own."""
    shelves: Callable[[Lang], Mapping[str, Sequence[tuple[str, str]]]]
    """`themes` and `verdicts`: what a card may be put under, by id and title."""
    version: Callable[[], int]
    """The version that is live."""


@dataclass(frozen=True)
class BroadcastPorts:
    """Messages to many."""

    listed: Callable[[Visitor], Sequence[Mapping[str, Any]]]
    act: Callable[[Visitor, str, str, Mapping[str, str]], Mapping[str, Any]]
    """(who, broadcast, action, what is given with it). `looks` of a preview are HTML; an `at` without
    offset is on their clock."""
    draft: Callable[[Visitor, Mapping[str, str]], Mapping[str, Any]]


@dataclass(frozen=True)
class ConsolePorts:
    """All the console can do."""

    figures: Callable[[Visitor, Lang], Figures]
    todo: Callable[[Visitor], Mapping[str, int]]
    """questions, troubles: how much waits for somebody."""
    gaps: Callable[[Visitor], list[Mapping[str, Any]]]
    """Groups of questions: count, lang, likely, reasons, phrasings, ids."""
    settle: Callable[[Visitor, Sequence[int]], int]
    explain: Callable[[str, Lang], Any]
    """(question, language of titles) → lang, decision, guesses, out_of_scope."""
    closest: Callable[[Sequence[str], Lang], list[list[Likely]]]
    """Of each question the few cards and commands that it most likely means, best first."""
    cards: Callable[[Visitor, Lang], list[Mapping[str, Any]]]
    """Themes with their cards: id, title, cards (id, title, phrasings, useful, not_useful)."""
    card: Callable[[Visitor, str, Lang], CardSeen | None]
    intents: Callable[[Lang], list[tuple[str, str]]]
    """(id, title) of all that a phrasing may be added to."""
    followups: Callable[[Visitor], list[Mapping[str, Any]]]
    followup_counts: Callable[[Visitor], Mapping[str, int]]
    troubles: Callable[[Visitor, int, int], tuple[list[Trouble], int]]
    """(who, from which on, how many at most) → some, the newest first, and the number of all."""
    mend: Callable[[Visitor, str, str], bool]
    """(who, delivery, again or arrived or drop) → whether it was still to be mended."""
    house: Callable[[Visitor], Mapping[str, Any]]
    """health (part → ok or why not), channels, workspaces, quotas."""
    people: Callable[[Visitor], list[PersonSeen]]
    role: Callable[[Visitor, str, str], None]
    add: Callable[[Visitor, str, str, str], None]
    """(who, name, e-mail, role) of somebody new."""
    invite: Callable[[Visitor, str], str]
    """A link that signs somebody in once who was never here before."""
    sign_out: Callable[[Visitor, str], int]
    now: Callable[[], dt.datetime]
    trail: Callable[[Visitor, int, int], tuple[list[Mapping[str, Any]], int]] | None = None
    """As `troubles`, of what was done."""
    curation: CurationPorts | None = None
    broadcasts: BroadcastPorts | None = None
