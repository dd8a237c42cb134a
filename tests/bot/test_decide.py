"""When is the coach sure, when does it ask, when does it decline? And are the thresholds what was asked for?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.intents.decide import CAREFUL, MOST_OFFERED, Candidate, Thresholds, decide, fit

LIMITS = Thresholds(sure=0.6, unknown=0.5)


def candidates(*probabilities: float) -> list[Candidate]:
    """Candidates a, b, c … with these probabilities."""
    return [Candidate("abcdefgh"[n], probability) for n, probability in enumerate(probabilities)]


@pytest.mark.parametrize(
    ("probabilities", "strange", "decision", "offered"),
    [
        ((0.9, 0.05), 0.0, "sure", "a"),
        ((0.6, 0.3), 0.0, "sure", "a"),
        ((0.59, 0.3), 0.0, "ask", "ab"),
        ((0.4, 0.3, 0.2, 0.1), 0.0, "ask", "abc"),
        ((0.5, 0.3, 0.03), 0.1, "ask", "ab"),
        ((0.5, 0.01, 0.005), 0.3, "ask", "ab"),
        ((0.5,), 0.3, "ask", "a"),
        ((0.45, 0.05), 0.5, "unknown", ""),
        ((0.7, 0.1), 0.55, "unknown", ""),
        ((), 0.0, "unknown", ""),
    ],
)
def test_a_decision_and_what_goes_with_it(probabilities: tuple[float, ...], strange: float, decision: str, offered: str) -> None:
    found, chosen = decide(candidates(*probabilities), strange, LIMITS)
    assert (found, "".join(c.intent for c in chosen)) == (decision, offered)


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 1), max_size=8).map(lambda row: sorted(row, reverse=True)),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_sure_gives_one_ask_at_most_three_unknown_none(row: list[float], strange: float, sure: float, unknown: float) -> None:
    decision, offered = decide(candidates(*row), strange, Thresholds(sure, unknown))
    assert len(offered) in {"sure": (1,), "ask": tuple(range(1, MOST_OFFERED + 1)), "unknown": (0,)}[decision]
    assert offered == candidates(*row)[: len(offered)]


def figures(count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Held-out scores of a fair model: the surer, the more often right; strangers mostly seen as such."""
    rng = np.random.default_rng(seed)
    stranger = rng.random(count) < 0.2
    none = np.where(stranger, rng.beta(5, 2, count), rng.beta(1, 12, count))
    top = rng.beta(3, 2, count) * (1 - none)
    right = rng.random(count) < top
    return top, right & ~stranger, none, stranger


@pytest.mark.parametrize("seed", range(5))
def test_the_fitted_thresholds_keep_what_was_asked_for(seed: int) -> None:
    top, right, none, stranger = figures(4000, seed)
    found = fit(top, right, none, stranger, wrong_at_most=0.05, strangers_at_most=0.03, declined_at_most=0.03)
    inside = ~stranger
    sure = (none < found.unknown) & (top >= found.sure)
    assert (sure & inside & ~right).sum() / inside.sum() <= 0.05
    assert (sure & stranger).sum() / stranger.sum() <= 0.03
    assert (none[inside] >= found.unknown).mean() <= 0.031


def test_sure_is_no_higher_than_needed() -> None:
    top, right, none, stranger = figures(4000)
    found = fit(top, right, none, stranger)
    below = (none < found.unknown) & (top >= found.sure - 0.011)
    wrong = (below & ~stranger & ~right).sum() / (~stranger).sum()
    strangers = (below & stranger).sum() / stranger.sum()
    assert found.sure == pytest.approx(0.2) or wrong > 0.05 or strangers > 0.03


def test_a_stricter_wish_gives_a_higher_threshold() -> None:
    row = figures(4000)
    assert fit(*row, wrong_at_most=0.01).sure > fit(*row, wrong_at_most=0.10).sure
    assert fit(*row, declined_at_most=0.001).unknown > fit(*row, declined_at_most=0.10).unknown


def test_with_too_few_examples_the_careful_thresholds_hold() -> None:
    top, right, none, stranger = (row[:15] for row in figures(100))
    assert fit(top, right, none, stranger) == CAREFUL


def test_a_hopeless_model_is_never_sure() -> None:
    top, _, none, stranger = figures(1000)
    assert fit(top, np.zeros(1000, dtype=bool), none * 0, stranger, wrong_at_most=0.0).sure >= min(0.95, top.max())


def test_without_strangers_nothing_divides_by_zero() -> None:
    top, right, none, _ = figures(200)
    found = fit(top, right, none, np.zeros(200, dtype=bool))
    assert 0.2 <= found.sure <= 0.95
    assert 0.2 <= found.unknown <= 0.9


def test_thresholds_are_stored_and_read_back() -> None:
    assert Thresholds(**LIMITS.to_json()) == LIMITS
