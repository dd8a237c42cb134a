"""The web chat keeps the channel contract, over the real coach."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

from fastapi import FastAPI
from starlette.testclient import TestClient

from adapters.web.ports import WebPorts
from adapters.web.render import LIMITS, card_html
from adapters.web.routes import router
from bot.messages import Card
from bot.wiring import App
from tests.adapters.contract import ChannelContract, Repeated, Reply, Shown

OWN_PAGE = {"Sec-Fetch-Site": "same-origin", "X-Caucus": "fragment"}
COOKIE = "a" * 43


class TestWeb(Repeated, ChannelContract):
    """The fragment that the page's script asks for."""

    name = "web"
    limits = LIMITS

    def show(self, card: Card) -> Shown:
        markup = card_html(card)
        buttons = [_seen(button) for button in re.findall(r'<button name="choice".*?</button>', markup, re.DOTALL)]
        return Shown([_seen(markup)], buttons, _seen(markup))

    def take_in(self, app: App, said: str, *, message_id: str) -> Reply:
        answer = _browser(app).post("/chat", data={"text": said, "message_id": message_id}, headers=OWN_PAGE)
        return Reply(answer.status_code, _seen(answer.text) if answer.status_code == 200 else None)

    def hostile(self, app: App) -> Iterator[Callable[[], int]]:
        browser = _browser(app)
        form = "application/x-www-form-urlencoded"
        for body, kind, headers in (
            (b"text=x", form, {}),  # from nobody's page
            (b"text=x", form, {"Origin": "http://evil.example"}),
            (b"text=x", form, {**OWN_PAGE, "Host": "evil.example"}),
            (b"text=x", form, {**OWN_PAGE, "X-Forwarded-For": "127.0.0.1"}),
            (b'{"text": "x"}', "application/json", OWN_PAGE),
            (b"text=%ff", form, OWN_PAGE),
            (b"text=x&person=1", form, OWN_PAGE),
            (b"", form, OWN_PAGE),
            (b"text=" + b"x" * 100_000, form, OWN_PAGE),
        ):
            yield (
                lambda body=body, kind=kind, headers=headers: (
                    browser.post("/chat", content=body, headers={**headers, "Content-Type": kind}).status_code
                )
            )


def test_a_conversation_is_found_again_and_a_card_has_an_address(app: App) -> None:
    browser = _browser(app)
    browser.post("/chat", data={"text": "They asked for exclusivity, what do I say?", "message_id": "m1"}, headers=OWN_PAGE)
    page = browser.get("/").text
    assert "They asked for exclusivity, what do I say?" in page
    assert "They want to be our only partner. Agree?" in page
    assert "对方要独家，能答应吗？" in browser.get("/cards/exclusivity-request?lang=zh").text


def _browser(app: App) -> TestClient:
    server = FastAPI()
    server.include_router(router(WebPorts(app.receive, app.coach.history, app.coach.card, app.now, app.settings)))
    client = TestClient(server, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50000), follow_redirects=False)
    client.cookies.set("caucus", COOKIE)
    return client


def _seen(markup: str) -> str:
    """What a reader sees: the text, without tags and without characters that have no shape."""
    text = html.unescape(re.sub(r"<[^>]+>", " ", markup))
    return "".join(c for c in text if c.isprintable() or c.isspace())
