"""What did they answer? Buttons, numbers, yes and no, and words of their own, for the fact asked and for others.

Phrases come from the flow file. The longest phrase wins over those inside it, a negation before a phrase turns
or drops it, and what stays doubtful is `unclear`: asking again is cheaper than a wrong verdict. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from rapidfuzz import fuzz

from bot.conversations.flow_book import book, joined, meant_tokens
from bot.conversations.flow_match import Hit, find, hit_words, only_of
from bot.conversations.flow_steps import asks, steering
from bot.conversations.flow_votes import vote
from bot.conversations.flow_words import HYPOTHETICAL, LONGEST, NEGATIONS, polarity, spoken, tokens
from bot.intents.normalise import normalise
from knowledge.flow_schema import Fact, Flow
from knowledge.schema import Lang

Kind = Literal["value", "dont_know", "back", "why", "stop", "restart", "verdict", "unclear"]
CLOSE = 84
"""rapidfuzz ratio from which a short answer counts as a phrase misspelt."""
AHEAD = 6
"""So much closer it must be than to any phrase of another value."""
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "last": -1} | {
    c: n for n, c in enumerate("一二三四五六七八九十", 1)
}
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_NUMBER = re.compile(
    r"(?:option|number|no\.?|nr\.?|answer|选项?|第|答案?|#)?\s*(\d{1,2}|[一二三四五六七八九十])\s*(?:个|项|条|号|种)?\s*[.)）。]?"
)


@dataclass(frozen=True)
class Answer:
    """What an answer means. `value` is set for kind value (a planner's is the text itself).

    `extra` holds facts said on the way about other things, whatever the kind; `candidates` the values an unclear
    answer may have meant.
    """

    kind: Kind
    value: str | None = None
    extra: dict[str, str] = field(default_factory=dict)
    candidates: tuple[str, ...] = ()


def understand_answer(flow: Flow, fact_id: str, text: str, lang: Lang = "en") -> Answer:  # noqa: ARG001 - people mix languages
    """What an answer to the question about a fact means; never raises for what a person typed.

    A number is the number of a button. `lang` decides nothing but is kept for callers: people mix languages.
    """
    fact = flow.fact(fact_id)
    said = normalise(text)
    bare = said.strip(" .!?。！？~…")
    if value := _pressed(flow, fact, bare):
        return value
    if (kind := steering(text)) is not None:
        return Answer(kind)
    if flow.kind == "planner":
        return Answer("value", text.strip()) if any(c.isalnum() for c in said) else Answer("unclear")
    if not any(c.isalnum() for c in said):
        return Answer("dont_know") if re.fullmatch(r"\?{2,}", said) else Answer("unclear")
    word, rest = _yes_or_no(flow, fact, text), spoken(text)
    hits = find(flow, rest, fact.id)
    mine = [hit for hit in hits if hit.fact == fact.id]
    ignorance = _says_dont_know(said)
    extra = _settled(flow, [hit for hit in hits if hit.clear and hit.fact != fact.id], text)
    values = _one_of(fact, list(dict.fromkeys(hit.value for hit in mine))) or _by_weight(mine)
    if ignorance and (not values or (_same_clause(said) and not _about_knowing(mine, rest))):
        return Answer("dont_know", extra=extra)
    if len(values) == 1:
        return Answer("value", values[0], extra)
    if len(values) > 1:
        if (meant := word and rest != text and fact.meaning(word)) in values:
            return Answer("value", meant, extra)
        return Answer("unclear", extra=extra, candidates=tuple(values))
    if word and (meant := fact.meaning(word)):
        return Answer("value", meant, extra)
    if (near := _nearest(flow, fact, text) or vote(flow, fact.id, rest)) is not None:
        return Answer("value", near, extra)
    return Answer("unclear", extra=extra)


def facts_from(flow: Flow, text: str, lang: Lang = "en") -> dict[str, str]:  # noqa: ARG001 - people mix languages
    """The facts that a message clearly says, for the opening of a flow; empty for a planner. Never raises."""
    if flow.kind == "planner":
        return {}
    return _settled(flow, [hit for hit in find(flow, text) if hit.clear], text)


_NO_THEY = re.compile(r"\s*(no|nope|nah)\s+(he|i|it|nobody|she|that|there|they|this|we)\b", re.IGNORECASE)
"""A no before a sentence of its own."""


def _yes_or_no(flow: Flow, fact: Fact, text: str) -> Literal["yes", "no"] | None:
    """Yes or no, where that is what the first clause says: "no comment" and "not helpful" answer nothing."""
    word, known = polarity(text), book(flow)
    found = meant_tokens(text, known)
    if word != "no" or not found or found[0] not in NEGATIONS or _NO_THEY.match(text):
        return word
    return word if only_of(known.used[fact.id], found, 0, 1) else None


def says_fact(flow: Flow, fact_id: str, text: str) -> bool:
    """Whether it names a value of the fact, or begins with a yes or no that fits it: "yes they have our molds"."""
    fact = flow.fact(fact_id)
    if fact.id in facts_from(flow, text):
        return True
    word = None if asks(text) else _yes_or_no(flow, fact, text)
    return word is not None and fact.meaning(word) is not None


def _pressed(flow: Flow, fact: Fact, said: str) -> Answer | None:
    names = [value.id for value in fact.values]
    for value in fact.values:
        labels = {normalise(value.label.en).strip(" .!?"), normalise(value.label.zh).strip(" 。！？")}
        if said in {value.id, f"{fact.id}:{value.id}", f"{flow.id}:{fact.id}:{value.id}", *labels}:
            return Answer("value", value.id)
    if said in {"unknown", f"{fact.id}:unknown", f"{flow.id}:{fact.id}:unknown"}:
        return Answer("dont_know")
    number: int | None = None
    if found := _NUMBER.fullmatch(said):
        number = _ORDINALS.get(found[1]) or (int(found[1]) if found[1].isdigit() else None)
    elif found := re.fullmatch(r"(?:the )?(first|second|third|fourth|fifth|sixth|last)(?: one| option)?", said):
        number = _ORDINALS[found[1]]
    elif found := re.fullmatch(r"(?:option |number )?(one|two|three|four|five|six|seven|eight|nine|ten)", said):
        number = _WORDS[found[1]]
    elif said == "最后一个":
        number = -1
    if number is None or not names:
        return None
    number = len(names) if number == -1 else number
    if 1 <= number <= len(names):
        return Answer("value", names[number - 1])
    return Answer("dont_know") if number == len(names) + 1 else Answer("unclear")


_IGNORANCE = re.compile(
    r"\b(do not|don'?t|dont|didn'?t) (really |actually )?(know|remember)\b|\bno (idea|clue)\b|\b(not|un) ?sure\b"
    r"|\bcan'?t (say|tell)\b|\bdunno\b|\bidk\b|\bhard to (say|tell)\b|\bno one (has )?told me\b"
    r"|\bhave(n'?t| not) (asked|checked|looked)\b"
    r"|\b(need|have|has) to (ask|check|find out)(?= *($|[,.!;]|first|again|him|her|them|it|that|this))"
    r"|不(太)?知道|不(太)?清楚|不(太)?确定|说不准|不好说|没概念|不(太)?了解|不晓得|没(问|打听|查)过|(要|得)(问|查|确认)"
    r"|难说|拿不准|心里没底|记不(清|得)|没数"
)
_AWARE = re.compile(
    r"(they|he|she|them|competitors?|partners?|对方|他们|他|人家|大家|老板)\s*"
    r"(do not|don'?t|doesn'?t|都|还|也|并)?\s*(know|不知道|不清楚)"
)
"""Somebody else's not knowing is an answer, not ignorance."""


def _says_dont_know(said: str) -> bool:
    return bool(_IGNORANCE.search(said)) and not _AWARE.search(said)


def _about_knowing(hits: list[Hit], text: str) -> bool:
    """Whether a phrase of the fact itself speaks of not knowing: "no idea who he is" names a stranger."""
    return any(hit.stop - hit.start > 1 and set(hit_words(hit, text)) & {"know", "clu", "idea", "道", "楚", "认"} for hit in hits)


def _same_clause(said: str) -> bool:
    """Whether "don't know" governs the rest: alone in its clause with "if" or a question behind it, or all there is."""
    parts = [part for part in re.split(r"[,.;!?，。；！？]|\bbut\b|但是|不过", said) if part.strip()]
    return not any(part.strip() and not _IGNORANCE.search(part) and len(part.strip()) > 3 for part in parts)


def _one_of(fact: Fact, values: list[str]) -> list[str]:
    """Of several values said at once, the one that the fact's `if_several` names; none when it says to ask."""
    if len(values) < 2 or fact.if_several == "ask":
        return []
    return [max(values, key=fact.domain.index)] if fact.if_several == "last" else [fact.if_several]


def _by_weight(hits: list[Hit]) -> list[str]:
    """The values found; those with half the words of the best, or fewer, are passing remarks."""
    weight: dict[str, int] = {}
    for hit in hits:
        weight[hit.value] = weight.get(hit.value, 0) + hit.stop - hit.start
    top = max(weight.values(), default=0)
    return [value for value, size in weight.items() if size * 2 > top]


def _settled(flow: Flow, hits: list[Hit], text: str) -> dict[str, str]:
    """One value a fact, only where nothing speaks against it; nothing taken from a question or an "if" but the topic."""
    found: dict[str, str] = {}
    doubtful = bool(HYPOTHETICAL.search(normalise(text[:LONGEST])))
    for fact in flow.facts:
        if doubtful and not fact.topic and _only_hypothetical(text, fact, flow):
            continue
        values = list(dict.fromkeys(hit.value for hit in hits if hit.fact == fact.id))
        values = _one_of(fact, values) or values
        if len(values) == 1:
            found[fact.id] = values[0]
    for contradiction in flow.contradictions:
        if contradiction.when.holds(found):
            for name, _ in contradiction.when.named():
                found.pop(name, None)
    return found


def _only_hypothetical(text: str, fact: Fact, flow: Flow) -> bool:
    """Whether the fact is named in sentences with an "if" or "should we" and in no other."""
    sure = [part for part in re.split(r"[,.;!?\n，。；！？]", text[:LONGEST]) if not HYPOTHETICAL.search(normalise(part))]
    return not any(hit.fact == fact.id for part in sure for hit in find(flow, part))


def _nearest(flow: Flow, fact: Fact, text: str) -> str | None:
    """The value of the phrase that a short answer nearly is, misspellings aside."""
    said = joined(tokens(text))
    if not 3 <= len(said) <= 60:
        return None
    best: dict[str, float] = {}
    for phrase, value in book(flow).plain.get(fact.id, ()):
        best[value] = max(best.get(value, 0.0), fuzz.ratio(said, phrase))
    ranked = sorted(best.items(), key=lambda item: -item[1])
    if ranked and ranked[0][1] >= CLOSE and (len(ranked) < 2 or ranked[0][1] - ranked[1][1] >= AHEAD):
        return ranked[0][0]
    return None


__all__ = ["Answer", "facts_from", "understand_answer"]
