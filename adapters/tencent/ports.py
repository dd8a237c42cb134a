"""What do the two channels need of the house? Given by bot/wiring.py; nothing else of it is known here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.channel import Window
from bot.messages import Address, Answer, Inbound

Carry = Callable[[], bool]
"""Asked when the answer is about to be committed: True, and the caller carries it to the person itself."""


class Shelf(Protocol):
    """Access tokens shared by all processes, and the lease of whoever fetches the next."""

    def kept(self, name: str) -> tuple[str, dt.datetime] | None:
        """(token, until when); it may be over."""
        ...

    def lease(self, name: str, thread: str, now: dt.datetime, seconds: float) -> bool:
        """Whether this thread is the one that fetches."""
        ...

    def keep(self, name: str, thread: str, value: str, expires_at: dt.datetime) -> None:
        """What was fetched; ends the lease."""
        ...

    def give_back(self, name: str, thread: str) -> None:
        """End the lease without a token."""
        ...


@dataclass(frozen=True)
class Ledger:
    """What the platform grants us, counted for all processes together. Each call commits; all raise Unavailable."""

    shelf: Shelf
    spend: Callable[[str, int, str], str]
    """(person's id on the channel, messages, window or any): the window in which they may be sent, counted; empty: none."""
    give_back: Callable[[str, int, Window], object]
    """(person's id, messages, window): they were counted and the platform did not take them."""
    shut: Callable[[str, str], None]
    """(person's id, window or all): the platform says it is over."""
    gone: Callable[[str], None]
    """(person's id): the platform knows nobody of this id (any more): they count as left."""
    pace: Callable[[str, int], float]
    """(person's id, messages): seconds to wait before they may be sent; 0.0 counts them."""
    mass: Callable[[Window], bool]
    """Whether one more message to many may go in this window that refills; counted for the account as a whole."""
    people: Callable[[int], float]
    """(recipients): seconds to wait until the day has as many messages left; 0.0 counts them."""
    count: Callable[[str, int | None], bool]
    """(name of a call, most a day): count one; False and not counted when the day has no more."""
    now: Callable[[], dt.datetime]


@dataclass(frozen=True)
class CallbackPorts:
    """What a callback needs. `answer`, `on_its_way` and `keep` raise Unavailable when the database is away."""

    answer: Callable[[Inbound, Carry | None], Answer]
    """Answer once and commit; see Coach.receive. Sends nothing."""
    send: Callable[[Inbound], object]
    """Send the answer, if it lies in the outbox of this process."""
    on_its_way: Callable[[Inbound], bool]
    """Whether the answer goes by the outbox."""
    keep: Callable[[Inbound], object]
    """Keep the message durably: it will be answered by the outbox, here or in another process."""
    left: Callable[[Address], object]
    """The person unsubscribed or was removed: nothing is sent to them, and all windows are closed."""
    back: Callable[[Address], object]
    """The person subscribed again."""
    grant: Callable[[Address, str, bool], object]
    """(address, window, open or shut): the person allowed one message more, or took it back."""
    now: Callable[[], dt.datetime]
