"""What did not arrive, or perhaps did? Deliveries that failed or are in doubt, and what a person decides about them.

Functions take the caller's session and commit nothing. What a card says is not read here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from bot.delivery.progress import count
from bot.delivery.tables import TROUBLED, DeliveryRow
from bot.people.tables import AddressRow

Mend = Literal["again", "arrived", "drop"]
KEPT_IN_SIGHT = dt.timedelta(days=30)


def listed(
    session: Session, scope: Sequence[str] | None, now: dt.datetime, first: int = 0, most: int = 200
) -> list[tuple[DeliveryRow, AddressRow]]:
    """(delivery, to whom) of the last month that failed or are in doubt, the newest first. `scope`: workspaces, None for all."""
    rows = _seen(scope, now).offset(first).limit(most)
    return [(row, address) for row, address in session.execute(rows).all()]


def number(session: Session, scope: Sequence[str] | None, now: dt.datetime) -> int:
    """How many of them there are."""
    rows = _seen(scope, now).with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    return session.scalar(rows) or 0


def mend(session: Session, scope: Sequence[str] | None, delivery_id: str, how: Mend, now: dt.datetime) -> bool:
    """Send it again, take it as arrived (only in doubt), or drop it; False when it is none of ours, or mended already."""
    found = session.execute(_seen(scope, now).where(DeliveryRow.id == delivery_id)).first()
    if found is None or (how == "arrived" and found[0].state != "in_doubt"):
        return False
    before: str = found[0].state
    values: dict[str, Any] = {
        "again": {"state": "waiting", "due_at": now, "chunk": None, "slot": None, "verify_at": None},
        "arrived": {"state": "sent", "reason": "settled by hand"},
        "drop": {"state": "cancelled", "reason": "dropped by hand"},
    }[how]
    changed = (
        update(DeliveryRow)
        .where(DeliveryRow.id == delivery_id, DeliveryRow.state == before)
        .values(**values, moved_at=now)
        .returning(DeliveryRow.broadcast_id, DeliveryRow.state)
        .execution_options(synchronize_session=False)
    )
    row = session.execute(changed).first()
    if row is None:
        return False
    ends = {(row.broadcast_id, before): -1} | ({} if how == "again" else {(row.broadcast_id, row.state): 1})
    count(session, "settled", ends)
    return True


def _seen(scope: Sequence[str] | None, now: dt.datetime) -> Select[DeliveryRow, AddressRow]:
    rows = (
        select(DeliveryRow, AddressRow)
        .join(AddressRow, AddressRow.id == DeliveryRow.address_id)
        .where(TROUBLED, DeliveryRow.moved_at > now - KEPT_IN_SIGHT)
        .order_by(DeliveryRow.moved_at.desc(), DeliveryRow.id)
    )
    return rows if scope is None else rows.where(AddressRow.workspace_id.in_(scope))
