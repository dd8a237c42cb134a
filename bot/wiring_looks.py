"""How does a card look on each channel? By the channels' own renderers, for previews. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from adapters.console.ports import Look
from adapters.slack import render as slack
from adapters.terminal import render as terminal
from adapters.web import render as web
from adapters.wechat import render as wechat
from adapters.wecom import render as wecom
from bot.messages import Card
from bot.outline import plain

SAMPLE = "0" * 32
"""Stands for a delivery's id."""
_SHOWN = frozenset({"content", "head_content", "tail_content", "title", "desc", "sub_title_text", "text"})
"""The fields of a vendor's message that a reader sees."""


def looks(card: Card) -> list[Look]:
    """A card on every channel: words, and HTML where the channel is a page."""
    made = slack.message(card, SAMPLE)
    blocks = [text for block in made.blocks if (text := slack.text_of(block))]
    return [
        Look("web", [Markup(web.card_html(card))]),  # noqa: S704 - the channel's own renderer escapes
        Look("slack", ["\n\n".join(blocks), *(["\n\n".join(map(slack.text_of, made.rest))] if made.rest else [])]),
        Look("wechat", [_words(message) for message in wechat.messages(card, menus=True)]),
        Look("wecom", [_words(message) for message in wecom.messages(card, SAMPLE)]),
        Look("terminal", [terminal.printable(plain(card))]),
    ]


def _words(message: Mapping[str, Any]) -> str:
    """All that a reader sees of a vendor's message, line by line."""
    found: list[str] = []

    def walk(value: Any, name: str) -> None:
        if isinstance(value, Mapping):
            for key, inside in value.items():
                walk(inside, str(key))
        elif isinstance(value, list):
            for inside in value:
                walk(inside, name)
        elif isinstance(value, str) and value.strip() and name in _SHOWN:
            found.append(value)

    walk(message, "")
    return "\n".join(found)
