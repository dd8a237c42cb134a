"""How does a page learn what comes unasked? Server-sent events while it is open; what it missed is on the page it opens next.

The delivery's row is the message: to send is to let it be shown, and to send it again changes nothing.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request

from adapters.web import page
from adapters.web.render import LIMITS
from bot.channel import Receipt
from bot.errors import Unavailable
from bot.messages import Address, Answer, Card

LOOK, OPEN_FOR, STILL = 1.0, 240.0, 15.0
"""Seconds between looks; that one stream lasts (the browser opens the next by itself); between signs of life."""
WELCOME = 5.0
"""Seconds after which a session that was ended elsewhere hears no more."""
OVERLAP = dt.timedelta(seconds=60)
"""Looked back at the start: commits of several processes do not come in the order of their clocks. The page knows doubles."""
MOST_STREAMS = 200
"""Open pages of one process; more are asked to come back later."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class WebChannel:
    """The web page as a channel: what is committed as sent is on the page."""

    name = "web"
    limits = LIMITS

    def send(self, address: Address, card: Card, key: str) -> Receipt:  # noqa: ARG002 - the row holds both already
        """Nothing leaves the house: the commit that follows shows the card."""
        return Receipt(key)

    def find(self, key: str) -> Receipt | None:
        """Its row is there, so it is there."""
        return Receipt(key)


@dataclass
class Streams:
    """The open streams of one process."""

    unasked: Callable[[Address, dt.datetime], list[tuple[dt.datetime, Answer]]]
    open: int = 0

    @property
    def full(self) -> bool:
        """Whether no more streams are taken."""
        return self.open >= MOST_STREAMS

    async def stream(
        self, request: Request, address: Address, since: dt.datetime, welcome: Callable[[], bool] = lambda: True
    ) -> AsyncIterator[str]:
        """Each card once, as it comes, until the browser leaves or the time is over, or it is no longer `welcome`."""
        self.open += 1
        loop = asyncio.get_running_loop()
        end, told, asked, sent = loop.time() + OPEN_FOR, loop.time(), loop.time(), set[str]()
        since -= OVERLAP
        try:
            yield "retry: 3000\n\n"
            while loop.time() < end and not await request.is_disconnected():
                if loop.time() - asked > WELCOME:
                    asked = loop.time()
                    if not await self._asked(welcome):
                        return
                for at, answer in await self._look(address, since):
                    if answer.delivery not in sent:
                        sent.add(answer.delivery)
                        told = loop.time()
                        yield event(at, answer)
                if loop.time() - told > STILL:
                    told = loop.time()
                    yield ": still here\n\n"
                await asyncio.sleep(LOOK)
        finally:
            self.open -= 1

    async def _asked(self, welcome: Callable[[], bool]) -> bool:
        try:
            return await run_in_threadpool(welcome)
        except Unavailable:  # the page waits with us
            return True

    async def _look(self, address: Address, since: dt.datetime) -> list[tuple[dt.datetime, Answer]]:
        try:
            return await run_in_threadpool(self.unasked, address, since)
        except Unavailable:  # the page waits with us
            return []


def event(at: dt.datetime, answer: Answer) -> str:
    """One card as an event: its delivery, and the HTML of its turn."""
    shown = {"delivery": answer.delivery, "html": str(page.answer_html(answer))}
    return f"event: card\nid: {at.isoformat()}\ndata: {json.dumps(shown, ensure_ascii=False)}\n\n"


def since_of(said: str, now: dt.datetime) -> dt.datetime:
    """From when on a browser wants to hear, by the id of the last event it had; now, where that is nonsense."""
    try:
        at = dt.datetime.fromisoformat(said)
    except ValueError:
        return now
    return min(at, now) if at.tzinfo and now - at < dt.timedelta(days=14) else now
