"""The page of a soak: what was promised and what came of it, and curves over time, drawn here. Pure; it loads nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 860, 190, 50, 14, 24
COLOURS = ("#0a6", "#c30", "#06c", "#a60", "#639")
Points = Sequence[tuple[float, float]]

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Under load, while things fail</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; margin: 1rem 0 }
th, td { border-bottom: 1px solid #ddd; padding: .3rem .8rem; text-align: left; vertical-align: top }
td.n { text-align: right; font-variant-numeric: tabular-nums } figure { margin: 1.5rem 0 }
small, figcaption { color: #555 } svg { max-width: 100%; height: auto } text { font: 11px system-ui, sans-serif; fill: #444 }
</style>
<h1>Under load, while things fail</h1>
<p>{{ about }}</p>
<p><strong>{{ "All held." if not wrong else "Not held: " ~ wrong|join("; ") ~ "." }}</strong> Made by <code>make soak</code>.</p>
<h2>What was said, and what came of it</h2>
{% for kind, row in told.items() %}<h3>{{ kind }}</h3><table>
{% for name, number in row.items() %}<tr><td>{{ name }}<td class="n">{{ number }}</tr>{% endfor %}</table>{% endfor %}
<h2>What failed, and when</h2>
<table><tr><th>second<th>what</tr>
{% for at, name in events %}<tr><td class="n">{{ "%.0f"|format(at) }}<td>{{ name }}</tr>{% endfor %}</table>
<h2>Over time</h2>
<p>Across: seconds. Grey lines are the faults above, in their order.</p>
{% for chart in charts %}<figure><svg viewBox="0 0 {{ width }} {{ height }}" width="{{ width }}" height="{{ height }}" role="img" aria-label="{{ chart.title }}">
{% for x in chart.marks %}<path d="M{{ x }} {{ top }} V{{ floor }}" stroke="#bbb" stroke-dasharray="3 3"/>{% endfor %}
<path d="M{{ left }} {{ top }} V{{ floor }} H{{ width - 10 }}" fill="none" stroke="#999"/>
{% for x, y, anchor, words in chart.labels %}<text x="{{ x }}" y="{{ y }}" text-anchor="{{ anchor }}">{{ words }}</text>{% endfor %}
{% for line in chart.lines %}{% for part in line.parts %}<polyline points="{{ part }}" fill="none" stroke="{{ line.colour }}" stroke-width="1.5"/>
{% endfor %}{% endfor %}</svg><figcaption>{{ chart.title }}: {% for line in chart.lines %}<span style="color: {{ line.colour }}">— {{ line.name }}</span> {% endfor %}</figcaption></figure>
{% endfor %}
<h2>Memory</h2>
<table><tr><th>process<th>from second<th>to second<th>MB at the end<th>MB a minute, second half</tr>
{% for row in memory %}<tr>{% for value in row %}<td class="n">{{ value }}{% endfor %}</tr>{% endfor %}</table>
</html>
"""


def page(
    about: str,
    wrong: Sequence[str],
    told: Mapping[str, Mapping[str, Any]],
    events: Points | Sequence[tuple[float, str]],
    curves: Mapping[str, Mapping[str, Points]],
    memory: Sequence[Sequence[Any]],
) -> str:
    """HTML. `curves`: title → name → (second, value) in order of time; a gap of more than 15 seconds is left open."""
    return (
        Environment(autoescape=True)
        .from_string(_PAGE)
        .render(
            about=about, wrong=wrong, told=told, events=events, memory=memory,
            charts=[_chart(title, lines, [at for at, _ in events]) for title, lines in curves.items()],
            width=WIDTH, height=HEIGHT, left=LEFT, top=TOP, floor=HEIGHT - BOTTOM,
        )
    )  # fmt: skip


def _chart(title: str, lines: Mapping[str, Points], marks: Sequence[float]) -> dict[str, Any]:
    everything = [point for points in lines.values() for point in points]
    last = max((at for at, _ in everything), default=1.0)
    most = max((value for _, value in everything), default=1.0) or 1.0

    def x(at: float) -> float:
        return round(LEFT + at / last * (WIDTH - LEFT - 10), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - value / most * (HEIGHT - BOTTOM - TOP), 1)

    labels = [(LEFT - 6, y(share * most) + 4, "end", f"{share * most:.3g}") for share in (0, 0.5, 1)]
    labels += [(x(share * last), HEIGHT - 8, "middle", f"{share * last:.0f}") for share in (0, 0.25, 0.5, 0.75, 1)]
    drawn = [
        {
            "name": name,
            "colour": COLOURS[n % len(COLOURS)],
            "parts": [" ".join(f"{x(a)},{y(v)}" for a, v in p) for p in _parts(points)],
        }
        for n, (name, points) in enumerate(lines.items())
    ]
    return {"title": title, "lines": drawn, "labels": labels, "marks": [x(at) for at in marks if at <= last]}


def _parts(points: Points) -> list[list[tuple[float, float]]]:
    parts: list[list[tuple[float, float]]] = []
    for point in points:
        if not parts or point[0] - parts[-1][-1][0] > 15:
            parts.append([])
        parts[-1].append(point)
    return parts
