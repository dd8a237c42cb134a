"""One chunk is sent: intents committed, the vendor called outside any transaction, the ends committed in groups.

Cards to one address go one after the other, different addresses at the same time on the channel's threads. A group
of ends is whatever has ended while the last group was being committed.
"""

from __future__ import annotations

import datetime as dt
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Engine

from bot.channel import Channel
from bot.db import writing
from bot.delivery import moves
from bot.delivery.lanes import quiet_key
from bot.delivery.moves import End, Ready
from bot.delivery.sweep import store
from bot.delivery.terms import Terms
from bot.errors import InDoubt, OutsideWindow, Rejected, TryLater, Unavailable, Unreachable
from bot.messages import Card

log = structlog.get_logger()
Clock = Callable[[], dt.datetime]
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
    pools: dict[str, ThreadPoolExecutor] = field(default_factory=dict)

    def pool(self, channel: str) -> ThreadPoolExecutor:
        """The threads of one channel, shared by its chunks: a slow vendor keeps nobody else waiting."""
        if channel not in self.pools:
            self.pools[channel] = ThreadPoolExecutor(self.terms[channel].threads, thread_name_prefix=f"send-{channel}")
        return self.pools[channel]


def run_chunk(hands: Hands, chunk: str, channel: str) -> int:
    """Send a chunk to its end; returns how many tries ended. Does nothing when it is another worker's or was reaped.

    Raises nothing for what a vendor does. While the database is away it holds the ends it knows and tries again; when
    the process must stop meanwhile, the rows stay `sending` and are verified later.
    """
    if channel not in hands.channels or not moves.begin(hands.engine, chunk, hands.worker, hands.now()):
        return 0
    terms, number = hands.terms[channel], 0
    rows = moves.claim_doubtful(hands.engine, chunk, terms, hands.now())
    waits: list[float] = []
    while rows or (rows := moves.claim(hands.engine, chunk, terms, hands.now())):
        number += _send(hands, chunk, channel, rows, waits)
        taken, rows = rows, []
        if len(waits) >= PATIENCE:
            _keep_quiet(hands, channel, taken, max(waits))
            break
        if hands.stopping.is_set():
            break
    moves.leave(hands.engine, chunk)
    return number


def attempt(channel: Channel, terms: Terms, row: Ready, now: dt.datetime) -> End:
    """One try, with verification first where an earlier one may have arrived. Never raises; `now` is when it began."""
    if row.verify:
        if terms.can_look_up:
            try:
                if receipt := channel.find(row.id):
                    return End(row, "sent", vendor_id=receipt.vendor_id, reason="found at the vendor")
            except TryLater as error:
                return End(row, "sending", verify_at=now + dt.timedelta(seconds=error.after), reason="the look-up has to wait")
            except Unreachable:  # of this message, in this place, nobody can tell
                if end := _by_policy(terms, row):
                    return end
            except Exception as error:  # noqa: BLE001 - whatever it is, we do not know more than before
                return _unknown(terms, row, now, type(error).__name__)
        elif not terms.drops_second(row.reply_to) and (end := _by_policy(terms, row)):
            return end
    try:
        said_so = {"unprompted": True} if terms.takes_key == "unprompted" and row.reply_to is None else {}
        receipt = channel.send(row.address, Card.model_validate(row.card), row.id, **said_so)
    except TryLater as error:
        due_at = now + dt.timedelta(seconds=error.after)
        return End(row, "waiting", due_at=due_at, reason="the channel asked to wait", wait=error.after)
    except OutsideWindow:
        return End(row, "held", reason="until the person speaks")
    except (Unreachable, Rejected) as error:
        return End(row, "failed", reason=type(error).__name__)
    except InDoubt:
        return _unknown(terms, row, now, "the vendor's answer was lost")
    except Exception as error:  # noqa: BLE001 - an adapter's fault must not lose the row; its text may quote a message
        return _unknown(terms, row, now, type(error).__name__)
    return End(row, "sent", vendor_id=receipt.vendor_id[:200])


def fresh(row: Ready, terms: Terms) -> bool:
    """Whether a send that begins now surely ends before anybody verifies it."""
    return time.monotonic() - row.since < terms.settling / 2


