"""What came in and is not answered yet? Kept before the vendor gets its 200, taken up by a thread of ours after it.

A vendor that got its 200 never asks again, so whatever it told us lies in a row first. The row is open from `open_at`
on; taking it up moves that moment ahead (the lease), and a process that dies simply stops moving it: another one
takes it up. The same `key` of a channel is kept once, so a vendor that repeats changes nothing. Arrivals of one
`line` (a person, say) are taken up one after the other, in the order they came.
"""

from __future__ import annotations

import datetime as dt
import os
import socket
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, cast

import structlog
from sqlalchemy import Engine, func, select, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.orm import Session

from bot.conversations.arrivals_claim import LEASE, Taken, claim
from bot.conversations.tables import ArrivalRow
from bot.db import insert_into, writing
from bot.errors import Unavailable

log = structlog.get_logger()
Clock = Callable[[], dt.datetime]
Take = Callable[[Any], None]
"""Does what an arrival asks for, to the end. May be called again for the same one, after a crash or an error."""
BEAT, IDLE = 2.0, 0.5
MOST_TRIES = 6
"""Then it is given up: its `take` failed each time. The waits in between double, from 2 seconds."""
_T = cast("SqlTable", ArrivalRow.__table__)


class Arrivals:
    """Keeps what arrives and has it taken up: `store` by the edge, the rest by threads of our own. One a process."""

    def __init__(self, engine: Engine, takes: Mapping[str, Take], now: Clock, *, threads: int = 8) -> None:
        """`takes`: channel → what is done with its arrivals; may be added to. Others are left to processes that know them."""
        self.takes = dict(takes)
        self._engine, self._now, self._threads = engine, now, threads
        self._worker = f"{socket.gethostname()[:40]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._changed = threading.Condition()
        self._running: set[int] = set()
        self._news = False
        self._stop = threading.Event()
        self._loop: list[threading.Thread] = []
        self._pool: ThreadPoolExecutor | None = None

    def store(self, channel: str, key: str, line: str, payload: Any, *, unless: Sequence[str] = ()) -> bool:
        """Keep one arrival and commit; True when it is new. Then the vendor may have its 200, and never before.

        `payload` is anything JSON can hold, encrypted in the database and erased when done. With `unless`, it is also
        no news when one of these keys is known (a double click). Raises Unavailable when the database is away: answer
        503, so that the vendor repeats. Wakes the threads of this process.
        """
        with writing(self._engine, first=True) as session:  # a vendor waits for its 200
            new = not (unless and _known(session, channel, unless)) and _insert(session, channel, key, line, payload, self._now())
        if new:
            with self._changed:
                self._news = True
                self._changed.notify_all()
        return new

    def start(self) -> None:
        """Take arrivals up in threads of our own, as they come and when others left them."""
        self._stop.clear()
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="arrivals")
        self._loop = [
            threading.Thread(target=self._take_up, name="arrivals", daemon=True),
            threading.Thread(target=self._beat_on, name="arrivals-beat", daemon=True),
        ]
        for thread in self._loop:
            thread.start()

    def stop(self, timeout: float = 30.0) -> bool:
        """Begin nothing new and let the running ones end; False when some did not in time: others take them up."""
        self._stop.set()
        with self._changed:
            self._changed.notify_all()
            drained = self._changed.wait_for(lambda: not self._running, timeout)
        for thread in self._loop:
            thread.join(5)
        if self._pool:
            self._pool.shutdown(wait=drained, cancel_futures=True)
        return drained

    def once(self) -> int:
        """Take up all that is open now, in the caller's thread; returns how many ended well. For tests and `work --once`."""
        number = 0
        while found := claim(self._engine, list(self.takes), self._worker, self._now(), 1):
            number += self._do(found[0])
        return number

    def _do(self, taken: Taken) -> bool:
        try:
            self.takes[taken.channel](taken.payload)
        except Unavailable:
            log.warning("arrival left: the database is away", arrival=taken.id)
            return False
        except Exception as error:  # an adapter's fault must not lose what was said; its text may quote a message
            over = taken.tries >= MOST_TRIES
            log.exception("arrival failed", arrival=taken.id, channel=taken.channel, tries=taken.tries, given_up=over)
            later = None if over else self._now() + dt.timedelta(seconds=2.0**taken.tries)
            self._end(taken, later, type(error).__name__)
            return False
        self._end(taken, None, None)
        return True

    def _end(self, taken: Taken, open_at: dt.datetime | None, reason: str | None) -> None:
        values: dict[str, Any] = {"open_at": open_at, "reason": reason}
        if open_at is None:
            values |= {"payload": None, "worker": None}
        ours = update(_T).where(_T.c.id == taken.id, _T.c.worker == self._worker, _T.c.tries == taken.tries)
        with writing(self._engine) as session:
            session.execute(ours.values(values))

    def _take_up(self) -> None:
        while not self._stop.is_set():
            with self._changed:
                self._news = False
                free = self._threads - len(self._running)
            found: list[Taken] = []
            try:
                if free > 0:
                    found = claim(self._engine, list(self.takes), self._worker, self._now(), free)
            except Unavailable:
                self._stop.wait(1.0)
            except Exception as error:
                log.exception("arrivals could not be looked for", error=type(error).__name__)
                self._stop.wait(1.0)
            for taken in found:
                with self._changed:
                    self._running.add(taken.id)
                assert self._pool
                self._pool.submit(self._run, taken)
            if not found:
                with self._changed:
                    self._changed.wait_for(lambda: self._news or self._stop.is_set(), IDLE)

    def _run(self, taken: Taken) -> None:
        try:
            self._do(taken)
        except Unavailable:
            log.warning("arrival done, but not written down", arrival=taken.id)
        finally:
            with self._changed:
                self._running.discard(taken.id)
                self._news = True  # the next of its line may be taken up now
                self._changed.notify_all()

    def _beat_on(self) -> None:
        while not self._stop.wait(BEAT):
            try:
                with self._changed:
                    running = list(self._running)
                if running:
                    with writing(self._engine) as session:
                        ours = update(_T).where(_T.c.id.in_(running), _T.c.worker == self._worker, _T.c.open_at.is_not(None))
                        session.execute(ours.values(open_at=self._now() + dt.timedelta(seconds=LEASE)))
            except Unavailable:
                log.warning("the database is away")
            except Exception as error:  # without this beat, running ones would be taken up a second time
                log.exception("the beat failed", error=type(error).__name__)


def unanswered(session: Session) -> int:
    """How many arrivals are not done yet."""
    return session.scalar(select(func.count()).select_from(_T).where(_T.c.open_at.is_not(None))) or 0


def _known(session: Session, channel: str, keys: Sequence[str]) -> bool:
    return session.scalar(select(_T.c.id).where(_T.c.channel == channel, _T.c.key.in_(keys)).limit(1)) is not None


def _insert(session: Session, channel: str, key: str, line: str, payload: Any, now: dt.datetime) -> bool:
    row = {"channel": channel, "key": key[:200], "line": line[:200], "payload": payload, "arrived_at": now, "open_at": now}
    wanted = _keeping(session.get_bind().dialect.name)
    return session.connection().execute(wanted, [row | {"tries": 0}]).first() is not None


@cache
def _keeping(dialect: str) -> Any:
    """Made once: to put it together costs as much as to execute it, and every message of a vendor comes through here."""
    return insert_into(_T, dialect).on_conflict_do_nothing(index_elements=["channel", "key"]).returning(_T.c.id)
