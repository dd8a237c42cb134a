"""By when must it be settled? "It must be signed by 15 December", 12月15日截止: a deadline, not the time of a reminder.

Pure.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from bot.followups.times import When, read
from bot.followups.worktime import ZoneInfo, find_zone, local

_LONGEST = 1_000
_UP_TO = r"(?:by|before|until|till|no later than|not later than|at the latest (?:by|on))"
_MUST = r"(?:must|ha(?:s|ve) (?:got )?to|ha(?:s|ve) got to|needs? to|is to|are to|ought to)"
_AT_EN = r"(?P<at>[^,;!?\n]{2,40}?)(?=\s*(?:[,;!?\n]|\.(?:\s|$)|$|\b(?:and|but|so|or|please|pls|remind|ping|nudge|alert|if|unless|because)\b))"
_AT_ZH = r"(?P<at>[^，,。；;！!？?\n]{2,16}?)"
_ASKED = r"(?!提醒|叫我|通知|再)"
_MUST_ZH = r"(?:必须|务必|一定要|一定得|得|要)"
_MOVED = r"(?: is| was| has been| of|'s)?(?: now| moved| set| extended| changed| postponed)*(?: to| on| by|:)?"
_EN = (
    rf"\b{_MUST} (?!remind)[^,;!?\n]{{1,50}}?\b{_UP_TO}\s+(?:the\s+)?{_AT_EN}",
    rf"\b(?:dead[ -]?line|due date|cut[ -]?off(?: date)?)(?: for (?:it|this|that|them))?{_MOVED}\s+(?:the\s+)?{_AT_EN}",
    rf"(?<!was )(?<!were )\bdue (?:on|{_UP_TO})\s+(?:the\s+)?{_AT_EN}",
)
_ZH = (
    rf"(?:截止|截至|最后期限|期限|deadline)(?:日期?|时间|期)?(?:是|为|在|到|至|定在|改成|改为|改到|[:：])*\s*{_AT_ZH}(?=[，,。；;！!？?\n]|$)",
    rf"{_AT_ZH}(?:就|是|就要|要)?(?:截止|截至|到期|为止)",
    rf"(?:{_MUST_ZH}|需要?)(?:在|赶在|于)?{_AT_ZH}(?:之前|以前|前){_ASKED}",
    rf"{_AT_ZH}(?:之前|以前|前)[^，,。；;！!？?\n]{{0,6}}?{_MUST_ZH}{_ASKED}",
    rf"最(?:晚|迟){_AT_ZH}(?:之前|以前|前)?(?:就)?{_MUST_ZH}{_ASKED}",
)
_PATTERNS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (*_EN, *_ZH))


@dataclass(frozen=True)
class Deadline:
    """The last moment, and where in the text it is said."""

    at: dt.datetime
    span: tuple[int, int]


def deadline_in(text: str, now: dt.datetime, zone: str, their_zone: str) -> Deadline | None:
    """The one deadline that a text surely names; None when it names none, or one that may be read in two ways or is past."""
    for pattern in _PATTERNS:
        for found in pattern.finditer(text[:_LONGEST]):
            said = read(found["at"], now, zone, their_zone)
            (start, end), words = said.span, found["at"]
            if said.at and not re.search(r"[a-z0-9]", words[:start], re.IGNORECASE) and not words[end:].strip(" .的前之以就"):
                at = _last_moment(said.at, said, find_zone(zone), find_zone(their_zone))
                return Deadline(at, (found.start("at") + start, found.start("at") + end))
    return None


def without(text: str, found: Deadline | None) -> str:
    """The text with blanks in place of the deadline, so that what else it says stays where it is."""
    if found is None:
        return text
    start, end = found.span
    return f"{text[:start]}{' ' * (end - start)}{text[end:]}"


def _last_moment(at: dt.datetime, said: When, mine: ZoneInfo, theirs: ZoneInfo) -> dt.datetime:
    """An hour as it was said; of a day the last minute that is of that day on both clocks, so that both read that date."""
    if said.explicit_time:
        return at
    day = at.date()
    midnights = [(local(day, dt.time(0), zone), local(day + dt.timedelta(days=1), dt.time(0), zone)) for zone in (mine, theirs)]
    return min(end for _, end in midnights).astimezone(mine) - dt.timedelta(minutes=1)
