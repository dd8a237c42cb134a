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

from bot.messages import Decision

MOST_OFFERED = 3
FAINTEST_OFFERED = 0.04
"""A candidate below this probability is not worth a line among the offered."""


@dataclass(frozen=True)
class Candidate:
    """An intent with its probability."""

    intent: str
    probability: float


@dataclass(frozen=True)
class Thresholds:
    """From which probability on the coach is sure, and from which share of out-of-scope on it declines."""

    sure: float
    unknown: float

    def to_json(self) -> dict[str, Any]:
        """As stored with the model."""
        return asdict(self)


CAREFUL = Thresholds(sure=0.6, unknown=0.5)


def decide(candidates: Sequence[Candidate], out_of_scope: float, thresholds: Thresholds) -> tuple[Decision, list[Candidate]]:
    """The decision and what goes with it: one candidate when sure, two or three to choose from, none when unknown.

    `candidates` are intents in falling order; `out_of_scope` is the probability that it is none of them.
    """
    if not candidates or out_of_scope >= thresholds.unknown:
        return "unknown", []
    if candidates[0].probability >= thresholds.sure:
        return "sure", [candidates[0]]
    offered = [c for n, c in enumerate(candidates[:MOST_OFFERED]) if n < 2 or c.probability >= FAINTEST_OFFERED]
    return "ask", offered


def fit(
    top: npt.NDArray[np.float64],
    right: npt.NDArray[np.bool_],
    out_of_scope: npt.NDArray[np.float64],
    is_out_of_scope: npt.NDArray[np.bool_],
    *,
    wrong_at_most: float = 0.12,
    strangers_at_most: float = 0.04,
    declined_at_most: float = 0.06,
) -> Thresholds:
    """Thresholds from held-out utterances of one language.

    The shares are of held-out *phrasings*, which are written to differ from each other and are harder than what people
    ask: 12 % wrong among them is 2 to 5 % wrong on questions by others (tests/data/questions.jsonl, 2026-11-22).

    top: probability of the best intent; right: whether it is the right one; out_of_scope: probability of none.
    `unknown` is the lowest that declines at most `declined_at_most` of the in-scope utterances; `sure` the lowest that
    leaves at most `wrong_at_most` of the in-scope ones sure but wrong and `strangers_at_most` of the others answered.
    """
    inside = ~is_out_of_scope
    if inside.sum() < 20:
        return CAREFUL
    unknown = float(np.clip(np.quantile(out_of_scope[inside], 1 - declined_at_most), 0.2, 0.9))
    answered = out_of_scope < unknown
    for sure in np.linspace(0.2, 0.95, 76):
        wrong = (answered & inside & ~right & (top >= sure)).sum() / inside.sum()
        strangers = (answered & is_out_of_scope & (top >= sure)).sum() / max(1, is_out_of_scope.sum())
        if wrong <= wrong_at_most and strangers <= strangers_at_most:
            return Thresholds(sure=float(sure), unknown=unknown)
    return Thresholds(sure=0.95, unknown=unknown)
