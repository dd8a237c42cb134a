"""How do our processes listen? The same way in `serve` and, for health and metrics alone, in `work`."""

from __future__ import annotations

import threading
from typing import Any

import uvicorn
from fastapi import FastAPI

from bot.errors import Refused
from bot.settings import Settings

START = 10.0
"""Seconds that a listener may take to open."""


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


class Beside:
    """A listener in a thread, beside what the process is for."""

    def __init__(self, web: FastAPI, settings: Settings, port: int) -> None:
        self._server = uvicorn.Server(uvicorn.Config(web, host=settings.host, port=port, **options(settings)))
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)
        self._where = f"{settings.host}:{port}"

    def start(self) -> None:
        """Open the port. Raises Refused when it cannot be had."""
        self._thread.start()
        wait = threading.Event()
        for _ in range(int(START / 0.05)):
            if self._server.started:
                return
            if not self._thread.is_alive():
                break
            wait.wait(0.05)
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
