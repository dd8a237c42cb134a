"""Does each rule of the writing standard find what it is for, and only that? Over a small knowledge base of two cards."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.check import (
    ALIKE_IN_A_ROW,
    FEWEST_OUT_OF_SCOPE,
    FEWEST_PHRASINGS,
    RULES,
    Problem,
    check,
    claims_are_given,
    enough_phrasings,
    languages_are_kept,
    neighbours_are_mutual,
    people_are_addressed_rightly,
    phrasings_have_one_home,
    phrasings_vary,
    reasons_have_a_source,
    slots_match,
)
from knowledge.load import load

Data = dict[str, Any]
FIRST, SECOND = "cards/shelf/first.yaml", "cards/shelf/second.yaml"
HAN = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"


def phrasings(word: str, sign: str) -> Data:
    """As many as needed, none alike: two starts take turns."""
    return {
        "en": [f"{('may', 'why')[n % 2]} we {word} number {n}" for n in range(FEWEST_PHRASINGS["en"])],
        "zh": [f"{HAN[n % 22]}{HAN[n // 22]}{sign}怎么办" for n in range(FEWEST_PHRASINGS["zh"])],
    }


def line(en: str = "Do it", zh: str = "这样做") -> Data:
    """One line in both languages."""
    return {"en": en, "zh": zh}


def card(name: str, other: str, claim: str, word: str, sign: str) -> Data:
    """A card against which no rule has anything to say."""
    return {
        "id": name,
        "theme": "shelf",
        "title": line("May we?", "可以吗？"),
        "verdict": {"kind": "stop", "en": "No, not yet.", "zh": "还不行。"},
        "because": [{**line("It costs much.", "代价很大。"), "claims": [claim]}],
        "do": [line(), line()],
        "avoid": [line("Promise nothing", "不要答应"), line("Sign nothing", "不要签字")],
        "say": [{"to": "counterpart", "en": "Dear {name}, not yet.", "zh": "{称呼}，请您再等等。"}],
        "ask": [line("What for?", "您要来做什么？")],
        "watch_for": [line("They hurry", "对方催得急")],
        "unless": [line("They pay", "对方付钱")],
        "tips": [line("Wait a day", "先等一天"), line("Ask first", "先问清楚")],
        "near": {other: line("When it is the other", "是另一种情况时")},
        "claims": [claim],
        "reviewed": {"by": "us", "date": "2026-11-22"},
        "phrasings": phrasings(word, sign),
    }


def good() -> Data:
    """File name → content of a knowledge folder that is good."""
    stranger = [f"{('visa', 'tax')[n % 2]} question {n}" for n in range(FEWEST_OUT_OF_SCOPE)]
    return {
        "themes.yaml": [{"id": "shelf", "title": line()}],
        "verdicts.yaml": [{"id": "stop", "signal": "stop", "label": line("Stop", "停下")}],
        "sources.yaml": [{"id": "S0", "title": "An article", "author": "A", "publisher": "P"}],
        "claims.yaml": [{"id": "S0-01", "at": "1", "says": "One."}, {"id": "S0-02", "at": "2", "says": "Two."}],
        "commands.yaml": [{"id": "help", "title": line("Help", "帮助"), "phrasings": {"en": ["help me"], "zh": ["帮帮我"]}}],
        "aspects.yaml": [
            {"id": "why", "fields": ["because"], "title": line("Why", "为什么"), "phrasings": {"en": ["why"], "zh": ["为啥"]}}
        ],
        "out_of_scope.yaml": {"near-misses": {"en": stranger, "zh": ["签证怎么办理"]}},
        FIRST: card("first", "second", "S0-01", "sell", "卖"),
        SECOND: card("second", "first", "S0-02", "buy", "买"),
    }


def found(data: Data, folder: Path) -> list[Problem]:
    """What check says about these files."""
    for name, content in data.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    return check(load(folder))


def put(file: str, *where: str | int) -> Callable[[Any], Callable[[Data], None]]:
    """What makes a change at that place, once it is given the value to put there."""

    def with_value(value: Any) -> Callable[[Data], None]:
        def change(data: Data) -> None:
            part = data[file]
            for step in where[:-1]:
                part = part[step]
            part[where[-1]] = copy.deepcopy(value)

        return change

    return with_value


def many(*, start: str, count: int) -> list[str]:
    """Enough phrasings of which `count` in a row start alike."""
    rest = [f"{('may', 'why')[n % 2]} we go on {n}" for n in range(FEWEST_PHRASINGS["en"])]
    return [*rest[:5], *(f"{start} about case {n}" for n in range(count)), *rest[5:]]


BROKEN: list[tuple[Callable[..., Any], Callable[[Data], None], str, str, str]] = [
    # rule, what is changed, file, field, reason has
    (claims_are_given, put(FIRST, "claims")(["S0-01", "S0-02"]), FIRST, "claims.1", "S0-02 is promised"),
    (
        claims_are_given,
        lambda data: data["claims.yaml"].append({"id": "S0-03", "at": "3", "says": "Three."}),
        "claims.yaml",
        "S0-03",
        "no card gives this claim",
    ),
    (reasons_have_a_source, lambda data: data[FIRST]["because"].append(line()), FIRST, "because.1", "needs claims or a note"),
    (neighbours_are_mutual, put(FIRST, "near", "third")(line()), FIRST, "near.third", "no such card"),
    (neighbours_are_mutual, put(SECOND, "near")({}), FIRST, "near.second", "second does not name first"),
    (enough_phrasings, lambda data: data[FIRST]["phrasings"]["en"].pop(), FIRST, "phrasings.en", "59 phrasings, at least 60"),
    (enough_phrasings, lambda data: data[FIRST]["phrasings"]["zh"].pop(), FIRST, "phrasings.zh", "44 phrasings, at least 45"),
    (
        enough_phrasings,
        lambda data: data["out_of_scope.yaml"]["near-misses"].update(en=data["out_of_scope.yaml"]["near-misses"]["en"][2:]),
        "out_of_scope.yaml",
        "",
        "599 utterances, at least 600",
    ),
    (
        phrasings_have_one_home,
        put(SECOND, "phrasings", "en", 3)("MAY we - sell, number 2?"),
        SECOND,
        "phrasings.en.3",
        "stands already",
    ),
    (
        phrasings_have_one_home,
        put(FIRST, "phrasings", "en", 3)("may we sell number ２"),
        FIRST,
        "phrasings.en.3",
        "stands already",
    ),
    (
        phrasings_have_one_home,
        put("commands.yaml", 0, "phrasings", "en", 0)("may we buy number 2"),
        "commands.yaml",
        "0.phrasings.en.0",
        "stands already",
    ),
    (
        phrasings_have_one_home,
        put("out_of_scope.yaml", "near-misses", "zh", 0)("帮帮我！"),
        "out_of_scope.yaml",
        "near-misses.zh.0",
        "stands already",
    ),
    (phrasings_have_one_home, put(FIRST, "phrasings", "zh", 7)("？？！"), FIRST, "phrasings.zh.7", "neither letters nor digits"),
    (
        phrasings_vary,
        put(FIRST, "phrasings", "en")(many(start="Should", count=ALIKE_IN_A_ROW)),
        FIRST,
        "phrasings.en.5",
        "'should'",
    ),
    (
        phrasings_vary,
        put(FIRST, "phrasings", "zh")([f"{'对方' if n < 10 else HAN[n % 22]}{HAN[n // 22]}卖第{n}次" for n in range(45)]),
        FIRST,
        "phrasings.zh.0",
        "'对方'",
    ),
    (languages_are_kept, put(FIRST, "do", 0, "zh")("do it"), FIRST, "do.0.zh", "is not Chinese"),
    (languages_are_kept, put(FIRST, "do", 0, "zh")("說清楚"), FIRST, "do.0.zh", "not simplified: 說"),
    (languages_are_kept, put(FIRST, "do", 0, "en")("Say 我们先等一等再说 to them"), FIRST, "do.0.en", "Chinese sentence"),
    (languages_are_kept, put(FIRST, "near", "second", "zh")("see there"), FIRST, "near.second.zh", "is not Chinese"),
    (languages_are_kept, put(FIRST, "phrasings", "zh", 4)("獨家怎么办"), FIRST, "phrasings.zh.4", "not simplified: 獨"),
    (people_are_addressed_rightly, put(FIRST, "say", 0, "zh")("{称呼}，请你再等等。"), FIRST, "say.0.zh", "a counterpart is 您"),
    (people_are_addressed_rightly, put(FIRST, "tips", 1, "zh")("您先问清楚"), FIRST, "tips.1.zh", "the reader is 你"),
    (slots_match, put(FIRST, "say", 0, "zh")("请您再等等。"), FIRST, "say.0", "1 slots in English, 0 in Chinese"),
    (slots_match, put(FIRST, "say", 0, "en")("Dear {name}, not yet {."), FIRST, "say.0.en", "a brace is open"),
    (slots_match, put(FIRST, "say", 0, "zh")("{称呼}，请您{}再等等。"), FIRST, "say.0.zh", "a brace is open, nested or empty"),
]


def test_a_good_knowledge_base_has_no_problem(tmp_path: Path) -> None:
    assert found(good(), tmp_path) == []


@pytest.mark.parametrize(("rule", "change", "file", "field", "reason"), BROKEN, ids=[f"{b[0].__name__}: {b[4]}" for b in BROKEN])
def test_a_rule_finds_what_it_is_for_and_no_other_rule_speaks(
    tmp_path: Path, rule: Callable[..., Any], change: Callable[[Data], None], file: str, field: str, reason: str
) -> None:
    data = good()
    change(data)
    problems = found(data, tmp_path)
    assert [(p.file, p.field) for p in problems] == [(file, field)]
    assert reason in problems[0].reason
    assert problems == sorted(rule(load(tmp_path)))


def test_every_rule_has_a_broken_example_here() -> None:
    assert {rule.__name__ for rule in RULES} == {broken[0].__name__ for broken in BROKEN}


def test_a_problem_stands_at_the_line_of_its_value(tmp_path: Path) -> None:
    data = good()
    put(FIRST, "phrasings", "en", 3)("may we sell number 2")(data)
    (problem,) = found(data, tmp_path)
    lines = (tmp_path / FIRST).read_text("utf-8").splitlines()
    twins = [number for number, text in enumerate(lines, 1) if text.strip() == "- may we sell number 2"]
    assert problem.line == twins[1]
    assert f"{FIRST}:{twins[0]}" in problem.reason


@pytest.mark.parametrize(
    "change",
    [
        put(FIRST, "because", 0)({**line(), "claims": ["S0-01"], "note": {"source": "our own judgement"}}),
        put(FIRST, "phrasings", "en")(many(start="Should", count=ALIKE_IN_A_ROW - 1)),
        put(FIRST, "do", 0, "en")("Say 谢谢 (thank you), 干杯 (cheers)"),
        put(FIRST, "do", 0, "zh")("发CAD之前，先想NDA"),
        put(FIRST, "tips", 1, "zh")("可以说：“请您放心”"),
        put(FIRST, "say", 0)({"to": "boss", "en": "Not {this} yet.", "zh": "{这个}先别答应，你看呢？"}),
        put(FIRST, "say", 0)({"to": "counterpart", "en": "{a}, {b}", "zh": "{乙}，{甲}，您好"}),
    ],
    ids=[
        "a note beside claims",
        "nine alike in a row",
        "a few Chinese words in English",
        "Latin letters in Chinese",
        "the ready words quoted in a tip",
        "the boss as 你",
        "slots in another order",
    ],
)
def test_what_is_allowed_is_left_alone(tmp_path: Path, change: Callable[[Data], None]) -> None:
    data = good()
    change(data)
    assert found(data, tmp_path) == []


def test_a_reason_marked_as_the_curators_note_needs_no_claim(tmp_path: Path) -> None:
    data = good()
    data[FIRST]["because"].append({**line(), "note": {"source": "our own judgement"}})
    assert found(data, tmp_path) == []


def test_problems_of_several_rules_come_sorted_by_file_and_line(tmp_path: Path) -> None:
    data = good()
    put(SECOND, "do", 0, "zh")("do it")(data)
    put(FIRST, "tips", 1, "zh")("您先问清楚")(data)
    put(FIRST, "say", 0, "zh")("请您再等等。")(data)
    problems = found(data, tmp_path)
    assert [(p.file, p.field) for p in problems] == [(FIRST, "say.0"), (FIRST, "tips.1.zh"), (SECOND, "do.0.zh")]
