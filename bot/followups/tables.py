"""What is kept of a follow-up? The counterpart, the matter that waits, its mails, its history, the workspace's cadence.

Names, addresses, numbers, subjects and excerpts are encrypted. What must be found without reading it has a digest
beside it: e-mail addresses (`bot.people.directory.email_digest`) and Message-IDs (`message_digest`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Encrypted, Moment, Table
from bot.followups.threads import id_key
from bot.people.tables import new_id

OPEN_STATES = ("open", "snoozed", "escalated")
"""Those that wait for something; `bot.followups.known` reads the same."""
ENDED_STATES = ("closed", "cancelled", "archived")
REACH = ("wechat", "text", "phone", "email", "meeting")
"""How a counterpart is best reached."""
_CARRIED = text("delivery_id IS NOT NULL")
_DUE = text("state IN ('open', 'snoozed', 'escalated')")


class ContactRow(Table):
    """A counterpart of one person: who they are, how and when they are reached. Nobody else sees it."""

    __tablename__ = "contacts"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Encrypted)
    organisation: Mapped[str | None] = mapped_column(Encrypted)
    phones: Mapped[Any] = mapped_column(Encrypted)
    """Numbers the person typed themselves, newest last; never one that stood in a mail."""
    wechat: Mapped[str | None] = mapped_column(Encrypted)
    reach: Mapped[str] = mapped_column(String(10), default="")
    """One of REACH; empty: not known."""
    lang: Mapped[str] = mapped_column(String(2), default="")
    """The language of the ready texts; empty: that of their zone's country."""
    zone: Mapped[str] = mapped_column(String(64), default="Asia/Shanghai")
    nudged_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    """When the person was last nudged about them: at most once a day."""
    created_at: Mapped[dt.datetime] = mapped_column(Moment)


class ContactEmailRow(Table):
    """An e-mail address of a counterpart; one counterpart of a person has it."""

    __tablename__ = "contact_emails"
    __table_args__ = (UniqueConstraint("person_id", "digest"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(Encrypted)
    digest: Mapped[str] = mapped_column(String(64))


class FollowupRow(Table):
    """The matter that waits for the counterpart.

    open, snoozed or escalated → closed (done, replied, called), cancelled or archived. `due_at` is the next moment
    something happens; `zone` and `wall` are what was meant, so that a change of summer-time rules can be redone.
    """

    __tablename__ = "followups"
    __table_args__ = (
        UniqueConstraint("person_id", "origin"),
        Index("ix_followups_person", "person_id", "state"),
        Index("ix_followups_due", "due_at", postgresql_where=_DUE, sqlite_where=_DUE),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    address_id: Mapped[str | None] = mapped_column(ForeignKey("addresses.id", ondelete="SET NULL"), index=True)
    """Where it was set up; nudges go there first."""
    origin: Mapped[str | None] = mapped_column(String(200))
    """What made it, so that the same thing makes it once: `mail:DIGEST`, `api:REQUEST`."""
    kind: Mapped[str] = mapped_column(String(16), default="normal")
    """normal, or verify_by_phone: only "I called the number I already had" closes that."""
    state: Mapped[str] = mapped_column(String(10), default="open")
    reason: Mapped[str] = mapped_column(String(40), default="")
    """Why it is in this state: copied, not_delivered, out_of_office, replied, …"""
    subject: Mapped[str] = mapped_column(Encrypted)
    excerpt: Mapped[str | None] = mapped_column(Encrypted)
    reach: Mapped[str] = mapped_column(String(10), default="")
    """One of REACH, where the person said how they want to follow up; empty: as the contact is reached."""
    lang: Mapped[str] = mapped_column(String(2), default="en")
    """The language its nudges are in, unless it is known which the person reads."""
    sent_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    """When the e-mail went out: the cadence counts from here."""
    step: Mapped[str] = mapped_column(String(12), default="notice")
    """The step of the cadence that is due at `due_at`."""
    touches: Mapped[int] = mapped_column(Integer, default=0)
    """How often the person was nudged to reach out; three to one counterpart, over all matters, and it asks what to do."""
    due_at: Mapped[dt.datetime] = mapped_column(Moment)
    zone: Mapped[str] = mapped_column(String(64))
    wall: Mapped[str] = mapped_column(String(16))
    """`2026-11-26T09:00` in `zone`."""
    fixed: Mapped[bool] = mapped_column(Boolean, default=False)
    """The person named this time: it is kept, whatever the counterpart's hours."""
    deadline: Mapped[dt.datetime | None] = mapped_column(Moment)
    nudged_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    ended_at: Mapped[dt.datetime | None] = mapped_column(Moment)


class FollowupContactRow(Table):
    """Whom a follow-up waits for; several recipients of one mail are one follow-up."""

    __tablename__ = "followup_contacts"

    followup_id: Mapped[str] = mapped_column(ForeignKey("followups.id", ondelete="CASCADE"), primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(Integer, default=0)


class FollowupMailRow(Table):
    """A Message-ID of the thread a follow-up is about."""

    __tablename__ = "followup_mails"
    __table_args__ = (
        UniqueConstraint("followup_id", "digest"),
        Index("ix_followup_mails_digest", "person_id", "digest"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    followup_id: Mapped[str] = mapped_column(ForeignKey("followups.id", ondelete="CASCADE"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    message_id: Mapped[str] = mapped_column(Encrypted)
    digest: Mapped[str] = mapped_column(String(64))


class FollowupEventRow(Table):
    """One thing that happened to a follow-up. `before` is what it was, so that the last one can be undone.

    Of a nudge, a bounce and an absence it also has `about`: the ids of the counterparts whom that concerned.
    """

    __tablename__ = "followup_events"
    __table_args__ = (Index("ix_followup_events_delivery", "delivery_id", postgresql_where=_CARRIED, sqlite_where=_CARRIED),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    followup_id: Mapped[str] = mapped_column(ForeignKey("followups.id", ondelete="CASCADE"), index=True)
    what: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(10))
    """person, mail or coach."""
    note: Mapped[str | None] = mapped_column(Encrypted)
    before: Mapped[Any] = mapped_column(JSON)
    delivery_id: Mapped[str | None] = mapped_column(String(32))
    """Of a nudge: the delivery that carries it."""
    at: Mapped[dt.datetime] = mapped_column(Moment)


class CadenceRow(Table):
    """A workspace's own cadence, in the form of `cadence.yaml`; without a row that file holds."""

    __tablename__ = "cadences"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    steps: Mapped[Any] = mapped_column(JSON)
    set_at: Mapped[dt.datetime] = mapped_column(Moment)


def message_digest(message_id: str) -> str:
    """How a Message-ID is looked up: SHA-256 of the id without brackets, in small letters."""
    return hashlib.sha256(id_key(message_id).encode("utf-8", "surrogatepass")).hexdigest()
