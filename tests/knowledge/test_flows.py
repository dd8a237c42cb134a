"""Can each flow be relied on? Walks every combination, exactly, and reads a broken file as a curator would."""

from __future__ import annotations

import itertools
import random
import time
from pathlib import Path

import pytest
import yaml

from knowledge.document import Document
from knowledge.flow_diagram import compiled
from knowledge.flow_phrases import count, parse, phrases
from knowledge.flow_schema import UNKNOWN, Flow
from knowledge.load_flows import load_flows
from knowledge.schema import LANGS
from tests.conftest import shared_json

ROOT = Path(__file__).parents[2]
KNOWLEDGE = ROOT / "knowledge"
CLAIMS = {claim["id"] for claim in yaml.safe_load((KNOWLEDGE / "claims.yaml").read_text("utf-8"))}
DOCUMENTS: dict[str, Document] = {}
FLOWS = load_flows(KNOWLEDGE, DOCUMENTS, claims=CLAIMS)
DECIDING = [flow for flow in FLOWS.values() if flow.kind == "verdict"]
WARNING = [flow for flow in DECIDING if any(verdict.signal == "stop" for verdict in flow.verdicts.values())]
SEVEN = {
    "share-this",
    "exclusivity",
    "relationship-or-transaction",
    "payment-change",
    "internal-brief",
    "information-plan",
    "order-roadmap",
}


def first_rule(flow: Flow, facts: dict[str, str]) -> int:
    return next(n for n, rule in enumerate(flow.rules) if rule.when is None or rule.when.holds(facts))


def test_the_seven_flows_load_without_a_problem() -> None:
    assert set(FLOWS) == SEVEN
    assert [str(problem) for document in DOCUMENTS.values() for problem in document.problems] == []


def test_loading_all_flows_takes_less_than_a_second() -> None:
    took = []
    for _ in range(2):
        compiled.cache_clear()
        start = time.process_time()
        load_flows(KNOWLEDGE, {}, claims=CLAIMS)
        took.append(time.process_time() - start)
    assert min(took) < 1.0


def test_the_two_main_flows_know_the_facts_and_verdicts_that_the_situations_name() -> None:
    shared = shared_json("eval", "situations.json")
    for name, verdicts in shared["verdicts"].items():
        assert set(FLOWS[name].verdicts) == set(verdicts)
    for situation in shared["situations"]:
        domains = {fact.id: fact.domain for fact in FLOWS[situation["flow"]].facts}
        assert all(value in domains[fact] for fact, value in situation["facts"].items())


@pytest.mark.parametrize("flow", DECIDING, ids=lambda flow: flow.id)
def test_every_combination_of_known_and_unknown_values_reaches_exactly_one_verdict(flow: Flow) -> None:
    rules = compiled(flow)
    diagram = rules.diagram
    sizes = [len(domain) for domain in diagram.domains]
    covered = 0
    for path, end in diagram.paths(rules.possible_rule):
        free = 1
        for level, size in enumerate(sizes):
            free *= 1 if level in path else size
        covered += free
        assert end != rules.gap
        if end != rules.impossible:
            facts = {UNKNOWN: "", **diagram.example(path)}
            assert first_rule(flow, facts) == end
    total = 1
    for size in sizes:
        total *= size
    assert covered == total


@pytest.mark.parametrize("flow", DECIDING, ids=lambda flow: flow.id)
def test_the_diagram_says_what_the_rules_say_for_combinations_drawn_at_random(flow: Flow) -> None:
    rules, dice = compiled(flow), random.Random(7)
    for _ in range(3000):
        facts = {fact.id: dice.choice(fact.domain) for fact in flow.facts}
        ref = rules.rule
        while ref >= 0:
            level, children = rules.diagram.nodes[ref]
            fact = flow.facts[level]
            ref = children[fact.domain.index(facts[fact.id])]
        assert -1 - ref == first_rule(flow, facts)


@pytest.mark.parametrize("flow", DECIDING, ids=lambda flow: flow.id)
def test_each_rule_and_each_verdict_is_reached_by_known_values_alone(flow: Flow) -> None:
    rules = compiled(flow)
    known = {level: range(len(fact.values)) for level, fact in enumerate(flow.facts)}
    reached = rules.diagram.ends(rules.diagram.within(rules.possible_rule, known))
    only_unknown = {"core-and-little-known"}
    missed = [rule.id for number, rule in enumerate(flow.rules) if number not in reached and rule.id not in only_unknown]
    assert missed == []
    assert {flow.rules[number].verdict for number in reached if number < rules.gap} == set(flow.verdicts)


@pytest.mark.parametrize("flow", WARNING, ids=lambda flow: flow.id)
def test_dont_know_never_opens_a_door_that_some_answer_would_shut(flow: Flow) -> None:
    """A go under ignorance holds whatever the ignored facts turn out to be, short of care: never a stop."""
    rules, dice = compiled(flow), random.Random(11)
    signals = [flow.verdicts[rule.verdict].signal for rule in flow.rules]
    goes = [path for path, end in rules.diagram.paths(rules.possible_rule) if end < rules.gap and signals[end] == "go"]
    for path in dice.sample(goes, min(400, len(goes))):
        facts = rules.diagram.example(path)
        ignored = [fact for fact in flow.facts if facts.get(fact.id, UNKNOWN) == UNKNOWN and fact.id in facts]
        for values in itertools.product(*([value.id for value in fact.values] for fact in ignored)):
            settled = facts | {fact.id: value for fact, value in zip(ignored, values, strict=True)}
            if not any(each.when.holds(settled) for each in flow.contradictions):
                assert signals[first_rule(flow, settled)] != "stop", settled


