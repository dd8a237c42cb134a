"""Which arrivals does this process take up next? Claimed by a lease, opened one by one.

Functions commit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import structlog
from sqlalchemy import Engine, LargeBinary, Select, exists, or_, select, type_coerce, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.orm import aliased

from bot.conversations.tables import ArrivalRow
from bot.db import Encrypted, reading, writing
from bot.errors import Unavailable

log = structlog.get_logger()
LEASE = 8.0
"""Seconds after which an arrival of a silent process is open to others; a living one says so every `arrivals.BEAT`."""
UNREADABLE = dt.timedelta(minutes=1)
"""When to look again at one that no key opens."""
_T = cast("SqlTable", ArrivalRow.__table__)
_ENCRYPTED, _SHUT = Encrypted(), object()


@dataclass(frozen=True)
class Taken:
    """One arrival that is ours until its lease ends."""

    id: int
    channel: str
    payload: Any
    tries: int


def claim(engine: Engine, channels: Sequence[str], worker: str, now: dt.datetime, most: int) -> list[Taken]:
    """Make up to `most` open arrivals ours for LEASE seconds, the oldest of each line first. Commits.

    One that no key opens holds up nobody but its own line: it is looked at again a minute later.
    """
    earlier = aliased(_T)
    blocked = exists().where(earlier.c.line == _T.c.line, earlier.c.open_at.is_not(None), earlier.c.id < _T.c.id)
    is_open = (_T.c.open_at <= now, _T.c.channel.in_(channels))
    free = select(_T.c.id).where(*is_open, or_(_T.c.line == "", ~blocked)).order_by(_T.c.id).limit(most)
    while True:
        with reading(engine) as session:
            if session.scalar(free.limit(1)) is None:
                return []
        if (found := _claimed(engine, free, worker, now)) is not None:
            return found


def _claimed(engine: Engine, free: Select[int], worker: str, now: dt.datetime) -> list[Taken] | None:
    """Those of them that could be read; None: there were others, which are out of the way now."""
    values = {"open_at": now + dt.timedelta(seconds=LEASE), "worker": worker, "tries": _T.c.tries + 1}
    sealed = type_coerce(_T.c.payload, LargeBinary)
    with writing(engine) as session:
        ids = list(session.scalars(free.with_for_update(skip_locked=True)))
        taken = update(_T).where(_T.c.id.in_(ids), _T.c.open_at <= now).values(values)
        found = session.execute(taken.returning(_T.c.id, _T.c.channel, sealed, _T.c.tries)).all()
        read = {row[0]: _opened(engine, row[2]) for row in found}
        if shut := [key for key, payload in read.items() if payload is _SHUT]:
            log.warning("no key opens these arrivals: is the right one in CAUCUS_SECRET_KEYS?", arrivals=shut)
            untried = {"open_at": now + UNREADABLE, "worker": None, "tries": _T.c.tries - 1}
            session.execute(update(_T).where(_T.c.id.in_(shut)).values(untried))
    taken_now = [Taken(key, channel, read[key], tries) for key, channel, _, tries in sorted(found) if read[key] is not _SHUT]
    return taken_now or (None if shut else [])


def _opened(engine: Engine, payload: bytes | None) -> Any:
    try:
        return _ENCRYPTED.process_result_value(payload, engine.dialect)
    except Unavailable:
        return _SHUT
