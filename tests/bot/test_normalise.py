"""Does what only looks different become the same, whatever is typed?"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.intents.normalise import LONGEST_READ, gist, has_words, language, normalise

ANYTHING = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.characters(categories=["Cs", "Cc", "Cf", "Co", "Cn"]),
        st.sampled_from("独家獨資Ａａ：，…’“ﬁİßＫ①㍿\u200b\u202e\u2066\ufeff\u0301\u3000@:/.w"),
    ),
    max_size=60,
)


@settings(deadline=None, max_examples=500)
@given(ANYTHING)
@example("\ud800")
@example("İ")
@example("…’")
@example("ww\u200bw.example.com")
@example("http://a\u202eb.example")
@example("Ａ＠ｂ．ｃ")
@example("a@b\u3000.c")
@example("x@x\u2024x")
def test_normalising_never_raises_and_twice_is_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@settings(deadline=None, max_examples=300)
@given(ANYTHING)
def test_nothing_invisible_and_no_double_space_is_left(text: str) -> None:
    found = normalise(text)
    assert found == found.strip()
    assert "  " not in found
    assert not [c for c in found if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn")]


@settings(deadline=None, max_examples=300)
@given(ANYTHING)
def test_language_and_has_words_never_raise(text: str) -> None:
    assert language(text) in ("en", "zh", None)
    assert has_words(text) in (True, False)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("Exclusive", "exclusive"),
        ("ＥＸＣＬＵＳＩＶＥ　？", "exclusive ?"),
        ("獨家代理，怎麼辦？", "独家代理,怎么办?"),
        ("  two\n lines\tand  spaces ", "two lines and spaces"),
        ("ex\u200bclu\u00adsive", "exclusive"),
        ("\u202eevisulcxe\u202c", "evisulcxe"),
        ("don’t ‘quote’ “me”", "don't 'quote' \"me\""),
        ("nul\x00l", "null"),
        ("half \ud83d emoji", "half emoji"),
        ("see https://evil.example/a?b=c now", "see webpage now"),
        ("write to Li.Wei@corp.cn", "write to webpage"),
        ("www.example.com/login", "webpage"),
        ("HTTPS://EXAMPLE.COM/X", "webpage"),
        ("ｗｗｗ．example．com", "webpage"),
        ("wait… what", "wait... what"),
        ("ﬁle", "file"),
        ("Straße", "strasse"),
        ("", ""),
        ("\u200b\u200d\ufeff", ""),
        ("一—二", "一 二"),
    ],
)
def test_looks_do_not_count(typed: str, normal: str) -> None:
    assert normalise(typed) == normal


def test_traditional_and_simplified_full_and_half_width_are_one_text() -> None:
    assert normalise("對方要獨家經銷權！") == normalise("对方要独家经销权!")


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("They asked for exclusivity, what do I say?", "en"),
        ("对方要独家代理，怎么办？", "zh"),
        ("對方要獨家代理", "zh"),
        ("独家", "zh"),
        ("ok", "en"),
        ("对方想exclusive，HQ那边又催着我签，头大", "zh"),
        ("They want 总代理 status before placing a single order. Hmm.", "en"),
        ("CAD图纸能发吗", "zh"),
        ("guanxi 关系?", "zh"),
        ("What does 面子 mean", "en"),
        ("¿Qué hago?", "en"),
        ("42", None),
        ("", None),
        ("😀😀", None),
        ("a", None),
        ("?!…", None),
        ("Привет", None),
        ("１２３", None),
    ],
)
def test_the_language_of_a_message(text: str, lang: str | None) -> None:
    assert language(text) == lang


@pytest.mark.parametrize(
    ("text", "readable"),
    [("a", True), ("独", True), ("Привет", True), ("42", False), ("?!", False), ("😀", False), ("", False), ("\u200b", False)],
)
def test_whether_there_is_anything_to_read(text: str, readable: bool) -> None:
    assert has_words(text) is readable


@pytest.mark.parametrize("text", ["", "short", "x" * LONGEST_READ, "独" * (LONGEST_READ // 2)])
def test_what_is_not_long_is_read_whole(text: str) -> None:
    assert gist(text) == text


@pytest.mark.parametrize(("letter", "cost"), [("x", 1), ("独", 2)])
def test_of_a_long_text_beginning_and_end_are_read(letter: str, cost: int) -> None:
    read = gist("begin " + letter * 100_000 + " the end?")
    assert read.startswith("begin " + letter * 100)
    assert read.endswith(letter * 50 + " the end?")
    assert len(read) <= LONGEST_READ / cost + 20


@settings(deadline=None)
@given(st.text(alphabet="a独 ", max_size=1_000))
def test_a_gist_is_bounded_and_from_the_text(text: str) -> None:
    read = gist(text)
    assert sum(2 if c == "独" else 1 for c in read) <= LONGEST_READ + 1
    assert read == text or all(half in text for half in (read[:60], read[-60:]))
