"""What steers the tips of these people? Read for many at once: what they were shown and asked, what waits, what is ahead.

Statements do not grow with the number of people. Nothing is changed.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.broadcasts.tables import TipShownRow
from bot.broadcasts.tips import LATELY, Known, Shown, Waiting
from bot.broadcasts.topics import CHECKING, WAITING, cards_about
from bot.followups.cadence import There, long_holiday_near
from bot.followups.countries import country_of
from bot.followups.rules import Rules
from bot.followups.tables import OPEN_STATES, ContactRow, FollowupContactRow, FollowupRow
from bot.followups.worktime import Block, find_zone

AHEAD = dt.timedelta(days=10)
"""Matters due later than that do not steer yet."""
MOST_MATTERS = 3
HOLIDAY_WITHIN = 7
"""Days before a long holiday of the counterpart's country in which it is spoken of, once."""

Asked = Callable[[Session, Collection[str], dt.datetime], Mapping[str, Sequence[str]]]
"""(session, people, since) → person → the cards they read since then, newest first. Conversations know that."""


def known(session: Session, people: Collection[str], rules: Rules, asked: Asked, now: dt.datetime) -> dict[str, Known]:
    """Person → all that steers the choice of their next tip."""
    shown, read = _shown(session, people), asked(session, people, now - LATELY)
    waiting, holidays = _waiting(session, people, now), _holidays(session, people, rules, now)
    return {
        person: Known(
            person_id=person,
            shown=shown[person],
            asked=read.get(person, ()),
            waiting=waiting[person],
            holiday=holidays.get(person) if not _told_of_it(shown[person], now) else None,
        )
        for person in people
    }


def _shown(session: Session, people: Collection[str]) -> Mapping[str, list[Shown]]:
    found: dict[str, list[Shown]] = defaultdict(list)
    rows = select(TipShownRow.person_id, TipShownRow.tip, TipShownRow.at, TipShownRow.vote, TipShownRow.why)
    theirs = rows.where(TipShownRow.person_id.in_(people)).order_by(TipShownRow.at)
    for person, tip, at, vote, why in session.execute(theirs):
        found[person].append(Shown(tip, at, vote, why))
    return found


def _told_of_it(shown: Sequence[Shown], now: dt.datetime) -> bool:
    """Whether a tip spoke of the holiday ahead already."""
    return any(tip.why == "holiday" and now - tip.at < dt.timedelta(days=HOLIDAY_WITHIN + 3) for tip in shown[-20:])


def _waiting(session: Session, people: Collection[str], now: dt.datetime) -> Mapping[str, list[Waiting]]:
    place = func.row_number().over(partition_by=FollowupRow.person_id, order_by=(FollowupRow.due_at, FollowupRow.id))
    soon = (
        select(FollowupRow.id, place.label("place"))
        .where(FollowupRow.person_id.in_(people), FollowupRow.state.in_(OPEN_STATES), FollowupRow.due_at <= now + AHEAD)
        .subquery()
    )
    rows = (
        select(FollowupRow.person_id, FollowupRow.kind, FollowupRow.subject, ContactRow.name)
        .join(soon, soon.c.id == FollowupRow.id)
        .join(FollowupContactRow, FollowupContactRow.followup_id == FollowupRow.id)
        .join(ContactRow, ContactRow.id == FollowupContactRow.contact_id)
        .where(soon.c.place <= MOST_MATTERS, FollowupContactRow.position == 0)
        .order_by(soon.c.place)
    )
    found: dict[str, list[Waiting]] = defaultdict(list)
    for person, kind, subject, name in session.execute(rows):
        cards = CHECKING if kind == "verify_by_phone" else (*cards_about(subject or ""), *WAITING)
        found[person].append(Waiting(name or "", tuple(dict.fromkeys(cards))))
    return found


def _holidays(session: Session, people: Collection[str], rules: Rules, now: dt.datetime) -> Mapping[str, Block]:
    """Person → the first long holiday that begins within a week where one of their counterparts is."""
    found: dict[str, Block] = {}
    zones = select(ContactRow.person_id, ContactRow.zone).where(ContactRow.person_id.in_(people)).distinct()
    for person, name in session.execute(zones.order_by(ContactRow.person_id, ContactRow.zone)):
        zone = find_zone(name)
        there = There(zone, country_of(name), None, rules.overrides)
        block = long_holiday_near(there, now.astimezone(zone).date(), HOLIDAY_WITHIN)
        if block and (person not in found or block.start < found[person].start):
            found[person] = block
    return found
