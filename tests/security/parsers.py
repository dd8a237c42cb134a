"""Everything that reads what strangers send: by name, as one function of bytes, with the refusals that it may raise."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from adapters.api.broadcasts import Doing, NewBroadcast
from adapters.api.followups import Change, NewFollowup
from adapters.api.routes import Ask
from adapters.email.limits import Unreadable
from adapters.slack import read as slack
from adapters.slack import views
from adapters.tencent import envelope
from adapters.tencent.envelope import Forged, Seal
from adapters.wechat import receive as wechat
from adapters.wecom import receive as wecom
from bot.followups.times import read as read_time
from bot.messages import LONGEST_UTTERANCE
from tests.conftest import NOW
from tests.mails import judged, read

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PLAIN = Seal("the-token", "wx0001", ())
SEALED = Seal("the-token", "wx0001", (AES_KEY,))


@dataclass(frozen=True)
class Parser:
    """One door for bytes."""

    read: Callable[[bytes], Any]
    refusals: tuple[type[Exception], ...]
    """What it may raise; anything else is a fault."""
    seeds: tuple[bytes, ...]
    """Well-formed ones, to be damaged."""


def _slack(body: bytes) -> None:
    """As after the signature: a JSON event, a form with a payload, a command."""
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        with contextlib.suppress(slack.Broken):
            payload = slack.parse(body, kind)
            found = slack.told(payload)
            if found and found.kind == "view_submission":
                views.errors_in(payload)


def _tencent(body: bytes) -> None:
    """Before and after the signature: the envelope of a stranger, then the plain XML as a follower's words fill it."""
    stamp = str(int(NOW.timestamp()))
    query = {"timestamp": stamp, "nonce": "1", "signature": envelope.signature("the-token", stamp, "1")}
    with contextlib.suppress(Forged):
        envelope.opened(SEALED, {**query, "msg_signature": "0" * 40}, body, NOW)
    fields = envelope.opened(PLAIN, query, body, NOW).fields
    wechat.heard(fields, "wx0001", NOW)
    wecom.heard(fields, "wx0001", NOW)


def _mail(raw: bytes) -> None:
    judged(raw)  # never raises: what cannot be read is refused with its reason
    read(raw)


def _time(said: bytes) -> None:
    text = said.decode("utf-8", "replace")[:LONGEST_UTTERANCE]
    for lang in ("en", "zh"):
        found = read_time(text, NOW, "Europe/Berlin", lang=lang)
        assert found.at is None or (found.at > NOW and not found.ambiguous)


def _api(body: bytes) -> None:
    refused = 0
    for model in (Ask, NewFollowup, Change, NewBroadcast, Doing):
        try:
            model.model_validate_json(body)
        except ValidationError as error:
            refused += 1
            error.errors(include_input=False, include_context=False)  # as the route tells it


EVENT = b"""{"type":"event_callback","team_id":"T1","event_id":"Ev1","authorizations":[{"team_id":"T1","user_id":"UBOT"}],
"event":{"type":"message","user":"U1","text":"hi <@UBOT>","ts":"1790000000.1","channel":"D1","channel_type":"im"}}"""
COMMAND = b"team_id=T1&channel_id=C1&user_id=U1&command=%2Fcoach&text=they+want+exclusivity&trigger_id=1"
PRESS = b"payload=%7B%22type%22%3A%22block_actions%22%2C%22user%22%3A%7B%22id%22%3A%22U1%22%7D%2C%22team%22%3A%7B%22id%22%3A%22T1%22%7D%2C%22actions%22%3A%5B%7B%22value%22%3A%22x%22%2C%22action_ts%22%3A%221.1%22%7D%5D%7D"
XML = (
    "<xml><ToUserName>wx0001</ToUserName><FromUserName>openid-1</FromUserName><CreateTime>1</CreateTime>"
    "<MsgType>text</MsgType><Content>对方要独家</Content><MsgId>1</MsgId></xml>"
).encode()
XML_EVENT = (
    b"<xml><FromUserName>openid-1</FromUserName><CreateTime>1</CreateTime><MsgType>event</MsgType>"
    b"<Event>subscribe_msg_popup_event</Event><EventKey>k</EventKey><SubscribeMsgPopupEvent><List><TemplateId>t</TemplateId>"
    b"<SubscribeStatusString>accept</SubscribeStatusString></List></SubscribeMsgPopupEvent></xml>"
)
MAIL = (
    b"Authentication-Results: mx.coach.test; dmarc=pass header.from=acme.test\r\nFrom: Anna <anna@acme.test>\r\n"
    b"To: Li <li.ming@ningbo-tools.test>\r\nSubject: =?utf-8?b?5oql5Lu3?=\r\nMessage-ID: <1@acme.test>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/alternative; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain; charset=gb18030\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\nremind me =D6=DC=CB=C4\r\n--B\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n--B--\r\n"
)
TIMES = (
    "Thursday 10:00 their time",
    "下周三上午十点半",
    "in two working days after Golden Week",
    "2026-12-03 9am Shanghai",
    "三天后下午",
)
PARSERS = {
    "slack": Parser(_slack, (), (EVENT, COMMAND, PRESS)),
    "tencent": Parser(_tencent, (Forged,), (XML, XML_EVENT)),
    "mail": Parser(_mail, (Unreadable,), (MAIL,)),
    "time": Parser(_time, (), tuple(text.encode() for text in TIMES)),
    "api": Parser(_api, (), (b'{"text":"hello","lang":"en"}', b'{"subject":"x","recipients":["a@b.test"],"due_at":"2026-12-01T09:00:00Z"}', b'{"action":"snooze","when":"tomorrow"}', b'{"segment":"workspace","en":"x","zh":"y"}')),
}  # fmt: skip
