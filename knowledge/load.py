"""What does the coach know? Reads the folder into one frozen `KnowledgeBase`, or tells everything that is wrong.

Never half loads: either the whole of it, or `KnowledgeError` with all problems.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from knowledge.document import Document, KnowledgeError, Problem, Step
from knowledge.flow_schema import Flow
from knowledge.load_flows import load_flows
from knowledge.schema import LANGS, Aspect, Card, Claim, Command, Lang, Phrasings, Source, Theme, VerdictKind

SHIPPED = Path(__file__).parent
OUT_OF_SCOPE = "out_of_scope"

T = TypeVar("T")
Listed = TypeVar("Listed", Theme, VerdictKind, Source, Claim, Command, Aspect)


@dataclass(frozen=True)
class KnowledgeBase:
    """All the coach knows, by id; order is the order of the shelves."""

    themes: dict[str, Theme]
    verdicts: dict[str, VerdictKind]
    sources: dict[str, Source]
    claims: dict[str, Claim]
    cards: dict[str, Card]
    commands: dict[str, Command]
    aspects: dict[str, Aspect]
    flows: dict[str, Flow]
    out_of_scope: dict[str, Phrasings]
    documents: dict[str, Document] = field(repr=False, compare=False)
    content_hash: str
    """SHA-256 over every file's name and bytes: the key of whatever is derived from the knowledge."""

    @cached_property
    def by_theme(self) -> dict[str, list[Card]]:
        """The cards on each shelf."""
        shelves: dict[str, list[Card]] = {theme: [] for theme in self.themes}
        for card in self.cards.values():
            shelves[card.theme].append(card)
        return shelves

    def utterances(self, lang: Lang) -> list[tuple[str, str]]:
        """Every (phrasing, intent) of a language: cards, commands, and `out_of_scope`."""
        rows = [(text, card.id) for card in self.cards.values() for text in card.phrasings.of(lang)]
        rows += [(text, command.id) for command in self.commands.values() for text in command.phrasings.of(lang)]
        rows += [(text, OUT_OF_SCOPE) for group in self.out_of_scope.values() for text in group.of(lang)]
        return rows

    def title(self, intent: str, lang: Lang) -> str:
        """The title of a card or command, as people read it."""
        home = self.cards.get(intent) or self.commands[intent]
        return getattr(home.title, lang)


def load(folder: Path = SHIPPED) -> KnowledgeBase:
    """Read a knowledge folder.

    Raises KnowledgeError with every problem in every file: file, line, field, reason.
    """
    reader = _Reader(folder)
    themes = reader.listed("themes.yaml", Theme)
    verdicts = reader.listed("verdicts.yaml", VerdictKind)
    sources = reader.listed("sources.yaml", Source)
    claims = reader.listed("claims.yaml", Claim)
    commands = reader.listed("commands.yaml", Command)
    aspects = reader.listed("aspects.yaml", Aspect)
    out_of_scope = reader.one("out_of_scope.yaml", TypeAdapter(dict[str, Phrasings])) or {}
    lists: dict[str, Collection[str]] = {"theme": themes, "verdict": verdicts, "claim": claims}
    known = {what: found for what, found in lists.items() if not reader.documents[f"{what}s.yaml"].problems}
    cards: dict[str, Card] = {}
    card_type = TypeAdapter(Card)
    for path in sorted((folder / "cards").rglob("*.yaml")):
        document = reader.read(path)
        card = document.validated(card_type)
        if card is None:
            continue
        if card.id in cards:
            document.problems.append(document.problem(["id"], f"there is a card {card.id} already"))
        if document.name != f"cards/{card.theme}/{card.id}.yaml":
            document.problems.append(document.problem(["id"], f"belongs in cards/{card.theme}/{card.id}.yaml"))
        _refuse_unknown(document, card, known)
        cards[card.id] = card
    order = {theme: n for n, theme in enumerate(themes)}
    cards = dict(sorted(cards.items(), key=lambda item: (order.get(item[1].theme, 0), item[0])))
    flows = load_flows(
        folder, reader.documents, claims=known.get("claim"), cards=cards if not reader.problems() else None, read=reader.read
    )
    for card in cards.values():
        if card.flow and card.flow not in flows and f"flows/{card.flow}.yaml" not in reader.documents:
            document = reader.documents[f"cards/{card.theme}/{card.id}.yaml"]
            document.problems.append(document.problem(["flow"], f"no flow {card.flow} in flows/"))
    if not cards and not reader.problems():
        reader.documents["cards"] = empty = Document("cards", "[]")
        empty.problems.append(Problem("cards", 1, "", "there is no card here"))
    if problems := reader.problems():
        raise KnowledgeError(problems)
    return KnowledgeBase(
        themes,
        verdicts,
        sources,
        claims,
        cards,
        commands,
        aspects,
        flows,
        out_of_scope,
        reader.documents,
        reader.digest.hexdigest(),
    )


def _refuse_unknown(document: Document, card: Card, known: Mapping[str, Collection[str]]) -> None:
    """Names that stand in no list; a list that is itself broken is left out of `known`, so that no card is blamed for it."""
    named: list[tuple[str, list[Step], str]] = [
        ("theme", ["theme"], card.theme),
        ("verdict", ["verdict", "kind"], card.verdict.kind),
    ]
    named += [("claim", ["claims", number], claim) for number, claim in enumerate(card.claims)]
    named += [("claim", ["because", n, "claims"], claim) for n, reason in enumerate(card.because) for claim in reason.claims]
    for what, where, name in named:
        if what in known and name not in known[what]:
            document.problems.append(document.problem(where, f"no {what} {name} in {what}s.yaml"))


def _list_of(kind: type[Listed]) -> TypeAdapter[list[Listed]]:
    return TypeAdapter(list[kind])  # pyright: ignore[reportInvalidTypeForm] - pydantic takes the class as it comes


class _Reader:
    """Reads files once, keeps their documents and the digest over all of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.documents: dict[str, Document] = {}
        self.digest = hashlib.sha256()

    def read(self, path: Path) -> Document:
        try:
            document = Document.read(path, self.folder)
            self.digest.update(document.name.encode() + b"\0" + path.read_bytes() + b"\0")
        except OSError as error:
            name = path.relative_to(self.folder).as_posix()
            document = Document(name, "null")
            document.problems.append(Problem(name, 1, "", f"cannot be read: {error.strerror}"))
        self.documents[document.name] = document
        return document

    def one(self, name: str, kind: TypeAdapter[T]) -> T | None:
        return self.read(self.folder / name).validated(kind)

    def listed(self, name: str, kind: type[Listed]) -> dict[str, Listed]:
        document = self.read(self.folder / name)
        found: dict[str, Listed] = {}
        for number, item in enumerate(document.validated(_list_of(kind)) or []):
            if item.id in found:
                document.problems.append(document.problem([number, "id"], f"{item.id} is there twice"))
            found[item.id] = item
        return found

    def problems(self) -> list[Problem]:
        return [problem for document in self.documents.values() for problem in document.problems]


__all__ = ["LANGS", "OUT_OF_SCOPE", "KnowledgeBase", "KnowledgeError", "Problem", "load"]
