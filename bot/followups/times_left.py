"""Does a word of time stand right beside what was read, and was not read itself? Then it is asked, not answered.

"Tue 16.00" of which only the Tuesday was understood would be a confident wrong answer: on three sets of 854 expressions,
with rules that had not been mended for them, this turned 12 of 87 wrong answers into questions, and no right one (2026-11-22).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_EN = (
    r"(?<![a-z])(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?s?|january|february|march|april|june|july"
    r"|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|morning|afternoon|evening"
    r"|night|noon|midday|midnight|tonight|today|tomorrow|weekend|quarter|days?|hours?|minutes|o'clock|am|pm|second|last"
    r"|half)(?![a-z])|\d[\d.:]*(?:ish)?"
)
_ZH = r"星期|礼拜|[周月号半]|天(?!期)|上午|下午|早上|晚上|中午|凌晨|明天|今天|小时|分钟"
_BETWEEN = r"(?:[\s,，、的]|(?<![a-z])(?:on|at|in|by|the|of|a|an|for|is|be|or)(?![a-z])|在|于|就)*"
_BEFORE = re.compile(f"({_EN}|{_ZH}){_BETWEEN}$")
_AFTER = re.compile(f"{_BETWEEN}({_EN}|{_ZH})")
_FAR = 30
"""Characters before a time that are looked at."""


def left_over(text: str, used: Iterable[tuple[int, int]], known: Iterable[tuple[int, int]]) -> bool:
    """Whether beside the places `used` of a folded text a word of time stands that is in none of the `known` places."""
    seen = {place for start, end in known for place in range(start, end)}
    for start, end in used:
        first = max(0, start - _FAR)
        for found, offset in ((_BEFORE.search(text[first:start]), first), (_AFTER.match(text[end:]), end)):
            # (12 says nothing beside noon and midnight)
            if found and found[1] != "12" and not any(place + offset in seen for place in range(*found.span(1))):
                return True
    return False
