"""How does a card look on each channel? The very messages of the channels' own renderers, drawn for previews. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
Json = dict[str, Any]
KEY = Markup('<span class="key">{}</span>')
"""What is pressed there; here it is not."""
SIGNS = {"large_green_circle": "🟢", "large_yellow_circle": "🟡", "red_circle": "🔴"}
"""Slack's names of the signs that our cards carry."""


def looks(card: Card) -> list[Look]:
    """A card as every channel shows it."""
    made = slack.message(card, SAMPLE)
    return [
        Look("web", [Markup(web.card_html(card))]),  # noqa: S704 - the channel's own renderer escapes
        Look("slack", drawn("slack", [{"blocks": made.blocks}, *([{"blocks": made.rest}] if made.rest else [])])),
        Look("wechat", drawn("wechat", wechat.messages(card, menus=True))),
        Look("wecom", drawn("wecom", wecom.messages(card, SAMPLE))),
        Look("terminal", drawn("terminal", [terminal.printable(plain(card))])),
    ]


def drawn(channel: str, messages: Sequence[Any]) -> list[Markup]:
    """Messages as a channel's vendor gets them, as HTML."""
    draw: Callable[[Any], Markup] = {"slack": _slack, "wechat": _tencent, "wecom": _tencent}.get(channel, _words)
    if channel == "web":
        return [Markup(message) for message in messages]  # noqa: S704 - the channel's own renderer escapes
    return [draw(message) for message in messages]


def _words(message: str) -> Markup:
    return Markup('<pre class="words">{}</pre>').format(message)


def _slack(message: Json) -> Markup:
    return _joined(_block(block) for block in message["blocks"])


def _block(block: Json) -> Markup:
    kind, inside = block["type"], block.get("elements", [])
    if kind == "header":
        return Markup('<p class="head">{}</p>').format(block["text"]["text"])
    if kind == "actions":
        return Markup('<p class="keys-row">{}</p>').format(_joined(KEY.format(each["text"]["text"]) for each in inside))
    if kind == "rich_text_list":
        return Markup("<ul>{}</ul>").format(_joined(Markup("<li>{}</li>").format(_inline(each)) for each in inside))
    if kind in ("rich_text_quote", "rich_text_preformatted"):
        return Markup("<blockquote>{}</blockquote>").format(_inline(block))
    if kind == "rich_text_section":
        return Markup("<p>{}</p>").format(_inline(block))
    if kind == "divider":
        return Markup("<hr>")
    return _joined(map(_block, inside)) if kind == "rich_text" else Markup("<p>{}</p>").format(slack.text_of(block))


def _inline(block: Json) -> Markup:
    return _joined(_piece(each) for each in block.get("elements", []))


def _piece(element: Json) -> Markup:
    if element["type"] == "emoji":
        return Markup("{}").format(SIGNS.get(element["name"], ""))
    text = Markup("{}").format(element.get("text") or element.get("url") or "")
    return Markup("<b>{}</b>").format(text) if element.get("style", {}).get("bold") else text


def _tencent(message: Json) -> Markup:
    """A message of the official account or of WeCom: text, a menu of numbered lines, or a card with keys."""
    if message["msgtype"] == "text":
        return Markup('<p class="lines">{}</p>').format(message["text"]["content"])
    if message["msgtype"] == "msgmenu":
        menu = message["msgmenu"]
        keys = _joined(KEY.format(each["content"]) for each in menu["list"])
        return Markup("<p>{}</p>{}<p>{}</p>").format(menu["head_content"], keys, menu["tail_content"])
    card = message.get("template_card", {})
    title = card.get("main_title", {})
    words = [title.get("title", ""), title.get("desc", ""), card.get("sub_title_text", "")]
    told = _joined(Markup('<p class="lines">{}</p>').format(text) for text in words if text)
    keys = _joined(KEY.format(each["text"]) for each in card.get("button_list", []))
    return told + Markup('<p class="keys-row">{}</p>').format(keys)


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)
