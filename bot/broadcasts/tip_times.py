"""When does the weekly tip come? At 9:30 on the reader's clock, on a working day of theirs, outside their quiet hours. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.followups.calendars import NO_OVERRIDES, Overrides
from bot.followups.countries import country_of
from bot.followups.rules import Rules, quiet_of, zone_of
from bot.followups.worktime import Quiet, find_zone, is_working_day, local
from bot.people.tables import PersonRow

HOUR = dt.time(9, 30)
LATEST = dt.time(18, 0)
"""What could not come before that waits for the next morning."""
_DAY = dt.timedelta(days=1)
_PATIENCE = 60
"""Weeks looked ahead for a working day."""


@dataclass(frozen=True)
class Reader:
    """Whose clock, calendar and quiet hours hold."""

    zone: ZoneInfo
    country: str | None
    quiet: Quiet | None = None
    overrides: Overrides = NO_OVERRIDES

    def asleep(self, at: dt.datetime) -> dt.datetime | None:
        """When the quiet hours around a moment end; None outside of them."""
        return self.quiet.until(at) if self.quiet else None

    def works(self, day: dt.date) -> bool:
        """Whether that is a working day there."""
        return is_working_day(self.country, day, self.overrides)

    def morning(self, day: dt.date) -> dt.datetime:
        """9:30 there."""
        return local(day, HOUR, self.zone)


def reader(person: PersonRow, rules: Rules, lang: str = "") -> Reader:
    """A person as a reader; `lang` is the language they speak, where they have told neither zone nor language."""
    zone = find_zone(zone_of(person, lang))
    return Reader(zone, country_of(zone.key), quiet_of(person), rules.overrides)


def polite(at: dt.datetime, who: Reader) -> dt.datetime:
    """That moment, or the next at which a tip is welcome: a working day, 9:30 to 18:00, no quiet hours.

    Who is quiet at 9:30 (works at night, say) is written to at any hour that is not quiet.
    """
    for _ in range(_PATIENCE * 7):
        here = at.astimezone(who.zone)
        morning = who.morning(here.date())
        sleeps_late = who.asleep(morning)
        if not who.works(here.date()) or (here.time() >= LATEST and not sleeps_late):
            at = who.morning(here.date() + _DAY)
        elif woken := who.asleep(at):
            at = woken
        elif at < morning and not sleeps_late:
            at = morning
        else:
            break
    return at


def next_at(after: dt.datetime, who: Reader, weekday: int, weeks: int = 0) -> dt.datetime:
    """The next tip after a moment: on that day of a week, or the first working day after it in the same week.

    `weeks`: how many weeks later than the week of `after` at least. A week without a working day left is passed over.
    """
    today = after.astimezone(who.zone).date()
    monday = today - today.weekday() * _DAY + weeks * 7 * _DAY
    for _ in range(_PATIENCE):
        at = polite(who.morning(monday + weekday * _DAY), who)
        if at > after and at.astimezone(who.zone).date() < monday + 7 * _DAY:
            return at
        monday += 7 * _DAY
    return polite(after + 7 * max(1, weeks) * _DAY, who)
