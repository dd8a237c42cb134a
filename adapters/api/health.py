"""Does the process run, which of its parts is ready, and what does it count? For load balancers, operators and Prometheus.

`/health/live` and `/health/ready` are for everybody and name parts, nothing more. `/metrics` is for this machine itself
and for holders of an API key: behind a proxy nobody is this machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from adapters.http import from_this_machine
from bot.errors import Unavailable

TEXT = "text/plain; version=0.0.4; charset=utf-8"
"""What Prometheus's text format calls itself (Exposition formats, read 2026-11-22)."""


@dataclass(frozen=True)
class HealthPorts:
    """What health needs of the house; all synchronous."""

    ready: Callable[[], dict[str, str]]
    """Part → "ok" or what is wrong with it."""
    metrics: Callable[[], bytes]
    key_owner: Callable[[str], str | None]
    """The id of a valid API key; None for any other. Raises Unavailable."""
    beside: Collection[str] = ()
    """Parts without which people are still answered: their trouble is told, and takes no process out of a balancer."""
    alive: Callable[[], bool] = lambda: True
    """False: the process should be started anew."""
    known: set[str] = field(default_factory=set[str])
    """Hashes of keys that were valid when the database was last asked: whoever watches still sees while it is away."""


def router(ports: HealthPorts) -> APIRouter:
    """The routes /health/live, /health/ready and /metrics."""
    routes = APIRouter(include_in_schema=False)

    def may_see(header: str) -> bool:
        scheme, _, key = header.partition(" ")
        if scheme.casefold() != "bearer":
            return False
        digest = hashlib.sha256(key.strip().encode("utf-8", "replace")).hexdigest()
        try:
            valid = ports.key_owner(key.strip()) is not None
        except Unavailable:
            return digest in ports.known
        (ports.known.add if valid else ports.known.discard)(digest)
        return valid

    @routes.get("/health/live")
    async def live() -> JSONResponse:
        """The process runs, and what it should do by itself goes on."""
        alive = ports.alive()
        return JSONResponse({"status": "ok" if alive else "stuck"}, status_code=200 if alive else 503)

    @routes.get("/health/ready")
    async def ready() -> JSONResponse:
        """Whether every part is ready; says which is not. 503 where people cannot be answered for it."""
        parts = await run_in_threadpool(ports.ready)
        troubled = {part for part, state in parts.items() if state != "ok"}
        status = "not ready" if troubled.difference(ports.beside) else "degraded" if troubled else "ok"
        return JSONResponse({"status": status, "parts": parts}, status_code=503 if status == "not ready" else 200)

    @routes.get("/metrics")
    async def metrics(request: Request) -> Response:
        """Numbers for Prometheus."""
        if from_this_machine(request) or await run_in_threadpool(may_see, request.headers.get("authorization", "")):
            return Response(await run_in_threadpool(ports.metrics), media_type=TEXT)
        return JSONResponse({"error": "for this machine, or with an API key: Authorization: Bearer caucus_…"}, status_code=401)

    return routes
