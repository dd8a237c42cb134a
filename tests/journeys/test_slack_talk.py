"""A deal team in Slack, from installing to uninstalling, through real HTTP and the real slack_sdk, on both databases."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.conversations.tables import ArrivalRow, InboundRow
from bot.db import open_engine, reading
from bot.delivery.engine import Worker
from bot.delivery.tables import DeliveryRow
from bot.errors import Unavailable
from bot.wiring import App
from tests.adapters.slack_site import Site, labels, many_workspaces, one_workspace, seen
from tests.conftest import KEYS
from tests.fakes import slack_says as say
from tests.fakes.slack import FakeSlack, Team

ASKED = "They asked for exclusivity, what do I say?"
TITLE = "They want to be our only partner. Agree?"


def test_a_team_installs_asks_decides_by_buttons_and_leaves(
    build_app: Callable[..., App], slack: FakeSlack, tmp_path: Path
) -> None:
    site = Site(build_app(settings=many_workspaces(slack, str(tmp_path))), slack)
    slack.codes["code"] = Team("T5", "", rooms={"C1"})
    slack.person("UADMIN")
    state = site.client.get("/slack/install").headers["location"].partition("state=")[2].partition("&")[0]
    assert site.client.get("/slack/oauth_redirect", params={"state": state, "code": "code"}).status_code == 200
    assert "Hello" in seen(slack.posts[-1])
    (answer,) = site.event(say.mention(ASKED, at="1790000000.000100"), team="T5")
    assert TITLE in seen(answer)
    (post,) = site.form(say.press(answer, value="flow:", team="T5"))
    for _ in range(12):  # the first answer to every question, until there is a verdict
        if "Start again" in labels(post):
            break
        (post,) = site.form(say.press(post, labels(post)[0], team="T5"))
    assert "Start again" in labels(post)
    assert {each["thread_ts"] for each in slack.posts[1:]} == {"1790000000.000100"}
    site.event({"type": "app_uninstalled"}, team="T5")
    posts = len(slack.posts)
    assert site.event(say.direct(ASKED), team="T5") == []
    assert len(slack.posts) == posts


def test_a_process_that_dies_after_the_200_loses_nothing(build_app: Callable[..., App], slack: FakeSlack, tmp_path: Path) -> None:
    settings = one_workspace(slack, str(tmp_path))
    first, second = build_app(settings=settings), build_app(settings=settings)
    body = json.dumps(say.event(say.direct(ASKED))).encode()
    assert Site(first, slack).post(body, say.headers(body)) == 200  # and there it ends: nobody takes it up in that process
    assert slack.posts == []
    assert second.arrivals.once() == 1
    assert TITLE in seen(slack.posts[0])
    assert Site(second, slack).post(body, say.headers(body)) == 200
    assert second.arrivals.once() == 0
    assert len(slack.posts) == 1


def test_a_process_that_dies_between_answering_and_sending_leaves_the_answer_to_the_reaper(
    build_app: Callable[..., App], slack: FakeSlack, tmp_path: Path
) -> None:
    app = build_app(settings=one_workspace(slack, str(tmp_path)))
    site = Site(app, slack)
    slack.faults["chat.postMessage"] = ["drop"]  # it arrived, and nobody here knows
    site.event(say.mention(ASKED))
    worker = Worker(app.engine, app.channels, app.now, app.terms)
    worker.once(app.now() + dt.timedelta(seconds=60))
    with reading(app.engine) as session:
        assert session.scalars(select(DeliveryRow.state)).all() == ["sent"]
    assert list(slack.arrived().values()) == [1]


def test_without_the_database_slack_is_asked_to_repeat_and_then_answered_once(
    build_app: Callable[..., App], slack: FakeSlack, tmp_path: Path
) -> None:
    site = Site(build_app(settings=one_workspace(slack, str(tmp_path))), slack)
    away = open_engine("postgresql+psycopg://nobody@127.0.0.1:9/none", KEYS)
    here, site.app.arrivals._engine = site.app.arrivals._engine, away
    body = json.dumps(say.event(say.direct(ASKED))).encode()
    assert site.post(body, say.headers(body)) == 503
    with pytest.raises(Unavailable):
        site.app.arrivals.once()
    site.app.arrivals._engine = here
    assert site.post(body, say.headers(body)) == 200
    site.app.arrivals.once()
    assert len(slack.posts) == 1
    with reading(site.app.engine) as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in (ArrivalRow, InboundRow, DeliveryRow)]
    assert counts == [1, 1, 1]
