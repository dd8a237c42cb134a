"""`caucus when` reads an expression as the contract says, and refuses what is wrong with exit code 1 and a reason."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from bot.cli import when
from bot.errors import Refused

NOW = ("--now", "2026-11-25T10:30:00-05:00", "--zone", "America/New_York")


def run(*args: str) -> str:
    app = typer.Typer()
    when.add_to(app)
    result = CliRunner().invoke(app, list(args), standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.stdout


def test_a_clear_time_is_told_with_its_offset() -> None:
    found = json.loads(run("Friday 3pm Beijing time", *NOW, "--json"))
    assert found["at"] == "2026-11-27T15:00:00+08:00"
    assert found["ambiguous"] is False and found["alternatives"] == []
    assert found["understood"].startswith("Friday 27 November 2026, 15:00 Beijing time (Friday 27 November, 02:00 New York time)")


def test_what_can_mean_two_things_is_asked_with_both() -> None:
    found = json.loads(run("3/12", *NOW, "--json"))
    assert found["at"] is None and found["ambiguous"] is True
    assert [one["at"][:10] for one in found["alternatives"]] == ["2026-12-03", "2027-03-12"]


def test_no_time_is_no_time() -> None:
    found = json.loads(run("call Mr Li", *NOW, "--json"))
    assert (found["at"], found["ambiguous"], found["understood"]) == (None, False, "")
    assert run("call Mr Li", *NOW).strip() == "no time in it"


def test_chinese_is_answered_in_chinese_unless_another_language_is_asked() -> None:
    assert "星期四" in run("明天上午九点", *NOW)
    assert "Thursday" in run("明天上午九点", *NOW, "--lang", "en")


def test_their_zone_can_be_another() -> None:
    found = json.loads(run("Friday 9am their time", *NOW, "--their-zone", "Asia/Tokyo", "--json"))
    assert found["at"] == "2026-11-27T09:00:00+09:00"


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (("tomorrow", "--now", "2026-11-25T10:30:00-05:00", "--zone", "Mars/Olympus"), "there is no time zone"),
        (("tomorrow", *NOW, "--their-zone", "Asia/Bejing"), "there is no time zone"),
        (("tomorrow", "--now", "today", "--zone", "UTC"), "is not a time"),
        (("tomorrow", "--now", "2026-11-25T10:30:00", "--zone", "UTC"), "has no offset"),
    ],
)
def test_a_wrong_zone_or_now_is_refused_with_the_reason(args: tuple[str, ...], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        run(*args)
