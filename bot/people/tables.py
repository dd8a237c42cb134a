"""Tables of people, workspaces, addresses and API keys."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Encrypted, Moment, Table


def new_id() -> str:
    """A random id, 32 hex digits: says nothing about order or number."""
    return uuid.uuid4().hex


class Workspace(Table):
    """A tenant of one channel: a Slack team, a WeCom corp, a WeChat account, this installation's own web."""

    __tablename__ = "workspaces"
    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    channel: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[dt.datetime] = mapped_column(Moment)


class PersonRow(Table):
    """Somebody we coach. Name and e-mail are encrypted; `email_digest` finds a person by e-mail without reading it."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str | None] = mapped_column(Encrypted)
    email: Mapped[str | None] = mapped_column(Encrypted)
    email_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    zone: Mapped[str | None] = mapped_column(String(64))
    lang: Mapped[str | None] = mapped_column(String(2))
    """The language the person chose; None: answer in the language of the message."""
    quiet: Mapped[str | None] = mapped_column(String(11))
    """`22:00-07:00` on the person's clock, in which nothing comes unasked; `off`: none; None: the usual hours."""
    role: Mapped[str] = mapped_column(String(10), default="member")
    created_at: Mapped[dt.datetime] = mapped_column(Moment)


class AddressRow(Table):
    """Where a person is reached on one channel; one row per vendor id."""

    __tablename__ = "addresses"
    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    channel: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(String(200))
    workspace_id: Mapped[str | None] = mapped_column(ForeignKey("workspaces.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    heard_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    """When the person last spoke here, to the hour: what comes unasked goes where they were heard last."""


class ApiKey(Table):
    """A key of the JSON API; only its SHA-256 is kept (the key has 256 random bits, so no slow hash is needed)."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(60))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(10), default="member")
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(Moment)
