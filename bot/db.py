"""Where is data kept? One engine over SQLite (WAL) or PostgreSQL, the table base, encrypted columns, sessions.

A session given out by `writing` is one transaction: it commits at the end or not at all. On SQLite it takes the
write lock at its start (BEGIN IMMEDIATE), so that two writers wait for each other instead of failing half way.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import sqlite3
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import DateTime, Engine, LargeBinary, TypeDecorator, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import DeclarativeBase, Session

from bot.errors import Refused, Unavailable

BUSY_SECONDS = 5.0
"""How long a writer waits for SQLite's write lock before the request is refused as Unavailable."""
MIGRATIONS = Path(__file__).parent / "migrations"


class Table(DeclarativeBase):
    """Base of all tables; each feature folder keeps its own in `tables.py`."""


class Encrypted(TypeDecorator[Any]):
    """A value (text, or anything JSON can hold) that is ciphertext in the database.

    Fernet (AES-128-CBC with HMAC-SHA256) under keys derived from CAUCUS_SECRET_KEYS: the newest encrypts, all decrypt.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """Encrypt on the way in."""
        if value is None:
            return None
        return _cipher(dialect).encrypt(
            json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        )

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        """Decrypt on the way out; Unavailable when no key fits."""
        if value is None:
            return None
        try:
            return json.loads(_cipher(dialect).decrypt(bytes(value)))
        except InvalidToken:
            raise Unavailable("a stored value cannot be decrypted: is the right key in CAUCUS_SECRET_KEYS?") from None


class Moment(TypeDecorator[dt.datetime]):
    """A point in time: aware in Python, UTC in the database on both engines. A naive time is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002 - SQLAlchemy calls it so
        """To UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002 - SQLAlchemy calls it so
        """SQLite forgets the zone; it is UTC."""
        return None if value is None else (value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC))


def open_engine(url: str, keys: Sequence[str]) -> Engine:
    """An engine over `url`; `keys` (newest first) encrypt the Encrypted columns. Nothing is connected yet."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(parsed, pool_pre_ping=True, pool_size=10, max_overflow=10, connect_args={"connect_timeout": 5})
    engine.dialect.caucus_turn = _Turn() if parsed.get_backend_name() == "sqlite" else None  # type: ignore[attr-defined]
    engine.dialect.caucus_cipher = MultiFernet([Fernet(_derive(key)) for key in keys])  # type: ignore[attr-defined]
    return engine


@contextmanager
def writing(engine: Engine, *, first: bool = False) -> Generator[Session]:
    """One transaction that may write: commits at the end, rolls back on any error. `first`: before others that wait.

    Raises Unavailable when the database is away or locked; nothing is then changed.
    """
    turn: _Turn | None = getattr(engine.dialect, "caucus_turn", None)
    with (
        turn.taken(first=first) if turn else nullcontext(),
        _translated(),
        Session(engine, expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session


@contextmanager
def reading(engine: Engine) -> Generator[Session]:
    """A transaction that only reads and never waits for a writer. Raises Unavailable as `writing` does."""
    with _translated(), Session(engine.execution_options(caucus_reads=True)) as session:
        yield session


def insert_into(table: Any, dialect: str) -> sqlite.Insert | postgresql.Insert:
    """An INSERT of this database's own kind, which knows ON CONFLICT; `dialect` is the name that the engine has for it."""
    return (postgresql if dialect == "postgresql" else sqlite).insert(table)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to a revision; doing it again changes nothing."""
    with _translated(), engine.begin() as connection:
        command.upgrade(_alembic(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the schema back to an older revision."""
    with _translated(), engine.begin() as connection:
        command.downgrade(_alembic(connection), revision)


def revisions(engine: Engine) -> tuple[str | None, str | None]:
    """(what the database has, what this code needs)."""
    with _translated(), engine.connect() as connection:
        has = MigrationContext.configure(connection).get_current_revision()
        return has, ScriptDirectory.from_config(_alembic(connection)).get_current_head()


def known(revision: str | None) -> bool:
    """Whether it is one of ours, or none yet: from there an upgrade finds its way."""
    return revision is None or any(script.revision == revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def newer(has: str | None, needs: str | None) -> bool:
    """Whether a schema is of a later version than this code; revisions are numbers in order."""
    return bool(has and needs and has.isdecimal() and int(has) > int(needs))


def refuse_old_schema(engine: Engine) -> None:
    """Raises Refused when the schema is not the very one this code needs, be it older or newer."""
    has, needs = revisions(engine)
    if newer(has, needs):
        raise Refused(f"the database is at revision {has}, of a later version; this one needs {needs}")
    if has != needs:
        raise Refused(f"the database is at revision {has or 'none'}, this version needs {needs}: run `caucus db upgrade`")


def _alembic(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


class _Turn:
    """The writers of one process wait for each other here, not in SQLite: that one polls, ever more seldom and in no order.

    With eight threads at work some waited past BUSY_SECONDS while others went by. Who keeps a vendor waiting goes first.
    """

    def __init__(self) -> None:
        lock = threading.Lock()
        self._door, self._rest = threading.Condition(lock), threading.Condition(lock)
        self._busy, self._at_the_door = False, 0

    @contextmanager
    def taken(self, *, first: bool) -> Generator[None]:
        queue = self._door if first else self._rest
        with queue:  # one lock behind both
            self._at_the_door += first
            mine = queue.wait_for(lambda: not self._busy and (first or not self._at_the_door), BUSY_SECONDS)
            self._at_the_door -= first
            if not mine:
                raise Unavailable("the database is away or locked")
            self._busy = True
        try:
            yield
        finally:
            with self._door:
                self._busy = False
                (self._door if self._at_the_door else self._rest).notify()


@contextmanager
def _translated() -> Generator[None]:
    try:
        yield
    except (OperationalError, NoConnectionFree) as error:
        full = "disk is full" in str(error.__cause__ or "")  # SQLite's words; nothing was changed
        raise Unavailable("the disk of the database is full" if full else "the database is away or locked") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unavailable("the connection to the database was lost") from error
        if type(error) is DatabaseError:  # what SQLite says of a file that is broken or none of its own
            raise Unavailable("the database file is damaged") from error
        raise


def _derive(key: str) -> bytes:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"caucus columns").derive(key.encode())
    return base64.urlsafe_b64encode(derived)


def _cipher(dialect: Dialect) -> MultiFernet:
    return dialect.caucus_cipher  # type: ignore[attr-defined]


def _set_up_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves, see _begin_sqlite
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={int(BUSY_SECONDS * 1000)}"):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("md5", 1, _md5, deterministic=True)  # as PostgreSQL has it


def _md5(value: str | None) -> str | None:
    return None if value is None else hashlib.md5(value.encode(), usedforsecurity=False).hexdigest()


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("caucus_reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
