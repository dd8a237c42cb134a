"""How far is a broadcast? Counters kept per chunk in the transaction that moves its rows, equal to a recount.

A chunk writes only its own counters, so that workers never wait for each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.db import insert_into
from bot.delivery.tables import UNDELIVERED, CountRow, DeliveryRow

ENDS = ("sent", "failed", "in_doubt", "cancelled")


@dataclass(frozen=True)
class Progress:
    """Deliveries of one broadcast by where they are; `waiting` includes those on their way."""

    waiting: int = 0
    sent: int = 0
    failed: int = 0
    in_doubt: int = 0
    cancelled: int = 0


def count(session: Session, chunk: str, changes: Mapping[tuple[str | None, str], int]) -> None:
    """Add (broadcast, counter) → number under this chunk; without a broadcast there is nothing to count."""
    by_broadcast: dict[str, Counter[str]] = {}
    for (broadcast_id, name), number in changes.items():
        if broadcast_id and number:
            by_broadcast.setdefault(broadcast_id, Counter())[name] += number
    for broadcast_id, numbers in sorted(by_broadcast.items()):
        values = {name: numbers[name] for name in ("put", *ENDS)}
        insert = insert_into(CountRow, session.get_bind().dialect.name).values(broadcast_id=broadcast_id, chunk=chunk, **values)
        add = {name: getattr(CountRow, name) + numbers[name] for name in numbers}
        session.execute(insert.on_conflict_do_update(index_elements=["broadcast_id", "chunk"], set_=add))


def progress(session: Session, broadcast_id: str) -> Progress:
    """How far a broadcast is, from the counters: as quick for a million as for ten."""
    sums = [func.coalesce(func.sum(getattr(CountRow, name)), 0) for name in ("put", *ENDS)]
    put, *ends = session.execute(select(*sums).where(CountRow.broadcast_id == broadcast_id)).one()
    return Progress(put - sum(ends), *ends)


def reasons(session: Session, broadcast_id: str) -> dict[tuple[str, str], int]:
    """(state, reason) → number, of what has failed or is in doubt; reads only these rows."""
    undelivered = select(DeliveryRow.state, func.coalesce(DeliveryRow.reason, ""), func.count())
    undelivered = undelivered.where(UNDELIVERED, DeliveryRow.broadcast_id == broadcast_id)
    found = session.execute(undelivered.group_by(DeliveryRow.state, DeliveryRow.reason)).all()
    return {(state, reason): number for state, reason, number in found}


def recount(session: Session, broadcast_id: str) -> Progress:
    """The same from the rows themselves, all of them: for tests and `doctor`."""
    found = dict(
        session.execute(
            select(DeliveryRow.state, func.count()).where(DeliveryRow.broadcast_id == broadcast_id).group_by(DeliveryRow.state)
        ).all()
    )
    return Progress(sum(found.values()) - sum(found.get(end, 0) for end in ENDS), *(found.get(end, 0) for end in ENDS))
