"""What the delivery benchmark sends, to whom, and a vendor that takes 1 ms."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from threading import Event

from sqlalchemy import Engine, SelectBase, func, insert, literal, select

from bot.channel import Limits, Receipt
from bot.db import Moment, reading, writing
from bot.messages import Address, Card
from bot.people import directory
from bot.people.tables import AddressRow, PersonRow

CARD = Card(id="nudge", kind="notice", lang="en", title="Call them", text="A short text that is sent as it stands. " * 4)


class Slow:
    """A vendor that takes 1 ms."""

    name = "slack"
    limits = Limits(longest_text=4_000, text_unit="characters", most_buttons=5, takes_key=True)

    def __init__(self, wanted: int) -> None:
        self.sent: list[tuple[str, float]] = []
        self.wanted, self.done = wanted, Event()

    def send(self, address: Address, card: Card, key: str) -> Receipt:
        """Sleep, note, thank."""
        time.sleep(0.001)
        self.sent.append((key, time.time()))
        if len(self.sent) >= self.wanted:
            self.done.set()
        return Receipt(vendor_id=key)

    def find(self, key: str) -> Receipt | None:
        """Never asked."""
        raise NotImplementedError


def now() -> dt.datetime:
    """The real time."""
    return dt.datetime.now(dt.UTC)


def addresses(engine: Engine, number: int) -> list[AddressRow]:
    """So many people in one workspace."""
    with writing(engine) as session:
        _, first = directory.at_address(session, Address(channel="slack", external_id="T/first", workspace="T"), now())
        known = session.scalar(select(func.count()).select_from(AddressRow)) or 0
        ids = [(uuid.uuid4().hex, uuid.uuid4().hex) for _ in range(number - known)]
        same = {"channel": "slack", "workspace_id": first.workspace_id, "created_at": now()}
        if ids:
            session.execute(insert(PersonRow), [{"id": p, "role": "member", "created_at": now()} for p, _ in ids])
            session.execute(insert(AddressRow), [{"id": a, "external_id": f"T/{a}", "person_id": p, **same} for p, a in ids])
    with reading(engine) as session:
        return list(session.scalars(select(AddressRow).limit(10_000)))


def everybody(due: dt.datetime, number: int) -> SelectBase:
    """The audience of a broadcast."""
    columns = (AddressRow.id.label("address_id"), AddressRow.channel, AddressRow.workspace_id)
    return select(*columns, literal("en").label("lang"), literal(due, Moment()).label("due_at")).limit(number)
