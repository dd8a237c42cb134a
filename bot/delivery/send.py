"""One chunk is sent: intents committed, the vendor called outside any transaction, the ends committed in groups.

Cards to one address go one after the other, different addresses at the same time on the channel's threads. Intents
are committed for what half a second can send, so that a pause, a stop or a crash meets few rows on their way. Ends
are committed together: all that came within a tenth of a second, the last of a batch with the intents of the next.
"""

from __future__ import annotations

import datetime as dt
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.channel import Channel
from bot.db import writing
from bot.delivery import moves
from bot.delivery.attempt import attempt, fresh, not_begun
from bot.delivery.cards import Cards
from bot.delivery.lanes import quiet_key
from bot.delivery.moves import End, Ready
from bot.delivery.sweep import store
from bot.delivery.terms import Terms
from bot.errors import Unavailable

log = structlog.get_logger()
Clock = Callable[[], dt.datetime]
GROUP = 0.1
"""Seconds that an end waits for others to be committed with."""
PATIENCE = 3
"""How often a vendor may ask one chunk to wait before the rest of it is left and its workspace kept quiet."""


@dataclass
class Hands:
    """What sending needs in one process: channels with their terms and threads, the database, who we are, the time."""

    engine: Engine
    channels: Mapping[str, Channel]
    terms: Mapping[str, Terms]
    worker: str
    now: Clock
    stopping: threading.Event = field(default_factory=threading.Event)
    pools: dict[tuple[str, bool], ThreadPoolExecutor] = field(default_factory=dict)
    speed: dict[tuple[str, bool], float] = field(default_factory=dict)
    """(Channel, urgent) → what one chunk of it last sent in a second."""

    def __post_init__(self) -> None:
        self.cards = Cards(self.engine)

    def pool(self, channel: str, *, urgent: bool) -> ThreadPoolExecutor:
        """The threads of one channel, shared by its chunks; answers and nudges have their own and wait for no tip."""
        key, number = (channel, urgent), self.terms[channel].threads_for(urgent=urgent)
        if key not in self.pools:
            self.pools[key] = ThreadPoolExecutor(number, thread_name_prefix=f"{'urgent' if urgent else 'send'}-{channel}")
        return self.pools[key]

    def claim(self, session: Session, job: Job) -> list[Ready]:
        """The intents of the chunk's next rows; when there are none the chunk is forgotten. Commits nothing."""
        terms = self.terms[job.channel]
        most = terms.intents(self.speed.get((job.channel, job.urgent), 0.0), urgent=job.urgent)
        rows = moves.claim(session, job.chunk, terms, self.now(), most)
        if not rows:
            moves.release(session, job.chunk)
        return rows


@dataclass
class Job:
    """A chunk that is ours."""

    chunk: str
    channel: str
    urgent: bool
    waits: list[tuple[str, float]] = field(default_factory=list)
    """What its vendor asked for: (lane of the row, seconds)."""


def run_chunk(hands: Hands, chunk: str, channel: str) -> int:
    """Send a chunk to its end; returns how many tries ended. Does nothing when it is another worker's or was reaped.

    Raises nothing for what a vendor does, Unavailable when the database is away before the first intent. When it is
    away later the ends that are known are held and written as soon as it is back; when the process must stop
    meanwhile, the rows stay `sending` and are verified later.
    """
    if channel not in hands.channels:
        return 0
    number = 0
    with writing(hands.engine) as session:
        urgent = moves.begin(session, chunk, hands.worker, hands.now())
        if urgent is None:
            return 0
        job = Job(chunk, channel, urgent)
        rows = hands.claim(session, job)
    while rows:
        number += len(rows)
        rows = _send(hands, job, rows)
    return number


