"""What follows from the facts told so far, and what is worth asking next?

A flow (data, see knowledge/flow_schema) stepped by pure functions: nothing here knows a person, a channel, a
database or a clock. A fact not given is missing; one with the value `unknown` was answered with "don't know".
Both count as unknown for the verdict, and only the first is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.conversations.flow_answers import Answer, facts_from, understand_answer
from bot.conversations.flow_paper import filled_in, plan, summary
from bot.conversations.flow_questions import deciding, odds, settled
from knowledge.flow_diagram import compiled
from knowledge.flow_schema import UNKNOWN, Condition, Fact, Flow, FlowReason, FlowVerdict
from knowledge.schema import Lang

QUESTIONS_BEFORE_A_VERDICT = 5
"""Nobody answers fourteen questions in two minutes: then at the latest a provisional verdict is offered."""
MOST_REASONS = 5
AS_GOOD_AS_DECIDED = 0.97
"""From this share of the remaining combinations on, a verdict is offered before that."""


class BadFacts(ValueError):
    """Facts that cannot be used; the text names the fact, the value and what is allowed."""


class Contradictory(BadFacts):
    """Facts that cannot be true together: `facts` names them, the text asks which one is right."""

    def __init__(self, facts: tuple[str, ...], text: str) -> None:
        self.facts = facts
        super().__init__(text)


@dataclass(frozen=True)
class Outcome:
    """What follows from the facts. `verdict` is None for a planner; `because` is the deciding rule's own sentence.

    `missing` are the facts that can still change the verdict (unanswered ones first, the deciding ones before);
    `provisional` says that there are any. `document` is fit to copy or forward.
    """

    flow: str
    verdict: str | None
    label: str
    signal: str
    text: str
    because: str
    provisional: bool
    missing: list[str]
    reasons: list[dict[str, Any]]
    conditions: list[str]
    say: list[dict[str, str]]
    document: str
    rule: str | None = None
    unsure: list[str] = field(default_factory=list)
    """Those of `missing` that were answered with "don't know"."""

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, with the contract's names."""
        return asdict(self)


def evaluate(flow: Flow, facts: Mapping[str, Any], lang: Lang = "en") -> Outcome:
    """What follows from these facts, in one language.

    Raises BadFacts for an unknown fact or value, Contradictory for facts that exclude each other.
    """
    given = checked(flow, facts, lang)
    if flow.kind == "planner":
        return _plan(flow, given, lang)
    state = settled(flow, given)
    number = next(n for n, rule in enumerate(flow.rules) if rule.when is None or rule.when.holds(state))
    rule = flow.rules[number]
    verdict = flow.verdicts[rule.verdict]
    missing = deciding(flow, frozenset(state.items()), open_too=True)
    missing = [f for f in missing if f not in given] + [f for f in missing if f in given]
    reasons = _reasons(verdict, state, lang)
    conditions = [getattr(line, lang) for line in verdict.conditions if _holds(line.when, state)]
    say = [{"to": line.to, "text": getattr(line, lang)} for line in verdict.say if _holds(line.when, state)]
    outcome = Outcome(
        flow=flow.id,
        verdict=rule.verdict,
        label=getattr(verdict.label, lang),
        signal=verdict.signal,
        text=getattr(verdict.text, lang),
        because=getattr(rule.because, lang),
        provisional=bool(missing),
        missing=missing,
        reasons=reasons,
        conditions=conditions,
        say=say,
        document="",
        rule=flow.rules[number].id,
        unsure=[fact for fact in missing if fact in given],
    )
    paper = summary(
        flow, given, lang, outcome.label, outcome.text, outcome.because, [r["text"] for r in reasons], conditions, missing
    )
    return replace(outcome, document=paper)


def next_fact(flow: Flow, facts: Mapping[str, Any]) -> Fact | None:
    """The fact to ask next: the most deciding of those that can still change the verdict; None when none can.

    A planner asks in the order of its file. Raises like `evaluate`.
    """
    given = checked(flow, facts, "en")
    if flow.kind == "planner":
        return next((fact for fact in flow.facts if fact.id not in given), None)
    names = deciding(flow, frozenset(settled(flow, given).items()), open_too=False)
    return flow.fact(names[0]) if names else None


def time_for_verdict(flow: Flow, facts: Mapping[str, Any], asked: int) -> bool:
    """Whether to offer the verdict now: nothing left to ask, as good as decided, or `asked` questions since the last offer."""
    fact = next_fact(flow, facts)
    if fact is None or flow.kind == "planner":
        return fact is None
    given = settled(flow, checked(flow, facts, "en"))
    likely = odds(flow, frozenset(given.items()))[compiled(flow).verdicts.index(evaluate(flow, facts).verdict or "")]
    return asked >= QUESTIONS_BEFORE_A_VERDICT or (asked >= 3 and likely >= AS_GOOD_AS_DECIDED)


