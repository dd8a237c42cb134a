"""When can the other side be reached, and what stands in the way until then?

Pure: moments and zones are arguments. A moment is aware; a reach window is hours of the counterpart's local day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.errors import Refused
from bot.followups.calendars import NO_OVERRIDES, Overrides, day_off, is_provisional, is_working_day
from bot.followups.countries import country_of
from bot.messages import Lang

__all__ = ["DEFAULT_WINDOWS", "WINDOWS", "Block", "Overrides", "Quiet", "Reach", "Reason", "add_working_days", "country_of", "find_zone", "holiday_at", "is_provisional", "is_reachable", "is_working_day", "local", "next_reachable", "windows_of"]  # fmt: skip

Window = tuple[dt.time, dt.time]


@dataclass(frozen=True)
class Block:
    """Days off in a row around a feast, weekends included; `until` is the last of them."""

    en: str
    zh: str
    start: dt.date
    until: dt.date
    provisional: bool


@dataclass(frozen=True)
class Quiet:
    """Hours in which the user wants no message, in the user's own zone; from and until may span midnight."""

    zone: ZoneInfo
    start: dt.time = dt.time(22)
    end: dt.time = dt.time(7)

    def until(self, moment: dt.datetime) -> dt.datetime | None:
        """When the quiet hours around a moment end; None when it is outside them."""
        if self.start == self.end:
            return None
        here = moment.astimezone(self.zone)
        clock = here.time()
        over = clock >= self.start
        inside = (self.start <= clock < self.end) if self.start < self.end else (over or clock < self.end)
        if not inside:
            return None
        day = here.date() + dt.timedelta(days=1 if over and self.start > self.end else 0)
        end = local(day, self.end, self.zone)
        return end if end > moment else moment + dt.timedelta(minutes=30)


@dataclass(frozen=True)
class Reason:
    """One thing that stands in the way: holiday, weekend, hours (outside the window) or quiet (the user's)."""

    kind: str
    en: str
    zh: str


@dataclass(frozen=True)
class Reach:
    """The first moment, not before the one asked for, at which the counterpart can be reached, and why not sooner."""

    at: dt.datetime
    because: tuple[Reason, ...] = ()
    provisional: bool = False

    def said(self, lang: Lang) -> str:
        """One line: "National Day until 7 October; next reachable 8 October 9:00"."""
        day, clock = self.at.date(), f"{self.at.hour}:{self.at:%M}"
        if lang == "zh":
            until = "，".join(reason.zh for reason in self.because)
            told = f"{_zh(day)}{clock}可以联系" + ("（放假安排尚未公布，为预计）" if self.provisional else "")
            return f"{until}，{told}" if until else told
        until = "; ".join(reason.en for reason in self.because)
        told = f"next reachable {_en(day)} {clock}" + (
            " (expected: the official holiday plan is not out)" if self.provisional else ""
        )
        return f"{until}; {told}" if until else told


def _hours(*pairs: tuple[int, int, int, int]) -> tuple[Window, ...]:
    return tuple((dt.time(a, b), dt.time(c, d)) for a, b, c, d in pairs)


DEFAULT_WINDOWS = _hours((9, 0, 12, 0), (13, 0, 18, 0))
WINDOWS: dict[str, tuple[Window, ...]] = {
    "CN": _hours((9, 0, 12, 0), (14, 0, 18, 0)),
    "TW": _hours((9, 0, 12, 0), (13, 30, 18, 0)),
    "VN": _hours((8, 30, 11, 30), (13, 30, 17, 0)),
    "IN": _hours((10, 0, 13, 0), (14, 0, 18, 30)),
}
"""Hours in which a call or text is welcome; the lunch break is not."""
_PATIENCE = 60
"""Days looked ahead; no holiday is longer."""


