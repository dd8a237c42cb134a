"""Everything that is kept of a person, for themselves: every row that erasure would take, as plain data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, select
from sqlalchemy import Table as Rows
from sqlalchemy.orm import Session

from bot.db import Table
from bot.people.data_map import DATA_MAP
from bot.people.tables import PersonRow

FINDS_A_ROW = "digest"
"""Columns whose name ends so say nothing to people: hashes that find a row."""


def export(session: Session, person: PersonRow) -> dict[str, list[dict[str, Any]]]:
    """Table → the person's rows, decrypted; only tables that hold any."""
    found: dict[str, list[dict[str, Any]]] = {}
    for rows, mine in _all(person.id):
        if told := [_told(row) for row in session.execute(select(rows).where(mine)).mappings()]:
            found[rows.name] = told
    return found


def counts(session: Session, person: PersonRow) -> dict[str, int]:
    """Table → how many rows `export` would give; only tables that hold any. Opens none of them."""
    numbers = {rows.name: session.scalar(select(func.count()).select_from(rows).where(mine)) for rows, mine in _all(person.id)}
    return {name: number for name, number in numbers.items() if number}


def _all(person_id: str) -> Iterator[tuple[Rows, ColumnElement[bool]]]:
    """(table, which of its rows are the person's), parents before their children."""
    for rows in Table.metadata.sorted_tables:
        if DATA_MAP[rows.name].whose == "person" and (mine := _mine(rows, person_id)) is not None:
            yield rows, mine


def _mine(rows: Rows, person_id: str) -> ColumnElement[bool] | None:
    """Which rows go with the person: by the person's id, else with the row that they hang on."""
    if rows.name == "people":
        return rows.c.id == person_id
    keys = [key for column in rows.columns for key in column.foreign_keys if key.ondelete == "CASCADE"]
    for key in sorted(keys, key=lambda key: key.column.table.name != "people"):
        above = key.column.table
        if above is not rows and DATA_MAP[above.name].whose == "person" and (theirs := _mine(above, person_id)) is not None:
            return key.parent.in_(select(key.column).where(theirs))
    return None


def _told(row: RowMapping) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items() if not name.endswith(FINDS_A_ROW)}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime) else value
