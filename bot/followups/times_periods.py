"""On which days are "end of next month", "mid December", "the first working day of April"?"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from dataclasses import replace

from bot.followups.calendars import Overrides
from bot.followups.times_atoms import Atom
from bot.followups.times_dates import DAY, Days, Impossible, last_of, monday_of, month_at, not_past
from bot.followups.times_feastdays import feast_days, weekday_by_feast
from bot.followups.times_feasts import Feasts
from bot.followups.times_lex import Cluster
from bot.followups.worktime import add_working_days, is_working_day


def nth_days(atom: Atom, cluster: Cluster, today: dt.date, calendars: Feasts) -> Days:
    """The first working day of April, the last Friday of the month, the last day of next month."""
    if atom.b == 9:  # the second week of a month: counted from its first Monday, or from the week of its first day
        found = nth_days(replace(atom, b=0), cluster, today, calendars)
        before = [day - 7 * DAY for day in found.options if atom.n > 0 and day.day % 7 != 1 and day - 7 * DAY >= today]
        return Days([*before, *found.options], ask=found.ask)
    feast, month, period = cluster.of("feast"), cluster.of("month"), cluster.of("period")
    if atom.side:
        period = Atom("period", 0, 0, name=atom.side)
    country, overrides = calendars.theirs, calendars.overrides
    if feast and atom.b < 7:
        found = weekday_by_feast(Atom("weekday", 0, 0, atom.b), feast, today, calendars)
        return Days([day + 7 * (max(1, atom.n) - 1) * DAY for day in found.options])
    if feast:
        side = "before" if feast.side == "before" else "after"
        return feast_days(replace(feast, a=max(1, atom.n), side=side), today, calendars, None)
    if month:
        starts = [coming_month(month, today)]
        if not month.n and not month.c and month.b == today.month:
            starts = [(today.year, month.b), (today.year + 1, month.b)]
    elif period and period.name == "month":
        starts = [month_at(today, period.n)]
    elif period and period.name == "week":
        first = monday_of(today) + 7 * period.n * DAY
        run = [first + n * DAY for n in range(7)]
        return Days([not_past(_pick([d for d in run if _counts(d, atom.b, country, overrides)], atom.n), today)])
    elif period and period.name == "year":
        year = today.year + period.n
        run = (
            [dt.date(year, 1, 1) + n * DAY for n in range(31)]
            if atom.n > 0
            else [dt.date(year, 12, 1) + n * DAY for n in range(31)]
        )
        day = _pick([d for d in run if _counts(d, atom.b, country, overrides)], atom.n)
        if day < today and not period.n:  # the first working day of the year, in December
            return nth_days(atom, cluster, dt.date(year + 1, 1, 1), calendars)
        return Days([not_past(day, today)])
    else:
        starts = [month_at(today, 0), month_at(today, 1)]
    for year, number in starts:
        run = [dt.date(year, number, d) for d in range(1, monthrange(year, number)[1] + 1)]
        day = _pick([d for d in run if _counts(d, atom.b, country, overrides)], atom.n)
        if day >= today:
            return Days([day], ask=not (month or period))
    raise Impossible("that day is past", "那一天已经过去了")


def _counts(day: dt.date, weekday: int, country: str | None, overrides: Overrides) -> bool:
    return weekday == 8 or (is_working_day(country, day, overrides) if weekday == 7 else day.weekday() == weekday)


def _pick(days: list[dt.date], nth: int) -> dt.date:
    if len(days) < abs(nth):
        raise Impossible("there are not so many such days then", "那段时间没有那么多这样的日子")
    return days[nth if nth < 0 else nth - 1]


def period_days(atom: Atom, today: dt.date, calendars: Feasts) -> Days:
    """Next week, the end of the month, this weekend, the new year."""
    if atom.n < 0:
        raise Impossible("that is past", "那已经过去了")
    monday = monday_of(today) + 7 * atom.n * DAY
    if atom.name == "weekend":
        saturday = monday + 5 * DAY
        if atom.side == "en" and atom.n and today.weekday() < 5:
            return Days([saturday - 7 * DAY, saturday])
        return Days([saturday] if saturday >= today else [today, saturday + 7 * DAY])
    if atom.name == "week":
        if not atom.side:
            return Days([monday]) if atom.n else Days([d for d in (today + DAY, monday + 4 * DAY) if d > today], ask=True)
        day = monday + {"start": 0, "mid": 2, "end": 4}[atom.side] * DAY
        return (
            Days([day])
            if day >= today
            else Days([day + 7 * DAY], ("that part of this week is past", "本周的那段时间已经过去了"), ask=True)
        )
    if atom.name == "month":
        if atom.side or atom.n:
            try:
                return edge_of_month(month_at(today, atom.n), atom.side, today, calendars)
            except Impossible:
                if not atom.c:  # "the beginning of the month", and not of this one: the next
                    raise
                return edge_of_month(month_at(today, 1), atom.side, today, calendars)
        return Days([d for d in (today + 2 * DAY, last_of(*month_at(today, 0))) if d > today], ask=True)
    if atom.name == "quarter":
        year, number = month_at(today, 3 * atom.n - (today.month - 1) % 3)
        if atom.side == "end":
            return edge_of_month(month_at(dt.date(year, number, 1), 2), "end", today, calendars)
        if atom.n:
            return edge_of_month((year, number), "start", today, calendars)
        return Days([last_of(*month_at(dt.date(year, number, 1), 2))], ask=True)
    year = today.year + atom.n
    if atom.side == "end":
        return Days([dt.date(year, 12, 31)])
    if atom.side == "start" and not atom.n and today.month > 1:
        year += 1
    day = add_working_days(dt.date(year, 1, 1), 0, calendars.theirs, calendars.overrides)
    if atom.side == "mid":
        day = dt.date(year, 7, 1)
    return Days(
        [not_past(day, today)] if atom.n or atom.side else [dt.date(year, 12, 31)], ask=not atom.side or atom.side == "mid"
    )


def edge_of_month(at: tuple[int, int], side: str, today: dt.date, calendars: Feasts) -> Days:
    """The first working day, the 15th, the first working day from the 21st, or the last day of a month; a last day on a weekend is asked."""
    if side == "end":
        last = last_of(*at)
        friday = last
        while friday.weekday() >= 5:
            friday -= DAY
        return Days(sorted({friday, last}))
    if side == "mid":
        return Days([not_past(dt.date(*at, 15), today)])
    first = add_working_days(dt.date(*at, 21 if side == "late" else 1), 0, calendars.theirs, calendars.overrides)
    return Days([not_past(first, today)])


def coming_month(atom: Atom, today: dt.date) -> tuple[int, int]:
    """Year and month of the next such month that is not over."""
    year = atom.n or today.year + atom.c
    if not 1 <= atom.b <= 12:
        raise Impossible("there is no such month", "没有这个月份")
    late = today.day > {"start": 3, "mid": 15, "": 3}.get(atom.side, 31)
    if not atom.n and not atom.c and (atom.b < today.month or (atom.b == today.month and late)):
        year += 1
    return year, atom.b