def commit(hands: Hands, chunk: str, ends: Sequence[End]) -> None:
    """Write ends, again and again while the database is away; gives up only when stopping."""
    delay = 0.05
    while True:
        try:
            with writing(hands.engine) as session:
                lost = moves.finish(session, ends, chunk, hands.now())
            break
        except Unavailable:
            if hands.stopping.wait(delay):
                log.warning("ends not written, to be verified", chunk=chunk, rows=len(ends))
                return
            delay = min(1.0, delay * 2)
    if lost:
        log.warning("somebody else had taken these deliveries over", chunk=chunk, deliveries=lost[:10], rows=len(lost))
    for end in ends:
        if end.doubt or end.state in ("failed", "in_doubt"):
            log.warning("delivery", delivery=end.row.id, state=end.state, reason=end.reason, doubt=end.doubt)


def _send(hands: Hands, chunk: str, channel: str, rows: Sequence[Ready], waits: list[float]) -> int:
    terms = hands.terms[channel]
    groups: dict[str, list[Ready]] = {}
    for row in rows:
        groups.setdefault(row.address_id, []).append(row)
    ended: queue.SimpleQueue[End | None] = queue.SimpleQueue()
    left_to_send = deque(groups.values())

    def send_some() -> None:
        while left_to_send:
            try:
                group = left_to_send.popleft()
            except IndexError:
                return
            _send_in_order(hands, channel, terms, group, ended, waits)

    for _ in range(min(terms.threads, len(groups))):
        hands.pool(channel).submit(send_some)
    left = len(rows)
    while left:
        batch = [ended.get()]
        while not ended.empty():
            batch.append(ended.get())
        left -= len(batch)
        commit(hands, chunk, [end for end in batch if end])
    return len(rows)


def _send_in_order(
    hands: Hands,
    channel: str,
    terms: Terms,
    rows: Sequence[Ready],
    ended: queue.SimpleQueue[End | None],
    waits: list[float],
) -> None:
    """All rows of one address; puts exactly one thing a row on the queue: its end, or None when it is not ours any more."""
    held_up: End | None = None
    for row in rows:
        end: End | None = None
        try:
            if held_up or hands.stopping.is_set() or len(waits) >= PATIENCE:  # surely not sent: open again
                end = _not_begun(row, held_up.due_at if held_up else None)
            elif fresh(row, terms) or moves.renew(hands.engine, row, terms, hands.now()):
                end = attempt(hands.channels[channel], terms, row, hands.now())
                if end.state == "waiting":
                    held_up = end
                if end.wait:
                    waits.append(end.wait)
        except Exception as error:  # noqa: BLE001 - the database was away before anything was sent
            log.warning("not begun", delivery=row.id, reason=type(error).__name__)
            end = _not_begun(row, None)
        ended.put(end)


def _not_begun(row: Ready, due_at: dt.datetime | None) -> End:
    if row.verify:  # still to be found out, and at once
        return End(row, "sending", verify_at=row.due_at)
    return End(row, "waiting", due_at=due_at)


def _unknown(terms: Terms, row: Ready, now: dt.datetime, reason: str) -> End:
    """It may have arrived: verified after settling where that is possible, else as the policy says."""
    if terms.can_look_up or terms.drops_second(row.reply_to):
        wait = dt.timedelta(seconds=terms.settling * 2 ** min(row.doubts, 6))
        return End(row, "sending", verify_at=now + wait, reason=reason[:200], doubt=True)
    if terms.in_doubt == "repeat" and row.doubts < terms.most_doubts:
        return End(row, "waiting", due_at=now + dt.timedelta(seconds=terms.settling), reason=reason[:200], doubt=True)
    return End(row, "in_doubt", reason=reason[:200], doubt=True)


def _by_policy(terms: Terms, row: Ready) -> End | None:
    """After a crash, where nobody can tell: None repeats."""
    if terms.in_doubt == "repeat" and row.doubts <= terms.most_doubts:
        return None
    return End(row, "in_doubt", reason="a worker ended while sending")


def _keep_quiet(hands: Hands, channel: str, rows: Sequence[Ready], seconds: float) -> None:
    """Leave the workspaces of this chunk alone until the vendor's time is over."""
    until = hands.now() + dt.timedelta(seconds=seconds)
    keys = {quiet_key(channel, row.lane.split("/")[2]) for row in rows if row.lane.count("/") == 3}
    try:
        with writing(hands.engine) as session:
            store(session, [{"key": key, "free_at": until} for key in sorted(keys)])
    except Unavailable:
        log.warning("could not keep quiet", channel=channel)
