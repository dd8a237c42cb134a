"""An open page hears what comes unasked, each card once, by a stream of its own; nobody else's."""

from __future__ import annotations

import datetime as dt
import json
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from sqlalchemy import Engine

from adapters.site.browser import Session
from adapters.web import events
from bot.db import writing
from bot.delivery import outbox
from bot.messages import Card
from bot.people import directory, signin
from bot.wiring import App, web

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
ANNA, BERT = "a" * 43, "b" * 43


def nudge(engine: Engine, token: str, text: str, at: dt.datetime = NOW) -> str:
    """A card that has been sent to a browser."""
    with writing(engine) as session:
        _, address = directory.at_address(session, Session(token, is_new=False).address, NOW)
        row = outbox.put(session, address, Card(id="nudge", kind="notice", lang="en", text=text), at, "nudge", at)
        row.state = "sent"
        return row.id


@pytest.fixture
def url(app: App) -> Iterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(web(app), log_level="warning", lifespan="off", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def heard(url: str, token: str, number: int, after: str = "") -> list[dict[str, str]]:
    """The next cards of a stream, with the id of each event."""
    found: list[dict[str, str]] = []
    with (
        httpx.Client(timeout=30) as client,
        client.stream("GET", f"{url}/events", params={"after": after}, cookies={"caucus": token}) as stream,
    ):
        assert stream.headers["content-type"].startswith("text/event-stream")
        last = ""
        for line in stream.iter_lines():
            if line.startswith("id: "):
                last = line[4:]
            if line.startswith("data: "):
                found.append({**json.loads(line[6:]), "id": last})
                if len(found) == number:
                    return found
    return found


def test_cards_come_in_order_each_once_and_only_ones_own(app: App, url: str) -> None:
    nudge(app.engine, BERT, "not yours", NOW + dt.timedelta(seconds=1))
    ours = [nudge(app.engine, ANNA, f"card {n} <b>", NOW + dt.timedelta(seconds=n)) for n in (1, 2)]
    cards = heard(url, ANNA, 2, NOW.isoformat())
    assert [card["delivery"] for card in cards] == ours
    assert "card 1 &lt;b&gt;" in cards[0]["html"]
    assert "not yours" not in str(cards)


def test_a_browser_that_comes_back_misses_nothing(app: App, url: str) -> None:
    first = nudge(app.engine, ANNA, "first", NOW + dt.timedelta(seconds=1))
    (card,) = heard(url, ANNA, 1, NOW.isoformat())
    assert card["delivery"] == first
    second = nudge(app.engine, ANNA, "second", NOW + dt.timedelta(seconds=5))
    again = heard(url, ANNA, 2, card["id"])
    assert [one["delivery"] for one in again] == [first, second], "the page knows the first one already"


def test_a_card_that_comes_while_the_page_is_open_is_heard_at_once(app: App, url: str) -> None:
    found: list[dict[str, str]] = []
    thread = threading.Thread(target=lambda: found.extend(heard(url, ANNA, 1, NOW.isoformat())))
    thread.start()
    time.sleep(0.3)
    wanted = nudge(app.engine, ANNA, "just now", NOW + dt.timedelta(seconds=9))
    thread.join(20)
    assert [card["delivery"] for card in found] == [wanted]


def test_a_browser_without_a_session_is_not_listened_for(url: str) -> None:
    assert httpx.get(f"{url}/events").status_code == 204
    assert httpx.get(f"{url}/events", headers={"Host": "evil.example"}).status_code == 403


def test_a_script_learns_whether_there_is_a_stream_for_it_without_opening_one(url: str, monkeypatch) -> None:
    def asks(**cookies: str) -> tuple[int, bytes]:
        answer = httpx.get(f"{url}/events", headers={"X-Caucus": "fragment"}, cookies=cookies)
        return answer.status_code, answer.content

    assert asks(caucus=ANNA) == (200, b"")
    assert asks() == (204, b"")
    monkeypatch.setattr(events, "MOST_STREAMS", 0)
    assert asks(caucus=ANNA) == (503, b"")


@pytest.mark.parametrize("said", ["", "nonsense", "2026-11-23", "2099-01-01T00:00:00+00:00", "2001-01-01T00:00:00+00:00"])
def test_a_cursor_that_makes_no_sense_means_from_now_on(said: str) -> None:
    assert events.since_of(said, NOW) == NOW


def test_who_is_signed_out_elsewhere_hears_no_more(app: App, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "WELCOME", 0.2)
    with writing(app.engine) as session:
        person = directory.add_person(session, NOW, name="Anna")
        link = signin.new_link(session, person, "chat", NOW)
        found = signin.use(session, link or "", NOW)
        key, anna = found[0], person.id
    with (
        httpx.Client(timeout=30) as client,
        client.stream("GET", f"{url}/events", cookies={"caucus_in": key}) as stream,
    ):
        lines = stream.iter_lines()
        assert next(lines).startswith("retry")
        with writing(app.engine) as session:
            assert signin.end(session, anna) == 1
        assert [line for line in lines if line.startswith("data")] == [], "the stream ends"
