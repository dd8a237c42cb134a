"""Everything that is kept of a person, for themselves: every row that erasure would take, as plain data."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Table as Rows
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db import Table
from bot.people.data_map import DATA_MAP
from bot.people.tables import PersonRow

FINDS_A_ROW = "digest"
"""Columns whose name ends so say nothing to people: hashes that find a row."""


def export(session: Session, person: PersonRow) -> dict[str, list[dict[str, Any]]]:
    """Table → the person's rows, decrypted; only tables that hold any."""
    found: dict[str, list[dict[str, Any]]] = {}
    ids: dict[str, list[Any]] = {"people": [person.id]}
    for rows in Table.metadata.sorted_tables:  # parents come before their children
        if DATA_MAP[rows.name].whose != "person":
            continue
        mine = _mine(session, rows, ids)
        if mine:
            found[rows.name] = [
                {name: _plain(value) for name, value in row.items() if not name.endswith(FINDS_A_ROW)} for row in mine
            ]
            if len(rows.primary_key) == 1:
                key = next(iter(rows.primary_key)).name
                ids.setdefault(rows.name, [row[key] for row in mine])
    return found


def _mine(session: Session, rows: Rows, ids: dict[str, list[Any]]) -> list[dict[str, Any]]:
    if rows.name == "people":
        asked = [rows.c.id.in_(ids["people"])]
    else:
        keys = [key for column in rows.columns for key in column.foreign_keys if key.ondelete == "CASCADE"]
        person = [key for key in keys if key.column.table.name == "people"]
        asked = [key.parent.in_(ids.get(key.column.table.name, [])) for key in person or keys]
    if not asked:
        return []
    return [dict(row) for row in session.execute(select(rows).where(asked[0])).mappings()]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime) else value
