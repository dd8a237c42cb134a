"""What a card and a page look like as HTML: nothing is lost, nothing a person wrote becomes markup."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web import page, render
from bot.messages import Answer, Card, Choice, Exchange, Ready, Remark, Source
from bot.outline import plain
from tests.conftest import NOW

NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)> & \"' {{7*7}} \u202egnp"
FULL = Card(
    id="full",
    kind="advice",
    lang="en",
    title="Title",
    text="One.\n\nTwo.",
    verdict="Verdict.",
    verdict_label="No",
    signal="stop",
    because=[Remark(text="Reason."), Remark(text="Note.", note="somebody")],
    do=["Do this."],
    avoid=["Avoid that."],
    say=[Ready(to="counterpart", text="Dear {name},\n\nsecond  line"), Ready(to="boss", text="Boss {x}")],
    ask=["Ask?"],
    watch_for=["Watch."],
    unless=[Remark(text="Unless.", note="law")],
    sources=[Source(id="S1", title="Article", author="A. Uthor", publisher="P")],
    choices=[
        Choice(id="card:b", title="Related: B"),
        Choice(id="flow:f", title="Step by step"),
        Choice(id="vote:useful:full", title="Useful"),
        Choice(id="odd", title="Something else"),
    ],
)


def text_of(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def test_nothing_of_a_card_is_lost():
    shown = re.sub(r"\W", "", text_of(render.card_html(FULL)))
    for line in plain(FULL.model_copy(update={"choices": []})).splitlines():
        assert re.sub(r"\W", "", line) in shown, line
    for choice in FULL.choices:
        assert f'value="{choice.id}"' in render.card_html(FULL)


def test_the_verdict_comes_before_the_reasons_and_is_told_by_word_and_shape():
    text = render.card_html(FULL)
    assert text.index("No</p>") < text.index("Verdict.") < text.index("Reason.")
    shapes = {
        render.card_html(FULL.model_copy(update={"signal": signal})).split("<svg")[1].split("</svg>")[0]
        for signal in ("go", "care", "stop")
    }
    assert len(shapes) == 3


def test_a_ready_message_is_the_exact_text_with_its_slots_marked():
    ready = re.findall(r'<blockquote class="ready-text">(.*?)</blockquote>', render.card_html(FULL), re.DOTALL)
    assert [html.unescape(re.sub(r"<[^>]+>", "", text)) for text in ready] == [line.text for line in FULL.say]
    assert '<span class="slot">{name}</span>' in ready[0]


def test_signs_exceptions_and_sources_are_folded():
    folded = re.findall(r'<details class="part fold part-(\w+)">', render.card_html(FULL))
    assert folded == ["watch_for", "unless", "sources"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_markup_stays_text_wherever_it_stands(lang):
    nasty = Card(
        id="x",
        kind="advice",
        lang=lang,
        title=NASTY,
        text=NASTY,
        verdict=NASTY,
        verdict_label=NASTY,
        because=[Remark(text=NASTY, note=NASTY)],
        do=[NASTY],
        say=[Ready(to="team", text=f"{NASTY} {{<b>}}")],
        sources=[Source(id="S1", title=NASTY, author=NASTY, publisher=NASTY)],
        choices=[Choice(id=f"vote:{NASTY}", title=NASTY), Choice(id=f'flow:"{NASTY}', title=NASTY)],
    )
    for shown in (
        render.card_html(nasty),
        page.card_page(nasty),
        page.chat_page(lang, [Exchange(at=NOW, said=NASTY, answer=Answer(conversation="", decision="sure", cards=[nasty]))]),
    ):
        assert not re.search(r"<script>|<img src=x|<b>", shown)
        assert "{{7*7}}" in html.unescape(shown)


def test_what_was_said_keeps_its_own_language_and_direction():
    shown = page.chat_page("en", [Exchange(at=NOW, said="独家？", answer=Answer(conversation="", decision="sure", cards=[]))])
    assert '<p class="said" lang="zh-Hans" dir="auto">' in shown


@given(st.text(max_size=200))
def test_any_text_survives_the_marking_of_slots(text):
    assert html.unescape(re.sub(r"</?span[^>]*>", "", str(render.slots(text)))) == text


def test_it_has_links_where_the_chat_has_buttons_and_all_of_it_is_open():
    card = Card(
        id="a",
        kind="advice",
        lang="en",
        title="T",
        watch_for=["sign"],
        choices=[
            Choice(id="card:b", title="Related: B"),
            Choice(id="flow:f", title="Start"),
            Choice(id="vote:useful:a", title="Useful"),
        ],
    )
    text = page.card_page(card)
    assert 'href="/cards/b?lang=en"' in text
    assert '<details class="part fold part-watch_for" open>' in text
    assert "<form" not in text


def test_more_choices_than_buttons_become_numbered_lines():
    choices = [Choice(id=f"card:{n}", title=f"Way {n}") for n in range(1, render.LIMITS.most_buttons + 2)]
    shown = render.card_html(Card(id="x", kind="choices", lang="en", text="Which?", choices=choices))
    assert "<button" not in shown
    assert "101. Way 101" in shown
    assert "Reply with a number." in shown
