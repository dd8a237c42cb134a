"""A nudge that reached nobody: the same card goes to the person's next best address, once; else the follow-up says so.

Nudges end `failed` when the vendor refuses them or nobody is there. What is looked at here is decided for good: the card
that goes out instead is not repeated again, wherever it fails. The follow-up's line of history then names the new
delivery, so that whatever withdraws a nudge withdraws that one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import structlog
from pydantic import ValidationError
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bot.db import reading, writing
from bot.delivery import outbox
from bot.delivery.tables import FAILED_NUDGE, DeliveryRow
from bot.followups import changes
from bot.followups.due import PEOPLE_AT_ONCE
from bot.followups.rules import quiet_of
from bot.followups.tables import OPEN_STATES, FollowupEventRow, FollowupRow
from bot.followups.told_at import addresses_of, best
from bot.messages import Card
from bot.people.tables import AddressRow, PersonRow

log = structlog.get_logger()
_LATER = ("noted", "handed_on")
"""Lines of history after which a nudge is still the last thing that happened."""


def hand_on(engine: Engine, now: dt.datetime, channels: Collection[str]) -> int:
    """Look at the nudges that failed; returns how many were put anew. Commits in groups of people.

    `channels` are those that may be spoken on first. Two at once share the work: no card is put twice.
    """
    put = 0
    while True:
        with reading(engine) as session:
            failed = select(AddressRow.person_id).join(DeliveryRow, DeliveryRow.address_id == AddressRow.id).where(FAILED_NUDGE)
            grouped = failed.group_by(AddressRow.person_id).order_by(func.min(DeliveryRow.moved_at))
            people = list(session.scalars(grouped.limit(PEOPLE_AT_ONCE)))
        if not people:
            return put
        with writing(engine) as session:
            locked = select(PersonRow).where(PersonRow.id.in_(people)).order_by(PersonRow.id).with_for_update(skip_locked=True)
            found = list(session.scalars(locked))
            addresses = addresses_of(session, [person.id for person in found], channels)
            for person in found:
                put += sum(_looked_at(session, person, row, addresses[person.id], now) for row in _failed(session, person))
        if not found:  # another one has them all
            return put


def _failed(session: Session, person: PersonRow) -> Sequence[DeliveryRow]:
    mine = select(AddressRow.id).where(AddressRow.person_id == person.id)
    failed = select(DeliveryRow).where(FAILED_NUDGE, DeliveryRow.address_id.in_(mine)).order_by(DeliveryRow.moved_at)
    return session.scalars(failed).all()


def _looked_at(session: Session, person: PersonRow, row: DeliveryRow, addresses: Sequence[AddressRow], now: dt.datetime) -> int:
    """One nudge that failed: 1 when it was put anew."""
    row.settled_at = now
    events = session.scalars(
        select(FollowupEventRow).where(FollowupEventRow.delivery_id == row.id, FollowupEventRow.what == "nudged")
    ).all()
    matters = _locked(session, events)
    waiting = [(event, matters[event.followup_id]) for event in events if _still_waits(session, event, matters)]
    if events and not waiting:
        return 0
    others = [address for address in addresses if address.id != row.address_id]
    address, card = best(others, [matter for _, matter in waiting]), _card(row)
    if address is None or card is None or row.instead_of:
        for _, matter in waiting:
            changes.remember(session, matter, "undelivered", "coach", now, row.channel)
        log.warning("nudge not delivered", delivery=row.id, matters=len(waiting))
        return 0
    named = any(event.before.get("fixed") for event, _ in waiting)
    quiet = None if named else quiet_of(person)
    at = (quiet.until(now) if quiet else None) or now
    again = outbox.add(session, address, card, at, "nudge", now, key=outbox.id_of_repeat(row.id))
    again.instead_of = row.id
    for event, matter in waiting:
        event.delivery_id = again.id
        changes.remember(session, matter, "handed_on", "coach", now, address.channel)
    log.info("nudge handed on", delivery=again.id, instead_of=row.id, matters=len(waiting))
    return 1


def _locked(session: Session, events: Sequence[FollowupEventRow]) -> dict[str, FollowupRow]:
    """The follow-ups of these events: whoever ends one of them comes before or after us."""
    if not events:
        return {}
    rows = select(FollowupRow).where(FollowupRow.id.in_([event.followup_id for event in events])).order_by(FollowupRow.id)
    return {row.id: row for row in session.scalars(rows.with_for_update().execution_options(populate_existing=True))}


def _still_waits(session: Session, event: FollowupEventRow, matters: dict[str, FollowupRow]) -> bool:
    """Whether it is open, and nothing happened to it since this nudge."""
    row = matters.get(event.followup_id)
    since = select(func.max(FollowupEventRow.id)).where(FollowupEventRow.followup_id == event.followup_id)
    last = session.scalar(since.where(FollowupEventRow.what.not_in(_LATER)))
    return row is not None and row.state in OPEN_STATES and last == event.id


def _card(row: DeliveryRow) -> Card | None:
    try:
        return Card.model_validate(row.card)
    except ValidationError:  # its text would quote the card
        return None
