"""Time expressions are read right in both languages, asked where they can mean several things, and never guessed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Refused
from bot.followups.times import When, read

DATA = Path(__file__).parent.parent / "data"
NOW = dt.datetime.fromisoformat("2026-11-25T10:30:00-05:00")
NEW_YORK = "America/New_York"


def cases(name: str) -> list[Any]:
    groups = yaml.safe_load((DATA / name).read_text(encoding="utf-8"))["groups"]
    return [pytest.param(g, *case, id=f"{g['now'][:10]} {case[0]}") for g in groups for case in g["cases"]]


def outcome(found: When, zone: str) -> str:
    if found.at:
        return f"{found.at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
    if found.ambiguous:
        return "ask"
    return "past or impossible" if found.span != (0, 0) else "none"


def verdict(group: dict[str, Any], text: str, answer: str) -> tuple[str, str]:
    """Right, asked (instead of answered), or wrong; and what came out. ` | ` stands between answers that are all right."""
    found = read(text, dt.datetime.fromisoformat(group["now"]), group["zone"], group["their"])
    for one in answer.split(" | "):
        wanted, _, zone = one.rpartition(" ") if "/" in one else (one, "", group["zone"])
        came = outcome(found, zone)
        if came == wanted or (wanted == "ask" and came == "past or impossible"):
            return "right", wanted  # a refusal gives its reason and asks for another time, which is as good as asking
    return ("wrong" if found.at else "asked"), outcome(found, group["zone"])


@pytest.mark.parametrize(
    ("group", "text", "answer"),
    [case for path in sorted(DATA.glob("times*.yaml")) for case in cases(path.name)],
)
def test_an_expression_is_read_as_a_person_means_it(group: dict[str, Any], text: str, answer: str) -> None:
    assert verdict(group, text, answer)[0] == "right", verdict(group, text, answer)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("remind me every 3 days", "2026-11-28 09:00"),
        ("remind me every three days until they answer", "2026-11-28 09:00"),
        ("nudge me weekly please", "2026-12-02 09:00"),
        ("每三天提醒我一次", "2026-11-28 09:00"),
        ("每两周提醒我，直到他们回复为止", "2026-12-09 09:00"),
        ("每月提醒我", "2026-12-25 09:00"),
        ("remind me monthly", "2026-12-25 09:00"),
    ],
)
def test_of_what_is_to_repeat_the_first_time_is_offered(text: str, first: str) -> None:
    found = read(text, NOW, NEW_YORK)
    assert found.at is None
    assert [f"{each.at.astimezone(ZoneInfo(NEW_YORK)):%Y-%m-%d %H:%M}" for each in found.ambiguous] == [first]
    assert "once" in found.warning


@pytest.mark.parametrize(
    "text",
    [
        "Mon 9am, Wed 9am is what I want",
        "Monday 9am, Wednesday 9am suits me more",
        "Dec 1, then Dec 8 if nothing came",
        "Mon 9am, Thursday 9am if silence continues",
        "周一上午9点，周三上午9点那个更合适",
        "12月1日，没消息的话12月8日",
    ],
)
def test_a_second_time_that_may_be_meant_is_not_dropped(text: str) -> None:
    found = read(text, NOW, NEW_YORK)
    assert found.at is None
    assert len(found.ambiguous) == 2


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("remind me on Thursday at 9am their time about the quote", "remind me about the quote"),
        ("周四上午九点提醒我给李总打电话", "提醒我给李总打电话"),
        ("remind me tomorrow to call Mr Li at 3pm", "remind me to call Mr Li"),
        ("ｔｏｍｏｒｏｗ ９ａｍ: samples", ": samples"),
    ],
)
def test_what_was_read_can_be_cut_out_of_the_text(text: str, rest: str) -> None:
    found = read(text, NOW, NEW_YORK)
    for start, end in reversed(found.spans):
        text = text[:start] + text[end:]
    assert " ".join(text.split()) == rest


@pytest.mark.parametrize(
    ("text", "whose", "explicit"),
    [
        ("tomorrow", "mine", False),
        ("tomorrow 9am", "mine", True),
        ("Thursday morning their time", "theirs", True),
        ("周四对方时间上午九点", "theirs", True),
        ("Friday 3pm Beijing time", "named", True),
    ],
)
def test_it_is_said_whose_clock_counts_and_whether_an_hour_was_given(text: str, whose: str, explicit: bool) -> None:
    found = read(text, NOW, NEW_YORK)
    assert (found.whose, found.explicit_time) == (whose, explicit)


def test_the_echo_names_date_weekday_and_both_zones() -> None:
    assert read("Thursday morning their time", NOW, NEW_YORK).understood == (
        "Thursday 26 November 2026, 09:00 Beijing time (Wednesday 25 November, 20:00 New York time)"
    )
    assert read("周四上午对方时间", NOW, NEW_YORK, lang="zh").understood == (
        "2026年11月26日（星期四）09:00，北京时间（纽约时间11月25日 星期三 20:00）"
    )


def test_an_hour_of_mine_at_which_they_cannot_be_reached_is_kept_and_said() -> None:
    found = read("tomorrow 9am", NOW, NEW_YORK)
    assert found.at and "next reachable 27 November 9:00" in found.warning
    assert "27日9:00可以联系" in read("明天9点", NOW, NEW_YORK, lang="zh").warning


def test_a_skipped_hour_is_moved_and_a_repeated_one_is_the_first_and_both_are_said() -> None:
    skipped = read("tomorrow 2:30am", dt.datetime.fromisoformat("2027-03-27T09:00:00+01:00"), "Europe/Berlin", "Europe/Berlin")
    assert skipped.at == dt.datetime.fromisoformat("2027-03-28T03:30:00+02:00")
    assert "does not exist that day" in skipped.warning
    twice = read("tomorrow 1:30am", dt.datetime.fromisoformat("2026-10-31T20:00:00-04:00"), NEW_YORK)
    assert twice.at and twice.at.isoformat() == "2026-11-01T01:30:00-04:00"
    assert "comes twice" in twice.warning


def test_a_year_without_a_published_plan_is_said_to_be_expected() -> None:
    assert "expected" in read("after CNY", NOW, NEW_YORK).warning
    assert "预计" in read("春节后", NOW, NEW_YORK, lang="zh").warning


def test_a_zone_that_does_not_exist_and_a_now_without_offset_are_refused() -> None:
    with pytest.raises(Refused, match="there is no time zone 'Asia/Bejing'"):
        read("tomorrow", NOW, "Asia/Bejing")
    with pytest.raises(Refused, match="there is no time zone"):
        read("tomorrow", NOW, NEW_YORK, "../etc/passwd")
    with pytest.raises(Refused, match="offset"):
        read("tomorrow", NOW.replace(tzinfo=None), NEW_YORK)


ZONES = st.sampled_from(
    [NEW_YORK, "Europe/Berlin", "Asia/Shanghai", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu"]
)
NOWS = st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2029, 12, 31), timezones=st.just(dt.UTC))
WORDS = (
    "tomorrow today tonight next this last monday friday sun week month year end of in after before 3 9am 14:30 half past at days hours working day their time "
    "beijing cny holiday the 5th 31 feb dec 3/12 or not remind me noon midnight 明天 后天 下 周 周五 三天 后 前 上午 点 半 三 九点 一刻 春节 节 工作日 月底 对方时间 "
    "北京时间 提醒我 或者 初五 第一个 分钟 提前 , . ： １２"
).split()
PHRASES = st.lists(st.sampled_from(WORDS), max_size=9).flatmap(
    lambda words: st.sampled_from((" ", "")).map(lambda gap: gap.join(words))
)


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(PHRASES, st.text(max_size=60)), now=NOWS, mine=ZONES, theirs=ZONES)
def test_it_never_fails_and_never_answers_with_the_past(text: str, now: dt.datetime, mine: str, theirs: str) -> None:
    found = read(text, now, mine, theirs)
    assert all(moment > now for moment in (*([found.at] if found.at else []), *(one.at for one in found.ambiguous)))
    assert found.at is None or not found.ambiguous
    assert all(0 <= start <= end <= len(text) for start, end in found.spans)
    assert found.span != (0, 0) or found == When()


@settings(max_examples=100, deadline=None)
@given(now=NOWS, zone=ZONES, hour=st.integers(0, 23), minute=st.integers(0, 59))
def test_a_clock_time_comes_out_as_that_clock_time_unless_the_clocks_change(
    now: dt.datetime, zone: str, hour: int, minute: int
) -> None:
    found = read(f"tomorrow {hour:02}:{minute:02}", now, zone)
    assert found.at
    there = found.at.astimezone(ZoneInfo(zone))
    assert (there.hour, there.minute) == (hour, minute) or "does not exist" in found.warning
    assert found.at.astimezone(dt.UTC).astimezone(ZoneInfo(zone)) == found.at


@settings(max_examples=100, deadline=None)
@given(now=NOWS, zone=ZONES, hours=st.integers(1, 200))
def test_so_many_hours_are_so_many_hours_whatever_the_clocks_do(now: dt.datetime, zone: str, hours: int) -> None:
    found = read(f"in {hours} hours", now, zone)
    assert found.at
    assert found.at - now == dt.timedelta(hours=hours)


def test_a_long_hostile_text_is_read_quickly() -> None:
    started = dt.datetime.now(dt.UTC)
    for text in (
        "in " * 3000,
        "一" * 8000,
        "1/" * 4000,
        "周五" * 4000,
        "a" * 8000,
        "at 5 " * 2000,
        "半" * 8000,
        "明天九点，" * 1600,
        " " * 8000,
        "1 day " * 1500,
    ):
        read(text, NOW, NEW_YORK)
    assert dt.datetime.now(dt.UTC) - started < dt.timedelta(seconds=30)
