"""What do the characters of a time expression mean, whatever their width, script, case or spelling, and where did they stand?

The folded text keeps, for each of its characters, the place in the original, so that what was read can be cut out of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import opencc
from rapidfuzz.distance import OSA

from bot.followups.times_shorthand import NUMBERED, SHORTHAND, in_full

LONGEST = 2_000
"""Characters that are read; nobody puts the time after a page of text."""
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_PLAIN = {
    "’": "'",
    "‘": "'",
    "`": "'",
    "´": "'",
    "“": '"',
    "”": '"',
    "—": "-",
    "–": "-",
    "−": "-",
    "〜": "-",
    "～": "-",
    "〇": "零",
}
_OPAQUE = re.compile(rf"(?:https?://|www\.)\S+|[^\s@]{{1,64}}@[^\s@]{{2,255}}|\+?\d[\d\- ]{{9,}}\d(?![\d:])|{NUMBERED}")
"""Links, mail addresses, telephone and order numbers: digits in them are no times."""
_DATELIKE = re.compile(r"(?:19|20)\d\d\s?[-.]\s?\d\d?\s?[-.]\s?\d\d?\b")
_WORD = re.compile(r"[a-z]{5,}")
_KNOWN = [
    "tomorrow",
    "today",
    "tonight",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "august",
    "september",
    "october",
    "november",
    "december",
    "quarter",
    "holiday",
    "christmas",
    "thanksgiving",
    "morning",
    "afternoon",
    "evening",
    "midnight",
    "fortnight",
    "weekend",
    "minutes",
    "hours",
    "weeks",
    "night",
    "working",
    "business",
]
_CORRECT = frozenset(
    [
        "sundry",
        "mourning",
        "warning",
        "opening",
        "toddy",
        "toady",
        "worrying",
        "marking",
        "working",
        "business",
        "busyness",
        "minute",
        "minuter",
        "mornings",
        "sundays",
        "mondays",
        "fridays",
        "evenings",
        "sunny",
        "sundae",
        "tuesdays",
        "thursdays",
        "wednesdays",
        "saturdays",
        "fortnights",
        "weekends",
        "weekday",
        "weekdays",
        "weekender",
        "borrow",
        "mondale",
        "toda",
        "corking",
        "lorking",
        "octobers",
        "todays",
        "tonights",
        "leaning",
        "lending",
        "evenly",
        "awakening",
        "morningside",
        "moaning",
        "leveling",
        "quartet",
        "quarters",
        "quarterly",
        "holidays",
        "holyday",
        "midnights",
        "afternoons",
        "businesses",
        "minuted",
        "minutely",
        "boarding",
    ]
)
"""Real words that are one slip away from one of ours."""
_BONES = re.compile(r"to?m+[aou]*r+[aou]*w+")
"""However tomorrow is shortened: tmrw, tmmrw, tomrw."""
_SHORT = {
    "tmr": "tomorrow", "tomoz": "tomorrow", "tomos": "tomorrow", "abt": "about", "tmrw": "tomorrow", "tmw": "tomorrow", "tomo": "tomorrow", "tom": "tom", "2moro": "tomorrow",
    "2morrow": "tomorrow", "2mrw": "tomorrow", "2nite": "tonight", "nite": "night", "fortnite": "fortnight", "tonite": "tonight", "nxt": "next", "nex": "next",
    "wensday": "wednesday", "wendsday": "wednesday", "weds": "wed", "thurday": "thursday", "frday": "friday", "mrng": "morning",
    "morn": "morning", "aft": "afternoon", "arvo": "afternoon", "eve": "eve", "wknd": "weekend", "mins": "minutes", "2day": "today",
    "overmorrow": "day after tomorrow",
}  # fmt: skip
_HESITATION = re.compile(r"[\s,]*(?<![a-z])(?:u+m+(?! \d)|u+h+|e+r+m*|h+m+|you know)(?![a-z'])[\s,.]*|[,，、\s]*[嗯呃][,，、\s]*")
"""What is said while thinking; dictation writes it down."""
_TWICE = re.compile(r"(?<=[a-z]) \(\d{1,3}\)(?= [a-z])")
"""Seven (7) days: the number again, as contracts write it."""
_SHORT_WORD = re.compile(r"(?<![a-z0-9])(?:" + "|".join(sorted(_SHORT, key=len, reverse=True)) + r")(?![a-z0-9])")
_ZH_SLIPS = {
    "俩月": "两个月", "仨月": "三个月", "仨小时": "三个小时", "仨星期": "三个星期", "名天": "明天", "明添": "明天", "后田": "后天", "下五点": "下午点", "上五": "上午", "下五": "下午", "下舞": "下午", "早尚": "早上", "晚尚": "晚上",
    "星其": "星期", "星斯": "星期", "礼败": "礼拜", "下各": "下个", "中舞": "中午", "工做日": "工作日", "小是后": "小时后", "分中": "分钟",
    "北京十间": "北京时间", "对方十间": "对方时间",
}  # fmt: skip
_ZH_SLIP = re.compile("|".join(sorted(_ZH_SLIPS, key=len, reverse=True)))

_LONGEST_GAP = 8  # marks and blanks in a row; the rest of a run is left out, since patterns take long over it
_LUNAR_HOUR = re.compile(r"(?<!月)初[一二三四五六七八九十](?=[一二两三四五六七八九十]{1,3}点)")
"""初八十点 is ten o'clock on the eighth, not an eightieth."""


