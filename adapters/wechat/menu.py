"""What stands in the custom menu (自定义菜单)? Choices of the coach, made by `caucus wechat menu`. Pure but for `publish`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.tencent.api import Api, Refusal
from bot.messages import Choice

LONGEST_TOP, LONGEST_SUB, MOST_SUB, LONGEST_KEY = 16, 60, 5, 128
"""Bytes of a name at the top and below, entries below, bytes of a key: doc/service/guide/product/custom_menu, 2026-11."""


def menu(themes: Sequence[Choice]) -> dict[str, Any]:
    """The menu's JSON: questions by theme, follow-ups, and the rest. Every click is a choice the coach knows."""
    asks = [_click(choice.title, choice.id) for choice in themes[:MOST_SUB]]
    follow = [
        _click("我的跟进", "command:followup-list"),
        _click("每日一招", "command:tip-now"),
        *(_click(choice.title, choice.id) for choice in themes[MOST_SUB : MOST_SUB + 3]),
    ]
    more = [
        _click("我能帮什么", "command:help"),
        _click("绑定其他渠道", "command:link"),
        _click("中文 / English", "command:language"),
        _click("找真人", "command:ask-a-person"),
        _click("删除我的数据", "command:delete-my-data"),
    ]
    return {"button": [_group("问建议", asks), _group("跟进与更多", follow), _group("更多", more)]}


def publish(api: Api, made: dict[str, Any]) -> None:
    """Replace the account's menu. Followers see it within 24 hours, or when they follow anew. Raises SendErrors."""
    try:
        api.ask_twice("menu/create", made)
    except Refusal as refusal:
        raise refusal.error from None


def _group(name: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    assert len(name.encode()) <= LONGEST_TOP
    return {"name": name, "sub_button": entries}


def _click(name: str, key: str) -> dict[str, Any]:
    assert len(key.encode()) <= LONGEST_KEY
    while len(name.encode()) > LONGEST_SUB:
        name = name[:-1]
    return {"type": "click", "name": name, "key": key}