def test_payment_is_never_routine_without_a_call_to_a_known_number() -> None:
    flow = FLOWS["payment-change"]
    rules = compiled(flow)
    for path, end in rules.diagram.paths(rules.possible_rule):
        if flow.rules[end].verdict == "routine":
            assert rules.diagram.example(path).get("checked") == "confirmed_on_known_number"


def test_a_customer_list_and_source_code_are_never_shared_in_full() -> None:
    flow = FLOWS["share-this"]
    rules = compiled(flow)
    for what in ("customer_list", "source_code"):
        level = rules.diagram.level["what"]
        only = rules.diagram.within(rules.rule, {level: (flow.fact("what").domain.index(what),)})
        assert all(flow.rules[end].verdict != "share" for end in rules.diagram.ends(only))


def test_every_value_has_a_dozen_ways_to_be_said_in_each_language() -> None:
    for flow in DECIDING:
        for fact in flow.facts:
            for value in fact.values:
                for lang in LANGS:
                    ways = sum(count(parse(p)) for p in (*getattr(value.say, lang), *getattr(value.reply, lang)))
                    assert ways >= 12, f"{flow.id} {fact.id} {value.id} {lang}: {ways}"


def test_counterparts_are_addressed_politely_and_readers_plainly_in_chinese() -> None:
    for flow in FLOWS.values():
        ready = [line for verdict in flow.verdicts.values() for line in verdict.say] + list(flow.say)
        assert not [line.zh for line in ready if line.to == "counterpart" and "你" in line.zh]
        plain = [fact.question.zh + fact.why.zh for fact in flow.facts]
        plain += [line.zh for verdict in flow.verdicts.values() for line in (*verdict.reasons, *verdict.conditions, verdict.text)]
        plain += [rule.because.zh for rule in flow.rules]
        assert not [text for text in plain if "您" in text and "：您" not in text]
        assert not [text for text in plain if any("a" <= c <= "z" for c in text.replace("Caucus", ""))]


def test_a_pattern_stands_for_its_phrases() -> None:
    assert phrases(parse("(no|without) [written] nda")) == ["no written nda", "no nda", "without written nda", "without nda"]
    assert phrases(parse("(签|做)(了)?保密")) == ["签了保密", "签保密", "做了保密", "做保密"]
    assert phrases(parse("catalog[ue]")) == ["catalog", "catalogue"]
    for broken in ("(a|b", "a)", "[a)", "a?", "a|b"):
        with pytest.raises(ValueError, match=r"closed|alone"):
            parse(broken)


BASE = """
id: tiny
kind: verdict
card: share-information
title: {en: Tiny, zh: 小}
facts:
  - id: a
    name: {en: A, zh: 甲}
    question: {en: A or b, zh: 甲还是乙}
    why: {en: Because, zh: 因为}
    values:
      - {id: yes, label: {en: "Yes", zh: 是}}
      - {id: no, label: {en: "No", zh: 否}}
verdicts:
  good:
    label: {en: Good, zh: 好}
    signal: go
    text: {en: Good, zh: 好的}
    reasons:
      - {claims: [S0-01], en: One, zh: 一}
      - {claims: [S0-02], en: Two, zh: 二}
    say: [{en: Hello, zh: 您好}]
rules:
  - {id: one, when: {a: yes}, verdict: good, because: {en: One, zh: 一}}
  - {id: rest, verdict: good, because: {en: Rest, zh: 其余}}
"""


def problems_of(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "flows").mkdir(exist_ok=True)
    (tmp_path / "flows" / "tiny.yaml").write_text(text, encoding="utf-8")
    documents: dict[str, Document] = {}
    load_flows(tmp_path, documents, claims=CLAIMS, cards={"share-information"})
    return [str(problem) for document in documents.values() for problem in document.problems]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", None),
        ("claims: [S0-02]", "claims: [S9-99]", "flows/tiny.yaml:21: verdicts.good.reasons.1.claims: no claim S9-99"),
        ("{a: yes}, verdict", "{b: yes}, verdict", "flows/tiny.yaml:24: rules.0.when: no fact b"),
        ("{a: yes}, verdict", "{a: maybe}, verdict", "no value maybe of a: yes, no, unknown"),
        (
            "verdict: good, because: {en: One",
            "verdict: bad, because: {en: One",
            "flows/tiny.yaml:24: rules.0.verdict: no verdict bad",
        ),
        ("when: {a: yes}, ", "", "rules.1: rest is never reached"),
        ("{id: rest, verdict", "{id: rest, when: {a: no}, verdict", "no rule for a: unknown"),
        ("- {claims: [S0-02], en", "- {claims: [S0-02], when: {a: yes}, en", "fewer than 2 reasons with claims for a: no"),
        ("label: {en: Good, zh: 好}", "label: {en: Good}", "verdicts.good.label.zh: Field required"),
        ("card: share-information", "card: nowhere", "card: no card nowhere"),
        ("id: tiny", "id: other", "belongs in flows/other.yaml"),
        ('{id: no, label: {en: "No", zh: 否}}', '{id: no, label: {en: "No", zh: 否}, say: {en: ["(a"]}}', "is not closed"),
        ("say: [{en: Hello, zh: 您好}]", 'say: [{en: "Hello {name}", zh: 您好}]', "1 slots in English, 0 in Chinese"),
        ("kind: verdict", "kind: verdict\ncolour: red", "Extra inputs are not permitted"),
    ],
)
def test_a_broken_flow_is_refused_with_file_line_and_reason(
    tmp_path: Path, before: str, after: str, expected: str | None
) -> None:
    found = problems_of(tmp_path, BASE.replace(before, after, 1) if before else BASE)
    if expected is None:
        assert found == []
    else:
        assert any(expected in line for line in found), found
        assert all(line.startswith("flows/tiny.yaml:") for line in found)
