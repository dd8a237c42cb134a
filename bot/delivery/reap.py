"""Work that nobody moves is taken over: chunks of silent workers, sends that have surely ended without a word.

A chunk says every second that it lives; after `LEASE` seconds of silence its waiting rows are open again. A row in
`sending` is left alone until its `verify_at` (hard timeout plus settling after the intent); then a chunk of its own
finds out how it ended. Nothing is ever sent from here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine, case, select, update

from bot.db import reading, writing
from bot.delivery import holds, moves
from bot.delivery.lanes import is_urgent
from bot.delivery.sweep import Enqueue, new_chunk
from bot.delivery.tables import KINDS, ChunkRow, DeliveryRow
from bot.delivery.terms import MOST_ROWS, Terms
from bot.people.tables import new_id

log = structlog.get_logger()
LEASE = 5.0
"""Seconds of silence after which a chunk is taken over; beats come every second."""


@dataclass(frozen=True)
class Reaped:
    """What was found: chunks taken over, waiting rows opened again, sends to verify, cancelled rows closed."""

    chunks: int = 0
    waiting: int = 0
    doubtful: int = 0
    cancelled: int = 0

    def __bool__(self) -> bool:
        """Whether there was anything."""
        return bool(self.chunks or self.waiting or self.doubtful or self.cancelled)


def beat(engine: Engine, chunks: Iterable[str], now: dt.datetime) -> None:
    """Say that these chunks live. Commits."""
    if running := list(chunks):
        with writing(engine) as session:
            session.execute(update(ChunkRow).where(ChunkRow.id.in_(running)).values(beat_at=now))


def reap(engine: Engine, terms: Mapping[str, Terms], now: dt.datetime, enqueue: Enqueue, lease: float = LEASE) -> Reaped:
    """Take over what nobody moves; commits bit by bit. Harmless to run in several processes at once."""
    chunks, waiting = _silent_chunks(engine, now, lease)
    found = Reaped(chunks, waiting, _surely_ended(engine, terms, now, enqueue), holds.trim(engine, now))
    if found.chunks or found.doubtful:
        log.warning("reaped", chunks=found.chunks, waiting=found.waiting, doubtful=found.doubtful)
    return found


def _silent_chunks(engine: Engine, now: dt.datetime, lease: float) -> tuple[int, int]:
    silent = select(ChunkRow.id).where(ChunkRow.beat_at < now - dt.timedelta(seconds=lease))
    with reading(engine) as session:
        if session.scalar(silent.limit(1)) is None:
            return 0, 0
    with writing(engine) as session:
        ids = session.scalars(silent.limit(MOST_ROWS).with_for_update(skip_locked=True)).all()
        return len(ids), sum(moves.release(session, chunk) for chunk in ids)


def _surely_ended(engine: Engine, terms: Mapping[str, Terms], now: dt.datetime, enqueue: Enqueue) -> int:
    ended = select(DeliveryRow.id, DeliveryRow.channel, DeliveryRow.lane).where(
        DeliveryRow.state == "sending", DeliveryRow.verify_at <= now, DeliveryRow.channel.in_(list(terms))
    )
    with reading(engine) as session:
        if session.execute(ended.limit(1)).first() is None:
            return 0
    with writing(engine) as session:
        found = session.execute(ended.order_by(DeliveryRow.verify_at).limit(MOST_ROWS).with_for_update(skip_locked=True)).all()
        together: dict[tuple[str, bool], list[str]] = {}
        for row_id, channel, lane in found:
            together.setdefault((channel, is_urgent(lane)), []).append(row_id)
        for (channel, urgent), ids in together.items():
            chunk = new_id()
            its = terms[channel]
            new_chunk(session, chunk, channel, now, urgent=urgent)
            values = {
                "chunk": chunk,
                "tries": DeliveryRow.tries + 1,
                "doubts": DeliveryRow.doubts + case((DeliveryRow.reason.is_(None), 1), else_=0),  # else it is counted already
                "verify_at": moves.surely_ended(now, its, looks_up=True),
            }
            taken = update(DeliveryRow).where(DeliveryRow.id.in_(ids)).values(values)
            session.execute(taken.execution_options(synchronize_session=False))
            enqueue(session, chunk, channel, 0 if urgent else max(KINDS.values()))
    return len(found)
