"""By when it must be settled is a deadline, on whichever clock, and no time of a reminder; both languages."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.followups.deadlines import deadline_in, without
from bot.wiring import App
from tests.bot.test_followup_talk import NOW, Talk


@pytest.mark.parametrize(
    "text",
    [
        "I emailed Li Wei about the contract, it must be signed by 15 December, remind me if he stays silent",
        "the deadline is 15 December",
        "deadline: 15 Dec",
        "the deadline was moved to 15 December",
        "it's due on 15 December",
        "they need to answer by 15 December",
        "the contract has to be signed before 15 December and he is slow, remind me tomorrow at 9",
        "remind me on Friday, the payment is due by 15 December",
        "刚给李总发了合同，12月15日截止，没回就提醒我",
        "刚给李总发了合同，12月15日之前必须签，明天上午9点提醒我",
        "合同必须在12月15日之前签",
        "最晚12月15日要签",
        "截止日期是12月15日",
        "合同12月15日到期",
    ],
)
def test_a_day_is_read_as_that_day_on_both_clocks(text: str) -> None:
    found = deadline_in(text, NOW, "Europe/Berlin", "Asia/Shanghai")
    assert found
    assert found.at == dt.datetime.fromisoformat("2026-12-15T23:59+08:00")
    assert "15" not in without(text, found)
    assert len(without(text, found)) == len(text)


def test_an_hour_is_kept_and_far_zones_share_their_day() -> None:
    said = deadline_in("deadline: 15 December 5pm", NOW, "Europe/Berlin", "Asia/Shanghai")
    assert said
    assert said.at == dt.datetime.fromisoformat("2026-12-15T17:00+01:00")
    far = deadline_in("the deadline is 15 December", NOW, "America/Los_Angeles", "Asia/Shanghai")
    assert far
    assert far.at == dt.datetime.fromisoformat("2026-12-15T23:59+08:00"), "still the 15th in Los Angeles"


@pytest.mark.parametrize(
    "text",
    [
        "remind me by Friday",
        "remind me before Friday",
        "the deadline is tight",
        "it was due on Monday",
        "the deadline is 5/6",
        "下周五前要提醒我",
        "最晚周五提醒我",
        "周五前提醒我",
        "deadline的事下周再说",
    ],
)
def test_a_time_of_the_reminder_or_none_is_no_deadline(text: str) -> None:
    assert deadline_in(text, NOW, "Europe/Berlin", "Asia/Shanghai") is None


@pytest.mark.parametrize(
    ("words", "says", "fixed"),
    [
        (
            "I emailed Li Wei about the contract, it must be signed by 15 December, remind me if he stays silent",
            "Deadline: Tuesday 15 December. I make sure",
            False,
        ),
        ("I sent Li Wei the contract, deadline 15 December, remind me tomorrow at 9", "Deadline: Tuesday 15 December.", True),
        ("刚给李总发了合同，12月15日截止，没回就提醒我", "截止日期：12月15日（周二）", False),
        ("刚给李总发了合同，12月15日之前必须签，明天上午9点提醒我", "截止日期：12月15日（周二）", True),
    ],
)
def test_a_new_follow_up_has_its_deadline_and_a_time_of_its_own(app: App, words: str, says: str, fixed: bool) -> None:
    talk = Talk(app)
    assert says in talk(words).text
    assert talk.row.deadline == dt.datetime.fromisoformat("2026-12-15T23:59+08:00")
    assert talk.row.fixed is fixed
    assert talk.row.due_at.date() == dt.date(2026, 11, 26)


def test_a_thing_to_do_by_a_deadline_still_needs_its_hour(app: App) -> None:
    talk = Talk(app)
    talk("remind me to sign the contract with Li Wei, it must be signed by 15 December")
    talk("tomorrow at 9")
    assert talk.row.deadline
    assert talk.row.due_at == dt.datetime.fromisoformat("2026-11-26T09:00+01:00")
