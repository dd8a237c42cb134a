"""Which day is meant by "after CNY", "a week before Christmas", "the Monday after the holiday"?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from bot.followups import times_feasts
from bot.followups.times_atoms import Atom
from bot.followups.times_dates import DAY, Days, Note, agreeing, moved
from bot.followups.times_feasts import Feasts


def feast_days(atom: Atom, today: dt.date, calendars: Feasts, span: Atom | None) -> Days:
    """The days a feast, or what is said before or after it, may mean; empty when no calendar has it."""
    overrides = calendars.overrides
    if atom.name == "lunar":
        spring = times_feasts.find("spring", today - 20 * DAY, "on", calendars)
        days = [spring.day + (atom.c - 1) * DAY] if spring and 1 <= atom.c <= 30 else []
        if atom.side == "after" and spring:
            days = [moved(day, Atom("span", 0, 0, 1, name="workdays"), calendars) for day in days]
        return Days([day for day in days if day >= today])
    if atom.name == "any":
        atom = replace(atom, side=atom.side.removeprefix("day-"))
        return _any_holiday(atom, today, calendars)
    found = times_feasts.find(atom.name, today, atom.side.removeprefix("day-"), calendars)
    if found is None:
        return Days()
    notes: list[Note] = []
    if found.block.provisional and atom.side != "on":
        notes.append(("the official holiday plan is not out: the date is expected", "官方放假安排尚未公布，日期为预计"))
    if span and span.name != "minutes":
        before = span.side == "before" or atom.side == "before"
        whole = atom.name in ("spring", "national", "golden") and not before
        return Days([moved(found.block.until if whole else found.day, span, calendars, -1 if before else 1)], notes=notes)
    if atom.side == "on":
        return Days([found.day])
    if atom.side == "day-before":
        return Days([found.day - DAY], notes=notes)
    if atom.side == "day-after":  # of several days off, the first or the last may be meant
        return Days(sorted({found.day + DAY, found.block.until + DAY}), notes=notes)
    if atom.side == "before":
        return Days([times_feasts.working_day_before(found, overrides)], notes=notes)
    day = times_feasts.working_day_after(found, atom.n, overrides)
    options = (
        [day, day + DAY] if atom.name == "easter" and day.weekday() == 0 else [day]
    )  # Easter Monday is off in parts of a country
    if atom.name == "newyear" and today.month > 1:  # "new year" may be the other one
        spring = times_feasts.find("spring", today, "after", calendars)
        if spring and spring.block.until < found.block.until:
            options = [times_feasts.working_day_after(spring, atom.n, overrides), day]
    return Days(options, notes=notes)


def weekday_by_feast(weekday: Atom, atom: Atom, today: dt.date, calendars: Feasts) -> Days:
    """The Monday after a feast, the Friday before it."""
    found = None if atom.name in ("any", "lunar") else times_feasts.find(atom.name, today, atom.side, calendars)
    if found is None:
        return Days()
    if atom.side == "before":
        return Days([found.block.start - ((found.block.start.weekday() - weekday.n - 1) % 7 + 1) * DAY])
    if atom.side == "on":
        return agreeing(Days([found.day]), weekday)
    return Days([found.block.until + ((weekday.n - found.block.until.weekday() - 1) % 7 + 1) * DAY])


def _any_holiday(atom: Atom, today: dt.date, calendars: Feasts) -> Days:
    """The holiday: sure when their next one is near; otherwise the next one, the next long one, and the user's own."""
    overrides = calendars.overrides
    first = times_feasts.next_holiday(today, calendars.theirs, overrides)
    own = times_feasts.next_holiday(today, calendars.mine, overrides) if calendars.mine != calendars.theirs else None
    found = [first] if first else []
    near = dt.timedelta(days=21)
    if not first or first.block.start - today > near:
        long = times_feasts.next_holiday(today, calendars.theirs, overrides, shortest=5)
        found += [long] if long and first and long.block != first.block else []
    if own and own.block.start - today <= near and (not first or own.block.until != first.block.until):
        found.append(own)

    def pick(one: times_feasts.Occasion) -> dt.date:
        if atom.side == "on":
            return one.day
        return (
            times_feasts.working_day_before(one, overrides)
            if atom.side == "before"
            else times_feasts.working_day_after(one, atom.n, overrides)
        )

    options = sorted({day for one in found if (day := pick(one)) >= today})
    notes = (
        [("the official holiday plan is not out: the date is expected", "官方放假安排尚未公布，日期为预计")]
        if any(o.block.provisional for o in found)
        else []
    )
    return Days(options, ask=atom.side == "on", notes=notes)
