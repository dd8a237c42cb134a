"""What is kept of a delivery? One row per card to one address, the chunks that send them, holds, counts and pace.

`deliveries.lane` names what is swept together: `priority/channel/workspace/broadcast`. Rows that a chunk has taken
carry its id; only a `waiting` row without a chunk is open to the sweep.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.db import Encrypted, Moment, Table
from bot.people.tables import new_id

STATES = ("waiting", "held", "sending", "sent", "failed", "in_doubt", "cancelled")
KINDS = {"answer": 0, "nudge": 1, "tip": 5, "broadcast": 9}
"""Kind → priority, 0 first: answers and nudges go before tips and broadcasts."""
URGENT = 1
"""The last priority that never waits behind tips and broadcasts."""

OPEN = text("deliveries.state = 'waiting' AND deliveries.chunk IS NULL")
"""What the sweep may take; written out, so that both databases see that the partial index fits."""
_OPEN = text("state = 'waiting' AND chunk IS NULL")
_SENDING = text("state = 'sending'")
_HELD = text("state = 'held'")
_TAKEN = text("chunk IS NOT NULL")
_REPLIES = text("reply_to IS NOT NULL")
UNDELIVERED = text("deliveries.broadcast_id IS NOT NULL AND deliveries.state IN ('failed', 'in_doubt')")
"""The few rows of a broadcast that its report names; an index over all of them would cost at every change of a row."""
_UNDELIVERED = text("broadcast_id IS NOT NULL AND state IN ('failed', 'in_doubt')")
TROUBLED = text("deliveries.state IN ('failed', 'in_doubt')")
"""What a person may have to decide about, of whatever kind."""
_TROUBLED = text("state IN ('failed', 'in_doubt')")


_SHOWN = text("channel = 'web' AND state = 'sent' AND reply_to IS NULL")
SHOWN = text("deliveries.channel = 'web' AND deliveries.state = 'sent' AND deliveries.reply_to IS NULL")
"""What came unasked to a page; written out, so that both databases see that the partial index fits."""

FAILED_NUDGE = text("deliveries.kind = 'nudge' AND deliveries.state = 'failed' AND deliveries.settled_at IS NULL")
"""Nudges that reached nobody, until `bot.followups.undelivered` has looked at them; mostly there are none."""
_FAILED_NUDGE = text("kind = 'nudge' AND state = 'failed' AND settled_at IS NULL")


class DeliveryRow(Table):
    """One card to one address. `id` is the key given to the vendor, the same for every try.

    waiting (due at `due_at`) → sending (the intent, committed before the send) → sent, failed or in_doubt; a waiting
    row may also be cancelled. held: the platform lets us
    send it only when the person has spoken (see `bot.delivery.held`).
    Everything about a row in `sending` is changed only by whoever knows its `tries`.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_reply", "address_id", "reply_to", postgresql_where=_REPLIES, sqlite_where=_REPLIES),
        Index("ix_deliveries_open", "lane", "due_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_deliveries_held", "address_id", postgresql_where=_HELD, sqlite_where=_HELD),
        Index("ix_deliveries_verify", "verify_at", postgresql_where=_SENDING, sqlite_where=_SENDING),
        Index("ix_deliveries_chunk", "chunk", postgresql_where=_TAKEN, sqlite_where=_TAKEN),
        Index("ix_deliveries_undelivered", "broadcast_id", postgresql_where=_UNDELIVERED, sqlite_where=_UNDELIVERED),
        Index("ix_deliveries_troubled", "moved_at", postgresql_where=_TROUBLED, sqlite_where=_TROUBLED),
        Index("ix_deliveries_failed_nudge", "moved_at", postgresql_where=_FAILED_NUDGE, sqlite_where=_FAILED_NUDGE),
        Index("ix_deliveries_shown", "address_id", "moved_at", postgresql_where=_SHOWN, sqlite_where=_SHOWN),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    address_id: Mapped[str | None] = mapped_column(ForeignKey("addresses.id", ondelete="CASCADE"))
    """None: the last word to somebody who is erased, sent to `last_address`."""
    last_address: Mapped[Any | None] = mapped_column(Encrypted)
    """External id and workspace of such a row, which is deleted as soon as its send has ended."""
    channel: Mapped[str] = mapped_column(String(20))
    lane: Mapped[str] = mapped_column(String(100), default="")
    room: Mapped[str] = mapped_column(String(200), default="")
    """Where it goes when not to the person alone (`Address.place`); what stands before a slash shares one pace."""
    kind: Mapped[str] = mapped_column(String(12))
    broadcast_id: Mapped[str | None] = mapped_column(String(32))
    reply_to: Mapped[str | None] = mapped_column(String(200))
    """The message id that an answer answers."""
    part: Mapped[int] = mapped_column(Integer, default=0)
    """Which card of that answer, from 0: they are sent in this order."""
    card: Mapped[Any | None] = mapped_column(Encrypted)
    """None: the card that its broadcast shares for `lang`."""
    lang: Mapped[str | None] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    due_at: Mapped[dt.datetime] = mapped_column(Moment)
    moved_at: Mapped[dt.datetime] = mapped_column(Moment)
    """When the state changed; of `sending` when the intent of the first send was committed, whatever is found out since:
    whoever looks for the message at the vendor looks from then on."""
    chunk: Mapped[str | None] = mapped_column(String(32))
    """Who has taken the row; None: nobody."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    """How often the intent to send was committed. It is the fence: an owner with an older number changes nothing."""
    verify_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    """While sending: from then on the send has surely ended, and whoever comes finds out how."""
    doubts: Mapped[int] = mapped_column(Integer, default=0)
    """How often it was uncertain whether it arrived; above 0 on a channel without look-up and key, it may be doubled."""
    taken: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Of a card that goes as several messages, how many the vendor has: another process goes on behind them."""
    slot: Mapped[dt.datetime | None] = mapped_column(Moment)
    """The moment that pace has reserved; valid while it equals `due_at`."""
    vendor_id: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str | None] = mapped_column(String(200))
    instead_of: Mapped[str | None] = mapped_column(String(32))
    """The nudge that failed at another address and that this one repeats: once, so this one is repeated nowhere."""
    settled_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    """When it was decided what becomes of a nudge that failed."""


