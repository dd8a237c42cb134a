"""Which known word did they mean? Repairs typing slips in Latin words and leaves everything else alone.

Edit distance is right for this and for nothing more: it does not understand anybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
SHORTEST_REPAIRED = 4
"""Shorter words have too many neighbours."""
SHORTEST_WITH_TWO_SLIPS = 8
MOST_UNKNOWN = 60
"""Unknown words of one text that are looked at: each costs up to 0.2 ms, and a text with more is in no language of ours."""


class Speller:
    """Repairs words against the vocabulary of the phrasings.

    `is_word` tells words of the language that are none of ours, so that a correct word is never "repaired".
    """

    def __init__(self, vocabulary: Iterable[str], is_word: Callable[[str], bool] = lambda word: False) -> None:
        self._known = frozenset(vocabulary)
        self._is_word = is_word
        self._by_length: dict[int, list[str]] = {}
        for word in sorted(self._known):
            if len(word) >= SHORTEST_REPAIRED and word.isalpha():
                self._by_length.setdefault(len(word), []).append(word)

    def repair(self, text: str) -> str:
        """The normalised text with unknown words replaced by the closest known one, if there is a close one."""
        left = MOST_UNKNOWN

        def repaired(match: re.Match[str]) -> str:
            nonlocal left
            word = match.group()
            if not left or len(word) < SHORTEST_REPAIRED or "'" in word or word in self._known or self._is_word(word):
                return word
            left -= 1
            return self._closest(word)

        return _WORD.sub(repaired, text)

    def _closest(self, word: str) -> str:
        allowed = 2 if len(word) >= SHORTEST_WITH_TWO_SLIPS else 1
        near = [w for n in range(len(word) - allowed, len(word) + allowed + 1) for w in self._by_length.get(n, ())]
        found = process.extract(word, near, scorer=OSA.distance, score_cutoff=allowed, limit=2)
        if not found:
            return word
        best, distance, _ = found[0]
        if len(found) > 1 and found[1][1] == distance and best[0] != word[0] and found[1][0][0] == word[0]:
            best = found[1][0]  # of two as close, people get the first letter right
        return best
