"""How much waits in the outbox, since when, and what needs a person's decision? For whoever watches the house.

Each question is answered from a partial index, so that a million rows that were sent cost nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from bot.delivery.tables import KINDS, OPEN, TROUBLED, DeliveryRow, HoldRow
from bot.delivery.troubles import KEPT_IN_SIGHT

_KIND = {str(priority): kind for kind, priority in KINDS.items()}


@dataclass
class Depth:
    """Deliveries of one channel, kind and state."""

    number: int = 0
    late: float = 0.0
    """Seconds since the one that waits longest was due; of a paused broadcast none is late."""


def depth(session: Session, now: dt.datetime) -> dict[tuple[str, str, str], Depth]:
    """(channel, kind, state) → what is not over: waiting, taken (by a chunk), sending, held."""
    paused = set(session.scalars(select(HoldRow.broadcast_id)))
    states: dict[str, tuple[ColumnElement[bool], ...]] = {
        "waiting": (OPEN,),  # pyright: ignore[reportAssignmentType] - a text clause stands where a condition may
        "taken": (DeliveryRow.chunk.is_not(None), DeliveryRow.state == "waiting"),
        "sending": (DeliveryRow.state == "sending",),
        "held": (DeliveryRow.state == "held",),
    }
    found: defaultdict[tuple[str, str, str], Depth] = defaultdict(Depth)
    for state, where in states.items():
        rows = select(DeliveryRow.lane, func.count(), func.min(DeliveryRow.due_at)).where(*where).group_by(DeliveryRow.lane)
        for lane, number, due_at in session.execute(rows):
            priority, channel, _, broadcast = lane.split("/", 3)
            each = found[channel, _KIND.get(priority, priority), state]
            each.number += number
            if state in ("waiting", "taken") and broadcast not in paused:
                each.late = max(each.late, (now - due_at).total_seconds())
    return dict(found)


def troubled(session: Session, now: dt.datetime) -> dict[tuple[str, str], int]:
    """(channel, state) → deliveries of the last month that failed or are in doubt: those that the console lists."""
    rows = select(DeliveryRow.channel, DeliveryRow.state, func.count()).where(
        TROUBLED, DeliveryRow.moved_at > now - KEPT_IN_SIGHT
    )
    counted = session.execute(rows.group_by(DeliveryRow.channel, DeliveryRow.state))
    return {(channel, state): number for channel, state, number in counted}
