"""What is due becomes a delivery, exactly once: the outbox row and the next step are committed together.

Before anything is put, the moment is looked at again: after a standstill the counterpart may be asleep, the user in
quiet hours, or the day's nudges used up; then the follow-up only moves. What is due for one person at once is one card.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bot.db import reading, writing
from bot.delivery import outbox
from bot.followups import changes, ledger
from bot.followups.cadence import Cadence, following, usual
from bot.followups.contacts import lang_of
from bot.followups.nudges import Matter, bundle
from bot.followups.rules import Rules, cadences_of, quiet_of, there, zone_of
from bot.followups.tables import OPEN_STATES, ContactRow, FollowupEventRow, FollowupRow
from bot.followups.texts import TASK
from bot.followups.worktime import find_zone, local
from bot.messages import Lang
from bot.people import directory
from bot.people.tables import AddressRow, PersonRow

log = structlog.get_logger()
PEOPLE_AT_ONCE = 50
"""Of one transaction: what belongs to them is read in one query a table, and written in one go."""
MOST_ROWS = 2_000
"""Follow-ups of one transaction; what is due beyond comes in the next."""
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
            with session.no_autoflush:
                group = _read(session, found, now, channels)
                put += sum(_of(session, person, group, rules, now) for person in found)
        if not found:  # another sweep has them all
            return put


def longest_due(session: Session) -> dt.datetime | None:
    """When the open follow-up was or will be due that is due first: in the past, it has waited since."""
    return session.scalar(select(func.min(FollowupRow.due_at)).where(_DUE))


def matter_of(person: PersonRow, row: FollowupRow, contact: ContactRow | None, rules: Rules) -> Matter:
    """A follow-up as a nudge shows it."""
    return Matter(
        id=row.id,
        there=there(person, contact, rules),
        mine=find_zone(zone_of(person, directory.reads(person) or row.lang)),
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
    return best(addresses_of(session, [person], channels)[person.id], rows)


def addresses_of(session: Session, people: Sequence[PersonRow], channels: Collection[str]) -> dict[str, list[AddressRow]]:
    """Person → where they can be told on these channels; an address whose workspace they have left is none."""
    found: dict[str, list[AddressRow]] = {person.id: [] for person in people}
    reachable = (AddressRow.person_id.in_(list(found)), AddressRow.channel.in_(channels), AddressRow.left_at.is_(None))
    for address in session.scalars(select(AddressRow).where(*reachable)):
        found[address.person_id].append(address)
    return found


def best(addresses: Sequence[AddressRow], rows: Sequence[FollowupRow]) -> AddressRow | None:
    """The first of these: preferred, where a matter was set up, heard last."""
    preferred = [address for address in addresses if address.preferred]
    set_up = [row.address_id for row in rows if row.address_id]
    by_matter = [address for address in addresses if address.id in set_up]
    newest = sorted(addresses, key=lambda address: address.heard_at or address.created_at, reverse=True)
    return next(iter([*preferred, *sorted(by_matter, key=lambda address: set_up.index(address.id)), *newest]), None)


@dataclass(frozen=True)
class _Group:
    """What is due for some people, and what it takes to tell them."""

    rows: dict[str, list[FollowupRow]]
    """Of each person, by person id; so are addresses and told_today."""
    contacts: Mapping[str, list[ContactRow]]
    addresses: dict[str, list[AddressRow]]
    told_today: dict[str, int]
    cadences: dict[str | None, Cadence]
    """By the address where a follow-up was set up, where it is not the usual one."""


def _read(session: Session, people: Sequence[PersonRow], now: dt.datetime, channels: Collection[str]) -> _Group:
    rows: dict[str, list[FollowupRow]] = {person.id: [] for person in people}
    due = (
        select(FollowupRow)
        .where(FollowupRow.person_id.in_(list(rows)), _DUE, FollowupRow.due_at <= now)
        .order_by(FollowupRow.due_at, FollowupRow.id)
        .limit(MOST_ROWS)
        .with_for_update()
    )
    found = list(session.scalars(due))
    for row in found:
        rows[row.person_id].append(row)
    return _Group(
        rows,
        ledger.contacts_of(session, found),
        addresses_of(session, people, channels),
        _told_today(session, people, now),
        cadences_of(session, (row.address_id for row in found)),
    )


def _of(session: Session, person: PersonRow, group: _Group, rules: Rules, now: dt.datetime) -> int:
    """One person: 1 when a card was put for them."""
    ready: list[tuple[FollowupRow, ContactRow | None]] = []
    for row in group.rows[person.id]:
        contact = next(iter(group.contacts[row.id]), None)
        if row.step == "archive" and row.kind == "normal":
            changes.archive(session, row, now)
        elif not _moved(person, row, contact, [c for _, c in ready if c], rules, now, told_today=group.told_today[person.id]):
            ready.append((row, contact))
    if not ready:
        return 0
    address = best(group.addresses[person.id], [row for row, _ in ready])
    lang: Lang = directory.reads(person) or ("zh" if ready[0][0].lang == "zh" else "en")
    card = bundle([matter_of(person, row, contact, rules) for row, contact in ready], now, lang)
    delivery = outbox.add(session, address, card, now, "nudge", now) if address else None
    for row, contact in ready:
        cadence = group.cadences.get(row.address_id, usual())
        _go_on(session, person, row, contact, cadence, rules, now, delivery.id if delivery else None)
    log.info("nudge", delivery=delivery.id if delivery else None, matters=len(ready))
    return 1 if delivery else 0


def _moved(
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
    return True


def _go_on(
    session: Session,
    person: PersonRow,
    row: FollowupRow,
    contact: ContactRow | None,
    cadence: Cadence,
    rules: Rules,
    now: dt.datetime,
    delivery_id: str | None,
) -> None:
    """A line of history and the next step."""
    changes.remember(session, row, "nudged", "coach", now, row.step, delivery_id)
    where = there(person, contact, rules)
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


def _told_today(session: Session, people: Sequence[PersonRow], now: dt.datetime) -> dict[str, int]:
    """Person → cards with nudges they were put today, by their own clock."""
    zones = {person.id: find_zone(zone_of(person)) for person in people}
    midnights = {one: local(now.astimezone(zone).date(), dt.time(0), zone) for one, zone in zones.items()}
    nudged = (
        select(FollowupRow.person_id, FollowupEventRow.delivery_id, func.max(FollowupEventRow.at))
        .join(FollowupRow, FollowupRow.id == FollowupEventRow.followup_id)
        .where(FollowupRow.person_id.in_(list(zones)), FollowupEventRow.what == "nudged")
        .where(FollowupEventRow.at >= min(midnights.values(), default=now), FollowupEventRow.delivery_id.is_not(None))
        .group_by(FollowupRow.person_id, FollowupEventRow.delivery_id)
    )
    told = Counter(one for one, _, at in session.execute(nudged) if at >= midnights[one])
    return {person.id: told[person.id] for person in people}
