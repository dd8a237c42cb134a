"""What came unasked and is shown rather than sent: on the web page, where the row itself is the message, and at the terminal.

A row that is `sent` there is one that may be shown; nothing leaves the house.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.delivery.tables import KINDS, SHOWN, DeliveryRow, lane
from bot.messages import Address, Answer, Card
from bot.people.tables import AddressRow

KEPT_IN_SIGHT = dt.timedelta(days=14)
MOST = 50
"""Cards given at once, the newest."""


def pushed(session: Session, address: Address, since: dt.datetime) -> list[tuple[dt.datetime, Answer]]:
    """(when, what) came unasked to an address that shows its rows, later than `since`, oldest first."""
    rows = session.execute(
        select(DeliveryRow.id, DeliveryRow.moved_at, DeliveryRow.card)
        .join(AddressRow, AddressRow.id == DeliveryRow.address_id)
        .where(
            AddressRow.channel == address.channel,
            AddressRow.external_id == address.external_id,
            SHOWN,
            DeliveryRow.moved_at > since,
        )
        .order_by(DeliveryRow.moved_at.desc(), DeliveryRow.id)
        .limit(MOST)
    ).all()
    return [(at, unasked(row_id, card)) for row_id, at, card in reversed(rows)]


def collect(session: Session, address: Address, now: dt.datetime, room: str = "") -> list[Answer]:
    """Take what is due for an address whose channel nobody sends on: it counts as sent. Commits nothing."""
    row = session.scalar(
        select(AddressRow).where(AddressRow.channel == address.channel, AddressRow.external_id == address.external_id)
    )
    if row is None:
        return []
    due = (
        update(DeliveryRow)
        .where(
            DeliveryRow.lane.in_(_lanes(address.channel, row.workspace_id)),
            DeliveryRow.address_id == row.id,
            DeliveryRow.state == "waiting",
            DeliveryRow.chunk.is_(None),
            DeliveryRow.due_at <= now,
        )
        .values(state="sent", moved_at=now, tries=DeliveryRow.tries + 1, room=room)
        .returning(DeliveryRow.due_at, DeliveryRow.id, DeliveryRow.card)
        .execution_options(synchronize_session=False)
    )
    return [unasked(row_id, card) for _, row_id, card in sorted(session.execute(due).all(), key=lambda found: found[:2])]


def unasked(row_id: str, card: object) -> Answer:
    """A card that came by a delivery, in the form of an answer to nothing."""
    return Answer(conversation="", decision="sure", cards=[Card.model_validate(card)], delivery=row_id)


def _lanes(channel: str, workspace: str | None) -> Iterable[str]:
    return [lane(kind, channel, workspace) for kind in KINDS]
