"""A full disk, a folder that cannot be written, a database that is away: said clearly, survived, nothing lost that was acknowledged."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, func, make_url, select, text
from starlette.testclient import TestClient

from bot.backup import backup, restore
from bot.conversations.tables import InboundRow
from bot.db import open_engine, reading, upgrade, writing
from bot.delivery import outbox
from bot.delivery.engine import Worker
from bot.delivery.tables import DeliveryRow
from bot.errors import Refused, Unavailable
from bot.messages import Address, Card
from bot.people import directory
from bot.people.tables import PersonRow
from bot.settings import Settings, read_settings
from bot.wiring import App, build, web
from tests.conftest import KEYS, NOW, REPO
from tests.fakes.vendor import FakeChannel, Vendor

HERE = ("127.0.0.1", 50_000)


def run(data: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A command with a data folder."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("CAUCUS_")}
    given = {"CAUCUS_DATA_DIR": str(data), "CAUCUS_SECRET_KEYS": KEYS[0], **more}
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(command, cwd=REPO, env={**own, **given}, capture_output=True, text=True, timeout=120, check=False)


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """What a refused command said: one line, exit code 1, and no trace of the code."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr.strip()


def fill(folder: Path) -> Path:
    """Take all the room that is left; the file that takes it."""
    stone = folder / "stone"
    with stone.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
    return stone


@pytest.fixture
def small_app(small_disk: Path, settings: Settings, kb: object, matcher: object) -> App:
    """An app whose embedded database lies on a disk that is soon full."""
    return build(settings.model_copy(update={"data_dir": small_disk}), kb=kb, matcher=matcher, now=lambda: NOW)  # type: ignore[arg-type]


def ask(client: TestClient, number: int) -> int:
    """The status of one question."""
    body = {"text": "They want exclusivity, what do I say?", "message_id": f"m{number}", "conversation": "c"}
    return client.post("/api/ask", json=body).status_code


def test_on_a_full_disk_nothing_is_acknowledged_that_is_not_kept_and_all_goes_on_after_it(small_app: App) -> None:
    client = TestClient(web(small_app), base_url="http://127.0.0.1:8000", client=HERE, raise_server_exceptions=False)
    assert ask(client, 0) == 200
    stone = fill(small_app.settings.data_dir)
    said = [ask(client, number) for number in range(1, 8)]
    assert 503 in said
    assert set(said) <= {200, 503}
    ready = client.get("/health/ready")
    assert ready.status_code == 503
    assert "free for the data folder" in ready.json()["parts"]["disk"]
    stone.unlink()
    assert ask(client, 99) == 200
    with reading(small_app.engine) as session:
        assert session.scalar(select(func.count()).select_from(InboundRow)) == 2 + said.count(200)


def test_a_backup_that_does_not_fit_is_refused_and_leaves_the_last_one(small_disk: Path, engine: Engine) -> None:
    file = small_disk / "caucus"
    backup(engine, file, NOW)
    before = file.read_bytes()
    with writing(engine) as session:
        for number in range(400):  # encrypted names cannot be packed
            directory.add_person(session, NOW, name=os.urandom(8_000).hex(), email=f"{number}@example.com")
    with pytest.raises(Refused, match="No space left"):
        backup(engine, file, NOW)
    assert file.read_bytes() == before
    assert [path.name for path in small_disk.iterdir()] == ["caucus"]
    with reading(engine) as session:
        people = session.scalar(select(func.count()).select_from(PersonRow))
    assert people == 400


def test_a_start_on_a_full_disk_says_so_in_one_line(small_disk: Path) -> None:
    fill(small_disk)
    assert one_line(run(small_disk, "person", "list")) == "caucus: the disk of the database is full"
    said = one_line(run(small_disk, "person", "list", CAUCUS_SECRET_KEYS=""))  # it would keep a key there
    assert "No space left on device" in said


