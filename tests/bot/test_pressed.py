"""What was pressed is read by what stood on the button, in either language; an id is never shown."""

from __future__ import annotations

import re

import pytest

from bot.conversations import choices, flow_cards, pressed
from bot.conversations.answer import advice, shelf
from bot.conversations.words import say
from bot.messages import Answer, Card, Choice, Exchange, Lang
from knowledge.load import KnowledgeBase
from tests.conftest import NOW, REPO

LANGS: tuple[Lang, ...] = ("en", "zh")
MATTER = "dcf8" * 8


def told(said: str, *offered: Choice) -> Exchange:
    card = Card(id="c", kind="notice", lang="en", text="x", choices=list(offered))
    return Exchange(at=NOW, said=said, answer=Answer(conversation="", decision="sure", cards=[card]))


def test_every_kind_of_choice_in_the_sources_is_known() -> None:
    sources = [path.read_text("utf-8") for folder in ("bot", "adapters") for path in (REPO / folder).rglob("*.py")]
    made = {kind for text in sources for kind in re.findall(r'Choice\(\s*id=f?"([a-z]+):', text)}
    done = set(re.findall(r'kind == "([a-z]+)"|"([a-z]+)": \w+\.press', (REPO / str(choices.__file__)).read_text("utf-8")))
    assert {"fu", "fact", "card"} <= made
    assert made | {name for pair in done for name in pair if name} - {"none"} <= set(pressed.KINDS)


@pytest.mark.parametrize("lang", LANGS)
def test_what_the_shipped_knowledge_offers_has_its_words_without_an_answer_that_offered_it(kb: KnowledgeBase, lang: Lang) -> None:
    cards = [advice(kb, card, lang) for card in kb.cards] + [shelf(kb, theme, lang) for theme in kb.themes]
    questions = [
        flow_cards.question(flow, fact, lang, first=False, answered=True) for flow in kb.flows.values() for fact in flow.facts
    ]
    unnamed = say("pressed", lang)
    for choice in (choice for card in (*cards, *questions) for choice in card.choices):
        found = pressed.title(kb, choice.id, lang)
        assert found not in (None, unnamed), choice
        assert choice.id.startswith("card:") or found == choice.title
    for command in kb.commands:
        assert pressed.title(kb, f"command:{command}", lang) == kb.title(command, lang)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (f"fu:done:{MATTER}", ("Done", "已完成")),
        (f"fu:show:{MATTER}", ("Open this follow-up", "查看这件事")),
        (f"fu:called:{MATTER}", ("I called", "我打过电话了")),
        (f"fu:tomorrow:{MATTER}", ("Tomorrow", "明天")),
        (f"fu:at:{MATTER}:20261126T0200", ("Another time", "换个时间")),
        ("fu:all:done:abc", ("Yes", "是")),
        (f"tip:not_now:{MATTER}", ("Not now", "暂时用不上")),
        (f"bc:useful:{MATTER}", ("Useful", "有用")),
        (f"mail:{MATTER}:{MATTER}", ("Yes, that is it", "是的")),
        (f"mail:no:{MATTER}", ("No, leave everything as it is", "不是，保持不变")),
        ("vote:not:exclusivity-request", ("Not useful", "没用")),
        ("flow:resume", ("Back to the question", "回到刚才的问题")),
        ("step:back", ("Back", "上一步")),
        ("lang:zh", ("中文", "中文")),
        ("erase:yes", ("Yes, erase it", "确定删除")),
        ("address:keep", ("Keep the old one", "保留原来的")),
        ("card:gone-since", ("(a button)", "（点了一个按钮）")),
        ("fu:gone-since:1", ("(a button)", "（点了一个按钮）")),
        (f"unlink:{MATTER}", ("(a button)", "（点了一个按钮）")),
    ],
)
def test_a_button_on_a_reminder_or_beside_the_chat_has_its_words(kb: KnowledgeBase, choice: str, words: tuple[str, str]) -> None:
    assert tuple(pressed.title(kb, choice, lang) for lang in LANGS) == words
    assert tuple(pressed.in_words(kb, [told(choice)], lang)[0].said for lang in LANGS) == words


def test_what_was_offered_is_shown_as_it_was_offered_and_votes_are_known(kb: KnowledgeBase) -> None:
    offered = Choice(id=f"fu:at:{MATTER}:20261126T0200", title="An hour later")
    shown = pressed.in_words(kb, [told("what is open?", offered), told(offered.id), told("vote:useful:x")], "zh")
    assert [(each.said, each.vote) for each in shown] == [("what is open?", False), ("An hour later", False), ("有用", True)]


@pytest.mark.parametrize(
    "words",
    ["", "hello", "step: call him first", "ratio 3:1", "https://example.com/x", "mail:  me", "note:this", "card:\n", "价格:三千"],
)
def test_words_stay_as_they_were_typed(kb: KnowledgeBase, words: str) -> None:
    assert pressed.title(kb, words, "en") is None
    assert pressed.in_words(kb, [told(words)], "en")[0].said == words