@dataclass(frozen=True)
class Folded:
    """The text to read, and for each character where it began and ended in the original."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original of a stretch of the folded text; (0, 0) of nothing."""
        if start >= end:
            return (0, 0)
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """Lower case, half width, simplified, common slips of spelling mended; links, addresses and telephone numbers blanked."""
    chars: list[str] = []
    starts: list[int] = []
    ends, gap = list[int](), 0
    for at, char in enumerate(text[:LONGEST]):
        if char not in "\n\r\t" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Mn"):
            continue
        for piece in _PLAIN.get(char) or unicodedata.normalize("NFKC", _PLAIN.get(char, char)).casefold():
            plain = _PLAIN.get(piece, "\n" if piece in "\n\r\u2028\u2029" else " " if piece.isspace() else piece)
            if (gap := 0 if plain.isalnum() else gap + 1) > _LONGEST_GAP:
                continue
            chars.append(plain)
            starts.append(at)
            ends.append(at + 1)
    folded = Folded(_simplified("".join(chars)), tuple(starts), tuple(ends))
    blank = _OPAQUE.sub(lambda m: m.group() if _DATELIKE.search(m.group()) else "#" * len(m.group()), folded.text)
    folded = Folded(blank, folded.starts, folded.ends)
    folded = _replaced(_replaced(folded, _HESITATION, lambda _: " "), _TWICE, lambda _: " ")
    folded = _replaced(folded, _SHORT_WORD, lambda word: _SHORT[word])
    folded = _replaced(folded, _WORD, _mended)
    folded = _replaced(folded, SHORTHAND, in_full)
    folded = _replaced(folded, _LUNAR_HOUR, lambda day: day + " ")
    return _replaced(folded, _ZH_SLIP, lambda word: _ZH_SLIPS[word])


@cache
def _mended(word: str) -> str:
    """The known word that was meant, when only one is a slip away (two slips in long words); else the word."""
    if word in _CORRECT or word in _KNOWN:
        return word
    if _BONES.fullmatch(word):
        return "tomorrow"
    near: list[tuple[int, str]] = []
    for known in _KNOWN:
        allowed = 2 if len(known) >= 8 and len(word) >= 7 else 1
        if word[0] == known[0] and word != known + "s":
            distance = OSA.distance(word, known, score_cutoff=allowed)
            if distance <= allowed:
                near.append((distance, known))
    near.sort()
    return near[0][1] if near and (len(near) == 1 or near[0][0] < near[1][0]) else word


def _replaced(folded: Folded, pattern: re.Pattern[str], by: Callable[[str], str]) -> Folded:
    """The folded text with each match replaced; every character of a replacement stands for the whole match."""
    text, starts, ends, last = "", list[int](), list[int](), 0
    for match in pattern.finditer(folded.text):
        word = by(match.group())
        if word == match.group():
            continue
        a, b = match.span()
        text += folded.text[last:a] + word
        starts += [*folded.starts[last:a], *([folded.starts[a]] * len(word))]
        ends += [*folded.ends[last:a], *([folded.ends[b - 1]] * len(word))]
        last = b
    if not last:
        return folded
    return Folded(text + folded.text[last:], (*starts, *folded.starts[last:]), (*ends, *folded.ends[last:]))


def _simplified(text: str) -> str:
    """Traditional characters as simplified, one for one."""
    if not _HAN.search(text):
        return text
    whole = str(_converter().convert(text))
    if len(whole) == len(text):
        return whole
    single = (str(_converter().convert(char)) for char in text)
    return "".join(new if len(new) == 1 else old for old, new in zip(text, single, strict=True))


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