def test_a_data_folder_that_cannot_be_written_is_named(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert f"{small_disk}/var" in (said := one_line(run(small_disk / "var", "person", "list")))
    assert "Read-only file system" in said
    said = one_line(run(small_disk, "person", "list", CAUCUS_SECRET_KEYS=""))  # it would keep a key there
    assert "Read-only file system" in said


def test_a_data_folder_that_becomes_unwritable_is_told_by_readiness_and_answers_go_on_where_they_can(small_app: App) -> None:
    client = TestClient(web(small_app), base_url="http://127.0.0.1:8000", client=HERE, raise_server_exceptions=False)
    assert ask(client, 0) == 200
    small_app.engine.dispose()
    subprocess.run(["mount", "-o", "remount,ro", str(small_app.settings.data_dir)], check=True)
    assert client.get("/health/ready").json()["parts"]["disk"] == "the data folder cannot be written"
    assert ask(client, 1) == 503
    subprocess.run(["mount", "-o", "remount,rw", str(small_app.settings.data_dir)], check=True)
    assert ask(client, 1) == 200


@pytest.fixture
def away(postgres_url: str) -> Callable[[bool], None]:
    """Let the test's PostgreSQL database be away, or there again: nobody may connect, and who was connected is cut off."""
    name = make_url(postgres_url).database
    admin = create_engine(make_url(postgres_url).set(database="postgres"), isolation_level="AUTOCOMMIT")

    def switch(gone: bool) -> None:
        with admin.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {'false' if gone else 'true'}"))
            if gone:
                connection.execute(
                    text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": name}
                )

    return switch


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_database_that_is_lost_costs_503_and_comes_back_by_itself(app: App, away: Callable[[bool], None]) -> None:
    client = TestClient(web(app), base_url="http://127.0.0.1:8000", client=HERE, raise_server_exceptions=False)
    assert ask(client, 0) == 200
    away(True)
    try:
        assert [ask(client, 1), ask(client, 1)] == [503, 503]
        assert client.get("/health/ready").json()["parts"]["database"] != "ok"
        assert client.get("/health/live").status_code == 200
        assert "caucus_part_ready" in client.get("/metrics").text
    finally:
        away(False)
    assert ask(client, 1) == 200
    assert client.get("/health/ready").status_code == 200


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_what_was_sent_while_the_database_was_lost_is_sent_once(engine: Engine, away: Callable[[bool], None]) -> None:
    vendor = Vendor()
    channel = FakeChannel("keyed", vendor.port)
    with writing(engine) as session:
        address = directory.at_address(session, Address(channel="keyed", external_id="a"), NOW)[1]
        key = outbox.put(session, address, Card(id="n", kind="notice", lang="en", text="x"), NOW, "nudge", NOW).id
    away(True)
    try:
        with pytest.raises(Unavailable):
            Worker(engine, {"keyed": channel}, lambda: NOW).once()
        assert vendor.arrived == {}
    finally:
        away(False)
    assert Worker(engine, {"keyed": channel}, lambda: NOW).once() == 1
    assert vendor.arrived == {key: 1}
    with reading(engine) as session:
        assert session.get_one(DeliveryRow, key).state == "sent"
    vendor.close()


def test_a_start_without_a_database_says_so_in_one_line(tmp_path: Path) -> None:
    nowhere = {"CAUCUS_DATABASE_URL": "postgresql+psycopg:///caucus?host=/nowhere"}
    for words in (["db", "check"], ["work", "--once"], ["person", "list"], ["db", "backup", str(tmp_path / "b")]):
        assert one_line(run(tmp_path, *words, **nowhere)) == "caucus: the database is away or locked"


# backup and restore, as commands


@pytest.fixture
def kept(url: str, tmp_path: Path) -> tuple[dict[str, str], Path]:
    """(settings of a database with one person, its backup)."""
    given = {"CAUCUS_DATABASE_URL": url}
    assert run(tmp_path, "db", "upgrade", **given).returncode == 0
    assert run(tmp_path, "person", "add", "--name", "李娜", "--email", "li@example.com", **given).returncode == 0
    done = run(tmp_path, "db", "backup", str(tmp_path / "b"), **given)
    assert done.returncode == 0, done.stderr
    return given, tmp_path / "b"


def names(tmp_path: Path, given: dict[str, str]) -> str:
    return run(tmp_path, "person", "list", "--json", **given).stdout


def test_the_commands_bring_a_database_back_and_refuse_a_bad_file_with_nothing_changed(
    kept: tuple[dict[str, str], Path], tmp_path: Path
) -> None:
    given, file = kept
    assert run(tmp_path, "person", "add", "--name", "Later", "--email", "later@example.com", **given).returncode == 0
    before = names(tmp_path, given)
    damaged = tmp_path / "damaged"
    damaged.write_bytes(file.read_bytes()[:-30])
    assert "damaged" in one_line(run(tmp_path, "db", "restore", str(damaged), "--replace", **given))
    assert "--replace" in one_line(run(tmp_path, "db", "restore", str(file), **given))
    assert names(tmp_path, given) == before
    assert "restored" in run(tmp_path, "db", "restore", str(file), "--replace", **given).stdout
    assert "李娜" in names(tmp_path, given)
    assert "Later" not in names(tmp_path, given)


def test_a_backup_is_refused_by_code_that_is_older_than_the_schema(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/caucus.db", KEYS)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for act in (lambda: backup(engine, tmp_path / "b", NOW), lambda: restore(engine, tmp_path / "b")):
        with pytest.raises(Refused, match="later version"):
            act()
    assert not (tmp_path / "b").exists()
    engine.dispose()


def test_every_insecure_setting_of_production_is_named_at_once_and_nothing_starts(tmp_path: Path) -> None:
    wrong = {
        "CAUCUS_ENV": "production",
        "CAUCUS_SECRET_KEYS": "aaaaaaaa" * 5,
        "CAUCUS_HOST": "0.0.0.0",
        "CAUCUS_PROXIES": "0.0.0.0/0",
        "CAUCUS_NOW": "2026-11-23T09:00:00+08:00",
        "CAUCUS_SLACK_API_URL": "http://slack.example.com/api/",
    }
    done = run(tmp_path / "var", "serve", **wrong)
    assert done.returncode == 1
    told = [line.strip().partition(":")[0] for line in done.stderr.splitlines() if line.startswith("  ")]
    assert sorted(told) == sorted([*(set(wrong) - {"CAUCUS_ENV", "CAUCUS_HOST"}), "CAUCUS_PUBLIC_URL"])
    assert "aaaaaaaa" not in done.stderr
    assert not (tmp_path / "var").exists()
    with pytest.raises(Exception, match="CAUCUS_PUBLIC_URL"):
        read_settings({"CAUCUS_ENV": "production", "CAUCUS_SECRET_KEYS": KEYS[0], "CAUCUS_HOST": "::"})
