"""Sure, Ask or Unknown? When to answer, when to offer two or three, when to say "I do not know that". Pure.

A wrong answer said with confidence is the worst a coach can do; the thresholds are fitted for each language on
phrasings the model had not seen (see build), with real out-of-scope utterances among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.messages import Decision, Lang

MOST_OFFERED = 3
FAINTEST_OFFERED = 0.04
"""A candidate below this probability is not worth a line among the offered."""


@dataclass(frozen=True)
class Candidate:
    """An intent with its score (about 1: it is meant; -1: it is not) and its probability."""

    intent: str
    score: float
    probability: float


@dataclass(frozen=True)
class Thresholds:
    """From which clearness on the coach is sure, and how far the strange must lead for it to decline."""

    sure: float
    unknown: float

    def to_json(self) -> dict[str, Any]:
        """As stored with the model."""
        return asdict(self)


NEVER = 9.0
"""A clearness that no scores reach."""
WRONG_AT_MOST: dict[Lang, float] = {"en": 0.088, "zh": 0.11}
"""Share of unseen phrasings that may be sure but wrong. They are written to differ, so they are harder than what people
ask: these shares are 2 to 5 % of questions by others in both languages (tests/data/questions.jsonl, 2026-11-22)."""
CAREFUL = Thresholds(sure=0.6, unknown=0.0)


def clearness(best: Any, second: Any, strange: Any) -> Any:
    """How far the best intent stands out from the next and from the out-of-scope class; scores, one or many."""
    return best - 0.5 * second - 0.5 * strange


def decide(candidates: Sequence[Candidate], strange: float, thresholds: Thresholds) -> tuple[Decision, list[Candidate]]:
    """The decision and what goes with it: one candidate when sure, two or three to choose from, none when unknown.

    `candidates` are intents in falling order; `strange` is the score of the out-of-scope class.
    """
    if not candidates or strange - candidates[0].score >= thresholds.unknown:
        return "unknown", []
    second = candidates[1].score if len(candidates) > 1 else -1.0
    if clearness(candidates[0].score, second, strange) >= thresholds.sure:
        return "sure", [candidates[0]]
    offered = [c for n, c in enumerate(candidates[:MOST_OFFERED]) if n < 2 or c.probability >= FAINTEST_OFFERED]
    return "ask", offered


def fit(
    scores: npt.NDArray[np.float32],
    targets: npt.NDArray[np.intp],
    strange: int,
    *,
    wrong_at_most: float,
    strangers_at_most: float = 0.04,
    declined_at_least: float = 0.91,
) -> Thresholds:
    """Thresholds from scores of utterances of one language by a head that had not seen them.

    `strange` is the column of the out-of-scope class.
    `unknown` is the highest that declines `declined_at_least` of the out-of-scope utterances; `sure` the lowest that
    leaves at most `wrong_at_most` of the in-scope ones sure but wrong and `strangers_at_most` of the others answered.
    """
    inside = targets != strange
    if inside.sum() < 20 or inside.all() or scores.shape[1] < 3:
        return CAREFUL
    known = scores.copy()
    known[:, strange] = -np.inf
    best = known.argmax(axis=1)
    order = np.sort(known, axis=1)
    lead = scores[:, strange] - order[:, -1]
    clear = clearness(order[:, -1], order[:, -2], scores[:, strange])
    unknown = float(np.quantile(lead[~inside], 1 - declined_at_least))
    answered = lead < unknown
    wrong, strangers = answered & inside & (best != targets), answered & ~inside
    for sure in np.linspace(-0.5, 1.5, 201):
        if (wrong & (clear >= sure)).sum() > wrong_at_most * inside.sum():
            continue
        if (strangers & (clear >= sure)).sum() <= strangers_at_most * max(1, (~inside).sum()):
            return Thresholds(sure=float(sure), unknown=unknown)
    return Thresholds(sure=NEVER, unknown=unknown)
