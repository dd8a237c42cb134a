"""A weekly tip to a Slack room, a WeCom department and people of the web chat, at everybody's own 9:30, through real HTTP."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.broadcasts import consent
from bot.db import reading, writing
from bot.delivery import shown
from bot.messages import Address
from bot.people import directory
from bot.settings import read_settings
from knowledge.load import KnowledgeBase
from tests.adapters.tencent import WECOM, platform
from tests.broadcasting import House
from tests.conftest import KEYS
from tests.fakes import slack_says
from tests.fakes.block_rules import words
from tests.fakes.slack import FakeSlack
from tests.fakes.tencent import Platform

__all__ = ["platform"]
SEGMENT = "slack:room:C1,wecom:department:2,role:member"
THURSDAY = dt.date(2026, 11, 26)
"""Thanksgiving: the United States rest, Germany and China work."""


@pytest.fixture
def house(tmp_path: Path, engine: Engine, kb: KnowledgeBase, slack: FakeSlack, platform: Platform) -> House:
    """Slack, WeCom and the web; the admin writes in Slack and lives in Berlin."""
    of_slack = {"CAUCUS_SLACK_SIGNING_SECRET": slack_says.SECRET, "CAUCUS_SLACK_BOT_TOKEN": "xoxb-one"}
    of_wecom = {f"CAUCUS_WECOM_{name}": value for name, value in WECOM.items()}
    urls = {"CAUCUS_SLACK_API_URL": slack.api_url, "CAUCUS_WECOM_API_URL": platform.url}
    own = {"CAUCUS_DATA_DIR": str(tmp_path), "CAUCUS_SECRET_KEYS": KEYS[0]}
    house = House(read_settings({**own, **of_slack, **of_wecom, **urls}), engine, kb, None)
    house.person("slack:T1/ADMIN", role="admin", zone="Europe/Berlin", lang="en")
    house.person("web:berlin", zone="Europe/Berlin", lang="en")
    house.person("web:shanghai", zone="Asia/Shanghai", lang="zh")
    house.person("web:newyork", zone="America/New_York", lang="en")
    house.person("web:outed", zone="Europe/Berlin", lang="en")
    with writing(engine) as session:
        consent.opt_out(session, directory.find(session, "web:outed"), house.now)
    platform.groups["department:2"] = ["ZhangSan", "LiSi"]
    return house


def on_page(house: House, who: str) -> list[str]:
    """What a page shows of what came unasked."""
    with reading(house.engine) as session:
        return [
            answer.cards[0].text
            for _, answer in shown.pushed(
                session, Address(channel="web", external_id=who), dt.datetime.min.replace(tzinfo=dt.UTC)
            )
        ]


def at(hour: int, minute: int, day: dt.date = THURSDAY) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), dt.UTC)


def test_a_weekly_tip_comes_at_everybodys_half_past_nine_and_the_report_says_what_arrived(
    house: House, slack: FakeSlack, platform: Platform, kb: KnowledgeBase
) -> None:
    broadcast = house.draft(segment=SEGMENT, theme="internal-negotiation")
    seen = house.act(broadcast, "preview", cron="30 9 * * thu", zone="local")
    assert seen["problems"] == []
    assert (seen["audience"], seen["opted_out"], seen["off"]) == (5, 1, 1)
    assert {one["channel"]: one["recipients"] for one in seen["channels"] if one["recipients"]} == {
        "slack": 1,
        "web": 3,
        "wecom": 2,
    }
    house.act(broadcast, "start", cron="30 9 * * thu", zone="local")
    tip = kb.cards[kb.by_theme["internal-negotiation"][0].id].tips[0]

    house.work(at(19, 30, THURSDAY - dt.timedelta(days=1)))  # the first clock on earth says Thursday, 9:30
    house.work(at(1, 29))
    assert (slack.posts, platform.arrived, on_page(house, "shanghai")) == ([], [], [])
    house.work(at(1, 30))  # 9:30 in China
    assert sorted(body["touser"] for _, body in platform.arrived) == ["LiSi", "ZhangSan"]
    assert all(tip.zh in json.dumps(body, ensure_ascii=False) for _, body in platform.arrived)
    assert on_page(house, "shanghai") == [tip.zh]
    assert (slack.posts, on_page(house, "berlin")) == ([], [])
    house.work(at(8, 30))  # 9:30 in Berlin
    (post,) = slack.posts
    assert post["channel"] == "C1"
    assert tip.en in " ".join(words(block) for block in post["blocks"])
    assert "shared" not in json.dumps(post["blocks"])
    assert on_page(house, "berlin") == [tip.en]
    house.work(at(14, 30))  # 9:30 in New York, where nobody works today
    house.work(at(21, 0))
    assert (on_page(house, "newyork"), on_page(house, "outed")) == ([], [])

    told = house.act(broadcast, "report")
    arrived = (
        len(slack.posts)
        + len(platform.arrived)
        + sum(len(on_page(house, who)) for who in ("berlin", "shanghai", "newyork", "outed"))
    )
    assert (told["sent"], told["reach"], arrived) == (5, 5, 5)
    assert (told["waiting"], told["failed"], told["in_doubt"], told["opted_out"], told["off"]) == (0, 0, 0, 1, 1)
    assert told["state"] == "scheduled"

    week = dt.timedelta(days=7)
    for hour, minute in ((1, 30), (8, 30), (14, 30)):
        house.work(at(hour, minute, THURSDAY + week))
    assert len(on_page(house, "newyork")) == 1
    assert len(set(on_page(house, "berlin"))) == 2
    assert house.act(broadcast, "status")["sent"] == 11


def test_a_department_that_is_none_and_a_room_we_are_not_in_are_said(house: House, slack: FakeSlack, platform: Platform) -> None:
    platform.faults["/cgi-bin/user/simplelist"] = [60003]
    nobody = house.draft(segment="wecom:department:77")
    from bot.errors import Refused

    with pytest.raises(Refused, match="no department 77"):
        house.act(nobody, "preview")
    other = house.draft(segment="slack:room:C404")
    house.act(other, "start")
    house.work()
    told = house.act(other, "status")
    assert (told["sent"], told["failed"], slack.posts) == (0, 1, [])
