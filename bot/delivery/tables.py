"""The deliveries table: one row per card to one address, from waiting to its end."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Encrypted, Moment, Table
from bot.people.tables import new_id

STATES = ("waiting", "sending", "sent", "failed", "in_doubt")


class DeliveryRow(Table):
    """One card to one address. `id` is the key given to the vendor, the same for every try.

    waiting (due at `due_at`) → sending (the intent, committed before the send) → sent, failed or in_doubt.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_reply", "address_id", "reply_to"),
        Index("ix_deliveries_due", "due_at", postgresql_where=text("state = 'waiting'"), sqlite_where=text("state = 'waiting'")),
        Index(
            "ix_deliveries_sending",
            "moved_at",
            postgresql_where=text("state = 'sending'"),
            sqlite_where=text("state = 'sending'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(20))
    room: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[str] = mapped_column(String(12))
    reply_to: Mapped[str | None] = mapped_column(String(200))
    """The message id that an answer answers."""
    part: Mapped[int] = mapped_column(Integer, default=0)
    """Which card of that answer, from 0: they are sent in this order."""
    card: Mapped[Any] = mapped_column(Encrypted)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    due_at: Mapped[dt.datetime] = mapped_column(Moment)
    moved_at: Mapped[dt.datetime] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    vendor_id: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str | None] = mapped_column(String(200))
