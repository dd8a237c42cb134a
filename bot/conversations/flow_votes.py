"""Which value do the words of an answer speak for, where no pattern stands in it? Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from bot.conversations.flow_book import Tree, book, meant_tokens, patterns, tree_of
from bot.conversations.flow_words import BREAK, NEGATIONS
from knowledge.flow_phrases import Part, parse
from knowledge.flow_schema import Flow

_VOTES, _LEAD = 1.0, 2.5
"""So many votes a value needs where no pattern stands, and so many times those of the next."""
_HEARD = 4
"""One letter in so many must belong to words that vote: of a long sentence one word says little."""


def vote(flow: Flow, fact_id: str, text: str) -> str | None:
    """The value that the words speak for where no pattern stands: each word votes for the values whose patterns use it.

    Patterns with a negation vote where the text has one, the others where it has none; the negation itself, which is in any
    refusal to answer, has no vote. None unless a value is well ahead.
    """
    found = meant_tokens(text, book(flow))
    ballots = _ballots(flow)[fact_id, any(word in NEGATIONS for word in found)]
    voters = [word for word in {*found, *_pairs(found)} if word in ballots and word not in NEGATIONS]
    score: dict[str, float] = {}
    for word in voters:
        for value, share in ballots[word].items():
            score[value] = score.get(value, 0.0) + share
    if _HEARD * sum(map(len, voters)) < sum(len(word) for word in found if word != BREAK):
        return None
    ranked = sorted(score.items(), key=lambda item: -item[1])
    if not ranked or ranked[0][1] < _VOTES or (len(ranked) > 1 and ranked[0][1] < _LEAD * ranked[1][1]):
        return None
    return ranked[0][0]


@lru_cache(maxsize=64)
def _ballots(flow: Flow) -> dict[tuple[str, bool], dict[str, dict[str, float]]]:
    """By fact, negation and word: how far the word speaks for each value (all of it when only that value uses it)."""
    found: dict[tuple[str, bool], dict[str, dict[str, float]]] = {}
    for fact, denied in ((fact, denied) for fact in flow.facts for denied in (False, True)):
        used: dict[str, dict[str, int]] = {}
        for value in fact.values:
            for pattern, clear in patterns(value):
                tree = tree_of(parse(pattern) if clear is not None else (Part(pattern),))
                words = {word for literal in _literals(tree) for word in (*literal, *_pairs(literal))}
                for word in words if denied == any(word in NEGATIONS for word in words) else ():
                    used.setdefault(word, {}).setdefault(value.id, 0)
                    used[word][value.id] += 1
        common = max(2, len(fact.values) - 1)
        found[fact.id, denied] = {
            word: {value: count / sum(values.values()) for value, count in values.items()}
            for word, values in used.items()
            if len(values) < common and (len(word) > 3 or (not word.isascii() and len(word) > 1) or word in NEGATIONS)
        }
    return found


def _pairs(found: tuple[str, ...]) -> list[str]:
    """Neighbouring Chinese characters: what a word is where there are no spaces."""
    return [a + b for a, b in pairwise(found) if not a.isascii() and not b.isascii()]


def _literals(tree: Tree) -> Iterator[tuple[str, ...]]:
    for piece in tree:
        if piece.found:
            yield piece.found
        for way in piece.ways:
            yield from _literals(way)
