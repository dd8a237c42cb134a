"""Tables of conversations, what arrived and what was said in them, votes, and what the curators should see."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Encrypted, Moment, Table
from bot.people.tables import new_id


class ConversationRow(Table):
    """A person's talk in one room; `state` is what the next words refer to. Expires when nobody speaks."""

    __tablename__ = "conversations"
    __table_args__ = (Index("ix_conversations_open", "address_id", "room", "expires_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"))
    room: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[Any] = mapped_column(Encrypted)
    started_at: Mapped[dt.datetime] = mapped_column(Moment)
    expires_at: Mapped[dt.datetime] = mapped_column(Moment)


class InboundRow(Table):
    """One thing said, once per (address, message id), with the answer it got: a repeat gets that very answer."""

    __tablename__ = "inbounds"
    __table_args__ = (UniqueConstraint("address_id", "message_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"))
    message_id: Mapped[str] = mapped_column(String(200))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    said: Mapped[str | None] = mapped_column(Encrypted)
    answer: Mapped[Any] = mapped_column(Encrypted)
    decision: Mapped[str] = mapped_column(String(10))
    intent: Mapped[str | None] = mapped_column(String(60))
    confidence: Mapped[float] = mapped_column(Float)
    received_at: Mapped[dt.datetime] = mapped_column(Moment)


_NOT_DONE = text("open_at IS NOT NULL")


class ArrivalRow(Table):
    """What a vendor told us, kept before it got its 200, once per (channel, key). See `arrivals`."""

    __tablename__ = "arrivals"
    __table_args__ = (
        UniqueConstraint("channel", "key"),
        Index("ix_arrivals_open", "open_at", postgresql_where=_NOT_DONE, sqlite_where=_NOT_DONE),
        Index("ix_arrivals_line", "line", "id", postgresql_where=_NOT_DONE, sqlite_where=_NOT_DONE),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    channel: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(200))
    line: Mapped[str] = mapped_column(String(200), default="")
    """Arrivals of one line wait for each other; an empty line waits for nobody."""
    payload: Mapped[Any] = mapped_column(Encrypted, nullable=True)
    """None when done."""
    arrived_at: Mapped[dt.datetime] = mapped_column(Moment)
    open_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    """From then on it may be taken up (again); None: done or given up."""
    worker: Mapped[str | None] = mapped_column(String(80))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str | None] = mapped_column(String(200))
    """What the last try failed with."""


class VoteRow(Table):
    """Useful or not: the last word of one person on one card."""

    __tablename__ = "votes"
    __table_args__ = (UniqueConstraint("person_id", "card"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    card: Mapped[str] = mapped_column(String(60), index=True)
    useful: Mapped[bool]
    at: Mapped[dt.datetime] = mapped_column(Moment)


class UnansweredRow(Table):
    """A question the curators should see: unknown, asked back, not useful, or a wish to ask a person.

    The words are stripped of what names people, as far as it is recognised, and encrypted. `likely` are the best guesses.
    """

    __tablename__ = "unanswered"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    workspace_id: Mapped[str | None] = mapped_column(ForeignKey("workspaces.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    said: Mapped[str] = mapped_column(Encrypted)
    lang: Mapped[str] = mapped_column(String(2))
    reason: Mapped[str] = mapped_column(String(20))
    likely: Mapped[Any] = mapped_column(JSON)
    chosen: Mapped[str | None] = mapped_column(String(60))
    """What the person tapped after "did you mean"."""
    at: Mapped[dt.datetime] = mapped_column(Moment)
    settled_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    """When a curator dealt with it."""
