"""Every reason that the house gives on the console is said in Chinese too; the list is held against the sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.console import reasons

REPO = Path(__file__).parents[2]
KINDS = {"Refused", "Conflict", "NotThere", "NotAllowed"}
SOURCES = (
    *(REPO / "bot" / "curation").glob("*.py"),
    *(REPO / "bot" / "broadcasts").glob("*.py"),
    *(REPO / "bot" / name for name in ("people/roles.py", "people/directory.py", "wiring_people.py", "wiring_curation.py")),
)
PROBLEMS = (REPO / "knowledge" / "check.py", *(REPO / "bot" / "curation").glob("*.py"))
ELSEWHERE = {"claims.yaml", "out_of_scope.yaml"}
"""Problems of shipped files, which no change of a team can have."""


def samples(node: ast.expr) -> Iterator[str]:
    """What an expression says, with something put in for what differs; nothing for what is not written there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from samples(node.body)
        yield from samples(node.orelse)
    elif isinstance(node, ast.JoinedStr) and any(
        isinstance(v, ast.Constant) and len(str(v.value).strip()) > 4 for v in node.values
    ):
        yield "".join(str(v.value) if isinstance(v, ast.Constant) else "X7" for v in node.values)


def refusals() -> Iterator[tuple[str, str]]:
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS and node.args:
                yield from ((file.name, said) for said in samples(node.args[0]))


def problems() -> Iterator[tuple[str, str]]:
    for file in PROBLEMS:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "problem"
            if called and len(node.args) == 2:
                yield from ((file.name, said) for said in samples(node.args[1]))


def harms() -> Iterator[tuple[str, str]]:
    tree = ast.parse((REPO / "bot" / "curation" / "learn.py").read_text(encoding="utf-8"))
    (harm,) = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "_harm")
    for node in ast.walk(harm):
        if isinstance(node, ast.Return) and node.value:
            yield from (("learn.py", said) for said in samples(node.value) if said)


def test_there_is_something_to_hold_it_against() -> None:
    assert len(list(refusals())) > 50
    assert len(list(problems())) > 20
    assert len(list(harms())) == 4


@pytest.mark.parametrize(("file", "said"), [*refusals(), *problems(), *harms()])
def test_each_reason_has_its_sentence_in_chinese(file: str, said: str) -> None:
    chinese = reasons.said(said, "zh")
    assert reasons.lang_of(said, "zh") == "zh", f"{file}: {said}"
    assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese)
    assert "{" not in chinese, "every place is filled"


@pytest.mark.parametrize(
    ("said", "chinese"),
    [
        ("it is scheduled already", "已经是“已排期”了"),
        (
            "the layer was changed by somebody else since (version 3); look at it and propose again",
            "补充内容 已被别人改过（第 3 版），请看过之后重新提交",
        ),
        ("cards.0.title: Field required", "cards.0.title：必须填写"),
        ("nobody would get it: 3 opted out, 1 not reached by any channel", "没有人会收到：3 人已退订，1 人没有渠道可达"),
        ("Unreachable", "联系不上（已离开或已屏蔽）"),
        (
            "web: the Chinese text is too long: 4 messages, at most 3 (2000 characters a message)",
            "web：中文太长：要 4 条消息，最多 3 条",
        ),
    ],
)
def test_what_is_put_in_is_said_in_chinese_as_well(said: str, chinese: str) -> None:
    assert reasons.said(said, "zh") == chinese


def test_an_unknown_reason_is_shown_as_it_is_and_marked_as_english() -> None:
    assert reasons.said("the moon is full", "zh") == "The moon is full"
    assert reasons.lang_of("the moon is full", "zh") == "en"
    assert reasons.said("that moment has passed", "en") == "That moment has passed"
