"""What did I ask before? All that one said at this page, to search, read again and take along. Pure."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot.messages import Answer, Card
from bot.outline import plain

MOST_FOUND = 100
"""Shown at once, the newest."""


@dataclass(frozen=True)
class Found:
    """One thing said, with the cards that answered it."""

    at: dt.datetime
    said: str
    cards: Sequence[Card]


def read(past: Sequence[tuple[dt.datetime, str, Answer]]) -> list[Found]:
    """Oldest first; a pressed choice by the title it had, votes left out."""
    titles: dict[str, str] = {}
    found: list[Found] = []
    for at, said, answer in past:
        if not said.startswith("vote:"):
            found.append(Found(at, titles.get(said, said), answer.cards))
        titles |= {choice.id: choice.title for card in answer.cards for choice in card.choices}
    return found


def search(past: Sequence[Found], wanted: str) -> list[Found]:
    """What holds every word wanted, in the question or its answer; newest first, at most MOST_FOUND."""
    words = wanted.casefold().split()
    hits = [each for each in reversed(past) if all(word in _text(each) for word in words)]
    return hits[:MOST_FOUND]


def as_json(past: Sequence[Found]) -> str:
    """For machines: a list of {at, said, cards}."""
    rows = [
        {"at": each.at.isoformat(), "said": each.said, "cards": [c.model_dump(exclude_defaults=True) for c in each.cards]}
        for each in past
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1)


def as_text(past: Sequence[Found]) -> str:
    """For people: each question with its answer, in plain words."""
    return "\n\n".join(
        f"{each.at.isoformat(' ', 'minutes')}\n> {each.said}\n\n" + "\n\n".join(plain(card) for card in each.cards)
        for each in past
    )


def _text(found: Found) -> str:
    return f"{found.said}\n{chr(10).join(plain(card) for card in found.cards)}".casefold()
