"""Is a whole typed message a yes or a no to what was just asked? For questions whose yes cannot simply be said again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from bot.conversations.flow_words import polarity
from knowledge.text import bare

_YES = frozenset([
    "yes", "yes please", "yes do", "yes do it", "y", "sure", "confirm", "confirmed", "i confirm", "do it", "go ahead",
    "是", "是的", "对", "对的", "确认", "确定", "好", "好的", "可以",
])  # fmt: skip
_NO = frozenset([
    "no", "no thanks", "nope", "n", "don t", "do not", "keep it", "keep", "stop", "cancel", "wait", "never mind", "nevermind",
    "not now", "不", "不要", "不了", "不用", "不用了", "不是", "别", "算了", "取消", "等等", "等一下", "先不", "保留", "还是算了",
])  # fmt: skip
"""As `knowledge.text.bare` leaves them."""


def yes_or_no(text: str, yes: Collection[str] = (), no: Collection[str] = ()) -> Literal["yes", "no"] | None:
    """What the message answers; `yes` and `no` are words that fit this question besides the usual ones.

    Only a whole message is a yes; one that begins like a no is a no. None for anything else.
    """
    said = bare(text)
    if said in _YES or said in yes:
        return "yes"
    return "no" if said in _NO or said in no or polarity(text) == "no" else None
