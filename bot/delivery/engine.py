"""What moves the outbox? One worker a process: it sweeps, reaps, and runs chunks that DBOS hands out.

DBOS is the queue between the sweep and the sender, the same on SQLite (this process) and PostgreSQL (many). Its
tables lie in the same database, so a chunk is queued in the transaction that takes its rows: in schema `dbos` on
PostgreSQL, under their bare names in the SQLite file; Alembic never touches them. What happens to the rows is ours
alone: a DBOS job that is lost, late or run twice changes nothing, because a chunk is begun once, rows are fenced,
and the reaper takes over what does not move. `once` does without DBOS.
"""

from __future__ import annotations

import datetime as dt
import os
import socket
import threading
import time
import uuid
from collections.abc import Mapping

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.channel import Channel
from bot.delivery import reap, send, sweep
from bot.delivery.send import Clock, Hands
from bot.delivery.tables import URGENT
from bot.delivery.terms import Terms, terms_of
from bot.errors import Refused, Unavailable

log = structlog.get_logger()
QUEUE = "deliveries"
VERSION = "caucus-deliveries-1"
"""Constant, so that a new release goes on with chunks that an older one queued."""
CHUNKS_AT_ONCE = 4
"""Of one channel in one process: so many with answers and nudges, and so many others."""
POLL, IDLE, BEAT = 0.1, 0.25, 1.0
"""Seconds: DBOS looks for chunks; the sweep looks when nothing was due; chunks say they live and the reaper looks."""
HOUSEKEEPING, KEPT = 300.0, 10.0
"""Seconds: between looks for what dead processes left; that DBOS needs a job after its end, to write down that it ended."""

_running: Worker | None = None


@DBOS.workflow(name="caucus.delivery.chunk")
def _chunk(chunk: str, channel: str) -> int:
    """One chunk, in whichever process took it from the queue."""
    return _running.run(chunk, channel) if _running else 0


