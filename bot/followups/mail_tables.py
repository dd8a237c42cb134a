"""Tables of copied mail: whose secret address is it, and which mails were taken in?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Encrypted, Moment, Table
from bot.people.tables import new_id

ASKED = text("copied_mails.question = 'open'")
"""The few mails whose question waits; written out, so that both databases see that the partial index fits."""
_ASKED = text("question = 'open'")


class MailAddressRow(Table):
    """The secret address of a person, one at a time; only the SHA-256 of its token is kept (80 random bits)."""

    __tablename__ = "mail_addresses"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[dt.datetime] = mapped_column(Moment)


class CopiedMailRow(Table):
    """One mail that was taken in, and what came of it; a repeat of the same bytes finds this row and does nothing.

    `outcome` is what `mail ingest` prints (excerpt included, no body). `question` is set while or after the person was
    asked about the mail: open, yes, no, or expired.
    """

    __tablename__ = "copied_mails"
    __table_args__ = (
        UniqueConstraint("person_id", "digest"),
        Index("ix_copied_mails_message", "person_id", "message"),
        Index("ix_copied_mails_taken", "taken_at"),
        Index("ix_copied_mails_asked", "person_id", postgresql_where=_ASKED, sqlite_where=_ASKED),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the bytes that were read."""
    message: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the Message-ID, of an authenticated mail only: nobody else's may pass for the one we have."""
    action: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[dict[str, Any]] = mapped_column(Encrypted)
    held: Mapped[dict[str, Any] | None] = mapped_column(Encrypted)
    """What is done when the person says yes; emptied with the answer."""
    question: Mapped[str | None] = mapped_column(String(8))
    taken_at: Mapped[dt.datetime] = mapped_column(Moment)
