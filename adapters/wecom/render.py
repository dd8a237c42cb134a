"""How does a card look in WeCom? Texts of at most 2,048 bytes, then a card with up to six buttons. Pure.

Members who use the WeChat plugin (微信插件) see no markdown, only a note that there is some (document/path/90236); so
they get plain text unless the operator says that nobody does. Rooms are in the WeCom client alone: robots write markdown.
"""

from __future__ import annotations

from typing import Any

from adapters.tencent.text import LONGEST_BYTES, clean, pieces
from adapters.wecom.markdown import marked
from adapters.wecom.words import REFERENCE, TITLES
from bot.channel import Limits
from bot.messages import Card
from bot.outline import plain, split

MOST_BUTTONS, LONGEST_BUTTON = 6, 10
"""button_interaction: at most 6 buttons, "建议不超过10个字"; developer.work.weixin.qq.com/document/path/90236, 2025-09-24."""
LONGEST_SUBTITLE = 112
"""Characters of the card's own text, same page: "建议不超过112个字"; what is longer goes ahead as a text."""

LIMITS = Limits(
    longest_text=LONGEST_BYTES,
    text_unit="bytes",
    most_buttons=MOST_BUTTONS,
    longest_button=LONGEST_BUTTON,
    may_speak_first=True,
    takes_key="unprompted",
    asks_zone=True,
)
ROBOT_LIMITS = Limits(longest_text=LONGEST_BYTES, text_unit="bytes", most_buttons=0, per_second=1 / 3)
"""A group robot (群机器人): 20 messages a minute, document/path/91770, 2026-11."""
ROBOT_MARKDOWN = 4_096
"""Bytes of a robot's markdown, same page."""


def messages(card: Card, key: str, *, unprompted: bool = False, markdown: bool = False) -> list[dict[str, Any]]:
    """The card as messages of the app, in order. `key` names the delivery: the same key gives the same JSON.

    What comes unprompted is told apart from another of the same wording: by the task id of its buttons, or by a reference
    under the text. That is what the platform's duplicate check, which compares contents, needs.
    """
    if not 0 < len(card.choices) <= MOST_BUTTONS:
        return _texts(card, key, told_apart=unprompted, markdown=markdown)
    body = clean(plain(card.model_copy(update={"choices": []})))
    listed = "" if _short(card) else "\n".join(f"{number}. {clean(c.title)}" for number, c in enumerate(card.choices, 1))
    inside = "\n".join(filter(None, (body, listed)))
    ahead: list[dict[str, Any]] = []
    if len(inside) > LONGEST_SUBTITLE:
        apart = card if listed else card.model_copy(update={"choices": []})
        ahead, inside = _texts(apart, key, told_apart=unprompted, markdown=markdown), ""
    return [*ahead, _buttons(card, f"{key}-{len(ahead)}", inside)]


def robot_messages(card: Card) -> list[dict[str, Any]]:
    """The card as messages of a group robot, which nobody can press: choices are numbered lines."""
    if written := marked(card):
        return [_markdown(text) for text in split(clean(written), ROBOT_MARKDOWN, ROBOT_LIMITS.size)]
    return [_text(text) for text in pieces(card, ROBOT_LIMITS)]


def _texts(card: Card, key: str, *, told_apart: bool, markdown: bool) -> list[dict[str, Any]]:
    written = marked(card) if markdown else None
    reference = f"\n{REFERENCE[card.lang].format(key=key[:8])}" if told_apart else ""
    texts = split(clean(written or plain(card)), LONGEST_BYTES - len(reference.encode()), LIMITS.size)
    return [(_markdown if written else _text)(f"{text}{reference}") for text in texts]


def _short(card: Card) -> bool:
    return all(len(choice.title) <= LONGEST_BUTTON for choice in card.choices)


def _buttons(card: Card, task_id: str, inside: str) -> dict[str, Any]:
    """The buttons; titles that are too long become numbers, which the text explains."""
    short = _short(card)
    return {
        "msgtype": "template_card",
        "template_card": {
            "card_type": "button_interaction",
            "main_title": {"title": TITLES[card.lang]},
            **({"sub_title_text": inside} if inside else {}),
            "task_id": task_id,
            "button_list": [
                {"text": clean(choice.title) if short else str(number), "style": 1 if number == 1 else 2, "key": choice.id}
                for number, choice in enumerate(card.choices, 1)
            ],
        },
    }


def _markdown(text: str) -> dict[str, Any]:
    return {"msgtype": "markdown", "markdown": {"content": text}}


def _text(text: str) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": text}}
