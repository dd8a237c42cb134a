"""What is due becomes a delivery, exactly once: the outbox row and the next step are committed together.

Before anything is put, the moment is looked at again: after a standstill the counterpart may be asleep, the user in
quiet hours, or the day's nudges used up; then the follow-up only moves. What is due for one person at once is one card.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bot.db import reading, writing
from bot.delivery import outbox
from bot.followups import changes, ledger
from bot.followups.cadence import Cadence, Planned, following, usual
from bot.followups.nudges import bundle
from bot.followups.party import BY_MAIL, matter_of
from bot.followups.rules import Rules, cadences_of, quiet_of, there, zone_of
from bot.followups.tables import OPEN_STATES, ContactRow, FollowupEventRow, FollowupRow
from bot.followups.texts import TASK
from bot.followups.told_at import addresses_of, best
from bot.followups.touches import Touches, read
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


def reached_at(session: Session, person: PersonRow, rows: Sequence[FollowupRow], channels: Collection[str]) -> AddressRow | None:
    """Where this person is told: where they asked to be, else where the matter was set up, else where they were heard last.

    An address whose workspace they have left is none.
    """
    return best(addresses_of(session, [person.id], channels)[person.id], rows)


@dataclass(frozen=True)
class _Group:
    """What is due for some people, and what it takes to tell them."""

    rows: dict[str, list[FollowupRow]]
    """Of each person, by person id; so are addresses and told_today."""
    addresses: dict[str, list[AddressRow]]
    told_today: dict[str, int]
    touches: Touches

    def contact(self, row: FollowupRow) -> ContactRow | None:
        """Who is reached in this matter."""
        return self.touches.parties[row.id].reached


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
    addresses = addresses_of(session, rows, channels)
    told_at = (address.id for mine in addresses.values() for address in mine)
    cadences = cadences_of(session, (*(row.address_id for row in found), *told_at))

    def cadence(row: FollowupRow) -> Cadence:
        """That of the workspace where it was set up, else of where the person is told it."""
        if not cadences:  # mostly so: thousands may be due at once
            return usual()
        at = None if row.address_id else best(addresses[row.person_id], [row])
        return cadences.get(at.id if at else row.address_id, usual())

    near = min(each.most_touches for each in (usual(), *cadences.values())) - 1
    touches = read(session, found, cadence, near)
    return _Group(rows, addresses, _told_today(session, people, now), touches)


def _of(session: Session, person: PersonRow, group: _Group, rules: Rules, now: dt.datetime) -> int:
    """One person: 1 when a card was put for them."""
    ready: list[FollowupRow] = []
    brought_up: set[str] = set()
    for row in group.rows[person.id]:
        contact = group.contact(row)
        if row.step == "archive" and row.kind == "normal":
            changes.archive(session, row, now)
        elif not _moved(person, row, contact, brought_up, rules, now, told_today=group.told_today[person.id]):
            ready.append(row)
            brought_up |= {contact.id} if contact else set()
    ready = group.touches.decided(ready)
    if not ready:
        return 0
    address = best(group.addresses[person.id], ready)
    lang: Lang = directory.reads(person) or ("zh" if ready[0].lang == "zh" else "en")
    touches = group.touches
    card = bundle([matter_of(person, row, touches.parties[row.id], rules, touches.of(row)) for row in ready], now, lang)
    delivery = outbox.add(session, address, card, now, "nudge", now) if address else None
    touches.count(ready)
    for row in ready:
        _go_on(session, person, row, group, rules, now, delivery.id if delivery else None)
    touches.ask_together(ready, lambda row: _next(person, row, group, rules, now, row.step))
    log.info("nudge", delivery=delivery.id if delivery else None, matters=len(ready))
    return 1 if delivery else 0


def _moved(
    person: PersonRow,
    row: FollowupRow,
    contact: ContactRow | None,
    in_this_card: Collection[str],
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
        again = contact and contact.id not in in_this_card and contact.nudged_at
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
    group: _Group,
    rules: Rules,
    now: dt.datetime,
    delivery_id: str | None,
) -> None:
    """A line of history and the next step."""
    contact = group.contact(row)
    changes.remember(session, row, "nudged", "coach", now, row.step, delivery_id, [contact] if contact else ())
    where = there(person, contact, rules)
    row.nudged_at, row.state = now, "open"
    if contact:
        contact.nudged_at = now
    if row.kind == "verify_by_phone":
        tomorrow = local(now.astimezone(where.zone).date() + dt.timedelta(days=1), dt.time(0), where.zone)
        ledger.place(row, where.reach(tomorrow).at, where.zone.key, fixed=False)
        return
    row.touches += group.touches.cadence(row).step(row.step).touch
    row.reason = "" if row.reason in ("snoozed", "changed", *BY_MAIL) else row.reason
    step = "other" if row.reason == TASK and row.step != "decide" else row.step
    planned = _next(person, row, group, rules, now, step)
    if planned is None:
        changes.archive(session, row, now)
        return
    row.step = planned.step
    ledger.place(row, planned.at, where.zone.key, fixed=False)


def _next(person: PersonRow, row: FollowupRow, group: _Group, rules: Rules, now: dt.datetime, step: str) -> Planned | None:
    """What comes after a step at `now`."""
    touches, where = max(row.touches, group.touches.of(row)), there(person, group.contact(row), rules)
    return following(group.touches.cadence(row), step, row.sent_at or row.created_at, now, touches, where, row.deadline)


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
