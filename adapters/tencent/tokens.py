"""Which access token holds now? One is fetched for all threads of all processes; early, and never in a loop."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable

import structlog

from adapters.tencent.ports import Shelf
from bot.errors import TryLater

log = structlog.get_logger()
EARLY = dt.timedelta(minutes=5)
"""Before its end a token is exchanged: stable_token gives the next one from then on (api_getstableaccesstoken, 2026-11)."""
LEASE, PATIENCE, LOOK = 20.0, 6.0, 0.1
"""Seconds: of a fetch at most; a thread waits for another's fetch; between looks whether that one has ended."""
Fetch = Callable[[bool], tuple[str, float]]
"""(force) → (token, seconds it holds). Raises SendError; its text holds no secret."""


class Token:
    """The token of one app. Safe to share between threads."""

    def __init__(self, name: str, fetch: Fetch, shelf: Shelf, now: Callable[[], dt.datetime]) -> None:
        self._name, self._fetch, self._shelf, self._now = name, fetch, shelf, now
        self._lock = threading.Lock()
        self._mine: tuple[str, dt.datetime] | None = None
        self._nobody = threading.Event()

    def current(self) -> str:
        """The token to use. Raises TryLater when none is to be had, and what the fetch raises."""
        mine = self._mine
        if mine and mine[1] - self._now() > EARLY:
            return mine[0]
        with self._lock:
            kept = self._shelf.kept(self._name)
            if kept and kept[1] - self._now() > EARLY:
                self._mine = kept
                return kept[0]
            if kept and kept[1] > self._now() + dt.timedelta(seconds=30):  # still good: whoever has the lease renews it
                return self._renewed(None, wait=False) or kept[0]
            return self._need(None)

    def after_refusal(self, refused: str) -> str:
        """Another token than the one that was refused: somebody's newer one, or a fetched one."""
        with self._lock:
            kept = self._shelf.kept(self._name)
            if kept and kept[0] != refused and kept[1] > self._now():
                self._mine = kept
                return kept[0]
            return self._need(refused)

    def _need(self, refused: str | None) -> str:
        token = self._renewed(refused, wait=True)
        if token is None:
            raise TryLater(5, "another process is fetching the access token")
        return token

    def _renewed(self, refused: str | None, *, wait: bool) -> str | None:
        thread = str(threading.get_ident())
        deadline = time.monotonic() + PATIENCE
        while not self._shelf.lease(self._name, thread, self._now(), LEASE):
            if not wait or time.monotonic() > deadline:
                return None
            self._nobody.wait(LOOK)
            if found := self._newer(refused):
                return found
        if found := self._newer(refused):  # fetched between our look and our lease
            self._shelf.give_back(self._name, thread)
            return found
        try:
            value, seconds = self._fetch(refused is not None)
        except BaseException:
            self._shelf.give_back(self._name, thread)
            raise
        expires_at = self._now() + dt.timedelta(seconds=seconds)
        self._shelf.keep(self._name, thread, value, expires_at)
        self._mine = (value, expires_at)
        log.info("access token fetched", app=self._name.rpartition(":")[0], seconds=seconds, forced=refused is not None)
        return value

    def _newer(self, refused: str | None) -> str | None:
        kept = self._shelf.kept(self._name)
        if not kept or kept[0] == refused or kept[1] - self._now() <= EARLY:
            return None
        self._mine = kept
        return kept[0]
