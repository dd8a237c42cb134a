"""Due rows become work: up to 100 of one channel are taken by a chunk, which is queued in the same transaction.

Pace is decided here, once for all processes: buckets are rows (`paces`), locked while tokens are taken. What a
workspace or channel may not send now stays untouched in its lane; what a room or address may not get now is promised
a slot and becomes due then. Nothing is ever sent from here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bot.db import reading, writing
from bot.delivery.lanes import Lane, due_lanes
from bot.delivery.pace import Rate, room_for, slot, taken
from bot.delivery.tables import OPEN, ChunkRow, DeliveryRow, PaceRow
from bot.delivery.terms import Terms
from bot.people.tables import new_id

MOST_ROWS = 100
"""Of one chunk."""
MOST_QUEUED = 4
"""Chunks of one channel that nobody has begun: more would only age in the queue."""
Enqueue = Callable[[Session, str, str, int], None]
"""Queues a chunk (session, chunk id, channel, priority) in the transaction of the session."""
URGENT = 1
"""Answers and nudges: they may be queued where tips and broadcasts have filled the queue."""

_ROW = (DeliveryRow.id, DeliveryRow.address_id, DeliveryRow.room, DeliveryRow.due_at, DeliveryRow.slot)


def sweep(engine: Engine, terms: Mapping[str, Terms], now: dt.datetime, enqueue: Enqueue) -> int:
    """Take one chunk of every channel that has something due; returns the rows taken. Commits per channel.

    Channels that are not assembled in this process are left to the processes that have them.
    """
    with reading(engine) as session:
        lanes = due_lanes(session, now)
        queued = dict(
            session.execute(
                select(ChunkRow.channel, func.count()).where(ChunkRow.worker.is_(None)).group_by(ChunkRow.channel)
            ).all()
        )
    count = 0
    for channel, its_lanes in lanes.items():
        number = queued.get(channel, 0)
        may = [lane for lane in its_lanes if number < MOST_QUEUED or (lane.priority <= URGENT and number < 2 * MOST_QUEUED)]
        if channel in terms and may:
            with writing(engine) as session:
                count += take(session, channel, may, terms[channel], now, enqueue)
    return count


def take(session: Session, channel: str, lanes: Sequence[Lane], terms: Terms, now: dt.datetime, enqueue: Enqueue) -> int:
    """Mark up to 100 due rows of these lanes as taken by a new chunk and queue it; returns how many."""
    paces = Paces(session, now)
    chosen: list[str] = []
    priority: int | None = None
    for lane in lanes:
        gates = {key: rate for key, rate in _gates(lane, terms).items() if rate}
        free = min([MOST_ROWS - len(chosen), *(paces.room(key, rate) for key, rate in gates.items())])
        if free <= 0:
            continue
        rows = session.execute(
            select(*_ROW)
            .where(OPEN, DeliveryRow.lane == lane.name, DeliveryRow.due_at <= now)
            .order_by(DeliveryRow.due_at)
            .limit(free)
            .with_for_update(skip_locked=True)
        ).all()
        ready = _not_too_early(session, paces, channel, rows, terms)
        for key, rate in gates.items():
            paces.take(key, rate, len(ready))
        chosen += ready
        if priority is None and ready:
            priority = lane.priority
        if len(chosen) >= MOST_ROWS:
            break
    paces.store()
    if chosen:
        chunk = new_id()
        session.add(ChunkRow(id=chunk, channel=channel, worker=None, beat_at=now))
        session.execute(update(DeliveryRow).where(DeliveryRow.id.in_(chosen)).values(chunk=chunk))
        session.flush()
        enqueue(session, chunk, channel, priority or 0)
    return len(chosen)


def _gates(lane: Lane, terms: Terms) -> dict[str, Rate | None]:
    return {f"channel:{lane.channel}": terms.per_channel, f"workspace:{lane.channel}/{lane.workspace}": terms.per_workspace}


def _not_too_early(session: Session, paces: Paces, channel: str, rows: Sequence[Any], terms: Terms) -> list[str]:
    """The ids of rows whose room and address may get something now; the others are due at their promised slot."""
    if not (terms.per_room or terms.per_address):
        return [row.id for row in rows]
    keys = {row.id: _keys(channel, row, terms) for row in rows if row.slot != row.due_at}
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


def store(session: Session, rows: list[dict[str, Any]], *, overwrite: bool = True) -> None:
    """Insert buckets; those that are there are overwritten or left."""
    if not rows:
        return
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    wanted = kind.insert(PaceRow).values(rows)
    if overwrite:
        wanted = wanted.on_conflict_do_update(index_elements=["key"], set_={"free_at": wanted.excluded.free_at})
    else:
        wanted = wanted.on_conflict_do_nothing()
    session.execute(wanted)
