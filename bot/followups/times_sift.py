"""Which times of a message fall away before one is chosen, and what do those that stay lend each other?

A correction replaces what came before and keeps its day; a stretch of days is told, not asked for, where another day stands
beside it; "a week ahead" counts back from the day it is ahead of.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from bot.followups.times_atoms import WD_EN, Atom
from bot.followups.times_lex import Cluster, lead

OR = re.compile(r"[\s,，]*(?:or(?: maybe| on| at)?|或者?|还是|either|/|要么)[\s,，]*")
_CORRECTED = re.compile(
    r"(?:(?<![a-z])(?:no(?= (?:on |at |the |next |this )*(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|day after|\d))|no wait|wait no|actually|sorry|i mean|i meant|scratch that|correction|make that|make it|better|or rather|no,|wait[,.]|hang on|hold on|oops|strike that)(?![a-z])|不对|不是[,，]|不[,，]|不行[,，]|还是改|改到|改成|改为|更正|说错了|哦不|改(?=周|星期|礼拜|下|明|后|早|上午|晚|中午|\d|[一二两三四五六七八九十]{1,3}点))"
)
_TO = r"\s?(?:-|~|to|till|until|til|through|thru|到|至)\s?(?:the )?"
_RANGE = re.compile(_TO)
_ONWARD = re.compile(rf"{_TO}(?:\d{{1,2}}(?:st|nd|rd|th)?(?![\d:.]|\s?[ap]\.?m)|(?:{WD_EN})(?![a-z]))")
_SINCE_DAY = re.compile(
    rf"(?:(?<![\d:.])\d{{1,2}}(?:st|nd|rd|th|号|日)?|(?<![a-z])(?:{WD_EN})|[周期拜][一二三四五六日天])\s?(?:-|~|to|till|until|through|thru|到|至)\s?(?:the )?$"
)
_MOVES = re.compile(r"(?:mov|push|chang|shift|reschedul|postpon|snooz|bump|put off|改|推|挪|延)[^,.;]*$")


def after_corrections(text: str, clusters: list[Cluster]) -> list[Cluster]:
    """What is left after the last "no wait", "make it", 改成; an hour that replaces an hour keeps the day that was said before."""
    for mark in reversed([m.end() for m in _CORRECTED.finditer(text)]):
        later, before = [c for c in clusters if c.start >= mark], [c for c in clusters if c.end <= mark]
        if not later or not before:
            continue
        days = [c for c in before if not past(c) and (c.day or c.of("clock"))]
        if days and all(c.clock_only and c.of("clock") for c in later):
            return [with_day_of(days[-1], c) for c in later]
        return later
    return clusters


def with_day_of(day: Cluster, hour: Cluster) -> Cluster:
    """The day of one with the hour of the other; 下午 of the day stays where the hour says no part of it."""
    drop = ("clock",) if hour.of("clock") and not hour.of("part") and day.of("clock") else ("clock", "part")
    kept = [atom for atom in day.atoms if atom.kind not in drop]
    late = (old := day.of("clock")) and old.name == "pm" and old.n >= 5  # "8pm, make it 9"
    own = [replace(a, name="pm") if late and a.kind == "clock" and not a.name and a.n < 12 else a for a in hour.atoms]
    pieces = ((kept[0].start, kept[-1].end), (hour.start, hour.end)) if kept else ()
    return Cluster(tuple(sorted((*kept, *own), key=lambda atom: atom.start)), pieces)


def sharing_a_day(text: str, clusters: list[Cluster]) -> list[Cluster]:
    """In "3 or 4 pm tomorrow" and "tomorrow at 9 or at 10" both hours are of that day."""
    found = list(clusters)
    for n, (one, two) in enumerate(pairwise(clusters)):
        if one.clock_only == two.clock_only or not OR.fullmatch(text[one.end : two.start]):
            continue
        hour, whole = (one, two) if one.clock_only else (two, one)
        clocks = bool(hour.of("clock")), bool(whole.of("clock"))
        if all(clocks) or (not any(clocks) and hour.of("part") and whole.of("part")):
            kept = [atom for atom in whole.atoms if atom.kind not in ("clock", "part")]
            found[n + (hour is two)] = Cluster(tuple(sorted((*kept, *hour.atoms), key=lambda atom: atom.start)))
    return found


def without_ranges(text: str, clusters: list[Cluster]) -> list[Cluster]:
    """Without "closed 19-23 Oct" and 周四到周六 where another day is said: that one is meant."""
    inside = ranged(text, clusters)
    rest = [c for c in clusters if c not in inside]
    return rest if any(c.day and not past(c) for c in rest) and not in_doubt(inside, rest) else clusters


def ranged(text: str, clusters: list[Cluster]) -> list[Cluster]:
    """The days that are ends of a stretch of days, unless something is moved from one to the other."""
    found: list[Cluster] = []
    for one, two in pairwise(clusters):
        if one.day and two.day and _RANGE.fullmatch(text[one.end : two.start]):
            found += [one, two]
    for c in clusters:
        if (
            c.day
            and not c.of("clock", "part", "span")
            and (_SINCE_DAY.search(lead(text, c.start)) or _ONWARD.match(text[c.end :]))
        ):
            found.append(c)
    return [c for c in found if not _MOVES.search(lead(text, c.start))]


def in_doubt(inside: list[Cluster], rest: list[Cluster]) -> bool:
    """Whether it is not said of which week: "away Mon to Wed, try Thursday"."""
    days = [c for c in rest if c.day and not past(c)]
    return any(c.of("weekday") for c in inside) and all((week := c.of("weekday")) and not week.name for c in days)


def without_repeats(clusters: list[Cluster]) -> list[Cluster]:
    """Of the same day said twice only the time with an hour: "they are back on the 5th, so the 5th, 8am"."""
    full = [_day(c) for c in clusters if c.of("clock", "part")]
    return [c for c in clusters if c.of("clock", "part") or not _day(c) or _day(c) not in full]


def counted_back(clusters: list[Cluster]) -> list[Cluster]:
    """Said after a day "a week ahead" is a week before it; without a day it is a week from now."""
    found: list[Cluster] = []
    for n, c in enumerate(clusters):
        span = c.of("span")
        if span and ahead(span) and any(one.day and not past(one) for one in clusters[:n]):
            made = (
                replace(span, side="before", c=2)
                if span.name == "minutes"
                else Atom("shift", span.start, span.end, -span.a, side=span.name)
            )
            c = Cluster(tuple(made if atom is span else atom for atom in c.atoms))
        found.append(c)
    return found


def of_either_week(clusters: list[Cluster], chosen: Cluster) -> Cluster | None:
    """The Thursday of "he is back next Wednesday, remind me Thursday" in that week, which may be meant as well."""
    week = chosen.of("weekday")
    told = any((other := c.of("weekday")) and other.name == "next" and c.end <= chosen.start for c in clusters)
    if not week or week.name or week.b or chosen.of("period", "date", "dom", "slash", "span", "feast", "nth") or not told:
        return None
    return Cluster(tuple(replace(a, name="next", side="zh") if a is week else a for a in chosen.atoms), chosen.pieces)


def ahead(span: Atom) -> bool:
    """Whether it is "a week ahead", which may count from now or back from another day."""
    return span.side == "in" and span.c == 3


def past(cluster: Cluster) -> bool:
    """Whether it is said of the past."""
    day, span, week, period = cluster.of("day"), cluster.of("span"), cluster.of("weekday"), cluster.of("period")
    return bool(
        (day and day.a < 0) or (span and span.side == "ago") or (week and week.name == "last") or (period and period.a < 0)
    )


def _day(cluster: Cluster) -> tuple[tuple[object, ...], ...]:
    """What its day says, wherever it stands."""
    return tuple((a.kind, a.a, a.b, a.c, a.name) for a in cluster.atoms if a.kind not in ("clock", "part"))
