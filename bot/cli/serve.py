"""`caucus serve`: the web, the API, the channels and copied mail in one process."""

from __future__ import annotations

import signal
from contextlib import suppress
from functools import partial
from typing import Annotated

import typer
import uvicorn

from bot.cli.http import Server, options
from bot.cli.rounds import Rounds
from bot.cli.shared import settings
from bot.conversations.warm import warm
from bot.settings import is_loopback
from bot.settle import settle


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("serve", epilog="Example: caucus serve --port 8080")(serve)


def serve(
    host: Annotated[str, typer.Option(help="Where to listen; otherwise CAUCUS_HOST.")] = "",
    port: Annotated[int | None, typer.Option(help="Otherwise CAUCUS_PORT.", min=0, max=65535)] = None,
    work: Annotated[bool, typer.Option("--work/--no-work", help="Also send what is due.")] = True,
) -> None:
    """Open the coach in the browser and for other tools."""
    from bot.wiring import build, web  # seconds of imports, which the help page does not need
    from bot.wiring_ground import site
    from bot.wiring_mail import mail_gate
    from bot.wiring_site import console_link

    found = settings()
    found = found.model_copy(update={"host": host or found.host, "port": found.port if port is None else port})
    app = build(found)
    print(f"Caucus is open at {site(found)}  (stop with Ctrl-C)", flush=True)
    if app.engine.dialect.name == "sqlite":
        print(f"The console opens once, within an hour, at {console_link(found, app.engine, app.now)}", flush=True)
    if not is_loopback(found.host):
        print("The web chat asks people to sign in, and the API needs a key.", flush=True)
    rounds = Rounds(app) if work else None
    app.start()
    gate = mail_gate(app)
    for line in gate.start() if gate else ():
        print(line, flush=True)
    signal.signal(signal.SIGTERM, _end)  # uvicorn raises the signal again when it is done: without this we would end there
    server = Server(
        uvicorn.Config(
            web(app),
            host=found.host,
            port=found.port,
            **options(found),
        ),
        then=[*([rounds.start] if rounds else []), partial(warm, app.coach.kb), settle],
    )
    try:
        with suppress(KeyboardInterrupt):  # uvicorn has ended in order, and raises it again
            server.run()
    finally:
        server.finish()
        if gate:
            gate.stop()
        app.stop()
        if rounds:
            rounds.stop()
    if server.failed:
        raise server.failed


def _end(*_: object) -> None:
    raise SystemExit(0)
