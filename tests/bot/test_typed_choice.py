"""A choice may be typed: by its number, its label, or enough of the label's beginning."""

from __future__ import annotations

import pytest

from bot.conversations.choices import typed
from bot.conversations.inbox import State

OFFERED = [
    ("flow:exclusivity", "看看我的情况：对方要独家，怎么答复？"),
    ("vote:useful:x", "有用"),
    ("flow:share", "Look at my case: should I share this?"),
    ("erase:no", "Look at it later"),
]


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("看看我的情况", "flow:exclusivity"),
        ("look at my case", "flow:share"),
        ("Look at it later", "erase:no"),
        ("第二个", "vote:useful:x"),
        ("看看", None),
        ("look at", None),
        ("look", None),
        ("", None),
    ],
)
def test_what_is_typed_means_one_choice_or_none(text: str, choice: str | None) -> None:
    assert typed(State(choices=OFFERED), text) == choice
