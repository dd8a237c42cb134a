"""Chinese typed in Latin letters: which of the Chinese phrasings does it sound like? Pure.

"duifang yao dujia daili zenmeban" is read as the phrasing that sounds most like it, when one does. Tones, spaces and
apostrophes do not count. English passes by: nearly none of it splits into syllables, and what does sounds like no phrasing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import fuzz, process

FEWEST_SYLLABLES = 3
LONGEST = 200
"""Characters: what is longer is no quick question in Latin letters."""
ALIKE = 78.0
"""Percent, of letters in order, from which on it sounds like a phrasing."""
_LONGEST_SYLLABLE = 6
_TONES = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü", "aaaaeeeeiiiioooouuuuvvvvv")


def spelt(text: str) -> list[str]:
    """The syllables of a Chinese text, without tones; all else is left out."""
    from pypinyin import lazy_pinyin

    return [str(syllable) for syllable in lazy_pinyin(text, errors="ignore", v_to_u=False)]


class Sounds:
    """Phrasings by their sound; read only after it is made."""

    def __init__(self, phrasings: Iterable[tuple[str, list[str]]]) -> None:
        """`phrasings`: Chinese texts with their syllables."""
        known = list(phrasings)
        self._texts = [text for text, _ in known]
        self._sounds = ["".join(syllables) for _, syllables in known]
        self._syllables = frozenset(syllable for _, syllables in known for syllable in syllables)

    def meant(self, text: str) -> str | None:
        """The Chinese phrasing that a text in Latin letters sounds like; None when it is something else."""
        typed = re.sub(r"[\s'’,.!?，。？！-]+", " ", text.casefold().translate(_TONES)).strip()
        typed = re.sub(r"([a-z])[1-5]\b", r"\1", typed)
        if not 0 < len(typed) <= LONGEST or not re.fullmatch(r"[a-z ]+", typed):
            return None
        parts = [self._split(word) for word in typed.split()]
        if None in parts or sum(len(part) for part in parts if part) < FEWEST_SYLLABLES:
            return None
        found = process.extractOne(typed.replace(" ", ""), self._sounds, scorer=fuzz.ratio, score_cutoff=ALIKE)
        return self._texts[found[2]] if found else None

    def _split(self, word: str) -> list[str] | None:
        """A word as syllables that occur in the phrasings; None when it is none."""
        ways: list[list[str] | None] = [[]]
        for end in range(1, len(word) + 1):
            way = next(
                (
                    [*before, word[start:end]]
                    for start in range(max(0, end - _LONGEST_SYLLABLE), end)
                    if (before := ways[start]) is not None and word[start:end] in self._syllables
                ),
                None,
            )
            ways.append(way)
        return ways[-1]
