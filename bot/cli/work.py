"""`caucus work`: sweep and send what is due, as a process of its own or once."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Annotated

import typer

from bot.cli.http import Beside
from bot.cli.rounds import Rounds
from bot.cli.shared import assembled, moment
from bot.errors import Refused


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("work", epilog="Example: caucus work --once --now 2026-11-23T09:00:00+08:00")(work)


def work(
    once: Annotated[bool, typer.Option("--once", help="Do all that is due, then end.")] = False,
    now: Annotated[str, typer.Option(help="With --once, in development: the time to work at, ISO with offset.")] = "",
) -> None:
    """Send nudges, tips and broadcasts when they are due. On PostgreSQL as many as you like; stop with Ctrl-C."""
    at = moment(now) if now else None
    if at and not once:
        raise Refused("--now needs --once")
    app = assembled(later=True)
    if at and app.settings.env == "production":
        raise Refused("--now is for development only: it would take over what living workers are sending")
    rounds = Rounds(app)
    if once:
        answered = app.arrivals.once()
        print(f"{rounds.once(at)} sent or tried" + (f", {answered} messages answered" if answered else ""))
        return
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    from bot.wiring import watched  # loaded by now

    beside = Beside(watched(app, alive=rounds.alive), app.settings, port) if (port := app.settings.work_port) else None
    rounds.start()
    app.start()
    if beside:
        beside.start()
    print("Caucus sends what is due  (stop with Ctrl-C)", flush=True)
    stopping.wait()
    if beside:
        beside.stop()
    app.stop()
    if not rounds.stop():
        print("Not all was written in time; it is verified by the next worker.", flush=True)
