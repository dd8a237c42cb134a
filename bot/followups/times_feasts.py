"""On which days does a feast that somebody names fall, and which working day comes after it?"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.followups import lunar
from bot.followups.calendars import Overrides, day_off
from bot.followups.feasts import FEASTS
from bot.followups.worktime import Block, add_working_days, holiday_at

_AHEAD = 420
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Feasts:
    """Whose calendars hold: the counterpart's country first, then the user's."""

    theirs: str | None
    mine: str | None
    overrides: Overrides


@dataclass(frozen=True)
class Occasion:
    """A feast found: its first day, the days off around it, the country whose calendar says so."""

    day: dt.date
    block: Block
    country: str


def find(key: str, today: dt.date, side: str, calendars: Feasts) -> Occasion | None:
    """The next time of a feast that is not over (before it: not begun); None when no calendar we look into has it."""
    feast = FEASTS[key]
    countries = [c for c in (calendars.theirs, calendars.mine) if c]
    if feast.countries:
        common = [c for c in countries if c in feast.countries]
        countries = [*common, *(c for c in feast.countries if c not in common)]
    elif key in ("christmas", "easter", "eastermonday", "goodfriday"):
        countries = [c for c in (calendars.mine, calendars.theirs, "US", "DE") if c]
    for country in countries:
        for day in _days(country, feast.known_as, today.year, calendars.overrides if calendars.overrides.off else None):
            block = holiday_at(country, day, calendars.overrides)
            day = dt.date(day.year, 12, 25) if key == "christmas" else day + feast.later * _DAY  # not the day off in lieu
            day = _first_day(country, day) if key == "spring" else day
            block = block and replace(block, until=max(block.until, day))
            block = block or Block(feast.en, feast.zh, day, day, provisional=False)
            if (
                (side == "before" and block.start > today)
                or (side == "on" and day >= today)
                or (side == "after" and block.until >= today)
            ):
                return Occasion(day, block, country)
    return None


def _first_day(country: str, off: dt.date) -> dt.date:
    """The first day of the lunar year: the days off may begin before it, in Vietnam by two days, in Korea by one."""
    if country == "KR":
        return off + _DAY
    first = lunar.new_year(off.year)
    return first if first and off <= first <= off + 3 * _DAY else off


def next_holiday(
    today: dt.date, country: str | None, overrides: Overrides, *, after: dt.date | None = None, shortest: int = 1
) -> Occasion | None:
    """The next block of days off with a feast in it that is not over, at least so many days long."""
    if country is None:
        return None
    day = after or today
    for _ in range(_AHEAD):
        if day_off(country, day, overrides) and (block := holiday_at(country, day, overrides)):
            if (block.until - block.start).days + 1 >= shortest:
                return Occasion(day, block, country)
            day = block.until
        day += _DAY
    return None


def working_day_after(occasion: Occasion, nth: int, overrides: Overrides) -> dt.date:
    """The n-th working day after the days off (1: the first)."""
    return add_working_days(occasion.block.until, max(1, nth), occasion.country, overrides)


def working_day_before(occasion: Occasion, overrides: Overrides) -> dt.date:
    """The last working day before the days off."""
    return add_working_days(occasion.block.start, -1, occasion.country, overrides)


@lru_cache(maxsize=256)
def _found(country: str, pattern: str, year: int) -> tuple[dt.date, ...]:
    """The first day of each run of days with that feast, in three years."""
    wanted = re.compile(pattern, re.IGNORECASE)
    days: list[dt.date] = []
    day = dt.date(year - 1, 12, 1)
    while day < dt.date(year + 2, 12, 31):
        off = day_off(country, day)
        if off and wanted.search(off.en) and (not days or (day - days[-1]).days > 20):
            days.append(day)
        day += _DAY
    return tuple(days)


def _days(country: str, pattern: str, year: int, overrides: Overrides | None) -> tuple[dt.date, ...]:
    extra = (
        ()
        if overrides is None
        else tuple(d for d, (en, _) in overrides.off.get(country, {}).items() if re.search(pattern, en, re.IGNORECASE))
    )
    return tuple(sorted({*_found(country, pattern, year), *extra}))
