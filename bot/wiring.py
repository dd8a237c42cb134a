"""How do the parts hang together? The one composition root; the only module that names the adapters.

Tests call the same `build` with other arguments.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from sqlalchemy import Engine

from adapters.api import docs as api_docs
from adapters.api import routes as api
from adapters.tencent.turns import PATIENCE
from adapters.web.events import WebChannel
from bot import __version__, wiring_broadcasts, wiring_health, wiring_pages, wiring_tencent
from bot.broadcasts import runs
from bot.broadcasts.desk import Desk as Broadcasts
from bot.channel import Channel, Limits
from bot.conversations.arrivals import Arrivals
from bot.conversations.broadcast_talk import BroadcastTalk
from bot.conversations.coach import Coach
from bot.db import reading, writing
from bot.delivery import answers, shown
from bot.delivery.terms import Terms
from bot.errors import Unavailable
from bot.followups import due, undelivered
from bot.followups.rules import Rules, read_rules
from bot.intents.match import Matcher
from bot.messages import Address, Answer, Inbound
from bot.pace import Pace
from bot.people import keys
from bot.settings import Settings
from bot.wiring_followups import Desk
from bot.wiring_ground import Clock, ground, site
from bot.wiring_layer import Knowing, knowing
from bot.wiring_site import mailer
from bot.wiring_tips import due_tips
from knowledge.load import KnowledgeBase, load

if TYPE_CHECKING:
    from adapters.slack.assembly import Slack
    from adapters.terminal.chat import Terminal


@dataclass(frozen=True)
class App:
    """The assembled parts, for a web server, a terminal or a test."""

    settings: Settings
    engine: Engine
    knowing: Knowing
    coach: Coach
    channels: Mapping[str, Channel]
    now: Clock
    arrivals: Arrivals
    terms: Mapping[str, Terms]
    """Of push channels that differ from the usual."""
    tencent: wiring_tencent.Tencent
    rules: Rules
    slack: Slack | None = None
    ways_in: dict[str, Callable[[], str]] = field(default_factory=dict)
    """What brings messages to this process while it runs → "ok" or what is wrong with it. Who opens one enters it."""

    @property
    def kb(self) -> KnowledgeBase:
        """What is known at this moment, the team's layer included."""
        return self.knowing.live.now.kb

    @property
    def matcher(self) -> Matcher:
        """What understands at this moment."""
        return self.knowing.live.now.matcher

    @property
    def speaks_first(self) -> frozenset[str]:
        """The channels on which somebody can be told something unasked; the terminal shows it when it is opened."""
        return frozenset({"terminal", *(name for name, channel in self.channels.items() if not channel.limits.only_answers)})

    def nudge(self, now: dt.datetime | None = None) -> int:
        """Turn due follow-ups and tips into deliveries, and failed nudges into others; returns how many. Raises Unavailable."""
        put = undelivered.hand_on(self.engine, now or self.now(), self.speaks_first)
        put += due.sweep(self.engine, self.rules, now or self.now(), self.speaks_first)
        for tips in due_tips(self.kb, self.rules).groups(
            self.engine, now or self.now(), self.speaks_first
        ):  # no nudge waits for all of them
            put += tips + due.sweep(self.engine, self.rules, now or self.now(), self.speaks_first)
        return put

    @property
    def broadcasts(self) -> Broadcasts:
        """Broadcasts, from draft to report."""
        team = self.slack.tokens.only_team if self.slack else str
        return wiring_broadcasts.desk(self.engine, lambda: self.kb, self.channels, self.rules, self.tencent, team, self.now)

    def broadcast(self, now: dt.datetime | None = None) -> int:
        """Begin due broadcasts and look after those that run; returns how many began. Raises Unavailable."""
        return runs.sweep(self.engine, self.broadcasts.ports, now or self.now())

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
            terms = self.terms.get(inbound.address.channel)
            answers.send_answer(self.engine, channel, inbound.address, inbound.message_id, self.now, terms)
        return answer

    def start(self) -> None:
        """Take up what arrives, learn what curators change, and keep up what channels need beside it; in threads."""
        self.knowing.learner.start()
        if self.arrivals.takes:
            self.arrivals.start()
        if self.slack:
            self.slack.start()
            self.ways_in["slack"] = lambda slack=self.slack: slack.state

    def stop(self) -> None:
        """Take up nothing new and let what runs end."""
        self.knowing.learner.stop()
        if self.slack:
            self.slack.stop()
        if self.arrivals.takes:
            self.arrivals.stop()

    def answer_kept(self, payload: Any) -> None:
        """Answer a message that was kept before it could be answered."""
        self.receive(Inbound.model_validate(payload))

    def key_owner(self, key: str) -> str | None:
        """The id of a valid API key."""
        with reading(self.engine) as session:
            row = keys.holder(session, key)
            return row.id if row else None

    def ready(self) -> dict[str, str]:
        """Each part with "ok" or what is wrong with it."""
        return wiring_health.parts(self.engine, self.settings.data_dir, self.knowing.learner.trouble, self.ways_in)


