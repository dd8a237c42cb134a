"""What comes out of judging a mail, and which follow-ups does a mail point to? Pure data and look-ups."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from bot.followups.copied import CopiedEmail
from bot.followups.known import Kind, OpenFollowup, State
from bot.followups.mail_words import Caution
from bot.followups.threads import id_key
from bot.messages import Model

Action = Literal["create", "close", "annotate", "escalate", "ask", "quarantine", "ignore", "reject"]
_NUMBER = re.compile(r"(?<![\w@.])\+?\(?\d(?:[\d ()./-]{5,40})\d(?!\w)")
_UNTRUSTED = frozenset({"verify_by_phone", "look_alike", "instructions", "not_authenticated", "bank_details"})


class Touched(Model):
    """One follow-up: with an id it exists, without it is to be made. `state` is the one afterwards."""

    id: str | None = None
    kind: Kind = "normal"
    recipients: tuple[str, ...] = ()
    subject: str = ""
    contact_name: str = ""
    state: str = "open"
    reason: str = ""
    message_id: str = ""
    event_starts: str = ""
    """When the meeting of an invitation begins: the last step comes before."""


class Judgement(Model):
    """The decision on one mail. With `ask` and `quarantine` the user is asked one question in chat, and nothing else is done."""

    action: Action
    reason: str
    followups: tuple[Touched, ...] = ()
    proposed: Touched | None = None
    """What would be made if the user says that the quarantined mail is theirs, or whom theirs is about, or that they want it."""
    when_text: str = ""
    """When to remind, in the user's words, for the time grammar; empty means the usual time."""
    away_text: str = ""
    """When the counterpart is back, in the words of the automatic answer."""
    warnings: tuple[Caution, ...] = ()
    detail: str = ""
    """Of a mail that could not be read: why."""
    excerpt: str = ""
    """Fit to keep and show; numbers are left out where the mail is not to be trusted."""


def touched(followup: OpenFollowup, reason: str, *, state: str = "") -> Touched:
    """An existing follow-up as it is after the mail."""
    return Touched(
        id=followup.id,
        kind=followup.kind,
        recipients=followup.recipients,
        subject=followup.subject,
        contact_name=followup.contact_name,
        state=state or followup.state,
        reason=reason,
        message_id=followup.message_id,
    )


def matching(mail: CopiedEmail, state: State) -> tuple[OpenFollowup, ...]:
    """Follow-ups whose mail this one refers to; what it answers directly comes first."""
    direct = with_ids(mail.in_reply_to, state)
    return (*direct, *(f for f in with_ids(mail.references, state) if f not in direct))


def with_ids(ids: Iterable[str], state: State) -> tuple[OpenFollowup, ...]:
    """Follow-ups whose mail has one of these ids."""
    keys = {id_key(i) for i in ids if i}
    return tuple(f for f in state.followups if keys & {id_key(i) for i in f.ids})


def shown(mail: CopiedEmail, said: Iterable[Caution]) -> str:
    """The excerpt; telephone and account numbers go where a warning says that the mail is not to be trusted."""
    if any(caution.code in _UNTRUSTED for caution in said):
        return _NUMBER.sub("[…]", mail.excerpt)
    return mail.excerpt
