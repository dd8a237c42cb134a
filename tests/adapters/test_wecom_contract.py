"""WeCom keeps the channel contract, over the real coach and a platform of ours."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from adapters.tencent.envelope import LARGEST
from adapters.wecom.render import LIMITS, messages
from bot.channel import Channel
from bot.messages import Address, Card
from bot.wiring import App, build
from tests.adapters.contract import ChannelContract, Pushed, Repeated, Reply, Shown, Signed
from tests.adapters.tencent import AES_KEY, AT, OLD_AES_KEY, client_of, drain, forgeries, post, serving, settings_of, wecom
from tests.conftest import NOW
from tests.fakes.tencent import Platform, words

MEMBER = "ZhangSan"


@pytest.fixture
def platform() -> Iterator[Platform]:
    with serving() as found:
        yield found


@pytest.fixture
def app(tmp_path, engine: Engine, kb, matcher, platform: Platform) -> Iterator[App]:
    settings = settings_of(tmp_path / "var", platform.url, WECOM_AES_KEY_PREVIOUS=OLD_AES_KEY)
    app = build(settings, engine=engine, kb=kb, matcher=matcher, now=lambda: NOW)
    object.__setattr__(app, "fake_platform", platform)  # so that the contract, which knows only apps, finds it
    yield app
    drain(app)


class TestWeCom(ChannelContract, Repeated, Signed, Pushed):
    """Texts and cards with buttons, sent by the app; the callback itself gets an empty answer."""

    name = "wecom"
    limits = LIMITS

    def show(self, card: Card) -> Shown:
        sent = messages(card, "k" * 32)
        cards = [message["template_card"] for message in sent if message["msgtype"] == "template_card"]
        assert all(len(card.get("sub_title_text", "")) <= 112 for card in cards)
        pieces = [message["text"]["content"] for message in sent if message["msgtype"] == "text"]
        inside = [card["sub_title_text"] for card in cards if "sub_title_text" in card]
        buttons = [button["text"] for card in cards for button in card["button_list"]]
        return Shown([*pieces, *inside], buttons, "\n".join([*pieces, *inside]))

    def take_in(self, app: App, said: str, *, message_id: str) -> Reply:
        platform: Platform = _platform_of(app)
        before = len(platform.arrived)
        with client_of(app) as client:
            account = wecom()
            reply = post(client, account, account.message(said[:60_000], AT, who=MEMBER, name=message_id))
            drain(app)
        sent = [words(body) for _, body in platform.arrived[before:]]
        return Reply(reply.status_code, "\n".join(sent) if sent else None)

    def hostile(self, app: App) -> Iterator[Callable[[], int]]:
        client = client_of(app)
        account = wecom()
        bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><xml><MsgType>text</MsgType><Content>&b;</Content></xml>'
        for xml in ("", "<xml/>", "<x/>", "plain words", bomb, "<xml><MsgType>text", '{"msgtype": "text"}'):
            yield lambda xml=xml: post(client, account, xml).status_code
        query, body = account.sealed(account.message("hello", AT), AT)
        for broken in (
            b"",
            b"\xff\xfe\x00",
            body[:50],
            body.replace(b"<Encrypt>", b"<Other>"),
            b"{}",
            body * 400,
            b"x" * (LARGEST + 1),
        ):
            yield lambda broken=broken: client.post("/wecom/callback", params=query, content=broken).status_code
        yield lambda: client.get("/wecom/callback").status_code
        yield lambda: post(client, replace(account, id="ww-other"), account.message("hello", AT)).status_code
        yield lambda: post(client, replace(account, aes_key=""), account.message("plain", AT)).status_code

    def forged(self, app: App) -> Iterator[tuple[str, Callable[[], int]]]:
        return forgeries(app, wecom())

    def rotated(self, app: App) -> Iterator[Callable[[], int]]:
        client = client_of(app)
        for key in (AES_KEY, OLD_AES_KEY):
            account = replace(wecom(), aes_key=key)
            yield lambda account=account: post(client, account, account.message("hello", AT)).status_code

    @pytest.fixture(autouse=True)
    def _world(self, tmp_path, engine: Engine, kb, matcher) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            self._stack = stack
            self._build = lambda url: build(
                settings_of(tmp_path / "var", url), engine=engine, kb=kb, matcher=matcher, now=lambda: NOW
            )
            yield

    def channel_that(self, fault: str) -> Channel:
        platform = self._stack.enter_context(serving())
        answers = {"later": 45009, "gone": 81013, "refuses": 45002, "drops the line": "drop", "works": None}
        platform.lasting["/cgi-bin/message/send"] = answers[fault]
        return self._build(platform.url).channels["wecom"]

    def an_address(self) -> Address:
        return Address(channel="wecom", external_id=MEMBER, workspace="ww0001")


def _platform_of(app: App) -> Platform:
    return app.fake_platform  # type: ignore[attr-defined]
