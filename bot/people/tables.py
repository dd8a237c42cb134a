"""Tables of people, workspaces and their installations, addresses and API keys."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String, UniqueConstraint, false
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
    second_approval: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether a broadcast to its people needs the approval of a second person."""


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
    spoken: Mapped[str | None] = mapped_column(String(2))
    """The language they last spoke: what comes to them unasked is in it, unless they chose one."""
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
    preferred: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Where the person wants what comes unasked, of all their addresses."""
    profile_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    """When the vendor was last asked who this is."""
    zone: Mapped[str | None] = mapped_column(String(64))
    """What the vendor says; the person's own word counts more."""
    locale: Mapped[str | None] = mapped_column(String(20))
    left_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    """When they left the workspace, were deactivated there or unsubscribed: nothing is sent to them."""
    zone_asked_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    """When they were asked where they are, on a channel that does not tell: once."""


class Installation(Table):
    """A workspace's leave for us to work in it: tokens (encrypted) and what the vendor told with them."""

    __tablename__ = "installations"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    secrets: Mapped[Any] = mapped_column(Encrypted, nullable=True)
    """Token and refresh token; None once it was uninstalled."""
    details: Mapped[Any] = mapped_column(JSON)
    """What is no secret: the bot's ids, granted scopes."""
    expires_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    """When the token ends; None: never."""
    rotating_until: Mapped[dt.datetime | None] = mapped_column(Moment)
    """Somebody is changing the token until then at most."""
    installed_at: Mapped[dt.datetime] = mapped_column(Moment)
    removed_at: Mapped[dt.datetime | None] = mapped_column(Moment)


class InstallState(Table):
    """The `state` of an installation under way, as its hash: deleted by whoever uses it, so used once."""

    __tablename__ = "install_states"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)


class LinkCode(Table):
    """A code told on one address, to be typed on another of the same person; a person has one at most. Only its hash is kept."""

    __tablename__ = "link_codes"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"))
    expires_at: Mapped[dt.datetime] = mapped_column(Moment)


class LinkTries(Table):
    """How many wrong codes were typed at an address until a moment: after five it has to wait."""

    __tablename__ = "link_tries"

    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"), primary_key=True)
    wrong: Mapped[int] = mapped_column(Integer, default=0)
    until: Mapped[dt.datetime] = mapped_column(Moment)


class ApiKey(Table):
    """A key of the JSON API; only its SHA-256 is kept (the key has 256 random bits, so no slow hash is needed)."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(60))
    """Of the tool that uses it, in clear: whoever makes a key is told to name no person in it."""
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(10), default="member")
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(Moment)


class AuditRow(Table):
    """Who did what, when, on what: never what was said. Names nobody who was erased."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    by: Mapped[str] = mapped_column(String(12))
    """`person` (`actor_id`), `operator` (the command line), `slack` (its word on who its admins are) or `clock`."""
    actor_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    what: Mapped[str] = mapped_column(String(40))
    """Such as role, broadcast.draft, broadcast.start."""
    subject_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    """The person it was done to."""
    target: Mapped[str | None] = mapped_column(String(40))
    """The id of the broadcast it was done to."""
    details: Mapped[Any] = mapped_column(JSON)
    """Numbers, states, roles: nothing that anybody said."""


class SignInLink(Table):
    """A link that signs somebody in at the web, once. Its hash is kept past its end for a while, to say what became of it."""

    __tablename__ = "sign_in_links"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(12))
    """How it was told: chat, mail, invitation, serve."""
    made_at: Mapped[dt.datetime] = mapped_column(Moment)
    expires_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    used_at: Mapped[dt.datetime | None] = mapped_column(Moment)


class WebSession(Table):
    """A browser that is signed in. Of its cookie only the hash is kept; to end the session is to delete the row."""

    __tablename__ = "web_sessions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    device: Mapped[str | None] = mapped_column(Encrypted)
    """Browser and system, as the person knows their own devices apart."""
    made_at: Mapped[dt.datetime] = mapped_column(Moment)
    seen_at: Mapped[dt.datetime] = mapped_column(Moment)
    expires_at: Mapped[dt.datetime] = mapped_column(Moment)
