"""How do the parts hang together? The one composition root; the only module that names the adapters.

Tests call the same `build` with other arguments.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from fastapi import FastAPI
from sqlalchemy import Engine, text

from adapters.api import docs as api_docs
from adapters.api import routes as api
from adapters.email import imap as mailbox
from adapters.email import limits as mail_limits
from adapters.email.gate import Gate
from adapters.email.listen import tls
from adapters.email.parse import parse as parse_mail
from adapters.email.reader import ReadingRoom
from adapters.terminal.chat import Terminal
from adapters.web import routes as browser
from adapters.web.events import WebChannel
from bot import __version__
from bot.channel import Channel
from bot.conversations.coach import Coach
from bot.db import open_engine, reading, refuse_old_schema, upgrade, writing
from bot.delivery import outbox, shown
from bot.errors import CaucusError, Unavailable
from bot.followups import desk, due, ledger
from bot.followups.copied import CopiedEmail, Envelope
from bot.followups.intake import Reader, take_in
from bot.followups.judge import Judgement
from bot.followups.known import State
from bot.followups.note_email import MailIntake
from bot.followups.rules import Rules, read_rules
from bot.intents.match import Matcher, open_matcher
from bot.messages import Address, Answer, Inbound
from bot.pace import Pace
from bot.people import directory
from bot.settings import Settings
from knowledge.load import KnowledgeBase, load

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
    rules: Rules

    @property
    def speaks_first(self) -> frozenset[str]:
        """The channels on which somebody can be told something unasked; the terminal shows it when it is opened."""
        return frozenset({"terminal", *(name for name, channel in self.channels.items() if channel.limits.may_speak_first)})

    def nudge(self, now: dt.datetime | None = None) -> int:
        """Turn due follow-ups into deliveries; returns how many. Raises Unavailable when the database is away."""
        return due.sweep(self.engine, self.rules, now or self.now(), self.speaks_first)

    def unasked(self, address: Address, since: dt.datetime) -> list[tuple[dt.datetime, Answer]]:
        """(when, what) came to a page later than `since`."""
        with reading(self.engine) as session:
            return shown.pushed(session, address, since)

    def collect(self, address: Address, room: str) -> list[Answer]:
        """What is due at a terminal; it counts as shown. Commits."""
        self.nudge()
        with writing(self.engine) as session:
            return shown.collect(session, address, self.now(), room)

    def receive(self, inbound: Inbound) -> Answer:
        """Answer a message; on a push channel, send the answer too. A repeat answers and sends nothing twice."""
        answer = self.coach.receive(inbound)
        channel = self.channels.get(inbound.address.channel)
        if channel and not channel.limits.answers_in_place:
            outbox.send_answer(self.engine, channel, inbound.address, inbound.message_id, self.now)
        return answer

    def key_owner(self, key: str) -> str | None:
        """The id of a valid API key."""
        with reading(self.engine) as session:
            row = directory.holder(session, key)
            return row.id if row else None

    def followups(self, address: Address, state: str) -> list[dict[str, Any]]:
        """The follow-ups of whoever speaks at an address: those that are `open`, or `all`."""
        with writing(self.engine) as session:
            person, _ = directory.at_address(session, address, self.now())
            return ledger.told(session, (ledger.open_ones if state == "open" else ledger.all_ones)(session, person))

    def follow_up(self, address: Address, given: Mapping[str, Any]) -> dict[str, Any]:
        """Make one, by the names of the API; the same request_id makes none. Commits. Raises Refused."""
        asked = dict(given)
        request = asked.pop("request_id")
        asked |= {"name": asked.pop("contact_name"), "emails": asked.pop("recipients")}
        with writing(self.engine) as session:
            person, row = directory.at_address(session, address, self.now())
            origin = f"api:{request}" if request else ""
            made = desk.add(session, person, self.now(), self.rules, **asked, origin=origin, address=row)
            return ledger.told(session, [made])[0]

    def change_followup(self, address: Address, followup_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Change one, as `desk.change` does. Commits. Raises NotThere, Conflict, Refused."""
        with writing(self.engine) as session:
            person, _ = directory.at_address(session, address, self.now())
            made, _ = desk.change(session, person, followup_id, now=self.now(), **given)
            return ledger.told(session, [made])[0]

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
    everything: dict[str, Channel] = {"web": WebChannel(), **(channels or {})}
    push = frozenset(name for name, channel in everything.items() if not channel.limits.answers_in_place)
    rules = read_rules(settings.data_dir)
    speaks_first = ("terminal", *(name for name, channel in everything.items() if channel.limits.may_speak_first))
    coach = Coach(engine, kb, matcher, push.__contains__, rules, speaks_first)
    return App(settings, engine, kb, matcher, coach, everything, now or clock(settings), rules)


def clock(settings: Settings) -> Clock:
    """The time, aware and in UTC; with CAUCUS_NOW it starts there and runs on."""
    if settings.now is None:
        return lambda: dt.datetime.now(dt.UTC)
    start, began = settings.now.astimezone(dt.UTC), time.monotonic()
    return lambda: start + dt.timedelta(seconds=time.monotonic() - began)


def take_in_mail(raw: bytes, envelope: Envelope, state: State) -> tuple[CopiedEmail | None, Judgement]:
    """Read one copied mail and judge it against a state; keeps nothing. See bot.followups.intake.take_in."""
    return take_in(parse_mail, raw, envelope, state)


def mail_intake(
    settings: Settings, engine: Engine, now: Clock, speaks_first: Collection[str], read: Reader = parse_mail
) -> MailIntake:
    """Copied mail against the database; `read` is where the bytes are read (in this process unless given)."""
    rules = read_rules(settings.data_dir)
    return MailIntake(engine, read, rules, now, settings.mail_domain, settings.mail_authserv_id, speaks_first)


def mail_gate(app: App) -> Gate | None:
    """The ways in for copied mail that are set; None when none is."""
    if not app.settings.takes_mail:
        return None
    room = ReadingRoom()
    intake = mail_intake(app.settings, app.engine, app.now, app.speaks_first, room.read)
    intake.forget()
    return Gate(app.settings, intake.knows, intake.note, room)


def try_certificate(settings: Settings) -> None:
    """Load what STARTTLS needs. Raises Refused."""
    tls(str(settings.mail_tls_cert), str(settings.mail_tls_key))


def try_mailbox(url: str) -> None:
    """Log in to the mailbox of copied mail and out again. Raises Refused."""
    mailbox.connect(url).logout()


def terminal(app: App) -> Terminal:
    """The terminal over this app."""
    return Terminal(receive=app.receive, collect=app.collect, now=app.now, data_dir=app.settings.data_dir)


def web(app: App, *, pace: Pace | None = None) -> FastAPI:
    """Everything that is reached by HTTP; `pace` limits the API otherwise than usual."""
    server = FastAPI(title="Caucus", version=__version__, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    server.add_exception_handler(Unavailable, api.unavailable)
    followups = api.FollowupPorts(app.followups, app.follow_up, app.change_followup)
    ports = api.ApiPorts(app.receive, app.coach.card, app.key_owner, app.ready, app.now, app.settings, followups)
    server.include_router(api.router(replace(ports, pace=pace) if pace else ports))
    api_docs.add_to(server)
    page = browser.WebPorts(app.receive, app.coach.history, app.coach.card, app.now, app.settings, app.unasked)
    server.include_router(browser.router(page))
    return server
