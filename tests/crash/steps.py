"""A process that kills itself by SIGKILL at a chosen step of a transaction: after its n-th statement, before or after its commit."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import signal

from sqlalchemy import Engine, event

from adapters.email.parse import parse
from bot.db import open_engine
from bot.followups import due
from bot.followups.copied import Envelope
from bot.followups.note_email import MailIntake
from bot.followups.rules import Rules
from tests.mails import RCPT, SERVER

CHANNELS = ("slack",)
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.crash.steps"])  # a start costs a second otherwise


def intake(engine: Engine, now: dt.datetime) -> MailIntake:
    """What takes in copied mail."""
    return MailIntake(engine, parse, Rules(), lambda: now, "in.coach.test", SERVER, CHANNELS)


def note(url: str, keys: list[str], dies_at: int, now: dt.datetime, raw: bytes) -> None:
    """Take in one mail, and die on the way."""
    intake(_mortal(url, keys, dies_at), now).take(Envelope("anna@acme.test", RCPT), raw)


def sweep(url: str, keys: list[str], dies_at: int, now: dt.datetime) -> None:
    """Turn what is due into deliveries, and die on the way."""
    due.sweep(_mortal(url, keys, dies_at), Rules(), now, CHANNELS)


def _mortal(url: str, keys: list[str], dies_at: int) -> Engine:
    engine, steps = open_engine(url, keys), 0

    def step(*_: object) -> None:
        nonlocal steps
        steps += 1
        if steps == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "after_cursor_execute", step)
    event.listen(engine, "commit", step)  # about to be
    event.listen(engine, "checkin", step)  # has been
    return engine
