"""The commands that the papers name for every day are typed as they stand, in a house of their own.

Installation, backup, upgrade and the services are typed by `make bare-machine`, the team's own knowledge by its own tests.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import command_line
from bot.db import open_engine, writing
from bot.messages import Address
from bot.people import directory
from tests.broadcasting import person
from tests.conftest import KEYS, REPO
from tests.operations.papers import blocks

Type = Callable[[str], str]
BROADCASTS = REPO / "deploy" / "broadcasts" / "README.md"
NOW = "2026-11-23T09:00:00+00:00"


@pytest.fixture
def type_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Type one command line; what it printed. Fails when the command does."""
    for name, value in {"DATA_DIR": str(tmp_path), "SECRET_KEYS": KEYS[0], "NOW": NOW}.items():
        monkeypatch.setenv(f"CAUCUS_{name}", value)

    def type_in(line: str) -> str:
        done = CliRunner().invoke(command_line(), shlex.split(line.removeprefix("caucus "), comments=True))
        assert done.exit_code == 0, f"{line}: {done.output} {done.exception}"
        return done.stdout

    for email, role in (("boss@acme.test", "admin"), ("anna@acme.test", "admin"), ("bo@acme.test", "curator")):
        type_in(f"caucus person add --name X --email {email} --role {role}")
    engine = open_engine(f"sqlite:///{tmp_path}/caucus.db", KEYS)
    with writing(engine) as session:
        person(session, "slack:T0123/U0456", lang="en")
        anna, now = directory.find(session, "anna@acme.test"), dt.datetime.fromisoformat(NOW)
        directory.add_address(session, anna, Address(channel="web", external_id="anna"), now)
    engine.dispose()
    return type_in


def lines(path: Path) -> list[str]:
    """The commands in the shell blocks of a page, in their order."""
    return [line for _, text in blocks(path, "sh") for line in text.splitlines() if line.startswith("caucus ")]


def test_the_page_of_broadcasts(type_in: Type) -> None:
    typed = lines(BROADCASTS)
    assert len(typed) == 13
    (draft,) = (line for line in typed if " draft " in line)
    made = ""
    for line in typed:
        if line == draft or (" start " in line and " --" in line):  # each way to start has a broadcast of its own
            made = json.loads(type_in(draft).splitlines()[-1])["id"]
        if " start " in line and " --" in line:
            type_in(f"caucus broadcast approve {made} --as bo@acme.test")
        if line != draft:
            type_in(re.sub(r"\bID\b", made, line))
    assert "broadcast.approve" in type_in("caucus person trail")
    type_in("caucus broadcast list")
    for act in ("pause", "report", "status"):
        type_in(f"caucus broadcast {act} {made} --json")


def test_keys_invitations_and_what_is_open(type_in: Type) -> None:
    assert "caucus_" in type_in("caucus key create prometheus")
    assert "caucus_" in type_in("caucus key create tool --person anna@acme.test")
    assert "prometheus" in type_in("caucus key list")
    type_in("caucus key revoke prometheus")
    assert "http" in type_in("caucus person invite anna@acme.test")
    type_in("caucus person sign-out anna@acme.test")
    type_in("caucus knowledge gaps")
    type_in("caucus knowledge gaps --json")
    cadence = REPO / "bot" / "followups" / "cadence.yaml"
    type_in(f"caucus workspace cadence slack:T0123 {cadence}")
    assert "notice" in type_in("caucus workspace cadence slack:T0123")
