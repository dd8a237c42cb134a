"""Where in a text does a flow's pattern stand? The longest match wins; a negation before it turns or drops it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.conversations.flow_book import WEAK, Tree, book, meant_tokens
from bot.conversations.flow_words import BREAK, LONGEST, NEGATIONS, clause_start, negated, tokens
from knowledge.flow_schema import Flow

_FIRM = 3
"""What must be said for a match to count unasked, but for the topic: three characters, or two words."""
_WORDLETS = NEGATIONS | frozenset("我他是会要好说可能有在行")
"""Words that mean little by themselves: in a longer clause they belong to something else."""
_EMPTY = frozenset(("at", "all", "singl", "one", "ever", "far", "way", *"任何东西半点"))
"""What only makes a no stronger: nothing at all, not a single one."""
_FEW = 4
"""So many other words may stand beside such a word in its clause."""
_PERSONS = frozenset("我他")
"""May stand between two characters of a pattern: 手里有(我们的)模具."""


@dataclass(frozen=True)
class Hit:
    """A pattern of a value found at tokens start to stop; `clear` when it means that wherever it is said."""

    fact: str
    value: str
    start: int
    stop: int
    clear: bool


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
                if ((fact == asked and words < 2 * WEAK) or _plain(stop - start, words))
                and (_says_much(found[start:stop]) or only_of(known.used[fact], found, start, stop))
            ]
            if fact != asked and not (asked is None and flow.fact(fact).topic):
                ends = [stop for stop in ends if _weight(found[start:stop]) >= _FIRM]
            if ends and (hit := _judged(flow, found, Hit(fact, value, start, max(ends), clear))):
                hits.add(hit)
    return sorted((h for h in hits if not any(_swallows(o, h) for o in hits)), key=lambda h: (h.start, h.stop, h.fact, h.value))


def _plain(size: int, words: int) -> bool:
    """Whether enough of the words counted for a match to stand on its own: not "who they are" found in any "who"."""
    return words < WEAK and (size > 1 or words < 2)


def _says_much(words: tuple[str, ...]) -> bool:
    """Whether these tokens say something by themselves, as a bare "not", 没 or 我 does not."""
    return any(token not in _WORDLETS and (token.isascii() or len(words) > 1) for token in words)


def only_of(vocabulary: Collection[str], found: tuple[str, ...], start: int, stop: int) -> bool:
    """Whether the rest of the clause, if there is one, is a few words that people use of this fact: not "no comment"."""
    begin = clause_start(found, start)
    end = next((at for at in range(stop, len(found)) if found[at] == BREAK), len(found))
    rest = (*found[begin:start], *found[stop:end])
    return len(rest) <= _FEW and all(token in vocabulary or token in _WORDLETS or token in _EMPTY for token in rest)


def _weight(found: tuple[str, ...]) -> int:
    """How much is said: a character counts one, a Latin word or a list's word two."""
    return sum(1 if not token.isascii() else 2 for token in found)


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


def hit_words(hit: Hit, text: str) -> tuple[str, ...]:
    """The tokens of a match in this text."""
    return tokens(text[:LONGEST])[hit.start : hit.stop]
