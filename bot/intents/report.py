"""`caucus evaluate --report`: one page that says how well questions are understood, and where to look next. Pure.

Figures for each language, the curve of right against wrong answers over all thresholds, the cards that steal from each
other, the worst errors. Everything in the page is escaped; it loads nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from jinja2 import Environment

from bot.intents.decide import Thresholds, clearness
from bot.intents.evaluate import Given, Question, figures, outcome
from bot.intents.match import Understanding
from bot.messages import Lang
from knowledge.load import OUT_OF_SCOPE

WIDTH, HEIGHT = 420, 260
MOST_SHOWN = 30
BAD = ("sure but wrong", "answered out of scope", "missed", "offered out of scope")
"""Outcomes in the order in which they hurt."""

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>How well are questions understood?</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { border-bottom: 1px solid #ddd; padding: .3rem .8rem; text-align: left }
td.n { text-align: right; font-variant-numeric: tabular-nums } figure { display: inline-block; margin: 1rem 1rem 1rem 0 }
small { color: #666 }
</style>
<h1>How well are questions understood?</h1>
<p>{{ questions }} questions. Model: {{ made }}.</p>
<table><tr><th>questions<th>number<th>right at once<th>within one tap<th>sure but wrong<th>out of scope answered<th>declined</tr>
{% for name, row in figures.items() %}<tr><td>{{ name }}{% for value in row.values() %}<td class="n">{{ value }}{% endfor %}</tr>
{% endfor %}</table>
<h2>If the coach were bolder or more careful</h2>
<p>Each point is a threshold: how many are right at once, and how many sure but wrong. The dot is where we stand.</p>
{% for lang, curve in curves.items() %}<figure><svg width="{{ width }}" height="{{ height }}" role="img" aria-label="{{ lang }}">
<path d="M40 10 V{{ height - 30 }} H{{ width - 10 }}" fill="none" stroke="#999"/>
<polyline points="{{ curve.line }}" fill="none" stroke="#0a6" stroke-width="2"/>
<circle cx="{{ curve.dot[0] }}" cy="{{ curve.dot[1] }}" r="4" fill="#c30"/>
{% for x, y, text in curve.marks %}<text x="{{ x }}" y="{{ y }}" font-size="11" text-anchor="middle">{{ text }}</text>{% endfor %}
</svg><figcaption>{{ lang }}: right at once (up) against sure but wrong (across), percent</figcaption></figure>{% endfor %}
<h2>Cards that steal from each other</h2>
<table><tr><th>wanted<th>first guess<th>questions</tr>
{% for (wanted, guess), count in stolen %}<tr><td>{{ wanted }}<td>{{ guess }}<td class="n">{{ count }}</tr>{% endfor %}</table>
<h2>Phrasings that another intent wins</h2>
<p>Of an intent's own phrasings, by a model that has not seen them.</p>
{% for lang, pairs in confusions.items() %}<table><tr><th>{{ lang }}: phrasings of<th>won by<th>percent</tr>
{% for wanted, winner, share in pairs %}<tr><td>{{ wanted }}<td>{{ winner }}<td class="n">{{ share }}</tr>{% endfor %}</table>
{% endfor %}<h2>The worst errors</h2>
<table><tr><th>question<th>how it went<th>wanted<th>first guesses</tr>
{% for error in errors %}<tr><td>{{ error.text }}<td>{{ error.outcome }}<td>{{ error.wanted }}
<td>{% for guess in error.guesses %}{{ guess.intent }} <small>{{ "%.2f"|format(guess.score) }}</small><br>{% endfor %}</tr>
{% endfor %}</table>
</html>
"""


def page(
    questions: Sequence[Question],
    found: Sequence[Understanding],
    given: Sequence[Given],
    thresholds: dict[Lang, Thresholds],
    made_of: dict[str, Any],
) -> str:
    """The page as HTML; the three sequences belong together one by one."""
    rows = list(zip(questions, found, given, strict=True))
    stolen = Counter(
        (q.labels[0], u.candidates[0].intent if u.candidates and u.decision != "unknown" else OUT_OF_SCOPE)
        for q, u, g in rows
        if outcome(q, g) in BAD or (g.decision == "ask" and u.candidates and u.candidates[0].intent not in q.labels)
    )
    errors = sorted(
        (
            (BAD.index(outcome(q, g)), -(u.candidates[0].score if u.candidates else -9), q, u)
            for q, u, g in rows
            if outcome(q, g) in BAD
        ),
        key=lambda error: error[:2],
    )
    return (
        Environment(autoescape=True)
        .from_string(_PAGE)
        .render(
            questions=len(questions),
            made=", ".join(f"{name} {value}" for name, value in made_of.items() if name != "confusions"),
            confusions=made_of.get("confusions", {}),
            figures=figures(questions, given),
            curves={lang: _curve([(q, u) for q, u, _ in rows if q.lang == lang], limits) for lang, limits in thresholds.items()},
            width=WIDTH,
            height=HEIGHT,
            stolen=[pair for pair in stolen.most_common(MOST_SHOWN) if pair[0][0] != pair[0][1]],
            errors=[
                {"text": q.text[:300], "outcome": BAD[bad], "wanted": " / ".join(q.labels), "guesses": u.candidates[:3]}
                for bad, _, q, u in errors[:MOST_SHOWN]
            ],
        )
    )


def _curve(rows: Sequence[tuple[Question, Understanding]], limits: Thresholds) -> dict[str, Any]:
    """Right against wrong for every threshold of being sure, as points of the drawing."""
    inside = [(q, u) for q, u in rows if not q.out_of_scope]
    clear = sorted(
        (
            (_clear(u), u.candidates[0].intent in q.labels)
            for q, u in inside
            if u.candidates and u.strange - u.candidates[0].score < limits.unknown
        ),
        reverse=True,
    )
    right = wrong = 0
    dot = (0.0, 0.0)
    points: list[tuple[float, float]] = []
    for clearly, good in clear:
        right, wrong = right + good, wrong + (not good)
        points.append((100 * wrong / len(inside), 100 * right / len(inside)))
        if clearly >= limits.sure:
            dot = points[-1]
    most = max(10.0, 100 * wrong / max(1, len(inside)))

    def place(wrongly: float, rightly: float) -> tuple[float, float]:
        return round(40 + wrongly / most * (WIDTH - 50), 1), round(HEIGHT - 30 - rightly / 100 * (HEIGHT - 40), 1)

    marks = [(*place(share * most, 0), f"{share * most:.0f}") for share in (0, 0.5, 1)]
    marks = [(x, y + 16, text) for x, y, text in marks] + [(22, place(0, up)[1] + 4, str(up)) for up in (0, 50, 100)]
    return {
        "line": " ".join(f"{x},{y}" for x, y in (place(*p) for p in [(0.0, 0.0), *points])),
        "dot": place(*dot),
        "marks": marks,
    }


def _clear(found: Understanding) -> float:
    best, second = [*(c.score for c in found.candidates), -1.0][:2]
    return float(clearness(best, second, found.strange))
