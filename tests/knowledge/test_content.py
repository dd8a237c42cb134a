"""Is the shipped knowledge whole, honest about its sources, and its own? Against ../shared where that is present."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from rapidfuzz import fuzz, process

from bot.messages import Lang
from knowledge.check import FEWEST_OUT_OF_SCOPE, FEWEST_PHRASINGS, check
from knowledge.document import Document
from knowledge.load import SHIPPED, KnowledgeBase
from knowledge.schema import LANGS
from knowledge.text import bare
from tests.conftest import REPO, SHARED, skip_loudly

TOO_CLOSE = 92
MOST_WORDS_IN_A_ROW = 8
COMMANDS = {
    "followup-create",
    "followup-list",
    "followup-done",
    "followup-snooze",
    "followup-cancel",
    "tip-now",
    "tip-subscribe",
    "tip-unsubscribe",
    "help",
    "greeting",
    "thanks",
    "feedback",
    "language",
    "zone",
    "quiet-hours",
    "mail-address",
    "link",
    "ask-a-person",
    "delete-my-data",
    "stop",
}
"""The contract's."""


def shared(*parts: str) -> Path:
    """A file or folder of ../shared; the test is skipped loudly where it is absent."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        skip_loudly(f"{path.name} is not here: set TEST_SHARED")
    return path


def scope_table() -> dict[str, dict[str, Any]]:
    """cards.yaml: card → theme, claims, near, flow."""
    table = yaml.safe_load(shared("knowledge", "cards.yaml").read_text("utf-8"))
    return {card: {"theme": theme, **given} for theme, cards in table["themes"].items() for card, given in cards.items()}


def strings(value: Any) -> Iterator[str]:
    """Every text anywhere in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


def words(text: str) -> list[str]:
    """The Latin words of a text, in order."""
    return re.findall(r"[a-z0-9']+", text.lower().replace("’", "'"))


@cache
def texts_of_ours() -> list[tuple[str, str]]:
    """(file, text) of everything written by us; the list of claims and the titles of the articles were given."""
    files = [path for path in sorted(SHIPPED.rglob("*.yaml")) if path.name not in ("claims.yaml", "sources.yaml")]
    return [(path.name, text) for path in files for text in strings(Document.read(path, SHIPPED).data)]


def test_the_shipped_knowledge_passes_every_check(kb: KnowledgeBase) -> None:
    assert [str(problem) for problem in check(kb)] == []


def test_there_are_44_cards_on_six_shelves_and_none_is_empty(kb: KnowledgeBase) -> None:
    assert len(kb.cards) == 44
    assert len(kb.themes) == 6
    assert all(kb.by_theme.values())


def test_the_commands_are_those_of_the_contract(kb: KnowledgeBase) -> None:
    assert set(kb.commands) == COMMANDS


def test_no_card_and_command_share_a_name(kb: KnowledgeBase) -> None:
    assert not set(kb.cards) & set(kb.commands)
    assert "out_of_scope" not in {*kb.cards, *kb.commands}


def test_every_claim_is_given_and_none_is_invented(kb: KnowledgeBase) -> None:
    given = {claim for card in kb.cards.values() for claim in card.given_claims()}
    assert given == set(kb.claims)
    assert len(given) == 78


def test_every_claim_belongs_to_an_article_that_is_named(kb: KnowledgeBase) -> None:
    assert {claim.source for claim in kb.claims.values()} == set(kb.sources)


@pytest.mark.parametrize("lang", LANGS)
def test_every_card_has_every_field_in_every_language(kb: KnowledgeBase, lang: Lang) -> None:
    for card in kb.cards.values():
        lines = [card.title, card.verdict, *card.because, *card.do, *card.avoid, *card.say, *card.ask, *card.watch_for]
        lines += [*card.unless, *card.tips, *card.near.values()]
        assert all(getattr(line, lang).strip() for line in lines), card.id
        assert len(card.phrasings.of(lang)) >= FEWEST_PHRASINGS[lang], card.id


