"""`caucus knowledge layer …` and `caucus person export` by the contract: exit codes, one JSON value, no stack trace."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import command_line
from bot.curation import layer as layers
from bot.db import open_engine, reading, writing
from bot.errors import Refused
from bot.intents.match import Matcher
from bot.people import directory
from tests.conftest import CACHE, KEYS, NOW

LAYER = """
phrasings:
  confirm-by-text-or-phone: {en: ["our boss wants the incoterms fixed before we ping them on dingtalk"]}
texts:
  exclusivity-request:
    title: {en: "They want to be our only partner: wait?", zh: "对方要独家，要不要先等等？"}
"""
ELSEWHERE = "phrasings:\n  casual-yes: {en: ['They want to be our exclusive distributor for Vietnam, do we agree?']}\n"
"""The coach is sure that it means exclusivity-request."""


@pytest.fixture
def run(tmp_path: Path, matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """One command in this process; what it printed, as JSON where `--json` is asked for."""
    (tmp_path / "cache").symlink_to(CACHE)
    for name, value in {"DATA_DIR": str(tmp_path), "SECRET_KEYS": KEYS[0], "NOW": NOW.isoformat()}.items():
        monkeypatch.setenv(f"CAUCUS_{name}", value)

    def run(*arguments: str) -> Any:
        done = CliRunner().invoke(command_line(), arguments)
        if isinstance(done.exception, Refused):
            raise done.exception
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout.splitlines()[-1]) if "--json" in arguments else done.stdout

    run("person", "list")  # brings the schema
    engine = open_engine(f"sqlite:///{tmp_path}/caucus.db", KEYS)
    with writing(engine) as session:
        directory.add_person(session, NOW, name="Lin", email="lin@example.com", role="curator")
        directory.add_person(session, NOW, name="Max", email="max@example.com")
    engine.dispose()
    return run


def test_a_layer_goes_in_as_a_file_is_live_and_comes_out_again(run, tmp_path: Path) -> None:
    file, out = tmp_path / "layer.yaml", tmp_path / "out.yaml"
    file.write_text(LAYER, encoding="utf-8")
    made = run("knowledge", "layer", "import", str(file), "--as", "lin@example.com", "--json")
    assert made["state"] == "review"
    assert layers.read(run("knowledge", "layer", "export")) == layers.Layer(), "not live yet"
    assert run("knowledge", "layer", "approve", str(made["id"]), "--as", "lin@example.com", "--json")["state"] == "live"
    run("knowledge", "layer", "export", str(out))
    assert layers.read(out.read_text("utf-8")) == layers.read(LAYER)
    (told,) = run("knowledge", "layer", "list", "--json")
    assert (told["id"], told["state"], told["version"]) == (made["id"], "live", 1)
    undone = run("knowledge", "layer", "undo", "1", "--as", "lin@example.com", "--approve", "--json")
    assert undone["state"] == "live"
    assert layers.read(run("knowledge", "layer", "export")) == layers.Layer()
    assert "version 2" in run("knowledge", "layer", "list")


def test_a_change_is_refused_with_the_list_and_accepted_despite_it(run, tmp_path: Path) -> None:
    file = tmp_path / "layer.yaml"
    file.write_text(ELSEWHERE, encoding="utf-8")
    done = CliRunner().invoke(command_line(), ["knowledge", "layer", "import", str(file), "--as", "lin@example.com", "--approve"])
    assert isinstance(done.exception, Refused)
    assert "sure that it means something else" in str(done.exception)
    assert (
        "means something else: 'They want to be our exclusive distributor for Vietnam, do we agree?' (casual-yes):  → exclusivity-request"
        in done.stdout
    )
    (told,) = run("knowledge", "layer", "list", "--json")
    assert told["state"] == "refused"
    again = run("knowledge", "layer", "approve", str(told["id"]), "--as", "lin@example.com", "--despite", "--json")
    assert again["state"] == "live"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("import", "FILE", "--as", "max@example.com"), "only curators"),
        (("import", "FILE", "--as", "nobody@example.com"), "no person"),
        (("import", "nowhere.yaml", "--as", "lin@example.com"), "cannot be read"),
        (("import", "BROKEN", "--as", "lin@example.com"), "no card or command"),
        (("approve", "99", "--as", "lin@example.com"), "no change 99"),
        (("undo", "99", "--as", "lin@example.com"), "no version 99"),
        (("export", "nowhere/at/all.yaml"), "cannot be written"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(run, tmp_path: Path, arguments: tuple[str, ...], why: str) -> None:
    (tmp_path / "layer.yaml").write_text(LAYER, encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("phrasings: {no-such-card: {en: [what]}, none-either: {en: [x]}}", encoding="utf-8")
    files = {"FILE": str(tmp_path / "layer.yaml"), "BROKEN": str(tmp_path / "broken.yaml")}
    with pytest.raises(Refused, match=why):
        run("knowledge", "layer", *(files.get(each, each) for each in arguments))
    assert run("knowledge", "layer", "list", "--json") == [], "nothing was kept"


def test_everything_kept_of_a_person_is_one_json_value_and_nothing_of_others(run, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/caucus.db", KEYS)
    with reading(engine) as session:
        lin, max_ = (directory.find(session, f"{name}@example.com").id for name in ("lin", "max"))
    engine.dispose()
    run("contact", "add", "--person", "lin@example.com", "--name", "李经理", "--email", "li@example.cn")
    told = json.loads(run("person", "export", "lin@example.com"))
    text = json.dumps(told, ensure_ascii=False)
    assert "李经理" in text
    assert "lin@example.com" in text
    assert max_ not in text
    assert json.loads(run("person", "export", lin)) == told, "by id as well"
    with pytest.raises(Refused, match="no person"):
        run("person", "export", "nobody@example.com")
