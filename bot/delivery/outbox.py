"""How does a card leave by a push channel? A row first, then the send, then the word that it arrived.

The row is committed as `sending` together with the answer (that is the intent), the vendor is called outside any
transaction, and a second commit says how it ended. A crash in between leaves a row that says what is in doubt.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import structlog
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from bot.channel import Channel, Receipt
from bot.db import reading, writing
from bot.delivery.tables import DeliveryRow
from bot.errors import InDoubt, Rejected, TryLater, Unreachable
from bot.messages import Address, Answer, Card
from bot.people.tables import AddressRow

log = structlog.get_logger()


def put_answer(session: Session, address: AddressRow, message_id: str, answer: Answer, now: dt.datetime) -> list[DeliveryRow]:
    """One row a card, in `sending`: the request that answers also sends. Commits nothing itself."""
    rows = [
        DeliveryRow(
            address_id=address.id,
            channel=address.channel,
            kind="answer",
            reply_to=message_id,
            part=part,
            card=card.model_dump(mode="json", exclude_defaults=True),
            state="sending",
            due_at=now,
            moved_at=now,
            tries=1,
        )
        for part, card in enumerate(answer.cards)
    ]
    session.add_all(rows)
    session.flush()
    return rows


def send_answer(engine: Engine, channel: Channel, address: Address, message_id: str, now: Callable[[], dt.datetime]) -> list[str]:
    """Send the cards of one answer in their order; returns the end state of each.

    Does nothing for rows that are not `sending` any more, so calling it twice sends once. TryLater puts a row back to
    `waiting` until the vendor's time; an answer lost on the way is `in_doubt`, never repeated blindly.
    """
    with reading(engine) as session:
        rows = list(
            session.scalars(
                select(DeliveryRow)
                .join(AddressRow, AddressRow.id == DeliveryRow.address_id)
                .where(
                    AddressRow.channel == address.channel,
                    AddressRow.external_id == address.external_id,
                    DeliveryRow.reply_to == message_id,
                    DeliveryRow.state == "sending",
                )
                .order_by(DeliveryRow.part)
            )
        )
    return [_send(engine, channel, address, row, now) for row in rows]


def _send(engine: Engine, channel: Channel, address: Address, row: DeliveryRow, now: Callable[[], dt.datetime]) -> str:
    after = 0.0
    receipt: Receipt | None = None
    reason = None
    try:
        receipt = channel.send(address, Card.model_validate(row.card), row.id)
        state = "sent"
    except TryLater as error:
        state, after, reason = "waiting", error.after, "the channel asked to wait"
    except (Unreachable, Rejected) as error:
        state, reason = "failed", type(error).__name__
    except InDoubt:
        state, reason = "in_doubt", "the vendor's answer was lost"
    moment = now()
    with writing(engine) as session:
        session.execute(
            update(DeliveryRow)
            .where(DeliveryRow.id == row.id, DeliveryRow.state == "sending")
            .values(
                state=state,
                moved_at=moment,
                due_at=moment + dt.timedelta(seconds=after) if state == "waiting" else row.due_at,
                vendor_id=receipt.vendor_id if receipt else None,
                reason=reason,
            )
        )
    log.info("delivery", delivery=row.id, state=state, channel=row.channel)
    return state
