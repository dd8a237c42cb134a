"""When is a broadcast sent? Now, at a moment, at one time on everybody's own clock, or again and again. Pure.

A cron expression is five fields on the wall clock of a zone, or of each reader. Its wall-clock times become moments by
`worktime.local`: a time skipped by the change to summer time is the one an hour later, of two the first, so that no
time is lost and none comes twice.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from croniter import CroniterError, croniter

from bot.errors import Refused
from bot.followups.worktime import find_zone, local

LATE = dt.timedelta(hours=2)
"""What is found due later than that is skipped, and said."""
LOCAL = "local"
"""Instead of a zone: everybody's own."""
FIRST_ZONE = dt.timedelta(hours=14)
"""Where a wall-clock time comes first, the clock is so much ahead of UTC (Kiribati)."""
LAST_ZONE = dt.timedelta(hours=12)
"""Where it comes last, so much behind."""
_CHANCE = re.compile(r"(?<![a-z])[rh](?![a-z])", re.IGNORECASE)
"""What the library reads as a random or hashed value: another time at each reading."""
MOST_AHEAD = dt.timedelta(days=400)
SHORTEST = dt.timedelta(hours=20)
"""Between two runs: a broadcast comes once a day at most."""


@dataclass(frozen=True)
class Due:
    """One planned run: the moment at which it begins, and the wall-clock time it is meant at when that is everybody's own."""

    at: dt.datetime
    wall: dt.datetime | None = None


@dataclass(frozen=True)
class Plan:
    """When. One of `at`, `wall` and `cron`; with none of them: now."""

    at: dt.datetime | None = None
    wall: dt.datetime | None = None
    """Naive: on everybody's own clock."""
    cron: str = ""
    zone: str = "UTC"
    """Of `cron`: a name, or LOCAL."""

    @property
    def again(self) -> bool:
        """Whether more than one run is meant."""
        return bool(self.cron)

    def first(self, now: dt.datetime) -> Due:
        """The first run. Raises Refused for one that has passed, is too far, or never comes."""
        if self.cron:
            return self.following(now)
        if self.wall:
            if self.wall.replace(tzinfo=dt.UTC) + LAST_ZONE < now:
                raise Refused("that time has passed everywhere")
            found = Due(_begins(self.wall), self.wall)
        else:
            found = Due(self.at or now)
            if found.at < now:
                raise Refused("that moment has passed")
        if found.at > now + MOST_AHEAD:
            raise Refused("that is more than a year ahead")
        return found

    def following(self, after: dt.datetime) -> Due:
        """The first run of a schedule that begins after a moment. Raises Refused when none comes within years."""
        zone = None if self.zone == LOCAL else find_zone(self.zone)
        here = (after + FIRST_ZONE).astimezone(dt.UTC) if zone is None else after.astimezone(zone)
        # a day earlier, for times that a change of the clock has moved; those not later than `after` are passed over
        walls = croniter(self.cron, here.replace(tzinfo=None) - dt.timedelta(days=1))
        while True:
            try:
                wall: dt.datetime = walls.get_next(dt.datetime)
            except CroniterError:
                raise Refused(f"the schedule {self.cron} names no day that comes") from None
            found = Due(_begins(wall), wall) if zone is None else Due(local(wall.date(), wall.time(), zone).astimezone(dt.UTC))
            if found.at > after:
                return found

    def due(self, at: dt.datetime) -> Due:
        """The run that begins at a moment this plan gave."""
        everybodys = bool(self.wall) or (self.cron and self.zone == LOCAL)
        return Due(at, (at.astimezone(dt.UTC) + FIRST_ZONE).replace(tzinfo=None) if everybodys else None)

    def patience(self) -> dt.timedelta:
        """How long after its moment a run may still begin: until the last clock has passed its time by LATE."""
        everybodys = bool(self.wall) or (self.cron and self.zone == LOCAL)
        return LATE + (FIRST_ZONE + LAST_ZONE if everybodys else dt.timedelta())

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        told = {"at": self.at and self.at.isoformat(), "wall": self.wall and self.wall.isoformat(), "cron": self.cron}
        return {name: value for name, value in {**told, "zone": self.zone if self.cron else ""}.items() if value}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Plan:
        """From JSON."""
        at, wall = told.get("at"), told.get("wall")
        return cls(
            at=dt.datetime.fromisoformat(at) if at else None,
            wall=dt.datetime.fromisoformat(wall) if wall else None,
            cron=told.get("cron", ""),
            zone=told.get("zone", "UTC"),
        )


