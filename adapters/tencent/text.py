"""How do words become what these platforms can carry? Characters XML cannot hold go, lengths count in bytes. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from adapters.tencent.envelope import words
from bot.channel import Limits
from bot.messages import Card
from bot.outline import plain, split

LONGEST_BYTES = 2_048
"""Of one text. WeCom cuts what is longer without a word (developer.work.weixin.qq.com/document/path/90236, 2025-09-24);
the official account's page names no figure, and the same is what people report of it."""
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Without control characters and half characters: an answer with one of them would be dropped by the platform."""
    return _UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def cdata(text: str) -> str:
    """As an XML section that no text can end early: `]]>` is cut in two."""
    return f"<![CDATA[{clean(text).replace(']]>', ']]]]><![CDATA[>')}]]>"


def pieces(card: Card, limits: Limits) -> list[str]:
    """The card as plain texts within the limits, cut between sentences; choices as numbered lines at the end."""
    return split(clean(plain(card)), limits.longest_text, limits.size)


def reply_xml(incoming: Mapping[str, Any], text: str, now: dt.datetime) -> str:
    """The passive reply to a callback. No text of ours or theirs can end a section early."""
    return (
        f"<xml><ToUserName>{cdata(words(incoming, 'FromUserName'))}</ToUserName>"
        f"<FromUserName>{cdata(words(incoming, 'ToUserName'))}</FromUserName>"
        f"<CreateTime>{int(now.timestamp())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{cdata(text)}</Content></xml>"
    )
