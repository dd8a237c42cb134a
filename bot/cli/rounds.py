"""What is done without being asked, in `serve` and `work`: due follow-ups and broadcasts become deliveries, which are sent."""

from __future__ import annotations

import datetime as dt
import threading
import time
from typing import TYPE_CHECKING

import structlog

from bot.errors import Unavailable
from bot.people import retention

if TYPE_CHECKING:
    from bot.delivery.engine import Worker
    from bot.wiring import App

log = structlog.get_logger()
LOOK = 1.0
"""Seconds between looks for due follow-ups."""
STUCK = 300.0
"""Seconds without a look: longer than anything that a look does."""
FORGET = dt.timedelta(hours=1)


class Rounds:
    """One for a process: looks for what is due and runs a delivery worker, in threads of its own."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look_on, name="due", daemon=True)
        self._worker: Worker | None = None
        self._forgot: dt.datetime | None = None
        self._looked = time.monotonic()

    def start(self) -> None:
        """Begin. Raises Unavailable without a database, Refused when a worker runs in this process already."""
        from bot.delivery.engine import Worker  # DBOS takes a second to import

        self._worker = Worker(self._app.engine, self._app.channels, self._app.now, self._app.terms)
        self._worker.start()
        self._thread.start()

    def stop(self) -> bool:
        """Begin nothing new and let what is on its way arrive; True when all of it was written in time."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(10)
        return self._worker.stop() if self._worker else True

    def alive(self) -> bool:
        """Whether it still looks for what is due, be the database there or not; False asks for a new process."""
        return time.monotonic() - self._looked < STUCK

    def once(self, moment: dt.datetime | None = None) -> int:
        """Do all that is due at `moment` (now unless given) and end; returns how many sends ended."""
        from bot.delivery.engine import Worker

        self._app.nudge(moment)
        self._app.broadcast(moment)
        sent = Worker(self._app.engine, self._app.channels, self._app.now, self._app.terms).once(moment)
        self._app.broadcast(moment)  # what has ended by that
        return sent

    def _look_on(self) -> None:
        while not self._stop.wait(LOOK):
            self._looked = time.monotonic()
            try:
                self._app.nudge()
                self._app.broadcast()
                self._forget()
            except Unavailable:
                self._stop.wait(2.0)
            except Exception as error:  # its text may quote a message
                log.exception("due follow-ups could not be looked at", error=type(error).__name__)
                self._stop.wait(5.0)

    def _forget(self) -> None:
        """Once an hour, let go what was kept long enough."""
        now = self._app.now()
        if self._forgot is None or now - self._forgot >= FORGET:
            self._forgot = now
            retention.sweep(self._app.engine, now)