class ChunkRow(Table):
    """Some hundred rows on their way together. Its worker says every second that it lives; a silent one is reaped."""

    __tablename__ = "chunks"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    channel: Mapped[str] = mapped_column(String(20))
    urgent: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Answers and nudges: they have places in the queue and threads of their own."""
    worker: Mapped[str | None] = mapped_column(String(80))
    """None: nobody has begun."""
    beat_at: Mapped[dt.datetime] = mapped_column(Moment)


class SharedCardRow(Table):
    """The card of a broadcast in one language, encrypted once for a million rows. Never changed once a row may be sent."""

    __tablename__ = "shared_cards"

    broadcast_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    lang: Mapped[str] = mapped_column(String(2), primary_key=True)
    card: Mapped[Any] = mapped_column(Encrypted)


class HoldRow(Table):
    """A broadcast that must not go on: `pause`, `cancel`, or `stop` when it failed too often. The sweep and chunks read it."""

    __tablename__ = "holds"

    broadcast_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(6))
    at: Mapped[dt.datetime] = mapped_column(Moment)


class CountRow(Table):
    """How far a broadcast is: what one chunk (or the fan-out, a cancellation) added to each end. Progress is their sum."""

    __tablename__ = "chunk_counts"

    broadcast_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    chunk: Mapped[str] = mapped_column(String(32), primary_key=True)
    put: Mapped[int] = mapped_column(Integer, default=0)
    sent: Mapped[int] = mapped_column(Integer, default=0)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    in_doubt: Mapped[int] = mapped_column(Integer, default=0)
    cancelled: Mapped[int] = mapped_column(Integer, default=0)


class PaceRow(Table):
    """One token bucket, shared by all processes: when its last promised token is paid back. See `bot.delivery.pace`."""

    __tablename__ = "paces"

    key: Mapped[str] = mapped_column(String(250), primary_key=True)
    free_at: Mapped[dt.datetime] = mapped_column(Moment)


def lane(kind: str, channel: str, workspace_id: str | None, broadcast_id: str | None = None) -> str:
    """What is swept together; sorts by priority."""
    return f"{KINDS[kind]}/{channel}/{workspace_id or ''}/{broadcast_id or ''}"
