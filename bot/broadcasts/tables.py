"""What is kept of tips and of who wants what is sent to many? Subscriptions, opt-outs, and the tips a person was shown."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, Integer, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Moment, Table
from bot.people.tables import new_id

_ON = text("next_tip_at IS NOT NULL")
VOTES = ("useful", "not_now", "fewer")


class SubscriptionRow(Table):
    """Whether, when and where somebody gets tips unasked; without a row they never said.

    Of two people who turn out to be one, the row that changed last holds (`info`, see `bot.people.linking`).
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        Index("ix_subscriptions_due", "next_tip_at", postgresql_where=_ON, sqlite_where=_ON),
        {"info": {"newest": "changed_at"}},
    )

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    tips: Mapped[bool] = mapped_column(default=False, server_default=false())
    rhythm: Mapped[str] = mapped_column(String(12), default="weekly")
    """One of `consent.WEEKS`."""
    weekday: Mapped[int] = mapped_column(Integer, default=0)
    """The day of the week on which it comes, Monday 0, or the first working day after it."""
    next_tip_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    lang: Mapped[str] = mapped_column(String(2), default="en")
    """In which language it was asked for; the one the person chose for everything counts more."""
    address_id: Mapped[str | None] = mapped_column(ForeignKey("addresses.id", ondelete="SET NULL"), index=True)
    """Where it was asked for."""
    last_delivery: Mapped[str | None] = mapped_column(String(32))
    """The delivery of the last tip: while that one waits, there is no other."""
    changed_at: Mapped[dt.datetime] = mapped_column(Moment)
    """When the person last said what they want."""


class OptOutRow(Table):
    """Somebody who wants nothing that is sent to many. While it stands, nothing is sent and nobody asks again."""

    __tablename__ = "opt_outs"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    opted_out_at: Mapped[dt.datetime] = mapped_column(Moment)


class TipShownRow(Table):
    """One tip that one person was shown, asked for or not."""

    __tablename__ = "tips_shown"
    __table_args__ = (Index("ix_tips_shown_person", "person_id", "at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    tip: Mapped[str] = mapped_column(String(70))
    """`card/number`, as `bot.broadcasts.tips.Tip` names it."""
    why: Mapped[str] = mapped_column(String(12))
    """What chose it: holiday, followup, asked, words or turn."""
    at: Mapped[dt.datetime] = mapped_column(Moment)
    vote: Mapped[str | None] = mapped_column(String(8))
    """One of VOTES."""
    delivery_id: Mapped[str | None] = mapped_column(String(32))
    """Of one that came unasked."""
