"""How does a card get into the outbox, and how is it moved, cancelled or settled there? Answers are also sent from here.

Nudges, tips and broadcasts are put as `waiting` rows; the sweep sends them. An answer is sent at once by the request
that made it: its first card is committed as `sending` together with the answer (that is the intent), the vendor is
called outside any transaction, and the next commit says how it ended and that the next card begins. When the request
dies in between, the reaper finds these rows as it finds all others.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, cast

import structlog
from sqlalchemy import Engine, bindparam, insert, select, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from bot.channel import Channel
from bot.db import reading, writing
from bot.delivery import moves
from bot.delivery.attempt import attempt, fresh
from bot.delivery.cards import Cards, stored
from bot.delivery.moves import End
from bot.delivery.progress import count
from bot.delivery.tables import KINDS, ChunkRow, DeliveryRow, lane
from bot.delivery.terms import Terms, terms_of
from bot.messages import Address, Answer, Card
from bot.people.tables import AddressRow, new_id

log = structlog.get_logger()
_D = cast("SqlTable", DeliveryRow.__table__)
REQUEST_LEASE = dt.timedelta(seconds=3)
"""How long the later cards of an answer are left to the request that made it, from the last one it began, before the
reaper's own patience (5 s) begins: within 10 s of its death others send them. Where one card takes longer than that,
the next may overtake it."""
_OURS: OrderedDict[str, list[str]] = OrderedDict()
"""Answers put by this process and not yet sent, by delivery ids: a repeat of the message, here or elsewhere, finds
nothing to send."""
_MOST_OURS = 10_000


def put(
    session: Session, address: AddressRow, card: Card, due_at: dt.datetime, kind: str, now: dt.datetime, *, room: str = ""
) -> DeliveryRow:
    """One nudge or tip, sent when it is due. Commits nothing."""
    row = _row(address, card, kind, now, due_at=due_at, room=room, state="waiting")
    session.add(row)
    session.flush()
    return row


def put_many(
    session: Session, broadcast_id: str, cards: Iterable[tuple[AddressRow, Card]], due_at: dt.datetime, now: dt.datetime
) -> int:
    """Part of a broadcast's fan-out: one row an address, counted; returns how many are new. Commits nothing.

    An address that has its row already is left out, so a fan-out that was interrupted is simply done again.
    """
    rows = {
        key_of(broadcast_id, address.id): _row(
            address, card, "broadcast", now, due_at=due_at, state="waiting", broadcast_id=broadcast_id
        )
        for address, card in cards
    }
    known: set[str] = set()
    keys = list(rows)
    for start in range(0, len(keys), 500):
        known.update(session.scalars(select(DeliveryRow.id).where(DeliveryRow.id.in_(keys[start : start + 500]))))
    columns = [column.key for column in DeliveryRow.__table__.columns if column.key != "id"]
    values = [{"id": key, **{name: _given(row, name) for name in columns}} for key, row in rows.items() if key not in known]
    if values:
        session.execute(insert(DeliveryRow), values)
        count(session, "fan-out", {(broadcast_id, "put"): len(values)})
    return len(values)


def key_of(broadcast_id: str, address_id: str) -> str:
    """The id of a broadcast's row to one address: the same however often, and computable in SQL (`md5`)."""
    return hashlib.md5(f"{broadcast_id}/{address_id}".encode(), usedforsecurity=False).hexdigest()


def reschedule(session: Session, delivery_id: str, due_at: dt.datetime, now: dt.datetime) -> bool:
    """Snooze or move a delivery; False when it is on its way or over. Commits nothing.

    A row that a chunk has taken but not begun is withdrawn from it: the chunk's intent no longer finds it.
    """
    values = {"state": "waiting", "due_at": due_at, "moved_at": now, "chunk": None, "slot": None}
    return _if_waiting(session, delivery_id, values) is not None


def cancel(session: Session, delivery_id: str, now: dt.datetime) -> bool:
    """Never send it; False when it is on its way or over. Commits nothing."""
    row = _if_waiting(session, delivery_id, {"state": "cancelled", "moved_at": now, "chunk": None})
    if row:
        count(session, "cancel", {(row.broadcast_id, "cancelled"): 1})
    return row is not None


def settle(session: Session, delivery_id: str, now: dt.datetime, *, arrived: bool) -> bool:
    """Somebody's word on a delivery in doubt: it arrived, or it is sent again. False when it is not in doubt."""
    values: dict[str, Any] = {"state": "sent", "reason": "settled by hand"} if arrived else {"state": "waiting", "due_at": now}
    settled = update(DeliveryRow).where(DeliveryRow.id == delivery_id, DeliveryRow.state == "in_doubt")
    row = session.execute(settled.values(**values, moved_at=now).returning(DeliveryRow.broadcast_id)).first()
    if row:
        count(session, "settled", {(row.broadcast_id, "in_doubt"): -1, (row.broadcast_id, "sent"): int(arrived)})
    return row is not None


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
    rows = [_row(address, card, "answer", now, part=part, **given) for part, card in enumerate(answer.cards)]
    if hold:
        for row in rows:
            row.state = "held"
        session.add_all(rows)
        session.flush()
        return rows
    return _keep_for_request(session, rows, _name(address.channel, address.external_id, message_id), now)


