"""Data is kept encrypted, in UTC, on both databases; a database that is away costs one request, not two."""

from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, event, inspect, select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.orm import Session

import bot.db
from bot.conversations.tables import UnansweredRow
from bot.db import Table, downgrade, open_engine, reading, refuse_old_schema, revisions, upgrade, writing
from bot.errors import Refused, Unavailable
from bot.people.tables import PersonRow
from tests.conftest import KEYS, NOW, REPO

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
OTHER_KEY = "another key and surely thirty-two characters long"


def url_of(engine: Engine) -> str:
    """The address of a test's database, to open it once more."""
    return engine.url.render_as_string(hide_password=False)


def add(engine: Engine, name: str = "Anna", at: dt.datetime = NOW) -> str:
    """The id of a new person."""
    with writing(engine) as session:
        person = PersonRow(name=name, created_at=at)
        session.add(person)
        session.flush()
        return person.id


def name_of(engine: Engine, person: str) -> str | None:
    """What is stored as the name, decrypted."""
    with reading(engine) as session:
        return session.scalars(select(PersonRow.name).where(PersonRow.id == person)).one()


def stored_name(engine: Engine, person: str) -> bytes:
    """What is stored as the name, as it lies in the database."""
    with engine.connect() as connection:
        return bytes(connection.execute(text("SELECT name FROM people WHERE id = :id"), {"id": person}).scalar_one())


# encryption


def test_an_encrypted_column_holds_no_readable_word(engine: Engine) -> None:
    person = add(engine, "Annabel Marker 独家代理")
    stored = stored_name(engine, person)
    assert stored.startswith(b"gAAAA")  # a Fernet token
    for word in ("Annabel", "Marker", "独家代理"):
        assert word.encode() not in stored
    assert name_of(engine, person) == "Annabel Marker 独家代理"


def test_no_readable_word_is_in_the_file_on_disk(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "caucus.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{path}", KEYS)
    add(engine, "Annabel Marker")
    on_disk = b"".join(file.read_bytes() for file in tmp_path.glob("caucus.db*"))
    assert b"gAAAA" in on_disk
    assert b"Marker" not in on_disk
    engine.dispose()


def test_the_same_word_twice_is_not_the_same_ciphertext(engine: Engine) -> None:
    assert stored_name(engine, add(engine, "Anna")) != stored_name(engine, add(engine, "Anna"))


@pytest.mark.parametrize("value", ["", "x" * 200_000, "\x00\x1f\x7f", "😀 𠮷 \u202e", "half \ud800 a character", '{"a": 1}'])
def test_any_text_comes_back_as_it_went_in(engine: Engine, value: str) -> None:
    assert name_of(engine, add(engine, value)) == value


def test_a_missing_value_stays_missing(engine: Engine) -> None:
    with writing(engine) as session:
        person = PersonRow(created_at=NOW)
        session.add(person)
        session.flush()
        key = person.id
    assert name_of(engine, key) is None
    with engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM people")).scalar_one() is None


def test_after_a_key_change_the_newest_encrypts_and_all_decrypt(engine: Engine) -> None:
    before = add(engine, "before")
    rotated = open_engine(url_of(engine), [OTHER_KEY, *KEYS])
    after = add(rotated, "after")
    assert (name_of(rotated, before), name_of(rotated, after)) == ("before", "after")
    only_new = open_engine(url_of(engine), [OTHER_KEY])
    assert name_of(only_new, after) == "after"
    with pytest.raises(Unavailable):
        name_of(only_new, before)
    with pytest.raises(Unavailable):
        name_of(engine, after)  # the old key alone
    rotated.dispose()
    only_new.dispose()


def test_with_the_wrong_key_a_value_is_unavailable_and_the_reason_is_told_without_the_value(engine: Engine) -> None:
    person = add(engine, "Marker")
    stranger = open_engine(url_of(engine), [OTHER_KEY])
    with pytest.raises(Unavailable, match="CAUCUS_SECRET_KEYS") as caught:
        name_of(stranger, person)
    assert "Marker" not in str(caught.value)
    assert "gAAAA" not in str(caught.value)
    assert OTHER_KEY not in str(caught.value)
    stranger.dispose()
    assert name_of(engine, person) == "Marker"


def test_a_value_changed_on_disk_is_unavailable(engine: Engine) -> None:
    person = add(engine)
    changed = bytearray(stored_name(engine, person))
    changed[20] ^= 1
    with engine.begin() as connection:
        connection.execute(text("UPDATE people SET name = :name"), {"name": bytes(changed)})
    with pytest.raises(Unavailable):
        name_of(engine, person)


# moments


def test_a_moment_comes_back_in_utc_whatever_its_zone(engine: Engine) -> None:
    person = add(engine, at=dt.datetime(2026, 3, 1, 7, 30, 5, 123456, tzinfo=SHANGHAI))
    with reading(engine) as session:
        at = session.scalars(select(PersonRow.created_at).where(PersonRow.id == person)).one()
    assert at == dt.datetime(2026, 2, 28, 23, 30, 5, 123456, tzinfo=dt.UTC)
    assert at.utcoffset() == dt.timedelta(0)