NOW = Plan()


def planned(*, at: str = "", local_time: str = "", cron: str = "", zone: str = "") -> Plan:
    """A plan as somebody writes it. Raises Refused for what cannot be read, and for a schedule that comes too often."""
    if sum(map(bool, (at, local_time, cron))) > 1:
        raise Refused("say one of: at a moment, at a local time, on a schedule")
    if zone and not cron:
        raise Refused("a zone belongs to a schedule; a moment has an offset, a local time is everybody's own")
    if at:
        moment = _time(at, "2026-11-30T09:30:00+08:00")
        if moment.tzinfo is None:
            raise Refused("a moment needs an offset, such as 2026-11-30T09:30:00+08:00")
        return Plan(at=moment.astimezone(dt.UTC))
    if local_time:
        wall = _time(local_time, "2026-11-30T09:30")
        if wall.tzinfo is not None:
            raise Refused("a local time has no offset: it is everybody's own, such as 2026-11-30T09:30")
        return Plan(wall=wall.replace(second=0, microsecond=0))
    return _schedule(cron, zone) if cron else NOW


def gaps(plan: Plan, now: dt.datetime) -> list[tuple[dt.datetime, dt.datetime]]:
    """(wall-clock time that does not exist in the zone of a schedule, the time it is sent at instead), within a year."""
    if not plan.cron or plan.zone == LOCAL:
        return []
    zone = find_zone(plan.zone)
    walls = croniter(plan.cron, now.astimezone(zone).replace(tzinfo=None))
    found: list[tuple[dt.datetime, dt.datetime]] = []
    for _ in range(370):
        wall: dt.datetime = walls.get_next(dt.datetime)
        if wall.replace(tzinfo=dt.UTC) > now + dt.timedelta(days=366):
            break
        there = local(wall.date(), wall.time(), zone)
        if there.replace(tzinfo=None) != wall:
            found.append((wall, there))
    return found


def _schedule(cron: str, zone: str) -> Plan:
    cron = " ".join(cron.split())
    if len(cron.split(" ")) != 5 or len(cron) > 100 or _CHANCE.search(cron) or not croniter.is_valid(cron):
        raise Refused("a schedule has five fields, minute hour day month weekday, such as 30 9 * * mon")
    if zone != LOCAL:
        find_zone(zone or "UTC")
    plan = Plan(cron=cron, zone=zone or "UTC")
    walls = croniter(cron, dt.datetime(2026, 1, 1))  # noqa: DTZ001 - wall-clock times have no zone
    try:
        some = [walls.get_next(dt.datetime) for _ in range(30)]
    except CroniterError:
        raise Refused(f"the schedule {cron} names no day that comes") from None
    if any(later - earlier < SHORTEST for earlier, later in pairwise(some)):
        raise Refused("a broadcast comes once a day at most")
    return plan


def _begins(wall: dt.datetime) -> dt.datetime:
    """When a wall-clock time comes first on earth."""
    return wall.replace(tzinfo=dt.UTC) - FIRST_ZONE


def _time(text: str, example: str) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"this is no time; write it like {example}") from None
    if not 2000 <= found.year <= 2200:  # the ends of the calendar cannot be moved to another zone
        raise Refused("that is not in our time")
    return found
