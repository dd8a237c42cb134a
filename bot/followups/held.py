"""Which mails wait for a word of the person, and what happens when it comes? Also how long anything of a mail is kept.

Functions take the caller's session and commit nothing. An answer counts once; a second one is told that it was given.
"""

from __future__ import annotations

import datetime as dt

from pydantic import ValidationError
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.followups import ledger
from bot.followups.mail_acts import Desk, Making, make, say_yes
from bot.followups.mail_tables import CopiedMailRow
from bot.followups.tables import FollowupRow
from bot.followups.verdict import Judgement
from bot.messages import Model
from bot.people.tables import PersonRow

MOST_A_DAY = 10
"""Questions about mails to one person within 24 hours; further ones are held without asking."""
ANSWERED_WITHIN = dt.timedelta(days=14)
MOST_OFFERED = 5


class Held(Model):
    """What a yes does: make a follow-up, or act on one of those that the mail may be about."""

    making: Making | None = None
    followups: tuple[str, ...] = ()
    reason: str


def hold(desk: Desk, row: CopiedMailRow, judgement: Judgement, making: Making | None) -> bool:
    """Keep what an answer would do. False when there is nothing to ask: no answer could do anything, or too much was asked."""
    open_ones = tuple(followup.id for followup in judgement.followups if followup.id)[:MOST_OFFERED]
    if making is None and not open_ones:
        return False
    since = desk.now - dt.timedelta(days=1)
    asked = select(func.count()).where(
        CopiedMailRow.person_id == desk.person.id, CopiedMailRow.question.is_not(None), CopiedMailRow.taken_at > since
    )
    row.held = Held(making=making, followups=open_ones, reason=judgement.reason).model_dump(mode="json")
    fewer = (desk.session.scalar(asked) or 0) < MOST_A_DAY
    row.question = "open" if fewer else "held"
    desk.session.flush()
    return fewer


def answer(desk: Desk, mail_id: str, said: str) -> tuple[CopiedMailRow, list[FollowupRow]]:
    """The person's word on a mail: `no`, `yes`, or the id of the follow-up that it is about. Returns what was touched.

    Raises Refused for a mail that is not theirs, an answer given before, and for what cannot be done.
    """
    row = desk.session.scalar(
        select(CopiedMailRow)
        .where(CopiedMailRow.id == mail_id, CopiedMailRow.person_id == desk.person.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    too_late = row is not None and row.taken_at < desk.now - ANSWERED_WITHIN
    if row is None or row.held is None or row.question not in ("open", "held") or too_late:
        raise Refused("there is no open question about this mail")
    try:
        held = Held.model_validate(row.held)
    except ValidationError:
        raise Refused("this question is too old") from None
    touched: list[FollowupRow] = []
    if said == "yes" and held.making:
        touched = [make(desk, held.making)]
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
    asked = select(CopiedMailRow).where(CopiedMailRow.person_id == person.id, CopiedMailRow.question.in_(("open", "held")))
    return list(session.scalars(asked.order_by(CopiedMailRow.taken_at.desc()).limit(limit)))


def forget(session: Session, now: dt.datetime) -> None:
    """Let go of questions nobody answered, and what would have been done on a yes."""
    session.execute(
        update(CopiedMailRow)
        .where(CopiedMailRow.question.in_(("open", "held")), CopiedMailRow.taken_at < now - ANSWERED_WITHIN)
        .values(question="expired", held=None)
    )
