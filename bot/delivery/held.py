"""What waits until a person speaks? Deliveries that the platform does not let us send before; they go with the next answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from bot.delivery.cards import Unreadable, opened, shared
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
    """The oldest that wait for this address, now counted as sent: the caller's answer carries them. Commits nothing.

    One that cannot be read (of a later version, perhaps) fails and stops nobody's answer.
    """
    rows = session.connection().execute(_OLDEST, {"at": address_id, "now": now}).all()
    cards = [_card(session, row) for row in rows]
    for row, card in zip(rows, cards, strict=True):
        state, reason = ("sent", "with an answer") if card else ("failed", "unreadable")
        ended = update(DeliveryRow).where(DeliveryRow.id == row.id)
        session.execute(ended.values(state=state, moved_at=now, reason=reason))
        count(session, "held", {(row.broadcast_id, state): 1})
    return [card for card in cards if card]


def _card(session: Session, row: Any) -> Card | None:
    try:
        return opened(row.card) if row.card is not None else shared(session, row.broadcast_id or "", row.lang or "")
    except Unreadable:
        return None
