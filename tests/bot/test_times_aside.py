"""Shorthand, order numbers, and what is said of time only by the way: each kind in several other words."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from bot.followups.times import read

NOW = dt.datetime.fromisoformat("2026-07-01T10:10:00+02:00")
"""A Wednesday."""
MINE, THEIRS = "Europe/Berlin", "Asia/Shanghai"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("in 2 h 15", "07-01 12:25"), ("in 1h30", "07-01 11:40"), ("remind me in 3 hrs 20 to call", "07-01 13:30"),
        ("in an hour 20", "07-01 11:30"), ("2 hours 45 from now", "07-01 12:55"), ("in 3/4 of an hour", "07-01 10:55"),
        ("in 1/4 hour", "07-01 10:25"), ("四分之三小时后", "07-01 10:55"), ("2小时候提醒我", "07-01 12:10"), ("30分钟候叫我", "07-01 10:40"),
        ("by lunch", "07-01 12:00"), ("Friday by lunch", "07-03 12:00"), ("2 days b4 Christmas", "12-23 09:00"), ("a day b4 Friday", "07-02 09:00"),
        ("an hr b4 noon tomorrow", "07-02 11:00"), ("need B4 paper, tomorrow 3pm", "07-02 15:00"),
        ("move it from 2pm to 4pm", "07-01 16:00"), ("move it from 2 to 4pm", "07-01 16:00"), ("push it from 3 to 4", "07-01 16:00"), ("shift it from Fri 2pm to Mon 2pm", "07-06 14:00"),
        ("pls reschedule from Thu 9am to 11am", "07-02 11:00"), ("push it from Wed to Fri", "07-03 09:00"),
        ("从周五下午两点推到周一下午两点", "07-06 14:00"), ("从明天下午三点改到四点", "07-02 16:00"), ("提醒从三点推迟到五点", "07-01 17:00"),
        ("it's Wednesday, so 5pm today", "07-01 17:00"), ("since it's Wednesday, remind me tomorrow", "07-02 09:00"),
        ("she wanted it Monday, so noon today", "07-01 12:00"), ("今天都周三了，明天上午提醒我", "07-02 09:00"),
        ("she replied at 9 this morning, I'll call her Fri at 3 - ping me 10 min before", "07-03 14:50"),
        ("not this Wednesday, next", "07-08 09:00"), ("PO#0305, Friday 10am", "07-03 10:00"), ("单号0305，周五上午10点提醒我", "07-03 10:00"),
        ("小周说行，老周在，周六上午十点半提醒我", "07-04 10:30"),
    ],
)  # fmt: skip
def test_it_is_read_without_what_is_said_by_the_way(text: str, at: str) -> None:
    found = read(text, NOW, MINE, THEIRS)
    assert found.at, found
    assert f"{found.at.astimezone(ZoneInfo(MINE)):%m-%d %H:%M}" == at


@pytest.mark.parametrize(
    "text",
    [
        "in 15", "remind me in 20", "push the reminder from Fri 8pm to 9", "remind me to move the shipment from Friday to Monday",
        "the meeting moved from Thursday to Friday", "it's Friday, so noon today", "push it from 2 to 3 weeks", "change it from 2 to 3",
    ],
)  # fmt: skip
def test_what_may_be_meant_otherwise_is_asked(text: str) -> None:
    found = read(text, NOW, MINE, THEIRS)
    assert found.at is None
    assert found.ambiguous


@pytest.mark.parametrize("text", ["every other week", "remind me every two weeks", "每周提醒我", "请每两周提醒我一次"])
def test_what_only_repeats_is_answered_with_that_a_reminder_comes_once(text: str) -> None:
    found = read(text, NOW, MINE, THEIRS)
    assert found.at is None
    assert "does not repeat" in found.understood
    assert "不会重复" in read(text, NOW, MINE, THEIRS, lang="zh").understood


def test_what_was_moved_from_is_cut_out_with_the_time() -> None:
    text = "shift it from Fri 2pm to Mon 2pm"
    assert any(text[a:b] == "from Fri 2pm" for a, b in read(text, NOW, MINE, THEIRS).spans)
