"""How often was a counterpart reached out to, in all that waits for an answer of theirs? Three touches are enough.

A touch is a nudge, however many matters were on its card. A thing to do and a check by telephone are none, nor is what has
ended: who has answered may be written to.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.followups.cadence import Cadence, Planned
from bot.followups.ledger import place
from bot.followups.party import ABOUT, BY_MAIL, Party, parties
from bot.followups.tables import OPEN_STATES, FollowupContactRow, FollowupEventRow, FollowupRow
from bot.followups.texts import TASK

_WAITS = (FollowupRow.state.in_(OPEN_STATES), FollowupRow.kind == "normal", FollowupRow.reason != TASK)


@dataclass
class Touches:
    """Of some counterparts, by contact id: how often they were reached out to, and what waits for those near the limit."""

    parties: dict[str, Party]
    """Of what is due and of what waits."""
    cadence: Callable[[FollowupRow], Cadence]
    made: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, list[FollowupRow]] = field(default_factory=dict)

    def of(self, row: FollowupRow) -> int:
        """How often whoever is reached in a matter was reached out to."""
        reached = self.parties[row.id].reached
        return self.made.get(reached.id, 0) if reached else 0

    def decided(self, ready: Sequence[FollowupRow]) -> list[FollowupRow]:
        """What goes on a card. Who was reached out to often enough is not so again: all that waits for them is asked about now."""
        asked = {row.id: row for row in ready}
        enough = dict.fromkeys(
            self.parties[row.id].reached
            for row in ready
            if is_undecided(row) and self._touches(row) and self.of(row) >= self.cadence(row).most_touches
        )
        for contact in filter(None, enough):
            for row in [*ready, *self.waiting.get(contact.id, ())]:
                if is_undecided(row) and self.parties[row.id].reached is contact:
                    row.step, asked[row.id] = "decide", row
        return list(asked.values())

    def count(self, told: Sequence[FollowupRow]) -> None:
        """One card is one touch, however many matters of a counterpart it holds."""
        touching = [row for row in told if row.kind == "normal" and row.reason != TASK and self._touches(row)]
        for contact in filter(None, {self.parties[row.id].reached for row in touching}):
            self.made[contact.id] = self.made.get(contact.id, 0) + 1

    def ask_together(self, told: Sequence[FollowupRow], planned: Callable[[FollowupRow], Planned | None]) -> None:
        """After the last touch all that waits for a counterpart is asked about at once, at the first moment planned for any."""
        full = [row for row in told if self.of(row) >= self.cadence(row).most_touches]
        for contact in filter(None, {self.parties[row.id].reached for row in full}):
            waiting = [row for row in self.waiting.get(contact.id, ()) if is_undecided(row)]
            moments = [at for row in waiting if (at := row.due_at if row.step == "decide" else _at(planned(row)))]
            for row in waiting:
                row.step = "decide"
                place(row, min(moments), contact.zone, fixed=False)

    def _touches(self, row: FollowupRow) -> bool:
        return self.cadence(row).step(row.step).touch


def _at(planned: Planned | None) -> dt.datetime | None:
    return planned.at if planned else None


def is_undecided(row: FollowupRow) -> bool:
    """Whether the limit holds for it: not for a time that the person named, nor for what a mail has just brought up."""
    free = row.state in OPEN_STATES and row.kind == "normal" and not row.fixed and row.reason not in (TASK, *BY_MAIL)
    return free and row.step != "archive"


def made_for(session: Session, contact_ids: Collection[str]) -> dict[str, int]:
    """Contact id → nudges to reach out to them about what they have not answered."""
    if not contact_ids:
        return {}
    told = (
        select(FollowupContactRow.contact_id, FollowupRow.id, FollowupRow.touches, FollowupEventRow.at, FollowupEventRow.before)
        .join(FollowupRow, FollowupRow.id == FollowupContactRow.followup_id)
        .join(FollowupEventRow, FollowupEventRow.followup_id == FollowupRow.id)
        .where(FollowupContactRow.contact_id.in_(contact_ids), *_WAITS)
        .where(FollowupRow.touches > 0, FollowupEventRow.what == "nudged")
    )
    moments: dict[str, set[object]] = defaultdict(set)
    matters: dict[str, dict[str, int]] = defaultdict(dict)
    for contact_id, followup_id, touches, at, before in session.execute(told):
        if contact_id in before.get(ABOUT, (contact_id,)):
            moments[contact_id].add(at)
            matters[contact_id][followup_id] = touches
    return {one: min(len(moments[one]), sum(matters[one].values())) for one in moments}  # withdrawn ones count in neither


def read(session: Session, due: Sequence[FollowupRow], cadence: Callable[[FollowupRow], Cadence], near: int) -> Touches:
    """Of those whom the due matters are about, in few queries, however many are due.

    What waits besides is read of those who were reached out to `near` times or more.
    """
    about = parties(session, due)
    made = made_for(session, {of.reached.id for of in about.values() if of.reached})
    close = [contact_id for contact_id, times in made.items() if times >= near]
    if not close:
        return Touches(about, cadence, made)
    linked = select(FollowupContactRow.followup_id).where(FollowupContactRow.contact_id.in_(close))
    waits = select(FollowupRow).where(FollowupRow.id.in_(linked), FollowupRow.id.not_in(list(about)), *_WAITS)
    rows = session.scalars(waits.order_by(FollowupRow.id).with_for_update()).all()
    about |= parties(session, rows) if rows else {}
    waiting: dict[str, list[FollowupRow]] = {contact_id: [] for contact_id in close}
    for row in (*due, *rows):
        if (reached := about[row.id].reached) and reached.id in waiting:
            waiting[reached.id].append(row)
    return Touches(about, cadence, made, waiting)
