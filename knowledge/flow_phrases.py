"""What does a curator's pattern stand for? `(a|b)` one of them, `(a|b)?` or `[a]` may be left out, `<list>` a word of a list.

Pure syntax: a pattern becomes a tree; what words mean is not known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice, product

_MARK = re.compile(r"[()\[\]|?]")


@dataclass(frozen=True)
class Part:
    """A piece of a pattern: plain text, or alternatives (each a sequence of parts), perhaps to be left out."""

    text: str = ""
    ways: tuple[tuple[Part, ...], ...] = ()
    may_go: bool = False


def parse(pattern: str) -> tuple[Part, ...]:
    """The pattern as a sequence of parts. Raises ValueError with the reason when a bracket or mark is out of place."""
    glued = re.sub(r"([a-z]+)\[([a-z|]+)\]", lambda m: f"({'|'.join([m[1], *(m[1] + end for end in m[2].split('|'))])})", pattern)
    parts, at = _sequence(glued, 0)
    if at != len(glued):
        raise ValueError(f"{glued[at]} stands alone: {pattern!r}")
    return parts


def count(parts: tuple[Part, ...]) -> int:
    """How many plain phrases it stands for."""
    found = 1
    for part in parts:
        if part.ways:
            found *= sum(count(way) for way in part.ways) + part.may_go
    return found


def phrases(parts: tuple[Part, ...], most: int = 50) -> list[str]:
    """The first plain phrases it stands for."""
    columns: list[list[str]] = []
    for part in parts:
        inner = [text for way in part.ways for text in phrases(way, most)]
        columns.append([part.text] if not part.ways else inner + [""] * part.may_go)
    return list(dict.fromkeys(" ".join("".join(row).split()) for row in islice(product(*columns), most)))


def _sequence(pattern: str, at: int) -> tuple[tuple[Part, ...], int]:
    parts: list[Part] = []
    while at < len(pattern) and pattern[at] not in ")]|":
        if pattern[at] in "([":
            part, at = _group(pattern, at)
            parts.append(part)
            continue
        if pattern[at] == "?":
            raise ValueError(f"? stands alone: {pattern!r}")
        stop = _MARK.search(pattern, at)
        end = stop.start() if stop else len(pattern)
        parts.append(Part(pattern[at:end]))
        at = end
    return tuple(parts), at


def _group(pattern: str, at: int) -> tuple[Part, int]:
    opened, ways = pattern[at], []
    while True:
        way, at = _sequence(pattern, at + 1)
        ways.append(way)
        if at >= len(pattern):
            raise ValueError(f"{opened} is not closed: {pattern!r}")
        if pattern[at] != "|":
            break
    if pattern[at] != {"(": ")", "[": "]"}[opened]:
        raise ValueError(f"{opened} is closed by {pattern[at]}: {pattern!r}")
    asked = pattern[at + 1 : at + 2] == "?"
    return Part(ways=tuple(ways), may_go=asked or opened == "["), at + (2 if asked else 1)
