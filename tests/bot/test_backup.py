"""Does a backup bring everything back, on either database and from one to the other, and change nothing when it is bad?"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from bot.backup import backup, restore
from bot.conversations.tables import UnansweredRow
from bot.db import Table, open_engine, reading, revisions, upgrade, writing
from bot.errors import Refused
from bot.messages import Address
from bot.people import directory, keys
from bot.people.tables import PersonRow, Workspace
from tests.conftest import KEYS, NOW

OTHER = ["another-key-of-at-least-thirty-two-characters"]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Engine]:
    """Another, empty database under the same keys."""
    engine = open_engine(f"sqlite:///{tmp_path}/elsewhere.db", KEYS)
    upgrade(engine)
    yield engine
    engine.dispose()


def filled(engine: Engine, questions: int = 3) -> None:
    with writing(engine) as session:
        person = directory.add_person(session, NOW, name="李娜 ☂", email="li@example.com", zone="Asia/Shanghai", lang="zh")
        directory.add_address(session, person, Address(channel="slack", external_id="T1/U1", workspace="T1"), NOW)
        keys.make_key(session, "tool", NOW, person=person)
        session.add_all(
            UnansweredRow(person_id=person.id, said=f"Frage {n}", lang="en", reason="unknown", likely=["a", {"b": None}], at=NOW)
            for n in range(questions)
        )


def everything(engine: Engine) -> dict[str, list[Any]]:
    with reading(engine) as session:
        return {
            rows.name: sorted((dict(row) for row in session.execute(select(rows)).mappings()), key=str)
            for rows in Table.metadata.sorted_tables
        }


def test_all_comes_back_in_another_database_and_new_rows_find_free_numbers(
    engine: Engine, elsewhere: Engine, tmp_path: Path
) -> None:
    filled(engine, 1_203)
    counts = backup(engine, tmp_path / "b", NOW)
    assert counts["unanswered"] == 1_203
    assert restore(elsewhere, tmp_path / "b") == counts
    assert everything(elsewhere) == everything(engine)
    with writing(elsewhere) as session:  # and back, in the place of what is there
        session.scalars(select(PersonRow)).one().name = "Ben"
    backup(elsewhere, tmp_path / "c", NOW)
    restore(engine, tmp_path / "c", replace=True)
    assert everything(engine) == everything(elsewhere)
    filled_again = Workspace(channel="slack", external_id="T2", created_at=NOW)
    with writing(engine) as session:
        person = session.scalars(select(PersonRow)).one()
        assert person.name == "Ben"
        session.add_all(
            [filled_again, UnansweredRow(person_id=person.id, said="x", lang="en", reason="unknown", likely=[], at=NOW)]
        )


def test_an_empty_database_has_a_backup_too(engine: Engine, elsewhere: Engine, tmp_path: Path) -> None:
    assert backup(engine, tmp_path / "b", NOW) == restore(elsewhere, tmp_path / "b") == {}


def test_the_file_says_nothing_that_is_encrypted_and_is_for_its_owner_only(engine: Engine, tmp_path: Path) -> None:
    filled(engine)
    backup(engine, tmp_path / "b", NOW)
    text = gzip.decompress((tmp_path / "b").read_bytes()).decode()
    assert not [word for word in ("李娜", "li@example.com", "Frage", KEYS[0]) if word in text]
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0


def damaged(whole: bytes, how: str) -> bytes:
    lines = gzip.decompress(whole).decode().splitlines()
    if how == "cut":
        return whole[: len(whole) // 2]
    if how == "bit":
        return whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:]
    if how == "no gzip":
        return b"hello"
    if how == "no end":
        lines = lines[:-1]
    elif how == "line lost":
        del lines[2]
    elif how == "changed":
        lines[1] = lines[1].replace("2026", "2025", 1)
    elif how == "no table":
        lines[1] = json.dumps({"table": "sqlite_master", "rows": [{}]})
    elif how in ("newer", "older"):
        lines[0] = json.dumps({**json.loads(lines[0]), "revision": "9999" if how == "newer" else "0001"})
    elif how == "another form":
        lines[0] = json.dumps({**json.loads(lines[0]), "caucus": 99})
    elif how == "a list":
        lines[1] = "[1]"
    return gzip.compress("\n".join(lines).encode() + b"\n")


WAYS = ("cut", "bit", "no gzip", "no end", "line lost", "changed", "no table", "newer", "older", "another form", "a list")


@pytest.mark.parametrize("how", WAYS)
def test_a_damaged_or_other_file_is_refused_and_nothing_is_changed(engine: Engine, tmp_path: Path, how: str) -> None:
    filled(engine)
    backup(engine, tmp_path / "b", NOW)
    (tmp_path / "b").write_bytes(damaged((tmp_path / "b").read_bytes(), how))
    before = everything(engine)
    with pytest.raises(Refused) as refused:
        restore(engine, tmp_path / "b", replace=True)
    assert everything(engine) == before
    if how in ("newer", "older"):
        assert str(revisions(engine)[1]) in str(refused.value)


def test_a_file_under_other_keys_is_refused(engine: Engine, tmp_path: Path) -> None:
    filled(engine)
    backup(engine, tmp_path / "b", NOW)
    stranger = open_engine(f"sqlite:///{tmp_path}/stranger.db", OTHER)
    upgrade(stranger)
    with pytest.raises(Refused, match="CAUCUS_SECRET_KEYS"):
        restore(stranger, tmp_path / "b")
    stranger.dispose()


def test_people_who_are_there_are_replaced_only_when_that_is_said(engine: Engine, tmp_path: Path) -> None:
    filled(engine)
    backup(engine, tmp_path / "b", NOW)
    with pytest.raises(Refused, match="--replace"):
        restore(engine, tmp_path / "b")
    restore(engine, tmp_path / "b", replace=True)
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(PersonRow)) == 1


def test_where_nothing_can_be_written_it_is_said_and_an_older_backup_stays(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be written"):
        backup(engine, tmp_path / "no folder" / "b", NOW)
    with pytest.raises(Refused, match="there is no"):
        restore(engine, tmp_path / "none")
