"""The page that is left when a flow ends: a summary to forward to the boss, or a planner's document. Pure text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from knowledge.flow_schema import UNKNOWN, Fact, Flow
from knowledge.schema import Lang

BLANK = "________"
WORDS: dict[str, dict[Lang, str]] = {
    "told": {"en": "What we know", "zh": "已知情况"},
    "verdict": {"en": "Advice", "zh": "建议"},
    "so_far": {"en": "Advice, on what is known so far", "zh": "初步建议（按目前已知的情况）"},
    "why": {"en": "Why", "zh": "理由"},
    "conditions": {"en": "On these conditions", "zh": "需要落实的条件"},
    "open": {"en": "Still open, and could change the advice", "zh": "还没弄清楚，可能改变结论"},
    "nothing": {"en": "nothing yet", "zh": "暂无"},
    "colon": {"en": ": ", "zh": "："},
    "source": {
        "en": "Prepared with Caucus, a negotiation coach. One practitioner's view, no legal advice.",
        "zh": "由谈判教练 Caucus 整理。依据一位从业者的观点，不构成法律意见。",
    },
    "fill": {"en": "to fill in", "zh": "待填"},
}


def summary(
    flow: Flow,
    given: Mapping[str, str],
    lang: Lang,
    label: str,
    text: str,
    because: str,
    reasons: list[str],
    conditions: list[str],
    missing: list[str],
) -> str:
    """Verdict first, then what it rests on, why, conditions, and what is still open."""
    colon = WORDS["colon"][lang]
    told = [
        f"{getattr(fact.name, lang)}{colon}{getattr(fact.value(given[fact.id]).label, lang)}"
        for fact in flow.facts
        if given.get(fact.id, UNKNOWN) != UNKNOWN
    ]
    head = WORDS["so_far" if missing else "verdict"][lang]
    space = " " if lang == "en" else ""
    parts = [getattr(flow.title, lang), f"{head}{colon}{label}\n{text}{space}{because}"]
    parts.append(_list(WORDS["told"][lang], told or [WORDS["nothing"][lang]]))
    parts.append(_list(WORDS["why"][lang], reasons))
    if conditions:
        parts.append(_list(WORDS["conditions"][lang], conditions))
    if missing:
        parts.append(_list(WORDS["open"][lang], [getattr(flow.fact(name).question, lang) for name in missing[:5]]))
    return "\n\n".join([*parts, WORDS["source"][lang]])


def plan(flow: Flow, answers: Mapping[str, str], lang: Lang) -> str:
    """A planner's document with its slots filled.

    "- {slot}" repeats for each line or point of the answer; what is missing is a blank to fill, with its example;
    a line of which all slots are optional and missing is left out.
    """
    assert flow.document is not None
    lines: list[str] = []
    for line in getattr(flow.document, lang).splitlines():
        slots = re.findall(r"\{([^{}]+)\}", line)
        facts = [flow.fact(slot) for slot in slots]
        if facts and all(fact.optional and fact.id not in answers for fact in facts):
            continue
        if len(slots) == 1 and line.strip() == f"- {{{slots[0]}}}" and slots[0] in answers:
            lines += [f"- {point}" for point in points(answers[slots[0]])]
            continue
        lines.append(re.sub(r"\{([^{}]+)\}", lambda slot: _filled(flow.fact(slot[1]), answers, lang), line))
    return re.sub(r"\n{3,}", "\n\n", "\n".join([*lines, "", WORDS["source"][lang]])).strip()


def _filled(fact: Fact, answers: Mapping[str, str], lang: Lang) -> str:
    """The answer on one line, or a blank that says what belongs there."""
    if fact.id in answers:
        return " ".join(answers[fact.id].split())
    hint = getattr(fact.hint, lang) if fact.hint else ""
    return f"{BLANK} ({WORDS['fill'][lang]}: {hint})" if lang == "en" else f"{BLANK}（{WORDS['fill'][lang]}，{hint}）"


def filled_in(flow: Flow, answers: Mapping[str, str], text: str) -> str:
    """A ready message with the answers in its slots; a slot that is no fact of the flow stays for the sender to fill."""
    names = {fact.id for fact in flow.facts}
    return re.sub(
        r"\{([^{}]+)\}",
        lambda slot: " ".join(answers.get(slot[1], BLANK).split()) if slot[1] in names else slot[0],
        text,
    )


def points(text: str) -> list[str]:
    """An answer as points: its lines, or its parts between semicolons."""
    parts = re.split(r"\n+|[;；]\s*", text)
    bare = [re.sub(r"^\s*(?:[-*•·]|\d{1,2}[.)、）])\s*", "", part).strip() for part in parts if part.strip()]
    return [point[:1].upper() + point[1:] for point in bare if point] or [text]


def _list(title: str, lines: list[str]) -> str:
    return "\n".join([title, *(f"- {line}" for line in lines)])
