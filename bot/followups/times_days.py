"""On which days may a time expression fall, seen from a given day?

Several days mean that it can be read so or so and the user is asked. Pure: today and the calendars are arguments.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import replace

from bot.followups.times_atoms import Atom
from bot.followups.times_dates import (
    DAY,
    FAR,
    Days,
    Impossible,
    agreeing,
    en_date,
    last_of,
    monday_of,
    month_at,
    moved,
    not_past,
    real,
    zh_date,
)
from bot.followups.times_feastdays import feast_days, weekday_by_feast
from bot.followups.times_feasts import Feasts
from bot.followups.times_lex import Cluster
from bot.followups.times_periods import coming_month, edge_of_month, nth_days, period_days
from bot.followups.worktime import add_working_days

"""A remark in English and Chinese."""
"""Days ahead beyond which nobody plans a follow-up."""


def days_of(cluster: Cluster, today: dt.date, calendars: Feasts) -> Days:
    """The days a cluster may mean, seen from `today`; empty options and no problem when it says no day."""
    try:
        found = _days(cluster, today, calendars)
    except Impossible as error:
        return Days([error.instead] if error.instead else [], error.note, ask=True)
    except (OverflowError, ValueError):
        return Days([], ("that date does not exist or is too far away", "这个日期不存在或太遥远"))
    if any((day - today).days > FAR for day in found.options):
        return Days([], ("that is more than five years away", "那是五年以后的事了"))
    return found


def after_days(cluster: Cluster, today: dt.date, calendars: Feasts) -> Days:
    """The first working day after the day, the weekend, the week or the month that a cluster says."""
    found, period = days_of(cluster, today, calendars), cluster.of("period")
    ends: list[dt.date] = []
    if period and period.n >= 0 and period.side in ("", "en"):
        if period.name in ("week", "weekend"):
            ends = [monday_of(today) + (7 * period.n + 6) * DAY]
        elif period.name == "month":
            ends = [last_of(*month_at(today, period.n))]
        elif period.name == "year":
            ends = [dt.date(today.year + period.n, 12, 31)]
    if period and not ends:
        return found
    days = [add_working_days(day, 1, calendars.theirs, calendars.overrides) for day in ends or found.options]
    return Days(days, found.problem if not ends else None, found.ask and not ends, found.notes if not ends else [])


def _days(cluster: Cluster, today: dt.date, calendars: Feasts) -> Days:
    span, shift = cluster.of("span"), cluster.of("shift")
    base = _base(cluster, today, calendars, span)
    if span and span.name != "minutes" and cluster.of("feast"):
        base.ask = base.ask or bool(span.c)
        return base
    if span and span.name != "minutes":
        weekday = cluster.of("weekday")
        if span.side in ("in", "bare") and weekday and base.options and not weekday.name:
            reached = moved(today, span, calendars)
            return Days([monday_of(reached) + weekday.n * DAY])
        if base.options:
            sign = -1 if span.side in ("before", "ago") else 1
            return Days([moved(day, span, calendars, sign) for day in base.options], None, base.ask, base.notes)
        if span.side == "ago":
            raise Impossible("that is past", "那已经过去了")
        if span.side in ("in", "bare"):
            return Days([moved(today, span, calendars)])
        return Days()
    if shift and not base.options and base.problem is None and shift.n == 1:
        return Days([today + DAY])
    if shift and base.options:
        return Days([day + shift.n * DAY for day in base.options], None, base.ask, base.notes)
    return base


def _base(cluster: Cluster, today: dt.date, calendars: Feasts, span: Atom | None) -> Days:
    weekday, period, month, feast = cluster.of("weekday"), cluster.of("period"), cluster.of("month"), cluster.of("feast")
    if nth := cluster.of("nth"):
        return nth_days(nth, cluster, today, calendars)
    if (day := cluster.of("day")) and day.n >= 0 and cluster.of("dom", "date", "slash"):  # "tomorrow, the 23rd"
        without = Cluster(tuple(atom for atom in cluster.atoms if atom is not day))
        found, said = _base(without, today, calendars, span), today + day.n * DAY
        return agreeing(Days([said]), weekday) if said in found.options else Days([said, *found.options], found.problem, ask=True)
    if (dom := cluster.of("dom")) and not cluster.of("day"):
        return agreeing(_dom(dom.c, period, month, today), weekday)
    date = cluster.of("date")
    if date and period and period.name == "weekend":
        return Days([monday_of(day - 2 * DAY) + (5 if day.weekday() > 1 else -2) * DAY for day in _date(date, today).options])
    if date:
        return agreeing(_date(date, today), weekday)
    if slash := cluster.of("slash"):
        return agreeing(_slash(slash, today), weekday)
    if day := cluster.of("day"):
        if day.n < 0:
            raise Impossible("that is past", "那已经过去了")
        return agreeing(Days([today + day.n * DAY]), weekday)
    if isoweek := cluster.of("isoweek"):
        year = today.year if dt.date.fromisocalendar(today.year, isoweek.n, 5) >= today else today.year + 1
        return Days([dt.date.fromisocalendar(year, isoweek.n, weekday.n + 1 if weekday else 1)])
    if weekday and period and period.name == "week":
        return Days([not_past(monday_of(today) + dt.timedelta(days=7 * period.n + weekday.n), today)])
    if weekday and feast:
        return weekday_by_feast(weekday, feast, today, calendars)
    if period and (clock := cluster.of("clock")) and clock.name == "same" and period.name in ("week", "month"):
        return Days(
            [
                moved(
                    today,
                    Atom(
                        "span",
                        0,
                        0,
                        period.n * (7 if period.name == "week" else 1),
                        name="days" if period.name == "week" else "months",
                    ),
                    calendars,
                )
            ]
        )
    if weekday:
        return _weekday(weekday, today, counted=span is not None and span.side == "after")
    if period:
        return period_days(period, today, calendars)
    if month:
        return edge_of_month(coming_month(month, today), month.side, today, calendars)
    if feast:
        return feast_days(feast, today, calendars, span)
    return Days()


def _weekday(atom: Atom, today: dt.date, *, counted: bool) -> Days:
    monday, day = monday_of(today), atom.n
    coming = today + ((day - today.weekday()) % 7) * DAY
    if atom.side == "not-this":  # this one is today's on that very day
        return Days([coming + 7 * (atom.b - 1) * DAY])
    if atom.name == "nth":
        return Days([today + ((day - today.weekday() - 1) % 7 + 1 + 7 * (atom.b - 1)) * DAY])
    if atom.b:  # 周二三: one of two days
        one, two = (_weekday(replace(atom, a=n, b=0), today, counted=counted) for n in (day, atom.b))
        return Days([*one.options, *two.options], one.problem or two.problem, one.ask or two.ask)
    if atom.name == "last":
        raise Impossible("that is past", "那已经过去了", coming if coming > today else coming + 7 * DAY)
    if atom.name == "next":
        found = monday + dt.timedelta(days=7 + day)
        if atom.side != "zh" and today.weekday() >= 5:
            return Days([found, found + 7 * DAY]) if found - today < 7 * DAY else Days([found])
        if atom.side != "zh" and coming > today and coming < found:
            return Days([found], notes=[(f"read as the {found:%A} of next week, not of this one", "按下周理解，不是本周")])
        return Days([found])
    if atom.name == "after-next":
        return Days([monday + dt.timedelta(days=14 + day)])
    if atom.name == "this":
        found = monday + day * DAY
        return (
            Days([found])
            if found >= today
            else Days([found + 7 * DAY], ("that day of this week is past", "本周的那天已经过去了"), ask=True)
        )
    if coming == today and atom.name == "coming":
        return Days([coming + 7 * DAY])
    if coming == today:
        return Days([coming + 7 * DAY]) if counted else Days([coming, coming + 7 * DAY])
    return Days([coming])


def _date(atom: Atom, today: dt.date) -> Days:
    year = today.year + 1 if atom.name == "next-year" else atom.n
    if year:
        day = real(year, atom.b, atom.c)
        if day < today:
            raise Impossible(f"{en_date(day)} is past", f"{zh_date(day)}已经过去了")
        return Days([day])
    if atom.b == 2 and atom.c == 29 and not calendar.isleap(today.year):
        real(today.year + (today > dt.date(today.year, 2, 28)), 2, 29)
    day = real(today.year, atom.b, atom.c)
    if day >= today:
        return Days([day])
    day = real(today.year + 1, atom.b, atom.c)
    return Days([day], ask=(day - today).days > 300)


def _slash(atom: Atom, today: dt.date) -> Days:
    year = atom.n + 2000 if 0 < atom.n < 100 else atom.n
    options: set[dt.date] = set()
    for month, day in ((atom.b, atom.c), (atom.c, atom.b)):
        try:
            options.update(_date(Atom("date", 0, 0, year, month, day), today).options)
        except Impossible:
            continue
    if not options:
        raise Impossible(f"there is no day {atom.b}/{atom.c} ahead", f"今后没有{atom.b}/{atom.c}这一天")
    return Days(sorted(options), ask=len(options) > 1)


def _dom(day: int, period: Atom | None, month: Atom | None, today: dt.date) -> Days:
    if month:
        return _date(Atom("date", 0, 0, month.a, month.b, day, name="next-year" if month.c else ""), today)
    if period and period.name == "month":
        year, number = month_at(today, period.n)
        found = real(year, number, day)
        return Days([not_past(found, today)])
    for ahead in range(13):
        year, number = month_at(today, ahead)
        if day <= calendar.monthrange(year, number)[1] and dt.date(year, number, day) >= today:
            found = dt.date(year, number, day)
            if found == today:
                return Days([found, *_dom(day, None, None, today + DAY).options])
            return Days([found])
    raise Impossible(f"no month has a day {day}", f"没有哪个月有{day}号")
