"""How does a card get into the outbox, and how is it moved, cancelled or settled there? Answers: `bot.delivery.answers`.

Nudges, tips and broadcasts are put as `waiting` rows; the sweep sends them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from functools import cache
from typing import Any, cast

import structlog
from sqlalchemy import Table as SqlTable
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from bot.delivery.cards import stored
from bot.delivery.progress import count
from bot.delivery.tables import KINDS, DeliveryRow, lane
from bot.messages import Card
from bot.people.tables import AddressRow, new_id

log = structlog.get_logger()
_D = cast("SqlTable", DeliveryRow.__table__)


def put(
    session: Session,
    address: AddressRow,
    card: Card,
    due_at: dt.datetime,
    kind: str,
    now: dt.datetime,
    *,
    room: str = "",
    key: str | None = None,
) -> DeliveryRow:
    """One nudge or tip, sent when it is due; `key` is its id where what it is about has one. Commits nothing."""
    row = add(session, address, card, due_at, kind, now, room=room, key=key)
    session.flush()
    return row


def add(
    session: Session,
    address: AddressRow,
    card: Card,
    due_at: dt.datetime,
    kind: str,
    now: dt.datetime,
    *,
    room: str = "",
    key: str | None = None,
) -> DeliveryRow:
    """As `put`, written together with what else is in the session: for many at once. The row has its id."""
    row = row_of(address, card, kind, now, id=key or new_id(), due_at=due_at, room=room, state="waiting")
    session.add(row)
    return row


def id_of_repeat(delivery_id: str) -> str:
    """The id of the delivery that repeats one which failed, at another address: there is one at most."""
    return hashlib.md5(f"{delivery_id}/again".encode(), usedforsecurity=False).hexdigest()


def put_many(
    session: Session, broadcast_id: str, cards: Iterable[tuple[AddressRow, Card]], due_at: dt.datetime, now: dt.datetime
) -> int:
    """Part of a broadcast's fan-out: one row an address, counted; returns how many are new. Commits nothing.

    An address that has its row already is left out, so a fan-out that was interrupted is simply done again.
    """
    rows = {
        key_of(broadcast_id, address.id): row_of(
            address, card, "broadcast", now, due_at=due_at, state="waiting", broadcast_id=broadcast_id
        )
        for address, card in cards
    }
    known: set[str] = set()
    keys = list(rows)
    for start in range(0, len(keys), 500):
        known.update(session.scalars(select(DeliveryRow.id).where(DeliveryRow.id.in_(keys[start : start + 500]))))
    columns = [column.key for column in DeliveryRow.__table__.columns if column.key != "id"]
    values = [{"id": key, **{name: _given(row, name) for name in columns}} for key, row in rows.items() if key not in known]
    if values:
        session.execute(insert(DeliveryRow), values)
        count(session, "fan-out", {(broadcast_id, "put"): len(values)})
    return len(values)


def key_of(broadcast_id: str, address_id: str) -> str:
    """The id of a broadcast's row to one address: the same however often, and computable in SQL (`md5`)."""
    return hashlib.md5(f"{broadcast_id}/{address_id}".encode(), usedforsecurity=False).hexdigest()


def reschedule(session: Session, delivery_id: str, due_at: dt.datetime, now: dt.datetime) -> bool:
    """Snooze or move a delivery; False when it is on its way or over. Commits nothing.

    A row that a chunk has taken but not begun is withdrawn from it: the chunk's intent no longer finds it.
    """
    values = {"state": "waiting", "due_at": due_at, "moved_at": now, "chunk": None, "slot": None}
    return if_waiting(session, delivery_id, values) is not None


def cancel(session: Session, delivery_id: str, now: dt.datetime) -> bool:
    """Never send it; False when it is on its way or over. Commits nothing."""
    row = if_waiting(session, delivery_id, {"state": "cancelled", "moved_at": now, "chunk": None})
    if row:
        count(session, "cancel", {(row.broadcast_id, "cancelled"): 1})
    return row is not None


def settle(session: Session, delivery_id: str, now: dt.datetime, *, arrived: bool) -> bool:
    """Somebody's word on a delivery in doubt: it arrived, or it is sent again. False when it is not in doubt."""
    values: dict[str, Any] = {"state": "sent", "reason": "settled by hand"} if arrived else {"state": "waiting", "due_at": now}
    settled = update(DeliveryRow).where(DeliveryRow.id == delivery_id, DeliveryRow.state == "in_doubt")
    row = session.execute(settled.values(**values, moved_at=now).returning(DeliveryRow.broadcast_id)).first()
    if row:
        count(session, "settled", {(row.broadcast_id, "in_doubt"): -1, (row.broadcast_id, "sent"): int(arrived)})
    return row is not None


def row_of(address: AddressRow, card: Card, kind: str, now: dt.datetime, **values: Any) -> DeliveryRow:
    """A row for the outbox, not yet in it; raises ValueError for an unknown kind."""
    if kind not in KINDS:
        raise ValueError(f"a delivery is one of {', '.join(KINDS)}")
    row = DeliveryRow(address_id=address.id, channel=address.channel, kind=kind, moved_at=now, **values)
    row.lane = lane(kind, address.channel, address.workspace_id, row.broadcast_id)
    row.card = stored(card)
    row.due_at = values.get("due_at") or now
    return row


def _given(row: DeliveryRow, name: str) -> Any:
    value = getattr(row, name)
    return {"room": "", "part": 0, "tries": 0, "doubts": 0}.get(name) if value is None else value


def if_waiting(session: Session, delivery_id: str, values: dict[str, Any], chunk: str | None = None) -> Any:
    """Changes a row that still waits (in that chunk, never tried); None when there is none such, else the row."""
    given = {f"new_{name}": value for name, value in values.items()} | {"its_id": delivery_id}
    if chunk:
        given["its_chunk"] = chunk
    return session.connection().execute(_change(tuple(values), in_chunk=bool(chunk)), given).first()


@cache
def _change(names: tuple[str, ...], *, in_chunk: bool) -> ReturningUpdate[Any, Any]:
    """Made once, and run past the ORM: both cost more than the change itself."""
    wanted = update(_D).where(_D.c.id == bindparam("its_id"))
    if in_chunk:
        wanted = wanted.where(_D.c.state == "waiting", _D.c.chunk == bindparam("its_chunk"), _D.c.tries == 0)
    else:
        wanted = wanted.where(_D.c.state.in_(("waiting", "held")))
    values = {name: bindparam(f"new_{name}", type_=_D.c[name].type) for name in names}
    return wanted.values(values).returning(_D.c.id, _D.c.broadcast_id)
