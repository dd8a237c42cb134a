"""What the tests of WeChat and WeCom share: settings, the platform as a fixture, one message brought in and its answer read."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest
from starlette.testclient import TestClient

from bot.settings import Settings, read_settings
from bot.wiring import App, build, web
from tests.conftest import KEYS, NOW
from tests.fakes.tencent import Account, Platform

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLD_AES_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
AT = NOW.timestamp()
WECHAT = {"APP_ID": "wx0001", "APP_SECRET": "wechat-secret", "TOKEN": "the-token", "AES_KEY": AES_KEY, "CERTIFIED": "true"}
WECOM = {"CORP_ID": "ww0001", "AGENT_ID": "1000002", "SECRET": "wecom-secret", "TOKEN": "the-token", "AES_KEY": AES_KEY}
Make = Callable[..., App]


def wechat() -> Account:
    """The official account."""
    return Account("wx0001", aes_key=AES_KEY)


def wecom() -> Account:
    """The WeCom app."""
    return Account("ww0001", aes_key=AES_KEY, path="/wecom/callback")


def settings_of(folder: object, url: str, **changes: str) -> Settings:
    """Settings of both channels over a platform at `url`; `changes` such as WECHAT_CERTIFIED="false"."""
    given = {f"WECHAT_{k}": v for k, v in WECHAT.items()} | {f"WECOM_{k}": v for k, v in WECOM.items()}
    given |= {"WECHAT_API_URL": url, "WECOM_API_URL": url, "WECOM_ROBOTS": "sales:robot-1", **changes}
    common = {"CAUCUS_DATA_DIR": str(folder), "CAUCUS_SECRET_KEYS": KEYS[0]}
    return read_settings({**common, **{f"CAUCUS_{k}": v for k, v in given.items() if v}})


@contextlib.contextmanager
def serving() -> Iterator[Platform]:
    """A platform for as long as the block lasts."""
    platform = Platform()
    try:
        yield platform
    finally:
        platform.close()


@pytest.fixture
def platform() -> Iterator[Platform]:
    """A platform of the test's own."""
    with serving() as found:
        yield found


@pytest.fixture
def make(tmp_path, engine, kb, matcher, platform) -> Make:
    """The app over both databases with both channels set up; see `settings_of` for changes."""

    def made(*, matcher=matcher, now=lambda: NOW, **changes: str) -> App:
        return build(settings_of(tmp_path / "var", platform.url, **changes), engine=engine, kb=kb, matcher=matcher, now=now)

    return made


def client_of(app: App, *, patience: float = 60) -> TestClient:
    """HTTP to the app, in this process; patient unless told otherwise, as test machines are slow at times."""
    return TestClient(web(app, patience=patience), base_url="https://coach.example")


def post(client: TestClient, account: Account, xml: str, at: float = AT) -> httpx.Response:
    """One push."""
    query, body = account.sealed(xml, at)
    return client.post(account.path, params=query, content=body)


def drain(app: App) -> None:
    """Wait until what goes out in threads of the app is out: everything that begins there ends in the outbox."""
    import time

    from sqlalchemy import text

    from bot.db import reading

    for _ in range(3_000):
        with reading(app.engine) as session:
            if not session.scalar(text("SELECT count(*) FROM deliveries WHERE state = 'sending'")):
                return
        time.sleep(0.01)
    raise AssertionError("still sending")


def forgeries(app: App, account: Account) -> Iterator[tuple[str, Callable[[], int]]]:
    """(what is wrong, the status it gets) of pushes that only somebody else could have made."""
    client = client_of(app)
    xml = account.message("hello", AT)
    query, body = account.sealed(xml, AT)

    def send(**changes: str) -> Callable[[], int]:
        asked = {name: value for name, value in {**query, **changes}.items() if value}
        return lambda: client.post(account.path, params=asked, content=body).status_code

    yield "no signature", send(msg_signature="")
    yield "wrong signature", send(msg_signature="0" * 40)
    yield "signature of the query only", send(msg_signature=query.get("signature", "0"))
    yield "another nonce", send(nonce="1")
    yield "half characters", send(nonce="\ud800".encode("utf-8", "surrogatepass").decode("latin-1"))
    yield "no timestamp", send(timestamp="")
    yield "timestamp that is none", send(timestamp="-5")
    yield "old", lambda: post(client, account, xml, AT - 3600).status_code
    yield "from the future", lambda: post(client, account, xml, AT + 3600).status_code
    yield "another token", lambda: post(client, replace(account, token="guessed"), xml).status_code
    yield "another key", lambda: post(client, replace(account, aes_key="k" * 43), xml).status_code
    _, other = account.sealed(account.message("another body", AT), AT)
    yield "a captured query with another body", lambda: client.post(account.path, params=query, content=other).status_code
