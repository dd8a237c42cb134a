"""At which moments does a day with a clock time, a part of the day, or nothing beside it come to pass?

Decides which half of the day a bare "at 8" means, and what the default hours are. Several moments: the user is asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from bot.followups.times_atoms import Atom
from bot.followups.times_dates import Note
from bot.followups.times_lex import Cluster
from bot.followups.worktime import local

DEFAULT_HOUR = dt.time(9)
HOURS: dict[str, dt.time] = {
    "start": dt.time(9), "small-hours": dt.time(2), "early": dt.time(8), "dawn": dt.time(6), "morning": dt.time(9), "mid-morning": dt.time(10, 30),
    "late-morning": dt.time(11), "before-lunch": dt.time(11, 30), "noon": dt.time(12), "after-lunch": dt.time(14),
    "afternoon": dt.time(14, 30), "mid-afternoon": dt.time(15), "late-afternoon": dt.time(16, 30), "close": dt.time(17),
    "after-work": dt.time(18, 30), "later": dt.time(16, 30), "evening": dt.time(19), "late-evening": dt.time(21), "after-dinner": dt.time(20),
}  # fmt: skip
"""The hour a part of the day stands for when no clock time is given."""
_UNTIL = {
    "start": 12, "small-hours": 6, "early": 10, "dawn": 6, "morning": 12, "mid-morning": 12, "late-morning": 12, "before-lunch": 12, "noon": 14, "after-lunch": 17,
    "afternoon": 18, "mid-afternoon": 17, "late-afternoon": 18, "close": 20, "after-work": 22, "later": 22, "evening": 23, "late-evening": 24, "after-dinner": 23,
}  # fmt: skip
_MORNING = ("start", "small-hours", "early", "dawn", "morning", "mid-morning", "late-morning", "before-lunch")
_AFTERNOON = ("after-lunch", "afternoon", "mid-afternoon", "late-afternoon", "close")
_PLAIN = ("morning", "afternoon", "evening")
_HALF_HOUR = 30


@dataclass
class Moments:
    """The moments an expression may mean, all in the future; what is wrong when there is none; remarks."""

    options: list[dt.datetime] = field(default_factory=list[dt.datetime])
    ask: bool = False
    problem: Note | None = None
    notes: list[Note] = field(default_factory=list[Note])


PAST: Note = ("that is past", "那个时间已经过去了")


@dataclass(frozen=True)
class Clock:
    """What a cluster says about the time of day."""

    clock: Atom | None
    part: str
    earliest: dt.time | None = None
    """The first hour of the counterpart's reach window, for "their morning"."""
    now: dt.time = DEFAULT_HOUR
    """The time of day there now, for "same time tomorrow"."""

    @property
    def given(self) -> bool:
        """Whether anything is said."""
        return self.clock is not None or bool(self.part)

    def times(self) -> list[tuple[int, dt.time]]:
        """The times of day that may be meant, as days to add and the clock; the likelier first."""
        if self.clock is None and self.part == "later":
            return [(0, HOURS["late-afternoon"]), (0, HOURS["evening"])]
        if self.clock is None and self.part == "small-hours":  # of which night is not said
            return [(0, self._default()), (1, self._default())]
        if self.clock is None:
            return [(0, self._default())]
        hour, minute, name = self.clock.n, self.clock.b, self.clock.name
        if name == "same":
            return [(0, self.now)]
        if name == "midnight":
            return (
                [(1, dt.time(0))]
                if self.part in ("evening", "late-evening", "after-dinner")
                else [(0, dt.time(0)), (1, dt.time(0))]
            )
        if name in ("am", "pm"):
            return [(0, dt.time(hour % 12 + (12 if name == "pm" else 0), minute))]
        if self.part:
            return self._in_part(hour, minute)
        if name == "24" or hour == 0 or hour > 12:
            return [(0, dt.time(hour, minute))]
        if hour == 12:
            return [(0, dt.time(12, minute))]
        early, late = (0, dt.time(hour, minute)), (0, dt.time(hour + 12, minute))
        if hour <= 5:
            return [late]
        return [early] if hour >= 8 else [early, late]

    def _default(self) -> dt.time:
        hour = HOURS.get(self.part, DEFAULT_HOUR)
        if self.earliest and self.part in ("", "start", "morning") and hour < self.earliest < dt.time(12):
            return self.earliest
        return hour

    def _in_part(self, hour: int, minute: int) -> list[tuple[int, dt.time]]:
        as_written, later = [(0, dt.time(hour, minute))], [(0, dt.time((hour + 12) % 24, minute))]
        if self.part in _MORNING:
            if hour > 12 or (self.part in ("dawn", "small-hours") and hour == 12):
                return [(0, dt.time(0, minute))] if hour == 12 else as_written
            return as_written
        if hour > 12:
            return as_written
        if self.part == "noon":
            return as_written if hour >= 10 else later
        if self.part in _AFTERNOON:
            return as_written if hour == 12 else later
        if hour == 12 or hour == 0:
            return [(1, dt.time(0, minute))]
        return [(1, dt.time(hour, minute))] if hour <= 3 else later


