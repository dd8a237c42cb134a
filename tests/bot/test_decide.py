"""When is the coach sure, when does it ask, when does it decline? And are the thresholds what was asked for?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intents.decide import CAREFUL, MOST_OFFERED, Candidate, Thresholds, decide, fit

LIMITS = Thresholds(sure=0.5, unknown=0.1)


def candidates(*scores: float) -> list[Candidate]:
    """Candidates a, b, c … with these scores; probabilities as if scores were logarithms."""
    return [Candidate("abcdefgh"[n], score, float(np.exp(score - 1))) for n, score in enumerate(scores)]


@pytest.mark.parametrize(
    ("scores", "strange", "decision", "offered"),
    [
        ((0.9, -0.9), -1.0, "sure", "a"),
        ((0.0, -0.5), -0.5, "sure", "a"),
        ((-0.01, -0.5), -0.5, "ask", "ab"),
        ((0.9, 0.8), 0.5, "ask", "ab"),
        ((-0.4, -0.5, -0.6, -0.7), -0.9, "ask", "abc"),
        ((-0.4, -0.5, -3.0), -0.9, "ask", "ab"),
        ((-0.4, -0.9, -4.0), -0.31, "ask", "ab"),
        ((-0.8,), -0.8, "ask", "a"),
        ((-0.4, -0.5), -0.29, "unknown", ""),
        ((0.7, -0.9), 0.85, "unknown", ""),
        ((), 0.0, "unknown", ""),
    ],
)
def test_a_decision_and_what_goes_with_it(scores: tuple[float, ...], strange: float, decision: str, offered: str) -> None:
    found, chosen = decide(candidates(*scores), strange, LIMITS)
    assert (found, "".join(c.intent for c in chosen)) == (decision, offered)


SCORE = st.floats(-2, 2)


@given(st.lists(SCORE, max_size=8).map(lambda row: sorted(row, reverse=True)), SCORE, SCORE, SCORE)
def test_sure_gives_one_ask_at_most_three_unknown_none(row: list[float], strange: float, sure: float, unknown: float) -> None:
    decision, offered = decide(candidates(*row), strange, Thresholds(sure, unknown))
    assert len(offered) in {"sure": (1,), "ask": tuple(range(1, MOST_OFFERED + 1)), "unknown": (0,)}[decision]
    assert offered == candidates(*row)[: len(offered)]


STRANGE, CLASSES = 3, 6


def figures(count: int, seed: int = 1, noise: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Unseen scores of a fair model and what was meant: the clearer, the more often right; a fifth strangers."""
    rng = np.random.default_rng(seed)
    targets = np.where(rng.random(count) < 0.2, STRANGE, rng.choice([0, 1, 2, 4, 5], count))
    scores = rng.normal(-0.9, noise, (count, CLASSES))
    scores[np.arange(count), targets] += rng.normal(1.4, 0.6, count)
    return scores.astype(np.float32), targets


def shares(scores: np.ndarray, targets: np.ndarray, limits: Thresholds) -> tuple[float, float, float]:
    """(sure but wrong of those inside, answered of the strangers, declined of the strangers) by `decide` itself."""
    wrong = answered = declined = 0
    for row, target in zip(scores, targets, strict=True):
        order = [n for n in np.argsort(row)[::-1] if n != STRANGE]
        decision, offered = decide([Candidate(str(n), float(row[n]), 0.1) for n in order], float(row[STRANGE]), limits)
        declined += decision == "unknown" and target == STRANGE
        answered += decision == "sure" and target == STRANGE
        wrong += decision == "sure" and target not in (STRANGE, int(offered[0].intent))
    strangers = int((targets == STRANGE).sum())
    return wrong / (len(targets) - strangers), answered / strangers, declined / strangers


@pytest.mark.parametrize("seed", range(5))
def test_the_fitted_thresholds_keep_what_was_asked_for(seed: int) -> None:
    scores, targets = figures(2000, seed)
    found = fit(scores, targets, STRANGE, wrong_at_most=0.05, strangers_at_most=0.03, declined_at_least=0.8)
    wrong, answered, declined = shares(scores, targets, found)
    assert wrong <= 0.05
    assert answered <= 0.03
    assert declined >= 0.795


def test_sure_is_no_higher_than_needed() -> None:
    scores, targets = figures(2000)
    found = fit(scores, targets, STRANGE, wrong_at_most=0.065)
    wrong, answered, _ = shares(scores, targets, Thresholds(found.sure - 0.011, found.unknown))
    assert wrong > 0.065 or answered > 0.04


def test_a_stricter_wish_gives_a_higher_threshold() -> None:
    row = figures(4000)
    assert fit(*row, STRANGE, wrong_at_most=0.01).sure > fit(*row, STRANGE, wrong_at_most=0.10).sure
    assert (
        fit(*row, STRANGE, wrong_at_most=0.1, declined_at_least=0.5).unknown
        > fit(*row, STRANGE, wrong_at_most=0.1, declined_at_least=0.95).unknown
    )


def test_with_too_few_examples_the_careful_thresholds_hold() -> None:
    scores, targets = figures(100)
    assert fit(scores[:15], targets[:15], STRANGE, wrong_at_most=0.1) == CAREFUL


def test_a_hopeless_model_is_never_sure() -> None:
    scores, targets = figures(1000)
    shifted = np.where(targets == STRANGE, STRANGE, (targets + 1) % 3)
    found = fit(scores, shifted, STRANGE, wrong_at_most=0.0)
    assert shares(scores, shifted, found)[0] == 0.0


def test_without_strangers_the_careful_thresholds_hold() -> None:
    scores, targets = figures(200)
    inside = targets != STRANGE
    assert fit(scores[inside], targets[inside], STRANGE, wrong_at_most=0.1) == CAREFUL