def test_a_text_is_not_the_same_in_both_languages(kb: KnowledgeBase) -> None:
    for card in kb.cards.values():
        lines = [card.title, card.verdict, *card.because, *card.do, *card.avoid, *card.say, *card.ask, *card.watch_for]
        lines += [*card.unless, *card.tips, *card.near.values()]
        assert not [line.en for line in lines if line.en == line.zh], card.id


def test_every_aspect_shows_fields_that_a_card_has(kb: KnowledgeBase) -> None:
    shown = {"verdict", "because", "do", "avoid", "say", "ask", "watch_for", "unless", "tips", "sources", "near"}
    assert {field for aspect in kb.aspects.values() for field in aspect.fields} <= shown


def test_there_are_enough_out_of_scope_utterances_in_both_languages(kb: KnowledgeBase) -> None:
    counts = {lang: sum(len(group.of(lang)) for group in kb.out_of_scope.values()) for lang in LANGS}
    assert sum(counts.values()) >= FEWEST_OUT_OF_SCOPE
    assert min(counts.values()) >= 100


def test_cards_themes_claims_and_flows_are_those_of_the_scope_table(kb: KnowledgeBase) -> None:
    shipped = {card.id: {"theme": card.theme, "claims": sorted(card.claims), "flow": card.flow} for card in kb.cards.values()}
    wanted = {
        name: {"theme": row["theme"], "claims": sorted(row["claims"]), "flow": row.get("flow")}
        for name, row in scope_table().items()
    }
    assert shipped == wanted


def test_neighbours_are_those_of_the_scope_table(kb: KnowledgeBase) -> None:
    table = scope_table()
    wanted = {name: {*row["near"], *(other for other in table if name in table[other]["near"])} for name, row in table.items()}
    assert {card.id: set(card.near) for card in kb.cards.values()} == wanted


def test_the_claims_are_the_given_ones_word_for_word(kb: KnowledgeBase) -> None:
    given = yaml.safe_load(shared("knowledge", "claims.yaml").read_text("utf-8"))["claims"]
    assert {claim.id: claim.says for claim in kb.claims.values()} == {name: row["says"] for name, row in given.items()}


def test_no_phrasing_is_close_to_a_development_question(kb: KnowledgeBase) -> None:
    lines = shared("eval", "questions.jsonl").read_text("utf-8").splitlines()
    questions = [bare(json.loads(line)["text"]) for line in lines if line.strip()]
    phrasings = [bare(text) for lang in LANGS for text, _ in kb.utterances(lang)]
    close = []
    for question in questions:
        found = process.extractOne(question, phrasings, scorer=fuzz.ratio, score_cutoff=TOO_CLOSE)
        if found:
            close.append(f"{question!r} and {found[0]!r}: {found[1]:.0f}")
    assert len(questions) > 200
    assert close == []


def test_no_sentence_of_the_articles_is_copied() -> None:
    length = MOST_WORDS_IN_A_ROW + 1
    theirs: set[tuple[str, ...]] = set()
    for article in shared("knowledge", "sources").iterdir():
        row = words(article.read_text("utf-8"))
        theirs |= {tuple(row[n : n + length]) for n in range(len(row) - length + 1)}
    assert len(theirs) > 1000
    copied = []
    for file, text in texts_of_ours():
        row = words(text)
        copied += [f"{file}: {' '.join(row[n : n + length])}" for n in range(len(row)) if tuple(row[n : n + length]) in theirs]
    assert copied == []


def test_the_texts_looked_at_are_all_of_ours() -> None:
    files = {file for file, _ in texts_of_ours()}
    assert {f"{card}.yaml" for card in ("casual-yes", "wechat-account", "early-questions")} <= files
    assert {"commands.yaml", "out_of_scope.yaml"} <= files
    assert len(texts_of_ours()) > 10_000


def test_the_held_out_questions_are_labelled_with_intents_that_exist(kb: KnowledgeBase) -> None:
    lines = [json.loads(line) for line in (REPO / "tests" / "data" / "questions.jsonl").read_text("utf-8").splitlines()]
    labels = {label for line in lines for label in line["labels"]}
    assert labels <= {*kb.cards, *kb.commands, "out_of_scope"}
    assert labels >= set(kb.cards)
    assert len({line["id"] for line in lines}) == len(lines)
