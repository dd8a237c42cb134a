"""What does a callback of the official account say? Its XML fields become `Heard`. Pure.

Read from the fields, not wechatpy's message classes: a third of the events we need come out of those as "unknown".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from adapters.tencent.envelope import entries, words
from adapters.tencent.heard import Heard, event_id, message_id, spoken
from adapters.wechat.words import NO_WORDS_HEARD, ONLY_TEXT
from bot.messages import Address

WELCOME = "command:greeting"
REPORTS = frozenset({"templatesendjobfinish", "masssendjobfinish", "subscribe_msg_sent_event"})
GRANTS = frozenset({"subscribe_msg_popup_event", "subscribe_msg_change_event"})


def heard(fields: Mapping[str, Any], app_id: str, now: dt.datetime) -> Heard:
    """The meaning of one callback. Unknown kinds mean nothing."""
    address = Address(channel="wechat", external_id=words(fields, "FromUserName")[:200], workspace=app_id)
    kind = words(fields, "MsgType").lower()
    if not address.external_id:
        return Heard(address)
    if kind == "event":
        return _event(fields, address, now)
    if kind == "text":
        pressed = words(fields, "bizmsgmenuid")  # a click on an item of a menu message, which opens no 48 hours
        opens = "click" if pressed else "message"
        text = words(fields, "Content")
        return Heard(address, spoken(address, message_id(fields), now, text=text, choice=pressed, opens=opens))
    if kind == "voice":
        said = words(fields, "Recognition").strip()
        return (
            Heard(address, spoken(address, message_id(fields), now, text=said)) if said else Heard(address, says=NO_WORDS_HEARD)
        )
    if kind in ("image", "video", "shortvideo", "link", "file", "location", "miniprogrampage"):
        return Heard(address, says=ONLY_TEXT)
    return Heard(address)


def _event(fields: Mapping[str, Any], address: Address, now: dt.datetime) -> Heard:
    event, key = words(fields, "Event").lower(), words(fields, "EventKey")
    if event in ("subscribe", "scan"):
        return Heard(address, spoken(address, event_id(fields), now, choice=WELCOME, opens="click"), back=event == "subscribe")
    if event == "click":
        return Heard(address, spoken(address, event_id(fields), now, choice=key or WELCOME, opens="click"))
    if event == "unsubscribe":
        return Heard(address, left=True)
    if event in GRANTS:
        return Heard(address, grants=_grants(fields, event))
    if event in REPORTS:
        status = words(fields, "Status") or ", ".join(words(e, "ErrorStatus") for e in _list(fields, "SubscribeMsgSentEvent"))
        counts = [
            f"{name} {words(fields, name)[:9]}" for name in ("TotalCount", "SentCount", "ErrorCount") if words(fields, name)
        ]
        return Heard(address, note=", ".join([f"{event}: {status[:60]}", *counts]))
    return Heard(address)  # LOCATION, VIEW and whatever comes next


def _grants(fields: Mapping[str, Any], event: str) -> tuple[tuple[str, bool], ...]:
    """One consent is one message; a change of mind in the settings takes all back."""
    found: list[tuple[str, bool]] = []
    for entry in _list(fields, "SubscribeMsgPopupEvent" if "popup" in event else "SubscribeMsgChangeEvent"):
        accepted = words(entry, "SubscribeStatusString") == "accept"
        if accepted or "change" in event:
            found.append((f"subscribe:{words(entry, 'TemplateId')}"[:40], accepted))
    return tuple(found)


def _list(fields: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The entries of an event's list: XML nests them in `List`, once or often."""
    return list(entries(fields, name, "List"))
