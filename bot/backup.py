"""Everything in the database as one file, and back, on SQLite and PostgreSQL alike and from one to the other.

The file is gzip over JSON lines: a header, rows of one table a line, and an end with counts and a SHA-256 over all before
it. What is encrypted stays encrypted: the file is useless without CAUCUS_SECRET_KEYS, and they are not in it. DBOS's own
tables are left out: rows of ours are the schedule, and what was on its way is verified like after a crash.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, LargeBinary, column, delete, func, insert, select, table
from sqlalchemy import Table as Rows
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import TableClause

from bot.db import Encrypted, Table, reading, refuse_old_schema, revisions, writing
from bot.errors import Refused, Unavailable

FORM = 1
ROWS_AT_ONCE = 500
LONGEST_LINE = 512 * 1024 * 1024
"""Bytes of one line that a restore reads: far more than 500 rows have; a file that is none of ours may have no end."""
WORDS = "caucus"
"""Encrypted in the header, to tell before anything is changed whether the keys fit."""


def backup(engine: Engine, file: Path, now: dt.datetime) -> dict[str, int]:
    """Write all rows as of one moment to `file`, which is replaced whole; returns rows by table.

    Raises Refused for an old schema or a file that cannot be written, Unavailable when the database is away.
    """
    refuse_old_schema(engine)
    part = file.with_name(f"{file.name}.part")
    digest, counts = hashlib.sha256(), dict[str, int]()
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
            with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as out, _one_moment(engine) as session:
                for line in _lines(session, engine, now, counts):
                    written = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                    digest.update(written)
                    out.write(written)
                out.write(json.dumps({"end": counts, "sha256": digest.hexdigest()}).encode() + b"\n")
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Refused(f"{file} cannot be written: {error.strerror}") from None
    return counts


def restore(engine: Engine, file: Path, *, replace: bool = False) -> dict[str, int]:
    """Load a file of `backup`, in one transaction; returns rows by table.

    Raises Refused, with nothing changed, for a file that is damaged, of another version or under other keys, and for a
    database that holds people unless `replace`.
    """
    refuse_old_schema(engine)
    counts = check(engine, file)
    with writing(engine) as session:
        people = Table.metadata.tables["people"]
        if not replace and session.scalar(select(func.count()).select_from(people)):
            raise Refused("this database holds people already: --replace puts the backup in their place")
        for rows in reversed(Table.metadata.sorted_tables):
            session.execute(delete(rows))
        for line in _read(file):
            if "rows" in line:
                rows = Table.metadata.tables[line["table"]]
                session.execute(insert(_plain(rows)), [_taken(rows, row) for row in line["rows"]])
        _go_on_counting(session)
    return counts


def check(engine: Engine, file: Path) -> dict[str, int]:
    """Read a whole backup without changing anything; returns rows by table. Raises Refused."""
    digest, found, header, end = hashlib.sha256(), dict[str, int](), None, None
    for line in _read(file):
        if end is not None:
            raise Refused(f"{file} is damaged: it goes on after its end")
        if "end" in line:
            end = line
            continue
        digest.update(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        if header is None:
            header = line
            _refuse_other(engine, file, header)
        elif line.get("table") not in Table.metadata.tables or not isinstance(line.get("rows"), list):
            raise Refused(f"{file} is damaged: rows of no table")
        else:
            found[line["table"]] = found.get(line["table"], 0) + len(line["rows"])
    if end is None or header is None or end.get("sha256") != digest.hexdigest() or end["end"] != found:
        raise Refused(f"{file} is damaged: it is not whole")
    return found


def _lines(session: Session, engine: Engine, now: dt.datetime, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    yield {"caucus": FORM, "revision": revisions(engine)[0], "made_at": now.isoformat(), "words": _token(engine)}
    for rows in Table.metadata.sorted_tables:
        found = session.execute(select(_plain(rows)), execution_options={"yield_per": ROWS_AT_ONCE}).mappings()
        for some in found.partitions(ROWS_AT_ONCE):
            counts[rows.name] = counts.get(rows.name, 0) + len(some)
            yield {"table": rows.name, "rows": [{name: _given(value) for name, value in row.items()} for row in some]}


@contextmanager
def _one_moment(engine: Engine) -> Generator[Session]:
    """A reading transaction that sees one moment throughout."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with reading(engine) as session:
        yield session


def _read(file: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(file, "rb") as lines:
            while line := lines.readline(LONGEST_LINE):
                found = json.loads(line)
                if not isinstance(found, dict):
                    raise Refused(f"{file} is damaged: a line is no object")
                yield found
    except FileNotFoundError:
        raise Refused(f"there is no {file}") from None
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise Refused(f"{file} is damaged or no backup: {type(error).__name__}") from None


def _refuse_other(engine: Engine, file: Path, header: Mapping[str, Any]) -> None:
    if header.get("caucus") != FORM:
        raise Refused(f"{file} is no backup that this version reads")
    needs = revisions(engine)[1]
    if header.get("revision") != needs:
        raise Refused(
            f"{file} is of revision {header.get('revision')}, this version needs {needs}: "
            "restore it with the version that made it, then upgrade"
        )
    try:
        Encrypted().process_result_value(base64.b64decode(str(header.get("words"))), engine.dialect)
    except (Unavailable, ValueError):
        raise Refused(f"{file} was made under other keys: put its key among CAUCUS_SECRET_KEYS") from None


def _token(engine: Engine) -> str:
    return base64.b64encode(Encrypted().process_bind_param(WORDS, engine.dialect) or b"").decode()


def _plain(rows: Rows) -> TableClause:
    """The table with what is encrypted as bytes."""
    columns = [column(c.name, LargeBinary() if isinstance(c.type, Encrypted) else c.type) for c in rows.columns]
    return table(rows.name, *columns)


def _given(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"b": base64.b64encode(bytes(value)).decode()}
    return {"t": value.isoformat()} if isinstance(value, dt.datetime) else {"v": value}


def _taken(rows: Rows, row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in rows.columns.keys():  # noqa: SIM118 - a column collection gives columns otherwise
        value = row[name]
        if "b" in value:
            found[name] = base64.b64decode(value["b"])
        else:
            found[name] = dt.datetime.fromisoformat(value["t"]) if "t" in value else value["v"]
    return found


def _go_on_counting(session: Session) -> None:
    """PostgreSQL's sequences stand behind what was loaded; SQLite goes on from the highest by itself."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for rows in Table.metadata.sorted_tables:
        for key in rows.primary_key:
            if key is rows.autoincrement_column:
                sequence = func.pg_get_serial_sequence(rows.name, key.name)
                session.execute(
                    select(func.setval(sequence, select(func.coalesce(func.max(key), 0) + 1).scalar_subquery(), False))
                )
