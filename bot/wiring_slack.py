"""Slack's part of the composition root: what its adapter needs of the house. Beside bot/wiring, which calls it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Engine, select

from adapters.slack import check
from adapters.slack.assembly import Sending, Slack
from adapters.slack.ports import Field, Form, Installations, Outward, SlackPorts
from adapters.slack.tokens import Tokens
from bot import wiring_tips
from bot.broadcasts import consent
from bot.channel import Installed, Profile
from bot.conversations import flow_form
from bot.conversations.arrivals import Arrivals
from bot.conversations.coach import Coach
from bot.conversations.tables import InboundRow
from bot.db import reading, writing
from bot.delivery import answers, holds
from bot.delivery.pace import Rate
from bot.delivery.terms import Terms
from bot.followups import ledger
from bot.followups.rules import Rules, read_rules
from bot.followups.tables import FollowupRow
from bot.followups.worktime import find_zone
from bot.messages import Address, Answer, Card, Inbound, Lang
from bot.people import directory, installations, roles
from bot.people.tables import AddressRow, PersonRow
from bot.settings import Settings

NAME = "slack"
TERMS = Terms(hard_timeout=30.0, settling=5.0, in_doubt="hold", per_workspace=Rate(8.0, 8))
"""Slack names no number for a workspace; 525 messages a minute are known to pass (help.moveworks.com, read 2026-11)."""
KEPT_AFTER_REMOVAL = dt.timedelta(days=30)
MOST_FOLLOWUPS = 10
MOST_SEEN = 40
"""Messages of a person in which cards they saw lately are looked for."""


def sending(settings: Settings, engine: Engine, now: Callable[[], dt.datetime]) -> Sending:
    """The outgoing half over this engine; needs neither knowledge nor understanding."""
    rows = _Sent(engine, now, read_rules(settings.data_dir))
    known = _installations(engine, now)
    return Sending(Outward(settings, known, rows.delivered, rows.profile, rows.note_profile, now))


def slack(
    out: Sending,
    engine: Engine,
    coach: Coach,
    arrivals: Arrivals,
    receive: Callable[[Inbound], Answer],
    now: Callable[[], dt.datetime],
) -> Slack:
    """All of Slack over this engine and coach; registers what is done with its arrivals."""

    def store(key: str, line: str, payload: Any, *, unless: Sequence[str] = ()) -> bool:
        return arrivals.store(NAME, key, line, payload, unless=unless)

    rows = _Seen(engine, coach)
    ports = SlackPorts(
        receive=receive,
        store=store,
        talks=lambda address, room: bool(coach.history(address, room, now())),
        card=coach.card,
        recent=rows.recent,
        form=rows.form,
        form_choice=lambda flow, given: flow_form.choice(coach.kb, flow, given),
        outward=out.ports,
        followups=rows.followups,
        tips=partial(wiring_tips.status, engine),
    )
    made = Slack(ports, out)
    arrivals.takes[NAME] = made.take
    return made


def points(settings: Settings, engine: Engine) -> list[tuple[str, str]]:
    """Each point of Slack's set-up with "ok" or what to do about it; for the doctor."""

    def now() -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    known = _installations(engine, now)
    return list(check.look(settings, Tokens(settings, known, now), known.every()))


@dataclass(frozen=True)
class _Sent:
    engine: Engine
    now: Callable[[], dt.datetime]
    rules: Rules

    def delivered(self, key: str) -> tuple[Card, Address, dt.datetime] | None:
        with reading(self.engine) as session:
            return answers.card_of(session, key)

    def profile(self, address: Address) -> tuple[Profile, str | None, str | None]:
        with reading(self.engine) as session:
            return directory.profile(session, address)

    def note_profile(self, address: Address, told: Profile) -> None:
        with writing(self.engine) as session:
            if moved := directory.note_profile(session, address, told, self.now()):
                consent.replan(session, moved, self.rules, self.now())
            if told.admin:
                roles.welcome_slack_admin(session, directory.known(session, address), self.now())


@dataclass(frozen=True)
class _Seen:
    engine: Engine
    coach: Coach

    def recent(self, address: Address) -> list[str]:
        asked = (
            select(InboundRow.intent)
            .join(AddressRow, AddressRow.id == InboundRow.address_id)
            .where(AddressRow.channel == address.channel, AddressRow.external_id == address.external_id)
            .order_by(InboundRow.id.desc())
            .limit(MOST_SEEN)
        )
        with reading(self.engine) as session:
            return list(dict.fromkeys(intent for intent in session.scalars(asked) if intent in self.coach.kb.cards))

    def followups(self, address: Address, lang: Lang) -> list[tuple[str, str]]:
        with reading(self.engine) as session:
            owner = select(PersonRow).join(AddressRow, AddressRow.person_id == PersonRow.id)
            mine = owner.where(AddressRow.channel == address.channel, AddressRow.external_id == address.external_id)
            person = session.scalar(mine)
            rows = ledger.open_ones(session, person, MOST_FOLLOWUPS) if person else []
            waiting = ledger.contacts_of(session, rows)
            return [
                (f"fu:show:{row.id}", _line(row, [c.name or "" for c in waiting.get(row.id, [])], person, lang)) for row in rows
            ]

    def form(self, flow: str, lang: Lang) -> Form | None:
        found = flow_form.questions(self.coach.kb, flow, lang)
        return Form(flow, found[0], [Field(*field) for field in found[1]]) if found else None


def _line(row: FollowupRow, names: list[str], person: PersonRow | None, lang: Lang) -> str:
    """Who, what, when on their own clock, short enough for a button."""
    zone = find_zone(person.zone) if person and person.zone else dt.UTC
    here = row.due_at.astimezone(zone)
    day = f"{here.month}月{here.day}日 {here:%H:%M}" if lang == "zh" else f"{here.day} {here:%b} {here:%H:%M}"
    return " · ".join(part for part in (day, next(iter(names), ""), row.subject) if part)


def _installations(engine: Engine, now: Callable[[], dt.datetime]) -> Installations:
    def find(workspace: str) -> Installed | None:
        with reading(engine) as session:
            return installations.find(session, NAME, workspace)

    def every() -> list[Installed]:
        with reading(engine) as session:
            return installations.all_of(session, NAME)

    def save(installed: Installed) -> None:
        with writing(engine) as session:
            workspace = installations.save(session, NAME, installed, now())
            holds.speak_again(session, NAME, workspace.id)

    def change(installed: Installed) -> None:
        with writing(engine) as session:
            installations.change_token(session, NAME, installed)

    def remove(workspace: str, at: float) -> None:
        with writing(engine) as session:
            ago = max(0.0, time.time() - at) if at else 0.0  # Slack's times are real ones, ours may have been set
            moment = now() - dt.timedelta(seconds=ago)
            if found := installations.remove(session, NAME, workspace, moment, now()):
                holds.silence(session, NAME, found.id, now())

    def erase_removed() -> int:
        with writing(engine) as session:
            return installations.erase_removed(session, NAME, now() - KEPT_AFTER_REMOVAL)

    def begin_rotation(workspace: str, token_ends: dt.datetime) -> bool:
        with writing(engine) as session:
            return installations.begin_rotation(session, NAME, workspace, token_ends, now())

    def new_state() -> str:
        with writing(engine) as session:
            return installations.new_state(session, now())

    def use_state(state: str) -> bool:
        with writing(engine) as session:
            return installations.use_state(session, state, now())

    return Installations(find, every, save, change, remove, begin_rotation, erase_removed, new_state, use_state)
