"""What patterns does a flow have, and which of them may stand in a text? Worked out once for each flow. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.conversations.flow_words import BREAK, LONGEST, folded_tokens, tokens
from bot.intents.normalise import normalise
from knowledge.flow_phrases import Part, parse, phrases
from knowledge.flow_schema import Flow, Value

Tree = tuple["Piece", ...]
WEAK = 100
"""Written words that mark a match as weak: it counts only as an answer to the question."""


@dataclass(frozen=True)
class Piece:
    """A piece of a pattern in tokens; `words` says from how many written words they come."""

    found: tuple[str, ...] = ()
    words: int = 0
    ways: tuple[Tree, ...] = ()
    may_go: bool = False


@dataclass(frozen=True)
class Book:
    """All patterns of a flow by their first token, its long words and those of each fact, its lists, its short plain phrases."""

    by_first: dict[str, list[tuple[Tree, str, str, bool]]]
    words: tuple[str, ...]
    used: dict[str, frozenset[str]]
    listed: list[tuple[tuple[str, ...], str]]
    plain: dict[str, list[tuple[str, str]]]


@lru_cache(maxsize=64)
def book(flow: Flow) -> Book:
    """The patterns of a flow, ready for matching; worked out once."""
    listed = [
        (tokens(phrase), f"<{name}>")
        for name, ways in flow.lists.items()
        for pattern in (*ways.en, *ways.zh)
        for phrase in phrases(parse(pattern), 500)
    ]
    by_first: dict[str, list[tuple[Tree, str, str, bool]]] = {}
    plain: dict[str, list[tuple[str, str]]] = {}
    words: set[str] = {word for found, _ in listed for word in found}
    used: dict[str, frozenset[str]] = {}
    for fact in flow.facts:
        mine: set[str] = set()
        for value in fact.values:
            for pattern, clear in patterns(value):
                tree = tree_of(parse(pattern) if clear is not None else (Part(pattern),))
                mine |= set(_words(tree))
                for first in _firsts(tree)[0]:
                    by_first.setdefault(first, []).append((tree, fact.id, value.id, bool(clear)))
            rows = [*value.reply.en, *value.reply.zh, *value.say.en, *value.say.zh]
            texts = [text for row in rows for text in phrases(parse(row), 8)] + [value.label.en, value.label.zh]
            plain.setdefault(fact.id, []).extend((joined(tokens(text)), value.id) for text in texts)
        used[fact.id] = frozenset(mine)
        words |= mine
    listed.sort(key=lambda row: -len(row[0]))
    return Book(by_first, tuple(sorted(w for w in words if len(w) > 3 and w.isascii())), used, listed, plain)


def meant_tokens(text: str, known: Book) -> tuple[str, ...]:
    """The tokens of a text, misspellings mended and list words replaced by their list."""
    return _with_lists(_repaired(tokens(text[:LONGEST]), known), known)


def joined(found: tuple[str, ...]) -> str:
    """Tokens as one text, for comparing with another."""
    return " ".join(token for token in found if token != BREAK)


def patterns(value: Value) -> Iterator[tuple[str, bool | None]]:
    """Its patterns, and whether each is clear wherever it is said; None marks a label, which is no pattern."""
    yield from ((normalise(pattern), True) for pattern in (*value.say.en, *value.say.zh))
    yield from ((normalise(pattern), False) for pattern in (*value.reply.en, *value.reply.zh))
    yield from ((normalise(label), None) for label in (value.label.en, value.label.zh))


def tree_of(parts: tuple[Part, ...]) -> Tree:
    """A pattern in tokens."""
    pieces: list[Piece] = []
    for part in parts:
        if part.ways:
            ways = [tree_of(way) for way in part.ways]
            if not part.may_go and any(not _firsts(way)[1] for way in ways):  # "(them|others)": without "others" little is left
                ways = [way if not _firsts(way)[1] else (*way, Piece((), WEAK)) for way in ways]
            pieces.append(Piece(ways=tuple(ways), may_go=part.may_go))
        elif found := tuple(token for token in folded_tokens(part.text) if token != BREAK):
            pieces.append(Piece(found, len(part.text.split()) if part.text.isascii() else len(found)))
        elif part.text.strip():
            pieces.append(Piece((), len(part.text.split()) if part.text.isascii() else 0))
    return tuple(pieces)


def _firsts(tree: Tree) -> tuple[set[str], bool]:
    """The tokens it may begin with, and whether it may be empty."""
    found: set[str] = set()
    for piece in tree:
        if piece.ways:
            inner = [_firsts(way) for way in piece.ways]
            found |= {token for tokens_, _ in inner for token in tokens_}
            if not (piece.may_go or any(empty for _, empty in inner)):
                return found, False
        elif piece.found:
            return found | {piece.found[0]}, False
    return found, True


def _words(tree: Tree) -> Iterator[str]:
    for piece in tree:
        yield from piece.found
        for way in piece.ways:
            yield from _words(way)


def _repaired(found: tuple[str, ...], known: Book) -> tuple[str, ...]:
    """Misspelt long words become the flow's own."""
    fixed: list[str] = []
    for token in found:
        if len(token) > 4 and token.isascii() and token.isalpha() and token not in known.words:
            best = process.extractOne(token, known.words, scorer=OSA.normalized_similarity, score_cutoff=0.8)
            token = best[0] if best and best[0][0] == token[0] and len(best[0]) > 4 else token
        fixed.append(token)
    return tuple(fixed)


def _with_lists(found: tuple[str, ...], known: Book) -> tuple[str, ...]:
    rest, kept = list(found), []
    while rest:
        row = next(((words, name) for words, name in known.listed if tuple(rest[: len(words)]) == words), None)
        kept.append(row[1] if row else rest[0])
        rest = rest[len(row[0]) if row else 1 :]
    return tuple(kept)
