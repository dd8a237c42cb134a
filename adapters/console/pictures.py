"""Numbers as pictures, drawn here as SVG: columns by week, bars by name. Pure; colours are classes of console.css.

No picture says more than the table below it, which is there for screen readers and for who wants the numbers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from markupsafe import Markup

WIDTH, HEIGHT, TOP, BOTTOM = 400, 180, 24, 26
ROW, NAMES = 30, 176
WIDEST = 11
"""Characters of a bar's name that fit, counted with Chinese ones as two; longer ones are cut."""


def columns(title: str, weeks: Sequence[dt.date], series: Mapping[str, Sequence[int]], names: Mapping[str, str]) -> Markup:
    """A stacked column a week; `names` tell what each series is."""
    sums = [sum(values[n] for values in series.values()) for n in range(len(weeks))]
    most = max(sums, default=0) or 1
    step = WIDTH / max(1, len(weeks))
    room = HEIGHT - TOP - BOTTOM
    parts: list[Markup] = []
    for n, week in enumerate(weeks):
        x, y = n * step + step * 0.16, float(HEIGHT - BOTTOM)
        for name, values in series.items():
            height = room * values[n] / most
            y -= height
            if values[n]:
                told = f"{week:%m-%d}: {names[name]} {values[n]}"
                shape = Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>')
                parts.append(shape.format(f"s-{name}", x, y, step * 0.68, height, told))
        middle = n * step + step / 2
        if sums[n]:
            parts.append(Markup('<text class="n" x="{:.1f}" y="{:.1f}">{}</text>').format(middle, y - 5, sums[n]))
        parts.append(Markup('<text class="w" x="{:.1f}" y="{}">{}</text>').format(middle, HEIGHT - 7, f"{week:%m-%d}"))
    line = Markup('<path class="axis" d="M0 {0}H{1}"/>').format(HEIGHT - BOTTOM + 0.5, WIDTH)
    return _svg(title, WIDTH, HEIGHT, Markup("").join(parts) + line)


def bars(title: str, rows: Sequence[tuple[str, int]]) -> Markup:
    """A bar a row, with its name before it and its number behind it."""
    most = max((number for _, number in rows), default=0) or 1
    parts: list[Markup] = []
    for n, (name, number) in enumerate(rows):
        width = (WIDTH - NAMES - 50) * number / most
        shape = Markup(
            '<text class="name" x="0" y="{0}">{1}</text>'
            '<rect class="s-answered" x="{2}" y="{3}" width="{4:.1f}" height="16"/>'
            '<text class="n left" x="{5:.1f}" y="{0}">{6}</text>'
        )
        parts.append(shape.format(n * ROW + 19, _cut(name), NAMES, n * ROW + 6, width, NAMES + width + 8, number))
    return _svg(title, WIDTH, max(ROW, len(rows) * ROW), Markup("").join(parts))


def _svg(title: str, width: int, height: int, inside: Markup) -> Markup:
    whole = Markup('<svg class="picture" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}</svg>')
    return whole.format(width, height, title, inside)


def _cut(name: str) -> str:
    room, kept = 2 * WIDEST, ""
    for character in name:
        room -= 2 if character > "\u2e80" else 1
        if room < 0:
            return kept.rstrip() + "…"
        kept += character
    return kept
