"""The two servers that `make bench` compares: `bare` writes one row, `whole` answers a question.

    python -m tests.bench.server bare|whole|real PORT FOLDER

`whole` understands by looking up what the matcher said of the same question before, so that the cost of
understanding is not counted; `real` understands for itself.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import Engine, LargeBinary, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot import logs
from bot.db import Table, open_engine
from bot.intents.match import Matcher, Understanding
from bot.pace import Pace
from bot.settings import read_settings
from bot.wiring import build, web

KEY = "bench-key-of-at-least-thirty-two-characters"
QUESTIONS = (
    "They asked for exclusivity, what do I say?",
    "should I send them the CAD files?",
    "no reply to my mail for a week",
    "对方要独家代理，怎么办？",
    "they reopened the contract after signing",
    "my boss won't listen",
)


class Row(Table):
    """What the bare endpoint writes."""

    __tablename__ = "bench_rows"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(200))
    body: Mapped[bytes] = mapped_column(LargeBinary)


class Remembered(Matcher):
    """Says what the real matcher said before."""

    def __init__(self, real: Matcher) -> None:
        self._said = {question: real.understand(question) for question in QUESTIONS}

    def understand(self, text: str, lang: object = None) -> Understanding:
        return self._said[text]


class Said(BaseModel):
    """A message, as small as it can be."""

    text: str
    message_id: str


def bare(engine: Engine) -> FastAPI:
    """One row a request through the same engine, nothing else."""
    Row.__table__.create(engine, checkfirst=True)  # type: ignore[attr-defined]
    app = FastAPI()

    @app.post("/api/ask")
    def ask(said: Said) -> dict[str, str]:
        with Session(engine) as session, session.begin():
            session.add(Row(name=said.message_id, body=said.text.encode()))
        return {"at": dt.datetime.now(dt.UTC).isoformat()}

    return app


def main(kind: str, port: str, folder: str) -> None:
    """Serve until killed."""
    settings = read_settings({"CAUCUS_DATA_DIR": folder, "CAUCUS_SECRET_KEYS": KEY})
    logs.configure(production=True)
    if kind == "bare":
        server = bare(open_engine(f"sqlite:///{Path(folder) / 'bare.db'}", [KEY]))
    else:
        app = build(settings)
        server = web(app if kind == "real" else build(settings, matcher=Remembered(app.matcher)), pace=Pace(1e6, 1e6))
    print(json.dumps({"ready": kind}), flush=True)
    uvicorn.run(server, host="127.0.0.1", port=int(port), log_level="error", access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
