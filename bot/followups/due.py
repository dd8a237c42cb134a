"""What is due becomes a delivery, exactly once: the outbox row and the next step are committed together.

Before anything is put, the moment is looked at again: after a standstill the counterpart may be asleep, the user in
quiet hours, or the day's nudges used up; then the follow-up only moves. What is due for one person at once is one card.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import structlog
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bot.db import reading, writing
from bot.delivery import outbox
from bot.followups import changes, ledger
from bot.followups.cadence import following
from bot.followups.contacts import lang_of
from bot.followups.nudges import Matter, bundle
from bot.followups.rules import Rules, cadence_for, quiet_of, there, zone_of
from bot.followups.tables import OPEN_STATES, ContactRow, FollowupEventRow, FollowupRow
from bot.followups.texts import TASK
from bot.followups.worktime import find_zone, local
from bot.messages import Lang
from bot.people.tables import AddressRow, PersonRow

log = structlog.get_logger()
PEOPLE_AT_ONCE = 50
"""Of one transaction."""
MOST_A_DAY = 5
"""Nudges of one person on one day of theirs; times they named come on top."""
_DUE = FollowupRow.state.in_(OPEN_STATES)


def sweep(engine: Engine, rules: Rules, now: dt.datetime, channels: Collection[str]) -> int:
    """Turn all that is due at `now` into deliveries; returns how many were put. Commits in groups of people.

    `channels` are those that may be spoken on first. Two sweeps at once share the work: nobody is nudged twice.
    """
    put = 0
    while True:
        with reading(engine) as session:
            due = select(FollowupRow.person_id).where(_DUE, FollowupRow.due_at <= now).group_by(FollowupRow.person_id)
            people = list(session.scalars(due.order_by(func.min(FollowupRow.due_at)).limit(PEOPLE_AT_ONCE)))
        if not people:
            return put
        with writing(engine) as session:
            locked = select(PersonRow).where(PersonRow.id.in_(people)).order_by(PersonRow.id).with_for_update(skip_locked=True)
            found = list(session.scalars(locked))
            put += sum(_of(session, person, rules, now, channels) for person in found)
        if not found:  # another sweep has them all
            return put


def matter_of(person: PersonRow, row: FollowupRow, contact: ContactRow | None, rules: Rules) -> Matter:
    """A follow-up as a nudge shows it."""
    return Matter(
        id=row.id,
        there=there(person, contact, rules),
        mine=find_zone(zone_of(person)),
        kind=row.kind,
        step=row.step,
        reason=row.reason,
        subject=row.subject,
        name=contact.name if contact else "",
        me=person.name or "",
        lang_there=lang_of(contact),
        phones=tuple(contact.phones) if contact else (),
        sent_at=row.sent_at,
        deadline=row.deadline,
        touches=row.touches,
        named_time=row.fixed,
    )


def reached_at(session: Session, person: PersonRow, rows: Sequence[FollowupRow], channels: Collection[str]) -> AddressRow | None:
    """Where this person is told: where they asked to be, else where the matter was set up, else where they were heard last.

    An address whose workspace they have left is none.
    """
    reachable = (AddressRow.person_id == person.id, AddressRow.channel.in_(channels), AddressRow.left_at.is_(None))
    addresses = session.scalars(select(AddressRow).where(*reachable)).all()
    preferred = [address for address in addresses if address.preferred]
    set_up = [row.address_id for row in rows if row.address_id]
    by_matter = [address for address in addresses if address.id in set_up]
    newest = sorted(addresses, key=lambda address: address.heard_at or address.created_at, reverse=True)
    return next(iter([*preferred, *sorted(by_matter, key=lambda address: set_up.index(address.id)), *newest]), None)


def _of(session: Session, person: PersonRow, rules: Rules, now: dt.datetime, channels: Collection[str]) -> int:
    """One person: 1 when a card was put for them."""
    due = (
        select(FollowupRow)
        .where(FollowupRow.person_id == person.id, _DUE, FollowupRow.due_at <= now)
        .order_by(FollowupRow.due_at, FollowupRow.id)
        .limit(200)
        .with_for_update()
    )
    rows = list(session.scalars(due))
    linked = ledger.contacts_of(session, rows)
    told_today = _told_today(session, person, now)
    ready: list[tuple[FollowupRow, ContactRow | None]] = []
    for row in rows:
        contact = next(iter(linked[row.id]), None)
        if row.step == "archive" and row.kind == "normal":
            changes.archive(session, row, now)
        elif not _moved(session, person, row, contact, [c for _, c in ready if c], rules, now, told_today=told_today):
            ready.append((row, contact))
    if not ready:
        return 0
    address = reached_at(session, person, [row for row, _ in ready], channels)
    lang: Lang = "zh" if (person.lang or ready[0][0].lang) == "zh" else "en"
    card = bundle([matter_of(person, row, contact, rules) for row, contact in ready], now, lang)
    delivery = outbox.put(session, address, card, now, "nudge", now) if address else None
    for row, contact in ready:
        _go_on(session, person, row, contact, rules, now, delivery.id if delivery else None)
    log.info("nudge", delivery=delivery.id if delivery else None, matters=len(ready))
    return 1 if delivery else 0


def _moved(
    session: Session,
    person: PersonRow,
    row: FollowupRow,
    contact: ContactRow | None,
    in_this_card: Sequence[ContactRow],
    rules: Rules,
    now: dt.datetime,
    *,
    told_today: int,
) -> bool:
    """Whether this is not the moment: then it is due at a better one. A time the person named is kept."""
    if row.fixed:
        return False
    where = there(person, contact, rules)
    quiet = quiet_of(person)
    if row.kind == "verify_by_phone":
        better = (quiet.until(now) if quiet else None) or now
    else:
        better = where.reach(now).at
        today = now.astimezone(where.zone).date()
        again = contact and contact not in in_this_card and contact.nudged_at
        too_many = told_today >= MOST_A_DAY and not in_this_card
        if too_many or (again and again.astimezone(where.zone).date() == today):
            better = where.reach(local(today + dt.timedelta(days=1), dt.time(0), where.zone)).at
    if better <= now:
        return False
    ledger.place(row, better, row.zone, fixed=False)
    session.flush()
    return True


def _go_on(
    session: Session,
    person: PersonRow,
    row: FollowupRow,
    contact: ContactRow | None,
    rules: Rules,
    now: dt.datetime,
    delivery_id: str | None,
) -> None:
    """A line of history and the next step."""
    changes.remember(session, row, "nudged", "coach", now, row.step, delivery_id)
    where, cadence = there(person, contact, rules), cadence_for(session, row)
    row.nudged_at, row.state = now, "open"
    if contact:
        contact.nudged_at = now
    if row.kind == "verify_by_phone":
        tomorrow = local(now.astimezone(where.zone).date() + dt.timedelta(days=1), dt.time(0), where.zone)
        ledger.place(row, where.reach(tomorrow).at, where.zone.key, fixed=False)
        return
    row.touches += cadence.step(row.step).touch
    row.reason = "" if row.reason in ("snoozed", "changed", "not_delivered", "delayed", "out_of_office") else row.reason
    step = "other" if row.reason == TASK and row.step != "decide" else row.step
    planned = following(cadence, step, row.sent_at or row.created_at, now, row.touches, where, row.deadline)
    if planned is None:
        changes.archive(session, row, now)
        return
    row.step = planned.step
    ledger.place(row, planned.at, where.zone.key, fixed=False)


def _told_today(session: Session, person: PersonRow, now: dt.datetime) -> int:
    zone = find_zone(zone_of(person))
    midnight = local(now.astimezone(zone).date(), dt.time(0), zone)
    cards = (
        select(func.count(FollowupEventRow.delivery_id.distinct()))
        .join(FollowupRow, FollowupRow.id == FollowupEventRow.followup_id)
        .where(FollowupRow.person_id == person.id, FollowupEventRow.what == "nudged", FollowupEventRow.at >= midnight)
    )
    return session.scalar(cards) or 0
