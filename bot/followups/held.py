"""Which mails wait for a word of the person, and what happens when it comes? Also how long anything of a mail is kept.

Functions take the caller's session and commit nothing. An answer counts once; a second one is told that it was given.
"""

from __future__ import annotations

import datetime as dt

from pydantic import ValidationError
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.followups import contacts, ledger
from bot.followups.copied import CopiedEmail
from bot.followups.mail_acts import Desk, Making, make, say_yes
from bot.followups.mail_tables import CopiedMailRow
from bot.followups.mail_words import Caution
from bot.followups.tables import ContactRow, FollowupRow
from bot.followups.texts import TASK
from bot.followups.verdict import Judgement
from bot.messages import Model
from bot.people.tables import PersonRow

MOST_A_DAY = 10
"""Questions about mails to one person within 24 hours; further ones are held without asking."""
ANSWERED_WITHIN = dt.timedelta(days=14)
MOST_OFFERED = 5
_WAITS = ("open", "held")
"""Of a question: asked, or kept without asking."""


class Held(Model):
    """What a yes does: make a follow-up, or act on one of those that the mail may be about. And what is shown of the mail."""

    making: Making | None = None
    followups: tuple[str, ...] = ()
    reason: str
    sender: str = ""
    subject: str = ""
    warnings: tuple[Caution, ...] = ()

    @property
    def lacks_somebody(self) -> bool:
        """Whether the follow-up has nobody to wait for until the person says whom it is about."""
        return self.making is not None and not self.making.matter.recipients


def kept_of(judgement: Judgement, making: Making | None, mail: CopiedEmail) -> Held:
    """What is kept of a mail that waits for a word."""
    return Held(
        making=making,
        followups=tuple(followup.id for followup in judgement.followups if followup.id)[:MOST_OFFERED],
        reason=judgement.reason,
        sender=mail.sender.address or mail.sender.name,
        subject=mail.subject,
        warnings=judgement.warnings,
    )


def hold(desk: Desk, row: CopiedMailRow, kept: Held) -> int | None:
    """Keep what an answer would do. How many more may be asked about today; None when this one has to wait unasked."""
    since = desk.now - dt.timedelta(days=1)
    asked = select(func.count()).where(
        CopiedMailRow.person_id == desk.person.id,
        CopiedMailRow.taken_at > since,
        CopiedMailRow.question.is_not(None),
        CopiedMailRow.question != "held",
    )
    left = MOST_A_DAY - (desk.session.scalar(asked) or 0)
    row.held = kept.model_dump(mode="json")
    row.question = "open" if left > 0 else "held"
    desk.session.flush()
    return left - 1 if left > 0 else None


def find(desk: Desk, mail_id: str) -> tuple[CopiedMailRow, Held]:
    """A mail that waits for a word of this person, locked. Raises Refused for any other, and for one answered before."""
    row = desk.session.scalar(
        select(CopiedMailRow)
        .where(CopiedMailRow.id == mail_id, CopiedMailRow.person_id == desk.person.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    too_late = row is not None and row.taken_at < desk.now - ANSWERED_WITHIN
    if row is None or row.held is None or row.question not in _WAITS or too_late:
        raise Refused("there is no open question about this mail")
    return row, read(row)


def read(row: CopiedMailRow) -> Held:
    """What is kept of a mail that waits. Raises Refused where another version kept what this one cannot read."""
    try:
        return Held.model_validate(row.held)
    except ValidationError:
        raise Refused("this question is too old") from None


def answer(desk: Desk, mail_id: str, said: str, *, name: str = "", email: str = "") -> tuple[CopiedMailRow, list[FollowupRow]]:
    """The person's word on a mail: `no`, `yes`, `nobody`, or the id of the follow-up that it is about. Returns what was touched.

    `name`, `email`: whom it is about, of a mail that names nobody; `nobody` makes it a thing to do. Raises Refused as
    `find` does, for a malformed address, and for what cannot be done.
    """
    row, held = find(desk, mail_id)
    touched: list[FollowupRow] = []
    if said == "yes" and held.making and not held.lacks_somebody:
        touched = [make(desk, held.making)]
    elif said == "yes" and held.making and (name or email):
        touched = [make(desk, held.making, [_somebody(desk, name, email)])]
    elif said == "nobody" and held.making and held.lacks_somebody:
        task = held.making.matter.model_copy(update={"reason": TASK})
        touched = [make(desk, held.making.model_copy(update={"matter": task}))]
    elif said in held.followups or (said == "yes" and held.followups):
        followup = ledger.find(desk.session, desk.person, said if said in held.followups else held.followups[0])
        say_yes(desk, followup, held.reason)
        touched = [followup]
    elif said != "no":
        raise Refused("that is no answer to this question")
    row.question, row.held = "no" if said == "no" else "yes", None
    desk.session.flush()
    return row, touched


def waiting(session: Session, person: PersonRow, limit: int = 20) -> list[CopiedMailRow]:
    """The mails that wait for a word of this person, the newest first."""
    asked = select(CopiedMailRow).where(CopiedMailRow.person_id == person.id, CopiedMailRow.question.in_(_WAITS))
    return list(session.scalars(asked.order_by(CopiedMailRow.taken_at.desc(), CopiedMailRow.id).limit(limit)))


def unasked(session: Session, person: PersonRow) -> int:
    """How many of those were never shown, since too many came at once."""
    mine = select(func.count()).where(CopiedMailRow.person_id == person.id, CopiedMailRow.question == "held")
    return session.scalar(mine) or 0


def forget(session: Session, now: dt.datetime) -> None:
    """Let go of questions nobody answered, and what would have been done on a yes."""
    session.execute(
        update(CopiedMailRow)
        .where(CopiedMailRow.question.in_(_WAITS), CopiedMailRow.taken_at < now - ANSWERED_WITHIN)
        .values(question="expired", held=None)
    )


def _somebody(desk: Desk, name: str, email: str) -> ContactRow:
    if email:
        return contacts.for_recipient(desk.session, desk.person, desk.now, email, name)
    return contacts.named(desk.session, desk.person, desk.now, name)
