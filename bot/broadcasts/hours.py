"""At which moment do people of one zone, with one set of quiet hours, get a run? Working days, holidays, quiet hours. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from bot.broadcasts.schedule import LATE
from bot.followups.calendars import NO_OVERRIDES, Overrides
from bot.followups.countries import country_of
from bot.followups.rules import quiet_times
from bot.followups.worktime import Quiet, add_working_days, find_zone, is_working_day, local

WORK_BEGINS = dt.time(9)
"""On the first working day, what waited for it comes then."""
Left = Literal["off", "late"]


@dataclass(frozen=True)
class Begin:
    """One run: its moment, or its wall-clock time on everybody's clock; and what is done on a day off."""

    at: dt.datetime
    wall: dt.datetime | None
    again: bool
    """It comes again: who has the day off is left out. Otherwise they get it on their next working day."""
    now: dt.datetime
    overrides: Overrides = NO_OVERRIDES


def due_of(begin: Begin, zone_name: str, quiet: str) -> dt.datetime | Left:
    """When these people get it, never before it is meant; or why they do not.

    `quiet` is `22:00-07:00` on their clock, or empty: none. Late is what lies more than two hours back.
    """
    zone = find_zone(zone_name)
    country = country_of(zone_name)
    at = local(begin.wall.date(), begin.wall.time(), zone) if begin.wall else begin.at.astimezone(zone)
    if begin.now - at > LATE:
        return "late"
    hours = Quiet(zone, *quiet_times(quiet)) if quiet else None
    day = at.date()
    for _ in range(10):  # a day off may follow quiet hours, and quiet hours a day off
        if not is_working_day(country, at.date(), begin.overrides):
            if begin.again:
                return "off"
            day = add_working_days(at.date(), 0, country, begin.overrides)
            at = local(day, begin.wall.time() if begin.wall else WORK_BEGINS, zone)
        woken = hours.until(at) if hours else None
        if woken is None:
            break
        at = woken
    return at.astimezone(dt.UTC)
