"""Which findings forbid a change? The rule alone, on findings as the learning process gives them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.curation.learn import _harm
from bot.intents.compare import Moved, too_many

LOST = Moved("a", "en", "x", "right at once", "sure but wrong", "y")
WON = Moved("b", "en", "x", "missed", "right in one tap", "x")


@pytest.mark.parametrize(
    ("found", "despite", "word"),
    [
        ({}, False, ""),
        ({"moved": [{}], "questions": [], "wrong": [], "elsewhere": [], "lost": False}, False, ""),
        ({"questions": [{}]}, True, "known questions"),
        ({"wrong": [{}]}, True, "not understood so"),
        ({"lost": True}, True, "lost"),
        ({"elsewhere": [{}]}, False, "means something else"),
        ({"elsewhere": [{}]}, True, ""),
    ],
)
def test_what_was_found_forbids_a_change_or_not(found: dict[str, Any], despite: bool, word: str) -> None:
    reason = _harm(found, despite=despite)
    assert word in reason and bool(reason) == bool(word)


@pytest.mark.parametrize(
    ("lost", "won", "added", "many"),
    [(5, 0, 1, False), (6, 0, 1, True), (60, 60, 1, False), (14, 0, 100, False), (16, 0, 100, True)],
)
def test_a_few_phrasings_may_lose_and_more_when_much_was_added(lost: int, won: int, added: int, many: bool) -> None:
    assert LOST.worse and not WON.worse
    assert too_many([LOST] * lost + [WON] * won, added) == many