class Worker:
    """Sends what is due. At most one started in a process; `once` needs no start."""

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Channel],
        now: Clock,
        terms: Mapping[str, Terms] | None = None,
    ) -> None:
        """`terms` change how a channel is used; see `bot.delivery.terms`."""
        self.name = f"{socket.gethostname()[:40]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._terms = terms_of(channels, terms)
        self._hands = Hands(engine, channels, self._terms, self.name, now)
        self._engine, self._now = engine, now
        self._active: set[str] = set()
        self._over: list[tuple[float, str]] = []
        self._changed = threading.Condition()
        self._stop = self._hands.stopping
        self._threads: list[threading.Thread] = []
        self._client: DBOSClient | None = None

    def start(self) -> None:
        """Begin to sweep and send, in threads of its own. Raises Refused when one runs already, Unavailable without database."""
        global _running  # noqa: PLW0603 - DBOS itself is one a process
        if _running:
            raise Refused("a delivery worker runs in this process already")
        self._stop.clear()
        DBOS(config=self._config())
        try:
            DBOS.launch()
            DBOS.register_queue(QUEUE, partition_worker_concurrency=CHUNKS_AT_ONCE, polling_interval_sec=POLL)
            self._client = DBOSClient(
                system_database_engine=self._engine, application_name="caucus", retry_connection_errors=False
            )
        except Exception as error:
            DBOS.destroy()
            raise Unavailable(f"the delivery queue cannot be opened ({type(error).__name__})") from error
        _running = self
        self._threads = [
            threading.Thread(target=self._sweep_on, name="sweep", daemon=True),
            threading.Thread(target=self._reap_on, name="reap", daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        log.info("delivery worker started", worker=self.name, channels=sorted(self._terms))

    def stop(self, timeout: float = 30.0) -> bool:
        """Begin nothing new, let what is on its way arrive, write it down; True when all of it was written in time."""
        global _running  # noqa: PLW0603 - see start
        deadline = time.monotonic() + timeout
        self._stop.set()
        with self._changed:
            drained = self._changed.wait_for(lambda: not self._active, timeout)
        DBOS.destroy(workflow_completion_timeout_sec=1 if drained else 0)  # it, too, writes down that they are over
        for thread in self._threads:
            thread.join(max(0.1, deadline - time.monotonic()))
        for pool in self._hands.pools.values():
            pool.shutdown(wait=drained, cancel_futures=True)
        self._hands.pools.clear()
        if self._client:
            self._client.destroy()
        _running = None
        log.info("delivery worker stopped", worker=self.name, drained=drained)
        return drained

    def run(self, chunk: str, channel: str) -> int:
        """Send one chunk, in the thread of the caller; see `send.run_chunk`."""
        with self._changed:
            self._active.add(chunk)
        try:
            return send.run_chunk(self._hands, chunk, channel)
        except Unavailable:  # the reaper takes the chunk over
            log.warning("chunk left: the database is away", chunk=chunk)
            return 0
        finally:
            with self._changed:
                self._active.discard(chunk)
                self._over.append((time.monotonic(), chunk))
                self._changed.notify_all()

    def once(self, now: dt.datetime | None = None) -> int:
        """Do all that is due at `now` and end; returns how many tries ended. Raises Unavailable when the database is away."""
        moment = now or self._now()
        hands = Hands(self._engine, self._hands.channels, self._terms, self.name, (lambda: moment) if now else self._now)
        queued: list[tuple[str, str]] = []
        number = 0

        def enqueue(_: Session, chunk: str, channel: str, __: int) -> None:
            queued.append((chunk, channel))

        while True:
            reaped = reap.reap(self._engine, self._terms, moment, enqueue)
            swept = sweep.sweep(self._engine, self._terms, moment, enqueue)
            while queued:
                number += send.run_chunk(hands, *queued.pop(0))
            if not reaped and not swept:
                break
        for pool in hands.pools.values():
            pool.shutdown()
        return number

    def _enqueue(self, session: Session, chunk: str, channel: str, priority: int) -> None:
        """Queue a chunk in the caller's transaction."""
        assert self._client
        options: EnqueueOptions = {
            "workflow_name": "caucus.delivery.chunk",
            "queue_name": QUEUE,
            "workflow_id": chunk,
            "app_version": VERSION,
            "queue_partition_key": f"{channel}/{'urgent' if priority <= URGENT else 'other'}",
            "priority": 1 + priority,
        }
        self._client.enqueue_in_transaction(session, options, chunk, channel)

    def _sweep_on(self) -> None:
        while not self._stop.is_set():
            try:
                took = sweep.sweep(self._engine, self._terms, self._now(), self._enqueue, self._hands.speed)
            except Unavailable:
                took = 0
                self._stop.wait(1.0)
            except Exception as error:
                took = 0
                log.exception("sweep failed", error=type(error).__name__)
                self._stop.wait(1.0)
            if not took:
                with self._changed:  # earlier when a chunk is over: there may be more
                    self._changed.wait(POLL if self._active else IDLE)

    def _reap_on(self) -> None:
        cleaned = time.monotonic()
        while not self._stop.wait(BEAT):
            try:
                with self._changed:
                    active = list(self._active)
                    over = [chunk for at, chunk in self._over if at < time.monotonic() - KEPT]
                    self._over = [(at, chunk) for at, chunk in self._over if at >= time.monotonic() - KEPT]
                reap.beat(self._engine, active, self._now())
                reap.reap(self._engine, self._terms, self._now(), self._enqueue)
                if time.monotonic() - cleaned > HOUSEKEEPING:
                    cleaned = time.monotonic()
                    over += self._long_over()
                for start in range(0, len(over), 100):
                    DBOS.delete_workflows(over[start : start + 100])
            except Unavailable:
                log.warning("the database is away")
            except Exception as error:
                log.exception("reaper failed", error=type(error).__name__)

    @staticmethod
    def _long_over() -> list[str]:
        """Jobs of processes that died: their chunks have been taken over under other ids."""
        before = (dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)).isoformat()
        jobs = DBOS.list_workflows(end_time=before, queue_name=QUEUE, limit=1_000, load_input=False, load_output=False)
        return [job.workflow_id for job in jobs]

    def _config(self) -> DBOSConfig:
        return {
            "name": "caucus",
            "system_database_url": self._engine.url.render_as_string(hide_password=False),
            "sys_db_pool_size": 6,
            "application_version": VERSION,
            "executor_id": self.name,  # never shared and never again: a shared one would run again what is in flight
            "log_level": "ERROR",
            "enable_otlp": False,
            "max_executor_threads": 2 * CHUNKS_AT_ONCE * max(1, len(self._terms)),
        }
