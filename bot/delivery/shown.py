"""What came unasked and is shown rather than sent: on the web page, where the row itself is the message, and at the terminal.

A row that is `sent` there is one that may be shown; nothing leaves the house.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from bot.delivery.cards import shared
from bot.delivery.progress import count
from bot.delivery.tables import KINDS, SHOWN, DeliveryRow, HoldRow, lane
from bot.messages import Address, Answer, Card
from bot.people.tables import AddressRow

KEPT_IN_SIGHT = dt.timedelta(days=14)
MOST = 50
"""Cards given at once, the newest."""


def pushed(session: Session, address: Address, since: dt.datetime) -> list[tuple[dt.datetime, Answer]]:
    """(when, what) came unasked to an address that shows its rows, later than `since`, oldest first."""
    rows = session.execute(
        select(DeliveryRow.id, DeliveryRow.moved_at, DeliveryRow.card, DeliveryRow.broadcast_id, DeliveryRow.lang)
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
    return [(row.moved_at, unasked(row.id, _card(session, row))) for row in reversed(rows)]


def collect(session: Session, address: Address, now: dt.datetime, room: str = "") -> list[Answer]:
    """Take what is due for an address whose channel nobody sends on: it counts as sent. Commits nothing."""
    row = session.scalar(
        select(AddressRow).where(AddressRow.channel == address.channel, AddressRow.external_id == address.external_id)
    )
    if row is None:
        return []
    # the lanes of broadcasts go on with the broadcast's id: "/" and what sorts before "0" behind it
    many = [lane(kind, address.channel, row.workspace_id) for kind in ("tip", "broadcast")]
    lanes = [and_(DeliveryRow.lane >= each, DeliveryRow.lane < f"{each[:-1]}0") for each in many]
    held = select(HoldRow.broadcast_id)
    due = (
        update(DeliveryRow)
        .where(
            or_(DeliveryRow.lane.in_(_lanes(address.channel, row.workspace_id)), *lanes),
            or_(DeliveryRow.broadcast_id.is_(None), DeliveryRow.broadcast_id.not_in(held)),
            DeliveryRow.address_id == row.id,
            DeliveryRow.state == "waiting",
            DeliveryRow.chunk.is_(None),
            DeliveryRow.due_at <= now,
        )
        .values(state="sent", moved_at=now, tries=DeliveryRow.tries + 1, room=room)
        .returning(DeliveryRow.due_at, DeliveryRow.id, DeliveryRow.card, DeliveryRow.broadcast_id, DeliveryRow.lang)
        .execution_options(synchronize_session=False)
    )
    found = sorted(session.execute(due).all(), key=lambda found: (found.due_at, found.id))
    for each in found:
        count(session, "collected", {(each.broadcast_id, "sent"): 1})
    return [unasked(each.id, _card(session, each)) for each in found]


def unasked(row_id: str, card: object) -> Answer:
    """A card that came by a delivery, in the form of an answer to nothing."""
    return Answer(conversation="", decision="sure", cards=[Card.model_validate(card)], delivery=row_id)


def _card(session: Session, row: Any) -> object:
    """The row's own card, or the one that its broadcast shares."""
    return shared(session, row.broadcast_id or "", row.lang or "") if row.card is None else row.card


def _lanes(channel: str, workspace: str | None) -> Iterable[str]:
    return [lane(kind, channel, workspace) for kind in KINDS]
