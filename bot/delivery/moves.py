"""Every change of a delivery that is being sent: intent, renewal, end. Each names the fence.

The fence is `tries`: whoever takes a row over raises it, and an owner with an older number changes nothing any more.
A chunk costs two transactions when all goes well: it is begun together with the intents of its first rows, and it is
forgotten together with the ends of its last ones.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Select,
    String,
    TextualSelect,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    type_coerce,
    update,
)
from sqlalchemy import Table as SqlTable
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from bot.db import Moment, writing
from bot.delivery import holds
from bot.delivery.progress import ENDS, count
from bot.delivery.tables import ChunkRow, DeliveryRow, HoldRow
from bot.delivery.terms import Terms
from bot.messages import Address
from bot.people.tables import AddressRow, Workspace


@dataclass(frozen=True)
class Ready:
    """One delivery whose intent is committed: it may be sent by whoever holds this, while the fence is `tries`."""

    id: str
    address_id: str | None
    lane: str
    address: Address
    card: bytes | None
    """Still encrypted; None: the one its broadcast shares for `lang`. See `bot.delivery.cards`."""
    lang: str | None
    tries: int
    doubts: int
    reply_to: str | None
    broadcast_id: str | None
    verify: bool = False
    """An earlier try may have arrived: find out first."""
    taken: int = 0
    """So many of its messages the vendor has; see SendError."""
    since: float = field(default_factory=time.monotonic)
    """When the intent was committed, on this process's monotonic clock."""


@dataclass(frozen=True)
class End:
    """How one try ended. `waiting` and `sending` are ends of the try, not of the delivery."""

    row: Ready
    state: str
    due_at: dt.datetime | None = None
    verify_at: dt.datetime | None = None
    vendor_id: str | None = None
    reason: str | None = None
    doubt: bool = False
    wait: float = 0.0
    """What the vendor asked for, in seconds; 0: it asked for nothing."""
    taken: int = 0
    """Messages of it that the vendor has by now, where it goes as several; 0: as many as before."""


_D = cast("SqlTable", DeliveryRow.__table__)
_C = cast("SqlTable", ChunkRow.__table__)
_URGENT_FIRST = (func.substr(_D.c.lane, 1, 1), _D.c.due_at, _D.c.part)
_A, _W = cast("SqlTable", AddressRow.__table__), cast("SqlTable", Workspace.__table__)
_CARRIED = (
    *(_D.c.id, _D.c.address_id, _D.c.lane, _D.c.channel, _D.c.room, _D.c.last_address),
    *(_A.c.external_id, _W.c.external_id.label("workspace"), type_coerce(_D.c.card, LargeBinary).label("card"), _D.c.lang),
    *(_D.c.tries, _D.c.doubts, _D.c.reply_to, _D.c.broadcast_id, _D.c.taken),
)
"""What a `Ready` is made of, in the order in which `ready` takes it."""


def _with_places(*columns: Any) -> Select[*tuple[Any, ...]]:
    found = select(*columns).outerjoin(_A, _A.c.id == _D.c.address_id).outerjoin(_W, _W.c.id == _A.c.workspace_id)
    return found.order_by(*_URGENT_FIRST)


_LOADED = _with_places(*_CARRIED, _D.c.state, _D.c.chunk, _D.c.moved_at)
_FREE = or_(_D.c.broadcast_id.is_(None), _D.c.broadcast_id.not_in(select(HoldRow.broadcast_id)))
_BEGIN = (
    update(_C)
    .where(_C.c.id == bindparam("mine"), _C.c.worker.is_(None))
    .values(worker=bindparam("its_worker"), beat_at=bindparam("now", type_=Moment()))
    .returning(_C.c.urgent)
)
_HERE = (_D.c.chunk == bindparam("mine"), _D.c.state == "waiting", _FREE)
_NEXT = select(_D.c.id).where(*_HERE).order_by(*_URGENT_FIRST).limit(bindparam("most"))
_UNTIL, _NOW = bindparam("until", type_=Moment()), bindparam("now", type_=Moment())
_SENDING = {"state": "sending", "tries": _D.c.tries + 1, "reason": None, "moved_at": _NOW, "verify_at": _UNTIL}
_INTENT = update(_D).where(*_HERE, _D.c.id.in_(_NEXT)).values(_SENDING)
_PROLONG = update(_D).where(_D.c.chunk == bindparam("mine"), _D.c.state == "sending").values(verify_at=_UNTIL)
_OURS_NOW = _with_places(*_CARRIED).where(_D.c.chunk == bindparam("mine"), _D.c.state == "sending")


def loaded(session: Session, *where: ColumnElement[bool]) -> Sequence[Any]:
    """The deliveries that fit, urgent and oldest first, with where they go; cards stay encrypted."""
    return session.execute(_LOADED.where(*where).limit(100)).all()


def ready(row: Any, tries: int, *, verify: bool = False) -> Ready:
    """A loaded row whose intent is now committed."""
    key, to, lane, channel, place, last, who, workspace, card, lang, _, doubts, reply_to, broadcast, taken = row[: len(_CARRIED)]
    if to is None:
        who, workspace = last["external_id"], last["workspace"]
    # not checked again: it was when it was kept
    address = Address.model_construct(channel=channel, external_id=who, workspace=workspace or "", place=place)
    return Ready(key, to, lane, address, card, lang, tries, doubts, reply_to, broadcast, verify, taken)


def begin(session: Session, chunk: str, worker: str, now: dt.datetime) -> bool | None:
    """Make a chunk ours: whether it is urgent; None when somebody has it or it was reaped. Commits nothing."""
    return session.connection().execute(_BEGIN, {"mine": chunk, "its_worker": worker, "now": now}).scalar()


