"""What is kept about me, asked in the talk: only one's own question is taken for it, only oneself is told, in true numbers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from bot.conversations.my_data_asked import LONGEST, asked_for
from bot.db import reading, writing
from bot.messages import Address, Card, Inbound
from bot.people import directory, signin
from bot.people.data_map import DATA_MAP, SAID_DAYS
from bot.people.export import counts, export
from bot.settings import Settings
from bot.wiring import App
from tests.conftest import NOW

SLACK = Address(channel="slack", external_id="T1/U1", workspace="T1")
WEB = Address(channel="web", external_id="anna")
TERMINAL = Address(channel="terminal", external_id="anna")
SITE = "https://coach.example"
ASKED = """
export my data
Export my data please.
please export all my data
send me everything you have on me
Send me all you have about me
what do you know about me?
What do you know about me
what data do you have about me
what information do you store about me?
what have you stored about me
what is stored about me here?
download my data
Download all my personal data as a JSON file
can I download my data?
how do I export my data
how can I get a copy of my data?
I'd like a copy of all my data
I want to see what you know about me
I want my data
give me my data
show me everything you've saved on me
tell me what you remember about me
do you keep my data?
do you store any data about me
how long do you keep my data?
how long is my data kept
my data
GDPR access request
Under Article 15 GDPR I request access to my personal data
data export
export my data and then delete everything
before you delete it, send me my data
let me see my data
export my chats
i would like to know what data you hold about me
What exactly do you know about me?
What have you got on me?
pls send my data to me
what do u know about me
which data do you have on me
can you show me what you have on file about me
What personal data have you collected about me?
everything you know about me
I'd like to export my data
could you email me a copy of my personal information
导出我的数据
把我的资料发给我
你存了我哪些信息
你存了我哪些信息？
您保存了我的哪些信息？
帮我导出我的数据
请把我的数据导出给我
我想导出我的数据
我要下载我的个人数据
怎么导出我的数据？
你都知道我什么？
你知道我哪些信息
你知道关于我的什么
你有我的哪些资料
你这里有我哪些信息
你们保存了哪些关于我的信息？
你记录了我什么
关于我你知道些什么？
把你存的关于我的资料都发给我
把你知道的关于我的一切都给我
我的哪些信息被保存了？
我的数据会保存多久？
你有没有保存我的聊天记录
能不能把我的聊天记录导出来
个人数据导出
導出我的資料
可以把我的所有数据打包发给我吗？
我想看看你存了我哪些数据
查看我的个人信息
你收集了我的哪些个人信息？
我的数据怎么导出？
系统里存了我什么信息
你手里有我多少资料
我能看看你记了我些什么吗
先把我的数据导出来
麻烦发我一份我的数据
我的资料能导出吗
你对我了解多少
你了解我多少
""".strip().splitlines()
NOT_ASKED = """
they want all our data
should I export our customer data to them?
should I export my data to them?
they ask me to export my data
send them my data
what do they know about me?
what do you know about Mr Li?
what do you know about mediation
send me everything you have on guanxi
should I send my data to the buyer
they want me to send my data
give them everything you have on me
delete my data
my data was leaked to a competitor
Should I hand over my technical data?
they asked what data we store about them
what do you know about exclusivity?
how long do they keep my data
对方要我们把数据导出给他们
对方要我的资料
他们要看我的资料，给吗
要不要把我的资料发给他
把我的资料发给客户
能把我们的客户资料导出吗
你知道对方什么信息
你对李经理了解多少
我的资料被他们泄露了
对方问我们存了哪些客户信息
图纸该不该发给他们
他们想拿走我的数据
对方让我把我的数据发给他们
删除我的数据
你知道什么是独家吗
我要把资料发给他们吗
他存了我哪些信息
客户要我导出数据给他
把我的图纸发给我
你有什么建议
show my follow-ups
what do you know
my questions
""".strip().splitlines()
_numbers = count()


@pytest.fixture
def public(settings: Settings, build_app: Callable[..., App]) -> App:
    """The app with pages that others can reach."""
    return build_app(settings=settings.model_copy(update={"public_url": SITE}))


def say(app: App, said: str, at: Address = SLACK, now: dt.datetime = NOW, **more: Any) -> Card:
    """The card that answers."""
    inbound = Inbound(address=at, message_id=f"m{next(_numbers)}", text=said, received_at=now, **more)
    return app.coach.receive(inbound).cards[0]


@pytest.mark.parametrize("said", ASKED)
def test_the_ways_people_ask_for_their_own_data(said: str) -> None:
    assert asked_for(said)


@pytest.mark.parametrize("said", [*NOT_ASKED, "export my data " * 20, ""])
def test_a_question_for_the_cards_is_left_to_them(said: str) -> None:
    assert not asked_for(said)


@pytest.mark.parametrize(
    "said",
    [
        "please " * 25 + "x",
        "show me what you" + " have" * 25 + " about",
        "给我" * 60 + "x",
        "全部" * 70 + "我的",
        "我的资料" + "发给我" * 45 + "x",
        "发" * 150,
        "my " * 50,
    ],
)
def test_words_that_nearly_fit_cost_no_time(said: str) -> None:
    began = dt.datetime.now(dt.UTC)
    assert not asked_for(said[:LONGEST])
    assert dt.datetime.now(dt.UTC) - began < dt.timedelta(seconds=0.5)


@pytest.mark.parametrize(
    "said",
    ["they want all our data", "should I export our customer data to them?", "对方要我们把数据导出给他们"],
)
def test_such_a_question_is_answered_from_the_cards(app: App, said: str) -> None:
    assert not say(app, said, WEB).id.startswith("my-data")


def used(app: App, at: Address) -> None:
    """Somebody with a bit of everything."""
    say(app, "They asked for exclusivity, what do I say?", at)
    say(app, "qwertz asdf zebra", at)
    say(app, "remind me tomorrow at 10 to call Mr Li", at)
    say(app, "I am in Berlin", at)
    say(app, "send me a tip every week", at)


def test_the_card_tells_in_numbers_what_is_kept_and_for_how_long(app: App) -> None:
    used(app, WEB)
    say(app, "blue walrus", Address(channel="web", external_id="ben"))
    card = say(app, "what do you know about me?", WEB)
    assert card.id == "my-data.web"
    said = re.search(r"Questions and answers: (\d+)\. Your words go after (\d+) days, the answers (\d+) days", card.text)
    assert said and [int(n) for n in said.groups()] == [5, SAID_DAYS, DATA_MAP["conversations"].days]
    assert "Follow-ups: 1 (1 open). Each goes 365 days" in card.text
    assert "Counterparts: 1," in card.text
    assert "passed to the curators: 1, for 180 days" in card.text
    assert "Where I know you: the web chat." in card.text
    assert "Tips: one a week." in card.text
    assert "time zone" in card.text
    assert "Mr Li" not in card.text
    assert "delete my data" in card.text


def test_it_is_told_in_chinese_too(public: App) -> None:
    used(public, SLACK)
    card = say(public, "你存了我哪些信息？")
    assert card.title == "我保存了你的哪些信息"
    assert "问答：5 条" in card.text and "跟进：1 件（1 件未完成）" in card.text and "小贴士：每周一条" in card.text
    assert "你在这些地方和我说过话：Slack。" in card.text
    assert f"{SITE}/sign-in/" in card.text


def test_of_a_stranger_next_to_nothing_is_kept(app: App) -> None:
    card = say(app, "export my data", WEB)
    assert "Questions" not in card.text
    assert "Where I know you: the web chat." in card.text


def test_the_numbers_are_those_of_the_file(app: App) -> None:
    used(app, WEB)
    with reading(app.engine) as session:
        person = directory.known(session, WEB)
        assert counts(session, person) == {table: len(rows) for table, rows in export(session, person).items()}


def test_where_there_are_pages_a_link_leads_to_the_file(public: App) -> None:
    card = say(public, "export my data")
    found = re.search(rf"{SITE}/sign-in/([\w-]{{43}})\?to=/me$", card.text, re.MULTILINE)
    assert found
    with reading(public.engine) as session:
        fate, person = signin.fate(session, found[1], NOW)
        assert fate == "open" and person and person.id == directory.known(session, SLACK).id
    told = [say(public, "export my data").text for _ in range(signin.MOST_OPEN)]
    assert "/sign-in/" not in told[-1] and "several links" in told[-1]


def test_where_there_are_none_an_admin_has_the_command(app: App) -> None:
    assert "ask whoever runs Caucus. They type:\n\ncaucus person export slack:T1/U1" in say(app, "export my data").text
    assert "请联系管理员，他们可以运行：\n\ncaucus person export slack:T1/U1" in say(app, "导出我的数据").text


def test_at_a_terminal_the_command_is_at_hand(public: App) -> None:
    card = say(public, "export my data", TERMINAL, room="a-sitting")
    assert "type on this machine:\n\ncaucus person export terminal:anna > my-data.json" in card.text


@pytest.mark.parametrize(("said", "word"), [("what do you know about me?", "direct message"), ("导出我的数据", "私下")])
def test_in_a_room_and_through_a_key_nothing_is_told(public: App, said: str, word: str) -> None:
    used(public, SLACK)
    card = say(public, said, room="C1/17.1")
    assert word in card.text and not re.search(r"\d|sign-in", card.text)
    key = say(public, said, Address(channel="api", external_id="key"))
    assert key.id == "my-data.elsewhere" and not re.search(r"\d|sign-in", key.text)


def test_somebody_of_another_organisation_gets_numbers_and_no_link(public: App) -> None:
    card = say(public, "export my data", outsider=True)
    assert "/sign-in/" not in card.text and "caucus person export slack:T1/U1" in card.text


def test_it_is_answered_in_the_middle_of_a_choice_too(app: App) -> None:
    with writing(app.engine) as session:
        directory.at_address(session, WEB, NOW)
    say(app, "delete my data", WEB)
    assert say(app, "send me my data first", WEB).id == "my-data.web"