def find_zone(name: str) -> ZoneInfo:
    """The time zone of that name. Raises Refused when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Refused(f"there is no time zone {name[:60]!r}; use a name such as Asia/Shanghai") from None


def local(day: dt.date, clock: dt.time, zone: ZoneInfo) -> dt.datetime:
    """That wall-clock time there; a time skipped by the change to summer time becomes the one an hour later, of two the first."""
    return dt.datetime.combine(day, clock, zone).astimezone(dt.UTC).astimezone(zone)


def windows_of(country: str | None) -> tuple[Window, ...]:
    """The reach windows usual in a country."""
    return WINDOWS.get(country or "", DEFAULT_WINDOWS)


def holiday_at(country: str | None, day: dt.date, overrides: Overrides = NO_OVERRIDES) -> Block | None:
    """The holiday of which this day is part, with the weekends it touches; None on working days and mere weekends."""
    if is_working_day(country, day, overrides):
        return None
    start = until = day
    while until - day < dt.timedelta(days=_PATIENCE) and not is_working_day(country, until + _DAY, overrides):
        until += _DAY
    while day - start < dt.timedelta(days=_PATIENCE) and not is_working_day(country, start - _DAY, overrides):
        start -= _DAY
    run = [start + n * _DAY for n in range((until - start).days + 1)]
    feasts = [off for off in (day_off(country, d, overrides) for d in run) if off]
    named = [off for off in feasts if off.en]
    if not feasts:
        return None
    best = max(named, key=named.count) if named else None
    provisional = any(off.provisional for off in feasts) or is_provisional(country, until.year, overrides)
    return Block(best.en if best else "holiday", best.zh if best else "假期", start, until, provisional)


def add_working_days(day: dt.date, days: int, country: str | None, overrides: Overrides = NO_OVERRIDES) -> dt.date:
    """The n-th working day after a day (before it when negative); with 0 the day itself or the first working one after."""
    step = -_DAY if days < 0 else _DAY
    left = abs(days)
    if not left:
        while not is_working_day(country, day, overrides):
            day += _DAY
        return day
    while left:
        day += step
        left -= is_working_day(country, day, overrides)
    return day


def is_reachable(
    moment: dt.datetime, zone: ZoneInfo, country: str | None, windows: Sequence[Window] = (), overrides: Overrides = NO_OVERRIDES
) -> bool:
    """Whether a moment lies on a working day and inside a reach window there."""
    here = moment.astimezone(zone)
    if not is_working_day(country, here.date(), overrides):
        return False
    return any(start <= here.time() < end for start, end in windows or windows_of(country))


def next_reachable(
    moment: dt.datetime,
    zone: ZoneInfo,
    country: str | None,
    windows: Sequence[Window] = (),
    quiet: Quiet | None = None,
    overrides: Overrides = NO_OVERRIDES,
) -> Reach:
    """The first moment at or after this one inside a reach window of a working day there and outside the user's quiet hours.

    Quiet hours that cover every window give way: the counterpart's hours cannot be moved. Then a reason says so.
    """
    windows = tuple(windows) or windows_of(country)
    found = _search(moment, zone, country, windows, quiet, overrides)
    if found is None:
        found = _search(moment, zone, country, windows, None, overrides)
        if found is None:
            raise Refused("there is no reach window in the next two months")
        never = Reason("quiet", "your quiet hours cover all of their working hours", "你的免打扰时段覆盖了对方的全部工作时间")
        return Reach(found.at, (*found.because, never), found.provisional)
    return found


def _search(
    moment: dt.datetime,
    zone: ZoneInfo,
    country: str | None,
    windows: tuple[Window, ...],
    quiet: Quiet | None,
    overrides: Overrides,
) -> Reach | None:
    because: dict[str, Reason] = {}
    provisional = False
    at = moment.astimezone(zone)
    end = at + dt.timedelta(days=_PATIENCE)
    while at < end:
        day = at.date()
        tomorrow = local(day + _DAY, dt.time(0), zone)
        if not is_working_day(country, day, overrides):
            block = holiday_at(country, day, overrides)
            provisional = provisional or bool(block and block.provisional)
            if block:
                reason = Reason("holiday", f"{block.en} until {_en(block.until)}", f"{_feast(block.zh)}到{_zh(block.until)}")
            else:
                reason = Reason("weekend", "weekend", "周末")
            because.setdefault(reason.en, reason)
            at = tomorrow
            continue
        free = next((max(at, start) for start, stop in _at(day, windows, zone) if at < stop), None)
        if free is None or free > at:
            because.setdefault("hours", Reason("hours", "outside their working hours", "不在对方工作时间"))
        if free is None:
            at = tomorrow
            continue
        woken = quiet.until(free) if quiet else None
        if woken is None:
            # (a Friday night is out of hours before it is a weekend; of a Sunday the weekend says it all)
            reasons = [r for n, r in enumerate(because.values()) if r.kind != "hours" or n == 0]
            provisional = provisional or is_provisional(country, free.year, overrides)
            return Reach(free, tuple(reasons), provisional)
        because.setdefault("quiet", Reason("quiet", "your quiet hours", "你的免打扰时段"))
        at = woken.astimezone(zone)
    return None


_DAY = dt.timedelta(days=1)


def _at(day: dt.date, windows: tuple[Window, ...], zone: ZoneInfo) -> list[tuple[dt.datetime, dt.datetime]]:
    """The windows of one day as moments, in order."""
    return sorted((local(day, start, zone), local(day, end, zone)) for start, end in windows)


def _feast(zh: str) -> str:
    return (zh.removesuffix("节") if zh in ("国庆节", "劳动节") else zh) + ("" if zh.endswith("假期") else "假期")


def _en(day: dt.date) -> str:
    return f"{day.day} {day:%B}"


def _zh(day: dt.date) -> str:
    return f"{day.month}月{day.day}日"
