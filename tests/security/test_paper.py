"""Does each promise of docs/security.md stand beside a test that is there?"""

from __future__ import annotations

import ast
import re

from tests.conftest import REPO

PAPER = (REPO / "docs" / "security.md").read_text("utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAPER)


def test_every_test_that_the_paper_names_is_there_and_asserts_something() -> None:
    assert len(NAMED) > 30
    for file, wanted in NAMED:
        tree = ast.parse((REPO / file).read_text("utf-8"))
        found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == wanted]
        assert len(found) == 1, f"{file}::{wanted}"
        calls = {getattr(node.func, "id", "") for node in ast.walk(found[0]) if isinstance(node, ast.Call)}
        checks = any(isinstance(node, ast.Assert) for node in ast.walk(found[0])) or "raises" in ast.dump(found[0])
        assert checks or calls & {"tried", "tries"}, f"{file}::{wanted} asserts nothing"


def test_every_promise_has_its_test() -> None:
    section = PAPER.partition("## What is promised")[2].partition("## How often")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 20
    assert all(re.search(r"\| `tests/[\w/]+\.py::test_\w+` \|$", row) for row in rows)
