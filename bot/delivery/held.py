"""What waits until a person speaks? Deliveries that the platform does not let us send before; they go with the next answer."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from bot.delivery.cards import shared
from bot.delivery.progress import count
from bot.delivery.tables import DeliveryRow
from bot.messages import Card

MOST = 3
"""With one answer; the others go with the next ones."""
_OLDEST = (
    select(DeliveryRow.id, DeliveryRow.card, DeliveryRow.broadcast_id, DeliveryRow.lang)
    .where(DeliveryRow.address_id == bindparam("at"), DeliveryRow.state == "held", DeliveryRow.due_at <= bindparam("now"))
    .order_by(DeliveryRow.due_at, DeliveryRow.part)
    .limit(MOST)
    .with_for_update()
)


def take(session: Session, address_id: str, now: dt.datetime) -> list[Card]:
    """The oldest that wait for this address, now counted as sent: the caller's answer carries them. Commits nothing."""
    rows = session.connection().execute(_OLDEST, {"at": address_id, "now": now}).all()
    if rows:
        taken = update(DeliveryRow).where(DeliveryRow.id.in_([row.id for row in rows]))
        session.execute(taken.values(state="sent", moved_at=now, reason="with an answer"))
        for row in rows:
            count(session, "held", {(row.broadcast_id, "sent"): 1})
    return [
        shared(session, row.broadcast_id or "", row.lang or "") if row.card is None else Card.model_validate(row.card)
        for row in rows
    ]
