"""At which moments may one of the times of a message be meant, with the hour and the anchor that others lend it?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from bot.followups.times_choose import Choice
from bot.followups.times_clock import PAST, Clock, Moments, clock_of, on_days, without_day
from bot.followups.times_dates import Days, moved
from bot.followups.times_days import after_days, days_of
from bot.followups.times_feasts import Feasts
from bot.followups.times_lex import Cluster


@dataclass
class Reading:
    """What one time of the message may mean."""

    moments: Moments
    explicit: bool


@dataclass(frozen=True)
class Setting:
    """Now, the zones and calendars one reading is made with."""

    now: dt.datetime
    mine: ZoneInfo
    theirs: ZoneInfo
    zone: ZoneInfo
    calendars: Feasts
    earliest: dt.time | None


def read_cluster(cluster: Cluster, choice: Choice, setting: Setting, *, relative: bool) -> Reading:
    """The moments one cluster may mean, with the time of day of its companion and its anchor where it has them."""
    moment = cluster.of("moment")
    if moment:
        at = _exact(moment.name)
        if at is None:
            return Reading(Moments(problem=("that date does not exist", "这个日期不存在")), explicit=True)
        return Reading(
            Moments([at.astimezone(setting.mine)] if at > setting.now else [], problem=None if at > setting.now else PAST),
            explicit=True,
        )
    clusters = [cluster, *choice.companions]
    clock = clock_of(clusters, setting.earliest, setting.now.astimezone(setting.zone).time())
    if clock.clock and clock.clock.name == "none":
        return Reading(Moments(problem=("there is no such hour", "没有这个钟点")), explicit=True)
    if vague := cluster.of("vague"):
        return Reading(_vague(vague.name, setting), explicit=False)
    span = cluster.of("span") or next((c.of("span") for c in choice.companions if c.of("span")), None)
    if span and span.name == "minutes" and span.side not in ("before", "after"):
        if span.side == "ago":
            return Reading(Moments(problem=PAST), explicit=True)
        back = next((s for c in choice.companions if (s := c.of("span")) and s.side == "before" and s.name == "minutes"), None)
        return Reading(_after(span.a - (back.a if back else 0), setting), explicit=True)
    here, user = (setting.now.astimezone(z).date() for z in (setting.zone, setting.mine))
    said_today = cluster.of("day") is not None or (cluster.of("part") or cluster.atoms[0]).side == "today"
    bases = sorted({here, user}) if relative and said_today else [user]
    found, days = Moments(), Days()
    for today in bases:
        days = _anchored(cluster, choice, today, setting)
        if not days.options and not days.problem:
            if (part := cluster.of("part")) and part.side == "today":
                days.options = [today]
            elif clock.given:
                alone = without_day(clock, setting.zone, setting.now)
                found = merged([Reading(found, explicit=True), Reading(alone, explicit=True)])
                continue
            else:
                continue
        on = on_days(days.options, clock, setting.zone, setting.now)
        on.notes += days.notes
        on.ask = on.ask or days.ask
        on.problem = days.problem or on.problem
        found = merged([Reading(found, explicit=True), Reading(on, explicit=True)])
    if found.options and found.problem == PAST:
        found.problem = None
    if span and span.name == "minutes":
        sign = -1 if span.side == "before" else 1
        found.options = [_later(m, sign * span.a) for m in found.options]
    elif found.options and choice.before:
        found = _before(found, clock, setting)
    return Reading(found, clock.given)


def _anchored(cluster: Cluster, choice: Choice, today: dt.date, setting: Setting) -> Days:
    """The days of a cluster; "the day before" counts from the other time of the message."""
    shift = cluster.of("shift")
    if shift and choice.anchor and not cluster.day:
        days = days_of(choice.anchor, today, setting.calendars)
        by = replace(shift, a=abs(shift.a), name=shift.side or "days")
        sign = -1 if shift.a < 0 else 1
        return Days([moved(day, by, setting.calendars, sign) for day in days.options], days.problem, days.ask, days.notes)
    if choice.after:
        return after_days(cluster, today, setting.calendars)
    back = next((span for c in choice.companions if (span := c.of("span")) and span.side == "before"), None)
    if back and back.name != "minutes" and not cluster.of("span"):  # "a day before my flight on the 20th"
        days = days_of(cluster, today, setting.calendars)
        return Days([moved(day, back, setting.calendars, -1) for day in days.options], days.problem, days.ask, days.notes)
    span = cluster.of("span")
    if span and span.side == "ago" and choice.anchor and span.name == "days":
        days = days_of(choice.anchor, today, setting.calendars)
        return Days([day - dt.timedelta(days=span.n) for day in days.options], days.problem, days.ask, days.notes)
    return days_of(cluster, today, setting.calendars)


def _before(found: Moments, clock: Clock, setting: Setting) -> Moments:
    """Before a clock time: half an hour earlier. Before a day: that day or the one before, which is asked."""
    if clock.clock is not None:
        earlier = [_later(m, -30) for m in found.options]
        found.options = [m if m > setting.now else later for m, later in zip(earlier, found.options, strict=True)]
    elif not clock.given:
        eves = [(m - dt.timedelta(days=1)) for m in found.options]
        found.options = [m for m in [*eves, *found.options] if m > setting.now]
        found.ask = True
    return found


def _after(minutes: float, setting: Setting) -> Moments:
    try:
        at = (setting.now.astimezone(dt.UTC) + dt.timedelta(minutes=minutes)).astimezone(setting.zone)
    except OverflowError:
        return Moments(problem=("that is too far away", "那太遥远了"))
    if minutes > 5 * 366 * 1440:
        return Moments(problem=("that is more than five years away", "那是五年以后的事了"))
    return Moments([at] if at > setting.now else [], problem=None if at > setting.now else PAST)


def _vague(name: str, setting: Setting) -> Moments:
    """A few likely moments to choose from."""
    if name == "minutes":
        return Moments([_after(n, setting).options[0] for n in (5, 15, 30)], ask=True)
    if name == "hours":
        return Moments([_after(n * 60, setting).options[0] for n in (2, 3, 5)], ask=True)
    if name.isdigit():  # "in 15": of what?
        return Moments([_after(int(name) * n, setting).options[0] for n in (1, 60, 1440)], ask=True)
    today = setting.now.astimezone(setting.zone).date()
    ahead = {"days": (2, 3, 5), "weeks": (14, 21)}.get(name, (1,))
    days = on_days([today + dt.timedelta(days=n) for n in ahead], Clock(None, ""), setting.zone, setting.now)
    soon = _after(60, setting).options if name == "soon" else []
    return Moments([*soon, *days.options], ask=True)


def merged(readings: list[Reading]) -> Moments:
    """All moments and remarks of several readings."""
    found = Moments()
    for reading in readings:
        one = reading.moments
        found.options += [m for m in one.options if m not in found.options]
        found.notes += [note for note in one.notes if note not in found.notes]
        found.ask = found.ask or one.ask
        found.problem = found.problem or one.problem
    return found


def _later(moment: dt.datetime, minutes: float) -> dt.datetime:
    """So many real minutes later, in the same zone, whatever the clocks do."""
    return (moment.astimezone(dt.UTC) + dt.timedelta(minutes=minutes)).astimezone(moment.tzinfo)


def _exact(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text.upper().replace(" ", "T", 1).replace(" ", ""))
    except ValueError:
        return None
