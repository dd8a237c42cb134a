"""What both callbacks do the same way: read with a cap, prove, take the turn; and never a 500, never a reason to a stranger."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from adapters.http import TooLarge, capped_body
from adapters.tencent import envelope
from adapters.tencent.envelope import Forged, Opened, Seal
from adapters.tencent.heard import Heard
from adapters.tencent.ports import CallbackPorts
from bot.errors import Unavailable
from bot.messages import Answer

log = structlog.get_logger()
TAKEN = "success"
"""The platform's word for "got it, no reply in this answer"."""
Respond = Callable[[Opened, Heard, Answer | None], Response]


def router(
    path: str,
    channel: str,
    seal: Seal,
    ports: CallbackPorts,
    hear: Callable[[dict[str, Any]], Heard],
    take: Callable[[Heard, float], Awaitable[Answer | None]],
    respond: Respond,
) -> APIRouter:
    """GET and POST of one callback address. `take` brings the answer or None; `respond` makes the HTTP answer of it."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(path)
    async def check(request: Request) -> Response:
        try:
            return PlainTextResponse(envelope.echo(seal, request.query_params, ports.now()))
        except Forged as forged:
            return refused(forged)

    @routes.post(path)
    async def callback(request: Request) -> Response:
        began = time.monotonic()
        try:
            body = await capped_body(request, envelope.LARGEST)
            opened = envelope.opened(seal, request.query_params, body, ports.now())
            heard = hear(opened.fields)
        except TooLarge:
            return refused(Forged("too large"))
        except Forged as forged:
            return refused(forged)
        try:
            await run_in_threadpool(_note, heard) if heard.left or heard.back or heard.grants else None
            answer = await take(heard, began) if heard.inbound else None
        except Unavailable:
            return Response(status_code=503)  # nothing is kept; the platform asks again
        except Exception as error:  # whatever it is, a stranger learns nothing, and the platform asks again
            log.exception("a callback failed", channel=channel, error=type(error).__name__)
            return Response(status_code=503)
        if heard.note:
            log.info("the platform reports", channel=channel, report=heard.note)
        return respond(opened, heard, answer)

    def refused(forged: Forged) -> Response:
        log.warning("a callback was refused", channel=channel, why=forged.why)
        return Response(status_code=403)

    def _note(heard: Heard) -> None:
        if heard.left:
            ports.left(heard.address)
        if heard.back:
            ports.back(heard.address)
        for window, allowed in heard.grants:
            ports.grant(heard.address, window, allowed)

    return routes
