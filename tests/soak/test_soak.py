"""A short soak on every run of the suite; the whole one is `make soak`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.soak.page import page
from tests.soak.run import soak


@pytest.mark.slow
def test_under_mixed_traffic_with_kills_a_lost_database_and_failing_platforms_everything_is_answered_once(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    file = tmp_path / "soak.html"
    assert soak(60, seed, file) == [], f"seed {seed}"
    assert "All held." in file.read_text("utf-8")


def test_the_page_says_what_was_not_held_and_draws_a_gap_where_nothing_was_measured() -> None:
    curves = {"Memory": {"web 1": [(0.0, 1.0), (2.0, 2.0), (60.0, 1.0)]}}
    made = page("a < b", ["api: 1 lost"], {"api": {"said": 3}}, [(1.0, "work 1 killed")], curves, [])
    assert "Not held: api: 1 lost." in made
    assert "a &lt; b" in made
    assert made.count("<polyline") == 2
