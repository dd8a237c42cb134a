"""When shall it be sent? What the form says, as the house takes it, and a plan in words."""

from __future__ import annotations

import pytest

from adapters.console.timing import described, given
from adapters.site.guard import Refusal
from bot.broadcasts.schedule import planned


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        ({}, {}),
        ({"when": "now", "at": "2026-12-01T09:30", "days": "mon", "time": "09:30"}, {}),
        ({"when": "at", "at": "2026-12-01T09:30"}, {"at": "2026-12-01T09:30"}),
        ({"when": "local_time", "local_time": "2026-12-01T09:30", "at": "x"}, {"local_time": "2026-12-01T09:30"}),
        ({"when": "again", "days": "mon", "time": "09:30", "whose": "reader"}, {"cron": "30 9 * * mon", "zone": "local"}),
        ({"when": "again", "days": "mon-fri", "time": "00:05", "whose": "mine"}, {"cron": "5 0 * * mon-fri", "zone": ""}),
        ({"when": "again", "days": "1", "time": "18:00", "whose": "reader"}, {"cron": "0 18 1 * *", "zone": "local"}),
        ({"when": "again", "days": "*", "time": "18:00", "cron": " 0 8 1,15 * * "}, {"cron": "0 8 1,15 * *", "zone": ""}),
    ],
)
def test_the_form_says_when(form: dict[str, str], wanted: dict[str, str]) -> None:
    assert given(form) == wanted
    if "cron" in wanted:
        assert planned(cron=wanted["cron"], zone=wanted["zone"]).cron == wanted["cron"], "the house can read it"


@pytest.mark.parametrize(
    "form",
    [
        {"when": "soon"},
        {"when": "again", "days": "someday", "time": "09:30"},
        {"when": "again", "days": "mon", "time": "25:00"},
        {"when": "again", "days": "mon", "time": "09:30 * * * *"},
        {"when": "again"},
    ],
)
def test_what_the_form_cannot_say_is_refused(form: dict[str, str]) -> None:
    with pytest.raises(Refusal):
        given(form)


def test_a_plan_is_told_in_words_of_both_languages() -> None:
    weekly = {"cron": "30 9 * * mon", "zone": "local"}
    assert described(weekly, "2026-11-29T19:30:00+00:00", "Asia/Shanghai", "en") == (
        "Mondays at 09:30 (each reader's clock) · next: 2026-11-30 03:30 Asia/Shanghai"
    )
    assert described(weekly, None, "", "zh") == "每周一 09:30（收件人当地时间）"
    assert described({"cron": "0 18 1 * *", "zone": "Europe/Berlin"}, None, "", "zh") == "每月 1 日 18:00（Europe/Berlin）"
    assert described({"cron": "0 8 1,15 * *", "zone": "UTC"}, None, "", "en") == "0 8 1,15 * * (UTC)"
    assert (
        described({"wall": "2026-12-01T09:30:00"}, "2026-11-30T19:30:00+00:00", "UTC", "zh")
        == "2026-12-01 09:30（收件人当地时间）"
    )
    assert described({"at": "2026-12-01T09:30:00+00:00"}, "2026-12-01T09:30:00+00:00", "Europe/Berlin", "zh") == (
        "下一次：2026-12-01 10:30 Europe/Berlin"
    )
    assert described(None, None, "UTC", "en") == ""
