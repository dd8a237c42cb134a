"""Is Chinese typed in Latin letters read, and English never taken for it?"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from bot.intents.match import Matcher, training_rows
from bot.intents.normalise import normalise
from bot.intents.pinyin import Pinyin, learn
from bot.messages import Address, Inbound
from bot.wiring import App
from knowledge.load import KnowledgeBase
from tests.conftest import NOW

SMALL = Pinyin(learn(["对方要独家代理,怎么办", "对方要独家代理", "独家代理怎么办", "图纸能发吗", "图纸能发吗", "西安", "西安"]))


@pytest.fixture(scope="module")
def pinyin(matcher: Matcher) -> Pinyin:
    """Over all phrasings."""
    return Pinyin(matcher.head.sounds)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dui fang yao du jia dai li, zen me ban?", "对方要独家代理, 怎么办?"),
        ("duifang yao dujia daili", "对方要独家代理"),
        ("nda, tuzhi neng fa ma?", "nda, 图纸能发吗?"),
        ("tuzhi nengfama 对方?", "图纸能发吗 对方?"),
        ("xi'an dujia daili", "西安独家代理"),
    ],
)
def test_sounds_become_characters_and_the_rest_stays(typed: str, meant: str) -> None:
    assert SMALL.read(typed) == meant


@pytest.mark.parametrize("typed", ["", "dujia", "they want exclusivity", "women can he me", "42 !!", "独家代理"])
def test_what_is_not_written_so_is_left_alone(typed: str) -> None:
    assert SMALL.read(typed) is None


def test_without_chinese_phrasings_nothing_is_read() -> None:
    assert Pinyin(learn(["exclusive rights"])).read("du jia dai li") is None


def test_no_english_phrasing_is_taken_for_chinese(pinyin: Pinyin, kb: KnowledgeBase) -> None:
    assert [text for text, _, lang in training_rows(kb) if lang == "en" and pinyin.read(normalise(text))] == []


@pytest.mark.parametrize(
    ("question", "intent"),
    [("对方要独家代理，怎么办？", "exclusivity-request"), ("图纸能发给他们吗", "share-information")],
)
def test_a_question_typed_by_its_sound_gets_its_card_in_chinese(matcher: Matcher, question: str, intent: str) -> None:
    typed = re.sub(r"[\u3400-\u9fff]+", lambda run: " ".join(lazy_pinyin(run.group())), question)
    found = matcher.understand(typed)
    assert (found.lang, found.decision) == ("zh", "sure")
    assert found.intent == intent


@given(st.text(alphabet="abdefgijlnouyzx '独,?", max_size=80))
def test_nothing_typed_makes_reading_raise_and_what_is_not_latin_stays(typed: str) -> None:
    read = SMALL.read(typed)
    assert read is None or [c for c in read if c in ",?"] == [c for c in typed if c in ",?"]


def test_the_answer_to_a_question_typed_by_its_sound_is_chinese(app: App) -> None:
    asked = Inbound(
        address=Address(channel="web", external_id="u"),
        message_id="1",
        received_at=NOW,
        text="duifang yao dujia daili, zenme ban?",
    )
    answer = app.receive(asked)
    assert (answer.intent, answer.cards[0].lang) == ("exclusivity-request", "zh")
