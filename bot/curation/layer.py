"""What does a team add to the shipped knowledge? One value, and its form as YAML for review by pull request. Pure.

The form is that of the knowledge folder: own cards as in `cards/`, phrasings by intent and language. Every part has a
name (`card:ID`, `text:ID`, `hidden:ID`, `phrasings:INTENT`, `questions`), by which a change says what it touches.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import yaml
from pydantic import Field, TypeAdapter

from bot.messages import Lang
from knowledge.document import Document, KnowledgeError
from knowledge.schema import Card, ClaimId, Identifier, Line120, Line240, Model

FILE = "layer.yaml"
WHOLE = "*"
"""The name of all parts together: an import."""
MOST_PHRASINGS = 2_000
"""Of one layer: learning takes seconds up to so many."""
MOST_BYTES = 2_000_000
"""Of the YAML: about ten times what the largest layer needs."""


class OwnCard(Card):
    """A card of the team's: it may rest on the team's own judgement alone, without a claim of an article."""

    claims: list[ClaimId] = Field(default_factory=list)


class Added(Model):
    """Phrasings added to an intent, by language."""

    en: list[Line240] = Field(default_factory=list)
    zh: list[Line240] = Field(default_factory=list)

    def of(self, lang: Lang) -> list[str]:
        """Those of one language."""
        return self.en if lang == "en" else self.zh


class KnownQuestion(Model):
    """A question that must stay understood: a change that loses it is refused."""

    text: Line240
    lang: Lang
    labels: list[Line120] = Field(min_length=1, max_length=5)
    """Acceptable intents, best first."""


class Layer(Model):
    """All that a team adds, hides and changes."""

    cards: list[OwnCard] = Field(default_factory=list)
    phrasings: dict[str, Added] = Field(default_factory=dict)
    hidden: list[Identifier] = Field(default_factory=list)
    texts: dict[Identifier, dict[str, Any]] = Field(default_factory=dict)
    """By shipped card, the fields that read otherwise."""
    questions: list[KnownQuestion] = Field(default_factory=list)

    def dump(self) -> dict[str, Any]:
        """As JSON can hold it, without what is empty."""
        return {name: value for name, value in self.model_dump(mode="json", exclude_none=True).items() if value}

    @property
    def learnt_from(self) -> str:
        """Digest of what understanding depends on: phrasings, own cards' names, hidden cards."""
        parts = {
            "cards": sorted((card.id, card.phrasings.model_dump()) for card in self.cards),
            "phrasings": {name: self.phrasings[name].model_dump() for name in sorted(self.phrasings)},
            "hidden": sorted(self.hidden),
        }
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False, default=list).encode()).hexdigest()[:16]

    @property
    def teaches(self) -> bool:
        """Whether understanding differs from the shipped one at all."""
        return bool(self.cards or self.hidden or any(added.en or added.zh for added in self.phrasings.values()))

    def part(self, name: str) -> Any:
        """The part of this name as JSON can hold it; None when there is none."""
        kind, _, key = name.partition(":")
        whole = self.dump()
        if kind == WHOLE:
            return whole
        if kind == "card":
            return next((card for card in whole.get("cards", []) if card["id"] == key), None)
        if kind == "hidden":
            return key in self.hidden or None
        if kind == "questions":
            return whole.get("questions")
        return whole.get({"text": "texts", "phrasings": "phrasings"}[kind], {}).get(key)

    def with_part(self, name: str, value: Any) -> Layer:
        """This layer with another value for a part; None takes it away. Raises KnowledgeError for a wrong shape."""
        kind, _, key = name.partition(":")
        if kind == WHOLE:
            return validated(value or {})
        whole = self.dump()
        if kind == "card":
            others = [card for card in whole.get("cards", []) if card["id"] != key]
            whole["cards"] = sorted([*others, value] if value else others, key=lambda card: str(card.get("id")))
        elif kind == "hidden":
            whole["hidden"] = sorted({*self.hidden, key} if value else set(self.hidden) - {key})
        elif kind == "questions":
            whole["questions"] = value or []
        else:
            shelf: dict[str, Any] = whole.setdefault({"text": "texts", "phrasings": "phrasings"}[kind], {})
            shelf.pop(key, None)
            if value:
                shelf[key] = value
        return validated(whole)

    def differing(self, other: Layer) -> list[str]:
        """The names of the parts that are not the same in another layer."""
        names = {name for layer in (self, other) for name in layer.names()}
        return sorted(name for name in names if self.part(name) != other.part(name))

    def names(self) -> list[str]:
        """The names of all parts there are."""
        return [
            *(f"card:{card.id}" for card in self.cards),
            *(f"text:{card}" for card in self.texts),
            *(f"hidden:{card}" for card in self.hidden),
            *(f"phrasings:{intent}" for intent in self.phrasings),
            *(["questions"] if self.questions else []),
        ]


def validated(data: Any) -> Layer:
    """Data as a layer. Raises KnowledgeError with every problem and its line in the YAML that the data make."""
    return read(_dumped(data))


def read(text: str) -> Layer:
    """A layer from YAML. Raises KnowledgeError with every problem: line, field, reason."""
    document = Document(FILE, text if text.strip() else "{}")
    layer = None if len(text) > MOST_BYTES else document.validated(TypeAdapter(Layer))
    if len(text) > MOST_BYTES:
        document.problems.append(document.problem([], f"longer than {MOST_BYTES} characters"))
    elif layer:
        _refuse_repeated(document, layer)
    if layer is None or document.problems:
        raise KnowledgeError(document.problems)
    return layer


def written(layer: Layer) -> str:
    """The layer as YAML; `read` gives it back."""
    return _dumped(layer.dump())


def _refuse_repeated(document: Document, layer: Layer) -> None:
    names = [card.id for card in layer.cards]
    for number, name in enumerate(names):
        if names.index(name) != number:
            document.problems.append(document.problem(["cards", number, "id"], f"{name} is there twice"))
    count = sum(len(a.en) + len(a.zh) for a in layer.phrasings.values())
    count += sum(len(c.phrasings.en) + len(c.phrasings.zh) for c in layer.cards)
    if count > MOST_PHRASINGS:
        document.problems.append(document.problem(["phrasings"], f"{count} phrasings, at most {MOST_PHRASINGS}"))


def _dumped(data: Any) -> str:
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=4096)
