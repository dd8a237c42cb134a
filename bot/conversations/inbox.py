"""Was this said before? Once only per (address, message id); and which conversation does it belong to?

Functions take the caller's session and commit nothing themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from sqlalchemy import Table as SqlTable
from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from bot.conversations.tables import ConversationRow, InboundRow
from bot.delivery import shown
from bot.messages import Address, Answer, Exchange, Inbound
from bot.people.tables import AddressRow

OPEN_FOR = dt.timedelta(hours=12)
"""A conversation that nobody continues for so long is over: "why?" then refers to nothing."""

_ANSWERED = (
    select(InboundRow.answer)
    .join(AddressRow, AddressRow.id == InboundRow.address_id)
    .where(
        AddressRow.channel == bindparam("at_channel"),
        AddressRow.external_id == bindparam("at_id"),
        InboundRow.message_id == bindparam("message_id"),
    )
)
_OPEN = (
    select(ConversationRow)
    .where(ConversationRow.address_id == bindparam("at"), ConversationRow.room == bindparam("in_room"))
    .where(ConversationRow.expires_at > bindparam("now"))
    .order_by(ConversationRow.expires_at.desc())
    .limit(1)
    .with_for_update()  # messages of one talk wait for each other, else the later overwrites what the earlier meant
)

_KEPT = select(InboundRow.received_at, InboundRow.said, InboundRow.answer, InboundRow.message_id).join(
    AddressRow, AddressRow.id == InboundRow.address_id
)
_STORE = insert(cast("SqlTable", InboundRow.__table__))
"""Nobody reads the row back: a unit of work for each message would cost three times as much."""


@dataclass
class State:
    """What the next words may refer to."""

    card: str | None = None
    """The card before the person."""
    choices: list[tuple[str, str]] = field(default_factory=list)
    """(id, title) of what the last answer offered, in order: typing the number is the choice."""
    said: str = ""
    """The last question, for the curators if the person wants them to have it."""
    likely: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    """Pages of the last answer that did not fit into one message."""
    asked: int | None = None
    """The kept question behind a "did you mean"."""
    pending: str | None = None
    """What a yes or no would answer."""
    lang: str | None = None
    flow: dict[str, Any] | None = None
    """A running flow's progress, see flow_talk."""
    draft: dict[str, Any] | None = None
    """A follow-up that is being made or moved, see followup_draft."""
    matter: str | None = None
    """The follow-up we speak of: "done" means this one."""
    listed: list[str] = field(default_factory=list)
    """The follow-ups shown last, in their order: "the second one"."""
    nudged: str | None = None
    """When the newest nudge came that these words may refer to."""
    asked_mail: str | None = None
    """When the newest question about a copied mail came that a number may answer."""
    whom: str | None = None
    """The copied mail whose counterpart the next words may name, see mail_talk."""
    own_email: dict[str, Any] | None = None
    """The address whose code we wait for, see my_email."""
    heard: str | None = None
    """When they last spoke here: a tip that was sent later is what a number means."""

    @classmethod
    def read(cls, stored: Any) -> State:
        """From the table; an unknown field of a newer version is dropped."""
        known = {k: v for k, v in (stored or {}).items() if k in cls.__dataclass_fields__}
        known["choices"] = [(str(a), str(b)) for a, b in known.get("choices", [])]
        return cls(**known)

    def stored(self) -> dict[str, Any]:
        """For the table; empty fields are left out."""
        return {k: v for k, v in asdict(self).items() if v}


def answered_before(session: Session, address: Address, message_id: str) -> Answer | None:
    """The stored answer when this very message was handled already."""
    where = {"at_channel": address.channel, "at_id": address.external_id, "message_id": message_id}
    stored = session.connection().execute(_ANSWERED, where).scalar()
    return Answer.model_validate(stored) if stored is not None else None


def state_in(session: Session, address: Address, room: str, now: dt.datetime) -> State | None:
    """The state of the open conversation in a room, to look at; None: there is none."""
    stored = session.scalar(
        select(ConversationRow.state)
        .join(AddressRow, AddressRow.id == ConversationRow.address_id)
        .where(AddressRow.channel == address.channel, AddressRow.external_id == address.external_id)
        .where(ConversationRow.room == room, ConversationRow.expires_at > now)
        .order_by(ConversationRow.expires_at.desc())
        .limit(1)
    )
    return None if stored is None else State.read(stored)


def conversation(session: Session, address: AddressRow, inbound: Inbound) -> ConversationRow:
    """The open conversation in this room, or a new one; `store` keeps it open."""
    now = inbound.received_at
    row = session.scalar(_OPEN, {"at": address.id, "in_room": inbound.room, "now": now})
    if row is None:
        row = ConversationRow(address_id=address.id, room=inbound.room, state={}, started_at=now, expires_at=now + OPEN_FOR)
        session.add(row)
        session.flush()
    return row


def store(session: Session, talk: ConversationRow, state: State, inbound: Inbound, answer: Answer) -> None:
    """Keep what was said with its answer and what the next words may mean; the talk stays open for OPEN_FOR from now.

    The unique key makes a second, simultaneous handling fail here.
    """
    talk.state, talk.expires_at = state.stored(), inbound.received_at + OPEN_FOR
    said = {
        "address_id": talk.address_id,
        "message_id": inbound.message_id,
        "conversation_id": talk.id,
        "said": inbound.text or inbound.choice,
        "answer": answer.model_dump(mode="json", exclude_defaults=True),
        "decision": answer.decision,
        "intent": answer.intent,
        "confidence": answer.confidence,
        "received_at": inbound.received_at,
    }
    session.connection().execute(_STORE, said)


def history(session: Session, address: Address, room: str, now: dt.datetime) -> list[Exchange]:
    """The open conversation of a room, and what came unasked, oldest first; what was pressed by its id."""
    rows = session.execute(
        _KEPT.join(ConversationRow, ConversationRow.id == InboundRow.conversation_id)
        .where(
            AddressRow.channel == address.channel,
            AddressRow.external_id == address.external_id,
            ConversationRow.room == room,
            ConversationRow.expires_at > now,
        )
        .order_by(InboundRow.id)
    )
    unasked = shown.pushed(session, address, now - shown.KEPT_IN_SIGHT)
    came = [Exchange(at=at, said="", answer=answer) for at, answer in unasked]
    return sorted([*_exchanges(rows), *came], key=lambda each: each.at)


def past(session: Session, address: Address, most: int = 2_000) -> list[Exchange]:
    """All conversations at an address that are kept; the newest `most`, oldest first; what was pressed by its id."""
    rows = session.execute(
        _KEPT.where(AddressRow.channel == address.channel, AddressRow.external_id == address.external_id)
        .order_by(InboundRow.id.desc())
        .limit(most)
    ).all()
    return _exchanges(reversed(rows))


def _exchanges(rows: Iterable[Any]) -> list[Exchange]:
    return [
        Exchange(
            at=row.received_at,
            said=row.said or "",
            answer=Answer.model_validate(row.answer),
            message_id=row.message_id,
            forgotten=row.said is None,
        )
        for row in rows
    ]
