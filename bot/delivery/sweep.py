"""Due rows become work: up to 200 of one channel, more where it is fast, are taken by a chunk, queued in the same transaction.

Pace is decided here, once for all processes: buckets are rows (`paces`), locked while tokens are taken. What a
workspace or channel may not send now stays untouched in its lane; what a room or address may not get now is promised
a slot and becomes due then. Nothing is ever sent from here.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table as SqlTable
from sqlalchemy import bindparam, false, func, insert, select, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bot.db import Moment, insert_into, reading, writing
from bot.delivery.lanes import Lane, look
from bot.delivery.pace import Rate, room_for, slot, taken
from bot.delivery.tables import OPEN, URGENT, ChunkRow, DeliveryRow, PaceRow
from bot.delivery.terms import MOST_ROWS, Terms
from bot.people.tables import new_id

MOST_QUEUED = 4
"""Chunks of one channel that nobody has begun: more would only age in the queue. Urgent ones are counted apart."""
Enqueue = Callable[[Session, str, str, int], None]
"""Queues a chunk (session, chunk id, channel, priority) in the transaction of the session."""

_D = cast("SqlTable", DeliveryRow.__table__)
_ROW = (_D.c.id, _D.c.address_id, _D.c.room, func.coalesce(_D.c.slot == _D.c.due_at, false()).label("promised"))
_DUE = (
    select(*_ROW)
    .where(OPEN, _D.c.lane == bindparam("its_lane"), _D.c.due_at <= bindparam("now", type_=Moment()))
    .order_by(_D.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_TAKE = {  # one parameter instead of hundreds
    "postgresql": text(
        "UPDATE deliveries SET chunk = :chunk WHERE id IN (SELECT jsonb_array_elements_text(CAST(:ids AS jsonb)))"
    ),
    "sqlite": text("UPDATE deliveries SET chunk = :chunk WHERE id IN (SELECT value FROM json_each(:ids))"),
}


def sweep(
    engine: Engine,
    terms: Mapping[str, Terms],
    now: dt.datetime,
    enqueue: Enqueue,
    speed: Mapping[tuple[str, bool], float] | None = None,
) -> int:
    """Take urgent and other chunks of every channel that has something due; returns the rows taken.

    Urgent rows first; commits per chunk, and of each kind no more chunks than may stand in the queue. Channels that
    are not assembled in this process are left to the processes that have them. `speed`: (channel, urgent) → what one
    chunk sends in a second, where that is known.
    """
    with reading(engine) as session:
        seen = look(session, now)
    number = 0
    for (channel, urgent), its_lanes in seen.due.items():
        for _ in range(seen.queued[channel, urgent], MOST_QUEUED if channel in terms else 0):
            most = terms[channel].rows((speed or {}).get((channel, urgent), 0.0))
            with writing(engine) as session:
                took = take(session, channel, its_lanes, terms[channel], now, enqueue, most)
            number += took
            if took < most:
                break
    return number


def take(
    session: Session, channel: str, lanes: Sequence[Lane], terms: Terms, now: dt.datetime, enqueue: Enqueue, most: int = MOST_ROWS
) -> int:
    """Mark up to `most` due rows of these lanes as taken by a new chunk and queue it; returns how many."""
    paces = Paces(session, now)
    chosen: list[str] = []
    priority: int | None = None
    for lane in lanes:
        gates = {key: rate for key, rate in _gates(lane, terms).items() if rate}
        free = min([most - len(chosen), *(paces.room(key, rate) for key, rate in gates.items())])
        if free <= 0:
            continue
        rows = session.connection().execute(_DUE, {"its_lane": lane.name, "now": now, "most": free}).all()
        ready = _not_too_early(session, paces, channel, rows, terms)
        for key, rate in gates.items():
            paces.take(key, rate, len(ready))
        chosen += ready
        if priority is None and ready:
            priority = lane.priority
        if len(chosen) >= most:
            break
    paces.store()
    if chosen:
        chunk = new_id()
        new_chunk(session, chunk, channel, now, urgent=(priority or 0) <= URGENT)
        session.connection().execute(_TAKE[session.get_bind().dialect.name], {"chunk": chunk, "ids": json.dumps(chosen)})
        enqueue(session, chunk, channel, priority or 0)
    return len(chosen)


def new_chunk(session: Session, chunk: str, channel: str, now: dt.datetime, *, urgent: bool) -> None:
    """A chunk that nobody has begun. Commits nothing."""
    values = {"id": chunk, "channel": channel, "urgent": urgent, "worker": None, "beat_at": now}
    session.connection().execute(insert(cast("SqlTable", ChunkRow.__table__)), values)


def _gates(lane: Lane, terms: Terms) -> dict[str, Rate | None]:
    return {f"channel:{lane.channel}": terms.per_channel, f"workspace:{lane.channel}/{lane.workspace}": terms.per_workspace}


def _not_too_early(session: Session, paces: Paces, channel: str, rows: Sequence[Any], terms: Terms) -> list[str]:
    """The ids of rows whose room and address may get something now; the others are due at their promised slot."""
    if not (terms.per_room or terms.per_address):
        return [row.id for row in rows]
    keys = {row.id: _keys(channel, row, terms) for row in rows if not row.promised}
    paces.load({key for its_keys in keys.values() for key in its_keys})
    ready: list[str] = []
    later: list[dict[str, Any]] = []
    for row in rows:
        its_keys = keys.get(row.id, {})
        at = max((paces.slot(key, rate) for key, rate in its_keys.items()), default=paces.now)
        for key, rate in its_keys.items():
            paces.take(key, rate, 1)
        if at <= paces.now:
            ready.append(row.id)
        else:
            later.append({"id": row.id, "due_at": at, "slot": at})
    if later:
        session.execute(update(DeliveryRow), later)
    return ready


def _keys(channel: str, row: Any, terms: Terms) -> dict[str, Rate]:
    keys: dict[str, Rate] = {}
    if terms.per_room:
        keys[f"room:{channel}/{row.room.split('/')[0] or row.address_id}"] = terms.per_room
    if terms.per_address:
        keys[f"address:{row.address_id}"] = terms.per_address
    return keys


class Paces:
    """The buckets that one taking needs: locked when read, written once."""

    def __init__(self, session: Session, now: dt.datetime) -> None:
        self.now = now
        self._session = session
        self._free_at: dict[str, dt.datetime] = {}
        self._changed: set[str] = set()

    def load(self, keys: Iterable[str]) -> None:
        """Lock and read buckets, made full where there are none; in the order of keys, so that nobody waits in a ring."""
        missing = sorted(set(keys) - self._free_at.keys())
        if not missing:
            return
        store(self._session, [{"key": key, "free_at": self.now} for key in missing], overwrite=False)
        locked = select(PaceRow.key, PaceRow.free_at).where(PaceRow.key.in_(missing)).order_by(PaceRow.key).with_for_update()
        self._free_at.update(self._session.execute(locked).all())

    def room(self, key: str, rate: Rate) -> int:
        """How many tokens the bucket has."""
        self.load([key])
        return room_for(self._free_at[key], self.now, rate)

    def slot(self, key: str, rate: Rate) -> dt.datetime:
        """When it has the next one."""
        return slot(self._free_at[key], self.now, rate)

    def take(self, key: str, rate: Rate, count: int) -> None:
        """Take or promise tokens."""
        if count:
            self._free_at[key] = taken(self._free_at[key], self.now, rate, count)
            self._changed.add(key)

    def store(self) -> None:
        """Write what changed."""
        store(self._session, [{"key": key, "free_at": self._free_at[key]} for key in sorted(self._changed)])


def store(session: Session, rows: list[dict[str, Any]], *, overwrite: bool = True, only_later: bool = False) -> None:
    """Insert buckets; those that are there are overwritten (`only_later`: by a later moment) or left."""
    if not rows:
        return
    wanted = insert_into(PaceRow, session.get_bind().dialect.name).values(rows)
    if overwrite:
        later = PaceRow.free_at < wanted.excluded.free_at if only_later else None
        wanted = wanted.on_conflict_do_update(index_elements=["key"], set_={"free_at": wanted.excluded.free_at}, where=later)
    else:
        wanted = wanted.on_conflict_do_nothing()
    session.execute(wanted)