def clock_of(clusters: Iterable[Cluster], earliest: dt.time | None, now: dt.time = DEFAULT_HOUR) -> Clock:
    """What these clusters say about the time of day together: the clock, and the most telling part of the day."""
    clock, parts = None, list[str]()
    for cluster in clusters:
        clock = clock or cluster.of("clock")
        parts += [atom.name for atom in cluster.atoms if atom.kind == "part" or (atom.kind in ("day", "shift") and atom.name)]
    if "start" in parts and "afternoon" in parts:  # 下午上班后
        parts = ["after-lunch"]
    telling = [part for part in parts if part not in _PLAIN] or parts
    half = [part for part in parts if part in _PLAIN]
    return Clock(clock, (half or telling)[0] if clock and parts else telling[0] if telling else "", earliest, now)


def on_days(days: list[dt.date], clock: Clock, zone: ZoneInfo, now: dt.datetime) -> Moments:
    """The moments on these days; past ones left out. When all are past: the problem, and what is left of that day to choose."""
    found = Moments()
    here = now.astimezone(zone)
    for day in days:
        times = clock.times()
        moments = [moment for extra, time in times for moment in _moments(day + dt.timedelta(days=extra), time, zone, found)]
        ahead = [moment for moment in moments if moment > now]
        if not ahead and day == here.date() and (clock.given or len(days) == 1):
            ahead = _rest_of(day, clock, zone, now, found) or _next_night(moments, clock, zone, now, found)
        found.options += [moment for moment in ahead if moment not in found.options]
    if not found.options:
        found.problem = PAST
    return found


def without_day(clock: Clock, zone: ZoneInfo, now: dt.datetime) -> Moments:
    """A time of day alone: today when it is still to come; otherwise tomorrow, or a question where today's other half may be meant."""
    here = now.astimezone(zone).date()
    tomorrow = here + dt.timedelta(days=1)
    found = Moments()
    midnight = clock.clock is not None and clock.clock.name == "midnight"
    if midnight:
        found.options = _moments(tomorrow, dt.time(0), zone, found)
        return found
    today = [m for extra, time in clock.times() for m in _moments(here + dt.timedelta(days=extra), time, zone, found) if m > now]
    if today:
        found.options = today
        return found
    next_day = [m for extra, time in clock.times() for m in _moments(tomorrow + dt.timedelta(days=extra), time, zone, found)]
    if clock.clock is None:
        rest = _rest_of(here, clock, zone, now, Moments())
        found.options, found.ask = [*rest, *next_day], bool(rest)
        return found
    other = _other_half(here, clock, zone, now)
    found.options = [*other, *next_day]
    if not other:
        found.notes.append(("that time is past today, so tomorrow", "今天这个时间已过，按明天理解"))
    return found


def _rest_of(day: dt.date, clock: Clock, zone: ZoneInfo, now: dt.datetime, found: Moments) -> list[dt.datetime]:
    """What may be meant by today's time that is past: the other half of the day, or what is left of that part of it."""
    if clock.clock is not None:
        return _other_half(day, clock, zone, now)
    end = _UNTIL.get(clock.part, 17)
    limit = local(day + dt.timedelta(days=end // 24), dt.time(end % 24), zone)
    soon = now + dt.timedelta(minutes=_HALF_HOUR)
    soon = (soon - dt.timedelta(minutes=soon.minute % 15, seconds=soon.second, microseconds=soon.microsecond)).astimezone(zone)
    if now < soon < limit:
        found.ask = True
        return [soon]
    return []


def _next_night(moments: list[dt.datetime], clock: Clock, zone: ZoneInfo, now: dt.datetime, found: Moments) -> list[dt.datetime]:
    """Late at night "9 tonight" is past, and may be the night to come, which is asked."""
    late = now.astimezone(zone).hour >= 22 and clock.part == "evening" and clock.clock is not None
    if not late:
        return []
    found.ask = True
    return [local(m.date() + dt.timedelta(days=1), m.time(), zone) for m in moments]


def _other_half(day: dt.date, clock: Clock, zone: ZoneInfo, now: dt.datetime) -> list[dt.datetime]:
    atom = clock.clock
    if atom is None or atom.name or clock.part or not 1 <= atom.n <= 12:
        return []
    other = local(day, dt.time((atom.n % 12) + 12, atom.b), zone)
    return [other] if other > now else []


def _moments(day: dt.date, time: dt.time, zone: ZoneInfo, found: Moments) -> list[dt.datetime]:
    """That wall-clock time there. A skipped time is moved on and said; of a repeated one the first is taken and said."""
    moment = local(day, time, zone)
    name = (zone.key, f"{time:%H:%M}")
    if moment.replace(tzinfo=None) != dt.datetime.combine(day, time):
        found.notes.append(
            (
                f"{name[1]} does not exist that day (clocks go forward): moved to {moment:%H:%M}",
                f"当天因夏令时没有{name[1]}，改为{moment:%H:%M}",
            )
        )
    elif moment.utcoffset() != moment.replace(fold=1).utcoffset():
        found.notes.append(
            (
                f"{name[1]} comes twice that day (clocks go back): the first is taken",
                f"当天{name[1]}因夏令时结束出现两次，取第一次",
            )
        )
    return [moment]
