"""Every change of a delivery that is being sent: intent, renewal, end. Each names the fence and commits by itself.

The fence is `tries`: whoever takes a row over raises it, and an owner with an older number changes nothing any more.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import ColumnElement, bindparam, func, or_, select, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bot.db import reading, writing
from bot.delivery.progress import ENDS, count
from bot.delivery.tables import ChunkRow, DeliveryRow, HoldRow
from bot.delivery.terms import Terms
from bot.messages import Address
from bot.people.tables import AddressRow, Workspace


@dataclass(frozen=True)
class Ready:
    """One delivery whose intent is committed: it may be sent by whoever holds this, while the fence is `tries`."""

    id: str
    address_id: str
    lane: str
    address: Address
    card: Any
    tries: int
    doubts: int
    due_at: dt.datetime
    reply_to: str | None
    broadcast_id: str | None
    verify: bool = False
    """An earlier try may have arrived: find out first."""
    since: float = field(default_factory=time.monotonic)
    """When the intent was committed, on this process's monotonic clock."""


@dataclass(frozen=True)
class End:
    """How one try ended. `waiting` and `sending` are ends of the try, not of the delivery."""

    row: Ready
    state: str
    due_at: dt.datetime | None = None
    verify_at: dt.datetime | None = None
    vendor_id: str | None = None
    reason: str | None = None
    doubt: bool = False
    wait: float = 0.0
    """What the vendor asked for, in seconds."""


_D = cast("SqlTable", DeliveryRow.__table__)
_PLACE = (_D.c.id, _D.c.address_id, _D.c.lane, _D.c.card, _D.c.tries, _D.c.doubts, _D.c.due_at, _D.c.reply_to, _D.c.broadcast_id)
_LOADED = (
    select(
        *_PLACE,
        _D.c.room,
        _D.c.state,
        _D.c.moved_at,
        _D.c.chunk,
        AddressRow.channel,
        AddressRow.external_id,
        Workspace.external_id.label("workspace"),
    )
    .join(AddressRow, AddressRow.id == _D.c.address_id)
    .outerjoin(Workspace, Workspace.id == AddressRow.workspace_id)
)


def loaded(session: Session, *where: ColumnElement[bool]) -> Sequence[Any]:
    """The deliveries that fit, urgent and oldest first, with where they go; decrypts the cards."""
    return session.execute(_LOADED.where(*where).order_by(func.substr(_D.c.lane, 1, 1), _D.c.due_at, _D.c.part).limit(100)).all()


def ready(row: Any, tries: int, *, verify: bool = False) -> Ready:
    """A loaded row whose intent is now committed."""
    address = Address(channel=row.channel, external_id=row.external_id, workspace=row.workspace or "", place=row.room)
    place = (row.id, row.address_id, row.lane, address, row.card, tries, row.doubts, row.due_at, row.reply_to, row.broadcast_id)
    return Ready(*place, verify=verify)


def begin(engine: Engine, chunk: str, worker: str, now: dt.datetime) -> bool:
    """Make a chunk ours; False when somebody has it or it was reaped. Commits."""
    mine = update(ChunkRow).where(ChunkRow.id == chunk, ChunkRow.worker.is_(None)).values(worker=worker, beat_at=now)
    with writing(engine) as session:
        return _changed(session, mine) == 1


def claim(engine: Engine, chunk: str, terms: Terms, now: dt.datetime) -> list[Ready]:
    """Commit the intent to send the next rows of a chunk; empty when none are left. Held broadcasts are left out."""
    free = or_(_D.c.broadcast_id.is_(None), _D.c.broadcast_id.not_in(select(HoldRow.broadcast_id)))
    here = (_D.c.chunk == chunk, _D.c.state == "waiting", free)
    with reading(engine) as session:
        found = {row.id: row for row in loaded(session, *here)[: terms.batch]}
    if not found:
        return []
    chosen = () if len(found) < terms.batch else (_D.c.id.in_(list(found)),)
    values = {
        "state": "sending",
        "tries": _D.c.tries + 1,
        "reason": None,
        "moved_at": now,
        "verify_at": _surely_ended(now, terms),
    }
    intent = update(_D).where(*here, *chosen).values(values).returning(_D.c.id, _D.c.tries)
    with writing(engine) as session:
        fences = dict(session.execute(intent).all())
    return [ready(row, fences[key]) for key, row in found.items() if key in fences]


