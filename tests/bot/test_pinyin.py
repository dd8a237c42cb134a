"""Is Chinese in Latin letters read as what it sounds like, and English left alone?"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intents.match import Matcher
from bot.intents.pinyin import Sounds, spelt
from tests.conftest import REPO

PHRASINGS = ["对方要独家代理，怎么办", "要不要把图纸发给他们", "女经理", "客户没回邮件"]
SOUNDS = Sounds([(text, spelt(text)) for text in PHRASINGS])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("duifang yao dujia daili zenmeban", PHRASINGS[0]),
        ("Duìfāng yào dújiā dàilǐ, zěnme bàn?", PHRASINGS[0]),
        ("dui4 fang1 yao4 du2 jia1 dai4 li3 zen3 me ban4", PHRASINGS[0]),
        ("yaobuyao ba tuzhi fagei tamen", PHRASINGS[1]),
        ("kehu mei hui youjian", PHRASINGS[3]),
        ("nv jingli", PHRASINGS[2]),
        ("nǚ jīng lǐ", PHRASINGS[2]),
        ("jintian tianqi zenmeyang", None),
        ("they asked for exclusivity", None),
        ("he can sue me", None),
        ("", None),
        ("对方要独家代理", None),
        ("dui " * 100, None),
    ],
)
def test_what_is_typed_in_latin_letters_is_read_by_its_sound(typed: str, meant: str | None) -> None:
    assert SOUNDS.meant(typed) == meant


@given(st.text(max_size=300))
def test_no_text_makes_it_raise(text: str) -> None:
    assert SOUNDS.meant(text) is None or text


def test_it_reaches_the_card_and_no_english_question_is_taken_for_chinese(matcher: Matcher) -> None:
    found = matcher.understand("duifang yao dujia daili zenmeban")
    assert (found.intent, found.lang) == ("exclusivity-request", "zh")
    lines = (REPO / "tests" / "data" / "questions.jsonl").read_text("utf-8").rstrip().split("\n")
    english = [row["text"] for row in map(json.loads, lines) if row["lang"] == "en"]
    sounds = Sounds(matcher.head.sounds)
    assert [text for text in english if sounds.meant(text)] == []
