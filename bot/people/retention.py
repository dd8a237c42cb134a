"""What has been kept long enough goes by itself, by the days of `data_map`. Run every hour; again changes nothing."""

from __future__ import annotations

import datetime as dt

import structlog
from sqlalchemy import ColumnElement, Engine, String, or_, select, tuple_
from sqlalchemy import Table as Rows

from bot.db import Table, writing
from bot.people.data_map import DATA_MAP, SAID_DAYS

log = structlog.get_logger()
ROWS_AT_ONCE = 500
"""Of one transaction, so that nobody waits for it."""


def sweep(engine: Engine, now: dt.datetime) -> dict[str, int]:
    """Delete what is over; returns how many rows of which table. Commits in groups. Raises Unavailable."""
    gone = {name: _delete(engine, Table.metadata.tables[name], now) for name, kept in DATA_MAP.items() if kept.days is not None}
    gone["inbounds.said"] = _forget_words(engine, now)
    gone = {name: count for name, count in gone.items() if count}
    if gone:
        log.info("kept long enough", **{name.replace(".", "_"): count for name, count in gone.items()})
    return gone


def _delete(engine: Engine, rows: Rows, now: dt.datetime) -> int:
    kept = DATA_MAP[rows.name]
    assert kept.days is not None
    until, since = now - dt.timedelta(days=kept.days), rows.c[kept.since]
    over = [since < (until.date().isoformat() if isinstance(since.type, String) else until)]
    if kept.only:
        over.append(_is_one_of(rows.c[kept.only[0]], kept.only[1]))
    key = tuple_(*rows.primary_key.columns)
    return _all(engine, rows.delete().where(key.in_(select(*rows.primary_key.columns).where(*over).limit(ROWS_AT_ONCE))))


def _is_one_of(column: ColumnElement[object], values: tuple[str | None, ...]) -> ColumnElement[bool]:
    return or_(*(column.is_(None) if value is None else column == value for value in values))


def _forget_words(engine: Engine, now: dt.datetime) -> int:
    rows = Table.metadata.tables["inbounds"]
    old = (rows.c.received_at < now - dt.timedelta(days=SAID_DAYS), rows.c.said.is_not(None))
    some = select(rows.c.id).where(*old).limit(ROWS_AT_ONCE).scalar_subquery()
    return _all(engine, rows.update().where(rows.c.id.in_(some)).values(said=None))


def _all(engine: Engine, statement: object) -> int:
    total = 0
    while True:
        with writing(engine) as session:
            count = int(session.execute(statement).rowcount)  # type: ignore[call-overload, union-attr]
        total += count
        if count < ROWS_AT_ONCE:
            return total
