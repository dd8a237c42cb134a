"""What the tests of broadcasts share: people of some zones and languages, and a desk over channels that record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.broadcasts.desk import Desk, Who
from bot.channel import Channel, Limits, Receipt
from bot.cli.rounds import Rounds
from bot.db import writing
from bot.messages import Address, Card
from bot.people import directory
from bot.people.tables import AddressRow, PersonRow
from bot.settings import Settings
from bot.wiring import build
from knowledge.load import KnowledgeBase

MONDAY = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
"""A working day in every country of these tests, past the quiet hours of Europe and before those of China."""
SAYS = {"en": "Ask twice before you say yes.", "zh": "答应之前，先问两遍。"}


class Post:
    """A channel that keeps who got what, and fails for whom it is told to."""

    def __init__(self, name: str = "slack", limits: Limits | None = None) -> None:
        self.name = name
        usual = Limits(longest_text=4_000, text_unit="characters", most_buttons=5, takes_key=True, answers_in_place=name == "web")
        self.limits = limits or usual
        self.got: list[tuple[str, Card]] = []
        self.places: list[str] = []
        self.faults: dict[str, Exception] = {}
        self.refuse: Exception | None = None

    def send(self, address: Address, card: Card, key: str) -> Receipt:
        if fault := self.faults.get(address.external_id) or self.refuse:
            raise fault
        self.got.append((address.external_id, card))
        self.places.append(address.place)
        return Receipt(vendor_id=key)

    def find(self, key: str) -> Receipt | None:
        raise NotImplementedError

    @property
    def who(self) -> list[str]:
        return sorted(name for name, _ in self.got)


class House:
    """An app whose clock can be moved, and who acts in it."""

    def __init__(self, settings: Settings, engine: Engine, kb: KnowledgeBase, channels: Mapping[str, Channel] | None) -> None:
        self.now = MONDAY
        self.app = build(settings, engine=engine, kb=kb, channels=channels, now=lambda: self.now, later=True)
        self.engine: Engine = self.app.engine

    @property
    def desk(self) -> Desk:
        return self.app.broadcasts

    def person(self, name: str, *, role: str = "member", **about: Any) -> str:
        """Somebody at `channel:id` (of Slack: `slack:TEAM/USER`) with a zone, lang, quiet; their id."""
        with writing(self.engine) as session:
            return person(session, name, role=role, **about).id

    def as_(self, name: str) -> Who:
        return lambda session: directory.find(session, name)

    def draft(self, by: str = "slack:T1/ADMIN", segment: str = "workspace", **says: str) -> str:
        return self.desk.draft(self.as_(by), {"segment": segment, **(says or SAYS)})["id"]

    def act(self, broadcast: str, action: str, by: str = "slack:T1/ADMIN", **given: str) -> dict[str, Any]:
        return self.desk.act(self.as_(by), broadcast, action, given)

    def work(self, at: dt.datetime | None = None) -> int:
        """All rounds that are due at a moment."""
        self.now = at or self.now
        return Rounds(self.app).once(self.now)


def person(session: Session, name: str, *, role: str = "member", **about: Any) -> PersonRow:
    channel, _, external_id = name.partition(":")
    team = external_id.partition("/")[0] if channel == "slack" else {"wecom": "corp"}.get(channel, "")
    found, row = directory.at_address(session, Address(channel=channel, external_id=external_id, workspace=team), MONDAY)
    found.role = role
    for field, value in about.items():
        setattr(row if field in ("preferred", "left_at", "locale") else found, field, value)
    session.flush()
    return found


def address_of(session: Session, name: str) -> AddressRow:
    channel, _, external_id = name.partition(":")
    return directory.at_address(session, Address(channel=channel, external_id=external_id), MONDAY)[1]
