"""A workspace's own cadence is shown, set from a file, refused with reasons, and dropped again."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine
from typer.testing import CliRunner

from bot.cli import workspaces
from bot.db import writing
from bot.errors import Refused
from bot.followups.cadence import FILE, usual
from bot.followups.rules import cadences_of
from bot.messages import Address
from bot.people import directory
from tests.conftest import KEYS

NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)


@pytest.fixture
def address(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Somebody's address in the workspace slack:T1; commands work on this database."""
    monkeypatch.setenv("CAUCUS_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("CAUCUS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CAUCUS_SECRET_KEYS", KEYS[0])
    with writing(engine) as session:
        return directory.at_address(session, Address(channel="slack", external_id="T1/U", workspace="T1"), NOW)[1].id


def run(*arguments: str) -> str:
    result = CliRunner().invoke(workspaces.app, list(arguments))
    if isinstance(result.exception, Refused):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def cadence_file(folder: Path, **changes: object) -> str:
    path = folder / "own.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(FILE.read_text("utf-8")), **changes}), encoding="utf-8")
    return str(path)


def holds(engine: Engine, address: str) -> int:
    with writing(engine) as session:
        return cadences_of(session, [address]).get(address, usual()).most_touches


def test_it_is_set_shown_and_dropped(engine: Engine, address: str, tmp_path: Path) -> None:
    assert json.loads(run("cadence", "slack:T1", "--json"))["own"] is False
    told = json.loads(run("cadence", "slack:T1", cadence_file(tmp_path, most_touches=2), "--json"))
    assert (told["own"], told["most_touches"], told["steps"][0]["id"]) == (True, 2, "notice")
    assert holds(engine, address) == 2
    run("cadence", "slack:T1", cadence_file(tmp_path, most_touches=4))
    assert holds(engine, address) == 4
    (listed,) = json.loads(run("list", "--json"))
    assert (listed["workspace"], listed["own_cadence"]) == ("slack:T1", True)
    assert yaml.safe_load(run("cadence", listed["id"]))["most_touches"] == 4
    for _ in range(2):
        assert "the usual cadence" in run("cadence", "slack:T1", "--usual")
    assert holds(engine, address) == usual().most_touches


def test_what_is_no_cadence_or_no_workspace_is_refused_and_changes_nothing(engine: Engine, address: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("steps: [", encoding="utf-8")
    for workspace, file, reason in (
        ("slack:T1", cadence_file(tmp_path, steps=[{"id": "notice"}]), "ends with decide and archive"),
        ("slack:T1", str(broken), "is not YAML"),
        ("slack:T1", str(tmp_path / "none.yaml"), "cannot be read"),
    ):
        with pytest.raises(Refused, match=reason):
            run("cadence", workspace, file)
    with pytest.raises(Refused, match="there is no workspace slack:T2"):
        run("cadence", "slack:T2")
    assert holds(engine, address) == usual().most_touches
