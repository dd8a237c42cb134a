"""`caucus followup`, `contact` and `work --once`: what operators and scripts do with follow-ups, with exit codes and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import command_line
from bot.errors import CaucusError
from tests.conftest import KEYS

Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command in a data folder of its own, on 25 November 2026, 10:00 in Berlin; its JSON, or the refusal."""
    for name, value in {"DATA_DIR": str(tmp_path), "SECRET_KEYS": KEYS[0], "NOW": "2026-11-25T10:00:00+01:00"}.items():
        monkeypatch.setenv(f"CAUCUS_{name}", value)

    def once(*words: str) -> Any:
        done = CliRunner().invoke(command_line(), [*words, "--json"])
        if isinstance(done.exception, CaucusError):
            return str(done.exception)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    once("person", "add", "--name", "Anna", "--email", "anna@acme.test", "--zone", "Europe/Berlin", "--lang", "en")
    return once


ADD = ("followup", "add", "--person", "anna@acme.test", "--email", "li@factory.cn", "--about", "quotation 4411")


def test_one_is_added_listed_put_off_closed_and_dropped(run: Run) -> None:
    run("contact", "add", "--person", "anna@acme.test", "--name", "Li Wei", "--email", "li@factory.cn", "--phone", "+86 21 5555")
    one = run(*ADD, "--when", "Thursday 10:00 their time")
    assert (one["contact_name"], one["due_at"], one["state"]) == ("Li Wei", "2026-11-26T10:00:00+08:00", "open")
    assert [row["id"] for row in run("followup", "list", "--person", "anna@acme.test")] == [one["id"]]
    assert run("followup", "snooze", one["id"], "--until", "Friday 9:00")["due_at"] == "2026-11-27T09:00:00+01:00"
    assert run("followup", "snooze", one["id"], "--until", "2026-12-01T09:00:00+08:00")["due_at"] == "2026-12-01T02:00:00+01:00"
    for _ in range(2):
        assert run("followup", "done", one["id"], "--how", "replied")["reason"] == "replied"
    other = run(*ADD)
    assert run("followup", "cancel", other["id"])["state"] == "cancelled"
    assert run("followup", "list", "--person", "anna@acme.test") == []
    assert len(run("followup", "list", "--person", "anna@acme.test", "--all")) == 2


def test_what_is_noted_is_changed(run: Run) -> None:
    one = run(*ADD)
    changed = run(
        *("followup", "change", one["id"], "--about", "contract", "--name", "Li Wei", "--phone", "+86 21 5555"),
        *("--zone", "Asia/Tokyo", "--deadline", "2026-12-15T18:00:00+08:00"),
    )
    assert (changed["subject"], changed["contact_name"], changed["zone"]) == ("contract", "Li Wei", "Asia/Tokyo")
    assert changed["deadline"] == "2026-12-15T10:00:00+00:00"
    (contact,) = run("contact", "list", "--person", "anna@acme.test")
    assert (contact["phones"], contact["emails"]) == (["+86 21 5555"], ["li@factory.cn"])
    assert "nothing was said" in run("followup", "change", one["id"])


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((*ADD, "--when", "yesterday"), "past"),
        ((*ADD, "--when", "after the holiday"), "may mean"),
        ((*ADD, "--by", "pigeon"), "reached by"),
        (("followup", "done", "nope"), "no such follow-up"),
        (("followup", "list", "--person", "nobody@acme.test"), "no person"),
        (("contact", "add", "--person", "anna@acme.test", "--email", "x"), "e-mail"),
        (("contact", "add", "--person", "anna@acme.test", "--name", "Li", "--zone", "Mars/One"), "time zone"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(run: Run, words: tuple[str, ...], reason: str) -> None:
    assert reason in run(*words)


def test_a_follow_up_is_only_changed_for_its_person_where_one_is_named(run: Run) -> None:
    run("person", "add", "--name", "Bert", "--email", "bert@acme.test")
    one = run(*ADD)
    assert "no such follow-up" in run("followup", "done", one["id"], "--person", "bert@acme.test")
    assert run("followup", "done", one["id"], "--person", "anna@acme.test")["state"] == "closed"


def test_the_override_file_of_the_data_folder_holds(run: Run, tmp_path: Path) -> None:
    (tmp_path / "calendar.yaml").write_text(
        'CN:\n  free: {2026-11-25: "Founders Day / 校庆", 2026-11-26: "Founders Day / 校庆"}\n', encoding="utf-8"
    )
    assert run(*ADD)["due_at"].startswith("2026-11-27T")
    (tmp_path / "calendar.yaml").write_text("CN: [", encoding="utf-8")
    assert "not a calendar override file" in run(*ADD)
