"""Who brings the answer: the reply to this very callback, or a message later? Decided once, so that it arrives once.

The platform waits five seconds, then cuts and asks again with the same message id, three times in all. So: the message
is answered in a thread; when the answer is committed in time, the callback carries it (`now`), else the message is kept
durably, the platform gets its `success`, and the answer goes by the outbox (`later`). The answering thread asks for
`now` within its transaction, the callback for `later` at its deadline; whoever comes first decides.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import structlog

from adapters.tencent.ports import CallbackPorts
from bot.errors import Unavailable
from bot.messages import Answer, Inbound

log = structlog.get_logger()
PATIENCE = 3.5
"""Seconds from the callback's arrival until it is answered with `success`."""
CUT = 4.6
"""Seconds after which an answer would meet a connection that the platform has cut: better none, so that it asks again."""
THREADS = 8
REMEMBERED = 20.0
"""Seconds that an answer is at hand for the platform's repeats, which come within 15; later ones find it in the database."""


class Slot:
    """The decision for one message."""

    def __init__(self, *, passive: bool) -> None:
        self._lock = threading.Lock()
        self.decided = "" if passive else "later"

    def now(self) -> bool:
        """Whether the callback carries the answer; asked again, the same."""
        return self._decide("now") == "now"

    def later(self) -> bool:
        """Whether the outbox does."""
        return self._decide("later") == "later"

    def _decide(self, way: str) -> str:
        with self._lock:
            self.decided = self.decided or way
            return self.decided


@dataclass(frozen=True)
class Turn:
    """One message being answered, or just answered."""

    future: Future[Answer | None]
    slot: Slot
    began: float


class Turns:
    """Answers messages of one channel. `passive`: whether a callback can carry an answer."""

    def __init__(self, ports: CallbackPorts, *, passive: bool, patience: float = PATIENCE) -> None:
        self._ports, self._passive, self._patience = ports, passive, patience
        self._cut = max(CUT, patience + CUT - PATIENCE)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="turns")
        self._keeping = ThreadPoolExecutor(2, thread_name_prefix="keeping")  # the others may all be busy when it is needed
        self._turns: OrderedDict[tuple[str, str], Turn] = OrderedDict()

    async def take(self, inbound: Inbound, began: float) -> Answer | None:
        """The answer for the callback to carry; None: it comes later, or came already. `began` as time.monotonic().

        Raises Unavailable when nothing could be kept: the platform has to ask again.
        """
        key = (inbound.address.external_id, inbound.message_id)
        self._forget_old(began)
        turn = self._turns.get(key)
        if turn is None:  # else it is the platform's repeat: it waits for the same answer
            slot = Slot(passive=self._passive)
            turn = self._turns[key] = Turn(self._pool.submit(self._answer, inbound, slot), slot, began)
            turn.future.add_done_callback(lambda done: self._over(key, done))
        future, slot = turn.future, turn.slot
        await _wait(future, began + self._patience)
        if not future.done() and slot.later():
            keeping = self._keeping.submit(self._ports.keep, inbound)
            await _wait(keeping, began + self._cut)
            if not keeping.done():
                raise Unavailable("the message could not be kept in time")
            keeping.result()
            return None
        await _wait(future, began + self._cut)
        if not future.done():
            raise Unavailable("the answer could not be committed in time")
        return future.result()

    def answer_kept(self, payload: Any) -> None:
        """Answer a message that was kept, by the outbox; waits for the thread that already does. Called again it does nothing."""
        inbound = Inbound.model_validate(payload)
        if turn := self._turns.get((inbound.address.external_id, inbound.message_id)):
            turn.future.result(timeout=60)
            return
        self._ports.answer(inbound, None)
        self._ports.send(inbound)

    def _answer(self, inbound: Inbound, slot: Slot) -> Answer | None:
        answer = self._ports.answer(inbound, slot.now if self._passive else None)
        if slot.decided == "now":
            return answer
        if slot.decided == "later":
            self._pool.submit(self._send, inbound)
            return None
        # never asked: answered before, perhaps by another process at this very moment; it goes the way it went
        return None if self._ports.on_its_way(inbound) else answer

    def _send(self, inbound: Inbound) -> None:
        try:
            self._ports.send(inbound)
        except Unavailable:  # the reaper takes it over
            log.warning("an answer is left to the sweep", channel=inbound.address.channel)

    def _over(self, key: tuple[str, str], done: Future[Answer | None]) -> None:
        if error := done.exception():
            self._turns.pop(key, None)  # the platform's repeat begins afresh
            log.warning("not answered", error=type(error).__name__)

    def _forget_old(self, now: float) -> None:
        while self._turns:
            key, turn = next(iter(self._turns.items()))
            if turn.began > now - REMEMBERED or not turn.future.done():
                return
            self._turns.pop(key, None)


async def _wait(future: Future[Any], until: float) -> None:
    """Until it is done or `until` (time.monotonic()); cancels nothing."""
    left = until - time.monotonic()
    if left > 0 and not future.done():
        wrapped = asyncio.wrap_future(future)
        wrapped.add_done_callback(lambda done: done.cancelled() or done.exception())  # whoever takes the result sees it
        await asyncio.wait({wrapped}, timeout=left)
