"""What the coach needs from a channel, and what it must know of its limits. No vendor is named here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from bot.messages import Address, Card


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
    answers_in_place: bool = False
    """Whether answers are shown by whoever asked (a page, a prompt); only what comes unasked is sent."""
    can_look_up: bool = False
    """Whether `find` can tell if a message arrived."""
    takes_key: bool = False
    """Whether the vendor drops a second message with the same key."""

    def size(self, text: str) -> int:
        """The length of a text as this channel counts it."""
        return len(text) if self.text_unit == "characters" else len(text.encode())


@dataclass(frozen=True)
class Receipt:
    """The vendor's word that a message arrived: its id of the message."""

    vendor_id: str


class Channel(Protocol):
    """One way to people. Raises only the four SendErrors: TryLater, Unreachable, Rejected, InDoubt."""

    name: str
    limits: Limits

    def send(self, address: Address, card: Card, key: str) -> Receipt:
        """Send one card; `key` names the delivery and is the same for every try."""
        ...

    def find(self, key: str) -> Receipt | None:
        """The receipt of a delivery that arrived; None when it surely did not. Only where `can_look_up`."""
        ...
