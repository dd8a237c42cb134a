"""Which cards did these people read lately? For whoever wants to say something that fits."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.conversations.tables import InboundRow
from bot.people.tables import AddressRow


def asked_lately(session: Session, people: Collection[str], since: dt.datetime) -> Mapping[str, list[str]]:
    """Person → the intents (cards and commands) of what they said since then, the last one first; for many people at once."""
    last = func.max(InboundRow.received_at)
    rows = (
        select(AddressRow.person_id, InboundRow.intent)
        .join(InboundRow, InboundRow.address_id == AddressRow.id)
        .where(AddressRow.person_id.in_(people), InboundRow.received_at > since, InboundRow.intent.is_not(None))
        .group_by(AddressRow.person_id, InboundRow.intent)
        .order_by(last.desc())
    )
    found: dict[str, list[str]] = defaultdict(list)
    for person, intent in session.execute(rows):
        found[person].append(str(intent))
    return found
