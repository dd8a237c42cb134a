"""Which Chinese words did they spell in Latin letters? 「dui fang yao du jia dai li」 becomes 对方要独家代理.

A small input method whose only vocabulary is the phrasings: runs of one to four characters with their sound, how often
they stand there, and the likeliest way to cut the letters into such runs. What cannot be cut is left as typed.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

LONGEST_RUN = 4
"""Characters of one entry."""
FEWEST = 2
"""Times that a run of several characters stands in the phrasings to be an entry."""
LEAST_CHARACTERS = 4
LEAST_SHARE = 0.7
"""Of the Latin words of a text that must be sounds: an English sentence has `me`, `can` and `women`, but not only these."""
LEAST_TOGETHER = 0.5
"""Of the characters found that must come from runs of two and more: single ones are guesses."""
_TOKEN = re.compile(r"[a-zü']+")
_HAN = re.compile(r"[\u3400-\u9fff]+")
Sounds = Mapping[str, tuple[str, float, Sequence[int]]]
"""Letters → (the characters most often meant, the logarithm of their share, after which letters a syllable ends)."""


def learn(texts: Iterable[str]) -> Sounds:
    """The sounds of the Chinese in these texts. Needs pypinyin, which only building loads."""
    from pypinyin import lazy_pinyin

    counts: Counter[tuple[tuple[str, ...], str]] = Counter()
    total = 0
    for run in (run for text in texts for run in _HAN.findall(text)):
        syllables = lazy_pinyin(run)
        if len(syllables) != len(run):
            continue
        total += len(run)
        for start in range(len(run)):
            for end in range(start + 1, min(start + LONGEST_RUN, len(run)) + 1):
                counts[tuple(syllables[start:end]), run[start:end]] += 1
    found: dict[str, tuple[str, float, Sequence[int]]] = {}
    for (syllables, run), count in sorted(counts.items(), key=lambda entry: (entry[1], entry[0])):
        if len(run) == 1 or count >= FEWEST:  # of those that sound alike the most frequent one stays
            ends = tuple(sum(map(len, syllables[:n])) for n in range(1, len(syllables) + 1))
            found["".join(syllables)] = (run, round(math.log(count / total), 3), ends)
    return found


class Pinyin:
    """Reads Chinese typed as its sounds; read only after it is made."""

    def __init__(self, sounds: Sounds) -> None:
        self._sounds = sounds
        self._lengths = sorted({len(letters) for letters in sounds})
        self._last = frozenset(letters[-1] for letters in sounds)

    def read(self, text: str) -> str | None:
        """The normalised text with its sounds as characters; None when it is not written so."""
        tokens = list(_TOKEN.finditer(text))
        words = [match.group().replace("'", "").replace("ü", "v") for match in tokens]
        sounds, missed = list[bool](), 0
        for word in words:
            sounds.append(word[-1:] in self._last and self._cut([word]) is not None)
            missed += not sounds[-1]
            if missed > (1 - LEAST_SHARE) * len(tokens):
                return None
        if len(tokens) < 2:
            return None
        read, runs, at, number = "", list[str](), 0, 0
        while number < len(tokens):
            end = number + 1
            # words with nothing but spaces between them are cut together: 「du jia」 is one
            while (
                sounds[number]
                and end < len(tokens)
                and sounds[end]
                and not text[tokens[end - 1].end() : tokens[end].start()].strip()
            ):
                end += 1
            cut = (self._cut(words[number:end]) or []) if sounds[number] else [tokens[number].group()]
            runs += cut if sounds[number] else []
            read += text[at : tokens[number].start()] + "".join(cut)
            at, number = tokens[end - 1].end(), end
        characters = sum(map(len, runs))
        if characters < LEAST_CHARACTERS or sum(len(run) for run in runs if len(run) > 1) < LEAST_TOGETHER * characters:
            return None
        return read + text[at:]

    def _cut(self, words: Sequence[str]) -> list[str] | None:
        """The likeliest runs that these words spell, no syllable going over the end of a word; None when there are none."""
        letters = "".join(words)
        borders = {sum(map(len, words[:n])) for n in range(1, len(words))}
        best: dict[int, tuple[float, int, str]] = {0: (0.0, 0, "")}
        for start in range(len(letters)):
            if start not in best:
                continue
            for length in self._lengths:
                run, score, ends = self._sounds.get(letters[start : start + length], ("", 0.0, ()))
                if (
                    not run
                    or start + length > len(letters)
                    or any(border - start not in ends for border in borders if start < border < start + length)
                ):
                    continue
                score += best[start][0]
                if start + length not in best or score > best[start + length][0]:
                    best[start + length] = (score, start, run)
        found, at = list[str](), len(letters)
        while at:
            if at not in best:
                return None
            _, at, run = best[at]
            found.append(run)
        return found[::-1]
