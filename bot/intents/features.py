"""Which traits of an utterance say what it is about? Words, pieces of words, and the sentence's meaning.

Words and character n-grams are weighted by how rare they are (TF-IDF), Chinese by characters, pairs and triples;
the sentence encoder's vector stands beside them. The same code makes the traits for training and for answering.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_TOKEN = re.compile(r"[a-z0-9à-ɏ]+(?:'[a-z]+)?|[\u3400-\u9fff]|\S")
_LATIN = re.compile(r"[a-z0-9à-ɏ]")
SHORTEST_GRAM, LONGEST_GRAM = 3, 5
"""Pairs of letters are three quarters of all that would be counted and tell nothing more (measured 2026-11-22)."""

Floats = npt.NDArray[np.float32]


def words(text: str) -> Iterator[str]:
    """Words and pairs of words; for Chinese characters, pairs and triples of characters."""
    tokens = _TOKEN.findall(text)
    for number, token in enumerate(tokens):
        yield token
        if number:
            yield f"{tokens[number - 1]} {token}"
        if number > 1 and not _LATIN.match(token) and not _LATIN.match(tokens[number - 2]):
            yield f"{tokens[number - 2]} {tokens[number - 1]} {token}"


def grams(text: str) -> Iterator[str]:
    """Character n-grams within each Latin word, its borders marked: they survive a typing slip."""
    for word in re.findall(r"[a-z0-9à-ɏ']+", text):
        marked = f" {word} "
        for length in range(SHORTEST_GRAM, LONGEST_GRAM + 1):
            yield from [marked[start : start + length] for start in range(len(marked) - length + 1)]


@dataclass(frozen=True)
class Vocabulary:
    """Known terms of one kind with their rarity; unknown ones do not count."""

    kind: str
    index: dict[str, int]
    rarity: Floats

    @classmethod
    def learn(cls, kind: str, texts: Sequence[str], fewest: int) -> Vocabulary:
        """The terms that stand in at least `fewest` of the texts, with their inverse document frequency."""
        counts = Counter(term for text in texts for term in set(_terms(kind, text)))
        kept = sorted(term for term, count in counts.items() if count >= fewest)
        rarity = [math.log((1 + len(texts)) / (1 + counts[term])) + 1 for term in kept]
        return cls(kind, {term: number for number, term in enumerate(kept)}, np.array(rarity, dtype=np.float32))

    def weigh(self, text: str) -> tuple[npt.NDArray[np.int32], Floats]:
        """(positions, weights) of the known terms of a text; the weights have length one."""
        counts = Counter(map(self.index.get, _terms(self.kind, text)))
        counts.pop(None, None)  # what is unknown
        positions = np.fromiter(counts.keys(), dtype=np.int32, count=len(counts))
        weights = (1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))) * self.rarity[positions]
        length = float(np.sqrt(np.dot(weights, weights)))
        return positions, weights / length if length else weights


def _terms(kind: str, text: str) -> Iterator[str]:
    return words(text) if kind == "words" else grams(text)
