"""Who wants what is sent to many? Weekly tips are only for who asked; an opt-out holds for tips and broadcasts alike.

An opt-out is honoured always: nothing is sent, and nobody asks again. A person's own reminders have nothing to do with
it. Functions take the caller's session and commit nothing themselves.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, delete, exists
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.broadcasts.tables import OptOutRow, SubscriptionRow
from bot.broadcasts.tip_times import next_at, reader
from bot.broadcasts.withdraw import withdraw
from bot.delivery import outbox
from bot.followups.rules import Rules
from bot.people.tables import AddressRow, PersonRow

WEEKS = {"weekly": 1, "fortnightly": 2, "monthly": 4}
"""Rhythm → weeks between two tips, most often first; "fewer" is the next one."""


def opt_out(session: Session, person: PersonRow, now: dt.datetime) -> bool:
    """Nothing that is sent to many from now on, weekly tips and what waits already included; False when that was so already."""
    unsubscribe(session, person, now)
    withdraw(session, person.id, now)
    if session.get(OptOutRow, person.id):
        return False
    session.add(OptOutRow(person_id=person.id, opted_out_at=now))
    session.flush()
    return True


def opt_in(session: Session, person: PersonRow) -> bool:
    """Broadcasts may come again (weekly tips only when subscribed to); False when they might already."""
    gone = session.execute(delete(OptOutRow).where(OptOutRow.person_id == person.id).returning(OptOutRow.person_id)).first()
    session.expire_all()
    return gone is not None


def opted_out(session: Session, person_id: str) -> bool:
    """Whether this person wants nothing that is sent to many."""
    return session.get(OptOutRow, person_id) is not None


def may_hear(person_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """For a statement over many people: those who have not opted out. `person_id` is its column."""
    return ~exists().where(OptOutRow.person_id == person_id)


def subscribed(person_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """For a statement over many people: those who get the weekly tips."""
    return exists().where(SubscriptionRow.person_id == person_id, SubscriptionRow.tips)


def subscription(session: Session, person_id: str) -> SubscriptionRow | None:
    """What the person said of tips; None: nothing yet."""
    return session.get(SubscriptionRow, person_id)


def subscribe(
    session: Session, person: PersonRow, address: AddressRow | None, next_tip_at: dt.datetime, now: dt.datetime, **wanted: object
) -> SubscriptionRow:
    """Tips from `next_tip_at` on; `wanted` are `rhythm`, `weekday`, `lang`. An opt-out of broadcasts stays as it is."""
    row = subscription(session, person.id)
    if row is None:
        row = SubscriptionRow(person_id=person.id)
        session.add(row)
    row.tips, row.next_tip_at, row.changed_at = True, next_tip_at, now
    row.address_id = address.id if address else row.address_id
    for name, value in wanted.items():
        setattr(row, name, value)
    session.flush()
    return row


def unsubscribe(session: Session, person: PersonRow, now: dt.datetime) -> bool:
    """No weekly tips from now on; False when there were none. One that waits to be sent is withdrawn; rhythm and day are kept."""
    row = subscription(session, person.id)
    had = row is not None and row.tips
    if row is None:  # said before there was anything: remembered, so that linking with another address cannot undo it
        row = SubscriptionRow(person_id=person.id)
        session.add(row)
    row.tips, row.next_tip_at, row.changed_at = False, None, now
    session.flush()
    if row.last_delivery:
        outbox.cancel(session, row.last_delivery, now)
    return had


def replan(session: Session, person: PersonRow, rules: Rules, now: dt.datetime) -> None:
    """Their zone or quiet hours are others than we thought: the next tip comes at its hour there."""
    row = subscription(session, person.id)
    if row and row.next_tip_at:
        early = max(now, row.next_tip_at - dt.timedelta(days=1))
        row.next_tip_at = next_at(early, reader(person, rules, row.lang), row.weekday)
        session.flush()
