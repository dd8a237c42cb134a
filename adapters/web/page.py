"""What does a whole page show? The conversation so far, one card alone, or one plain sentence. Pure: data → HTML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from adapters.site.guard import Visitor
from adapters.web.form import Said
from adapters.web.past import Found
from adapters.web.ports import Matter
from adapters.web.render import PAGES, card_html
from adapters.web.words import EXAMPLES, LANG_TAG, tongue, words
from bot.messages import Answer, Card, Lang

MOST_TURNS = 50
"""Turns shown of one conversation, the newest ones."""


@dataclass(frozen=True)
class Turn:
    """One thing said and its answer, as the page shows them."""

    said: str
    said_lang: str
    answer: Markup
    quiet: bool = False
    """A vote: a small line under the card rather than a turn of its own."""
    delivery: str = ""
    """Of what came unasked: its delivery, so that it is shown once."""


def turns(history: Sequence[tuple[str, Answer]]) -> list[Turn]:
    """The conversation to show. A pressed choice is kept by its id and shown by the title it had."""
    titles: dict[str, str] = {}
    shown: list[Turn] = []
    for said, answer in history:
        text = titles.get(said, said)
        shown.append(
            Turn(text, LANG_TAG[tongue(text)], answer_html(answer), quiet=said.startswith("vote:"), delivery=answer.delivery)
        )
        titles |= {choice.id: choice.title for card in answer.cards for choice in card.choices}
    return shown[-MOST_TURNS:]


def answer_html(answer: Answer) -> Markup:
    """The cards of an answer, one below the other."""
    return Markup("\n").join(card_html(card) for card in answer.cards)


def chat_page(
    lang: Lang,
    history: Sequence[tuple[str, Answer]],
    *,
    unsent: Said | None = None,
    trouble: str = "",
    now: dt.datetime | None = None,
    matters: Sequence[Matter] = (),
    me: Visitor | None = None,
) -> str:
    """The chat, as it is at `now`: what comes later it hears by events.

    `unsent` is put back in the box with its id, to be sent again; `trouble` names the sentence that says why.
    """
    return _page(
        "chat.html",
        lang,
        turns=turns(history),
        cut=len(history) > MOST_TURNS,
        examples=EXAMPLES[lang],
        unsent=unsent,
        trouble=trouble,
        after=now.isoformat() if now else "",
        matters=matters,
        me=me,
    )


def card_page(card: Card) -> str:
    """One card to read, link and print, in the card's language."""
    return _page("card_page.html", card.lang, card=card, body=card_html(card, on_page=True))


def matters_html(lang: Lang, matters: Sequence[Matter]) -> str:
    """The open follow-ups alone."""
    return _page("matters.html", lang, matters=matters)


def history_page(lang: Lang, found: Sequence[Found], wanted: str, number: int) -> str:
    """What was asked before; `wanted` is what was searched for among `number` questions."""
    return _page("history.html", lang, found=found, wanted=wanted, number=number, here="/history")


def day(at: dt.datetime, lang: Lang) -> str:
    """A day as people write it."""
    if lang == "zh":
        return f"{at.month}月{at.day}日 周{'一二三四五六日'[at.weekday()]}"
    return f"{at:%a} {at.day} {at:%b}"


def _page(template: str, lang: Lang, **shown: object) -> str:
    return PAGES.get_template(template).render(shown, lang=lang, w=words(lang), day=day)
