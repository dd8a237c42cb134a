"""What did I ask before? All that one said at this page, to search, read again and take along. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from adapters.web.words import words
from bot.messages import Exchange, Lang
from bot.outline import plain

MOST_FOUND = 100
HEAVIEST = 30_000
"""Shown on one page, in rows and in bytes of their words."""
_MARKUP = 250
"""Bytes around the words of one row or one card of it, about."""


def asked(past: Sequence[Exchange]) -> list[Exchange]:
    """Without the votes, which ask nothing."""
    return [each for each in past if not each.vote]


def search(past: Sequence[Exchange], wanted: str) -> list[Exchange]:
    """What holds every word wanted, in the question or its answer; newest first."""
    sought = wanted.casefold().split()
    return [each for each in reversed(past) if all(word in _text(each) for word in sought)]


def some(found: Sequence[Exchange], first: int) -> Sequence[Exchange]:
    """So many from the `first` on as make one page; one at least."""
    weight, number = 0, 0
    for each in found[first : first + MOST_FOUND]:
        titles = [card.title for card in each.answer.cards if card.title]
        weight += sum(len(text.encode()) + _MARKUP for text in (each.said, *titles))
        if number and weight > HEAVIEST:
            break
        number += 1
    return found[first : first + number]


def as_json(past: Sequence[Exchange], _lang: Lang) -> str:
    """For machines: a list of {at, said, cards}; `said` is null where the words are no longer kept."""
    rows = [
        {
            "at": each.at.isoformat(),
            "said": None if each.forgotten else each.said,
            "cards": [card.model_dump(exclude_defaults=True) for card in each.answer.cards],
        }
        for each in past
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1)


def as_text(past: Sequence[Exchange], lang: Lang) -> str:
    """For people: each question with its answer, in plain words."""
    gone = words(lang).words_gone
    return "\n\n".join(
        f"{each.at.isoformat(' ', 'minutes')}\n> {gone if each.forgotten else each.said}\n\n"
        + "\n\n".join(plain(card) for card in each.answer.cards)
        for each in past
    )


def _text(exchange: Exchange) -> str:
    return f"{exchange.said}\n{chr(10).join(plain(card) for card in exchange.answer.cards)}".casefold()
