"""Is a change to what the coach knows checked, reviewed, kept apart from others' changes, and whole or not at all?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bot.curation import layer as layers
from bot.curation.change import change_from
from bot.curation.layer import Layer
from bot.curation.merge import fitting, merged
from bot.curation.review import Broken, Curation, changes, live
from bot.curation.tables import LayerChange, LayerVersion
from bot.db import reading, writing
from bot.errors import Conflict, NotThere, Refused
from bot.people import directory
from bot.people.tables import PersonRow
from knowledge.document import KnowledgeError
from knowledge.load import KnowledgeBase
from tests.conftest import NOW, REPO

CARD = "confirm-by-text-or-phone"
LATER = NOW + dt.timedelta(hours=1)


@pytest.fixture
def curation(kb: KnowledgeBase) -> Curation:
    return Curation(kb)


def person(session: Session, name: str, role: str = "curator") -> PersonRow:
    return directory.add_person(session, NOW, name=name, role=role)


def make_live(session: Session, layer: Layer, number: int, *parts: str) -> None:
    """A version as if it had been learnt: these tests are about reviewing."""
    _, _, touched = live(session)
    session.add(LayerVersion(number=number, layer=layer.dump(), touched=touched | dict.fromkeys(parts, number), made_at=NOW))
    session.flush()


def own_card(kb: KnowledgeBase, **changed: Any) -> dict[str, Any]:
    """A card of the team's own, from a shipped one."""
    card = kb.cards[CARD].model_dump(mode="json", exclude_none=True)
    card |= {
        "id": "our-price-list",
        "claims": [],
        "near": {},
        "because": [{"en": "Our list is public.", "zh": "我们的价目表是公开的。", "note": {"source": "the team's judgement"}}],
    }
    card["phrasings"] = {
        "en": ["can I send them our price list", "price list to a stranger, ok?", "may the agent have our list of prices"],
        "zh": ["价目表能直接发给他吗", "陌生人要价目表给不给", "代理想要我们的价目表"],
    }
    return card | changed


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        (
            {"kind": "add-phrasings", "intent": "no-such-card", "phrasings": {"en": ["a way to ask"]}},
            "phrasings.no-such-card",
            "no card or command",
        ),
        (
            {"kind": "add-phrasings", "intent": CARD, "phrasings": {"en": ["should we sign an exclusive deal?!", "..."]}},
            "",
            "neither letters nor digits",
        ),
        ({"kind": "add-phrasings", "intent": CARD, "phrasings": {"zh": ["這個怎麼辦才好"]}}, "", "not simplified"),
        ({"kind": "add-phrasings", "intent": CARD, "phrasings": {"en": ["MAIL sent, now also WhatsApp?"]}}, "", "stands already"),
        ({"kind": "hide", "card": "no-such-card"}, "hidden.0", "no shipped card"),
        ({"kind": "text", "card": CARD, "fields": {"phrasings": {}}}, f"texts.{CARD}.phrasings", "cannot be changed"),
        ({"kind": "text", "card": CARD, "fields": {"title": {"en": "Only English"}}}, "title.zh", "Field required"),
        ({"kind": "text", "card": CARD, "fields": {"title": {"en": "x" * 61, "zh": "标题"}}}, "title.en", "at most 60"),
        (
            {"kind": "question", "question": {"text": "what now", "lang": "en", "labels": ["nothing"]}},
            "questions.0.labels",
            "no card or command",
        ),
    ],
)
def test_a_change_is_held_to_the_rules_of_the_knowledge_and_each_reason_names_its_place(
    engine: Engine, curation: Curation, change: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(Broken) as broken, writing(engine) as session:
        curation.propose(session, person(session, "Lin"), change, NOW)
    assert any(reason in problem.reason and problem.field.startswith(field) for problem in broken.value.problems), broken.value
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(LayerChange)) == 0


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "erase-everything"},
        {"kind": "hide"},
        {"kind": "hide", "card": "x", "more": 1},
        {"kind": "text", "card": CARD, "fields": 3},
    ],
)
def test_what_is_no_change_is_refused_in_words(data: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        change_from(data)


def test_an_own_card_may_rest_on_the_teams_judgement_and_a_border_it_draws_stands_on_both_sides(kb: KnowledgeBase) -> None:
    border = {"en": "Use that card after the mail is sent.", "zh": "邮件已经发出以后，看那张卡。"}
    whole = merged(kb, layers.validated({"cards": [own_card(kb, near={CARD: border})]}))
    assert whole.cards["our-price-list"].title.en == kb.cards[CARD].title.en
    assert whole.cards[CARD].near["our-price-list"].en == border["en"]
    assert list(whole.cards).index("our-price-list") < len(whole.cards)
    assert "our-price-list" not in kb.cards and "our-price-list" not in kb.cards[CARD].near


def test_a_hidden_card_takes_its_flow_and_its_borders_with_it(kb: KnowledgeBase) -> None:
    flow = kb.flows["exclusivity"]
    whole = merged(kb, Layer(hidden=[flow.card]))
    assert flow.card not in whole.cards and "exclusivity" not in whole.flows
    assert not [card.id for card in whole.cards.values() if flow.card in card.near]


def test_changed_texts_are_read_and_the_rest_stays_as_shipped(kb: KnowledgeBase) -> None:
    title = {"en": "Sent a mail? Ring.", "zh": "发了邮件？打电话。"}
    whole = merged(kb, Layer(texts={CARD: {"title": title}}))
    assert whole.cards[CARD].title.zh == title["zh"]
    assert whole.cards[CARD].verdict == kb.cards[CARD].verdict
    assert whole.content_hash != kb.content_hash


def test_what_no_longer_fits_newer_shipped_knowledge_is_left_out_and_named(kb: KnowledgeBase) -> None:
    layer = layers.validated(
        {"hidden": ["gone-by-now"], "texts": {CARD: {"title": {"en": "Ring them.", "zh": "打电话给他们。"}}}}
    )
    fits, left_out = fitting(kb, layer)
    assert fits.names() == [f"text:{CARD}"]
    assert len(left_out) == 1 and left_out[0].startswith("hidden:gone-by-now")


def test_only_curators_and_admins_change_anything(engine: Engine, curation: Curation) -> None:
    change = {"kind": "hide", "card": CARD}
    with writing(engine) as session:
        member, curator = person(session, "Member", "member"), person(session, "Curator")
        row = curation.propose(session, curator, change, NOW)
        for refused in (
            lambda: curation.propose(session, member, change, NOW),
            lambda: curation.decide(session, row.id, member, True, NOW),
            lambda: curation.undo(session, 1, person(session, "Other", "member"), NOW),
        ):
            with pytest.raises(Refused):
                refused()
        assert row.state == "review"


def test_two_curators_on_one_card_the_later_is_told_and_keeps_what_they_wrote(engine: Engine, curation: Curation) -> None:
    mine = {"kind": "text", "card": CARD, "fields": {"title": {"en": "Mine", "zh": "我的标题"}}}
    with writing(engine) as session:
        anna, ben = person(session, "Anna"), person(session, "Ben")
        hers = curation.propose(session, anna, mine, NOW)
        make_live(session, Layer(texts={CARD: {"title": {"en": "Ben's", "zh": "他的标题"}}}), 1, f"text:{CARD}")
        with pytest.raises(Conflict, match="version 1"):
            curation.decide(session, hers.id, anna, True, NOW)
        with pytest.raises(Conflict):
            curation.propose(session, anna, mine, NOW, seen=0)
        assert (hers.state, hers.change["fields"]["title"]["en"]) == ("review", "Mine")
        again = curation.propose(session, anna, mine, NOW, seen=1)
        assert curation.decide(session, again.id, ben, True, LATER).state == "accepted"
        elsewhere = curation.propose(session, ben, {"kind": "hide", "card": "email-unreliable"}, NOW, seen=0)
        assert elsewhere.state == "review"


def test_phrasings_of_two_curators_for_one_card_do_not_meet(engine: Engine, curation: Curation) -> None:
    def wish(text: str) -> dict[str, Any]:
        return {"kind": "add-phrasings", "intent": CARD, "phrasings": {"en": [text]}}

    with writing(engine) as session:
        anna = person(session, "Anna")
        row = curation.propose(session, anna, wish("zebra one rings the buyer after mailing"), NOW)
        layer = Layer().with_part(f"phrasings:{CARD}", {"en": ["zebra two texts the buyer after mailing"]})
        make_live(session, layer, 1, f"phrasings:{CARD}")
        assert curation.decide(session, row.id, anna, True, NOW).state == "accepted"
        after, _ = curation.after(layer, change_from(row.change))
        assert len(after.phrasings[CARD].en) == 2


def test_a_decision_is_made_once_and_tells_who_and_when(engine: Engine, curation: Curation) -> None:
    with writing(engine) as session:
        anna, ben = person(session, "Anna"), person(session, "Ben", "admin")
        row = curation.propose(session, anna, {"kind": "hide", "card": CARD}, NOW)
        curation.decide(session, row.id, ben, False, LATER)
        with pytest.raises(Conflict):
            curation.decide(session, row.id, anna, True, LATER)
        with pytest.raises(NotThere):
            curation.decide(session, 10_000, anna, True, LATER)
        told = changes(session)[0]
        assert (told.state, told.proposed_by, told.decided_by, told.decided_at) == ("declined", "Anna", "Ben", LATER)
        assert changes(session, "live") == []


def test_a_draft_may_be_wrong_until_it_is_submitted(engine: Engine, curation: Curation, kb: KnowledgeBase) -> None:
    with writing(engine) as session:
        anna = person(session, "Anna")
        row = curation.propose(session, anna, {"kind": "card", "card": own_card(kb, theme="no-theme")}, NOW, draft=True)
        with pytest.raises(Broken, match="no theme"):
            curation.submit(session, row.id, anna)
        good = curation.propose(session, anna, {"kind": "card", "card": own_card(kb)}, NOW, draft=True)
        assert curation.submit(session, good.id, anna).state == "review"
        assert curation.preview(session, good.id).cards["our-price-list"].phrasings.zh


def test_an_undo_brings_back_what_was_before_unless_it_was_changed_again(engine: Engine, curation: Curation) -> None:
    first = Layer(texts={CARD: {"title": {"en": "First", "zh": "第一版"}}})
    second = Layer(texts={CARD: {"title": {"en": "Second", "zh": "第二版"}}})
    with writing(engine) as session:
        anna = person(session, "Anna")
        for number, layer in enumerate((first, second), 1):
            row = curation.propose(session, anna, {"kind": "text", "card": CARD, "fields": layer.texts[CARD]}, NOW)
            row.state, row.version = "live", number
            make_live(session, layer, number, f"text:{CARD}")
        undone = curation.undo(session, 2, anna, NOW)
        after, _ = curation.after(second, change_from(undone.change))
        assert after == first
        with pytest.raises(Conflict):
            curation.undo(session, 1, anna, NOW)
        with pytest.raises(NotThere):
            curation.undo(session, 3, anna, NOW)


def test_what_is_exported_can_be_imported_and_is_the_same(engine: Engine, curation: Curation, kb: KnowledgeBase) -> None:
    layer = layers.validated(
        {"cards": [own_card(kb)], "hidden": ["email-unreliable"], "phrasings": {CARD: {"zh": ["斑马发完邮件要打电话吗"]}}}
    )
    with writing(engine) as session:
        make_live(session, layer, 1, *layer.names())
        anna, text = person(session, "Anna"), curation.export(session)
        assert layers.read(text) == layer
        assert "斑马" in text and text.startswith("cards:")
        row = curation.import_(session, text, anna, NOW)
        assert curation.after(Layer(), change_from(row.change))[0] == layer


@pytest.mark.parametrize(
    ("yaml", "reasons"),
    [
        ("cards: [", ["not YAML"]),
        ("- a\n- b", ["valid dictionary"]),
        ("hidden: [no-such-card]\nphrasings: {nothing: {en: [x]}}", ["no shipped card", "no card or command"]),
        ("surprise: 1", ["Extra inputs"]),
        ("hidden: [" + "!!python/object/apply:os.system ['true']" + "]", ["not YAML"]),
        ("a: &a [x]\nb: *a\nhidden: [email-unreliable]", ["Extra inputs"]),
    ],
)
def test_a_broken_import_is_refused_whole_with_every_reason(
    engine: Engine, curation: Curation, yaml: str, reasons: list[str]
) -> None:
    with pytest.raises(Broken) as broken, writing(engine) as session:
        curation.import_(session, yaml, person(session, "Anna"), NOW)
    for reason in reasons:
        assert reason in str(broken.value)
    with reading(engine) as session:
        assert changes(session) == [] and live(session)[0] == 0


def test_a_huge_layer_is_refused_before_it_is_read() -> None:
    with pytest.raises(KnowledgeError, match="longer than"):
        layers.read("#" * 2_000_001)


def test_the_example_of_the_paper_is_a_layer_that_fits(kb: KnowledgeBase) -> None:
    paper = (REPO / "docs" / "team-knowledge.md").read_text("utf-8")
    layer = layers.read(paper.split("```yaml\n")[1].split("```")[0])
    assert merged(kb, layer).cards["confirm-by-text-or-phone"].title.en == "Mailed? Ring."
