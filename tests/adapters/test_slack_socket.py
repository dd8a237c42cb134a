"""Over Socket Mode the same comes in: kept, then acknowledged, then answered; what cannot be kept is not acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.intents.match import Matcher
from bot.wiring import App
from knowledge.load import KnowledgeBase
from tests.adapters.slack_site import on_sqlite, seen
from tests.fakes import slack_says as say
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_socket import SocketSlack

ASKED = "They asked for exclusivity, what do I say?"
TITLE = "They want to be our only partner. Agree?"


@pytest.fixture
def socket(slack: FakeSlack) -> Iterator[SocketSlack]:
    socket = SocketSlack()
    slack.socket_url = socket.url
    yield socket
    socket.close()


@pytest.fixture
def app(
    slack: FakeSlack, socket: SocketSlack, sqlite_template: Path, tmp_path: Path, kb: KnowledgeBase, matcher: Matcher
) -> Iterator[App]:
    more = {"CAUCUS_SLACK_APP_TOKEN": "xapp-1", "CAUCUS_SLACK_SIGNING_SECRET": ""}
    app = on_sqlite(sqlite_template, tmp_path / "var", slack, kb, matcher, **more)
    app.start()
    assert socket.wait_for(lambda: socket.connections == 1)
    yield app
    app.stop()


def test_an_event_a_command_and_a_press_are_acknowledged_and_answered(app: App, slack: FakeSlack, socket: SocketSlack) -> None:
    socket.send("events_api", say.event(say.direct(ASKED)), "e1")
    (post,) = slack.wait_for_posts(1)
    assert TITLE in seen(post)
    socket.send("slash_commands", say.command(ASKED, room="C8"), "e2")
    socket.send("interactive", say.press(post, value="card:"), "e3")
    assert len(slack.wait_for_posts(3)) == 3
    assert socket.wait_for(lambda: set(socket.acknowledged) == {"e1", "e2", "e3"})


def test_readiness_tells_whether_slack_can_reach_us(app: App, socket: SocketSlack) -> None:
    assert socket.wait_for(lambda: app.ready()["slack"] == "ok")
    app.stop()
    assert app.ready()["slack"] == "no connection to Slack"


def test_the_errors_of_a_form_come_back_with_the_acknowledgement(app: App, slack: FakeSlack, socket: SocketSlack) -> None:
    view = {"type": "modal", "callback_id": "form", "private_metadata": "{}", "blocks": [{"type": "input", "block_id": "fact:x"}]}
    socket.send("interactive", say.submission(view, {}), "e1")
    assert socket.wait_for(lambda: "e1" in socket.acknowledged)
    assert socket.acknowledged["e1"]["response_action"] == "errors"


def test_the_same_event_over_two_connections_is_answered_once(app: App, slack: FakeSlack, socket: SocketSlack) -> None:
    payload = say.event(say.direct(ASKED))
    socket.send("events_api", payload, "e1")
    slack.wait_for_posts(1)
    socket.drop()
    assert socket.wait_for(lambda: socket.connections == 2)
    socket.send("events_api", payload, "e2")
    assert socket.wait_for(lambda: "e2" in socket.acknowledged)
    app.arrivals.once()
    assert len(slack.posts) == 1


def test_without_the_database_nothing_is_acknowledged(app: App, slack: FakeSlack, socket: SocketSlack) -> None:
    app.arrivals.stop()
    with app.engine.begin() as connection:  # it holds the only write lock longer than anybody waits
        connection.execute(text("PRAGMA busy_timeout"))
        socket.send("events_api", say.event(say.direct(ASKED)), "lost")
        assert not socket.wait_for(lambda: "lost" in socket.acknowledged, 7)
    socket.send("events_api", say.event(say.direct(ASKED)), "kept")
    assert socket.wait_for(lambda: "kept" in socket.acknowledged)
