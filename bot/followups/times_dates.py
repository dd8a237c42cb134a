"""With what are days reckoned: an answer of several days, a day that cannot be, months and weeks?"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass, field

from bot.followups.times_atoms import Atom
from bot.followups.times_feasts import Feasts
from bot.followups.worktime import add_working_days

Note = tuple[str, str]


DAY = dt.timedelta(days=1)


FAR = 5 * 366


@dataclass
class Days:
    """The days an expression may mean; `problem` when there is none; `ask` when even a single one should be confirmed."""

    options: list[dt.date] = field(default_factory=list[dt.date])
    problem: Note | None = None
    ask: bool = False
    notes: list[Note] = field(default_factory=list[Note])


class Impossible(Exception):
    """There is no such day, or it is past; carries the remark."""

    def __init__(self, en: str, zh: str, instead: dt.date | None = None) -> None:
        self.note: Note = (en, zh)
        self.instead = instead
        super().__init__(en)


def moved(day: dt.date, span: Atom, calendars: Feasts, sign: int = 1) -> dt.date:
    """The day so many days, months or working days after (before with sign -1). Raises Impossible."""
    n = span.n * sign
    if abs(n) > FAR:
        raise Impossible("that is more than five years away", "那是五年以后的事了")
    if span.name == "workdays":
        return add_working_days(day, n, calendars.theirs, calendars.overrides)
    if span.name == "months":
        year, number = month_at(day, n)
        return dt.date(year, number, min(day.day, calendar.monthrange(year, number)[1]))
    return day + n * DAY


def not_past(day: dt.date, today: dt.date) -> dt.date:
    """The day. Raises Impossible when it is before today."""
    if day < today:
        raise Impossible(f"{en_date(day)} is past", f"{zh_date(day)}已经过去了")
    return day


def real(year: int, month: int, day: int) -> dt.date:
    """The day of that date. Raises Impossible when there is none."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        if not 1 <= month <= 12:
            raise Impossible(f"there is no month {month}", f"没有{month}月") from None
        last = calendar.monthrange(year, month)[1] if 1 <= year <= 9999 else 0
        raise Impossible(
            f"there is no day {day} in month {month} of {year}",
            f"{year}年{month}月没有{day}号",
            dt.date(year, month, last) if 28 <= last < day <= 31 else None,
        ) from None


def month_at(day: dt.date, ahead: int) -> tuple[int, int]:
    """Year and month, so many months after that of a day."""
    months = day.year * 12 + day.month - 1 + ahead
    return months // 12, months % 12 + 1


def last_of(year: int, month: int) -> dt.date:
    """The last day of a month."""
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def monday_of(day: dt.date) -> dt.date:
    """The Monday of the week of a day."""
    return day - day.weekday() * DAY


def en_date(day: dt.date) -> str:
    """5 December 2026."""
    return f"{day.day} {day:%B} {day.year}"


def zh_date(day: dt.date) -> str:
    """The date in Chinese, as in 2026年12月5日, for remarks."""
    return f"{day.year}年{day.month}月{day.day}日"


def agreeing(days: Days, weekday: Atom | None) -> Days:
    """A date with a weekday beside it: where both cannot be true, it is asked."""
    if weekday is None or not days.options:
        return days
    if weekday.name == "after-date":
        return Days([day + ((weekday.n - day.weekday() - 1) % 7 + 1) * DAY for day in days.options], days.problem, days.ask)
    if weekday.name == "before-date":
        return Days([day - ((day.weekday() - weekday.n - 1) % 7 + 1) * DAY for day in days.options], days.problem, days.ask)
    right = [day for day in days.options if day.weekday() == weekday.n]
    if right:
        return Days(right, None, days.ask and len(right) > 1, days.notes)
    day = days.options[0]
    near = min((day + n * DAY for n in range(-3, 4)), key=lambda d: (d.weekday() != weekday.n, abs((d - day).days)))
    return Days([day, near], (f"{en_date(day)} is a {day:%A}", f"{zh_date(day)}不是那个星期几"), ask=True)
