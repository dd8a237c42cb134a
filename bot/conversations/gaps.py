"""What should the curators write next? Kept questions grouped by likeness, each group with its likely card. Pure.

A proposal for people, never learnt by itself: a curator copies a phrasing into a card, or writes a new card.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

from rapidfuzz import fuzz

from bot.intents.normalise import normalise

ALIKE = 72.0
"""rapidfuzz token-set ratio from which two questions go into one group."""


class Kept(Protocol):
    """A kept question, as the table holds it."""

    id: Any
    said: Any
    lang: Any
    reason: Any
    likely: Any
    chosen: Any


def grouped(rows: Sequence[Kept]) -> list[dict[str, Any]]:
    """Groups, largest first: {count, lang, likely, reasons, phrasings, ids}.

    What a person tapped after "did you mean" counts more than the matcher's own guess.
    """
    groups: list[tuple[str, list[Kept]]] = []
    for row in rows:
        said = normalise(row.said)
        home = next((g for g in groups if g[1][0].lang == row.lang and fuzz.token_set_ratio(g[0], said) >= ALIKE), None)
        if home:
            home[1].append(row)
        else:
            groups.append((said, [row]))
    return sorted((_told(members) for _, members in groups), key=lambda group: -group["count"])


def _told(members: list[Kept]) -> dict[str, Any]:
    guesses: Counter[str] = Counter()
    for row in members:
        if row.chosen:
            guesses[row.chosen] += 3
        guesses.update(guess for guess in row.likely[:1] if guess)
    best = guesses.most_common(1)
    return {
        "count": len(members),
        "lang": members[0].lang,
        "likely": best[0][0] if best else None,
        "reasons": sorted({row.reason for row in members}),
        "phrasings": list(dict.fromkeys(row.said for row in members))[:10],
        "ids": [row.id for row in members],
    }