def claim_doubtful(engine: Engine, chunk: str, terms: Terms, now: dt.datetime) -> list[Ready]:
    """The rows of a chunk whose earlier try may have arrived, their time to find out prolonged."""
    with reading(engine) as session:
        found = loaded(session, _D.c.chunk == chunk, _D.c.state == "sending")
    rows = [ready(row, row.tries, verify=True) for row in found]
    return [row for row in rows if renew(engine, row, terms, now)]


def renew(engine: Engine, row: Ready, terms: Terms, now: dt.datetime) -> bool:
    """Say once more that this row is about to be sent; False when somebody has taken it over. Commits."""
    mine = update(DeliveryRow).where(DeliveryRow.id == row.id, DeliveryRow.tries == row.tries, DeliveryRow.state == "sending")
    with writing(engine) as session:
        return _changed(session, mine.values(moved_at=now, verify_at=_surely_ended(now, terms, looks_up=row.verify))) == 1


_END = (
    update(_D)
    .where(_D.c.id == bindparam("row_id"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("state", "due_at", "moved_at", "verify_at", "vendor_id", "reason", "doubts", "chunk", "slot")
        }
    )
)


def finish(session: Session, ends: Iterable[End], chunk: str, now: dt.datetime) -> list[str]:
    """Write how tries ended; returns the ids of rows that are ours no more and were left alone. Commits nothing."""
    by_id = {end.row.id: end for end in ends}
    ours = dict(
        session.execute(
            select(_D.c.id, _D.c.tries)
            .where(_D.c.id.in_(list(by_id)), _D.c.state == "sending")
            .order_by(_D.c.id)
            .with_for_update()
        ).all()
    )
    written = [end for end in by_id.values() if ours.get(end.row.id) == end.row.tries]
    if written:
        session.connection().execute(_END, [_values(end, now) for end in written])
        count(session, chunk, Counter((end.row.broadcast_id, end.state) for end in written if end.state in ENDS))
    return [key for key, end in by_id.items() if ours.get(key) != end.row.tries]


def leave(engine: Engine, chunk: str) -> None:
    """The chunk is done: what it has not begun is open again. Commits."""
    with writing(engine) as session:
        release(session, chunk)


def release(session: Session, chunk: str) -> int:
    """Take all rows from a chunk and forget it; those in `sending` are found by their `verify_at`. Returns how many waited."""
    waiting = update(DeliveryRow).where(DeliveryRow.chunk == chunk, DeliveryRow.state == "waiting").values(chunk=None)
    number = _changed(session, waiting)
    _changed(session, update(DeliveryRow).where(DeliveryRow.chunk == chunk).values(chunk=None))
    session.execute(ChunkRow.__table__.delete().where(ChunkRow.__table__.c.id == chunk))  # type: ignore[attr-defined]
    return number


def _values(end: End, now: dt.datetime) -> dict[str, Any]:
    return {
        "row_id": end.row.id,
        "new_state": end.state,
        "new_due_at": end.due_at or end.row.due_at,
        "new_moved_at": now,
        "new_verify_at": end.verify_at if end.state == "sending" else None,
        "new_vendor_id": end.vendor_id,
        "new_reason": end.reason,
        "new_doubts": end.row.doubts + end.doubt,
        "new_chunk": None,
        "new_slot": None,
    }


def _surely_ended(now: dt.datetime, terms: Terms, *, looks_up: bool = False) -> dt.datetime:
    calls = 2 if looks_up else 1
    return now + dt.timedelta(seconds=calls * terms.hard_timeout + terms.settling)


def _changed(session: Session, statement: Any) -> int:
    return session.execute(statement.execution_options(synchronize_session=False)).rowcount  # type: ignore[attr-defined]
