"""A worker of the crash test: real engine, channels that speak to the recording vendor. It is there to be killed."""

from __future__ import annotations

import datetime as dt
import os
import threading
from multiprocessing.synchronize import Event

from bot import logs
from bot.db import open_engine
from bot.delivery.engine import Worker
from bot.delivery.terms import Terms
from tests.fakes.vendor import FakeChannel

KINDS = ("lookup", "keyed", "neither")
KEYS = ["crash-key-of-at-least-thirty-two-characters"]
TERMS = Terms(hard_timeout=2.0, settling=1.0, in_doubt="drop", threads=8)


def main(url: str, port: int, ready: Event) -> None:
    """Work until killed."""
    logs.configure(production=True)
    nowhere = os.open(os.devnull, os.O_WRONLY)  # every doubt is logged
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    channels = {kind: FakeChannel(kind, port, timeout=1.5) for kind in KINDS}
    worker = Worker(open_engine(url, KEYS), channels, lambda: dt.datetime.now(dt.UTC), dict.fromkeys(KINDS, TERMS))
    worker.start()
    ready.set()
    threading.Event().wait()
