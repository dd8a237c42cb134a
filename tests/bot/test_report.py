"""Is the page about understanding whole, true to the figures, and safe to open?"""

from __future__ import annotations

from bot.intents.decide import Candidate, Thresholds
from bot.intents.evaluate import Given, Question
from bot.intents.match import Understanding
from bot.intents.report import page

LIMITS = {"en": Thresholds(0.4, 0.1), "zh": Thresholds(0.4, 0.1)}


def understood(decision: str, *intents: str) -> Understanding:
    """An understanding with these candidates, the first clearly ahead."""
    candidates = tuple(Candidate(intent, 0.9 - n, 0.5) for n, intent in enumerate(intents))
    offered = {"sure": candidates[:1], "ask": candidates, "unknown": ()}[decision]
    return Understanding("en", decision, offered, candidates, 0.1, -1.0)


def test_the_page_tells_figures_thieves_and_errors_and_escapes_what_people_typed() -> None:
    questions = [Question(str(n), f"<b>question {n}</b>", "en", ("a",)) for n in range(4)]
    questions.append(Question("s", "stranger", "en", ("out_of_scope",)))
    found = [understood("sure", "a", "b"), understood("sure", "b", "a"), understood("ask", "b", "a"), understood("unknown", "b"), understood("sure", "b", "c")]  # fmt: skip
    given = [Given("sure", "a", ()), Given("sure", "b", ()), Given("ask", None, ("b", "a")), Given("unknown", None, ()), Given("sure", "b", ())]  # fmt: skip
    made = page(questions, found, given, LIMITS, {"seed": 7, "confusions": {"en": [["a", "b", 9.9]]}})
    assert "seed 7" in made
    assert "25.0" in made
    assert "50.0" in made
    assert '<td>a<td>b<td class="n">2' in made
    assert '<td>a<td>b<td class="n">9.9' in made
    assert "&lt;b&gt;question 1&lt;/b&gt;" in made
    assert "<b>question" not in made
    assert made.index("sure but wrong<td>a") < made.index("answered out of scope<td>out_of_scope") < made.index("missed<td>a")
    assert "<polyline" in made
    assert "http" not in made