def _send(hands: Hands, job: Job, rows: Sequence[Ready]) -> list[Ready]:
    """Send these and write how it ended; returns the next rows, their intents committed."""
    began = time.monotonic()
    groups: dict[str, list[Ready]] = {}
    for row in rows:
        groups.setdefault(row.address_id or row.id, []).append(row)
    left_to_send, ended = deque(groups.values()), queue.SimpleQueue[End | None]()

    def send_some() -> None:
        while left_to_send:
            try:
                group = left_to_send.popleft()
            except IndexError:
                return
            _send_in_order(hands, job, group, ended)

    for _ in range(min(hands.terms[job.channel].threads_for(urgent=job.urgent), len(groups))):
        hands.pool(job.channel, urgent=job.urgent).submit(send_some)

    def and_then(session: Session) -> list[Ready]:
        if len(job.waits) < PATIENCE and not hands.stopping.is_set():
            return hands.claim(session, job)
        moves.release(session, job.chunk)
        return []

    following: list[Ready] = []
    for ends, left in _grouped(ended, len(rows)):
        if not left:
            hands.speed[job.channel, job.urgent] = len(rows) / max(0.001, time.monotonic() - began)
            if len(job.waits) >= PATIENCE:
                _keep_quiet(hands, job)
        following = _write(hands, job.chunk, ends, None if left else and_then)
    return following


def _grouped(ended: queue.SimpleQueue[End | None], left: int) -> Iterator[tuple[list[End], int]]:
    """The ends in groups to be committed together, each with the number still out."""
    while left:
        group, until = [ended.get()], time.monotonic() + GROUP
        while len(group) < left:
            try:
                group.append(ended.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                break
        left -= len(group)
        yield [end for end in group if end], left


def _write(hands: Hands, chunk: str, ends: Sequence[End], and_then: Callable[[Session], list[Ready]] | None) -> list[Ready]:
    """Commit ends and what belongs with them, again and again while the database is away; gives up only when stopping."""
    delay = 0.05
    while True:
        try:
            with writing(hands.engine) as session:
                lost = moves.finish(session, ends, chunk, hands.now())
                rows = and_then(session) if and_then else []
            break
        except Unavailable:
            if hands.stopping.wait(delay):
                log.warning("ends not written, to be verified", chunk=chunk, rows=len(ends))
                return []
            delay = min(1.0, delay * 2)
    if lost:
        log.warning("somebody else had taken these deliveries over", chunk=chunk, deliveries=lost[:10], rows=len(lost))
    for end in ends:
        if end.doubt or end.state in ("failed", "in_doubt"):
            log.warning("delivery", delivery=end.row.id, state=end.state, reason=end.reason, doubt=end.doubt)
    return rows


def _send_in_order(hands: Hands, job: Job, rows: Sequence[Ready], ended: queue.SimpleQueue[End | None]) -> None:
    """All rows of one address; puts exactly one thing a row on the queue: its end, or None when it is not ours any more."""
    terms = hands.terms[job.channel]
    held_up: End | None = None
    for row in rows:
        end: End | None = None
        try:
            if held_up or hands.stopping.is_set() or len(job.waits) >= PATIENCE:  # surely not sent: open again
                end = not_begun(row, hands.now(), held_up.due_at if held_up else None)
            elif fresh(row, terms) or moves.renew(hands.engine, row, terms, hands.now()):
                end = attempt(hands.channels[job.channel], terms, row, hands.cards, hands.now())
                if end.state == "waiting":
                    held_up = end
                if end.wait:
                    job.waits.append((row.lane, end.wait))
        except Exception as error:  # noqa: BLE001 - the database was away before anything was sent
            log.warning("not begun", delivery=row.id, reason=type(error).__name__)
            end = not_begun(row, hands.now())
        ended.put(end)


def _keep_quiet(hands: Hands, job: Job) -> None:
    """Leave each workspace alone for which the vendor asked to wait, until that is over; a longer quiet stays as it is."""
    now, until = hands.now(), dict[str, dt.datetime]()
    for lane, wait in job.waits:
        if lane.count("/") == 3:
            key = quiet_key(job.channel, lane.split("/")[2])
            until[key] = max(until.get(key, now), now + dt.timedelta(seconds=wait))
    try:
        with writing(hands.engine) as session:
            store(session, [{"key": key, "free_at": until[key]} for key in sorted(until)], only_later=True)
    except Unavailable:
        log.warning("could not keep quiet", channel=job.channel)
