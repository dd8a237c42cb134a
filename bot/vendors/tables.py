"""Tables of what vendors grant: tokens shared by all processes, windows an address, calls counted a day."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Encrypted, Moment, Table


class TokenRow(Table):
    """One access token, shared by all processes. Whoever holds the lease fetches the next; the others wait or use this."""

    __tablename__ = "vendor_tokens"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    value: Mapped[str | None] = mapped_column(Encrypted)
    expires_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    holder: Mapped[str | None] = mapped_column(String(32))
    leased_until: Mapped[dt.datetime | None] = mapped_column(Moment)


class WindowRow(Table):
    """So many messages may still go to an address until a moment; see `bot.channel.Window`."""

    __tablename__ = "windows"

    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"), primary_key=True)
    opened_by: Mapped[str] = mapped_column(String(40), primary_key=True)
    left: Mapped[int] = mapped_column(Integer)
    until: Mapped[dt.datetime | None] = mapped_column(Moment)
    """None: until used up."""


class QuotaRow(Table):
    """How often one call was made on one day, or in one month; they are the vendor's (Beijing)."""

    __tablename__ = "quotas"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    """2026-11-22, or 2026-11."""
    count: Mapped[int] = mapped_column(Integer, default=0)
