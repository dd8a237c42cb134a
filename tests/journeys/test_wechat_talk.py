"""In Chinese, on the official account and in WeCom: a question, a flow by numbers, a reminder, linking; on both databases."""

from __future__ import annotations

import datetime as dt
import itertools
import re

from sqlalchemy import select

from bot.db import reading, writing
from bot.delivery import outbox
from bot.delivery.engine import Worker
from bot.messages import Address, Card, Choice
from bot.people import directory
from bot.people.tables import AddressRow
from bot.wiring import App
from tests.adapters.tencent import AT, Make, client_of, drain, make, platform, post, wechat, wecom
from tests.conftest import NOW
from tests.fakes.tencent import Account, Platform

__all__ = ["make", "platform"]
FORBIDDEN = re.compile("亲|宝宝|您好呀|喔|哒|！！")
"""What no polite colleague writes."""


class Talk:
    """One person on one channel; `say` gives the words that come back, however they come."""

    def __init__(self, app: App, platform: Platform, account: Account, who: str) -> None:
        self._app, self._platform, self._account, self._who = app, platform, account, who
        self._client = client_of(app, patience=60)
        self._moments = itertools.count(int(AT))

    def say(self, words: str) -> str:
        xml = self._account.message(words, next(self._moments), who=self._who)
        before = len(self._platform.arrived)
        reply = post(self._client, self._account, xml)
        assert reply.status_code == 200
        carried = self._account.opened(reply)
        drain(self._app)
        sent = self._platform.texts(self._who)[
            len([1 for _, b in self._platform.arrived[:before] if b.get("touser") == self._who]) :
        ]
        found = "\n".join([carried["Content"]] if carried else sent)
        assert found and not FORBIDDEN.search(found), found
        return found


def test_a_question_and_a_flow_by_numbers_on_the_official_account(make: Make, platform: Platform) -> None:
    app = make()
    me = Talk(app, platform, wechat(), "openid-li")
    assert app.kb.cards["exclusivity-request"].verdict.zh in me.say("对方要独家代理，怎么办？")
    shown = me.say("看看我的情况：" + app.kb.flows["exclusivity"].title.zh)
    ends = [verdict.text.zh for verdict in app.kb.flows["exclusivity"].verdicts.values()]
    for _ in range(8):
        if any(end in shown for end in ends):
            break
        assert re.search(r"(?m)^1\. ", shown), f"nothing to choose by number: {shown}"
        shown = me.say("1")
    assert any(end in shown for end in ends), shown
    assert platform.arrived == [], "all of it in replies"


def test_the_same_in_wecom_by_buttons(make: Make, platform: Platform) -> None:
    app = make()
    me = Talk(app, platform, wecom(), "LiLei")
    assert app.kb.cards["exclusivity-request"].verdict.zh in me.say("对方要独家代理，怎么办？")
    assert platform.arrived[-1][1]["msgtype"] == "template_card"
    assert all(len(text.encode()) <= 2_048 for text in platform.texts("LiLei"))


def test_from_a_follower_to_a_reminder_that_comes_in_wecom_on_time(make: Make, platform: Platform) -> None:
    app = make()
    follower, member = Talk(app, platform, wechat(), "openid-li"), Talk(app, platform, wecom(), "LiLei")
    member.say("你好")
    code = re.search(r"[2-9A-Z]{3} [2-9A-Z]{3}", follower.say("绑定企业微信"))
    assert code
    assert "绑定成功" in member.say(f"我的绑定码是{code[0]}")
    assert "好的，以后提醒发到企业微信" in member.say("提醒发到企业微信")
    with reading(app.engine) as session:
        owners = set(session.scalars(select(AddressRow.person_id)))
    assert len(owners) == 1
    nudge = Card(
        id="nudge",
        kind="notice",
        lang="zh",
        text="该跟进李经理的报价了。",
        choices=[Choice(id="command:followup-list", title="我的跟进")],
    )
    with writing(app.engine) as session:
        _, row = directory.at_address(session, Address(channel="wecom", external_id="LiLei"), NOW)
        outbox.put(session, row, nudge, NOW + dt.timedelta(days=4), "nudge", NOW)
    Worker(app.engine, app.channels, app.now).once(NOW + dt.timedelta(days=4))
    assert "该跟进李经理的报价了。" in platform.texts("LiLei")[-1]


def test_a_reminder_that_may_not_be_sent_is_the_first_thing_they_see(make: Make, platform: Platform) -> None:
    app = make()
    follower = Talk(app, platform, wechat(), "openid-li")
    follower.say("你好")
    nudge = Card(id="nudge", kind="notice", lang="zh", text="该跟进李经理的报价了。")
    later = NOW + dt.timedelta(days=4)
    with writing(app.engine) as session:
        _, row = directory.at_address(session, Address(channel="wechat", external_id="openid-li"), NOW)
        outbox.put(session, row, nudge, later, "nudge", NOW)
    after = make(now=lambda: later)
    Worker(after.engine, after.channels, after.now).once(later)
    assert platform.arrived == []
    account = wechat()
    with client_of(after) as client:
        first = account.opened(
            post(client, account, account.message("谢谢", later.timestamp(), who="openid-li", name="thanks"), later.timestamp())
        )
    assert first and first["Content"].index("该跟进李经理") < first["Content"].index("不客气")
