"""What is kept of broadcasts? What is said to whom and when, its versions, each run of it, and what people thought of it.

A run is one sending: its id is the `broadcast_id` of its deliveries. A broadcast on a schedule has many.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Encrypted, Moment, Table
from bot.people.tables import new_id

STATES = ("draft", "approved", "scheduled", "running", "paused", "done", "cancelled", "stopped")
_NEXT = text("next_at IS NOT NULL")
_OPEN = text("ended_at IS NULL")


class BroadcastRow(Table):
    """One thing to say to many. It outlives whoever wrote it; then nobody is named."""

    __tablename__ = "broadcasts"
    __table_args__ = (Index("ix_broadcasts_next", "next_at", postgresql_where=_NEXT, sqlite_where=_NEXT),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    author_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    approver_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    content: Mapped[Any] = mapped_column(Encrypted)
    """`{"en", "zh"}` for own words, `{"card"}` for a card, `{"tip"}` for a tip or `{"theme"}` for the tips of a theme in turn."""
    segment: Mapped[str] = mapped_column(String(500))
    scope: Mapped[Any | None] = mapped_column(JSON)
    """Ids of the workspaces whose people its author may speak to; None: everybody here."""
    state: Mapped[str] = mapped_column(String(10), default="draft")
    version: Mapped[int] = mapped_column(Integer, default=1)
    approved_version: Mapped[int | None] = mapped_column(Integer)
    """What was approved: a later change has to be approved again."""
    plan: Mapped[Any | None] = mapped_column(JSON)
    """When, see `bot.broadcasts.schedule.Plan`; None while it is not started."""
    next_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    """When the next run begins; None: none is planned."""
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    changed_at: Mapped[dt.datetime] = mapped_column(Moment)


class BroadcastVersionRow(Table):
    """What a broadcast said and to whom, at one version."""

    __tablename__ = "broadcast_versions"

    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    author_id: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    content: Mapped[Any] = mapped_column(Encrypted)
    segment: Mapped[str] = mapped_column(String(500))
    at: Mapped[dt.datetime] = mapped_column(Moment)


class RunRow(Table):
    """One sending, once per broadcast and due time.

    starting (claimed) → running (the outbox has its rows) → done, cancelled or stopped; skipped: it came too late.
    The numbers are people at the moment of the fan-out; what happens to deliveries is counted by `bot.delivery.progress`.
    """

    __tablename__ = "broadcast_runs"
    __table_args__ = (
        UniqueConstraint("broadcast_id", "due_at"),
        Index("ix_broadcast_runs_open", "try_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    broadcast_id: Mapped[str] = mapped_column(ForeignKey("broadcasts.id", ondelete="CASCADE"))
    due_at: Mapped[dt.datetime] = mapped_column(Moment)
    wall: Mapped[str | None] = mapped_column(String(16))
    """The time on everybody's own clock, such as 2026-11-30T09:30; None: one moment for all."""
    state: Mapped[str] = mapped_column(String(10), default="starting")
    reason: Mapped[str | None] = mapped_column(String(200))
    try_at: Mapped[dt.datetime] = mapped_column(Moment)
    """When it is looked at next."""
    card: Mapped[str | None] = mapped_column(String(70))
    """The card, or card/number of the tip, that it carries; None: own words."""
    started_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    ended_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    last_due: Mapped[dt.datetime | None] = mapped_column(Moment)
    """When the last of its deliveries is due."""
    lanes: Mapped[Any | None] = mapped_column(JSON)
    """The lanes of its deliveries."""
    audience: Mapped[int] = mapped_column(Integer, default=0)
    """People for whom there is a delivery."""
    opted_out: Mapped[int] = mapped_column(Integer, default=0)
    withdrawn: Mapped[int] = mapped_column(Integer, default=0)
    """Deliveries taken back because their person opted out while they waited."""
    off: Mapped[int] = mapped_column(Integer, default=0)
    """Left out because they had the day off."""
    late: Mapped[int] = mapped_column(Integer, default=0)
    """Left out because their time had passed long before it began."""
    unreachable: Mapped[int] = mapped_column(Integer, default=0)
    """Left out because no channel reaches them."""


class RunTimeRow(Table):
    """When people of one zone and one set of quiet hours get a run; only while its rows are made."""

    __tablename__ = "broadcast_times"

    run_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    zone: Mapped[str] = mapped_column(String(64), primary_key=True)
    quiet: Mapped[str] = mapped_column(String(11), primary_key=True)
    due_at: Mapped[dt.datetime] = mapped_column(Moment)


class SegmentMemberRow(Table):
    """Who is in a segment that a vendor keeps, as it told us last."""

    __tablename__ = "segment_members"

    segment: Mapped[str] = mapped_column(String(100), primary_key=True)
    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"), primary_key=True, index=True)


class BroadcastVoteRow(Table):
    """What one person thought of one run: their last word."""

    __tablename__ = "broadcast_votes"

    run_id: Mapped[str] = mapped_column(ForeignKey("broadcast_runs.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    useful: Mapped[bool]
    at: Mapped[dt.datetime] = mapped_column(Moment)
