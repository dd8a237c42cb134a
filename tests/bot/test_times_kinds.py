"""Kinds of expressions that were once read wrongly: what repeats, lunar days, corrections, facts told beside the time, numbers."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from bot.followups import lunar
from bot.followups.times import When, read

NOW = dt.datetime.fromisoformat("2026-10-14T10:20:00+02:00")
"""A Wednesday."""
MINE, THEIRS = "Europe/Berlin", "Asia/Shanghai"


def told(text: str, their: str = THEIRS) -> When:
    return read(text, NOW, MINE, their)


def local(found: When) -> str:
    return f"{found.at.astimezone(ZoneInfo(MINE)):%m-%d %H:%M}" if found.at else "asked"


@pytest.mark.parametrize(
    "text",
    [
        "every Monday at 9", "each friday 3pm", "remind me on tuesdays", "nudge me daily at 5", "weekly on Mondays", "on the 1st of every month",
        "remind me once a week on Tuesday", "every morning at 8", "每周一提醒我对账", "每月5号", "每个工作日上午十点", "逢周五提醒我", "天天下午五点提醒我",
        "一周一次，周一提醒我", "每晚八点叫我",
    ],
)  # fmt: skip
def test_what_is_to_repeat_is_asked_back_because_a_reminder_comes_once(text: str) -> None:
    found = told(text)
    assert found.at is None
    assert found.ambiguous
    assert "does not repeat" in found.warning
    assert "不会重复" in read(text, NOW, MINE, THEIRS, lang="zh").warning


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("they have a call every Monday at 9, remind me Thursday 10am", "10-15 10:00"),
        ("remind me tomorrow at 3 about the weekly report", "10-15 15:00"),
        ("remind me in 3 weekdays", "10-19 09:00"),
        ("工厂每天产500个，明天下午三点提醒我", "10-15 15:00"),
        ("tomorrow 3pm, make it 4pm", "10-15 16:00"),
        ("Friday at 3, no wait, at 4", "10-16 16:00"),
        ("tonight at 8... make it 9", "10-14 21:00"),
        ("明天三点，改成四点", "10-15 16:00"),
        ("今晚八点，改九点吧", "10-14 21:00"),
        ("别三点，四点吧", "10-14 16:00"),
        ("make it 4", "10-14 16:00"),
        ("the tariff starts 1 Nov, remind me a week early", "10-25 09:00"),
        ("price increase on 1 December, remind me a month ahead", "11-01 09:00"),
        ("the flight leaves Sunday 18:00, remind me 5 hours ahead", "10-18 13:00"),
        ("let me know a week ahead", "10-21 09:00"),
        ("they're closed 19-23 Oct, chase on the 26th", "10-26 09:00"),
        ("18号到20号他不在，21号催", "10-21 09:00"),
        ("out of stock till Nov 3, look again Nov 4", "11-04 09:00"),
        ("they're closed thursday, so friday 10am", "10-16 10:00"),
        ("remind me Sunday 6pm so it lands Monday morning in Shenzhen", "10-18 18:00"),
        ("样品今天到，下午四点提醒我去拿", "10-14 16:00"),
        ("昨天打了样，要7天，22号提醒我问", "10-22 09:00"),
        ("ask about K-8 tomorrow", "10-15 09:00"),
        ("remind me to order part 8 tomorrow", "10-15 09:00"),
        ("合同号2026-10-20，后天提醒我签", "10-16 09:00"),
        ("第2.1条，5 to 5", "10-14 16:55"),
        ("she's away Mon to Wed, try Thursday", "asked"),
        ("he is back next Wednesday, remind me Thursday", "asked"),
        ("国庆后再说", "asked"),
    ],
)
def test_kinds_that_were_read_wrongly(text: str, at: str) -> None:
    assert local(told(text)) == at


@pytest.mark.parametrize("their", ["Asia/Shanghai", "Asia/Ho_Chi_Minh", "Asia/Singapore", "America/New_York"])
@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("大年初一", "02-06 09:00"),
        ("初八提醒我", "02-13 09:00"),
        ("年初八十点", "02-13 10:00"),
        ("初八开工，提前一天提醒我", "02-12 09:00"),
        ("正月十五前一天", "02-19 09:00"),
        ("除夕前一天", "02-04 09:00"),
        ("春节前三天", "02-03 09:00"),
        ("腊月二十八", "02-04 09:00"),
    ],
)
def test_a_lunar_day_is_the_chinese_one_wherever_the_counterpart_is(text: str, at: str, their: str) -> None:
    assert local(told(text, their)) == at


def test_the_little_new_year_is_one_of_two_days_and_asked() -> None:
    assert [f"{one.at:%m-%d}" for one in told("小年").ambiguous] == ["01-30", "01-31"]


def test_the_last_lunar_month_has_29_or_30_days_as_the_moon_has_it() -> None:
    assert lunar.last_month(30, dt.date(2024, 1, 1)) == dt.date(2024, 2, 9)
    assert lunar.last_month(30, dt.date(2024, 11, 1)) is None  # 2025 and 2026 begin on the day after a 29th
    assert lunar.last_month(29, dt.date(2026, 1, 1)) == dt.date(2026, 2, 16)


def test_a_feast_of_two_countries_on_different_days_is_asked() -> None:
    found = read("国庆前一天", NOW, "Asia/Shanghai", "Asia/Ho_Chi_Minh")
    assert sorted(f"{one.at:%Y-%m-%d}" for one in found.ambiguous) == ["2027-09-01", "2027-09-30"]
