"""Would people be understood worse than before? Two sets of scores or two matchers, question by question. Pure.

Phrasings are judged by heads that have not seen them (leave-one-out), a team's known questions as people would ask them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bot.intents.decide import CAREFUL, Candidate, decide
from bot.intents.evaluate import Given, Question, outcome
from bot.intents.features import Floats
from bot.intents.head import Head
from bot.intents.match import Matcher
from bot.messages import Lang
from knowledge.load import OUT_OF_SCOPE

RANK = {
    "right at once": 3,
    "right in one tap": 2,
    "declined": 3,
    "missed": 1,
    "offered out of scope": 1,
    "sure but wrong": 0,
    "answered out of scope": 0,
}
NOTHING = "nothing we know"
"""In the place of an intent, where none is found."""
LOST_AT_MOST = 5
LOST_A_PHRASING = 0.1
"""Phrasings that may lose more than others win: so many, and a tenth of what was added. Measured on 2026-11-22 with 725
labelled questions as phrasings: 1 to 20 well placed ones lose 2 at most, 100 well placed win 30, 100 misplaced lose 50."""


@dataclass(frozen=True)
class Moved:
    """A question that is answered differently than before."""

    text: str
    lang: Lang
    wanted: str
    before: str
    after: str
    """Outcomes, as `evaluate.outcome` names them."""
    now: str
    """What it is taken for after."""

    @property
    def worse(self) -> bool:
        """Whether the person asking gets less than before."""
        return RANK[self.after] < RANK[self.before]


def given(head: Head, scores: Floats, langs: Sequence[Lang]) -> list[Given]:
    """What is decided on each row of scores, by the thresholds of its language."""
    strange = head.classes.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in head.classes else -1
    strangest = scores[:, strange] if strange >= 0 else np.full(len(scores), -1.0)
    chances, best = head.probabilities(scores), np.argsort(scores, axis=1)[:, ::-1][:, :4]
    found: list[Given] = []
    for row, lang in enumerate(langs):
        order = [int(n) for n in best[row] if n != strange][:3]
        candidates = [Candidate(head.classes[n], float(scores[row, n]), float(chances[row, n])) for n in order]
        decision, offered = decide(candidates, float(strangest[row]), head.thresholds.get(lang, CAREFUL))
        sure = offered[0].intent if decision == "sure" else None
        found.append(Given(decision, sure, () if sure else tuple(candidate.intent for candidate in offered)))
    return found


def phrasings(before: Sequence[tuple[Question, Given]], after: Sequence[tuple[Question, Given]]) -> list[Moved]:
    """Those that stand in both and are answered differently."""
    then = {(question.text, question.labels): answer for question, answer in before}
    return [
        moved
        for question, answer in after
        if (known := then.get((question.text, question.labels))) and (moved := _moved(question, known, answer))
    ]


def questions(asked: Sequence[Question], before: Matcher, after: Matcher) -> list[Moved]:
    """Those that two matchers answer differently."""
    return [moved for q in asked if (moved := _moved(q, _asked(before, q), _asked(after, q)))]


def told(moved: Moved) -> dict[str, Any]:
    """As data, with whether it is worse."""
    return {**asdict(moved), "worse": moved.worse}


def too_many(moved: Sequence[Moved], added: int) -> bool:
    """Whether more phrasings lose than a good change costs."""
    net = sum(1 if each.worse else -1 for each in moved)
    return net > LOST_AT_MOST + LOST_A_PHRASING * added


def wrong(asked: Sequence[Question], matcher: Matcher) -> list[Moved]:
    """The questions that are not answered rightly, at once or in one tap."""
    found = [(question, _asked(matcher, question)) for question in asked]
    return [_told(q, outcome(q, answer), answer) for q, answer in found if RANK[outcome(q, answer)] < 2]


def _asked(matcher: Matcher, question: Question) -> Given:
    understood = matcher.understand(question.text)
    return Given(understood.decision, understood.intent, tuple(candidate.intent for candidate in understood.offered))


def _moved(question: Question, before: Given, after: Given) -> Moved | None:
    then, now = outcome(question, before), outcome(question, after)
    return _told(question, then, after) if RANK[then] != RANK[now] else None


def _told(question: Question, then: str, after: Given) -> Moved:
    lang: Lang = "zh" if question.lang == "zh" else "en"
    taken = after.intent or ", ".join(after.choices) or NOTHING
    return Moved(question.text, lang, question.labels[0], then, outcome(question, after), taken)
