"""Did a tip come since they last spoke? Then a number, "useful" or "why?" means the tip before them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.broadcasts.tables import TipShownRow
from bot.conversations.inbox import State
from bot.delivery.tables import DeliveryRow
from bot.messages import Card, Inbound
from bot.people.tables import AddressRow, PersonRow

IN_MIND = dt.timedelta(days=7)
"""How long a tip is what a number means, while nothing else was said."""
WAITED = dt.timedelta(days=60)
"""How long before it was sent a tip may have been put: a platform's window was shut, a terminal not opened."""
_NEWEST = (
    select(DeliveryRow.card, DeliveryRow.room, TipShownRow.tip)
    .join(TipShownRow, TipShownRow.delivery_id == DeliveryRow.id)
    .where(
        TipShownRow.person_id == bindparam("whose"),
        TipShownRow.at > bindparam("put"),
        DeliveryRow.address_id == bindparam("at"),
        DeliveryRow.state.in_(("sent", "sending", "in_doubt")),
        DeliveryRow.moved_at > bindparam("seen"),
    )
    .order_by(DeliveryRow.moved_at.desc())
    .limit(1)
)
"""Made once: to put it together costs more than to ask it, and every message asks it; past the session, which costs half as
much again and has no row of it to know."""


def catch_up(session: Session, person: PersonRow, address: AddressRow, inbound: Inbound, state: State) -> None:
    """Let the state refer to the newest tip that was sent to this address and room after the last message there.

    A question that is still open (of a flow, or about a follow-up) stays open; the numbers mean the tip.
    """
    seen = max([inbound.received_at - IN_MIND, *(dt.datetime.fromisoformat(at) for at in (state.heard, state.nudged) if at)])
    state.heard = inbound.received_at.isoformat()
    asked = {"whose": person.id, "put": seen - WAITED, "at": address.id, "seen": seen}
    found = session.connection().execute(_NEWEST, asked).first()
    if found is None or found.room != inbound.room:  # a private tip means nothing in another room
        return
    card = Card.model_validate(found.card)
    state.lang = card.lang
    state.choices = [(choice.id, choice.title) for choice in card.choices]
    state.card = found.tip.partition("/")[0]
