"""Weekly tips that are due become deliveries, exactly once: the outbox row, the tip shown and the next time are one commit.

Many people share one transaction and its statements. Before a tip is put, the moment is looked at again: after a
standstill it may be night there. A tip that still waits to be sent is not followed by another one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

import structlog
from sqlalchemy import Engine, exists, select
from sqlalchemy.orm import Session

from bot.broadcasts import steering, tips
from bot.broadcasts.consent import WEEKS
from bot.broadcasts.tables import SubscriptionRow, TipShownRow
from bot.broadcasts.tip_cards import card
from bot.broadcasts.tip_times import next_at, polite, reader
from bot.db import reading, writing
from bot.delivery import outbox
from bot.delivery.tables import DeliveryRow
from bot.followups.rules import Rules
from bot.messages import Lang
from bot.people.tables import AddressRow, PersonRow, new_id
from knowledge.load import KnowledgeBase

log = structlog.get_logger()
PEOPLE_AT_ONCE = 200
_NOT_YET = ("waiting", "held", "sending")


class Due:
    """The sweep over everybody's weekly tips, with the cards as they are now."""

    def __init__(self, kb: KnowledgeBase, rules: Rules, asked: steering.Asked, at_once: int = PEOPLE_AT_ONCE) -> None:
        """`asked` tells which cards people read lately; `at_once` is how many people share a transaction."""
        self._kb, self._rules, self._asked, self._at_once = kb, rules, asked, at_once

    @cached_property
    def _tips(self) -> Mapping[str, tips.Tip]:
        return tips.stock(self._kb)

    def sweep(self, engine: Engine, now: dt.datetime, channels: Collection[str]) -> int:
        """Turn the tips that are due at `now` into deliveries; returns how many were put. Commits in groups of people.

        `channels` are those that may be spoken on first. Two sweeps at once share the work: nobody gets a tip twice.
        """
        return sum(self.groups(engine, now, channels))

    def groups(self, engine: Engine, now: dt.datetime, channels: Collection[str]) -> Iterator[int]:
        """The same, group by group: how many were put for each. What must not wait for all of them is done in between."""
        due = SubscriptionRow.next_tip_at <= now
        while True:
            with reading(engine) as session:
                if not session.scalar(select(exists().where(due))):
                    return
            with writing(engine) as session:
                theirs = (
                    select(SubscriptionRow, PersonRow)
                    .join(PersonRow, PersonRow.id == SubscriptionRow.person_id)
                    .where(due)
                    .order_by(SubscriptionRow.next_tip_at, SubscriptionRow.person_id)
                    .limit(self._at_once)
                    .with_for_update(of=SubscriptionRow, skip_locked=True)
                )
                found = [(row, person) for row, person in session.execute(theirs)]
                put = self._put(session, found, now, channels)
            yield put
            if not found:  # another sweep has them all
                return

    def _put(
        self,
        session: Session,
        due: Sequence[tuple[SubscriptionRow, PersonRow]],
        now: dt.datetime,
        channels: Collection[str],
    ) -> int:
        ready = [(row, person) for row, person in due if self._is_the_moment(row, person, now)]
        behind = _not_sent_yet(session, [row.last_delivery for row, _ in ready if row.last_delivery])
        there = _addresses(session, [row for row, _ in ready], channels)
        ready = [(row, person) for row, person in ready if person.id in there and row.last_delivery not in behind]
        known = steering.known(session, [person.id for _, person in ready], self._rules, self._asked, now) if ready else {}
        for row, person in ready:
            lang: Lang = "zh" if (person.lang or row.lang) == "zh" else "en"
            chosen = tips.choose(self._kb, self._tips, known[person.id], now)
            shown_id = new_id()
            shown = card(self._kb, chosen, shown_id, lang, known[person.id].holiday, rhythm=row.rhythm)
            delivery = outbox.row_of(there[person.id], shown, "tip", now, id=new_id(), due_at=now, room="", state="waiting")
            session.add(delivery)
            session.add(
                TipShownRow(id=shown_id, person_id=person.id, tip=chosen.tip.id, why=chosen.why, at=now, delivery_id=delivery.id)
            )
            row.last_delivery = delivery.id
        if due:
            log.info("tips", put=len(ready), due=len(due))
        return len(ready)

    def _is_the_moment(self, row: SubscriptionRow, person: PersonRow, now: dt.datetime) -> bool:
        """Whether a tip is welcome now, and when to look again: for the next tip, or at a better moment for this one."""
        who = reader(person, self._rules, row.lang)
        better = polite(now, who)
        row.next_tip_at = next_at(now, who, row.weekday, WEEKS.get(row.rhythm, 1)) if better <= now else better
        return better <= now


def _not_sent_yet(session: Session, deliveries: Sequence[str]) -> set[str]:
    """Which of the last tips still wait: the terminal was not opened, or the platform's window is shut."""
    rows = select(DeliveryRow.id).where(DeliveryRow.id.in_(deliveries), DeliveryRow.state.in_(_NOT_YET))
    return set(session.scalars(rows)) if deliveries else set()


def _addresses(session: Session, rows: Sequence[SubscriptionRow], channels: Collection[str]) -> Mapping[str, AddressRow]:
    """Person → where their tip goes: where they asked to be told, else where they subscribed, else where they were heard last.

    Nobody is reached at an address whose workspace they have left.
    """
    people = {row.person_id: row.address_id for row in rows}
    theirs = select(AddressRow).where(
        AddressRow.person_id.in_(people), AddressRow.channel.in_(channels), AddressRow.left_at.is_(None)
    )
    best: dict[str, AddressRow] = {}
    if people:
        for address in sorted(session.scalars(theirs), key=lambda one: one.heard_at or one.created_at):
            asked_here = people[address.person_id] == address.id
            old = best.get(address.person_id)
            if old is None or address.preferred or (not old.preferred and (asked_here or old.id != people[address.person_id])):
                best[address.person_id] = address
    return best
