"""How do the parts hang together? The one composition root; the only module that names the adapters.

Tests call the same `build` with other arguments.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog
from fastapi import FastAPI
from sqlalchemy import Engine, text

from adapters.api import docs as api_docs
from adapters.api import routes as api
from adapters.email import limits as mail_limits
from adapters.email.parse import parse as parse_mail
from adapters.terminal.chat import Terminal
from adapters.web import routes as browser
from bot import __version__
from bot.channel import Channel
from bot.conversations.arrivals import Arrivals
from bot.conversations.coach import Coach
from bot.db import open_engine, reading, refuse_old_schema, upgrade
from bot.delivery import outbox
from bot.delivery.terms import Terms
from bot.errors import CaucusError, Unavailable
from bot.followups.copied import CopiedEmail, Envelope
from bot.followups.intake import take_in
from bot.followups.judge import Judgement
from bot.followups.known import State
from bot.intents.match import Matcher, open_matcher
from bot.messages import Answer, Inbound
from bot.pace import Pace
from bot.people import directory
from bot.settings import Settings
from knowledge.load import KnowledgeBase, load

if TYPE_CHECKING:
    from adapters.slack.assembly import Slack

log = structlog.get_logger()
LARGEST_MAIL = mail_limits.LARGEST
"""Bytes of one mail that are taken."""
Clock = Callable[[], dt.datetime]


@dataclass(frozen=True)
class App:
    """The assembled parts, for a web server, a terminal or a test."""

    settings: Settings
    engine: Engine
    kb: KnowledgeBase
    matcher: Matcher
    coach: Coach
    channels: Mapping[str, Channel]
    now: Clock
    arrivals: Arrivals
    terms: Mapping[str, Terms]
    """Of push channels that differ from the usual."""
    slack: Slack | None = None

    def receive(self, inbound: Inbound) -> Answer:
        """Answer a message; on a push channel, send the answer too. A repeat answers and sends nothing twice."""
        answer = self.coach.receive(inbound)
        if channel := self.channels.get(inbound.address.channel):
            terms = self.terms.get(inbound.address.channel)
            outbox.send_answer(self.engine, channel, inbound.address, inbound.message_id, self.now, terms)
        return answer

    def start(self) -> None:
        """Take up what arrives, and keep up what channels need beside it; in threads."""
        if self.arrivals.takes:
            self.arrivals.start()
        if self.slack:
            self.slack.start()

    def stop(self) -> None:
        """Take up nothing new and let what runs end."""
        if self.slack:
            self.slack.stop()
        if self.arrivals.takes:
            self.arrivals.stop()

    def key_owner(self, key: str) -> str | None:
        """The id of a valid API key."""
        with reading(self.engine) as session:
            row = directory.holder(session, key)
            return row.id if row else None

    def ready(self) -> dict[str, str]:
        """Each part with "ok" or what is wrong with it."""
        try:
            with reading(self.engine) as session:
                session.execute(text("SELECT 1"))
            database = "ok"
        except CaucusError as error:
            database = str(error)
        return {"database": database, "knowledge": "ok", "understanding": "ok"}


def build(
    settings: Settings,
    *,
    engine: Engine | None = None,
    channels: Mapping[str, Channel] | None = None,
    now: Clock | None = None,
    kb: KnowledgeBase | None = None,
    matcher: Matcher | None = None,
) -> App:
    """Assemble Caucus.

    On the embedded default (SQLite) the schema is brought up to date; on PostgreSQL an old schema is refused.
    Raises KnowledgeError for broken knowledge, Refused for an old schema, Unavailable when the database is away.
    """
    kb = kb or load()
    if engine is None:
        engine = open_engine(settings.database, settings.keys())
    if engine.dialect.name == "sqlite":
        upgrade(engine)
    else:
        refuse_old_schema(engine)
    matcher = matcher or open_matcher(kb, settings.data_dir / "cache")
    push = dict(channels or {})
    coach = Coach(engine, kb, matcher, push=push.__contains__)
    now = now or clock(settings)
    terms: dict[str, Terms] = {}
    app = App(settings, engine, kb, matcher, coach, push, now, Arrivals(engine, {}, now), terms)
    if settings.slack_bot_token.get_secret_value() or settings.slack_client_id:
        from bot import wiring_slack  # slack-bolt takes a moment to import

        sending = wiring_slack.sending(settings, engine, now)
        push.setdefault(wiring_slack.NAME, sending.channel)
        made = wiring_slack.slack(sending, engine, coach, app.arrivals, app.receive, now)
        terms[wiring_slack.NAME] = wiring_slack.TERMS
        app = replace(app, slack=made)
    return app


def clock(settings: Settings) -> Clock:
    """The time, aware and in UTC; with CAUCUS_NOW it starts there and runs on."""
    if settings.now is None:
        return lambda: dt.datetime.now(dt.UTC)
    start, began = settings.now.astimezone(dt.UTC), time.monotonic()
    return lambda: start + dt.timedelta(seconds=time.monotonic() - began)


def take_in_mail(raw: bytes, envelope: Envelope, state: State) -> tuple[CopiedEmail | None, Judgement]:
    """Read one copied mail and judge it against a state; keeps nothing. See bot.followups.intake.take_in."""
    return take_in(parse_mail, raw, envelope, state)


def terminal(app: App) -> Terminal:
    """The terminal over this app."""
    return Terminal(receive=app.receive, now=app.now, data_dir=app.settings.data_dir)


def web(app: App, *, pace: Pace | None = None) -> FastAPI:
    """Everything that is reached by HTTP; `pace` limits the API otherwise than usual."""
    server = FastAPI(title="Caucus", version=__version__, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    server.add_exception_handler(Unavailable, api.unavailable)
    ports = api.ApiPorts(app.receive, app.coach.card, app.key_owner, app.ready, app.now, app.settings)
    server.include_router(api.router(replace(ports, pace=pace) if pace else ports))
    api_docs.add_to(server)
    for slack_router in app.slack.routers() if app.slack else []:
        server.include_router(slack_router)
    server.include_router(browser.router(browser.WebPorts(app.receive, app.coach.history, app.coach.card, app.now, app.settings)))
    return server
