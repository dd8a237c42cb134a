"""How does a card look in the official account? Plain text, counted in bytes; choices are numbers to reply with. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from adapters.tencent.text import LONGEST_BYTES, clean, pieces
from adapters.wechat.words import CHOOSE, CHOOSE_EN
from bot.channel import Limits, Window
from bot.errors import Rejected
from bot.messages import Card
from bot.outline import plain

AFTER_MESSAGE = Window("message", messages=5, lasts=dt.timedelta(hours=48))
AFTER_CLICK = Window("click", messages=3, lasts=dt.timedelta(minutes=1))
"""Customer service messages of certified accounts: developers.weixin.qq.com/doc/service/guide/product/kf/intro, 2026-11."""
MASS: dict[str, Window] = {
    "service": Window("mass", messages=4, lasts=None, refills="month"),
    "subscription": Window("mass", messages=1, lasts=None, refills="day"),
}
"""Mass messages (群发) by the kind of account: four a follower and calendar month, or one a day;
developers.weixin.qq.com/doc/service/guide/product/message/Batch_Sends.html, 2026-11."""
MENU_ITEM = 40
"""Characters of an item of a menu message; longer titles stay numbered lines."""


def limits(*, certified: bool, kind: str = "service", template: str = "") -> Limits:
    """What the account may do: without certification only answer, in the reply to what comes in."""
    grant = (Window(f"subscribe:{template}"[:40], messages=1, lasts=None, adds=True),) if template else ()
    return Limits(
        longest_text=LONGEST_BYTES,
        text_unit="bytes",
        most_buttons=0,
        may_speak_first=False,
        windows=(AFTER_MESSAGE, AFTER_CLICK, MASS[kind], *grant) if certified else (),
        one_message=True,
    )


LIMITS = limits(certified=True)


def one_text(cards: Sequence[Card]) -> str:
    """An answer as one message. The coach has made it fit; if not, a sentence's end cuts it."""
    whole = clean("\n\n".join(map(plain, cards)))
    return (
        whole
        if LIMITS.size(whole) <= LIMITS.longest_text
        else pieces(Card(id="", kind="notice", lang="zh", text=whole), LIMITS)[0]
    )


def messages(card: Card, *, menus: bool) -> list[dict[str, Any]]:
    """The card as customer service messages, in order; with `menus`, choices can also be tapped."""
    if menus and card.choices and all(len(choice.title) <= MENU_ITEM for choice in card.choices):
        texts = pieces(card.model_copy(update={"choices": []}), LIMITS)
        listed = [{"id": c.id, "content": clean(f"{number}. {c.title}")} for number, c in enumerate(card.choices, 1)]
        menu = {"head_content": CHOOSE if card.lang == "zh" else CHOOSE_EN, "list": listed, "tail_content": ""}
        return [*map(_text, texts), {"msgtype": "msgmenu", "msgmenu": menu}]
    return [_text(text) for text in pieces(card, LIMITS)]


def mass(card: Card, to: str, key: str) -> dict[str, Any]:
    """One message to all followers (`all`) or those with a tag (`tag:ID`). Raises Rejected when it is longer than one.

    `key` names the delivery: the platform drops a second message with the same (`clientmsgid`, at most 64 bytes).
    """
    texts = pieces(card, LIMITS)
    if len(texts) != 1:
        raise Rejected(f"a mass message is one text of at most {LONGEST_BYTES} bytes")
    whom = {"is_to_all": True} if to == "all" else {"is_to_all": False, "tag_id": int(to.removeprefix("tag:"))}
    return {"filter": whom, **_text(texts[0]), "clientmsgid": key}


def without_menu(message: dict[str, Any]) -> dict[str, Any]:
    """A menu message as plain lines, for accounts that may not send menus."""
    menu = message["msgmenu"]
    return _text("\n".join([menu["head_content"], *(item["content"] for item in menu["list"])]))


def _text(text: str) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": text}}
