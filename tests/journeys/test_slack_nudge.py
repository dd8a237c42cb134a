"""A reminder in Slack: noted in a word, come as a nudge, put off by a button, ended by a button; on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.cli.rounds import Rounds
from bot.wiring import App
from tests.adapters.slack_site import Json, Site, labels, one_workspace, seen
from tests.fakes import slack_says as say
from tests.fakes.slack import FakeSlack

BEGIN = dt.datetime.fromisoformat("2026-11-25T10:00:00+01:00")


class Talk:
    """Anna in Slack, whose clock is moved by hand."""

    def __init__(self, build_app: Callable[..., App], slack: FakeSlack, folder: Path) -> None:
        self.at = BEGIN
        self.slack = slack
        self.app = build_app(settings=one_workspace(slack, str(folder)), now=lambda: self.at)
        self.site = Site(self.app, slack)

    def say(self, text: str) -> Json:
        """What comes in answer to a direct message."""
        return self.site.event(say.direct(text))[-1]

    def press(self, post: Json, label: str, **more: Any) -> list[Json]:
        """What comes in answer to a button of a message."""
        url = f"{self.slack.host}/respond/{label}".replace(" ", "-")
        return self.site.form(say.press(post, label, response_url=url, **more))

    def until(self, moment: dt.datetime) -> list[Json]:
        """Time passes; what came by then."""
        before = len(self.slack.posts)
        self.at = moment
        Rounds(self.app).once()
        return self.slack.posts[before:]


@pytest.fixture
def talk(build_app: Callable[..., App], slack: FakeSlack, tmp_path: Path) -> Talk:
    return Talk(build_app, slack, tmp_path)


def test_a_nudge_is_put_off_and_ended_by_its_buttons_and_comes_once_each_time(talk: Talk) -> None:
    noted = talk.say("I emailed the buyer about the quote, remind me Thursday morning their time")
    assert "Thursday 26 November 2026, 09:00 Beijing time" in seen(noted)
    due = dt.datetime.fromisoformat("2026-11-26T01:00:00+00:00")
    assert talk.until(due - dt.timedelta(minutes=1)) == []
    (nudge,) = talk.until(due)
    assert "the buyer: quote" in seen(nudge)
    assert nudge["channel"] == "DT1U1", "to her directly"
    assert {"They replied", "In an hour", "Drop it"} <= set(labels(nudge))

    (moved,) = talk.press(nudge, "In an hour")
    assert "10:00 Beijing time" in seen(moved)
    _, changed = talk.slack.responses[-1]
    assert changed["replace_original"] is True
    assert "In an hour" not in labels(changed), "a button that was pressed is not pressed again"
    assert talk.until(due + dt.timedelta(minutes=59)) == []
    (again,) = talk.until(due + dt.timedelta(hours=1))

    (closed,) = talk.press(again, "They replied")
    assert "is closed" in seen(closed)
    assert talk.until(due + dt.timedelta(days=40)) == [], "silence after the answer"
    assert set(talk.slack.arrived().values()) == {1}


def test_a_double_click_on_a_nudge_ends_it_once_and_an_old_button_is_answered_politely(talk: Talk) -> None:
    talk.say("I emailed the buyer about the quote, remind me Thursday morning their time")
    due = dt.datetime.fromisoformat("2026-11-26T01:00:00+00:00")
    (nudge,) = talk.until(due)
    moment = 1_790_000_000.0
    assert len(talk.press(nudge, "They replied", at=moment)) == 1
    assert talk.press(nudge, "They replied", at=moment + 0.4) == [], "a double click is one press"
    (told,) = talk.press(nudge, "They replied", at=moment + 60)
    assert "had ended already" in seen(told), seen(told)
    assert talk.until(due + dt.timedelta(days=40)) == []


def test_in_chinese_a_nudge_is_answered_in_words_in_its_direct_message(talk: Talk) -> None:
    noted = talk.say("刚给客户发了报价，周四上午十点提醒我")
    assert "11月26日" in seen(noted)
    (nudge,) = talk.until(dt.datetime.fromisoformat("2026-11-26T10:00:00+08:00"))
    assert "客户：报价" in seen(nudge)
    assert "对方回复了" in labels(nudge)
    talk.at += dt.timedelta(minutes=3)
    assert "对方已回复" in seen(talk.say("对方回复了"))
    assert talk.until(talk.at + dt.timedelta(days=40)) == []
