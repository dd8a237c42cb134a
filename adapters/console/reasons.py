"""Why not, in the reader's language? The house gives its reasons in English; here they are in Chinese, sentence by sentence.

A test holds the list against the sources that refuse. What is not in it is shown as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache

from adapters.console.words_many import WORDS
from adapters.console.words_reasons import PAIRS
from bot.messages import Lang

CODES = {"Unreachable": "cannot be reached (left, or blocked)", "Rejected": "the platform refuses the content"}
"""What deliveries keep as the name of an error."""
INSIDE = {
    "the layer": "补充内容",
    **{name: both["zh"] for name, both in WORDS.items() if name.startswith("st_")},
}
FRAGMENTS = (
    (" opted out", " 人已退订"),
    (" not reached by any channel", " 人没有渠道可达"),
    (" off", " 人休假"),
    (" too late", " 人已过时间"),
)
"""Of what is put into a sentence: names of states, and who is left out."""


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile("(.*?)".join(map(re.escape, en.split("{}"))), re.DOTALL), zh) for en, zh in PAIRS]


def translated(reason: str) -> str | None:
    """A reason in Chinese; None when it is not in the list."""
    for pattern, zh in _patterns():
        if found := pattern.fullmatch(reason):
            return zh.format(*map(_inside, found.groups()))
    place, colon, rest = reason.partition(": ")
    known = translated(rest) if colon and re.fullmatch(r"[\w.\-*]+", place, re.ASCII) else None
    return f"{place}：{known}" if known else None


def _inside(words: str) -> str:
    if known := INSIDE.get(words) or INSIDE.get(f"st_{words}"):
        return known
    if re.match(r"\d+ (opted|not reached|off|too late)", words):
        for en, zh in FRAGMENTS:
            words = words.replace(en, zh)
        return words.replace(", ", "，")
    return words


def said(reason: str, lang: Lang) -> str:
    """A reason for a reader of this language."""
    reason = CODES.get(reason, reason)
    if lang == "zh" and (known := translated(reason)):
        return known
    return reason[:1].upper() + reason[1:]


def lang_of(reason: str, lang: Lang) -> Lang:
    """The language in which `said` says it: English where it is not in the list."""
    return "zh" if lang == "zh" and translated(CODES.get(reason, reason)) else "en"
