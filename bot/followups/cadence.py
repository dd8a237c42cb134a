"""When is the next nudge of a follow-up, and which step is it? The cadence as data, and the planning over it.

Pure: now, zones, quiet hours and calendars are arguments. A touch falls into an hour at which the counterpart can be
reached and outside the user's quiet hours, at most once a day; a time that the user named is not planned here.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from bot.errors import Refused
from bot.followups.calendars import NO_OVERRIDES, Overrides
from bot.followups.worktime import (  # fmt: skip
    Block,
    Quiet,
    Reach,
    Window,
    ZoneInfo,
    add_working_days,
    holiday_at,
    local,
    next_reachable,
    windows_of,
)
from bot.messages import Model

FILE = Path(__file__).with_name("cadence.yaml")
LONG = 5  # days off in a row from which the afternoon before is left alone
SPRING_FESTIVAL = re.compile(
    r"春节|除夕|农历新年|初[一二三四五六七]|Chinese New Year|Lunar New Year|Tet\b|Seollal|Spring Festival"
)
_DAY = dt.timedelta(days=1)
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_known_holiday = lru_cache(maxsize=10_000)(holiday_at)


class Step(Model):
    """One step: when it comes after the e-mail, and whether the counterpart is touched."""

    id: Annotated[str, Field(pattern=r"^[a-z]{1,12}$")]
    working_days: Annotated[int, Field(ge=0, le=60)] = 0
    minutes: Annotated[int, Field(ge=0, le=600)] = 0
    until: str = ""
    """Sent later than this, the first working day is the next one."""
    hours: tuple[str, ...] = ()
    touch: bool = False

    @field_validator("hours")
    @classmethod
    def _are_hours(cls, hours: tuple[str, ...]) -> tuple[str, ...]:
        if any(not (m := _HOURS.fullmatch(h)) or h[:5] >= m.string[6:] for h in hours):
            raise ValueError("hours are written 09:30-12:00, the first before the second")
        return hours

    @property
    def windows(self) -> tuple[Window, ...]:
        """The hours as times of day."""
        return tuple((dt.time.fromisoformat(h[:5]), dt.time.fromisoformat(h[6:])) for h in self.hours)


class Cadence(Model):
    """All steps in their order; the last two ask the user and put the matter away."""

    most_touches: Annotated[int, Field(ge=1, le=10)] = 3
    steps: tuple[Step, ...]

    @model_validator(mode="after")
    def _ends(self) -> Cadence:
        days, names = [step.working_days for step in self.steps], [step.id for step in self.steps]
        if names[-2:] != ["decide", "archive"] or names[:1] != ["notice"] or days != sorted(days) or len({*names}) < len(names):
            raise ValueError("begins with notice, ends with decide and archive, days rise, no step twice")
        return self

    def step(self, name: str) -> Step:
        """The step of that id; one that a changed cadence no longer has counts as decide."""
        return next((step for step in self.steps if step.id == name), self.steps[-2])

    def after(self, name: str, touches: int) -> Step | None:
        """What follows a step; None after archive. Enough touches lead straight to the question what to do."""
        place = self.steps.index(self.step(name)) + 1
        return next((step for step in self.steps[place:] if not step.touch or touches < self.most_touches), None)


@dataclass(frozen=True)
class There:
    """Where the counterpart is, whose working days hold, and when the user wants to be left alone."""

    zone: ZoneInfo
    country: str | None
    quiet: Quiet | None = None
    overrides: Overrides = NO_OVERRIDES

    def reach(self, at: dt.datetime, hours: tuple[Window, ...] = ()) -> Reach:
        """The first moment from `at` on at which a nudge makes sense."""
        return next_reachable(at, self.zone, self.country, hours, self.quiet, self.overrides)

    def holiday(self, day: dt.date) -> Block | None:
        """The holiday of which a day there is part."""
        known = self.overrides is NO_OVERRIDES
        return _known_holiday(self.country, day) if known else holiday_at(self.country, day, self.overrides)


@dataclass(frozen=True)
class Planned:
    """The next step, when, and why not sooner."""

    step: str
    at: dt.datetime
    reach: Reach | None = None


@cache
def usual() -> Cadence:
    """The cadence of `cadence.yaml`."""
    return read_cadence(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def read_cadence(given: Any) -> Cadence:
    """A cadence from data. Raises Refused naming what is wrong."""
    try:
        return Cadence.model_validate(given)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors(include_input=False))
        raise Refused(f"not a cadence: {wrong}") from None


def first(cadence: Cadence, sent_at: dt.datetime, now: dt.datetime, there: There, deadline: dt.datetime | None = None) -> Planned:
    """The first step of a new follow-up that nobody named a time for: the latest one that is not yet missed."""
    begun = _first_day(cadence, sent_at, there)
    late = [step for step in cadence.steps if step.touch and step.working_days and _starts(step, begun, there) <= now]
    return _plan(late[-1] if late else cadence.steps[0], cadence, sent_at, now, there, deadline)


def following(
    cadence: Cadence,
    step: str,
    sent_at: dt.datetime,
    now: dt.datetime,
    touches: int,
    there: There,
    deadline: dt.datetime | None = None,
) -> Planned | None:
    """What comes after a nudge of `step` at `now`: never on the same day there. None: nothing comes any more."""
    next_one = cadence.after(step, touches)
    if next_one is None:
        return None
    today = now.astimezone(there.zone).date()
    tomorrow = local(today + _DAY, dt.time(0), there.zone)
    if next_one.id == "archive":
        if last := _last_before(deadline, tomorrow, cadence.steps[-2], there):
            return Planned("decide", last.at, last)
        grace = max(1, cadence.steps[-1].working_days - cadence.steps[-2].working_days)
        quiet_end = local(add_working_days(today, grace, there.country, there.overrides), dt.time(0), there.zone)
        return Planned("archive", max(quiet_end, _starts(next_one, _first_day(cadence, sent_at, there), there)))
    return _plan(next_one, cadence, sent_at, tomorrow, there, deadline)


def at_once(step: str, cadence: Cadence, now: dt.datetime, there: There) -> Planned:
    """A step as soon as the counterpart can be reached: after a bounce, or when they are back."""
    reach = _polite(now, _hours(cadence.step(step), there), there)
    return Planned(step, reach.at, reach)


def step_at(cadence: Cadence, sent_at: dt.datetime, at: dt.datetime, there: There) -> str:
    """Which touch suits a time that the user named: by the working days that have passed until then."""
    begun = _first_day(cadence, sent_at, there)
    return [step.id for step in cadence.steps if step.touch and (not step.working_days or _starts(step, begun, there) <= at)][-1]


def long_holiday_near(there: There, day: dt.date, within: int = 10) -> Block | None:
    """A long holiday that begins on one of the next days: what is not settled before it waits until after it."""
    for ahead in range(1, within + 1):
        block = there.holiday(day + ahead * _DAY)
        if block and block.start > day and (block.until - block.start).days + 1 >= LONG:
            return block
    return None


def _plan(
    step: Step, cadence: Cadence, sent_at: dt.datetime, not_before: dt.datetime, there: There, deadline: dt.datetime | None
) -> Planned:
    hours = _hours(step, there)
    if step.working_days:
        start = max(_starts(step, _first_day(cadence, sent_at, there), there), not_before)
    else:
        start = max(sent_at + dt.timedelta(minutes=step.minutes), not_before)
        soon = there.reach(start)
        first_day = _first_day(cadence, sent_at, there)
        if soon.at == start and start.astimezone(there.zone).date() == first_day and not _eve_afternoon(start, there):
            return Planned(step.id, start.astimezone(there.zone), soon)
        start = max(start, local(first_day, dt.time(0), there.zone))
    reach = _polite(start, hours, there)
    last = _last_before(deadline, not_before, step, there)
    return Planned(step.id, last.at, last) if last and last.at < reach.at else Planned(step.id, reach.at, reach)


def _last_before(deadline: dt.datetime | None, not_before: dt.datetime, step: Step, there: There) -> Reach | None:
    """The last good moment before a deadline, a working day earlier; on its very day only a touch that had no sooner one."""
    if deadline is None:
        return None
    day = add_working_days(deadline.astimezone(there.zone).date(), -1, there.country, there.overrides)
    last = there.reach(max(local(day, dt.time(0), there.zone), not_before), _hours(step, there))
    return last if last.at < deadline and (step.touch or last.at.astimezone(there.zone).date() <= day) else None


def _polite(start: dt.datetime, hours: tuple[Window, ...], there: There) -> Reach:
    """Reachable, not on the afternoon before a long holiday, and not on the first working day after the Spring Festival."""
    reach = there.reach(start, hours)
    for _ in range(3):
        day = reach.at.astimezone(there.zone).date()
        before = there.holiday(day - _DAY)
        fresh = before and SPRING_FESTIVAL.search(f"{before.zh} {before.en}") and (before.until - before.start).days + 1 >= LONG
        if not fresh and not _eve_afternoon(reach.at, there):
            break
        later = there.reach(local(day + _DAY, dt.time(0), there.zone), hours)
        reach = Reach(later.at, later.because or reach.because, later.provisional or reach.provisional)
    return reach


def _eve_afternoon(at: dt.datetime, there: There) -> bool:
    here = at.astimezone(there.zone)
    block = there.holiday(here.date() + _DAY)
    return bool(block and (block.until - block.start).days + 1 >= LONG and here.time() >= dt.time(12))


def _first_day(cadence: Cadence, sent_at: dt.datetime, there: There) -> dt.date:
    """The working day there on which the e-mail counts as sent."""
    here = sent_at.astimezone(there.zone)
    until = cadence.steps[0].until
    late = _DAY * bool(until and here.time() >= dt.time.fromisoformat(until))
    return add_working_days(here.date() + late, 0, there.country, there.overrides)


def _starts(step: Step, begun: dt.date, there: There) -> dt.datetime:
    return local(add_working_days(begun, step.working_days, there.country, there.overrides), dt.time(0), there.zone)


def _hours(step: Step, there: There) -> tuple[Window, ...]:
    """The hours of a step within those in which a call is welcome there; all of the latter where none are left."""
    usual_there = windows_of(there.country)
    both = [(max(a, c), min(b, d)) for a, b in step.windows for c, d in usual_there if max(a, c) < min(b, d)]
    return tuple(both) or usual_there
