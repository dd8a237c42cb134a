"""What does a callback of the WeCom app say? Its XML fields become `Heard`. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from adapters.tencent.envelope import words
from adapters.tencent.heard import Heard, event_id, message_id, spoken
from adapters.wecom.words import ONLY_TEXT
from bot.messages import Address

WELCOME = "command:greeting"
FIRST = "welcome"
"""One message id for every opening of the app: the coach greets a member once, ever."""


def heard(fields: Mapping[str, Any], corp_id: str, now: dt.datetime) -> Heard:
    """The meaning of one callback. Unknown kinds mean nothing."""
    address = Address(channel="wecom", external_id=words(fields, "FromUserName")[:200], workspace=corp_id)
    kind = words(fields, "MsgType").lower()
    if not address.external_id or address.external_id == "sys" or words(fields, "ToUserName") not in ("", corp_id):
        return Heard(address)
    if kind == "event":
        return _event(fields, address, now)
    if kind == "text":
        return Heard(address, spoken(address, message_id(fields), now, text=words(fields, "Content")))
    if kind in ("image", "voice", "video", "file", "link"):
        return Heard(address, says=ONLY_TEXT)
    return Heard(address)  # a location, or what is yet to come


def _event(fields: Mapping[str, Any], address: Address, now: dt.datetime) -> Heard:
    event, key = words(fields, "Event").lower(), words(fields, "EventKey")
    if event == "template_card_event" and key:
        return Heard(address, spoken(address, event_id(fields), now, choice=key), clicked=words(fields, "ResponseCode"))
    if event == "click" and key:
        return Heard(address, spoken(address, event_id(fields), now, choice=key))
    if event in ("enter_agent", "subscribe"):
        return Heard(address, spoken(address, FIRST, now, choice=WELCOME), back=event == "subscribe")
    if event == "unsubscribe":
        return Heard(address, left=True)
    return Heard(address)
