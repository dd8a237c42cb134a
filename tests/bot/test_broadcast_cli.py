"""`caucus broadcast …` by the contract: exit codes, one JSON value, the same numbers as everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import command_line
from bot.db import open_engine, writing
from bot.errors import Refused
from tests.broadcasting import SAYS, person
from tests.conftest import KEYS

MONDAY = "2026-11-23T09:00:00+00:00"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """One command in this process; what it printed as JSON."""
    for name, value in {"DATA_DIR": str(tmp_path), "SECRET_KEYS": KEYS[0], "NOW": MONDAY}.items():
        monkeypatch.setenv(f"CAUCUS_{name}", value)

    def run(*arguments: str) -> Any:
        done = CliRunner().invoke(command_line(), ["broadcast", *arguments, "--json"])
        if isinstance(done.exception, Refused):
            raise done.exception
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout.splitlines()[-1])

    CliRunner().invoke(command_line(), ["person", "list"])  # brings the schema
    engine = open_engine(f"sqlite:///{tmp_path}/caucus.db", KEYS)
    with writing(engine) as session:
        person(session, "web:anna", role="admin", zone="Europe/Berlin", lang="en")
        person(session, "web:bo", role="curator", zone="Europe/Berlin", lang="en")
        person(session, "web:li", zone="Asia/Shanghai", lang="zh")
    engine.dispose()
    return run


def test_a_broadcast_by_the_command_line(run) -> None:
    made = run("draft", "--as", "web:anna", "--segment", "workspace", "--en", SAYS["en"], "--zh", SAYS["zh"])["id"]
    seen = run("preview", made)
    assert seen["audience"] == 3
    web = next(one for one in seen["channels"] if one["channel"] == "web")
    assert SAYS["zh"] in web["looks"]["zh"][0]
    with pytest.raises(Refused, match="cannot approve"):
        run("approve", made, "--as", "web:anna")
    assert run("approve", made, "--as", "web:bo")["state"] == "approved"
    assert run("start", made, "--as", "web:anna")["waiting"] == 3
    done = CliRunner().invoke(command_line(), ["work", "--once", "--now", "2026-11-23T09:05:00+00:00"])
    assert done.exit_code == 0, done.output
    told = run("report", made)
    assert {name: told[name] for name in ("state", "waiting", "sent", "in_doubt", "failed", "opted_out")} == {
        "state": "done", "waiting": 0, "sent": 3, "in_doubt": 0, "failed": 0, "opted_out": 0,
    }  # fmt: skip
    assert run("list")[0]["id"] == made
