"""Working days, make-up Saturdays, holidays by name, and the next hour at which the counterpart can be reached."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Refused
from bot.followups.calendars import Overrides, is_provisional, read_overrides
from bot.followups.worktime import (
    Quiet,
    add_working_days,
    country_of,
    find_zone,
    holiday_at,
    is_working_day,
    local,
    next_reachable,
    windows_of,
)

BEIJING = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
COUNTRIES = st.sampled_from("CN HK TW SG JP KR VN TH IN MY ID US DE AE".split())
DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2028, 12, 31))
MOMENTS = st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2028, 12, 31), timezones=st.just(dt.UTC))


def beijing(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def test_the_make_up_days_of_2026_are_worked_and_the_bridges_are_not() -> None:
    for month, day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)):
        assert is_working_day("CN", dt.date(2026, month, day))
    for month, day in ((1, 2), (2, 16), (2, 23), (5, 5), (10, 6), (10, 7)):
        assert not is_working_day("CN", dt.date(2026, month, day))


def test_the_reason_names_the_holiday_its_end_and_the_next_hour_in_both_languages() -> None:
    reach = next_reachable(beijing("2026-10-02T10:00"), BEIJING, "CN")
    assert reach.said("en") == "National Day until 7 October; next reachable 8 October 9:00"
    assert reach.said("zh") == "国庆假期到10月7日，10月8日9:00可以联系"
    assert not reach.provisional


def test_a_year_without_a_plan_is_expected_in_its_usual_blocks_and_says_so() -> None:
    assert is_provisional("CN", 2027)
    assert not is_provisional("CN", 2026)
    block = holiday_at("CN", dt.date(2027, 10, 6))
    assert block and block.provisional and block.until == dt.date(2027, 10, 7)
    assert "not out" in next_reachable(beijing("2027-10-06T10:00"), BEIJING, "CN").said("en")


def test_every_country_of_the_coach_has_its_holidays_named() -> None:
    for country, day, en, zh in (
        ("CN", "2026-02-18", "Chinese New Year", "春节"),
        ("HK", "2026-07-01", "Hong Kong S.A.R. Establishment Day", "香港特别行政区成立纪念日"),
        ("SG", "2026-12-25", "Christmas Day", "圣诞节"),
        ("KR", "2026-09-25", "Chuseok", "中秋节"),
        ("VN", "2026-02-18", "Lunar New Year", "春节"),
        ("ID", "2026-08-17", "Independence Day", "独立日"),
        ("US", "2026-11-26", "Thanksgiving Day", "感恩节"),
    ):
        block = holiday_at(country, dt.date.fromisoformat(day))
        assert block and (block.en, block.zh) == (en, zh)
    for country in ("TW", "JP", "TH", "IN", "MY"):
        assert not is_working_day(country, dt.date(2026, 1, 26 if country == "IN" else 1)) or country == "MY"


def test_lunch_weekend_and_night_are_waited_for() -> None:
    assert next_reachable(beijing("2026-11-25T12:30"), BEIJING, "CN").at == beijing("2026-11-25T14:00")
    assert next_reachable(beijing("2026-11-25T18:00"), BEIJING, "CN").at == beijing("2026-11-26T09:00")
    assert next_reachable(beijing("2026-11-27T20:00"), BEIJING, "CN").at == beijing("2026-11-30T09:00")
    assert next_reachable(beijing("2026-10-09T20:00"), BEIJING, "CN").at == beijing("2026-10-10T09:00")
    now = beijing("2026-11-25T10:10")
    assert next_reachable(now, BEIJING, "CN").at == now and not next_reachable(now, BEIJING, "CN").because


def test_the_users_quiet_hours_leave_a_new_yorker_the_early_evening() -> None:
    quiet = Quiet(NEW_YORK)
    assert next_reachable(beijing("2026-11-26T03:00"), BEIJING, "CN", quiet=quiet).at == beijing(
        "2026-11-26T09:00"
    )  # 20:00 there
    assert next_reachable(beijing("2026-11-26T14:00"), BEIJING, "CN", quiet=quiet).at == beijing("2026-11-27T09:00")


def test_quiet_hours_that_cover_everything_give_way_and_it_is_said() -> None:
    reach = next_reachable(beijing("2026-11-26T03:00"), BEIJING, "CN", quiet=Quiet(BEIJING, dt.time(8), dt.time(20)))
    assert reach.at == beijing("2026-11-26T09:00")
    assert "quiet hours cover" in reach.said("en")


def test_an_override_file_corrects_the_calendar(tmp_path: Path) -> None:
    path = tmp_path / "days.yaml"
    path.write_text(
        "CN:\n  official: [2027]\n  free: {2027-02-11: Spring Festival / 春节}\n  work: [2027-02-20]\n", encoding="utf-8"
    )
    overrides = read_overrides(path)
    assert is_working_day("CN", dt.date(2027, 2, 20), overrides)
    assert not is_working_day("CN", dt.date(2027, 2, 11), overrides)
    assert is_working_day("CN", dt.date(2027, 2, 12), overrides)  # our guess does not hold in a year named official
    assert not is_provisional("CN", 2027, overrides)


@pytest.mark.parametrize(
    "text",
    [
        "CN: [1]",
        "CN: {free: nothing}",
        "NO: {free: {}}",
        "CN: {work: [soon]}",
        "CN: {holidays: []}",
        "- a",
        "{",
        "CN: {official: [x]}",
    ],
)
def test_a_broken_override_file_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "days.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=r"days\.yaml"):
        read_overrides(path)


def test_a_zone_has_its_country_and_an_unknown_zone_is_refused() -> None:
    assert [country_of(z) for z in ("Asia/Shanghai", "Asia/Kolkata", "America/New_York", "Etc/GMT+3")] == ["CN", "IN", "US", None]
    with pytest.raises(Refused, match="there is no time zone"):
        find_zone("Mars/Olympus")


@settings(max_examples=150, deadline=None)
@given(day=DAYS, days=st.integers(-40, 40), country=COUNTRIES)
def test_counting_working_days_never_lands_on_a_free_day_and_counts_right(day: dt.date, days: int, country: str) -> None:
    found = add_working_days(day, days, country)
    assert is_working_day(country, found)
    first, last = sorted((day, found))
    between = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    between = between[1:] if days > 0 else between[:-1]
    if days:
        assert sum(is_working_day(country, d) for d in between) == abs(days)


@settings(max_examples=150, deadline=None)
@given(moment=MOMENTS, country=COUNTRIES, start=st.integers(0, 23), end=st.integers(0, 23))
def test_a_reachable_moment_is_never_early_and_always_inside_a_window_of_a_working_day(
    moment: dt.datetime, country: str, start: int, end: int
) -> None:
    zone = {"CN": "Asia/Shanghai", "US": "America/New_York", "DE": "Europe/Berlin"}.get(country, "Asia/Singapore")
    quiet = Quiet(NEW_YORK, dt.time(start), dt.time(end))
    reach = next_reachable(moment, ZoneInfo(zone), country, quiet=quiet)
    here = reach.at.astimezone(ZoneInfo(zone))
    assert reach.at >= moment
    assert is_working_day(country, here.date())
    assert any(first <= here.time() < last for first, last in windows_of(country))
    assert quiet.until(reach.at) is None or reach.because[-1].kind == "quiet"


@settings(max_examples=100, deadline=None)
@given(
    day=DAYS,
    clock=st.times(),
    zone=st.sampled_from([NEW_YORK, ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe"), BEIJING]),
)
def test_a_local_time_survives_the_way_over_utc(day: dt.date, clock: dt.time, zone: ZoneInfo) -> None:
    made = local(day, clock, zone)
    assert made.astimezone(dt.UTC).astimezone(zone) == made
    shift = made.replace(tzinfo=None) - dt.datetime.combine(day, clock)
    assert shift in (dt.timedelta(0), dt.timedelta(minutes=30), dt.timedelta(hours=1))


def test_overrides_without_a_word_change_nothing() -> None:
    assert is_working_day("CN", dt.date(2026, 10, 10), Overrides())
