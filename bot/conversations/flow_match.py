"""Where in a text does a flow's pattern stand? The longest match wins; a negation before it turns or drops it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.conversations.flow_words import BREAK, LONGEST, NEGATIONS, clause_start, folded_tokens, negated, tokens
from bot.intents.normalise import normalise
from knowledge.flow_phrases import Part, parse, phrases
from knowledge.flow_schema import Flow, Value

Tree = tuple["Piece", ...]
_WEAK = 100
"""Written words that mark a match as weak: it counts only as an answer to the question."""
_FIRM = 3
"""What must be said for a match to count unasked, but for the topic: three characters, or two words."""
_PERSONS = frozenset("我他")
"""May stand between two characters of a pattern: 手里有(我们的)模具."""


@dataclass(frozen=True)
class Piece:
    """A piece of a pattern in tokens; `words` says from how many written words they come."""

    found: tuple[str, ...] = ()
    words: int = 0
    ways: tuple[Tree, ...] = ()
    may_go: bool = False


@dataclass(frozen=True)
class Hit:
    """A pattern of a value found at tokens start to stop; `clear` when it means that wherever it is said."""

    fact: str
    value: str
    start: int
    stop: int
    clear: bool


@dataclass(frozen=True)
class Book:
    """All patterns of a flow by their first token, its vocabulary, its lists, and its short plain phrases by fact."""

    by_first: dict[str, list[tuple[Tree, str, str, bool]]]
    words: tuple[str, ...]
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
    for fact in flow.facts:
        for value in fact.values:
            for pattern, clear in patterns(value):
                tree = tree_of(parse(pattern) if clear is not None else (Part(pattern),))
                words |= set(_words(tree))
                for first in _firsts(tree)[0]:
                    by_first.setdefault(first, []).append((tree, fact.id, value.id, bool(clear)))
            rows = [*value.reply.en, *value.reply.zh, *value.say.en, *value.say.zh]
            texts = [text for row in rows for text in phrases(parse(row), 8)] + [value.label.en, value.label.zh]
            plain.setdefault(fact.id, []).extend((joined(tokens(text)), value.id) for text in texts)
    listed.sort(key=lambda row: -len(row[0]))
    return Book(by_first, tuple(sorted(w for w in words if len(w) > 3 and w.isascii())), listed, plain)


def find(flow: Flow, text: str, asked: str | None = None) -> list[Hit]:
    """Every match, without those inside a longer match of the same fact. Reply patterns count for the fact asked only."""
    known = book(flow)
    found = meant_tokens(text, known)
    hits: set[Hit] = set()
    for start, token in enumerate(found):
        for tree, fact, value, clear in known.by_first.get(token, ()):
            if fact != asked and not clear:
                continue
            ends = [
                stop
                for stop, words in _ends(found, start, tree, 0)
                if (fact == asked and words < 2 * _WEAK) or _plain(stop - start, words)
            ]
            if fact != asked and not (asked is None and flow.fact(fact).topic):
                ends = [stop for stop in ends if _weight(found[start:stop]) >= _FIRM]
            if ends and (hit := _judged(flow, found, Hit(fact, value, start, max(ends), clear))):
                hits.add(hit)
    return sorted((h for h in hits if not any(_swallows(o, h) for o in hits)), key=lambda h: (h.start, h.stop, h.fact, h.value))


def _plain(size: int, words: int) -> bool:
    """Whether enough of the words counted for a match to stand on its own: not "who they are" found in any "who"."""
    return words < _WEAK and (size > 1 or words < 2)


def _weight(found: tuple[str, ...]) -> int:
    """How much is said: a character counts one, a Latin word or a list's word two."""
    return sum(1 if not token.isascii() else 2 for token in found)


def joined(found: tuple[str, ...]) -> str:
    """Tokens as one text, for comparing with another."""
    return " ".join(token for token in found if token != BREAK)


def _judged(flow: Flow, found: tuple[str, ...], hit: Hit) -> Hit | None:
    """The match as it is meant: behind a negation it is the other value of two, or nothing."""
    if not negated(found, hit.start):
        return hit
    if found[hit.start] in NEGATIONS:
        return hit if hit.start and found[hit.start - 1] in NEGATIONS else None
    fact = flow.fact(hit.fact)
    pair = {fact.meaning("yes"), fact.meaning("no")}
    if len(fact.values) == 2 and hit.value in pair and len(pair) == 2:
        other = next(value.id for value in fact.values if value.id != hit.value)
        return Hit(hit.fact, other, max(clause_start(found, hit.start), hit.start - 3), hit.stop, hit.clear)
    return None


def _swallows(other: Hit, hit: Hit) -> bool:
    longer = other.stop - other.start > hit.stop - hit.start
    return other.fact == hit.fact and longer and other.start <= hit.start and hit.stop <= other.stop


def _ends(found: tuple[str, ...], at: int, tree: Tree, words: int) -> set[tuple[int, int]]:
    """Where the pattern may end if it goes on here, and from how many written words."""
    states = {(at, words)}
    for piece in tree:
        step: set[tuple[int, int]] = set(states) if piece.may_go else set()
        for here, count in states:
            if piece.ways:
                for way in piece.ways:
                    step |= _ends(found, here, way, count)
            elif (stop := _literal(found, here, piece.found, under_way=count > 0)) is not None:
                step.add((stop, count + piece.words))
        states = step
        if not states:
            return states
    return states


def _literal(found: tuple[str, ...], at: int, wanted: tuple[str, ...], *, under_way: bool) -> int | None:
    """Where these tokens end: between Latin words one other may stand, between characters a 我 or 他."""
    for number, word in enumerate(wanted):
        if at < len(found) and found[at] == word:
            at += 1
            continue
        if (not under_way and number == 0) or at >= len(found):
            return None
        loose = found[at] in _PERSONS or (word.isascii() and found[at - 1].isascii())
        if not loose or at + 1 >= len(found) or found[at + 1] != word or found[at] in NEGATIONS or found[at] == BREAK:
            return None
        at += 2
    return at


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
                ways = [way if not _firsts(way)[1] else (*way, Piece((), _WEAK)) for way in ways]
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


def meant_tokens(text: str, known: Book) -> tuple[str, ...]:
    """The tokens of a text, misspellings mended and list words replaced by their list."""
    return _with_lists(_repaired(tokens(text[:LONGEST]), known), known)


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


def hit_words(hit: Hit, text: str) -> tuple[str, ...]:
    """The tokens of a match in this text."""
    return tokens(text[:LONGEST])[hit.start : hit.stop]
