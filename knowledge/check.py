"""Is the knowledge good, beyond having the right shape?

Every rule of the writing standard that a machine can hold, each as one function that yields problems with
file and line. Nothing here is needed to answer a question; `caucus knowledge check` and the tests run it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

import opencc

from knowledge.document import Document, Problem, Step
from knowledge.load import KnowledgeBase
from knowledge.schema import LANGS, Card, Phrasings
from knowledge.text import bare

FEWEST_PHRASINGS = {"en": 60, "zh": 45}
FEWEST_OUT_OF_SCOPE = 600
ALIKE_IN_A_ROW = 10
"""So many phrasings in a row must not start alike: people do not."""

Rule = Callable[[KnowledgeBase], Iterator[Problem]]


def check(kb: KnowledgeBase) -> list[Problem]:
    """Every problem that any rule finds, sorted by file and line."""
    return sorted({problem for rule in RULES for problem in rule(kb)})


def claims_are_given(kb: KnowledgeBase) -> Iterator[Problem]:
    """Each claim that a card promises stands behind one of its reasons; each claim is promised by a card."""
    for card, document in _cards(kb):
        for number, claim in enumerate(card.claims):
            if claim not in card.given_claims():
                yield document.problem(["claims", number], f"{claim} is promised but no reason in `because` gives it")
    covered = {claim for card in kb.cards.values() for claim in card.given_claims()}
    for claim in kb.claims:
        if claim not in covered:
            yield Problem("claims.yaml", 1, claim, "no card gives this claim")


def reasons_have_a_source(kb: KnowledgeBase) -> Iterator[Problem]:
    """A reason cites claims or is marked as the curator's note."""
    for card, document in _cards(kb):
        for number, reason in enumerate(card.because):
            if not reason.claims and not reason.note:
                yield document.problem(["because", number], "needs claims or a note with its source")


def neighbours_are_mutual(kb: KnowledgeBase) -> Iterator[Problem]:
    """A border is written down on both of its sides."""
    for card, document in _cards(kb):
        for other in card.near:
            if other not in kb.cards:
                yield document.problem(["near", other], "no such card")
            elif card.id not in kb.cards[other].near:
                yield document.problem(["near", other], f"{other} does not name {card.id} as its neighbour")


def enough_phrasings(kb: KnowledgeBase) -> Iterator[Problem]:
    """Understanding comes from many and truly different phrasings."""
    for card, document in _cards(kb):
        for lang in LANGS:
            found = len(card.phrasings.of(lang))
            if found < FEWEST_PHRASINGS[lang]:
                yield document.problem(["phrasings", lang], f"{found} phrasings, at least {FEWEST_PHRASINGS[lang]}")
    total = sum(len(group.of(lang)) for group in kb.out_of_scope.values() for lang in LANGS)
    if total < FEWEST_OUT_OF_SCOPE:
        yield Problem("out_of_scope.yaml", 1, "", f"{total} utterances, at least {FEWEST_OUT_OF_SCOPE}")


def phrasings_have_one_home(kb: KnowledgeBase) -> Iterator[Problem]:
    """No phrasing stands twice, above all not under two intents (case, width and punctuation aside)."""
    seen: dict[str, tuple[Document, list[Step]]] = {}
    for document, where, phrasings in _phrasings(kb):
        for lang in LANGS:
            for number, text in enumerate(phrasings.of(lang)):
                key = bare(text)
                place = [*where, lang, number]
                if not key:
                    yield document.problem(place, "has neither letters nor digits")
                elif key in seen:
                    other, there = seen[key]
                    yield document.problem(place, f"stands already at {other.name}:{other.line(there)}: {text!r}")
                else:
                    seen[key] = (document, place)


def phrasings_vary(kb: KnowledgeBase) -> Iterator[Problem]:
    """Not ten in a row that start alike."""
    for document, where, phrasings in _phrasings(kb):
        for lang in LANGS:
            starts = [_start(text) for text in phrasings.of(lang)]
            for number in range(len(starts) - ALIKE_IN_A_ROW + 1):
                if len(set(starts[number : number + ALIKE_IN_A_ROW])) == 1:
                    yield document.problem([*where, lang, number], f"{ALIKE_IN_A_ROW} in a row start with {starts[number]!r}")


