"""What did they type, without what only looks different? Width, case, scripts, invisible characters.

The result is for matching, never for showing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import opencc

from bot.messages import Lang

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏ]{2,}")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "—": " ", "–": "-"})
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn")
_JOINED = r"[^\s@\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"
"""What a link or mail address is made of: a Chinese sentence around it, written without spaces, is not part of it."""
LONGEST_READ = 400
"""Characters of a text that are understood, a Chinese one counting twice: bounds the time (20 ms of CPU, 10 more with MiniLM)."""
_ADDRESS = re.compile(rf"(?:https?://|www\.){_JOINED}+|{_JOINED}{{1,64}}@{_JOINED}{{1,255}}")
"""Bounded before the @, so that the time stays linear in the length of a text without one."""


def normalise(text: str) -> str:
    """Lower case, half width, simplified, single spaces; control, zero-width and direction characters gone.

    Links and mail addresses become one word each: what they are counts, not where they lead.
    """
    if not text.isprintable():  # nearly all are, and going through them takes a millisecond for a long one
        text = "".join(c if unicodedata.category(c) not in _INVISIBLE else (" " if c in "\n\r\t\u2028" else "") for c in text)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(_QUOTES)
    folded = _ADDRESS.sub(" webpage ", folded)  # after folding: it may be written in capitals or full width
    if _HAN.search(folded):
        folded = _converter().convert(folded)
    return " ".join(folded.split())


def gist(text: str) -> str:
    """What is read of a normalised text: all of it, or the beginning and the end, where a long story puts its question."""
    if len(text) + len(_HAN.findall(text[: LONGEST_READ + 1])) <= LONGEST_READ:
        return text
    last = LONGEST_READ // 3
    return f"{_so_much(text, LONGEST_READ - last)} {_so_much(text[: -LONGEST_READ - 1 : -1], last)[::-1]}"


def _so_much(text: str, most: int) -> str:
    spent = 0
    for place, character in enumerate(text):
        spent += 2 if _HAN.match(character) else 1
        if spent > most:
            return text[:place]
    return text


def language(text: str) -> Lang | None:
    """The language of a message: Chinese when its Chinese characters outweigh its Latin words; None without either.

    A Chinese character carries about half a word, so two of them weigh as much as one Latin word.
    """
    han = len(_HAN.findall(text))
    words = len(_LATIN_WORD.findall(text))
    if not han and not words:
        return None
    return "zh" if han >= 2 * words and han > 0 else "en"


def has_words(text: str) -> bool:
    """Whether anything in it can be read: a letter or a character of any script."""
    return any(c.isalpha() for c in text)


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
