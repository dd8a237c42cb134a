"""Did a nudge come since they last spoke? Then a number, "done" or "tomorrow" means the nudge before them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.conversations.inbox import State
from bot.delivery.tables import DeliveryRow
from bot.followups.tables import FollowupEventRow, FollowupRow
from bot.messages import Card, Inbound
from bot.people.tables import AddressRow, PersonRow

IN_MIND = dt.timedelta(days=3)
"""How long a nudge is what "done" means, while nothing else was said."""

_NEWEST = (
    select(DeliveryRow.card, DeliveryRow.room, FollowupEventRow.at)
    .join(FollowupEventRow, FollowupEventRow.delivery_id == DeliveryRow.id)
    .join(FollowupRow, FollowupRow.id == FollowupEventRow.followup_id)
    .where(
        FollowupRow.person_id == bindparam("whose"),
        FollowupRow.nudged_at > bindparam("seen"),
        FollowupEventRow.what == "nudged",
        FollowupEventRow.at > bindparam("seen"),
        DeliveryRow.address_id == bindparam("at"),
        DeliveryRow.state.in_(("sent", "sending", "in_doubt")),
    )
    .order_by(FollowupEventRow.id.desc())
    .limit(1)
)


def catch_up(session: Session, person: PersonRow, address: AddressRow, inbound: Inbound, state: State) -> None:
    """Let the state refer to the newest nudge that came to this address and room after the last message there."""
    seen = dt.datetime.fromisoformat(state.nudged) if state.nudged else inbound.received_at - IN_MIND
    found = session.connection().execute(_NEWEST, {"whose": person.id, "seen": seen, "at": address.id}).first()
    if found is None or found.room != inbound.room:  # a private nudge means nothing in another room
        return
    card = Card.model_validate(found.card)
    state.nudged, state.lang = found.at.isoformat(), card.lang
    state.choices = [(choice.id, choice.title) for choice in card.choices]
    matters = [choice.id.split(":")[2] for choice in card.choices if choice.id.startswith("fu:") and choice.id.count(":") == 2]
    state.listed = list(dict.fromkeys(matters))
    state.matter = state.listed[0] if len(state.listed) == 1 else None
    state.draft = state.card = None
