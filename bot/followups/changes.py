"""What happens to a follow-up: done, replied, called, cancelled, snoozed, held, escalated, annotated, undone.

Each is harmless twice (False: nothing changed), takes a row of its owner (`ledger.find`), writes one line of history
and commits nothing. A nudge that has not left yet is withdrawn: none may come after the answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.errors import Conflict, Refused
from bot.followups import ledger, particulars
from bot.followups.cadence import at_once
from bot.followups.party import ABOUT, concerned_by_mail, counterpart
from bot.followups.rules import Rules, cadence_for, there
from bot.followups.tables import ENDED_STATES, OPEN_STATES, ContactRow, FollowupEventRow, FollowupRow
from bot.followups.worktime import find_zone, local
from bot.people.tables import PersonRow

_SNAPSHOT = ("state", "reason", "step", "touches", "zone", "fixed")
_MOMENTS = ("due_at", "ended_at", "nudged_at")
UNDONE = ("done", "replied", "called", "cancelled", "snoozed", "changed", "revised")
"""What a person can take back."""


class OnlyByPhone(Conflict):
    """A check of bank details is closed by one thing only: the person called the number they already had."""

    def __init__(self) -> None:
        super().__init__("only “I called the number I already had” closes this")


def done(session: Session, row: FollowupRow, now: dt.datetime, by: str = "person") -> bool:
    """It is settled. Raises OnlyByPhone."""
    return _end(session, row, now, "closed", "done", by)


def replied(session: Session, row: FollowupRow, now: dt.datetime, by: str = "person") -> bool:
    """They answered. Raises OnlyByPhone."""
    return _end(session, row, now, "closed", "replied", by)


def called(session: Session, row: FollowupRow, now: dt.datetime) -> bool:
    """The person called them; for a check by telephone: on the number they already had. Only a person can say so."""
    return _end(session, row, now, "closed", "called", "person")


def cancel(session: Session, row: FollowupRow, now: dt.datetime) -> bool:
    """Dropped without an answer. Raises OnlyByPhone."""
    return _end(session, row, now, "cancelled", "cancelled", "person")


def archive(session: Session, row: FollowupRow, now: dt.datetime) -> bool:
    """Put away after nobody said anything for long; it stays in the list of all."""
    return _end(session, row, now, "archived", "no_word", "coach")


def snooze(session: Session, row: FollowupRow, until: dt.datetime, zone: str, now: dt.datetime, what: str = "snoozed") -> bool:
    """Not before then; the time is kept as the person said it. Raises Refused for a past one; one that has ended is opened."""
    if until <= now:
        raise Refused("that time is past")
    if until > now + ledger.LONGEST_AHEAD:
        raise Refused("that is more than five years away")
    if row.state in OPEN_STATES and row.fixed and row.due_at == until:
        return False
    remember(session, row, what, "person", now)
    _withdraw(session, row, now)
    row.state, row.reason, row.ended_at = "snoozed", what, None
    row.step = "decide" if row.step == "archive" else row.step  # it is asked about again, not put away without a word
    ledger.place(row, until, zone, fixed=True)
    session.flush()
    return True


def hold(session: Session, row: FollowupRow, person: PersonRow, now: dt.datetime, rules: Rules, back_on: dt.date | None = None, about: Sequence[ContactRow] = ()) -> bool:  # fmt: skip
    """They (`about`, else whoever is reached) are away: after `back_on` and half a day, else somebody else tomorrow.

    A time that the person named moves only when it comes before the return; it can be taken back, and stays a named one.
    """
    if row.state not in OPEN_STATES or row.kind != "normal":
        return False
    where = there(person, next(iter(about), None) or counterpart(session, row), rules)
    today = now.astimezone(where.zone).date()
    day = back_on if back_on and back_on >= today else None
    if row.fixed and (day is None or row.due_at >= local(day, dt.time(0), where.zone) or _others(session, row, about)):
        annotate(session, row, "out_of_office", now)
        return False
    noon = local(day or today + dt.timedelta(days=1), dt.time(13), where.zone)
    planned = at_once(row.step if back_on else "other", cadence_for(session, row), noon, where)
    held = row.reason == "out_of_office"
    if held and (back_on is None or row.due_at == planned.at or (row.due_at < planned.at and _others(session, row, about))):
        return False
    remember(session, row, "out_of_office", "mail", now, about=about)
    _withdraw(session, row, now)
    row.state, row.reason, row.step = "open", "out_of_office", planned.step
    ledger.place(row, planned.at, where.zone.key, fixed=row.fixed)
    session.flush()
    return True


def escalate(session: Session, row: FollowupRow, person: PersonRow, reason: str, now: dt.datetime, rules: Rules, about: Sequence[ContactRow] = ()) -> bool:  # fmt: skip
    """The mail did not arrive (`not_delivered`: another way now) or is late (`delayed`: tell them now), in their hours.

    `about`: for whom of them. One more of them joins the others, at the moment that is planned already.
    """
    if row.state not in OPEN_STATES:
        return False
    if row.state == "escalated" and row.reason in (reason, "not_delivered"):
        known = concerned_by_mail(session, [row.id]).get(row.id, [])
        if row.reason != reason or not known or {contact.id for contact in about} <= set(known):
            return False
        together = [contact for contact in ledger.contacts_of(session, [row])[row.id] if contact.id in known or contact in about]
        remember(session, row, "escalated", "mail", now, reason, about=together)
        session.flush()
        return True
    where, cadence = there(person, next(iter(about), None) or counterpart(session, row), rules), cadence_for(session, row)
    planned = at_once("notice" if reason == "delayed" else "call", cadence, now, where)
    remember(session, row, "escalated", "mail", now, reason, about=about)
    _withdraw(session, row, now)
    row.state, row.reason = "escalated", reason
    if row.kind == "normal":
        row.step = planned.step
        ledger.place(row, planned.at, where.zone.key, fixed=False)
    session.flush()
    return True


def annotate(session: Session, row: FollowupRow, note: str, now: dt.datetime, by: str = "mail") -> bool:
    """A line of history; the same line as the last one is not written again."""
    last = session.scalar(_events(row).order_by(FollowupEventRow.id.desc()).limit(1))
    if last and last.what == "noted" and last.note == note:
        return False
    remember(session, row, "noted", by, now, note)
    return True


def undo(session: Session, row: FollowupRow, now: dt.datetime) -> bool:
    """Take back the last thing the person did; False when there is nothing to take back, or something happened since."""
    last = session.scalar(_events(row).where(FollowupEventRow.what != "noted").order_by(FollowupEventRow.id.desc()).limit(1))
    moved = last is not None and last.what == "out_of_office" and last.before.get("fixed")  # a time the person had named
    if last is None or not (last.what in UNDONE or moved):
        return False
    remember(session, row, "undone", "person", now)
    if last.what == "revised" and last.note:
        particulars.put_back(session, row, last.note)
    restore(row, last.before)
    session.flush()
    return True


def ended_at(session: Session, person: PersonRow, at: dt.datetime) -> list[FollowupRow]:
    """The person's follow-ups that ended at that very moment, so together; locked until the end of the transaction."""
    together = select(FollowupRow).where(FollowupRow.person_id == person.id, FollowupRow.ended_at == at)
    return list(session.scalars(together.order_by(FollowupRow.id).with_for_update()))