def build(
    settings: Settings,
    *,
    engine: Engine | None = None,
    channels: Mapping[str, Channel] | None = None,
    now: Clock | None = None,
    kb: KnowledgeBase | None = None,
    matcher: Matcher | None = None,
    cache: Path | None = None,
    later: bool = False,
) -> App:
    """Assemble Caucus: `ground`, and all it takes to answer. Raises what `ground` does, and KnowledgeError.

    `cache` is where what was learnt is kept, otherwise than below the data folder.
    `later`: understanding is opened only when something has to be understood (for `caucus work`).
    """
    kb = kb or load()
    under = ground(settings, engine=engine, channels=channels, now=now)
    now, engine = under.now, under.engine
    known = knowing(settings, engine, now, kb, matcher, cache_dir=cache or settings.data_dir / "cache", later=later)
    tencent = wiring_tencent.assemble(settings, engine, now)
    every: dict[str, Channel] = {"web": WebChannel(), **(tencent.channels if channels is None else channels)}
    rules = read_rules(settings.data_dir)
    coach = Coach(engine, known.live, partial(_pushes, every), rules)
    terms: dict[str, Terms] = {}
    app = App(settings, engine, known, coach, every, now, Arrivals(engine, {}, now), terms, tencent, rules)
    for name in tencent.channels:  # what a callback kept and its process did not answer
        app.arrivals.takes[name] = app.answer_kept
    if settings.slack_bot_token.get_secret_value() or settings.slack_client_id:
        from bot import wiring_slack  # slack-bolt takes a moment to import

        sending = wiring_slack.sending(settings, engine, now)
        every.setdefault(wiring_slack.NAME, sending.channel)
        made = wiring_slack.slack(sending, engine, coach, app.arrivals, app.receive, now)
        terms[wiring_slack.NAME] = wiring_slack.TERMS
        app = replace(app, slack=made)
    coach.speaks_first, coach.site, coach.mail_domain = app.speaks_first, site(settings), settings.mail_domain
    coach.mail, coach.clock = mailer(settings), now
    coach.before = BroadcastTalk(engine, app.broadcasts).before
    return app


def _pushes(channels: Mapping[str, Channel], name: str) -> Limits | None:
    """The limits of a channel whose answers we send; None where the caller shows them."""
    channel = channels.get(name)
    return channel.limits if channel and not channel.limits.answers_in_place else None


def terminal(app: App) -> Terminal:
    """The terminal over this app."""
    from adapters.terminal.chat import Terminal  # its libraries are a tenth of all that is imported

    return Terminal(receive=app.receive, collect=app.collect, now=app.now, data_dir=app.settings.data_dir)


def watched(app: App, alive: Callable[[], bool]) -> FastAPI:
    """Health and metrics alone, for a process that serves nothing else; `alive` says whether its own work goes on."""
    server = FastAPI(title="Caucus", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    server.include_router(wiring_health.router(app, alive))
    return server


def web(app: App, *, pace: Pace | None = None, patience: float = PATIENCE) -> FastAPI:
    """Everything that is reached by HTTP; `pace` limits the API otherwise than usual.

    `patience`: seconds after which a callback of WeChat or WeCom is answered without the answer, which comes later.
    """
    server = FastAPI(title="Caucus", version=__version__, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    server.add_exception_handler(Unavailable, api.unavailable)
    callbacks = wiring_tencent.callbacks(app.tencent, app.coach.receive, app.arrivals, patience=patience)
    # first, since every route before the right one is tried: it was a tenth of what an event costs
    for vendor in [*(app.slack.routers() if app.slack else []), *callbacks]:
        server.include_router(vendor)
    desk = Desk(app.engine, app.rules, app.now)
    followups = api.FollowupPorts(desk.followups, desk.follow_up, desk.change_followup)
    broadcasts = wiring_broadcasts.api_ports(app.broadcasts)
    ports = api.ApiPorts(app.receive, app.coach.card, app.key_owner, app.now, app.settings, followups, broadcasts)
    server.include_router(api.router(replace(ports, pace=pace) if pace else ports))
    api_docs.add_to(server)
    server.include_router(wiring_health.router(app))
    for pages in wiring_pages.routers(app, desk):
        server.include_router(pages)
    return server
