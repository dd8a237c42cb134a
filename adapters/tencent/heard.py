"""What came in with a callback, once it is proved genuine? Read by each channel from its own XML, done by the route."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.tencent.envelope import words
from bot.messages import Address, Inbound


@dataclass(frozen=True)
class Heard:
    """One callback. At most one of `inbound` (for the coach) and `says` (our own polite words) is set; none: ignore it."""

    address: Address
    inbound: Inbound | None = None
    says: str = ""
    left: bool = False
    """They unsubscribed, or were removed."""
    back: bool = False
    """They subscribed, perhaps again."""
    grants: tuple[tuple[str, bool], ...] = ()
    """(window, allowed or taken back)."""
    clicked: str = ""
    """The code with which the clicked card can be changed, once."""
    note: str = ""
    """What the platform reports of an earlier send, for the log."""


def event_id(fields: Mapping[str, Any]) -> str:
    """Events have no MsgId: the moment, the event and its key tell two of them apart (the address is the person's own)."""
    parts = [words(fields, name) for name in ("CreateTime", "Event", "EventKey", "TaskId")]
    return f"event-{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()[:40]}"


def message_id(fields: Mapping[str, Any]) -> str:
    """The platform's id of a message; the moment and the content's hash where there is none."""
    given = words(fields, "MsgId")
    if given.isascii() and given.isdigit():
        return given[:200]
    said = hashlib.sha256(words(fields, "Content").encode()).hexdigest()[:24]
    return f"at-{words(fields, 'CreateTime')[:20]}-{said}"


def spoken(address: Address, name: str, now: dt.datetime, *, text: str = "", choice: str = "", opens: str = "message") -> Inbound:
    """Something for the coach; where the words do not tell the language, it is Chinese."""
    return Inbound(
        address=address,
        message_id=name,
        text=text,
        choice=choice if len(choice) <= 200 else "",
        usual_lang="zh",
        opens=opens,
        received_at=now,
    )
