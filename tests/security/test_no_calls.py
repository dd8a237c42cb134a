"""Is nothing fetched because a stranger named it? Calls go to the vendors that are set up, and to nobody else."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
from fastapi import FastAPI

from bot.db import writing
from bot.messages import Address, Inbound
from bot.people import keys
from bot.wiring import App
from tests.adapters.slack_site import Site, a_slack, on_sqlite
from tests.conftest import NOW
from tests.fakes import slack_says
from tests.fakes.tencent import Account
from tests.mails import judged, mail
from tests.security.doors import routes, visitor
from tests.security.test_routes import signed_in
from tests.site_world import settle_in
from tests.test_house_rules import PACKAGES, imported, name, sources

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
CALLERS = {
    "adapters/tencent/api.py": "requests, to CAUCUS_WECHAT_API_URL and CAUCUS_WECOM_API_URL",
    "adapters/email/imap.py": "imap_tools, to CAUCUS_IMAP_URL",
    "adapters/email/send.py": "smtplib, to CAUCUS_MAIL_SEND_URL",
    "bot/cli/doctor_mail.py": "the operator asks whether their own mail server is there",
    "bot/cli/http.py": "listens",
    "bot/delivery/engine.py": "the name of this machine",
    "bot/conversations/arrivals.py": "the name of this machine",
}
"""Modules that may open a connection, beside those of adapters/slack, which uses Slack's own library."""
OPENS = {"requests", "httpx", "aiohttp", "http", "ftplib", "smtplib", "imaplib", "imap_tools", "urllib3", "socket", "xmlrpc"}
HERE = "http://127.0.0.1:9/secret"
INSIDE = (
    HERE,
    "http://169.254.169.254/latest/meta-data/",
    "file:///etc/passwd",
    "//evil.example.org/x",
    "gopher://127.0.0.1:9/_x",
)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address that somebody tries to reach; none is reached."""
    tried: list[Any] = []

    def refuse(_self: socket.socket, address: Any) -> None:
        tried.append(address)
        raise OSError("nothing is called in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **_: refuse(None, asked))  # type: ignore[arg-type]
    return tried


def test_only_the_modules_that_call_vendors_can_call_anybody(engine: Any) -> None:
    found = {name(path) for path in sources(*PACKAGES) if imported(path) & OPENS}
    allowed = set(CALLERS)
    assert {path for path in found if not path.startswith("adapters/slack/")} <= allowed
    # to the response_url of a press, which must be Slack's own
    assert {name(path) for path in sources(*PACKAGES) if "urllib.request" in path.read_text("utf-8")} == {
        "adapters/slack/channel.py"
    }


@pytest.mark.parametrize("url", INSIDE)
def test_an_address_in_a_message_or_a_form_is_never_called(public: App, server: FastAPI, calls: list[Any], url: str) -> None:
    member = signed_in(public, server, settle_in(public)["member"])
    with writing(public.engine) as session:
        key, _ = keys.make_key(session, "crm", NOW)
    bearer = {"Authorization": f"Bearer {key}"}
    client = visitor(server)
    for channel in ("web", "wechat", "wecom", "slack", "terminal", "api"):
        said = Inbound(address=Address(channel=channel, external_id="x"), message_id=url, text=f"look at {url}", received_at=NOW)
        public.coach.receive(said)
    assert client.post("/api/ask", json={"text": url}, headers=bearer).status_code == 200
    assert client.post("/api/followups", json={"subject": url, "recipients": [url]}, headers=bearer).status_code < 500
    form = {"data": {"text": url, "message_id": "m"}, "headers": {"Sec-Fetch-Site": "same-origin"}}
    assert member.post("/chat", **form).status_code == 303
    for _, path in routes(server):
        if "{" not in path and path != "/events":
            client.get(
                path,
                params={"to": url, "q": url, "url": url, "redirect_uri": url},
                headers={"Referer": url, "X-Forwarded-Host": url},
            )
    pictures = f"<MsgType>image</MsgType><PicUrl>{url}</PicUrl><MediaId>1</MediaId><MsgId>5</MsgId>"
    for account in (Account("wx0001"), Account("ww0001", path="/wecom/callback")):
        query, body = account.sealed(
            f"<xml><FromUserName>openid-1</FromUserName><CreateTime>1</CreateTime>{pictures}</xml>", NOW.timestamp()
        )
        assert client.post(account.path, params=query, content=body).status_code == 200
    assert calls == []


@pytest.mark.parametrize("url", INSIDE)
def test_a_mail_fetches_nothing_that_it_names(engine: Any, calls: list[Any], url: str) -> None:
    html = f'<img src="{url}"><link rel=stylesheet href="{url}"><base href="{url}"><iframe src="{url}"></iframe><p>please see'
    judged(mail(html, Content_Type="text/html"))
    judged(mail(f"see {url}", List_Unsubscribe=f"<{url}>", Content_Location=url))
    assert calls == []


def test_a_reply_address_that_is_not_slacks_is_never_called(engine: Any, sqlite_template, tmp_path, kb, matcher) -> None:
    slack = a_slack()
    try:
        site = Site(on_sqlite(sqlite_template, tmp_path / "s", slack, kb, matcher), slack)
        for url in (HERE, f"{slack.api_url.replace('/api/', '')}@127.0.0.1:9/x", "https://hooks.slack.com.evil.example.org/x"):
            assert len(site.form(slack_says.command("they want exclusivity", response_url=url))) == 1, (
                "answered by the API instead"
            )
        assert all("127.0.0.1:9/" not in json.dumps(post) for post in slack.posts)
    finally:
        slack.close()
