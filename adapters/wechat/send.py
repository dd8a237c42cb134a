"""How does a card reach a follower? By the first way the platform allows now: a window, a consent, a template; else not now.

Ways: customer service message in an open window; one-time subscription message (订阅通知) for which the person gave a
consent; template message (模板消息) of a certified service account. The last two carry only a notice: what it is about
is held and comes with the answer when they write. With none of them, OutsideWindow: the card waits for them to write.
Many at once are reached by mass messages (群发): the addresses `all` (every follower) and `tag:ID` (a tag of the console).
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from typing import Any

from adapters.tencent.api import Api, Refusal
from adapters.tencent.ports import Ledger
from adapters.tencent.progress import send_rest
from adapters.wechat import render
from adapters.wechat.words import NEWS
from bot.channel import Limits, Receipt
from bot.errors import InDoubt, OutsideWindow, SendError, Unreachable
from bot.messages import Address, Card

USED_UP = frozenset({45015, 45047})
MENU_REFUSED = frozenset({40200, 48001})
"""Menu messages on a test account, or without permission."""
SENT_ALREADY = 45065
"""A mass message with this clientmsgid went out before."""
NO_MASS = frozenset({45028, 48001})
MANY = re.compile("all|tag:[0-9]{1,9}")
"""Addresses that are many followers; an OpenID is never so short, nor has a colon."""


@dataclass(frozen=True)
class Template:
    """A template chosen in the console: its id and the names of the fields for a title and a text (20 characters each)."""

    id: str
    title: str
    text: str

    @classmethod
    def read(cls, setting: str) -> Template | None:
        """From `ID:title-field:text-field`; None when it is not set."""
        name, _, fields = setting.partition(":")
        title, _, text = fields.partition(":")
        return cls(name, title, text) if name else None


class WeChat:
    """The channel. See bot.channel.Channel."""

    name = "wechat"

    def __init__(
        self,
        api: Api,
        ledger: Ledger,
        *,
        certified: bool,
        kind: str = "service",
        subscription: Template | None = None,
        template: Template | None = None,
    ) -> None:
        """`kind` is `service` (服务号) or `subscription` (公众号)."""
        self.limits: Limits = render.limits(certified=certified, kind=kind, template=subscription.id if subscription else "")
        self._mass = render.MASS[kind]
        self._api, self._ledger = api, ledger
        self._certified, self._subscription, self._template = certified, subscription, template
        self._menus = certified

    def send(self, address: Address, card: Card, key: str, *, taken: int = 0) -> Receipt:
        """Send one card; several messages when it is long, of which `taken` have gone before. See Channel."""
        if MANY.fullmatch(address.external_id):
            return Receipt(self._to_many(address.external_id, card, key))
        messages = render.messages(card, menus=self._menus)
        if self._certified and (window := self._ledger.spend(address.external_id, len(messages) - taken, "")):
            try:
                return Receipt(send_rest(messages, taken, lambda part: self._customer_service(address, part)))
            except SendError as error:
                lost = isinstance(error, InDoubt)  # which may have arrived, and then counts
                self._give_back(address, len(messages) - error.taken - lost, window)
                raise
        self._announce(address)
        raise OutsideWindow("no window is open")

    def find(self, key: str) -> Receipt | None:
        """The platform cannot tell."""
        raise NotImplementedError

    def _to_many(self, to: str, card: Card, key: str) -> str:
        message = render.mass(card, to, key)
        if not self._certified or not self._ledger.mass(self._mass):
            raise Unreachable("no mass message is left for now")
        try:
            told = self._api.ask_twice("message/mass/sendall", message)
        except Refusal as refusal:
            if refusal.code == SENT_ALREADY:
                return ""
            raise (Unreachable("the platform grants no mass message") if refusal.code in NO_MASS else refusal.error) from None
        return str(told.get("msg_id", ""))

    def _give_back(self, address: Address, messages: int, name: str) -> None:
        for window in self.limits.windows:
            if window.opened_by == name and messages:
                self._ledger.give_back(address.external_id, messages, window)

    def _customer_service(self, address: Address, message: dict[str, Any]) -> str:
        try:
            told = self._api.ask("message/custom/send", {"touser": address.external_id, **message})
        except Refusal as refusal:
            if message["msgtype"] == "msgmenu" and refusal.code in MENU_REFUSED:
                self._menus = False  # from now on numbers only
                return self._customer_service(address, render.without_menu(message))
            if refusal.code in USED_UP:
                self._ledger.shut(address.external_id, "")
            if type(refusal.error) is Unreachable:
                self._ledger.gone(address.external_id)
            raise refusal.error from None
        return str(told.get("msgid", ""))

    def _announce(self, address: Address) -> None:
        """Tell the person that something waits, if the platform lets us; if not, they see it when they write."""
        way = self._subscription
        with contextlib.suppress(SendError):
            if way and self._ledger.spend(address.external_id, 1, f"subscribe:{way.id}"[:40]):
                self._api.call("message/subscribe/bizsend", {"touser": address.external_id, **_notice(way)})
            elif way := self._template:
                self._api.call("message/template/send", {"touser": address.external_id, **_notice(way)})


def _notice(template: Template) -> dict[str, Any]:
    fields = {template.title: NEWS, template.text: "回复任意内容即可查看"}
    return {"template_id": template.id, "data": {name: {"value": value} for name, value in fields.items() if name}}
