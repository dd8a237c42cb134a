"""Tables of the team's layer: every version that was live, and every change with who, when and how it ended."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Encrypted, Moment, Table

_ACCEPTED = text("state = 'accepted'")


class LayerVersion(Table):
    """The whole layer as it was from `made_at` on; the highest number is live. Phrasings may be people's words: encrypted."""

    __tablename__ = "layer_versions"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    layer: Mapped[Any] = mapped_column(Encrypted)
    touched: Mapped[Any] = mapped_column(JSON)
    """Part → the version that changed it last: how a change made on an older one is found out."""
    made_at: Mapped[dt.datetime] = mapped_column(Moment)


class LayerChange(Table):
    """One wish of a curator: draft, review, accepted (being learnt), then live; or declined, or refused for what it breaks."""

    __tablename__ = "layer_changes"
    __table_args__ = (Index("ix_layer_changes_accepted", "id", postgresql_where=_ACCEPTED, sqlite_where=_ACCEPTED),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    part: Mapped[str] = mapped_column(String(120))
    change: Mapped[Any] = mapped_column(Encrypted)
    state: Mapped[str] = mapped_column(String(10))
    seen: Mapped[int] = mapped_column(Integer)
    """The version that its author saw."""
    proposed_by: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    proposed_at: Mapped[dt.datetime] = mapped_column(Moment)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    decided_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    despite: Mapped[bool] = mapped_column(Boolean)
    """Accepted although the coach was sure that a phrasing means something else."""
    step: Mapped[str | None] = mapped_column(String(20))
    """What learning is at."""
    leased_until: Mapped[dt.datetime | None] = mapped_column(Moment)
    """Some process learns it until then; later another may."""
    version: Mapped[int | None] = mapped_column(Integer)
    """The version it made."""
    report: Mapped[Any] = mapped_column(Encrypted, nullable=True)
    """Why it was refused, and which questions it moves."""
