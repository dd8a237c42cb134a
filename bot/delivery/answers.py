"""How does an answer leave? At once, by the request that made it, from rows of the outbox.

Its first card is committed as `sending` together with the answer (that is the intent), the vendor is called outside any
transaction, and the next commit says how it ended and that the next card begins. When the request dies in between, the
reaper finds these rows as it finds all others.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, cast

import structlog
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from bot.channel import Channel
from bot.db import reading, writing
from bot.delivery import moves
from bot.delivery.attempt import attempt, fresh
from bot.delivery.cards import Cards
from bot.delivery.moves import End, Ready
from bot.delivery.outbox import if_waiting, row_of
from bot.delivery.tables import ChunkRow, DeliveryRow
from bot.delivery.terms import Terms, terms_of
from bot.messages import Address, Answer, Card, Inbound
from bot.people.tables import AddressRow, Workspace, new_id

log = structlog.get_logger()
REQUEST_LEASE = dt.timedelta(seconds=3)
"""How long the later cards of an answer are left to the request that made it, from the last one it began, before the
reaper's own patience (5 s) begins: within 10 s of its death others send them. Where one card takes longer than that,
the next may overtake it."""
_OURS: OrderedDict[str, list[str]] = OrderedDict()
"""Answers put by this process and not yet sent, by delivery ids: a repeat of the message, here or elsewhere, finds
nothing to send."""
_MOST_OURS = 10_000


def put_answer(
    session: Session,
    address: AddressRow,
    message_id: str,
    answer: Answer,
    now: dt.datetime,
    *,
    room: str = "",
    hold: bool = False,
) -> list[DeliveryRow]:
    """One row a card: the first in `sending`, the others kept for the request that answers. Commits nothing itself.

    With `hold` they wait until the person speaks again, as the channel cannot send at all.
    """
    given = {"reply_to": message_id, "room": room}
    rows = [row_of(address, card, "answer", now, part=part, **given) for part, card in enumerate(answer.cards)]
    if hold:
        for row in rows:
            row.state = "held"
        session.add_all(rows)
        session.flush()
        return rows
    return _keep_for_request(session, rows, _name(address.channel, address.external_id, message_id), now)


def put_last_words(session: Session, inbound: Inbound, answer: Answer, now: dt.datetime) -> list[DeliveryRow]:
    """As `put_answer`, to somebody who is erased in this transaction. Commits nothing itself.

    The rows hang on nobody: they keep the bare address, encrypted, and are deleted as soon as their send has ended.
    """
    to = inbound.address
    its = (Workspace.channel == to.channel, Workspace.external_id == to.workspace)
    workspace_id = session.scalar(select(Workspace.id).where(*its))
    gone = AddressRow(channel=to.channel, external_id=to.external_id, workspace_id=workspace_id)
    rows = [row_of(gone, card, "answer", now, part=part, room=inbound.place) for part, card in enumerate(answer.cards)]
    for row in rows:
        row.last_address = {"external_id": to.external_id, "workspace": to.workspace}
    return _keep_for_request(session, rows, _name(to.channel, to.external_id, inbound.message_id), now)


def has_answer(session: Session, address: Address, message_id: str) -> bool:
    """Whether the answer to this message goes, or went, by the outbox."""
    here = (AddressRow.channel == address.channel, AddressRow.external_id == address.external_id)
    rows = select(DeliveryRow.id).join(AddressRow, AddressRow.id == DeliveryRow.address_id)
    return session.scalar(rows.where(*here, DeliveryRow.reply_to == message_id).limit(1)) is not None


def send_answer(
    engine: Engine,
    channel: Channel,
    address: Address,
    message_id: str,
    now: Callable[[], dt.datetime],
    terms: Terms | None = None,
) -> list[str]:
    """Send the cards of one answer in their order; returns the state of each after its try.

    Only in the process that put the answer, and once: a repeat sends nothing. TryLater puts the row, and those after
    it, back to `waiting` until the vendor's time; an answer lost on the way is verified or `in_doubt`, as the channel
    allows. Raises Unavailable when the database is away; what is open then is the reaper's.
    """
    ours = _OURS.pop(_name(address.channel, address.external_id, message_id), None)
    if ours is None:
        return []
    terms = terms_of({address.channel: channel}, {address.channel: terms} if terms else None)[address.channel]
    with reading(engine) as session:
        still = (DeliveryRow.state.in_(("sending", "waiting")), DeliveryRow.tries < 2)  # else somebody has taken it over
        found = moves.loaded(session, DeliveryRow.id.in_(ours), *still)
    states: list[str] = []
    chunk = next((row.chunk for row in found if row.chunk), None)
    end: End | None = None
    cards = Cards(engine)
    for each in found:
        row = moves.ready(each, each.tries or 1)
        if each.state == "waiting" and not _next(engine, chunk, row.id, end, terms, now()):
            break
        if each.state == "sending" and not _just_begun(each, row, terms, now()) and not moves.renew(engine, row, terms, now()):
            break
        end = attempt(channel, terms, row, cards, now())
        states.append(end.state)
        log.info("delivery", delivery=row.id, state=end.state, channel=address.channel)
        if end.state == "waiting":
            break
    _close(engine, chunk, end, now())
    return states


def card_of(session: Session, delivery_id: str) -> tuple[Card, Address, dt.datetime] | None:
    """What a delivery carries, to whom and where, and from when on it may have arrived; None when there is no such delivery."""
    row = next(iter(moves.loaded(session, DeliveryRow.id == delivery_id)), None)
    if row is None:
        return None
    found = moves.ready(row, row.tries)
    return Cards(cast("Engine", session.get_bind())).of(found), found.address, row.moved_at


def _keep_for_request(session: Session, rows: list[DeliveryRow], name: str, now: dt.datetime) -> list[DeliveryRow]:
    chunk = new_id() if len(rows) > 1 else None
    for row in rows:
        row.id, row.state, row.chunk = new_id(), "waiting", chunk
    if rows:
        rows[0].state, rows[0].tries = "sending", 1
        rows[0].verify_at = moves.surely_ended(now, Terms())
        if chunk:
            mine = ChunkRow(id=chunk, channel=rows[0].channel, urgent=True, worker="request", beat_at=now + REQUEST_LEASE)
            session.add(mine)
    session.add_all(rows)
    session.flush()
    _OURS[name] = [row.id for row in rows]
    if len(_OURS) > _MOST_OURS:
        _OURS.popitem(last=False)
    return rows


def _just_begun(each: Any, row: Ready, terms: Terms, now: dt.datetime) -> bool:
    """Whether its intent is so new that nobody takes the row over while it is sent: it may have waited for its thread."""
    return fresh(row, terms) and (now - each.moved_at).total_seconds() < terms.settling / 2


def _next(engine: Engine, chunk: str | None, row_id: str, last: End | None, terms: Terms, now: dt.datetime) -> bool:
    """One commit: how the last card ended, and the intent to send the next."""
    with writing(engine) as session:
        if last:
            moves.finish(session, [last], chunk or "answer", now)
        session.execute(update(ChunkRow).where(ChunkRow.id == chunk).values(beat_at=now + REQUEST_LEASE))
        intent = {"state": "sending", "tries": 1, "moved_at": now, "verify_at": moves.surely_ended(now, terms)}
        return if_waiting(session, row_id, intent, chunk) is not None


def _close(engine: Engine, chunk: str | None, end: End | None, now: dt.datetime) -> None:
    """How the last one ended; cards after one that must wait go out after it."""
    with writing(engine) as session:
        if end:
            moves.finish(session, [end], chunk or "answer", now)
        if chunk:
            if end and end.due_at and end.state == "waiting":
                left = update(DeliveryRow).where(DeliveryRow.chunk == chunk, DeliveryRow.state == "waiting")
                session.execute(left.values(due_at=end.due_at).execution_options(synchronize_session=False))
            moves.release(session, chunk)


def _name(channel: str, external_id: str, message_id: str) -> str:
    return f"{channel}:{external_id}\n{message_id}"
