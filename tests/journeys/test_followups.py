"""From a word in the talk to the nudge on the page to done, in both languages, over HTTP, on both databases."""

from __future__ import annotations

import datetime as dt
import html
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.testclient import TestClient

from bot.cli.rounds import Rounds
from bot.wiring import App, web

OWN_PAGE = {"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:8000"}
_numbers = itertools.count()


@dataclass
class Clock:
    """The time of the test, moved by hand."""

    at: dt.datetime

    def __call__(self) -> dt.datetime:
        return self.at


@dataclass
class Page:
    """A browser: says things, presses buttons, opens the page, and lets time pass while it is closed."""

    app: App
    clock: Clock
    client: TestClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = TestClient(
            web(self.app), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50000), follow_redirects=False
        )
        self.client.cookies.set("caucus", "a" * 43)

    def say(self, text: str = "", *, choice: str = "", zone: str = "Europe/Berlin") -> str:
        """The answer as a reader sees it, with the ids of its buttons."""
        said: dict[str, Any] = {"choice": choice} if choice else {"text": text}
        answer = self.client.post(
            "/chat", data={**said, "message_id": f"m{next(_numbers)}", "zone": zone}, headers={**OWN_PAGE, "X-Caucus": "fragment"}
        )
        assert answer.status_code == 200
        return html.unescape(answer.text)

    def open(self) -> str:
        """The page as it is now."""
        return html.unescape(self.client.get("/").text)

    def until(self, moment: str) -> int:
        """Time passes; what is due then is sent."""
        self.clock.at = dt.datetime.fromisoformat(moment)
        return Rounds(self.app).once()


@pytest.fixture
def page(build_app: Callable[..., App]) -> Page:
    clock = Clock(dt.datetime.fromisoformat("2026-11-25T10:00:00+01:00"))
    return Page(build_app(now=clock), clock)


def button(shown: str, title: str) -> str:
    """The id of the last button with this title."""
    found = re.findall(rf'value="([^"]+)">\s*<span>{re.escape(title)}</span>', shown)
    assert found, f"no button {title}"
    return found[-1]


def test_a_word_in_english_a_nudge_at_the_hour_of_the_counterpart_and_done(page: Page) -> None:
    noted = page.say("I emailed the buyer about the quote, remind me Thursday morning their time")
    assert "Thursday 26 November 2026, 09:00 Beijing time" in noted
    assert "02:00 Berlin time" in noted
    assert "appears here at once while the page is open" in noted, "what a closed page means is said"
    assert page.until("2026-11-26T00:59:00+00:00") == 0
    assert page.until("2026-11-26T01:00:00+00:00") == 1
    shown = page.open()
    assert "the buyer: quote" in shown
    assert "{李总}您好" in re.sub(r"<[^>]+>", "", shown)
    answer = page.say(choice=button(shown, "They replied"))
    assert "is closed" in answer
    assert page.until("2026-12-30T09:00:00+00:00") == 0, "silence after the answer"


def test_a_word_in_chinese_is_followed_by_its_number_and_words(page: Page) -> None:
    noted = page.say("刚给客户发了报价，周四上午十点提醒我")
    assert "2026年11月26日（星期四）10:00，柏林时间（北京时间11月26日 星期四 17:00）" in noted
    assert page.until("2026-11-26T10:00:00+01:00") == 1
    shown = page.open()
    assert "客户：报价" in shown
    page.clock.at += dt.timedelta(minutes=3)
    assert "一小时后" in shown
    moved = page.say("4")  # the fourth way on: in an hour
    assert "已改期" in moved
    assert "11:03" in moved
    assert page.until("2026-11-26T11:03:00+01:00") == 1
    assert "对方已回复" in page.say("对方回复了")
    assert "之前已经结束" in page.say("对方回复了")
    assert "重新打开" in page.say("撤销")


def test_without_a_time_the_coach_goes_by_their_hours_to_the_end(page: Page) -> None:
    page.clock.at = dt.datetime.fromisoformat("2026-11-25T14:00:00+08:00")
    noted = page.say("I sent the contract to Zhang Wei, nudge me if he does not answer")
    assert "I go by their working hours" in noted
    cards = [day for day in range(25, 31) if page.until(f"2026-11-{day}T15:00:00+08:00")]
    assert cards == [25, 26, 30], "the same day, after one working day, after three; not at the week-end"
    assert page.until("2026-12-04T17:00:00+08:00") == 1
    assert "Decide: another plan, a visit, or close it" in page.open()
    assert page.until("2026-12-31T15:00:00+08:00") == 0
    assert "Nothing is open" in page.say("what is still open?")


def test_a_nudge_is_given_once_whatever_happens_in_between(page: Page) -> None:
    page.say("remind me tomorrow at 14:00 to call Mr Li")
    rounds = [page.until("2026-11-26T14:00:00+01:00") for _ in range(3)]
    assert rounds == [1, 0, 0]
    assert page.open().count('data-card="nudge"') == 1


def test_what_was_said_is_erased_with_its_follow_ups_and_contacts(page: Page) -> None:
    page.say("remind me tomorrow at 14:00 to call Mr Li")
    page.say("delete my data")
    page.say(choice="erase:yes")
    assert page.until("2026-11-26T14:00:00+01:00") == 0
    assert "Mr Li" not in page.open()
