"""What is one piece of time in a text, and with which building blocks are such pieces described?

An atom says what was written ("next Friday", "3 o'clock"), not when that is: it knows neither now nor a zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from bot.followups import times_en as en
from bot.followups import times_zh as zh

Kind = Literal[
    "moment", "day", "weekday", "date", "slash", "dom", "month", "period", "nth", "isoweek", "clock", "part", "span", "feast", "shift", "vague"
]  # fmt: skip
Match = re.Match[str]
Build = Callable[[Match], "Atom | None"]


@dataclass(frozen=True)
class Atom:
    """One piece of time and its place; what a, b, c, name and side mean depends on the kind.

    moment: name is ISO with offset. day: a days from today, name a part of the day. weekday: a from Monday 0, name this,
    next, after-next, last, coming or empty. date: year a (0: none), month b, day c, name next-year. slash: the same with day
    and month undecided. dom: day c. month: year a, month b, side start, mid, end. period: name week, month, quarter, year,
    weekend, a from the current one, side start, mid, end. nth: a-th (-1 last) weekday b (7: working day, 8: day, 9: week). isoweek: a.
    clock: hour a, minute b, name am, pm, 24 (as written), midnight or empty (either half of the day). part: name, side today.
    span: a minutes, days, months or workdays by name, side in (c 3: ahead), ago, before, after, bare. feast: name, side before, after, on,
    a-th working day; lunar: day c of the first month, or with b 12 of the last. shift: a days (side months or workdays: those) from another time, name a part of the day. vague: name.
    """

    kind: Kind
    start: int
    end: int
    a: float = 0
    b: int = 0
    c: int = 0
    name: str = ""
    side: str = ""

    @property
    def n(self) -> int:
        """`a` as a whole number."""
        return int(self.a)


def words(table: Iterable[str]) -> str:
    """The words of a table as alternatives of a regular expression, longest first."""
    return "|".join(sorted((re.escape(word) for word in table), key=len, reverse=True))


class Rule:
    """A rule of the lexer: what matches becomes the atom, unless `build` declines.

    Compiled when it is first used: all together they take half a second, which no start should wait for.
    """

    def __init__(self, pattern: str, build: Build) -> None:
        self._pattern = pattern
        self.build = build

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The regular expression."""
        return re.compile(self._pattern)


def amount(text: str) -> float | None:
    """The number that digits or words of either language say."""
    return en.NUMBERS[text] if text in en.NUMBERS else zh.number(text)


def modifier(word: str | None) -> str:
    """Which week or month is meant: this, next, after-next, last, coming, or empty when nothing is said."""
    word = (word or "").strip()
    if word.endswith(("after next", "after that")) or word.startswith("下下"):
        return "after-next"
    if word in ("next", "following") or word.startswith("下"):
        return "next"
    if word in ("last", "past") or word.startswith("上"):
        return "last"
    return "coming" if "coming" in word else "this" if word else ""


SHIFT = {"next": 1, "after-next": 2, "last": -1}
B = r"(?<![a-z0-9.])"
E = r"(?![a-z0-9])"
"""Edges of a word; Chinese characters may stand right beside one."""
WD_EN = words(en.WEEKDAYS)
WD = rf"(?:{B}(?:{WD_EN}){E}|{zh.WEEKDAY})"
MON = words(en.MONTHS)
ORD = words(en.ORDINALS)
NUM = rf"(?:\d{{1,8}}(?:\.\d{{1,3}})?|{words(en.NUMBERS)})"
ZN = zh.NUMBER
HN = r"(?:(?<![周期拜一二三四五六七八九十百\d.])|(?<=/\d\d))(?:二十[一二三四]?|十[一二三四五六七八九]?|[零一二两俩三四五六七八九])|(?<![周期拜一二三四五六七八九十百\d.])[0-2]?\d|(?<=[周期拜][一二三四五六日天])(?:二十[一二三四]?|十[一二三四五六七八九]?|[零一二两俩三四五六七八九]|[0-2]?\d)"
"""An hour in Chinese; in 周二十点 the 二 is the weekday's."""
HOUR_WORDS = words(
    word
    for word, n in en.NUMBERS.items()
    if 1 <= n <= 12 and word.isalpha() and len(word) > 2 and word not in ("couple", "another")
)
HOUR = rf"(?:2[0-3]|1\d|0?\d|{HOUR_WORDS})"
MOD_EN = r"(?:this coming|this|coming|next|following|last|past)"
MOD_ZH = r"(?:下下个?|下个?|这个?|本|上上个?|上个?)"
FOLLOW = [
    "to",
    "about",
    "for",
    "and",
    "on",
    "in",
    "at",
    "or",
    "please",
    "pls",
    "if",
    "my",
    "our",
    "their",
    "his",
    "her",
    "your",
    "remind",
    "ping",
    "nudge",
    "call",
    "text",
    "email",
    "tell",
    "we",
    "i",
    "he",
    "she",
    "they",
    "it",
    "by",
    "the",
    "sharp",
    "so",
    "because",
    "with",
    "that",
    "when",
    "not",
    "then",
    "tomorrow",
    "today",
    "tonight",
    "this",
    "next",
    "ask",
    "check",
    "chase",
    "follow",
    "of",
    "latest",
    "ish",
    "instead",
    "after",
    "before",
    "is",
    "would",
    "should",
    "will",
    "works",
    "between",
    "there",
    "here",
    "noon",
    "midday",
    "end of",
    "early",
    "first thing",
    "from",
    "around",
    "until",
    "morning",
    "afternoon",
    "evening",
    "night",
    "cet",
    "utc",
    "gmt",
    "est",
    "jst",
    "beijing",
    "china",
    "shanghai",
    "hk",
]
NOT_NOUN = rf"(?=\s*(?:$|[,.;:!?()\n，。\u4e00-\u9fff@#]|\d\d?(?::\d\d|\.\d\d(?!\d)|\s?[ap]\.?m(?![a-z])| o'?clock)|-(?!\w)|20\d\d[-/.]|(?:{words(FOLLOW)}|{WD_EN})(?![a-z])))"
"""What may follow a number that is a time or a date and not an amount of things."""


def weekday(word: str) -> int | None:
    """The weekday a word names, Monday 0; None for 周末."""
    return en.WEEKDAYS[word] if word in en.WEEKDAYS else zh.WEEKDAYS.get(word[-1])