def languages_are_kept(kb: KnowledgeBase) -> Iterator[Problem]:
    """Chinese text is Chinese and simplified; English text has no Chinese sentence in it."""
    for card, document in _cards(kb):
        for where, lang, text in _texts(card):
            yield from (document.problem(where, reason) for reason in _wrong_language(lang, text))
    for document, where, phrasings in _phrasings(kb):
        for number, text in enumerate(phrasings.zh):
            if traditional := _traditional(text):
                yield document.problem([*where, "zh", number], f"not simplified: {traditional}")


def people_are_addressed_rightly(kb: KnowledgeBase) -> Iterator[Problem]:
    """您 to counterparts, 你 to the reader."""
    for card, document in _cards(kb):
        for number, ready in enumerate(card.say):
            if ready.to == "counterpart" and "你" in ready.zh:
                yield document.problem(["say", number, "zh"], "a counterpart is 您, not 你")
        for name in ("do", "avoid", "watch_for", "tips", "because", "unless"):
            for number, line in enumerate(getattr(card, name)):
                if "您" in re.sub(r"[“「『\"].*?[”」』\"]", "", line.zh):
                    yield document.problem([name, number, "zh"], "the reader is 你, not 您")


def slots_match(kb: KnowledgeBase) -> Iterator[Problem]:
    """A ready message has as many slots in one language as in the other, and every brace is closed."""
    for card, document in _cards(kb):
        for number, ready in enumerate(card.say):
            counts = {lang: len(re.findall(r"\{[^{}]+\}", getattr(ready, lang))) for lang in LANGS}
            if counts["en"] != counts["zh"]:
                yield document.problem(["say", number], f"{counts['en']} slots in English, {counts['zh']} in Chinese")
            for lang in LANGS:
                rest = re.sub(r"\{[^{}]+\}", "", getattr(ready, lang))
                if "{" in rest or "}" in rest:
                    yield document.problem(["say", number, lang], "a brace is open, nested or empty")


RULES: tuple[Rule, ...] = (
    claims_are_given,
    reasons_have_a_source,
    neighbours_are_mutual,
    enough_phrasings,
    phrasings_have_one_home,
    phrasings_vary,
    languages_are_kept,
    people_are_addressed_rightly,
    slots_match,
)


def _cards(kb: KnowledgeBase) -> Iterator[tuple[Card, Document]]:
    for card in kb.cards.values():
        yield card, kb.documents[f"cards/{card.theme}/{card.id}.yaml"]


def _phrasings(kb: KnowledgeBase) -> Iterator[tuple[Document, list[Step], Phrasings]]:
    for card, document in _cards(kb):
        yield document, ["phrasings"], card.phrasings
    for number, command in enumerate(kb.commands.values()):
        yield kb.documents["commands.yaml"], [number, "phrasings"], command.phrasings
    for name, group in kb.out_of_scope.items():
        yield kb.documents["out_of_scope.yaml"], [name], group


def _texts(card: Card) -> Iterator[tuple[list[Step], str, str]]:
    """Every text a reader sees, with its place and language."""
    both: list[tuple[Sequence[Step], object]] = []
    both += [([name], getattr(card, name)) for name in ("title", "verdict")]
    for name in ("because", "do", "avoid", "say", "ask", "watch_for", "unless", "tips"):
        both += [([name, number], line) for number, line in enumerate(getattr(card, name))]
    both += [(["near", other], border) for other, border in card.near.items()]
    for where, line in both:
        for lang in LANGS:
            yield [*where, lang], lang, getattr(line, lang)


def _wrong_language(lang: str, text: str) -> Iterable[str]:
    han = sum("\u4e00" <= c <= "\u9fff" for c in text)
    if lang == "zh":
        if han < 2:
            yield "is not Chinese"
        if traditional := _traditional(text):
            yield f"not simplified: {traditional}"
    elif han > 6:
        yield "has a Chinese sentence in the English text"


def _traditional(text: str) -> str:
    simplified = _to_simplified().convert(text)
    return "".join(a for a, b in zip(text, simplified, strict=False) if a != b)


@cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _start(text: str) -> str:
    words = bare(text).split()
    if not words:
        return ""
    return words[0] if words[0].isascii() else words[0][:2]
