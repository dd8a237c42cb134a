"""Of several counterparts, whom is a nudge about, and whom does the person write to?

A mail that concerns one of them (a bounce, an absence) leaves that one's id with the line of history it writes: while the
follow-up is in that state, the nudge is about them. Otherwise it names all, and its words are for the one to be reached.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.followups import contacts as people_there
from bot.followups import ledger
from bot.followups.matter import Matter
from bot.followups.rules import Rules, there, zone_of
from bot.followups.tables import ContactRow, FollowupEventRow, FollowupRow
from bot.followups.worktime import find_zone
from bot.people import directory
from bot.people.tables import PersonRow

ABOUT = "about"
"""In what a line of history keeps: the ids of the counterparts whom it concerned."""
BY_MAIL = ("not_delivered", "delayed", "out_of_office")
"""Reasons that a mail about some of the counterparts gave."""
_CONCERNED = ("escalated", "out_of_office")


@dataclass(frozen=True)
class Party:
    """The counterparts whom a nudge names, and the one for whom its words are."""

    named: tuple[ContactRow, ...] = ()
    reached: ContactRow | None = None


def parties(session: Session, rows: Collection[FollowupRow], reasons: Mapping[str, str] | None = None) -> dict[str, Party]:
    """Follow-up id → whom it is about now, or was for a reason of before (by id, in `reasons`)."""
    linked = ledger.contacts_of(session, rows)
    why = {row.id: row.reason for row in rows} | dict(reasons or {})
    concerned = concerned_by_mail(session, [row.id for row in rows if why[row.id] in BY_MAIL and len(linked[row.id]) > 1])
    return {
        row.id: _party([c for c in linked[row.id] if c.id in concerned.get(row.id, ())] or linked[row.id], row) for row in rows
    }


def party(session: Session, row: FollowupRow, reason: str | None = None) -> Party:
    """The same of one follow-up."""
    return parties(session, [row], None if reason is None else {row.id: reason})[row.id]


def counterpart(session: Session, row: FollowupRow) -> ContactRow | None:
    """Whom a follow-up waits for, of several the one to be reached; None when nobody is named."""
    return party(session, row).reached


def concerned_by_mail(session: Session, followup_ids: Collection[str]) -> dict[str, list[str]]:
    """Follow-up id → the contact ids whom the newest bounce or absence concerned, where that is known."""
    if not followup_ids:
        return {}
    newest = select(func.max(FollowupEventRow.id)).where(FollowupEventRow.followup_id.in_(followup_ids))
    newest = newest.where(FollowupEventRow.what.in_(_CONCERNED)).group_by(FollowupEventRow.followup_id)
    told = select(FollowupEventRow.followup_id, FollowupEventRow.before).where(FollowupEventRow.id.in_(newest))
    return {followup_id: list(before.get(ABOUT, ())) for followup_id, before in session.execute(told)}


def matter_of(person: PersonRow, row: FollowupRow, of: Party, rules: Rules, touches: int = 0) -> Matter:
    """A follow-up as a nudge shows it; `touches`: how often the counterpart was reached out to in all that waits for them."""
    contact = of.reached
    return Matter(
        id=row.id,
        there=there(person, contact, rules),
        mine=find_zone(zone_of(person, directory.reads(person) or row.lang)),
        kind=row.kind,
        step=row.step,
        reason=row.reason,
        subject=row.subject,
        name=contact.name if contact else "",
        names=tuple(dict.fromkeys(each.name for each in of.named)),
        me=person.name or "",
        lang_there=people_there.lang_of(contact),
        phones=tuple(contact.phones) if contact else (),
        wechat=(contact.wechat if contact else None) or "",
        reach=row.reach or (contact.reach if contact else ""),
        sent_at=row.sent_at,
        deadline=row.deadline,
        touches=max(row.touches, touches),
        named_time=row.fixed and row.reason != "out_of_office",  # that one was moved
    )


def _party(named: Collection[ContactRow], row: FollowupRow) -> Party:
    return Party(tuple(named), people_there.addressed(named, row.reach))