def checked(flow: Flow, facts: Mapping[str, Any], lang: Lang = "en") -> dict[str, str]:
    """The facts as text by name. Raises BadFacts or Contradictory."""
    names = {fact.id: fact for fact in flow.facts}
    given: dict[str, str] = {}
    for name, value in facts.items():
        if name not in names:
            raise BadFacts(f"{flow.id} knows no fact {name!r}; its facts: {', '.join(names)}")
        if value is None:
            continue
        if isinstance(value, bool):
            value = "yes" if value else "no"
        fact = names[name]
        if (flow.kind == "planner" and isinstance(value, str)) or (isinstance(value, str) and value in fact.domain):
            given[name] = value
        else:
            allowed = ", ".join(fact.domain) if fact.values else "text"
            raise BadFacts(f"{value!r} is no value of {name} in {flow.id}; allowed: {allowed}")
    for contradiction in flow.contradictions:
        if contradiction.when.holds(given):
            named = tuple(dict.fromkeys(name for name, _ in contradiction.when.named()))
            both = ", ".join(f"{name}: {given.get(name, UNKNOWN)}" for name in named)
            raise Contradictory(named, f"{getattr(contradiction, lang)} ({both})")
    return given


def schema(flow: Flow) -> dict[str, Any]:
    """The flow for programs: facts, values, labels, questions, verdicts, rules."""
    return {
        "id": flow.id,
        "kind": flow.kind,
        "card": flow.card,
        "title": flow.title.model_dump(),
        "facts": [
            {
                "id": fact.id,
                "name": fact.name.model_dump(),
                "question": fact.question.model_dump(),
                "why": fact.why.model_dump(),
                "hint": fact.hint.model_dump() if fact.hint else None,
                "optional": fact.optional,
                "values": [{"id": value.id, "label": value.label.model_dump()} for value in fact.values],
            }
            for fact in flow.facts
        ],
        "verdicts": [
            {"id": name, "label": verdict.label.model_dump(), "signal": verdict.signal} for name, verdict in flow.verdicts.items()
        ],
        "rules": [{"id": rule.id, "verdict": rule.verdict} for rule in flow.rules],
    }


def _holds(when: Condition | None, state: Mapping[str, str]) -> bool:
    return when is None or when.holds(state)


def _reasons(holder: FlowVerdict | Flow, state: Mapping[str, str], lang: Lang) -> list[dict[str, Any]]:
    """The reasons that hold, in the file's order; where they are too many, notes give way to claims."""
    found: list[FlowReason] = [reason for reason in holder.reasons if _holds(reason.when, state)]
    kept = sorted(found, key=lambda reason: not reason.claims)[:MOST_REASONS]
    return [
        {"claims": list(r.claims), "text": getattr(r, lang), "note": r.note.source if r.note else ""} for r in found if r in kept
    ]


def _plan(flow: Flow, given: dict[str, str], lang: Lang) -> Outcome:
    answers = {name: text for name, text in given.items() if text.strip() and text != UNKNOWN}
    missing = [fact.id for fact in flow.facts if not fact.optional and fact.id not in answers]
    missing.sort(key=lambda name: name in given)
    say = [{"to": line.to, "text": filled_in(flow, answers, getattr(line, lang))} for line in flow.say]
    return Outcome(
        flow.id,
        None,
        "",
        "",
        "",
        "",
        bool(missing),
        missing,
        _reasons(flow, {}, lang),
        [],
        say,
        plan(flow, answers, lang),
        None,
        [name for name in missing if name in given],
    )


def agreeing(flow: Flow, known: dict[str, str], new: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """(the new facts, the known ones that cannot stand beside them)."""
    dropped: list[str] = []
    kept = {name: value for name, value in known.items() if name not in new}
    while True:
        try:
            checked(flow, {**kept, **new})
        except Contradictory as error:
            clash = [name for name in error.facts if name in kept]
            if not clash:  # the new ones contradict each other: believe none of them
                return {}, []
            kept.pop(clash[0])
            dropped.append(clash[0])
        else:
            return new, dropped


__all__ = [
    "QUESTIONS_BEFORE_A_VERDICT",
    "Answer",
    "BadFacts",
    "Contradictory",
    "Outcome",
    "agreeing",
    "checked",
    "evaluate",
    "facts_from",
    "next_fact",
    "schema",
    "time_for_verdict",
    "understand_answer",
]
