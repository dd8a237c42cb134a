"""The official account keeps the channel contract, over the real coach and a platform of ours."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from adapters.tencent.envelope import LARGEST
from adapters.wechat.render import LIMITS, messages, one_text
from adapters.wechat.send import WeChat
from bot.channel import Channel
from bot.messages import Address, Card
from bot.wiring import App, build
from tests.adapters.contract import ChannelContract, Pushed, Repeated, Reply, Shown, Signed
from tests.adapters.tencent import AES_KEY, AT, OLD_AES_KEY, client_of, forgeries, post, serving, settings_of, wechat
from tests.conftest import NOW
from tests.fakes.tencent import Platform, words


@pytest.fixture
def app(tmp_path, engine: Engine, kb, matcher) -> Iterator[App]:
    with serving() as platform:
        settings = settings_of(tmp_path / "var", platform.url, WECHAT_AES_KEY_PREVIOUS=OLD_AES_KEY)
        yield build(settings, engine=engine, kb=kb, matcher=matcher, now=lambda: NOW)


class TestWeChat(ChannelContract, Repeated, Signed, Pushed):
    """Passive replies, read as a follower reads them: with 继续 to the end."""

    name = "wechat"
    limits = LIMITS

    def show(self, card: Card) -> Shown:
        texts = [words(message) for message in messages(card, menus=False)]
        return Shown(texts, [], "\n".join(texts))

    def take_in(self, app: App, said: str, *, message_id: str) -> Reply:
        with client_of(app) as client:
            account = wechat()
            reply = post(client, account, account.message(said[:60_000], AT, name=message_id))
            if reply.status_code != 200 or account.opened(reply) is None:
                return Reply(reply.status_code, None)
            seen = account.opened(reply)["Content"]
            while "继续”接着看" in seen or "“more” to read on" in seen:
                seen = seen.rpartition("（未完")[0] or seen.rpartition("(Reply “more”")[0]
                more = account.opened(post(client, account, account.message("继续", AT, name=f"{message_id}-{len(seen)}")))
                assert more and LIMITS.size(more["Content"]) <= LIMITS.longest_text
                seen += more["Content"]
            return Reply(200, seen)

    def test_a_repeat_is_answered_once(self, app: App) -> None:
        with client_of(app) as client:
            account = wechat()
            xml = account.message("They asked for exclusivity, what do I say?", AT)
            first, again = (account.opened(post(client, account, xml)) for _ in range(2))
            assert first and again and first["Content"] == again["Content"]
        from sqlalchemy import text

        from bot.db import reading

        with reading(app.engine) as session:
            assert session.scalar(text("SELECT count(*) FROM inbounds")) == 1

    def hostile(self, app: App) -> Iterator[Callable[[], int]]:
        client = client_of(app)
        account = wechat()
        bombs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><xml><MsgType>text</MsgType><Content>&b;</Content></xml>'
        outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>'
        for xml in ("", "<xml/>", "<x/>", "plain words", bombs, outside, "<xml><MsgType>text", '{"MsgType": "text"}', "[]"):
            yield lambda xml=xml: post(client, account, xml).status_code
        query, body = account.sealed(account.message("hello", AT), AT)
        for broken in (
            b"",
            b"\xff\xfe\x00",
            body[:50],
            body.replace(b"<Encrypt>", b"<Other>"),
            body[:200] + body[230:],
            b"{}",
            body * 400,
        ):
            yield lambda broken=broken: client.post("/wechat/callback", params=query, content=broken).status_code
        yield lambda: client.post("/wechat/callback", params=query, content=b"x" * (LARGEST + 1)).status_code
        yield lambda: client.get("/wechat/callback").status_code
        yield lambda: client.post("/wechat/callback").status_code
        yield lambda: post(client, replace(account, id="wx-other"), account.message("hello", AT)).status_code
        yield lambda: post(client, replace(account, aes_key=""), account.message("plain", AT)).status_code

    def forged(self, app: App) -> Iterator[tuple[str, Callable[[], int]]]:
        return forgeries(app, wechat())

    def rotated(self, app: App) -> Iterator[Callable[[], int]]:
        client = client_of(app)
        for key in (AES_KEY, OLD_AES_KEY):
            account = replace(wechat(), aes_key=key)

            def send(account=account) -> int:
                reply = post(client, account, account.message("hello", AT, name=account.aes_key))
                assert account.opened(reply), "the reply is sealed with the key that the message came with"
                return reply.status_code

            yield send

    @pytest.fixture(autouse=True)
    def _world(self, tmp_path, engine: Engine, kb, matcher) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            self._made: Callable[[], tuple[Platform, App]] = lambda: _pushing(stack, tmp_path, engine, kb, matcher)
            yield

    def channel_that(self, fault: str) -> Channel:
        platform, app = self._made()
        path = "/cgi-bin/message/custom/send"
        platform.lasting[path] = {"later": 45011, "gone": 43004, "refuses": 45002, "drops the line": "drop", "works": None}[fault]
        channel = app.channels["wechat"]
        assert isinstance(channel, WeChat)
        return channel

    def an_address(self) -> Address:
        return Address(channel="wechat", external_id="openid-1", workspace="wx0001")


def _pushing(stack: contextlib.ExitStack, folder, engine: Engine, kb, matcher) -> tuple[Platform, App]:
    """A platform, and an app to whom somebody has just written, so that a window is open."""
    platform = stack.enter_context(serving())
    app = build(settings_of(folder / "var", platform.url), engine=engine, kb=kb, matcher=matcher, now=lambda: NOW)
    with client_of(app) as client:
        account = wechat()
        assert post(client, account, account.message("你好", AT)).status_code == 200
    return platform, app


def test_an_answer_is_one_message_whatever_it_holds() -> None:
    long = Card(id="x", kind="notice", lang="zh", text="这是一句话。" * 2_000)
    assert LIMITS.size(one_text([long, long])) <= LIMITS.longest_text
