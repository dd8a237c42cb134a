"""What does the coach know with the team's layer over the shipped knowledge? Pure.

`merged` is strict: all that is wrong is told and nothing is merged; so is every change checked. `fitting` is for a layer
that was right once and meets newer shipped knowledge: what no longer fits is left out and named.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import yaml
from pydantic import TypeAdapter

from bot.curation.layer import FILE, Layer
from bot.messages import Lang
from knowledge import check
from knowledge.document import Document, KnowledgeError, Problem
from knowledge.load import OUT_OF_SCOPE, KnowledgeBase
from knowledge.schema import LANGS, Card, Command, Phrasings

FEWEST_OWN = 3
"""Phrasings of an own card in each language; shipped cards have many more, and the more the better."""
CHANGEABLE = ("title", "verdict", "because", "do", "avoid", "say", "ask", "watch_for", "unless", "tips", "near")
OWN_GROUP = "team"
"""The group of out-of-scope utterances that a team adds."""
COSTLY = (check.languages_are_kept,)
"""Rules that look at each text by itself: asked about what the layer touches only."""


def merged(kb: KnowledgeBase, layer: Layer) -> KnowledgeBase:
    """The shipped knowledge with the layer over it. Raises KnowledgeError with all problems of the whole."""
    problems = list(_misplaced(kb, layer))
    if problems:
        raise KnowledgeError(problems)
    cards = {name: card for name, card in kb.cards.items() if name not in layer.hidden}
    documents = dict(kb.documents)
    touched: set[str] = set()
    for name, fields in layer.texts.items():
        if name in cards:
            touched.add(name)
            cards[name] = _changed(cards[name], fields, problems)
    for own in layer.cards:
        touched.add(own.id)
        cards[own.id] = own
    for card in [cards[name] for name in touched]:  # a border that a team draws stands on both sides
        for other, text in card.near.items():
            if other in cards and card.id not in cards[other].near:
                touched.add(other)
                cards[other] = cards[other].model_copy(update={"near": {**cards[other].near, card.id: text}})
    for name, card in list(cards.items()):
        if gone := set(card.near) & set(layer.hidden):
            near = {other: text for other, text in card.near.items() if other not in gone}
            cards[name] = card.model_copy(update={"near": near})
    commands, strange = dict(kb.commands), dict(kb.out_of_scope)
    for intent, added in layer.phrasings.items():
        if intent == OUT_OF_SCOPE:
            strange[OWN_GROUP] = Phrasings(en=added.en, zh=added.zh)
        elif intent in commands:
            commands[intent] = _more(commands[intent], added.of)
        elif intent in cards:
            touched.add(intent)
            cards[intent] = _more(cards[intent], added.of)
    for name in touched:
        card = cards[name]
        file = f"cards/{card.theme}/{card.id}.yaml"
        documents[file] = Document(file, yaml.safe_dump(card.model_dump(mode="json"), allow_unicode=True, sort_keys=False))
    if strange.keys() != kb.out_of_scope.keys():
        documents["out_of_scope.yaml"] = kb.documents["out_of_scope.yaml"]
    order = {theme: n for n, theme in enumerate(kb.themes)}
    whole = replace(
        kb,
        cards=dict(sorted(cards.items(), key=lambda item: (order[item[1].theme], item[0]))),
        commands=commands,
        flows={name: flow for name, flow in kb.flows.items() if flow.card not in layer.hidden},
        out_of_scope=strange,
        documents=documents,
        content_hash=hashlib.sha256(f"{kb.content_hash} {json.dumps(layer.dump(), sort_keys=True)}".encode()).hexdigest(),
    )
    problems += _broken_rules(whole, touched, layer)
    if problems:
        raise KnowledgeError(problems)
    return whole


def fitting(kb: KnowledgeBase, layer: Layer) -> tuple[Layer, list[str]]:
    """(the parts of a layer that fit this knowledge, why each other part does not)."""
    try:
        merged(kb, layer)
    except KnowledgeError:
        pass
    else:
        return layer, []
    fits, left_out = Layer(), list[str]()
    for name in layer.names():
        with_it = fits.with_part(name, layer.part(name))
        try:
            merged(kb, with_it)
        except KnowledgeError as error:
            left_out.append(f"{name}: {error.problems[0].reason}")
        else:
            fits = with_it
    return fits, left_out


def _misplaced(kb: KnowledgeBase, layer: Layer) -> Iterator[Problem]:
    """Names that mean nothing here."""
    document = Document(FILE, yaml.safe_dump(layer.dump(), allow_unicode=True, sort_keys=False))
    own = {card.id for card in layer.cards}
    cards = (set(kb.cards) | own) - set(layer.hidden)
    for number, card in enumerate(layer.cards):
        where = ["cards", number]
        if card.id in kb.cards or card.id in kb.commands or card.id in (*kb.aspects, OUT_OF_SCOPE):
            yield document.problem([*where, "id"], f"{card.id} is there already; change its texts instead")
        if card.theme not in kb.themes:
            yield document.problem([*where, "theme"], f"no theme {card.theme}: {', '.join(kb.themes)}")
        if card.verdict.kind not in kb.verdicts:
            yield document.problem([*where, "verdict", "kind"], f"no verdict {card.verdict.kind}: {', '.join(kb.verdicts)}")
        for claim in {*card.claims, *card.given_claims()} - set(kb.claims):
            yield document.problem([*where, "claims"], f"no claim {claim}")
        if card.flow and card.flow not in kb.flows:
            yield document.problem([*where, "flow"], f"no flow {card.flow}")
        for lang in LANGS:
            if len(card.phrasings.of(lang)) < FEWEST_OWN:
                yield document.problem([*where, "phrasings", lang], f"at least {FEWEST_OWN} phrasings")
    for number, name in enumerate(layer.hidden):
        if name not in kb.cards:
            yield document.problem(["hidden", number], f"no shipped card {name}")
    for name, fields in layer.texts.items():
        if name not in kb.cards:
            yield document.problem(["texts", name], f"no shipped card {name}")
        for field in set(fields) - set(CHANGEABLE):
            yield document.problem(["texts", name, field], f"cannot be changed; {', '.join(CHANGEABLE)} can")
    for name in layer.phrasings:
        if name not in cards and name not in kb.commands and name != OUT_OF_SCOPE:
            yield document.problem(["phrasings", name], f"no card or command {name}")
    for number, question in enumerate(layer.questions):
        for label in question.labels:
            if label not in cards and label not in kb.commands and label != OUT_OF_SCOPE:
                yield document.problem(["questions", number, "labels"], f"no card or command {label}")


def _changed(card: Card, fields: dict[str, Any], problems: list[Problem]) -> Card:
    """The card with other texts; what does not fit its shape goes to the problems."""
    data = {**card.model_dump(mode="json", exclude_none=True), **fields}
    document = Document(f"cards/{card.theme}/{card.id}.yaml", yaml.safe_dump(data, allow_unicode=True, sort_keys=False))
    found = document.validated(TypeAdapter(type(card)))
    problems += document.problems
    return found or card


def _more(home: Any, added: Any) -> Any:
    def both(lang: Lang) -> list[str]:
        return [*home.phrasings.of(lang), *added(lang)]

    return home.model_copy(update={"phrasings": Phrasings(en=both("en"), zh=both("zh"))})


def _broken_rules(kb: KnowledgeBase, touched: set[str], layer: Layer) -> Iterator[Problem]:
    """What the checks of the shipped knowledge find; it has no problems itself, so each of these is the layer's.

    Left out: that every claim is given (a team may hide the card that does) and how many phrasings a card must have.
    """
    own = {OWN_GROUP: kb.out_of_scope[OWN_GROUP]} if OWN_GROUP in kb.out_of_scope else {}
    commands: dict[str, Command] = {name: kb.commands[name] for name in layer.phrasings if name in kb.commands}
    part = replace(kb, cards={name: kb.cards[name] for name in touched}, commands=commands, out_of_scope=own)
    for rule in check.RULES:
        if rule is not check.enough_phrasings:
            for problem in rule(part if rule in COSTLY else kb):
                if problem.file != "claims.yaml":
                    yield problem
