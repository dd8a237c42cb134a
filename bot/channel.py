"""What the coach needs from a channel, and what it must know of its limits. No vendor is named here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from bot.messages import Address, Card


@dataclass(frozen=True)
class Window:
    """What a person did opens a window: so many messages of ours, for so long."""

    opened_by: str
    """As `Inbound.opens` names it."""
    messages: int
    lasts: dt.timedelta | None
    """None: until used up."""
    adds: bool = False
    """Whether opening it again adds to what is left, rather than starting afresh."""
    refills: Literal["", "day", "month"] = ""
    """Opened by nobody: full again with each day or calendar month of the vendor."""


@dataclass(frozen=True)
class Limits:
    """What a channel can carry; figures name their source where an adapter fills them in."""

    longest_text: int
    """Of one message, in `text_unit`."""
    text_unit: Literal["characters", "bytes"]
    most_buttons: int
    """0: choices become numbered lines, answered by number."""
    longest_button: int = 75
    per_second: float | None = None
    """Messages to one room; None: no pace needed."""
    may_speak_first: bool = True
    """False: only within `windows`, and where there are none only in answer to what comes in."""
    windows: tuple[Window, ...] = ()
    """What is kept of them an address is in `bot.vendors.windows`."""
    one_message: bool = False
    """An answer is one message; what does not fit is read on by "more" (继续)."""
    asks_zone: bool = False
    """Whether a person is asked once where they are, since the platform does not tell."""
    answers_in_place: bool = False
    """Whether answers are shown by whoever asked (a page, a prompt); only what comes unasked is sent."""
    can_look_up: bool = False
    """Whether `find` can tell if a message arrived."""
    takes_key: bool | Literal["unprompted"] = False
    """Whether the vendor drops a second message with the same key; "unprompted": only what answers nothing, and `send`
    is then told so by `unprompted=True`."""

    @property
    def only_answers(self) -> bool:
        """Whether nothing can be sent at all but the reply to what comes in."""
        return not self.may_speak_first and not self.windows

    def size(self, text: str) -> int:
        """The length of a text as this channel counts it."""
        return len(text) if self.text_unit == "characters" else len(text.encode())


@dataclass(frozen=True)
class Receipt:
    """The vendor's word that a message arrived: its id of the message."""

    vendor_id: str


@dataclass(frozen=True)
class Installed:
    """A workspace's leave for us to work in it, as the vendor gave it."""

    workspace: str
    """The vendor's id of the workspace (or of the organisation, where that gave leave for all of its workspaces)."""
    token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: dt.datetime | None = None
    """When the token ends; None: never."""
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What is no secret: the bot's ids, granted scopes, the workspace's name for itself is not among it."""


@dataclass(frozen=True)
class Profile:
    """What a vendor says of a person. Empty: not told."""

    zone: str = ""
    """IANA name."""
    locale: str = ""
    """Such as zh-CN."""
    name: str = field(default="", repr=False)
    left: bool = False
    """Left the workspace, or deactivated there."""
    admin: bool = False
    """Administers this very workspace."""
    asked_at: dt.datetime | None = None


class Channel(Protocol):
    """One way to people. Raises only the four SendErrors: TryLater, Unreachable, Rejected, InDoubt."""

    name: str
    limits: Limits

    def send(self, address: Address, card: Card, key: str) -> Receipt:
        """Send one card; `key` names the delivery and is the same for every try.

        A channel that makes several messages of a long card tells in its error how many were `taken`, and is given that
        number as a keyword at the next try, wherever that is made.
        """
        ...

    def find(self, key: str) -> Receipt | None:
        """The receipt of a delivery that arrived; None when it surely did not. Only where `can_look_up`.

        Raises TryLater; Unreachable when nobody can tell for this one delivery: the channel's policy for doubts holds.
        """
        ...
