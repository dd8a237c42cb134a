"""On which day does a day of the Chinese lunar calendar fall that people name around New Year: 初八, 正月十五, 小年, 腊月二十八?

Chinese dates, in Beijing time, whatever country the counterpart lives in: a public holiday elsewhere may begin days earlier.
"""

from __future__ import annotations

import datetime as dt
import math
from functools import cache

_BEIJING = dt.timedelta(hours=8)
_DAY = dt.timedelta(days=1)
_MOON = 29.530588861
"""Mean days from one new moon to the next."""
_EPOCH = dt.datetime(2000, 1, 6, 14, 20, 37, tzinfo=dt.UTC)
"""The mean new moon that the terms below are counted from, in universal time."""


@cache
def new_year(year: int) -> dt.date | None:
    """The first day of the lunar year that begins in this year; None where the calendar library does not reach."""
    from holidays import country_holidays  # a third of a second: only where somebody names such a day

    try:
        days = country_holidays("SG", years=year, observed=False, language="en_SG")
    except (ValueError, NotImplementedError):
        return None
    return min((day for day, name in days.items() if "Chinese New Year" in name and day.year == year), default=None)


def first_month(day: int, today: dt.date) -> dt.date | None:
    """The next such day of the first lunar month (1 to 30) that is not past."""
    for year in (today.year, today.year + 1):
        first = new_year(year)
        if first and 1 <= day <= 30 and (found := first + (day - 1) * _DAY) >= today:
            return found
    return None


def last_month(day: int, today: dt.date) -> dt.date | None:
    """The next such day of the last lunar month (1 to 30) that is not past; None where the month is shorter."""
    for year in (today.year, today.year + 1):
        first = new_year(year)
        if first and 1 <= day <= (length := (first - _new_moon_before(first)).days):
            found = first - (length - day + 1) * _DAY
            if found >= today:
                return found
    return None


def _new_moon_before(first: dt.date) -> dt.date:
    """The day in Beijing of the new moon one month before the one of this day."""
    noon = dt.datetime.combine(first, dt.time(4), dt.UTC) - dt.timedelta(days=_MOON)
    return (_new_moon(round((noon - _EPOCH).total_seconds() / 86400 / _MOON)) + _BEIJING).date()


def _new_moon(k: int) -> dt.datetime:
    """The k-th new moon since January 2000 in universal time, to some minutes: the greater terms of Meeus, chapter 49."""
    t = k / 1236.85
    sun, moon = math.radians(2.5534 + 29.1053567 * k), math.radians(201.5643 + 385.81693528 * k + 0.0107582 * t * t)
    node, e = math.radians(160.7108 + 390.67050284 * k - 0.0016118 * t * t), 1 - 0.002516 * t
    days = (
        -0.40720 * math.sin(moon) + 0.17241 * e * math.sin(sun) + 0.01608 * math.sin(2 * moon) + 0.01039 * math.sin(2 * node)
        + 0.00739 * e * math.sin(moon - sun) - 0.00514 * e * math.sin(moon + sun) + 0.00208 * e * e * math.sin(2 * sun)
        - 0.00111 * math.sin(moon - 2 * node) - 0.00057 * math.sin(moon + 2 * node) + 0.00056 * e * math.sin(2 * moon + sun)
        - 0.00042 * math.sin(3 * moon) + 0.00042 * e * math.sin(sun + 2 * node) + 0.00038 * e * math.sin(sun - 2 * node)
    )  # fmt: skip
    terrestrial = 70  # seconds by which the uniform clock runs ahead of the day
    return _EPOCH + dt.timedelta(days=k * _MOON + 0.00015437 * t * t + days, seconds=-terrestrial)
