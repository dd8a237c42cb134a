"""Does anything that a stranger can send make a parser fail or linger? Kept inputs first, then damaged and invented ones.

`make fuzz` looks for new ones for longer. What it finds is kept in tests/data/fuzz/<parser>/ with a name that says what it is.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import REPO
from tests.security.parsers import PARSERS

CORPUS = REPO / "tests" / "data" / "fuzz"
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
MOST_SECONDS = 3.0
"""Of CPU for one input, however hostile; the largest takes a tenth of it on a machine of 2026."""
LARGEST_KEPT = 200_000
NASTY = (
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xf0\x9f\x99\x82", b"&lol;", b"%00", b"%ff", b"\\ud800", b"1e999", b"-0", b"null",
    b"[" * 2_000, b'{"a":' * 500, b"<a>" * 1_000, b"\r\n" * 500, b"=?utf-8?q?" * 50, "十".encode() * 200, b"9" * 400, b"\xe2\x80\xae",
)  # fmt: skip
"""Pieces that have broken parsers elsewhere."""


def kept(name: str) -> list[Path]:
    """The corpus of a parser."""
    return sorted((CORPUS / name).iterdir())


def tried(name: str, raw: bytes) -> None:
    """One input: read or refused, and soon."""
    parser, began = PARSERS[name], time.process_time()
    with contextlib.suppress(parser.refusals):
        parser.read(raw)
    spent = time.process_time() - began
    assert spent < MOST_SECONDS, f"{spent:.1f} s"


@pytest.mark.parametrize(
    "path", [path for name in PARSERS for path in kept(name)], ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_every_kept_input_is_read_or_refused_in_time(path: Path) -> None:
    raw = path.read_bytes()
    assert len(raw) <= LARGEST_KEPT
    tried(path.parent.name, raw)


def test_every_parser_has_kept_inputs_and_every_folder_a_parser() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(PARSERS)
    assert all(len(kept(name)) >= 6 for name in PARSERS)


@pytest.mark.parametrize("name", PARSERS)
def test_its_well_formed_inputs_are_read(name: str) -> None:
    for seed in PARSERS[name].seeds:
        PARSERS[name].read(seed)


@st.composite
def damaged(draw: st.DrawFn, name: str) -> bytes:
    """A good or kept input, cut, doubled, with nasty pieces put in."""
    raw = draw(st.sampled_from([*PARSERS[name].seeds, *(path.read_bytes()[:4_000] for path in kept(name))]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = draw(st.integers(start, min(len(raw), start + 40)))
        piece = draw(st.one_of(st.sampled_from(NASTY), st.binary(max_size=12), st.just(raw[start:end] * 3)))
        raw = raw[:start] + piece + raw[end:]
    return raw


@pytest.mark.parametrize("name", PARSERS)
def test_damaged_and_invented_inputs_are_read_or_refused_in_time(name: str) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.one_of(damaged(name), st.binary(max_size=400), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
    )
    def tries(raw: bytes) -> None:
        tried(name, raw)

    tries()