def test_a_naive_time_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="a moment needs a time zone"):
        add(engine, at=dt.datetime(2026, 3, 1, 7, 30))
    with reading(engine) as session:
        assert session.scalars(select(PersonRow)).all() == []


def test_moments_of_several_zones_are_compared_as_moments(engine: Engine) -> None:
    early = add(engine, at=dt.datetime(2026, 3, 1, 9, 0, tzinfo=SHANGHAI))
    add(engine, at=dt.datetime(2026, 3, 1, 2, 0, tzinfo=dt.UTC))
    border = dt.datetime(2026, 3, 1, 2, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    with reading(engine) as session:
        assert list(session.scalars(select(PersonRow.id).where(PersonRow.created_at < border))) == [early]


# transactions


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    def fail() -> None:
        with writing(engine) as session:
            session.add(PersonRow(created_at=NOW))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with reading(engine) as session:
        assert session.scalars(select(PersonRow)).all() == []


def test_rows_can_still_be_read_after_their_transaction(engine: Engine) -> None:
    with writing(engine) as session:
        person = PersonRow(name="Anna", created_at=NOW)
        session.add(person)
    assert person.name == "Anna"


@pytest.fixture
def impatient(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A SQLite database whose writers give up after 0.05 s."""
    monkeypatch.setattr(bot.db, "BUSY_SECONDS", 0.05)
    path = tmp_path / "caucus.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{path}", KEYS)
    yield engine
    engine.dispose()


def test_a_locked_database_is_unavailable_and_the_next_request_works(impatient: Engine) -> None:
    add(impatient, "before")
    other = sqlite3.connect(impatient.url.database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(20):  # more often than the pool has connections: none may be lost
        with pytest.raises(Unavailable, match="away or locked"):
            add(impatient, "during")
    with reading(impatient) as session:  # reading waits for no writer
        assert list(session.scalars(select(PersonRow.name))) == ["before"]
    other.execute("ROLLBACK")
    other.close()
    add(impatient, "after")
    with reading(impatient) as session:
        assert sorted(session.scalars(select(PersonRow.name))) == ["after", "before"]


def test_writers_of_one_process_wait_in_turn_before_they_ask_sqlite(impatient: Engine) -> None:
    asked: list[object] = []
    event.listen(impatient, "begin", asked.append)
    with writing(impatient) as session:
        session.add(PersonRow(name="first", created_at=NOW))
        session.flush()
        with pytest.raises(Unavailable, match="away or locked"):
            add(impatient, "second")
        assert len(asked) == 1, "SQLite would have polled for the lock"
    assert name_of(impatient, add(impatient, "third")) == "third"


def test_a_missing_database_is_unavailable_and_the_next_request_works(tmp_path: Path, sqlite_template: Path) -> None:
    folder = tmp_path / "gone"
    engine = open_engine(f"sqlite:///{folder / 'caucus.db'}", KEYS)
    folder.rmdir()
    with pytest.raises(Unavailable):
        add(engine)
    folder.mkdir()
    with pytest.raises(Unavailable):  # there, but empty
        add(engine)
    engine.dispose()
    (folder / "caucus.db").write_bytes(sqlite_template.read_bytes())
    assert name_of(engine, add(engine, "Anna")) == "Anna"
    engine.dispose()


def test_a_broken_database_file_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "caucus.db"
    path.write_bytes(b"this was never a database " * 100)
    engine = open_engine(f"sqlite:///{path}", KEYS)
    with pytest.raises(Unavailable, match="damaged"):
        add(engine)
    engine.dispose()


def test_a_database_without_a_free_connection_is_unavailable_and_the_next_request_works(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.pool, "_timeout", 0.01)
    taken: list[Connection] = []
    try:
        while len(taken) < 100:
            try:
                taken.append(engine.execution_options(caucus_reads=True).connect())
            except NoConnectionFree:
                break
        assert len(taken) < 100
        with pytest.raises(Unavailable):
            add(engine)
    finally:
        for connection in taken:
            connection.close()
    assert name_of(engine, add(engine, "Anna")) == "Anna"


def test_a_lost_postgresql_connection_is_unavailable_or_replaced_and_the_next_request_works(postgres_engine: Engine) -> None:
    person = add(postgres_engine)
    admin = create_engine(postgres_engine.url, isolation_level="AUTOCOMMIT")

    def end_in_the_middle(session: Session) -> None:
        mine = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with admin.connect() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
        session.add(PersonRow(created_at=NOW))
        session.flush()

    try:
        with pytest.raises(Unavailable), writing(postgres_engine) as session:
            end_in_the_middle(session)
        assert name_of(postgres_engine, person) == "Anna"
        with writing(postgres_engine) as session:
            assert len(session.scalars(select(PersonRow)).all()) == 1
    finally:
        admin.dispose()
        with postgres_engine.begin() as connection:
            connection.execute(text("TRUNCATE people CASCADE"))


def test_a_server_that_is_not_there_is_unavailable() -> None:
    engine = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing", KEYS)
    with pytest.raises(Unavailable):
        add(engine)
    engine.dispose()


def test_two_writers_wait_for_each_other(engine: Engine) -> None:
    people = [add(engine, "0") for _ in range(2)]
    rounds = 10

    def count_up() -> None:
        for _ in range(rounds):
            with writing(engine) as session:
                row = session.scalars(select(PersonRow).where(PersonRow.id == people[0]).with_for_update()).one()
                row.name = str(int(row.name or 0) + 1)

    threads = [threading.Thread(target=count_up) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert name_of(engine, people[0]) == str(3 * rounds)
    assert name_of(engine, people[1]) == "0"


# SQLite as we want it


def test_sqlite_keeps_a_write_ahead_log_and_its_promises(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'new' / 'caucus.db'}", KEYS)
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    engine.dispose()


# migrations


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without any table of ours, on both engines."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path / 'caucus.db'}", KEYS)
        yield engine
        engine.dispose()
        return
    usual: Engine = request.getfixturevalue("postgres_engine")
    name = f"{usual.url.database}_empty"
    admin = create_engine(usual.url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = open_engine(usual.url.set(database=name).render_as_string(hide_password=False), KEYS)
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def tables(engine: Engine) -> set[str]:
    """The tables there are, Alembic's own left out."""
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def differences(engine: Engine) -> list[object]:
    """What Alembic would change to make the database fit the models."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Table.metadata))


def test_migrations_go_up_and_down_and_up_again(empty: Engine) -> None:
    wanted = set(Table.metadata.tables)
    for _ in range(2):
        upgrade(empty)
        assert tables(empty) == wanted
        assert name_of(empty, add(empty, "Anna")) == "Anna"
        downgrade(empty, "base")
        assert tables(empty) == set()
        assert revisions(empty)[0] is None
    upgrade(empty)
    with reading(empty) as session:
        assert session.scalars(select(PersonRow)).all() == []


def test_every_single_step_can_be_taken_back(empty: Engine) -> None:
    upgrade(empty)
    steps = 0
    while revisions(empty)[0] is not None:
        downgrade(empty, "-1")
        steps += 1
        assert steps < 1000
    assert tables(empty) == set()
    for _ in range(steps):
        upgrade(empty, "+1")
    assert revisions(empty)[0] == revisions(empty)[1]


def test_the_migrated_schema_is_the_one_of_the_models(empty: Engine) -> None:
    upgrade(empty)
    assert differences(empty) == []
    with empty.begin() as connection:  # and the comparison sees a difference when there is one
        connection.execute(text("ALTER TABLE votes ADD COLUMN stray INTEGER"))
    assert len(differences(empty)) == 1


def test_upgrading_again_changes_nothing(empty: Engine) -> None:
    upgrade(empty)
    person = add(empty, "Anna")
    upgrade(empty)
    assert name_of(empty, person) == "Anna"


def test_an_old_schema_is_refused_with_what_to_do(empty: Engine) -> None:
    with pytest.raises(Refused, match="caucus db upgrade"):
        refuse_old_schema(empty)
    upgrade(empty)
    refuse_old_schema(empty)
    downgrade(empty, "base")
    with pytest.raises(Refused, match="caucus db upgrade"):
        refuse_old_schema(empty)


def test_tables_of_others_are_left_alone(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE queues (id INTEGER PRIMARY KEY)"))
        connection.execute(text("INSERT INTO queues VALUES (7)"))
    upgrade(empty)
    downgrade(empty, "base")
    with empty.connect() as connection:
        assert connection.execute(text("SELECT id FROM queues")).scalar_one() == 7


def test_starters_that_meet_on_a_new_file_all_get_their_schema(tmp_path: Path) -> None:
    engines = [open_engine(f"sqlite:///{tmp_path / 'caucus.db'}", KEYS) for _ in range(4)]
    together = threading.Barrier(len(engines))
    raised: list[BaseException] = []

    def start(engine: Engine) -> None:
        together.wait()
        try:
            upgrade(engine)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            raised.append(error)

    threads = [threading.Thread(target=start, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []
    assert tables(engines[0]) == set(Table.metadata.tables)
    for engine in engines:
        engine.dispose()


def test_a_row_needs_its_person(engine: Engine) -> None:
    row = UnansweredRow(person_id="nobody", said="x", lang="en", reason="unknown", likely=[], at=NOW)
    with pytest.raises(Exception, match=r"(?i)foreign key"), writing(engine) as session:
        session.add(row)


@pytest.mark.parametrize("module", ["bot.wiring_ground", "bot.cli.database"])
def test_who_opens_a_database_knows_every_table(module: str) -> None:
    """Erasure, export and backups go over the tables that are known: one that nobody imported would be left out unsaid."""
    known = "from bot.db import Table; print(*sorted(Table.metadata.tables))"
    told = subprocess.run(
        [sys.executable, "-c", f"import {module}; {known}"], cwd=REPO, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == sorted(Table.metadata.tables)
    assert len(told.stdout.split()) > 40
