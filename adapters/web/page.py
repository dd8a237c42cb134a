"""What does a whole page show? The conversation so far, one card alone, or one plain sentence. Pure: data → HTML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from adapters.site.guard import Visitor
from adapters.web import past
from adapters.web.form import Said
from adapters.web.ports import Matter
from adapters.web.render import PAGES, card_html
from adapters.web.words import EXAMPLES, LANG_TAG, tongue, words
from bot.messages import Answer, Card, Exchange, Lang

MOST_TURNS = 50
HEAVIEST_TURNS = 45_000
"""Shown of one conversation, the newest: turns, and bytes of their HTML. With all that it loads a page stays below 100 kB."""
MOST_MATTERS, MORE_MATTERS = 8, 50
"""Follow-ups shown beside the chat, and on a page of their own."""


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
    message: str = ""
    """The id of what was said, by which the page's script knows that it arrived."""


def turns(history: Sequence[Exchange], lang: Lang) -> list[Turn]:
    """So much of the conversation as one page holds, the newest; one turn at least."""
    shown: list[Turn] = []
    weight = 0
    for each in reversed(history[-MOST_TURNS:]):
        said = words(lang).words_gone if each.forgotten else each.said
        answer = answer_html(each.answer)
        weight += len(answer.encode()) + len(said.encode())
        if shown and weight > HEAVIEST_TURNS:
            break
        shown.append(Turn(said, LANG_TAG[tongue(said)], answer, each.vote, each.answer.delivery, each.message_id))
    return shown[::-1]


def answer_html(answer: Answer) -> Markup:
    """The cards of an answer, one below the other."""
    return Markup("\n").join(card_html(card) for card in answer.cards)


def chat_page(
    lang: Lang,
    history: Sequence[Exchange],
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
    shown = turns(history, lang)
    return _page(
        "chat.html",
        lang,
        turns=shown,
        cut=len(history) > len(shown),
        examples=EXAMPLES[lang],
        unsent=unsent,
        trouble=trouble,
        after=now.isoformat() if now else "",
        **_beside(matters),
        me=me,
    )


def card_page(card: Card) -> str:
    """One card to read, link and print, in the card's language."""
    return _page("card_page.html", card.lang, card=card, body=card_html(card, on_page=True))


def matters_html(lang: Lang, matters: Sequence[Matter]) -> str:
    """The open follow-ups alone, as they stand beside the chat."""
    return _page("matters.html", lang, **_beside(matters))


def matters_page(lang: Lang, matters: Sequence[Matter], first: int) -> str:
    """The open follow-ups on a page of their own, from the `first` on."""
    some = matters[first : first + MORE_MATTERS]
    left = len(matters) - first - len(some)
    return _page("matters_page.html", lang, matters=some, left=left, first=first, next=first + len(some), here="/matters")


def history_page(lang: Lang, found: Sequence[Exchange], wanted: str, first: int, *, any_kept: bool) -> str:
    """What was asked before, from the `first` on; `wanted` is what was searched for; `any_kept`: there is something to take."""
    some = past.some(found, first)
    shown: dict[str, object] = {
        "found": some,
        "wanted": wanted,
        "first": first,
        "next": first + len(some),
        "left": len(found) - first - len(some),
        "any_kept": any_kept,
    }
    return _page("history.html", lang, **shown, here="/history")


def day(at: dt.datetime, lang: Lang) -> str:
    """A day as people write it."""
    if lang == "zh":
        return f"{at.month}月{at.day}日 周{'一二三四五六日'[at.weekday()]}"
    return f"{at:%a} {at.day} {at:%b}"


def _beside(matters: Sequence[Matter]) -> dict[str, object]:
    return {"matters": matters[:MOST_MATTERS], "number": len(matters), "left": len(matters) - MOST_MATTERS, "next": MOST_MATTERS}


def _page(template: str, lang: Lang, **shown: object) -> str:
    return PAGES.get_template(template).render(shown, lang=lang, w=words(lang), day=day)
