"""The servers that `make bench-slack` compares.

    python -m tests.bench.slack_server bare|store|whole PORT FOLDER API_URL

`bare`: slack-bolt's AsyncApp behind its own Starlette adapter, whose listener writes one row. `store`: our door,
answering off. `whole`: all of Caucus, answering, with 1,000 deliveries due.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session
from starlette.requests import Request

from bot import logs
from bot.conversations.warm import warm
from bot.db import open_engine, writing
from bot.delivery import outbox
from bot.delivery.engine import Worker
from bot.messages import Address, Card
from bot.people import directory
from bot.settings import read_settings
from bot.settle import settle
from bot.wiring import build, web
from tests.bench.server import KEY, Row
from tests.fakes.slack_says import SECRET

WAITING = 1_000


def bare(folder: str) -> FastAPI:
    """What one gets from slack-bolt's documentation, and one row an event through the same kind of engine."""
    from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.authorization import AuthorizeResult

    engine = open_engine(f"sqlite:///{Path(folder) / 'bare.db'}", [KEY])
    Row.__table__.create(engine, checkfirst=True)  # type: ignore[attr-defined]

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-one", bot_user_id="UBOT", bot_id="BT1")

    bolt = AsyncApp(signing_secret=SECRET, authorize=authorize)

    def write(body: dict) -> None:
        with Session(engine) as session, session.begin():
            session.add(Row(name=body["event_id"], body=json.dumps(body).encode()))

    @bolt.event("message")
    async def said(body: dict) -> None:
        await run_in_threadpool(write, body)

    app, handler = FastAPI(), AsyncSlackRequestHandler(bolt)

    @app.post("/slack/events")
    async def events(request: Request):
        return await handler.handle(request)

    return app


def main(kind: str, port: str, folder: str, api_url: str) -> None:
    """Serve until killed."""
    logs.configure(production=True)
    if kind == "bare":
        server = bare(folder)
    else:
        given = {
            "DATA_DIR": folder, "SECRET_KEYS": KEY, "SLACK_SIGNING_SECRET": SECRET, "SLACK_BOT_TOKEN": "xoxb-one",
            "SLACK_API_URL": api_url, "UNDERSTANDING": "fast",
        }  # fmt: skip
        app = build(read_settings({f"CAUCUS_{name}": value for name, value in given.items()}))
        if kind == "whole":
            now = dt.datetime.now(dt.UTC)
            card = Card(id="nudge", kind="notice", lang="en", text="Call them now.")
            with writing(app.engine) as session:
                for number in range(WAITING):
                    address = Address(channel="slack", external_id=f"T1/W{number}", workspace="T1")
                    outbox.put(session, directory.at_address(session, address, now)[1], card, now, "nudge", now)
            warm(app.coach.kb)
            app.start()
            Worker(app.engine, app.channels, app.now, app.terms).start()
        server = web(app)
        settle()
    print(json.dumps({"ready": kind}), flush=True)
    uvicorn.run(server, host="127.0.0.1", port=int(port), log_level="error", access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
