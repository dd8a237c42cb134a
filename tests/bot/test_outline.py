"""A card is read in one order on every channel, and cutting a text loses nothing but white space."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversations.answer import advice, offer, shelf, unknown
from bot.conversations.words import WORDS
from bot.messages import Card, Choice, Lang, Ready, Remark, Source
from bot.outline import JUDGEMENT, outline, plain, remark, split
from knowledge.load import KnowledgeBase

LANGS: tuple[Lang, ...] = ("en", "zh")


def in_bytes(text: str) -> int:
    """The size as WeChat and WeCom count it."""
    return len(text.encode())


def in_utf16(text: str) -> int:
    """The size as JavaScript counts it."""
    return len(text.encode("utf-16-le")) // 2


SIZES = {"characters": len, "bytes": in_bytes, "utf16": in_utf16}
ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
PROSE = st.lists(
    st.sampled_from(
        ["word", "Longerword", "独家代理", "第一。", "好！", "End.", "Why?", "\n", "\n\n", " ", "\t", "😀", "é", "1.5", "。"]
    ),
    max_size=80,
).map(" ".join)


def without_space(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
@given(text=ANYTHING | PROSE, longest=st.integers(4, 60))
def test_splitting_loses_nothing_but_white_space_and_keeps_the_limit(size: Callable[[str], int], text: str, longest: int) -> None:
    pieces = split(text, longest, size)
    assert without_space("".join(pieces)) == without_space(text)
    assert all(piece and piece == piece.strip() for piece in pieces)
    assert all(size(piece) <= longest for piece in pieces)


@given(text=PROSE, longest=st.integers(12, 60))
def test_words_that_fit_are_never_cut_in_two(text: str, longest: int) -> None:
    words = re.findall(r"[A-Za-z]+", text)
    assert [word for piece in split(text, longest) for word in re.findall(r"[A-Za-z]+", piece)] == words


@given(text=ANYTHING)
def test_a_text_that_fits_stays_whole(text: str) -> None:
    assert split(text, 300) == ([text.strip()] if text.strip() else [])


@given(
    sentences=st.lists(st.text("abc d", min_size=1, max_size=18).filter(str.strip).map(lambda s: f"X{s.strip()}."), max_size=30),
    longest=st.integers(40, 80),
)
def test_english_is_cut_between_sentences_when_they_are_short_enough(sentences: list[str], longest: int) -> None:
    for piece in split(" ".join(sentences), longest):
        assert piece.startswith("X")
        assert piece.endswith(".")


@given(
    sentences=st.lists(
        st.tuples(st.text("独家代理合同", min_size=1, max_size=8), st.sampled_from("。！？；")).map(lambda s: "我" + "".join(s)),
        max_size=30,
    ),
    longest=st.integers(90, 200),
)
def test_chinese_is_cut_between_sentences_also_when_counted_in_bytes(sentences: list[str], longest: int) -> None:
    for piece in split("".join(sentences), longest, in_bytes):
        assert piece.startswith("我")
        assert piece[-1] in "。！？；"


def test_paragraphs_come_before_lines_lines_before_sentences_sentences_before_words() -> None:
    assert split("One two. Three four.\n\nFive six. Seven", 30) == ["One two. Three four.", "Five six. Seven"]
    assert split("One two. Three four.\nFive six. Seven", 30) == ["One two. Three four.", "Five six. Seven"]
    assert split("One two. Three four. Five six seven", 30) == ["One two. Three four.", "Five six seven"]
    assert split("one two three four five six", 15) == ["one two three", "four five six"]
    assert split("oneoneone", 4) == ["oneo", "neon", "e"]


def test_what_fits_to_the_last_character_is_not_cut_earlier() -> None:
    assert split("First one. Second one.", 10) == ["First one.", "Second", "one."]
    assert split("First.\n\nSecond.", 6) == ["First.", "Second", "."]


def test_a_number_with_a_point_is_not_a_sentence_end() -> None:
    assert split("the price rose by 1.5 percent", 21) == ["the price rose by 1.5", "percent"]


def test_a_limit_smaller_than_one_character_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than the limit"):
        split("独家", 2, in_bytes)


def test_a_very_long_text_is_split_in_the_end() -> None:
    pieces = split("独家" * 50_000, 2_048, in_bytes)
    assert "".join(pieces) == "独家" * 50_000
    assert max(map(in_bytes, pieces)) <= 2_048


# outline and plain


def texts(card: Card) -> list[str]:
    """Every text of a card that a person must be able to read."""
    found = [
        card.title,
        *card.text.split("\n\n"),
        card.verdict,
        card.verdict_label,
        *card.do,
        *card.avoid,
        *card.ask,
        *card.watch_for,
    ]
    found += [line.text for line in [*card.because, *card.unless, *card.say]]
    found += [line.note for line in [*card.because, *card.unless] if line.note and line.note != JUDGEMENT]
    for source in card.sources:
        found += [source.title, source.author, source.publisher]
    return [text for text in [*found, *(choice.title for choice in card.choices)] if text]


@pytest.mark.parametrize("lang", LANGS)
def test_plain_text_has_all_texts_of_every_card(kb: KnowledgeBase, lang: Lang) -> None:
    for name in kb.cards:
        card = advice(kb, name, lang)
        shown = plain(card)
        for text in texts(card):
            assert text in shown, (name, text)
        for number, choice in enumerate(card.choices, 1):
            assert f"\n{number}. {choice.title}\n" in shown


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("size", "longest"), [(in_bytes, 2_048), (len, 3_000), (in_bytes, 600)])
def test_every_card_can_be_cut_for_a_short_channel(
    kb: KnowledgeBase, lang: Lang, size: Callable[[str], int], longest: int
) -> None:
    for name in kb.cards:
        shown = plain(advice(kb, name, lang))
        pieces = split(shown, longest, size)
        assert all(size(piece) <= longest for piece in pieces)
        assert without_space("".join(pieces)) == without_space(shown)


@pytest.mark.parametrize("lang", LANGS)
def test_lists_to_choose_from_are_numbered_and_say_so(kb: KnowledgeBase, lang: Lang) -> None:
    for card in (
        offer(kb, list(kb.cards)[:3], lang),
        unknown(kb, lang),
        *(shelf(kb, theme, lang) for theme in kb.themes if kb.by_theme[theme]),
    ):
        shown = plain(card)
        for text in texts(card):
            assert text in shown
        assert shown.endswith({"en": "Reply with a number.", "zh": "回复数字即可。"}[lang])


def test_a_card_is_read_verdict_first_and_sources_last() -> None:
    card = Card(
        id="x",
        kind="advice",
        lang="en",
        title="Title",
        verdict="Verdict",
        verdict_label="Careful",
        text="Text one\n\nText two",
        because=[Remark(text="Reason", claims=["S1-01"]), Remark(text="Note", note="Decree 739")],
        do=["Do it"],
        avoid=["Avoid it"],
        say=[Ready(to="counterpart", text="To them"), Ready(to="boss", text="To boss"), Ready(to="team", text="To team")],
        ask=["Ask it"],
        watch_for=["Watch it"],
        unless=[Remark(text="Exception", note=JUDGEMENT)],
        sources=[Source(id="S1", title="Article", author="Author", publisher="Publisher")],
        choices=[Choice(id="a", title="First"), Choice(id="b", title="Second")],
    )
    assert [(block.kind, block.field) for block in outline(card)] == [
        ("title", "title"),
        ("verdict", "verdict"),
        ("text", "text"),
        ("list", "because"),
        ("list", "do"),
        ("list", "avoid"),
        ("ready", "say"),
        ("ready", "say"),
        ("ready", "say"),
        ("list", "ask"),
        ("list", "watch_for"),
        ("list", "unless"),
        ("list", "sources"),
        ("choices", "choices"),
    ]
    assert plain(card) == (
        "Title\n\nCareful: Verdict\n\nText one\n\nText two\n\n"
        "Why\n- Reason\n- Note (curator's note: Decree 739)\n\nDo\n- Do it\n\nAvoid\n- Avoid it\n\n"
        "Say or send\nTo them\n\nSay to your boss\nTo boss\n\nSay to your team\nTo team\n\n"
        "Ask them\n- Ask it\n\nWatch for\n- Watch it\n\nUnless\n- Exception (curator's note: our own judgement)\n\n"
        "Sources\n- Author: Article (Publisher)\n- The articles are one practitioner's view; people and firms differ.\n\n"
        "1. First\n2. Second\nReply with a number."
    )


def test_an_empty_card_has_no_blocks() -> None:
    assert list(outline(Card(id="x", kind="notice", lang="en"))) == []
    assert plain(Card(id="x", kind="notice", lang="zh")) == ""


@pytest.mark.parametrize("lang", LANGS)
def test_a_curators_note_is_set_apart_from_the_articles(lang: Lang) -> None:
    assert remark(Remark(text="T", claims=["S1-01"]), lang) == "T"
    noted = remark(Remark(text="T", note="Decree 739 of 2021"), lang)
    assert "Decree 739 of 2021" in noted
    assert {"en": "curator's note", "zh": "编者注"}[lang] in noted
    assert JUDGEMENT not in remark(Remark(text="T", note=JUDGEMENT), lang)


def test_the_coachs_own_words_stand_in_both_languages() -> None:
    for name, words in WORDS.items():
        assert set(words) == {"en", "zh"}, name
        assert all(word.strip() for word in words.values()), name
        assert set(re.findall(r"{\w+}", words["en"])) == set(re.findall(r"{\w+}", words["zh"])), name


@pytest.mark.parametrize("hostile", ["<b>bold</b>", "*bold* _it_ `code`", "{{7*7}} {0} %s", "\u202egnp.exe"])
def test_markup_stays_the_text_it_is(hostile: str) -> None:
    card = Card(id="x", kind="notice", lang="en", title=hostile, text=hostile, do=[hostile])
    assert plain(card) == f"{hostile}\n\n{hostile}\n\nDo\n- {hostile}"
