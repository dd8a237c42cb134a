"""Does every error name the right line? Over texts whose lines are counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, TypeAdapter

from knowledge.document import Document, KnowledgeError, Problem

CARD = """\
# a comment first
id: one
title:
  en: "A title"
  zh: 标题

do:
  - {en: first, zh: 一}
  - en: second
    zh: 二
folded: >
  several
  lines
near: {other: {en: x,
  zh: y}}
"""


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ([], 2),
        (["id"], 2),
        (["title"], 4),
        (["title", "en"], 4),
        (["title", "zh"], 5),
        (["do"], 8),
        (["do", 0], 8),
        (["do", 0, "zh"], 8),
        (["do", 1], 9),
        (["do", 1, "zh"], 10),
        (["folded"], 11),
        (["near", "other"], 14),
        (["near", "other", "zh"], 15),
    ],
)
def test_a_value_is_found_on_its_line(where: list[str | int], line: int) -> None:
    assert Document("f", CARD).line(where) == line


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (["absent"], 2),
        (["title", "fr"], 4),
        (["do", 7], 8),
        (["do", 1, "fr", "deeper"], 9),
        (["id", "not a mapping"], 2),
        (["do", "not a number"], 8),
    ],
)
def test_what_is_not_there_has_the_line_of_its_closest_parent(where: list[str | int], line: int) -> None:
    assert Document("f", CARD).line(where) == line


def test_a_repeated_key_is_named_with_the_line_of_its_second_place() -> None:
    document = Document("f", "a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\na: 4\n")
    assert [(p.line, p.field, p.reason) for p in document.problems] == [
        (5, "c", "the key is there twice"),
        (6, "a", "the key is there twice"),
    ]
    assert document.data is None


def test_a_repeated_key_inside_a_list_is_found_and_the_same_key_in_two_items_is_fine() -> None:
    assert [p.line for p in Document("f", "- {a: 1}\n- a: 2\n  b: 3\n  a: 4\n").problems] == [4]
    assert Document("f", "- {a: 1}\n- {a: 2}\n").problems == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [1,\n  2\nc: 3\n", 4),
        ("a: 1\nb: {x: 1\nc: 2\n", 3),
        ('a: 1\nb: "open\nc: 2\n', 4),
        ("a: 1\nb: x: y\n", 2),
        ("a: 1\n b: 2\n", 2),
        ("a: 1\n\tb: 2\n", 2),
        ("a:\n  - 1\n\t- 2\n", 3),
        ("a: 1\n--- \nb: 2\n", 2),
        ("a: 1\nb: *nobody\n", 2),
        ("a: 1\nb: 中\x07\n", 2),
        ("a: 1\nb:\n  date: 2026-02-30\n", 3),
        ("a: 1\nb: !!python/object:os.system x\n", 2),
        ("a: 1\n? [1, 2]\n: 3\n", 2),
        ("a: 1\nb: {{name}: 1}\n", 2),
    ],
    ids=[
        "list left open",
        "mapping left open",
        "quote left open",
        "colon in a plain value",
        "indented too far",
        "tab",
        "tab before a list",
        "two documents",
        "unknown alias",
        "control character",
        "30 February",
        "python object",
        "list as key",
        "mapping as key",
    ],
)
def test_broken_yaml_is_one_problem_with_the_line_where_it_breaks(text: str, line: int) -> None:
    document = Document("f", text)
    assert document.data is None
    assert [p.line for p in document.problems] == [line]
    assert document.problems[0].reason
    assert "\n" not in str(document.problems[0])


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n...\n"])
def test_an_empty_file_is_a_problem(text: str) -> None:
    document = Document("f", text)
    assert [(p.line, p.reason) for p in document.problems] in ([(1, "the file is empty")], [])
    assert document.validated(TypeAdapter(dict[str, str])) is None
    assert len(document.problems) == 1


@pytest.mark.parametrize("text", ["a: &x [*x]", "a: &x {b: *x}", "a: " + "[" * 3000 + "]" * 3000])
def test_a_file_that_contains_itself_or_is_nested_too_deep_is_a_problem_not_a_crash(text: str) -> None:
    assert Document("f", text).problems


def test_a_file_that_is_not_utf_8_names_the_line_of_the_first_strange_byte(tmp_path: Path) -> None:
    path = tmp_path / "cards" / "one.yaml"
    path.parent.mkdir()
    path.write_bytes("id: one\ntitle: 好\nsay: ".encode() + "好".encode("gbk") + b"\n")
    document = Document.read(path, tmp_path)
    assert [str(p) for p in document.problems] == ["cards/one.yaml:3: not UTF-8 at byte 24"]
    assert document.validated(TypeAdapter(dict[str, str])) is None


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    document = Document.read(tmp_path / "f.yaml", tmp_path)
    assert document.data == {"a": 1, "b": 2}
    assert document.line(["b"]) == 2


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: int
    words: list[str]
    inner: dict[str, int]


def test_all_that_does_not_fit_is_told_at_once_with_field_and_line() -> None:
    document = Document("f", "number: many\nwords:\n  - fine\n  - [1]\ninner:\n  a: 1\n  b: x\nextra: 1\n")
    assert document.validated(TypeAdapter(Shape)) is None
    assert sorted((p.line, p.field) for p in document.problems) == [(1, "number"), (4, "words.1"), (7, "inner.b"), (8, "extra")]


def test_a_missing_field_is_named_at_its_parent() -> None:
    document = Document("f", "- number: 1\n  words: []\n  inner: {}\n- number: 2\n  words: []\n")
    assert document.validated(TypeAdapter(list[Shape])) is None
    assert [(p.line, p.field, p.reason) for p in document.problems] == [(4, "1.inner", "Field required")]


def test_a_file_with_a_problem_already_is_not_validated_into_more_of_them() -> None:
    document = Document("f", "a: [")
    before = list(document.problems)
    assert document.validated(TypeAdapter(Shape)) is None
    assert document.problems == before


def test_a_problem_reads_file_line_field_reason() -> None:
    assert str(Problem("cards/x.yaml", 12, "because.0.en", "too long")) == "cards/x.yaml:12: because.0.en: too long"
    assert str(Problem("cards/x.yaml", 12, "", "not YAML")) == "cards/x.yaml:12: not YAML"


def test_an_error_carries_all_problems_in_the_order_of_files_and_lines() -> None:
    error = KnowledgeError([Problem("b", 1, "", "x"), Problem("a", 10, "", "y"), Problem("a", 9, "", "z")])
    assert str(error).splitlines() == ["a:9: z", "a:10: y", "b:1: x"]


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_no_text_makes_reading_raise(text: str) -> None:
    document = Document("f", text)
    assert document.data is None or not document.problems
    assert all(
        1 <= p.line <= text.count("\n") + text.count("\r") + text.count("\x85") + text.count("\u2028") + text.count("\u2029") + 2
        for p in document.problems
    )
