"""An upgrade without a pause: old code goes on with the new schema, and a migration that was interrupted is simply run again."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, create_engine, inspect, text

from bot.db import MIGRATIONS, Table, open_engine, refuse_old_schema, revisions, upgrade
from bot.errors import Refused
from bot.settings import read_settings
from bot.wiring_ground import ground
from tests.conftest import KEYS, REPO, skip_loudly

REVISIONS = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]
STEPS = list(pairwise(REVISIONS))
SINCE = "0011"
"""From here on every step is held to the rule; earlier ones were made before anything was in use."""


@pytest.fixture
def empty(url: str) -> Iterator[Engine]:
    engine = open_engine(url, KEYS)
    yield engine
    engine.dispose()


def whole(engine: Engine) -> None:
    """The schema is the newest, with every table."""
    has, needs = revisions(engine)
    assert has == needs == REVISIONS[-1]
    assert set(Table.metadata.tables) <= set(inspect(engine).get_table_names())


def shape(engine: Engine) -> MetaData:
    """What the database looks like, as code of its revision knows it."""
    found = MetaData()
    found.reflect(engine)
    return found


@pytest.mark.parametrize(("old", "new"), STEPS[REVISIONS.index(SINCE) :])
def test_a_step_takes_nothing_away_that_older_code_reads_or_leaves_out(empty: Engine, old: str, new: str) -> None:
    """Each table and column stays with its type; what is new is either filled by itself or may stay empty."""
    upgrade(empty, old)
    before = shape(empty)
    upgrade(empty, new)
    after = shape(empty)
    assert set(before.tables) <= set(after.tables)
    for name, table in before.tables.items():
        now = after.tables[name]
        for column in table.columns:
            assert str(now.c[column.name].type) == str(column.type), f"{name}.{column.name}"
            assert now.c[column.name].nullable or not column.nullable, f"{name}.{column.name} is needed now"
        added = [column for column in now.columns if column.name not in table.c]
        assert [column.name for column in added if not column.nullable and column.server_default is None] == []
        unique = {tuple(sorted(c.columns.keys())) for c in (*now.constraints, *now.indexes) if getattr(c, "unique", False)}
        known = {tuple(sorted(c.columns.keys())) for c in (*table.constraints, *table.indexes) if getattr(c, "unique", False)}
        assert unique <= known, f"{name}: older code does not know {unique - known}"


KILLED = """
import os, signal, sys
from sqlalchemy import event
from bot.db import open_engine, upgrade
engine, left = open_engine(sys.argv[1], [sys.argv[2]]), int(sys.argv[3])
@event.listens_for(engine, "after_cursor_execute")
def count(connection, cursor, statement, *_):
    global left
    if statement.lstrip().upper().startswith(("CREATE", "ALTER", "INSERT", "UPDATE", "DROP")):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
