"""What do the operator's papers hold? Headings as links name them, and blocks of code by language."""

from __future__ import annotations

import os
import re
import shutil
import sys
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

from tests.conftest import REPO, skip_loudly

PAPERS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "deploy/**/*.md")
    for path in REPO.glob(pattern)
    if path.name not in ("CHANGELOG.md", "ARCHITECTURE.md")
)
"""Everything that tells somebody to type something."""


def anchors(path: Path) -> set[str]:
    """The headings of a page as links to them are written."""
    found: set[str] = set()
    tokens = MarkdownIt().parse(path.read_text("utf-8"))
    for mark, inline in pairwise(tokens):
        if mark.type == "heading_open":
            words = re.sub(r"[^\w\- ]", "", inline.content.lower())
            found.add(words.replace(" ", "-"))
    return found


def blocks(path: Path, *languages: str) -> list[tuple[int, str]]:
    """(line, text) of the code blocks in these languages."""
    tokens = MarkdownIt().parse(path.read_text("utf-8"))
    return [(t.map[0] + 1 if t.map else 0, t.content) for t in tokens if t.type == "fence" and t.info.strip() in languages]


def sections(path: Path) -> list[tuple[str, str]]:
    """(heading, text) of each shell block, in the order of the page; what the machine of `bare_machine` types."""
    found, heading = list[tuple[str, str]](), ""
    tokens = MarkdownIt().parse(path.read_text("utf-8"))
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            heading = token.content
        if token.type == "fence" and token.info.strip() == "sh":
            found.append((heading, token.content))
    return found


def program(name: str, where: str) -> str:
    """A checker's path, of this environment's or the system's; skips loudly where it is not installed."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")
    if not found:
        skip_loudly(f"no {name}: {where}")
    assert found
    return found