def put_last_words(
    session: Session, address: Address, workspace_id: str | None, message_id: str, answer: Answer, now: dt.datetime
) -> list[DeliveryRow]:
    """As `put_answer`, to somebody who is erased in this transaction. Commits nothing itself.

    The rows hang on nobody: they keep the bare address, encrypted, and are deleted as soon as their send has ended.
    """
    gone = AddressRow(channel=address.channel, external_id=address.external_id, workspace_id=workspace_id)
    rows = [_row(gone, card, "answer", now, part=part, room=address.place) for part, card in enumerate(answer.cards)]
    for row in rows:
        row.last_address = {"external_id": address.external_id, "workspace": address.workspace}
    return _keep_for_request(session, rows, _name(address.channel, address.external_id, message_id), now)


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
        found = moves.loaded(session, DeliveryRow.id.in_(ours), DeliveryRow.state.in_(("sending", "waiting")))
    states: list[str] = []
    chunk = next((row.chunk for row in found if row.chunk), None)
    end: End | None = None
    cards = Cards(engine)
    for each in found:
        row = moves.ready(each, each.tries or 1)
        if each.state == "waiting" and not _next(engine, chunk, row.id, end, terms, now()):
            break
        if each.state == "sending" and not fresh(row, terms) and not moves.renew(engine, row, terms, now()):
            break
        end = attempt(channel, terms, row, cards, now())
        states.append(end.state)
        log.info("delivery", delivery=row.id, state=end.state, channel=address.channel)
        if end.state == "waiting":
            break
    _close(engine, chunk, end, now())
    return states


def card_of(session: Session, delivery_id: str) -> tuple[Card, Address, dt.datetime] | None:
    """What a delivery carries, to whom and where, and when it was last tried; None when there is no such delivery."""
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


def _next(engine: Engine, chunk: str | None, row_id: str, last: End | None, terms: Terms, now: dt.datetime) -> bool:
    """One commit: how the last card ended, and the intent to send the next."""
    with writing(engine) as session:
        if last:
            moves.finish(session, [last], chunk or "answer", now)
        session.execute(update(ChunkRow).where(ChunkRow.id == chunk).values(beat_at=now + REQUEST_LEASE))
        intent = {"state": "sending", "tries": 1, "moved_at": now, "verify_at": moves.surely_ended(now, terms)}
        return _if_waiting(session, row_id, intent, chunk) is not None


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


def _row(address: AddressRow, card: Card, kind: str, now: dt.datetime, **values: Any) -> DeliveryRow:
    if kind not in KINDS:
        raise ValueError(f"a delivery is one of {', '.join(KINDS)}")
    row = DeliveryRow(address_id=address.id, channel=address.channel, kind=kind, moved_at=now, **values)
    row.lane = lane(kind, address.channel, address.workspace_id, row.broadcast_id)
    row.card = stored(card)
    row.due_at = values.get("due_at") or now
    return row


def _given(row: DeliveryRow, name: str) -> Any:
    value = getattr(row, name)
    return {"room": "", "part": 0, "tries": 0, "doubts": 0}.get(name) if value is None else value


def _if_waiting(session: Session, delivery_id: str, values: dict[str, Any], chunk: str | None = None) -> Any:
    """Changes a row that still waits (in that chunk, never tried); None when there is none such, else the row."""
    given = {f"new_{name}": value for name, value in values.items()} | {"its_id": delivery_id}
    if chunk:
        given["its_chunk"] = chunk
    return session.connection().execute(_change(tuple(values), in_chunk=bool(chunk)), given).first()


@cache
def _change(names: tuple[str, ...], *, in_chunk: bool) -> ReturningUpdate[Any, Any]:
    """Made once, and run past the ORM: both cost more than the change itself."""
    wanted = update(_D).where(_D.c.id == bindparam("its_id"))
    if in_chunk:
        wanted = wanted.where(_D.c.state == "waiting", _D.c.chunk == bindparam("its_chunk"), _D.c.tries == 0)
    else:
        wanted = wanted.where(_D.c.state.in_(("waiting", "held")))
    values = {name: bindparam(f"new_{name}", type_=_D.c[name].type) for name in names}
    return wanted.values(values).returning(_D.c.id, _D.c.broadcast_id)


def _name(channel: str, external_id: str, message_id: str) -> str:
    return f"{channel}:{external_id}\n{message_id}"
