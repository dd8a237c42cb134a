"""Which facts can still change the verdict, and which tells most? Exact over all combinations; see flow_diagram. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

from knowledge.flow_diagram import Compiled, compiled
from knowledge.flow_schema import UNKNOWN, Fact, Flow


def settled(flow: Flow, given: Mapping[str, str]) -> dict[str, str]:
    """The facts with what follows from them: where contradictions leave one value, that is it."""
    state = dict(given)
    for fact in flow.facts:
        if fact.id not in state and len(left := possible(flow, state, fact)) == 1:
            state[fact.id] = left[0]
    return state


def possible(flow: Flow, state: Mapping[str, str], fact: Fact) -> list[str]:
    """The values of a fact that no contradiction with the known facts bars."""
    ways = [value.id for value in fact.values]
    barred = {v for v in ways for each in flow.contradictions if each.when.holds({**state, fact.id: v})}
    return [value for value in ways if value not in barred]


@lru_cache(maxsize=4_096)
def deciding(flow: Flow, state: frozenset[tuple[str, str]], *, open_too: bool) -> list[str]:
    """The facts not known that can change the verdict, the most telling first.

    `open_too` counts those answered with "don't know" among them.
    """
    rules, known = compiled(flow), dict(state)
    diagram = rules.diagram
    allowed: dict[int, tuple[int, ...]] = {}
    for level, fact in enumerate(flow.facts):
        value = known.get(fact.id)
        if value is not None and not (open_too and value == UNKNOWN):
            allowed[level] = (fact.domain.index(value),)
        elif value is None:
            ways = [*possible(flow, known, fact), UNKNOWN]
            allowed[level] = tuple(fact.domain.index(way) for way in ways)
    levels = diagram.levels(diagram.within(rules.verdict, allowed))
    told = _telling(flow, state)
    names = [flow.facts[level].id for level in sorted(levels)]
    return sorted(
        (name for name in names if known.get(name, UNKNOWN) == UNKNOWN),
        key=lambda name: (not flow.fact(name).topic, -told.get(name, 0.0)),
    )


def _weights(flow: Flow, state: Mapping[str, str]) -> list[list[float]]:
    """How likely each value of each fact is, level by level: certain where known, even where not."""
    rows: list[list[float]] = []
    for fact in flow.facts:
        if fact.id in state:
            rows.append([float(value == state[fact.id]) for value in fact.domain])
            continue
        likely = {value: fact.value(value).likely for value in possible(flow, state, fact)}
        rows.append([likely.get(value, 0.0) / sum(likely.values()) for value in fact.domain])
    return rows


def _below(rules: Compiled, weights: list[list[float]], order: list[int]) -> dict[int, list[float]]:
    """For each node and end, how likely each verdict is from there."""
    count = len(rules.verdicts)
    found: dict[int, list[float]] = {}
    for ref in reversed(order):
        if ref < 0:
            found[ref] = [float(n == -1 - ref) for n in range(count)]
        else:
            level, children = rules.diagram.nodes[ref]
            row = weights[level]
            found[ref] = [sum(w * found[c][n] for w, c in zip(row, children, strict=True) if w) for n in range(count)]
    return found


@lru_cache(maxsize=4_096)
def odds(flow: Flow, state: frozenset[tuple[str, str]]) -> tuple[float, ...]:
    """How likely each verdict is, in the order of the file, when open answers are as likely as the file says."""
    rules = compiled(flow)
    return tuple(_below(rules, _weights(flow, dict(state)), rules.diagram.reach(rules.verdict))[rules.verdict])


@lru_cache(maxsize=4_096)
def _telling(flow: Flow, state: frozenset[tuple[str, str]]) -> dict[str, float]:
    """How much the answer about each fact tells about the verdict (mutual information, in nats)."""
    rules = compiled(flow)
    order, weights = rules.diagram.reach(rules.verdict), _weights(flow, dict(state))
    below = _below(rules, weights, order)
    total, count = below[rules.verdict], len(rules.verdicts)
    arrive = dict.fromkeys(order, 0.0) | {rules.verdict: 1.0}
    through: dict[int, list[list[float]]] = {}
    for ref in order:
        if ref >= 0 and arrive[ref]:
            level, children = rules.diagram.nodes[ref]
            rows = through.setdefault(level, [[0.0] * count for _ in weights[level]])
            for value, (weight, child) in enumerate(zip(weights[level], children, strict=True)):
                arrive[child] += arrive[ref] * weight
                for n in range(count):
                    rows[value][n] += arrive[ref] * (below[child][n] - below[ref][n])
    found: dict[str, float] = {}
    for level, rows in through.items():
        score = 0.0
        for weight, row in zip(weights[level], rows, strict=True):
            for n in range(count):
                given = min(1.0, max(0.0, total[n] + row[n]))
                if weight and given > 0 and total[n] > 0:
                    score += weight * given * math.log(given / total[n])
        found[flow.facts[level].id] = score
    return found