def retime(session: Session, person: PersonRow, old_zone: str, now: dt.datetime) -> int:
    """The person has told their zone: times they named on the clock we had assumed hold on theirs. Returns how many moved."""
    moved = 0
    for row in ledger.open_ones(session, person):
        if row.fixed and row.zone == old_zone and person.zone and person.zone != old_zone:
            wall = dt.datetime.fromisoformat(row.wall)
            meant = local(wall.date(), wall.time(), find_zone(person.zone))
            if meant > now:
                remember(session, row, "changed", "person", now)
                ledger.place(row, meant, person.zone, fixed=True)
                moved += 1
    session.flush()
    return moved


def remember(session: Session, row: FollowupRow, what: str, by: str, now: dt.datetime, note: str = "", delivery_id: str | None = None, about: Collection[ContactRow] = ()) -> None:  # fmt: skip
    """A line of history with what the follow-up was before it, and whom it concerned; call it before the change."""
    before: dict[str, Any] = {name: getattr(row, name) for name in _SNAPSHOT}
    before |= {name: value.isoformat() if (value := getattr(row, name)) else None for name in _MOMENTS}
    before |= {ABOUT: [contact.id for contact in about]} if about else {}
    event = FollowupEventRow(followup_id=row.id, what=what, by=by, note=note or None, before=before, at=now)
    event.delivery_id = delivery_id
    session.add(event)


def restore(row: FollowupRow, before: dict[str, Any]) -> None:
    """What it was before a line of history; a moment that has passed meanwhile is due now."""
    for name in _SNAPSHOT:
        setattr(row, name, before[name])
    for name in _MOMENTS:
        setattr(row, name, dt.datetime.fromisoformat(before[name]) if before[name] else None)
    ledger.place(row, row.due_at, row.zone, fixed=row.fixed)


def _end(session: Session, row: FollowupRow, now: dt.datetime, state: str, what: str, by: str) -> bool:
    if row.state in ENDED_STATES:
        return False
    if row.kind == "verify_by_phone" and what != "called":
        raise OnlyByPhone
    remember(session, row, what, by, now)
    _withdraw(session, row, now)
    row.state, row.reason, row.ended_at = state, what, now
    session.flush()
    return True


def _withdraw(session: Session, row: FollowupRow, now: dt.datetime) -> None:
    """Cancel the last nudge while it waits; other matters on the same card become due again."""
    last = session.scalar(_events(row).where(FollowupEventRow.what == "nudged").order_by(FollowupEventRow.id.desc()).limit(1))
    if last is None or not last.delivery_id or not outbox.cancel(session, last.delivery_id, now):
        return
    together = select(FollowupEventRow).where(
        FollowupEventRow.delivery_id == last.delivery_id, FollowupEventRow.followup_id != row.id
    )
    for event in session.scalars(together):
        other = session.get(FollowupRow, event.followup_id, with_for_update=True)
        if other and other.state in OPEN_STATES:
            restore(other, event.before)
            if contact := counterpart(session, other):
                contact.nudged_at = other.nudged_at


def _others(session: Session, row: FollowupRow, about: Sequence[ContactRow]) -> bool:
    """Whether it waits for somebody else as well."""
    return bool(about) and any(contact not in about for contact in ledger.contacts_of(session, [row])[row.id])


def _events(row: FollowupRow) -> Any:
    return select(FollowupEventRow).where(FollowupEventRow.followup_id == row.id)
