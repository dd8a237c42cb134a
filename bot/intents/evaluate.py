"""How well does the coach understand a labelled set of questions? The figures of the standard measure. Pure.

A question has `labels`: acceptable intents, best first, or `out_of_scope`. The measure is that of the shared score
script: right at once, within one tap, sure but wrong, out of scope answered, out of scope declined.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.messages import Decision
from knowledge.load import OUT_OF_SCOPE

MOST_CHOICES = 3


@dataclass(frozen=True)
class Question:
    """One labelled question."""

    id: str
    text: str
    lang: str
    labels: tuple[str, ...]

    @property
    def out_of_scope(self) -> bool:
        """Whether no card of ours answers it."""
        return self.labels[0] == OUT_OF_SCOPE


@dataclass(frozen=True)
class Given:
    """What the coach made of it."""

    decision: Decision
    intent: str | None
    choices: tuple[str, ...]


def outcome(question: Question, given: Given) -> str:
    """The one word for how it went."""
    labels = question.labels
    if given.decision == "sure":
        if given.intent in labels:
            return "right at once"
        return "answered out of scope" if question.out_of_scope else "sure but wrong"
    if given.decision == "ask":
        if any(choice in labels for choice in given.choices[:MOST_CHOICES]):
            return "right in one tap"
        return "offered out of scope" if OUT_OF_SCOPE in labels else "missed"
    return "declined" if OUT_OF_SCOPE in labels else "missed"


def figures(questions: Sequence[Question], answers: Sequence[Given]) -> dict[str, dict[str, float]]:
    """Percentages for the whole set and for each language: the five figures and the number of questions."""
    groups: dict[str, list[tuple[Question, str]]] = defaultdict(list)
    for question, given in zip(questions, answers, strict=True):
        pair = (question, outcome(question, given))
        groups["all"].append(pair)
        groups[question.lang].append(pair)
    return {name: _summary(pairs) for name, pairs in sorted(groups.items())}


def _summary(pairs: Sequence[tuple[Question, str]]) -> dict[str, float]:
    inside = Counter(result for question, result in pairs if not question.out_of_scope)
    outside = Counter(result for question, result in pairs if question.out_of_scope)

    def share(counts: Counter[str], *names: str) -> float:
        total = sum(counts.values())
        return round(100 * sum(counts[name] for name in names) / total, 1) if total else 0.0

    return {
        "questions": len(pairs),
        "right_at_once": share(inside, "right at once"),
        "within_one_tap": share(inside, "right at once", "right in one tap"),
        "sure_but_wrong": share(inside, "sure but wrong"),
        "oos_answered": share(outside, "answered out of scope"),
        "oos_declined": share(outside, "declined", "right at once", "right in one tap"),
    }


def read_questions(lines: Sequence[dict[str, Any]]) -> list[Question]:
    """Questions from JSON objects. Raises ValueError naming the line that is not one."""
    found: list[Question] = []
    for number, line in enumerate(lines, 1):
        try:
            labels = line["labels"]
            if not labels or not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
                raise ValueError("labels must be a list of intents")
            found.append(Question(str(line["id"]), str(line["text"]), str(line["lang"]), tuple(labels)))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"line {number} is not a question: {error}") from None
    return found
