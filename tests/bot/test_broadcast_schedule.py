"""When a broadcast is sent: schedules on wall clocks, across changes of the clock, quiet hours and days off. Pure."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.broadcasts.hours import Begin, due_of
from bot.broadcasts.schedule import Plan, gaps, planned
from bot.errors import Refused

NOW = dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def runs(plan: Plan, after: str, number: int) -> list[str]:
    found, moment = list[str](), at(after)
    for _ in range(number):
        moment = plan.following(moment).at
        found.append(f"{moment:%m-%d %H:%M}")
    return found


def test_a_time_that_the_clock_skips_comes_an_hour_later_once() -> None:
    plan = planned(cron="30 2 * * *", zone="Europe/Berlin")
    assert runs(plan, "2027-03-27T00:00+00:00", 3) == ["03-27 01:30", "03-28 01:30", "03-29 00:30"]
    assert [f"{wall:%m-%d %H:%M} {there:%H:%M}" for wall, there in gaps(plan, NOW)] == ["03-28 02:30 03:30"]


def test_a_time_that_comes_twice_is_taken_once_the_first_time() -> None:
    plan = planned(cron="30 2 * * *", zone="Europe/Berlin")
    assert runs(plan, "2027-10-30T12:00+00:00", 3) == ["10-31 00:30", "11-01 01:30", "11-02 01:30"]


def test_a_schedule_keeps_its_wall_clock_time_through_the_year() -> None:
    plan = planned(cron="30 9 * * mon", zone="America/New_York")
    assert runs(plan, "2027-03-07T00:00+00:00", 2) == ["03-08 14:30", "03-15 13:30"]


def test_a_local_time_begins_with_the_first_clock_on_earth() -> None:
    due = planned(cron="30 9 * * mon", zone="local").first(NOW)
    assert (due.at, due.wall) == (at("2026-11-22T19:30+00:00"), dt.datetime(2026, 11, 23, 9, 30))
    assert Plan.read(planned(cron="30 9 * * mon", zone="local").stored()).due(due.at) == due


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"cron": "* * * * *"}, "once a day"),
        ({"cron": "0 9,15 * * *"}, "once a day"),
        ({"cron": "0 9 31 4 *"}, "names no day"),
        ({"cron": "R R * * *"}, "five fields"),
        ({"cron": "soon"}, "five fields"),
        ({"cron": "0 9 * * 1", "zone": "Mars"}, "no time zone"),
        ({"zone": "Asia/Shanghai"}, "belongs to a schedule"),
        ({"at": "2026-11-30T09:30"}, "offset"),
        ({"at": "0001-01-01T00:00+14:00"}, "not in our time"),
        ({"at": "2026-11-20T09:30+00:00"}, "has passed"),
        ({"at": "2029-11-20T09:30+00:00"}, "year ahead"),
        ({"local_time": "2026-11-30T09:30+08:00"}, "everybody's own"),
        ({"local_time": "2026-11-20T09:30"}, "passed everywhere"),
        ({"local_time": "2026-11-30T09:30", "cron": "0 9 * * 1"}, "one of"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_the_reason(given: dict[str, str], told: str) -> None:
    with pytest.raises(Refused, match=told):
        planned(**given).first(NOW)


@pytest.mark.parametrize(
    ("zone", "quiet", "again", "wall", "due"),
    [
        ("Asia/Shanghai", "22:00-07:00", False, None, "2026-11-23T01:00+00:00"),  # Sunday: Monday at nine
        ("Asia/Shanghai", "22:00-10:00", False, None, "2026-11-23T02:00+00:00"),
        ("Europe/Berlin", "", True, None, "off"),
        ("Europe/Berlin", "", True, "2026-11-23T09:30", "2026-11-23T08:30+00:00"),
        ("Europe/Berlin", "22:00-10:00", True, "2026-11-23T09:30", "2026-11-23T09:00+00:00"),
        ("America/New_York", "", True, "2026-11-26T09:30", "off"),
        ("America/New_York", "", False, "2026-11-26T09:30", "2026-11-27T14:30+00:00"),
        ("Asia/Shanghai", "", True, "2026-10-10T09:30", "late"),
    ],
)
def test_everybody_gets_it_in_their_own_hours(zone: str, quiet: str, again: bool, wall: str | None, due: str) -> None:
    begin = Begin(NOW, dt.datetime.fromisoformat(wall) if wall else None, again, NOW)
    assert due_of(begin, zone, quiet) == (due if due in ("off", "late") else at(due))