upgrade(engine)
"""


@pytest.mark.parametrize("statements", [1, 40, 75])
def test_a_migration_that_was_killed_half_way_is_run_again_and_ends(empty: Engine, url: str, statements: int) -> None:
    command = [sys.executable, "-c", KILLED, url, KEYS[0], str(statements)]
    assert subprocess.run(command, cwd=REPO, check=False).returncode == -9
    has, _ = revisions(empty)
    assert has != REVISIONS[-1]
    with pytest.raises(Refused, match="caucus db upgrade"):
        refuse_old_schema(empty)
    upgrade(empty)
    whole(empty)


def test_readers_and_writers_go_on_while_the_schema_is_changed(empty: Engine, url: str) -> None:
    """What the old code says to the database succeeds before, during and after; a write may wait, and none is lost."""
    upgrade(empty, SINCE)
    stop, done, troubles = threading.Event(), [], []

    def go_on() -> None:
        mine = create_engine(url) if url.startswith("postgresql") else open_engine(url, KEYS)
        while not stop.is_set():
            try:
                with mine.begin() as connection:
                    connection.execute(
                        text(
                            "INSERT INTO workspaces (id, channel, external_id, created_at) VALUES (:id, 'x', :id, '2026-11-23')"
                        ),
                        {"id": str(len(done))},
                    )
                    connection.execute(text("SELECT id, state, due_at, card FROM deliveries WHERE state = 'waiting'")).all()
                done.append(1)
            except Exception as error:  # noqa: BLE001 - told below
                troubles.append(error)
                return
        mine.dispose()

    thread = threading.Thread(target=go_on)
    thread.start()
    while not done and thread.is_alive():
        stop.wait(0.01)
    at = len(done)
    upgrade(empty)
    during = len(done)
    while len(done) < during + 3 and thread.is_alive():
        stop.wait(0.01)
    stop.set()
    thread.join()
    assert troubles == []
    assert at >= 1
    whole(empty)
    with empty.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM workspaces")).scalar_one() == len(done)


def test_code_that_starts_anew_on_a_newer_schema_goes_on_and_says_so(empty: Engine) -> None:
    upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert ground(read_settings({}), engine=empty).engine is empty
    with pytest.raises(Refused, match="9999"):
        refuse_old_schema(empty)  # what needs all columns, such as a backup, refuses
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'abcd'"))
    with pytest.raises(Refused, match="abcd"):
        ground(read_settings({}), engine=empty)


OLD_CODE = """
import datetime as dt, sys
import bot
from bot import logs
from bot.db import open_engine, writing
from bot.messages import Address, Inbound
from bot.people import directory
from bot.settings import read_settings
from bot.wiring import build
engine = open_engine(sys.argv[1], [sys.argv[2]])
app = build(read_settings({"CAUCUS_SECRET_KEYS": sys.argv[2], "CAUCUS_DATA_DIR": sys.argv[3]}), engine=engine, later=True)
logs.configure(production=True)
print("ready", bot.__file__, flush=True)
for number, line in enumerate(sys.stdin):
    now = dt.datetime.now(dt.UTC)
    with writing(engine) as session:
        directory.add_person(session, now, name=f"Person {number}", email=f"p{number}@example.com", zone="Asia/Shanghai")
    said = Inbound(address=Address(channel="api", external_id="old"), message_id=f"m{number}", choice="card:exclusivity-request", received_at=now)
    answer = app.receive(said)
    print(answer.decision, answer.intent, app.nudge(now), flush=True)
"""


def old_tree(into: Path, revision: str) -> None:
    """The code as it was when `revision` was the newest; skips where there is no history."""
    found = subprocess.run(
        ["git", "log", "--format=%H", "--diff-filter=A", "--", f"bot/migrations/versions/{revision}_*"],
        cwd=REPO, capture_output=True, text=True, check=False,
    ).stdout.split()  # fmt: skip
    after = f"{int(revision) + 1:04}"
    ended = subprocess.run(
        ["git", "log", "--format=%H", "--diff-filter=A", "--", f"bot/migrations/versions/{after}_*"],
        cwd=REPO, capture_output=True, text=True, check=False,
    ).stdout.split()  # fmt: skip
    if not found or not ended:
        skip_loudly("no history of this repository here, so no older code to run", ours=False)
    packed = subprocess.run(
        ["git", "archive", f"{ended[-1]}^", "bot", "adapters", "knowledge"], cwd=REPO, capture_output=True, check=True
    )
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as tree:
        tree.extractall(into, filter="data")
    assert (into / "bot" / "migrations").exists()


@pytest.mark.slow
def test_a_process_of_older_code_answers_before_during_and_after_the_upgrade(empty: Engine, url: str, tmp_path: Path) -> None:
    """The very code of two migrations ago, which was running when the schema changed under it."""
    revision = REVISIONS[-3]
    old = tmp_path / "old"
    old.mkdir()
    old_tree(old, revision)
    upgrade(empty, revision)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("CAUCUS_", "PYTHON"))}
    process = subprocess.Popen(
        [sys.executable, "-c", OLD_CODE, url, KEYS[0], str(tmp_path / "var")],
        cwd=old,
        env={**own, "PYTHONPATH": str(old)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin
    assert process.stdout

    def asked() -> str:
        assert process.stdin
        assert process.stdout
        process.stdin.write("go\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    try:
        assert process.stdout.readline().startswith(f"ready {old}")
        before = asked()
        assert before.split()[1] == "exclusivity-request"
        upgrade(empty)
        assert [asked(), asked()] == [before, before]
        whole(empty)
    finally:
        process.communicate(timeout=30)
    assert process.returncode == 0
