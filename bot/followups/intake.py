"""One mail from raw bytes to its outcome: read, judge, tell.

Pure: the reader of bytes is handed in, nothing is stored here, and what cannot be read is refused with its reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from bot.errors import Refused
from bot.followups.copied import CopiedEmail, Envelope
from bot.followups.judge import judge
from bot.followups.known import State
from bot.followups.mail_words import reason_says
from bot.followups.verdict import Judgement
from bot.messages import Lang

Reader = Callable[[bytes, Envelope, str], CopiedEmail]
"""Raw bytes, envelope, authserv-id → the mail. Raises Refused, with a `code`, for what cannot be read."""
Due = Callable[[Judgement, CopiedEmail, State], dt.datetime | None]
"""When the first nudge of a new or moved follow-up is due."""


def take_in(read: Reader, raw: bytes, envelope: Envelope, state: State) -> tuple[CopiedEmail | None, Judgement]:
    """Read and judge one mail. Never raises for what the mail contains; the mail is None when it could not be read."""
    try:
        mail = read(raw, envelope, state.authserv_id)
    except Refused as error:
        return None, refusal(error)
    return mail, judge(mail, state)


def refusal(error: Refused) -> Judgement:
    """What becomes of a mail that cannot be read."""
    return Judgement(action="reject", reason=str(getattr(error, "code", "unreadable")), detail=str(error))


def told(
    judgement: Judgement, mail: CopiedEmail | None, state: State, *, due: Due | None = None, lang: Lang = "en"
) -> dict[str, Any]:
    """The outcome as the contract has it, for `mail ingest`."""
    at = due(judgement, mail, state) if due and mail and judgement.action in ("create", "annotate", "escalate") else None
    return {
        "action": judgement.action,
        "followups": [
            {
                "id": followup.id,
                "kind": followup.kind,
                "recipients": list(followup.recipients),
                "subject": followup.subject,
                "contact_name": followup.contact_name or _name(followup.recipients, state),
                "state": followup.state,
                "due_at": at.isoformat() if at else None,
                "reason": followup.reason,
            }
            for followup in judgement.followups
        ],
        "reason": judgement.reason,
        "warnings": [caution.says(lang) for caution in judgement.warnings],
        "says": judgement.detail or reason_says(judgement.reason, lang),
        "when_text": judgement.when_text,
        "away_text": judgement.away_text,
        "excerpt": judgement.excerpt,
        "language": mail.language if mail else "",
    }


def _name(recipients: tuple[str, ...], state: State) -> str:
    return next((contact.name for address in recipients if (contact := state.contact(address))), "")
