"""Which flows does the coach know, and can each be relied on? Reads flows/*.yaml and tells all that is wrong.

Never raises for what a file says: problems stand in the documents, with file, line and field. The checks of
rules are exact over all combinations of values (see flow_diagram), unknowns among them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from pydantic import TypeAdapter

from knowledge.document import Document, Step
from knowledge.flow_diagram import FALSE, TRUE, Compiled, compiled
from knowledge.flow_phrases import parse
from knowledge.flow_schema import UNKNOWN, Condition, Flow, FlowReady, FlowReason, Ways
from knowledge.schema import LANGS

Report = Callable[[list[Step], str], None]
FEWEST_REASONS = 2


def load_flows(
    folder: Path,
    documents: dict[str, Document],
    *,
    claims: Collection[str] | None = None,
    cards: Collection[str] | None = None,
    read: Callable[[Path], Document] | None = None,
) -> dict[str, Flow]:
    """Every flow below `folder`/flows, by id.

    Each file's Document (with its problems) is put into `documents`. Claims and cards are checked when given.
    `read` reads a file into a Document (the loader's own, which also keeps the digest); by default Document.read.
    """
    flows: dict[str, Flow] = {}
    kind = TypeAdapter(Flow)
    for path in sorted((folder / "flows").glob("*.yaml")):
        document = read(path) if read else Document.read(path, folder)
        documents[document.name] = document
        flow = document.validated(kind)
        if flow is None:
            continue

        def report(where: list[Step], reason: str, document: Document = document) -> None:
            document.problems.append(document.problem(where, reason))

        if flow.id != path.stem:
            report(["id"], f"belongs in flows/{flow.id}.yaml")
        if cards is not None and flow.card not in cards:
            report(["card"], f"no card {flow.card}")
        check_flow(flow, report, claims)
        flows[flow.id] = flow
    return flows


def check_flow(flow: Flow, report: Report, claims: Collection[str] | None = None) -> None:
    """Report everything that is wrong with one flow; its rules are walked only when all names in it are known."""
    sound = True

    def tell(where: list[Step], reason: str) -> None:
        nonlocal sound
        sound = False
        report(where, reason)

    _facts(flow, tell)
    _conditions(flow, tell)
    for where, reason in _reasons(flow):
        for claim in reason.claims:
            if claims is not None and claim not in claims:
                report([*where, "claims"], f"no claim {claim} in claims.yaml")
    for where, ready in _ready(flow):
        slots = {lang: sorted(re.findall(r"\{[^{}]+\}", getattr(ready, lang))) for lang in LANGS}
        if len(slots["en"]) != len(slots["zh"]):
            report(where, f"{len(slots['en'])} slots in English, {len(slots['zh'])} in Chinese")
    (_planner if flow.kind == "planner" else _ends)(flow, tell)
    if sound and flow.kind == "verdict":
        _rules(flow, report)


def _facts(flow: Flow, tell: Report) -> None:
    seen: set[str] = set()
    for number, fact in enumerate(flow.facts):
        where: list[Step] = ["facts", number]
        if fact.id in seen:
            tell([*where, "id"], f"{fact.id} is there twice")
        seen.add(fact.id)
        if flow.kind == "verdict" and len(fact.values) < 2:
            tell([*where, "values"], "a question needs two values at least")
        if flow.kind == "planner" and (fact.values or fact.hint is None):
            tell(where, "a planner's fact is a slot: no values, but a hint")
        for field in ("if_yes", "if_no"):
            if getattr(fact, field) not in (None, *fact.domain):
                tell([*where, field], f"no value {getattr(fact, field)} of {fact.id}")
        if fact.if_several not in ("ask", "last", *fact.domain):
            tell([*where, "if_several"], f"neither ask nor last nor a value of {fact.id}")
        names = [value.id for value in fact.values]
        for place, value in enumerate(fact.values):
            if names.index(value.id) != place:
                tell([*where, "values", place, "id"], f"{value.id} is there twice")
            for field in ("say", "reply"):
                _patterns(flow, getattr(value, field), [*where, "values", place, field], tell)


def _patterns(flow: Flow, ways: Ways, where: list[Step], tell: Report) -> None:
    for lang in LANGS:
        for number, pattern in enumerate(getattr(ways, lang)):
            try:
                parse(pattern)
            except ValueError as error:
                tell([*where, lang, number], str(error))
            for name in re.findall(r"<([^<>]*)>", pattern):
                if name not in flow.lists:
                    tell([*where, lang, number], f"no list {name}")


def _conditions(flow: Flow, tell: Report) -> None:
    domains = {fact.id: fact.domain for fact in flow.facts}
    for where, condition in _all_conditions(flow):
        for fact, value in condition.named():
            if fact not in domains:
                tell(where, f"no fact {fact}")
            elif value not in domains[fact] and flow.kind == "verdict":
                tell(where, f"no value {value} of {fact}: {', '.join(domains[fact])}")


def _planner(flow: Flow, tell: Report) -> None:
    if flow.document is None:
        tell(["document"], "a planner needs a document")
        return
    if flow.rules or flow.verdicts:
        tell(["rules"], "a planner has no rules and no verdicts")
    names = {fact.id for fact in flow.facts}
    for lang in LANGS:
        slots = set(re.findall(r"\{([^{}]+)\}", getattr(flow.document, lang)))
        for slot in sorted(slots - names):
            tell(["document", lang], f"no fact {slot}")
        for fact in sorted(names - slots):
            tell(["document", lang], f"{fact} is asked and not used")
    if len([reason for reason in flow.reasons if reason.claims]) < FEWEST_REASONS:
        tell(["reasons"], f"needs {FEWEST_REASONS} reasons with claims")


def _ends(flow: Flow, tell: Report) -> None:
    for number, rule in enumerate(flow.rules):
        if rule.verdict not in flow.verdicts:
            tell(["rules", number, "verdict"], f"no verdict {rule.verdict}")
        if [other.id for other in flow.rules].index(rule.id) != number:
            tell(["rules", number, "id"], f"{rule.id} is there twice")
    if flow.document is not None:
        tell(["document"], "only a planner has a document; a verdict's summary writes itself")


def _rules(flow: Flow, report: Report) -> None:
    """Unreachable rules, gaps, verdicts nobody reaches, and ends with too few reasons."""
    found = compiled(flow)
    diagram = found.diagram
    reached = diagram.ends(found.possible_rule)
    for number, rule in enumerate(flow.rules):
        if number not in reached:
            report(["rules", number], f"{rule.id} is never reached: earlier rules take every case")
    if found.gap in reached:
        report(["rules"], f"no rule for {_example(found, found.possible_rule, found.gap)}")
    for verdict in flow.verdicts:
        if not any(flow.rules[number].verdict == verdict for number in reached if number < found.gap):
            report(["verdicts", verdict], f"no rule leads to {verdict}")
    for number, verdict in enumerate(found.verdicts):
        count = -1
        for reason in flow.verdicts[verdict].reasons:
            if reason.claims:
                count = diagram.combine(count, diagram.condition(reason.when), lambda a, b: min(a + b, FEWEST_REASONS))
        here = diagram.combine(found.verdict, TRUE, lambda end, _, number=number: int(end == number))
        here = diagram.combine(here, found.possible_rule, lambda yes, end: int(yes and end != found.impossible))
        poor = diagram.combine(here, count, lambda yes, reasons: int(yes and reasons < FEWEST_REASONS))
        if poor != FALSE:
            example = _example(found, poor, 1)
            report(["verdicts", verdict, "reasons"], f"fewer than {FEWEST_REASONS} reasons with claims for {example}")


def _example(found: Compiled, root: int, end: int) -> str:
    path = next(path for path, reached in found.diagram.paths(root) if reached == end)
    return ", ".join(f"{fact}: {value}" for fact, value in found.diagram.example(path).items()) or "nothing known"


def _reasons(flow: Flow) -> Iterator[tuple[list[Step], FlowReason]]:
    for name, verdict in flow.verdicts.items():
        yield from ((["verdicts", name, "reasons", number], reason) for number, reason in enumerate(verdict.reasons))
    yield from ((["reasons", number], reason) for number, reason in enumerate(flow.reasons))


def _ready(flow: Flow) -> Iterator[tuple[list[Step], FlowReady]]:
    for name, verdict in flow.verdicts.items():
        yield from ((["verdicts", name, "say", number], ready) for number, ready in enumerate(verdict.say))
    yield from ((["say", number], ready) for number, ready in enumerate(flow.say))


def _all_conditions(flow: Flow) -> Iterator[tuple[list[Step], Condition]]:
    parts: list[tuple[list[Step], object]] = [(["rules", n], rule) for n, rule in enumerate(flow.rules)]
    parts += [(["contradictions", n], each) for n, each in enumerate(flow.contradictions)]
    parts += [*_reasons(flow), *_ready(flow)]
    for name, verdict in flow.verdicts.items():
        parts += [(["verdicts", name, "conditions", n], each) for n, each in enumerate(verdict.conditions)]
    for where, part in parts:
        if (condition := getattr(part, "when", None)) is not None:
            yield [*where, "when"], condition


__all__ = ["UNKNOWN", "check_flow", "load_flows"]