def claim(session: Session, chunk: str, terms: Terms, now: dt.datetime, most: int) -> list[Ready]:
    """The intent to send the next rows of our chunk, at most `most`; empty when none are left. Commits nothing.

    Held broadcasts are left out. A chunk that the reaper made gives its doubtful rows, their time to find out prolonged.
    """
    verify = not _changed(session, _INTENT, mine=chunk, most=most, now=now, until=surely_ended(now, terms))
    if verify and not _changed(session, _PROLONG, mine=chunk, until=surely_ended(now, terms, looks_up=True)):
        return []
    rows = session.connection().execute(_OURS_NOW, {"mine": chunk})
    return [ready(row, row.tries, verify=verify) for row in rows]


def renew(engine: Engine, row: Ready, terms: Terms, now: dt.datetime) -> bool:
    """Say once more that this row is about to be sent; False when somebody has taken it over. Commits."""
    mine = update(_D).where(_D.c.id == row.id, _D.c.tries == row.tries, _D.c.state == "sending")
    with writing(engine) as session:
        until = surely_ended(now, terms, looks_up=row.verify)
        return _changed(session, mine.values(verify_at=until) if row.verify else mine.values(moved_at=now, verify_at=until)) == 1


_FINISH = """
UPDATE deliveries SET state = {state}, due_at = coalesce({due_at}, deliveries.due_at), verify_at = {verify_at},
  moved_at = CASE WHEN {state} = 'sending' THEN deliveries.moved_at ELSE :now END,
  vendor_id = {vendor_id}, reason = {reason}, doubts = deliveries.doubts + {doubt},
  taken = CASE WHEN {taken} > 0 THEN {taken} ELSE deliveries.taken END, chunk = NULL, slot = NULL
FROM {ends} WHERE deliveries.id = {id} AND deliveries.tries = {tries} AND deliveries.state = 'sending' RETURNING deliveries.id
"""
_FIELDS = ("id", "tries", "state", "due_at", "verify_at", "vendor_id", "reason", "doubt", "taken")
_RECORD = (
    "jsonb_to_recordset(CAST(:ends AS jsonb)) AS e(id text, tries integer, state text, due_at timestamptz, "
    "verify_at timestamptz, vendor_id text, reason text, doubt integer, taken integer)"
)


def _finish_all(ends: str, field: str) -> TextualSelect:
    statement = text(_FINISH.format(ends=ends, **{name: field.format(name) for name in _FIELDS}))
    return statement.bindparams(bindparam("now", type_=Moment()), bindparam("ends", type_=String())).columns(id=String())


_FINISH_ALL = {
    "postgresql": _finish_all(_RECORD, "e.{}"),
    "sqlite": _finish_all("json_each(:ends) AS e", "json_extract(e.value, '$.{}')"),
}
"""All ends in one statement: row by row it was a third of the cost of a delivery."""


def finish(session: Session, ends: Iterable[End], chunk: str, now: dt.datetime) -> list[str]:
    """Write how tries ended; returns the ids of rows that are ours no more and were left alone. Commits nothing.

    A last word to somebody who is erased leaves no row behind.
    """
    by_id = {end.row.id: end for end in ends}
    if not by_id:
        return []
    dialect = session.get_bind().dialect.name
    told = json.dumps([_values(end, lite=dialect == "sqlite") for end in by_id.values()])
    written = set(session.connection().execute(_FINISH_ALL[dialect], {"ends": told, "now": now}).scalars())
    over = [end for key, end in by_id.items() if key in written and end.state in ENDS]
    count(session, chunk, Counter((end.row.broadcast_id, end.state) for end in over))
    ended = Counter(end.row.broadcast_id for end in over)
    for failing in {end.row.broadcast_id for end in over if end.row.broadcast_id and end.state != "sent"}:
        holds.stop_failing(session, failing, ended[failing], now)
    if last_words := [end.row.id for end in over if end.row.address_id is None]:
        session.execute(delete(_D).where(_D.c.id.in_(last_words)))
    return [key for key in by_id if key not in written]


def release(session: Session, chunk: str) -> int:
    """Take all rows from a chunk and forget it; those in `sending` are found by their `verify_at`. Returns how many waited."""
    states = session.execute(update(_D).where(_D.c.chunk == chunk).values(chunk=None).returning(_D.c.state)).scalars().all()
    session.execute(delete(_C).where(_C.c.id == chunk))
    return states.count("waiting")


def _values(end: End, *, lite: bool) -> dict[str, Any]:
    def told(at: dt.datetime | None) -> str | None:
        return at and at.astimezone(dt.UTC).isoformat(" ", "microseconds").removesuffix("+00:00" if lite else "")

    return {
        "id": end.row.id,
        "tries": end.row.tries,
        "state": end.state,
        "due_at": told(end.due_at),
        "verify_at": told(end.verify_at) if end.state == "sending" else None,
        "vendor_id": end.vendor_id,
        "reason": end.reason,
        "doubt": int(end.doubt),
        "taken": end.taken,
    }


def surely_ended(now: dt.datetime, terms: Terms, *, looks_up: bool = False) -> dt.datetime:
    """When a send that begins now is over for certain, its message at the vendor or not."""
    calls = 2 if looks_up else 1
    return now + dt.timedelta(seconds=calls * terms.hard_timeout + terms.settling)


def _changed(session: Session, statement: Any, **values: Any) -> int:
    return session.connection().execute(statement, values).rowcount
