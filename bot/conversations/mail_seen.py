"""Did a question about a copied mail come since they last spoke? Then a number means one of its answers."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.conversations.inbox import State
from bot.delivery import outbox
from bot.delivery.tables import DeliveryRow
from bot.followups.mail_cards import WHOM
from bot.followups.mail_tables import ASKED, CopiedMailRow
from bot.messages import Card, Inbound
from bot.people.tables import AddressRow, PersonRow

IN_MIND = dt.timedelta(days=3)
"""How long such a question is what a number means, while nothing else was said."""

_OPEN = select(CopiedMailRow.id).where(CopiedMailRow.person_id == bindparam("whose"), ASKED)
_NEWEST = (
    select(DeliveryRow.card, DeliveryRow.room, DeliveryRow.moved_at)
    .where(
        DeliveryRow.id.in_(bindparam("ids", expanding=True)),
        DeliveryRow.address_id == bindparam("at"),
        DeliveryRow.state.in_(("sent", "sending", "in_doubt")),
        DeliveryRow.moved_at > bindparam("seen"),
    )
    .order_by(DeliveryRow.moved_at.desc())
    .limit(1)
)


def catch_up(session: Session, person: PersonRow, address: AddressRow, inbound: Inbound, state: State) -> None:
    """Let the numbers mean the newest open question that came to this address and room after the last message there.

    A question's delivery has the id of its mail; the one handed on to another address has the id that follows from it.
    """
    asked = session.connection().execute(_OPEN, {"whose": person.id}).scalars().all()
    if not asked:
        return
    heard = (dt.datetime.fromisoformat(at) for at in (state.asked_mail, state.nudged) if at)
    seen = max([inbound.received_at - IN_MIND, *heard])
    ids = [*asked, *(outbox.id_of_repeat(one) for one in asked)]
    found = session.execute(_NEWEST, {"ids": ids, "seen": seen, "at": address.id}).first()
    if found is None or found.room != inbound.room:  # a private question means nothing in another room
        return
    card = Card.model_validate(found.card)
    state.asked_mail, state.lang = found.moved_at.isoformat(), card.lang
    state.choices = [(choice.id, choice.title) for choice in card.choices]
    state.card = None
    state.whom = card.choices[0].id.rpartition(":")[2] if card.id == WHOM and card.choices else None
