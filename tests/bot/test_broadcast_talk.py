"""Broadcasts by chat: a confirmation that names audience and size, then a press; members are not concerned."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine, func, select

from bot.broadcasts import consent
from bot.broadcasts.broadcast_tables import BroadcastRow
from bot.db import reading, writing
from bot.messages import Address, Answer, Inbound
from bot.people import directory
from bot.settings import Settings
from knowledge.load import KnowledgeBase
from tests.broadcasting import MONDAY, SAYS, House, Post

ADMIN = Address(channel="web", external_id="admin")


@pytest.fixture
def house(settings: Settings, engine: Engine, kb: KnowledgeBase) -> House:
    house = House(settings, engine, kb, {"web": Post("web")})
    house.person("web:admin", role="admin", zone="Europe/Berlin", lang="en")
    house.person("web:li", zone="Asia/Shanghai", lang="zh")
    return house


def tell(house: House, text: str = "", *, choice: str = "", message: str = "", who: Address = ADMIN) -> Answer:
    name = message or f"{text}{choice}"[:200]
    return house.app.receive(Inbound(address=who, message_id=name, text=text, choice=choice, received_at=house.now))


WRITTEN = f"broadcast to workspace\n{SAYS['en']}\n---\n{SAYS['zh']}"


def test_a_draft_is_confirmed_with_its_audience_and_size_before_anything_is_sent(house: House) -> None:
    (card,) = tell(house, WRITTEN).cards
    assert card.title == "Send this to 2 people?"
    assert "workspace (2 people: web 2)" in card.text
    assert SAYS["zh"] in card.text
    house.work()
    channel = house.app.channels["web"]
    assert isinstance(channel, Post)
    assert channel.got == []
    (card,) = tell(house, choice=card.choices[0].id).cards
    assert card.text.startswith("Being sent")
    house.work()
    assert channel.who == ["admin", "li"]


def test_the_same_in_chinese_and_by_number(house: House) -> None:
    with writing(house.engine) as session:
        directory.find(session, "web:admin").lang = "zh"
    (card,) = tell(house, f"群发给 lang:zh 于 2026-11-24T09:30\n{SAYS['zh']}\n---\n{SAYS['en']}").cards
    assert card.title == "确定发给 2 个人吗？"
    assert "2026-11-24 09:30（每个人的当地时间）" in card.text
    (card,) = tell(house, "1").cards
    assert card.text.startswith("已排期")


def test_a_repeated_message_makes_one_draft(house: House) -> None:
    first, again = tell(house, WRITTEN, message="m1"), tell(house, WRITTEN, message="m1")
    assert first == again
    with reading(house.engine) as session:
        assert session.scalar(select(func.count()).select_from(BroadcastRow)) == 1


def test_what_cannot_be_is_said(house: House) -> None:
    assert "no such segment" in tell(house, f"broadcast to everyone\n{SAYS['en']}\n---\n{SAYS['zh']}").cards[0].text
    assert "both texts" in tell(house, "broadcast to workspace\nonly English").cards[0].text
    assert "nobody would get it" in tell(house, f"broadcast to role:curator\n{SAYS['en']}\n---\n{SAYS['zh']}").cards[0].text
    assert "broadcast to SEGMENT" in tell(house, "broadcast").cards[0].text


def test_it_is_paused_looked_at_and_cancelled_by_buttons(house: House) -> None:
    (card,) = tell(house, WRITTEN).cards
    (card,) = tell(house, choice=card.choices[0].id).cards
    press = {choice.title: choice.id for choice in card.choices}
    assert tell(house, choice=press["Pause"]).cards[0].text.startswith("Paused")
    assert tell(house, choice=press["Cancel"]).cards[0].text.startswith("Cancelled")
    house.work()
    assert "cancelled 2" in tell(house, choice=press["How far is it?"], message="later").cards[0].text


def test_a_member_is_no_sender_of_broadcasts(house: House) -> None:
    li = Address(channel="web", external_id="li")
    (card,) = tell(house, choice="bc:cancel:" + "0" * 32, who=li).cards
    assert card.id == "stale"
    with reading(house.engine) as session:
        assert session.scalar(select(func.count()).select_from(BroadcastRow)) == 0


def test_a_reader_votes_and_opts_out_by_buttons(house: House) -> None:
    broadcast = house.draft(by="web:admin")
    run = house.act(broadcast, "start", by="web:admin")["each"][0]["run"]
    house.work()
    li = Address(channel="web", external_id="li")
    assert tell(house, choice=f"bc:useful:{run}", who=li).cards[0].text == "谢谢，已记下。"
    assert "订阅小贴士" in tell(house, choice=f"bc:stop:{run}", who=li).cards[0].text
    with reading(house.engine) as session:
        assert consent.opted_out(session, directory.find(session, "web:li").id)
    assert house.act(broadcast, "report", by="web:admin")["useful"] == 1
    house.now = MONDAY + dt.timedelta(hours=1)
    other = house.draft(by="web:admin")
    assert house.act(other, "preview", by="web:admin")["opted_out"] == 1
