"""What does a message say of time only by the way: the time a reminder is moved from, or which weekday today is?

Such words are blanked before the time is chosen; the folded text keeps its length. Where it is not sure which hour is meant
after a move, that is said, so that it is asked.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from bot.followups.times_atoms import WD_EN, weekday
from bot.followups.times_lex import clusters_of

_ASKED = r"(?:(?<![^\n])|(?<=[.,;!?:] )|(?<=please )|(?<=pls )|(?<=can you )|(?<=could you )|(?<=kindly )|(?<=just )|(?<=ok )|(?<=so )|(?<=then )|(?<=and )|(?<=actually )|(?<=sorry ))"
_IT = r"(?:it|this|that|(?:the|my|this|that) (?:reminder|alarm|nudge|ping|alert|follow[- ]?up|one|time))"
_MOVE_EN = (
    rf"{_ASKED}(?:shift|move|push|change|postpone|reschedule|put|bump|delay|snooze|switch|bring)(?: {_IT})?(?: back| off| forward| out| up)? "
    r"(?P<old>from (?P<said>[^;!?\n]{1,40}?)) (?P<to>to|until|till)(?= )"
)
_MOVE_ZH = r"(?P<oldz>从(?P<saidz>[^;!?。，,\n从到]{1,16}?))(?:改|推|挪|延|移|调|换)(?:迟|后|期|整)?[到成为至]"
_MOVE = re.compile(f"{_MOVE_EN}|{_MOVE_ZH}")
_BARE_HOUR = re.compile(r"\s?(?:1[0-2]|[1-9])(?::[0-5]\d)?(?=\s*(?:$|[,.;!?\n]|please|pls|thanks))")
_IT_IS = re.compile(
    rf"(?:(?<![^\n])|(?<=[,.;!(] )|(?<=since )|(?<=because )|(?<=as )|(?<=but )|(?<=and )|(?<=- ))(?:it'?s|it is|today is|today's) (?:already |only |just |now |a )?(?P<wd>{WD_EN})(?: today| already| now)?(?=\s*[,.;!)]| (?:so|and|but)(?![a-z]))"
    r"|今天(?:都|已经|才)?是?(?:周|星期|礼拜)(?P<wdz>[一二三四五六日天])了?(?=\s?[,，。;！!])"
)


@dataclass(frozen=True)
class Aside:
    """The folded text without what is said by the way, the places of that, and whether the time is in doubt."""

    text: str
    places: tuple[tuple[int, int], ...] = ()
    doubtful: bool = False


def without_asides(text: str, today: dt.date) -> Aside:
    """The folded `text` without the time something is moved from and without "it is Friday", where that is true of `today`."""
    places: list[tuple[int, int]] = []
    for found in _IT_IS.finditer(text):
        rest = _blank(text, *found.span())
        if weekday(found["wd"] or found["wdz"]) == today.weekday() and any(c.day for c in clusters_of(rest)):
            text = rest
            places.append(found.span())
    found = _MOVE.search(text)
    if not found:
        return Aside(text, tuple(places))
    start, end = found.span("old" if found["old"] else "oldz")
    said = found.span("said" if found["old"] else "saidz")
    old = clusters_of(text[slice(*said)])
    new = next((c for c in clusters_of(text[found.end() :]) if c.start <= 1), None)
    hour = new.of("clock") if new else None
    bare = not new and bool(_BARE_HOUR.match(text[found.end() :]))
    if (
        not old and (hour or bare) and _BARE_HOUR.fullmatch(text[slice(*said)])
    ):  # "from 2 to 4pm"; what is changed may be an amount
        amount = bare and found.group().startswith(("change", "put"))
        return Aside(_of_the_same_day(text, found, []), (*places, (start, end)), doubtful=amount)
    if not old:
        return Aside(text, tuple(places), doubtful=bool(new))
    if new and new.day:
        return Aside(_blank(text, start, end), (*places, (start, end)))
    clock, part = old[0].of("clock"), old[0].of("part")
    drop, doubtful = ("clock", "part"), len(old) != 1 or not clock or not (hour or bare)
    if clock and (bare or (hour and not hour.name and not (new and new.of("part")))):
        if part and hour and clock.n < hour.n < 12:  # 下午三点改到四点
            drop = ("clock",)
        else:  # "from Fri 8pm to 9" is hardly nine in the morning
            doubtful = doubtful or bool(part) or (clock.n >= 5 and clock.name == "pm")
    if doubtful:
        return Aside(text, tuple(places), doubtful=True)
    kept = [(a.start + said[0], a.end + said[0]) for a in old[0].atoms if a.kind not in drop]
    return Aside(_of_the_same_day(text, found, kept), (*places, (start, end)))


def _of_the_same_day(text: str, found: re.Match[str], kept: list[tuple[int, int]]) -> str:
    """The text with the new hour on the day of the old one, which stands in the places `kept`."""
    start, end = found.span("old" if found["old"] else "oldz")
    whole = " " * (end - start)
    for a, b in kept:
        whole = whole[: a - start] + text[a:b] + whole[b - start :]
    link = "at" if found["to"] else ""
    return text[:start] + whole + " " * (found.end() - end - len(link)) + link + text[found.end() :]


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]
