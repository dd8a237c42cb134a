"""Which day is meant by "after CNY", "a week before Christmas", "the Monday after the holiday"?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from bot.followups import lunar, times_feasts
from bot.followups.feasts import FEASTS
from bot.followups.times_atoms import Atom
from bot.followups.times_dates import DAY, Days, Note, agreeing, moved
from bot.followups.times_feasts import Feasts


def feast_days(atom: Atom, today: dt.date, calendars: Feasts, span: Atom | None) -> Days:
    """The days a feast, or what is said before or after it, may mean; empty when no calendar has it."""
    overrides = calendars.overrides
    if atom.name == "lunar":
        return _lunar_days(atom, today, calendars, span)
    if (own := _of_another_day(atom, today, calendars)) and (other := feast_days(atom, today, own, span)).options:
        found = feast_days(atom, today, replace(calendars, mine=None), span)
        return Days(sorted({*found.options, *other.options}), found.problem, notes=found.notes)
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
    if atom.c:
        options = sorted({*options, found.day + atom.n * DAY})
    return Days(options, ask=bool(atom.c), notes=notes)


def _lunar_days(atom: Atom, today: dt.date, calendars: Feasts, span: Atom | None) -> Days:
    """A day of the first lunar month or (b 12) the last, which is the Chinese one whoever the counterpart is; 小年 (b 23) is two days."""
    wanted = (
        [(lunar.last_month, n) for n in ((23, 24) if atom.b == 23 else (atom.c,))] if atom.b else [(lunar.first_month, atom.c)]
    )
    days = [day for at, n in wanted if (day := at(n, today))]
    if span and span.name != "minutes":
        days = [moved(day, span, calendars, -1 if span.side == "before" or atom.side == "before" else 1) for day in days]
    elif atom.side in ("before", "after"):
        one = Atom("span", 0, 0, max(1, atom.n), name="workdays")
        days = [moved(day, one, calendars, -1 if atom.side == "before" else 1) for day in days]
    elif atom.side.startswith("day-"):
        days = [day + (-DAY if atom.side == "day-before" else DAY) for day in days]
    return Days(sorted({day for day in days if day >= today}))


def _of_another_day(atom: Atom, today: dt.date, calendars: Feasts) -> Feasts | None:
    """The user's own calendar, where both countries have a feast of that name on different days: National Day, Thanksgiving."""
    mine = calendars.mine
    if atom.name not in FEASTS or not mine or calendars.theirs in (None, mine):
        return None
    if not {mine, calendars.theirs} <= set(FEASTS[atom.name].countries):
        return None
    own = replace(calendars, theirs=mine, mine=None)
    one, two = (times_feasts.find(atom.name, today, "on", c) for c in (calendars, own))
    return own if one and two and abs(one.day - two.day) > 3 * DAY else None


def weekday_by_feast(weekday: Atom, atom: Atom, today: dt.date, calendars: Feasts) -> Days:
    """The Monday after a feast, the Friday before it."""
    if atom.name == "lunar":
        said = _lunar_days(replace(atom, side=""), today, calendars, None)
        back = atom.side == "before"
        return Days(
            [
                day + (-((day.weekday() - weekday.n - 1) % 7 + 1) if back else (weekday.n - day.weekday() - 1) % 7 + 1) * DAY
                for day in said.options
            ]
        )
    found = None if atom.name == "any" else times_feasts.find(atom.name, today, atom.side, calendars)
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
