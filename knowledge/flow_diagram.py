"""Which verdict follows from which facts, for all combinations at once?

The rules of a flow as a decision diagram: one level a fact, one branch a value (`unknown` last), equal parts
shared. Ten million combinations become some hundred nodes, so that "which rule is never reached", "where is a
gap" and "which fact can still change the verdict" are answered exactly, in milliseconds. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from knowledge.flow_schema import Condition, Flow

Ref = int
"""A node (0 and up) or an end (below 0: end k is -1 - k)."""
FALSE, TRUE = -1, -2


class Diagram:
    """Nodes shared by all functions over the facts of one flow."""

    def __init__(self, flow: Flow) -> None:
        self.domains = [fact.domain for fact in flow.facts]
        self.level = {fact.id: number for number, fact in enumerate(flow.facts)}
        self.nodes: list[tuple[int, tuple[Ref, ...]]] = []
        self._known: dict[tuple[int, tuple[Ref, ...]], Ref] = {}

    def node(self, level: int, children: tuple[Ref, ...]) -> Ref:
        """The one node with these children; no node where the fact makes no difference."""
        if all(child == children[0] for child in children):
            return children[0]
        key = (level, children)
        if key not in self._known:
            self._known[key] = len(self.nodes)
            self.nodes.append(key)
        return self._known[key]

    def condition(self, condition: Condition | None) -> Ref:
        """Where a condition holds (TRUE, FALSE). A fact or value it does not know never holds."""
        if condition is None:
            return TRUE
        found = TRUE
        for fact, values in condition.facts.items():
            level = self.level.get(fact)
            if level is None:
                return FALSE
            found = self.both(found, self.node(level, tuple(TRUE if v in values else FALSE for v in self.domains[level])))
        if condition.any:
            either = FALSE
            for part in condition.any:
                either = self.combine(either, self.condition(part), lambda a, b: max(a, b))
            found = self.both(found, either)
        if condition.none:
            found = self.combine(found, self.condition(condition.none), lambda a, b: int(a and not b))
        return found

    def both(self, a: Ref, b: Ref) -> Ref:
        """Where both hold."""
        return self.combine(a, b, lambda x, y: min(x, y))

    def combine(self, a: Ref, b: Ref, ends: Callable[[int, int], int]) -> Ref:
        """The function whose end is `ends(end of a, end of b)`."""
        done: dict[tuple[Ref, Ref], Ref] = {}

        def walk(a: Ref, b: Ref) -> Ref:
            if a < 0 and b < 0:
                return -1 - ends(-1 - a, -1 - b)
            if (a, b) not in done:
                level = min(self.nodes[r][0] for r in (a, b) if r >= 0)
                pairs = zip(self._below(a, level), self._below(b, level), strict=True)
                done[a, b] = self.node(level, tuple(walk(x, y) for x, y in pairs))
            return done[a, b]

        return walk(a, b)

    def within(self, root: Ref, allowed: Mapping[int, Sequence[int]]) -> Ref:
        """The function where some levels may only take some values: the others no longer count."""
        done: dict[Ref, Ref] = {}

        def walk(ref: Ref) -> Ref:
            if ref < 0:
                return ref
            if ref not in done:
                level, children = self.nodes[ref]
                if level in allowed:
                    keep = allowed[level]
                    below = {value: walk(children[value]) for value in keep}
                    done[ref] = self.node(level, tuple(below.get(value, below[keep[0]]) for value in range(len(children))))
                else:
                    done[ref] = self.node(level, tuple(walk(child) for child in children))
            return done[ref]

        return walk(root)

    def reach(self, root: Ref) -> list[Ref]:
        """Every node and end below, parents before children."""
        seen: set[Ref] = set()
        stack = [root]
        while stack:
            ref = stack.pop()
            if ref not in seen:
                seen.add(ref)
                stack.extend(self.nodes[ref][1] if ref >= 0 else ())
        return sorted(seen, key=lambda ref: (self.nodes[ref][0] if ref >= 0 else len(self.domains), ref))

    def levels(self, root: Ref) -> set[int]:
        """The facts that make a difference."""
        return {self.nodes[ref][0] for ref in self.reach(root) if ref >= 0}

    def ends(self, root: Ref) -> set[int]:
        """The ends that some combination reaches."""
        return {-1 - ref for ref in self.reach(root) if ref < 0}

    def paths(self, root: Ref) -> Iterator[tuple[dict[int, int], int]]:
        """Every way down: the values that matter by level, and the end. Facts not named may be anything."""
        if root < 0:
            yield {}, -1 - root
            return
        level, children = self.nodes[root]
        for value, child in enumerate(children):
            for rest, end in self.paths(child):
                yield {level: value, **rest}, end

    def example(self, path: Mapping[int, int]) -> dict[str, str]:
        """A path as facts and values."""
        names = list(self.level)
        return {names[level]: self.domains[level][value] for level, value in sorted(path.items())}

    def _below(self, ref: Ref, level: int) -> tuple[Ref, ...]:
        if ref >= 0 and self.nodes[ref][0] == level:
            return self.nodes[ref][1]
        return (ref,) * len(self.domains[level])


class Compiled:
    """A flow's rules: `rule` ends in the number of the first rule that holds (or `gap`), `verdict` in its verdict's."""

    def __init__(self, flow: Flow) -> None:
        self.diagram = diagram = Diagram(flow)
        self.gap = len(flow.rules)
        self.impossible = self.gap + 1
        self.verdicts = tuple(flow.verdicts)
        rule: Ref = -1 - self.gap
        for number in reversed(range(len(flow.rules))):
            holds = diagram.condition(flow.rules[number].when)
            rule = diagram.combine(holds, rule, lambda yes, end, number=number: number if yes else end)
        self.rule = rule
        order = {verdict: number for number, verdict in enumerate(self.verdicts)}
        ends = [order.get(each.verdict, 0) for each in flow.rules] + [0]
        self.verdict = diagram.combine(rule, TRUE, lambda end, _: ends[end])
        barred: Ref = FALSE
        for contradiction in flow.contradictions:
            barred = diagram.combine(barred, diagram.condition(contradiction.when), lambda a, b: max(a, b))
        self.possible_rule = diagram.combine(barred, rule, lambda no, end: self.impossible if no else end)


@lru_cache(maxsize=64)
def compiled(flow: Flow) -> Compiled:
    """The diagram of a flow, worked out once."""
    return Compiled(flow)
