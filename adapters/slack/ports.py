"""What does Slack's adapter need of the house? Given by bot/wiring; everything is synchronous and may raise Unavailable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.channel import Installed, Profile
from bot.messages import Address, Answer, Card, Inbound, Lang
from bot.settings import Settings


class Store(Protocol):
    """Keeps what came in before Slack gets its 200; False when it is known already."""

    def __call__(self, key: str, line: str, payload: Any, *, unless: Sequence[str] = ()) -> bool:
        """See bot.conversations.arrivals."""
        ...


@dataclass(frozen=True)
class Field:
    """One question of a flow as a form asks it; without values it is answered in words elsewhere and left out here."""

    id: str
    question: str
    values: list[tuple[str, str]]
    """(id, label)."""


@dataclass(frozen=True)
class Form:
    """A flow as a form."""

    flow: str
    title: str
    fields: list[Field]


@dataclass(frozen=True)
class Installations:
    """Which workspaces let us in."""

    find: Callable[[str], Installed | None]
    every: Callable[[], list[Installed]]
    save: Callable[[Installed], None]
    """Also what had waited while it was removed goes on."""
    change: Callable[[Installed], None]
    """A new token of a workspace that lets us in already."""
    remove: Callable[[str, float], None]
    """(workspace, seconds since 1970): tokens are erased at once, unless it was installed anew since; what waits for that
    workspace stays, unsent."""
    begin_rotation: Callable[[str, dt.datetime], bool]
    erase_removed: Callable[[], int]
    """Erase the people of workspaces that left a month ago; how many."""
    new_state: Callable[[], str]
    use_state: Callable[[str], bool]


@dataclass(frozen=True)
class Outward:
    """What sending needs: neither knowledge nor understanding."""

    settings: Settings
    installations: Installations
    delivered: Callable[[str], tuple[Card, Address, dt.datetime] | None]
    """What a delivery carries, to whom and where, and when it was last tried."""
    profile: Callable[[Address], tuple[Profile, str | None, str | None]]
    """(what Slack said of them, their language, their zone)."""
    note_profile: Callable[[Address, Profile], None]
    now: Callable[[], dt.datetime]


@dataclass(frozen=True)
class SlackPorts:
    """What answering needs beside it."""

    receive: Callable[[Inbound], Answer]
    store: Store
    talks: Callable[[Address, str], bool]
    """Whether this person has an open conversation in this room."""
    card: Callable[[str, Lang], Card | None]
    recent: Callable[[Address], list[str]]
    """Ids of the cards they saw last, newest first."""
    form: Callable[[str, Lang], Form | None]
    form_choice: Callable[[str, dict[str, str]], str]
    """(flow, fact → value) as the choice that a submitted form is."""
    outward: Outward
    followups: Callable[[Address, Lang], Sequence[tuple[str, str]]] = lambda _address, _lang: ()
    """(choice, line) of their open follow-ups, the next one first; none where follow-ups are not kept."""
    tips: Callable[[Address, Lang], tuple[str, Sequence[tuple[str, str]]]] = lambda _address, _lang: ("", ())
    """How tips come to them now, and (choice, title) of what can be changed; empty where there are none."""

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.outward.settings

    @property
    def installations(self) -> Installations:
        """Which workspaces let us in."""
        return self.outward.installations

    def now(self) -> dt.datetime:
        """The time, aware."""
        return self.outward.now()
