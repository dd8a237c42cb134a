"""How do our processes listen? The same way in `serve` and, for health and metrics alone, in `work`."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

import uvicorn
from fastapi import FastAPI

from bot.errors import Refused
from bot.settings import Settings

START = 10.0
"""Seconds that a listener may take to open, and what comes then to be done."""


def options(settings: Settings) -> dict[str, Any]:
    """What uvicorn is told."""
    return {
        "log_config": None,  # its own would print the text of errors, which may quote a message; see bot.logs
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "proxy_headers": bool(settings.proxies),
        "forwarded_allow_ips": settings.proxies,
        "timeout_graceful_shutdown": 3,  # open event streams do not end by themselves
    }


class Server(uvicorn.Server):
    """Listens first; what takes seconds more and keeps nobody waiting comes `then`, in one thread. An error of it ends us."""

    failed: Exception | None = None
    """Why it ended by itself."""

    def __init__(self, config: uvicorn.Config, then: Sequence[Callable[[], None]]) -> None:
        super().__init__(config)
        self._then = threading.Thread(target=self._go_on, args=(then,), name="then", daemon=True)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn."""
        await super().startup(sockets)
        if self.started:
            self._then.start()

    def finish(self) -> None:
        """Wait until what came then is done, so that it is not ended while it begins."""
        if self._then.is_alive():
            self._then.join(START)

    def _go_on(self, then: Sequence[Callable[[], None]]) -> None:
        try:
            for work in then:
                work()
        except Exception as error:  # noqa: BLE001 - `serve` raises it again
            self.failed = error
            self.should_exit = True


class Beside:
    """A listener in a thread, beside what the process is for."""

    def __init__(self, web: FastAPI, settings: Settings, port: int) -> None:
        self._decided = threading.Event()
        config = uvicorn.Config(web, host=settings.host, port=port, **options(settings))
        self._server = Server(config, [self._decided.set])
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)
        self._where = f"{settings.host}:{port}"

    def start(self) -> None:
        """Open the port. Raises Refused when it cannot be had."""
        self._thread.start()
        if not self._decided.wait(START) or not self._server.started:
            raise Refused(f"{self._where} cannot be opened: is the port taken?")

    def stop(self) -> None:
        """Close it."""
        self._server.should_exit = True
        self._thread.join(5)

    def _run(self) -> None:
        try:
            self._server.run()
        except SystemExit:  # so uvicorn says that the port is taken
            return
        finally:
            self._decided.set()
