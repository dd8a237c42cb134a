"""Are the traits of an utterance what we say they are, the same for training and answering?"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.intents.features import Vocabulary, grams, words


def test_words_are_single_ones_and_pairs() -> None:
    assert list(words("send the file")) == ["send", "the", "send the", "file", "the file"]


def test_chinese_is_taken_by_characters_pairs_and_triples() -> None:
    assert list(words("要独家")) == ["要", "独", "要 独", "家", "独 家", "要 独 家"]


def test_triples_are_for_chinese_alone() -> None:
    assert [term for term in words("send it now") if term.count(" ") == 2] == []


def test_mixed_text_keeps_its_latin_words_whole() -> None:
    found = list(words("发cad图纸"))
    assert {"发", "cad", "图", "发 cad", "cad 图", "图 纸"} <= set(found)


def test_punctuation_is_a_word_and_an_apostrophe_stays_inside() -> None:
    assert list(words("don't?")) == ["don't", "?", "don't ?"]


def test_grams_mark_the_borders_of_a_word() -> None:
    assert set(grams("ok")) == {" ok", "ok ", " ok "}


def test_grams_are_of_latin_words_only_and_never_cross_a_space() -> None:
    assert list(grams("独家")) == []
    assert not [gram for gram in grams("one two") if " " in gram.strip()]


def test_a_slip_leaves_most_grams_of_a_word() -> None:
    right, slip = set(grams("exclusivity")), set(grams("exclusivty"))
    assert len(right & slip) > len(right) / 3


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=100))
def test_no_text_makes_taking_raise(text: str) -> None:
    vocabulary = Vocabulary("words", {"a": 0, "独": 1}, np.ones(2, dtype=np.float32))
    positions, weights = vocabulary.weigh(text)
    list(grams(text))
    assert len(positions) == len(weights) == len(set(positions.tolist()))


TEXTS = ["send the file", "send the price", "the weather", "独家 the"]


def test_a_vocabulary_keeps_terms_that_stand_in_enough_texts() -> None:
    assert set(Vocabulary.learn("words", TEXTS, 2).index) == {"send", "the", "send the"}
    assert "weather" in Vocabulary.learn("words", TEXTS, 1).index


def test_a_term_counts_once_a_text_however_often_it_stands_there() -> None:
    assert "go" not in Vocabulary.learn("words", ["go go go", "stop"], 2).index


def test_rarity_is_inverse_document_frequency() -> None:
    vocabulary = Vocabulary.learn("words", TEXTS, 2)
    assert vocabulary.rarity[vocabulary.index["the"]] == pytest.approx(math.log(5 / 5) + 1)
    assert vocabulary.rarity[vocabulary.index["send"]] == pytest.approx(math.log(5 / 3) + 1)


def test_the_weights_of_a_text_have_length_one_whatever_its_length() -> None:
    vocabulary = Vocabulary.learn("words", TEXTS, 1)
    for text in ("send", "send the file", "send " * 50 + "the"):
        _, weights = vocabulary.weigh(text)
        assert float(np.linalg.norm(weights)) == pytest.approx(1, abs=1e-6)


def test_a_repeated_word_weighs_more_but_not_in_proportion() -> None:
    vocabulary = Vocabulary.learn("words", ["a", "b"], 1)
    positions, weights = vocabulary.weigh("a a a a b")
    by_term = dict(zip(positions.tolist(), weights.tolist(), strict=True))
    assert by_term[vocabulary.index["a"]] / by_term[vocabulary.index["b"]] == pytest.approx(1 + math.log(4))


def test_unknown_terms_do_not_count() -> None:
    vocabulary = Vocabulary.learn("words", TEXTS, 2)
    positions, weights = vocabulary.weigh("nothing known here")
    assert len(positions) == len(weights) == 0


def test_the_same_texts_in_another_order_make_the_same_vocabulary() -> None:
    one, other = Vocabulary.learn("grams", TEXTS, 1), Vocabulary.learn("grams", TEXTS[::-1], 1)
    assert one.index == other.index
    assert np.array_equal(one.rarity, other.rarity)
