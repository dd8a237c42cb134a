"""Which shape a decision flow must have.

Pure data classes (pydantic). A flow is a YAML file that a curator reads and changes: the facts that decide, the
ways people say them, the rules, and the words for each verdict. What a condition means is said here and nowhere
else: it holds for known values only, unless it names `unknown`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from knowledge.schema import ClaimId, Identifier, Line, Line160, Line400, Model, Note, Text60, Text120, Text240

UNKNOWN = "unknown"
"""The value of a fact about which the person said: I don't know."""


def _word(value: Any) -> Any:
    """YAML reads a bare yes or no as true or false; a curator means the words."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _free(name: str) -> str:
    if name in ("any", "not", UNKNOWN):
        raise ValueError(f"{name} has a meaning of its own")
    return name


FactId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40), AfterValidator(_free)]
ValueId = Annotated[
    str, BeforeValidator(_word), StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$", max_length=40), AfterValidator(_free)
]
Wanted = Annotated[str, BeforeValidator(_word)]
Line40 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Long = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class Text40(Model):
    """What stands on a button, in both languages."""

    en: Line40
    zh: Line40


class Template(Model):
    """A document with {slots} in both languages."""

    en: Long
    zh: Long


class Ways(Model):
    """Patterns of free text by language: `(a|b)` one of them, `(a|b)?` or `[a]` may be left out, `<list>` any of that list."""

    en: list[Line] = Field(default_factory=list)
    zh: list[Line] = Field(default_factory=list)


class Condition(Model):
    """`{fact: value, other: [a, b], any: [...], not: {...}}`: all of it must hold; several values mean one of them."""

    facts: dict[FactId, tuple[Wanted, ...]] = Field(default_factory=dict)
    any: tuple[Condition, ...] = ()
    none: Condition | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_written(cls, written: Any) -> Any:
        if not isinstance(written, Mapping):
            raise ValueError("a condition is written {fact: value} or {fact: [value, value]}")  # noqa: TRY004 - pydantic's way
        facts = {str(k): (tuple(v) if isinstance(v, list) else (v,)) for k, v in written.items() if k not in ("any", "not")}
        found: dict[str, Any] = {"facts": facts, "any": tuple(written.get("any", ()))}
        return found | ({"none": written["not"]} if "not" in written else {})

    def holds(self, facts: Mapping[str, str]) -> bool:
        """Whether these facts meet it; a fact that is not given counts as unknown."""
        return (
            all(facts.get(fact, UNKNOWN) in values for fact, values in self.facts.items())
            and (not self.any or any(part.holds(facts) for part in self.any))
            and not (self.none and self.none.holds(facts))
        )

    def named(self) -> Iterator[tuple[str, str]]:
        """Every (fact, value) it speaks of."""
        yield from ((fact, value) for fact, values in self.facts.items() for value in values)
        for part in (*self.any, *([self.none] if self.none else [])):
            yield from part.named()


class Value(Model):
    """One answer: its button, and how people say it in words of their own."""

    id: ValueId
    label: Text40
    likely: Annotated[float, Field(gt=0, le=100)] = 1
    """How common it is beside the other values: steers only which question comes first."""
    say: Ways = Field(default_factory=Ways)
    """Means this wherever it is said: in the opening message, or on the way."""
    reply: Ways = Field(default_factory=Ways)
    """Means this only in reply to the question."""


class Fact(Model):
    """One thing that decides: a question with values, or (in a planner) a slot for words of their own."""

    id: FactId
    name: Text40
    question: Text120
    why: Text240
    values: list[Value] = Field(default_factory=list)
    hint: Text120 | None = None
    """An example of an answer; needed for a slot."""
    optional: bool = False
    topic: bool = False
    """What the question is about: may be taken from "may I send the price list?" although that is a question."""
    if_yes: ValueId | None = None
    if_no: ValueId | None = None
    """The values that a bare yes and a bare no mean."""
    if_several: ValueId = "ask"
    """Two values said at once: `ask` which, take the `last` of the list (when it is sorted by weight), or that value."""

    @property
    def domain(self) -> tuple[str, ...]:
        """The values it may have, `unknown` last."""
        return (*(value.id for value in self.values), UNKNOWN)

    def value(self, name: str) -> Value:
        """The value of that id. Raises StopIteration for a stranger."""
        return next(value for value in self.values if value.id == name)

    def meaning(self, word: Literal["yes", "no"]) -> str | None:
        """The value a bare yes or no means here; a value called `yes` or `no` means itself."""
        named = self.if_yes if word == "yes" else self.if_no
        return named or (word if word in self.domain else None)


class FlowReason(Model):
    """One reason, shown when `when` holds; tied to claims or marked as the curator's note."""

    when: Condition | None = None
    claims: list[ClaimId] = Field(default_factory=list)
    note: Note | None = None
    en: Line160
    zh: Line160

    @model_validator(mode="after")
    def _has_a_source(self) -> FlowReason:
        if bool(self.claims) == bool(self.note):
            raise ValueError("needs claims, or a note with its source")
        return self


class FlowCondition(Model):
    """Something to settle before or while acting on the verdict."""

    when: Condition | None = None
    en: Line160
    zh: Line160


class FlowReady(Model):
    """Words to copy and send; slots in {braces}."""

    when: Condition | None = None
    to: Literal["counterpart", "boss", "team"] = "counterpart"
    en: Line400
    zh: Line400


class FlowVerdict(Model):
    """One end of a flow."""

    label: Text60
    signal: Literal["go", "care", "stop"]
    text: Text240
    reasons: Annotated[list[FlowReason], Field(min_length=2)]
    conditions: list[FlowCondition] = Field(default_factory=list)
    say: Annotated[list[FlowReady], Field(min_length=1)]


class Rule(Model):
    """Leads to a verdict when its condition holds and no earlier rule does; the last one has no condition."""

    id: Identifier
    when: Condition | None = None
    verdict: FactId
    because: Text240


class Contradiction(Model):
    """Facts that cannot be true together, and what to ask the person then."""

    when: Condition
    en: Line160
    zh: Line160


class Flow(Model):
    """A decision flow (`verdict`) or a guided document (`planner`)."""

    id: Identifier
    kind: Literal["verdict", "planner"]
    card: Identifier
    title: Text60
    facts: Annotated[list[Fact], Field(min_length=1)]
    lists: dict[FactId, Ways] = Field(default_factory=dict)
    """Words that mean the same in patterns, such as places: `<place>`."""
    contradictions: list[Contradiction] = Field(default_factory=list)
    verdicts: dict[FactId, FlowVerdict] = Field(default_factory=dict)
    rules: list[Rule] = Field(default_factory=list)
    document: Template | None = None
    reasons: list[FlowReason] = Field(default_factory=list)
    say: list[FlowReady] = Field(default_factory=list)

    def __hash__(self) -> int:
        """By name: what is worked out for a flow is kept with it."""
        return hash(self.id)

    def fact(self, name: str) -> Fact:
        """The fact of that id. Raises StopIteration for a stranger."""
        return next(fact for fact in self.facts if fact.id == name)
