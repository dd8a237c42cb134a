"""The JSON API keeps the channel contract: what a tool gets is what people see elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from fastapi.testclient import TestClient

from adapters.api.routes import told
from bot.channel import Limits
from bot.messages import Answer, Card
from bot.outline import plain
from bot.wiring import App, web
from tests.adapters.contract import ChannelContract, Repeated, Reply, Shown

LOOPBACK = {"base_url": "http://127.0.0.1:8000", "client": ("127.0.0.1", 50000)}


class TestApi(ChannelContract, Repeated):
    """Cards leave as JSON; a tool that shows their fields in order shows the card."""

    name = "api"
    limits = Limits(longest_text=1_000_000, text_unit="characters", most_buttons=0)

    def show(self, card: Card) -> Shown:
        sent = told(Answer(conversation="c", decision="sure", cards=[card])).model_dump_json()
        back = Card.model_validate(json.loads(sent)["cards"][0])
        return Shown([sent], [], plain(back))

    def take_in(self, app: App, said: str, *, message_id: str) -> Reply:
        with TestClient(web(app), **LOOPBACK) as client:
            reply = client.post("/api/ask", json={"text": said, "message_id": message_id, "conversation": "room"})
        if reply.status_code != 200:
            return Reply(reply.status_code, None)
        cards = [Card.model_validate(card) for card in reply.json()["cards"]]
        return Reply(200, "\n".join(plain(card) for card in cards))

    def hostile(self, app: App) -> Iterator[Callable[[], int]]:
        client = TestClient(web(app), **LOOPBACK)
        as_json = {"Content-Type": "application/json"}
        for body in (b"", b"null", b"[]", b"{", b'{"text": 7}', b'{"text": "x", "extra": 1}', b'{"text": "\xff"}', b"\x00" * 10):
            yield lambda body=body: client.post("/api/ask", content=body, headers=as_json).status_code
        yield lambda: client.post("/api/ask", content=b"text=x").status_code
        yield lambda: client.post("/api/ask", content=b'{"text": "' + b"x" * 3_000_000 + b'"}', headers=as_json).status_code
        yield lambda: client.post("/api/ask", json={"text": "x"}, headers={"Authorization": "Bearer caucus_wrong"}).status_code
        yield lambda: client.post("/api/ask", json={"text": "x"}, headers={"Host": "evil.example"}).status_code
