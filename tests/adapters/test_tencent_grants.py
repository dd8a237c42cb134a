"""What the platforms grant: mass messages a month, messages a day, people who left and came back, a clock asked for once."""

from __future__ import annotations

import datetime as dt

import pytest
import structlog
from sqlalchemy import select, text

from adapters.wecom.markdown import marked
from adapters.wecom.render import ROBOT_MARKDOWN, messages, robot_messages
from bot.channel import Channel
from bot.db import reading, writing
from bot.delivery import outbox
from bot.errors import InDoubt, Rejected, TryLater, Unreachable
from bot.messages import Address, Card, Choice, Ready
from bot.people import directory
from bot.people.tables import AddressRow
from bot.vendors import quotas
from bot.wiring import App
from tests.adapters.tencent import AT, Make, client_of, drain, make, platform, post, wechat, wecom
from tests.conftest import NOW
from tests.fakes.tencent import Account, Platform

__all__ = ["make", "platform"]
MEMBER = Address(channel="wecom", external_id="ZhangSan", workspace="ww0001")
FOLLOWER = Address(channel="wechat", external_id="openid-1", workspace="wx0001")
EVERYBODY = Address(channel="wechat", external_id="all", workspace="wx0001")
TAGGED = Address(channel="wechat", external_id="tag:7", workspace="wx0001")
CARD = Card(id="x", kind="notice", lang="zh", text="本周一招：先问对方谁拍板。")
MASS, SEND = "/cgi-bin/message/mass/sendall", "/cgi-bin/message/send"


def row(app: App, address: Address) -> AddressRow:
    with reading(app.engine) as session:
        here = (AddressRow.channel == address.channel, AddressRow.external_id == address.external_id)
        return session.scalars(select(AddressRow).where(*here)).one()


def told(app: App, account: Account, xml: str) -> None:
    with client_of(app) as client:
        assert post(client, account, xml).status_code == 200
    drain(app)


# mass messages of the official account


def test_a_mass_message_goes_to_all_or_to_a_tag_and_carries_the_deliverys_number(make: Make, platform: Platform) -> None:
    channel = make().channels["wechat"]
    channel.send(EVERYBODY, CARD, "k1")
    channel.send(TAGGED, CARD, "k2")
    (path, first), (_, second) = platform.arrived
    assert path == MASS
    assert first["filter"] == {"is_to_all": True} and first["clientmsgid"] == "k1"
    assert second["filter"] == {"is_to_all": False, "tag_id": 7}
    assert first["text"]["content"] == CARD.text


def test_a_service_account_sends_four_mass_messages_a_calendar_month_in_beijing(make: Make, platform: Platform) -> None:
    clock = [NOW]
    channel = make(now=lambda: clock[0]).channels["wechat"]
    for number in range(4):
        channel.send(EVERYBODY if number % 2 else TAGGED, CARD, f"k{number}")
    with pytest.raises(Unreachable, match="no mass message"):
        channel.send(EVERYBODY, CARD, "k5")
    clock[0] = dt.datetime(2026, 11, 30, 16, 1, tzinfo=dt.UTC)  # the first of December there
    channel.send(EVERYBODY, CARD, "k6")
    assert len(platform.arrived) == 5


def test_a_subscription_account_sends_one_mass_message_a_day(make: Make, platform: Platform) -> None:
    clock = [NOW]
    channel = make(now=lambda: clock[0], WECHAT_KIND="subscription").channels["wechat"]
    channel.send(EVERYBODY, CARD, "k1")
    with pytest.raises(Unreachable):
        channel.send(EVERYBODY, CARD, "k2")
    clock[0] = NOW + dt.timedelta(days=1)
    channel.send(EVERYBODY, CARD, "k3")
    assert len(platform.arrived) == 2


def test_a_mass_message_whose_answer_was_lost_is_repeated_and_arrives_once(make: Make, platform: Platform) -> None:
    channel = make().channels["wechat"]
    channel.send(EVERYBODY, CARD, "k1")
    platform.faults[MASS] = ["html"]
    channel.send(EVERYBODY, CARD, "k1")  # the platform says that it has this one
    assert len(platform.arrived) == 1
    platform.faults[MASS] = ["drop", "drop"]
    with pytest.raises(InDoubt):
        channel.send(EVERYBODY, CARD, "k2")


def test_a_mass_message_is_one_text_and_an_uncertified_account_has_none(make: Make, platform: Platform) -> None:
    long = CARD.model_copy(update={"text": "这是一句不短也不长的话。" * 100})
    with pytest.raises(Rejected):
        make().channels["wechat"].send(EVERYBODY, long, "k1")
    with pytest.raises(Unreachable):
        make(WECHAT_CERTIFIED="").channels["wechat"].send(EVERYBODY, CARD, "k2")
    assert platform.arrived == []


def test_how_a_mass_message_went_is_logged_by_its_counts(make: Make) -> None:
    more = "<Status>send success</Status><TotalCount>100</TotalCount><SentCount>75</SentCount><ErrorCount>5</ErrorCount>"
    with structlog.testing.capture_logs() as lines:
        told(make(), wechat(), wechat().event("MASSSENDJOBFINISH", AT, more=more))
    assert any("SentCount 75" in str(line.get("report")) for line in lines)


# a day's messages of the WeCom app


def test_a_days_messages_are_counted_by_recipients_and_end_at_midnight_in_beijing(make: Make, platform: Platform) -> None:
    platform.groups["department:7"] = [f"m{number}" for number in range(150)]
    platform.groups["tag:3"] = [f"m{number}" for number in range(60)]
    clock = [NOW]
    app = make(now=lambda: clock[0], WECOM_ACCOUNTS="1")
    channel = app.channels["wecom"]
    channel.send(Address(channel="wecom", external_id="department:7"), CARD, "k1")
    with pytest.raises(TryLater) as refused:
        channel.send(Address(channel="wecom", external_id="tag:3"), CARD, "k2")
    assert NOW + dt.timedelta(seconds=refused.value.after) == dt.datetime(2026, 11, 23, 16, 0, tzinfo=dt.UTC)
    assert refused.value.ours, "a group that is too many for today keeps no member waiting"
    channel.send(MEMBER, CARD, "k3")
    assert quotas.today(app.engine, "wecom messages", NOW) == {"wecom messages to members": 151}
    clock[0] = NOW + dt.timedelta(seconds=refused.value.after)
    channel.send(Address(channel="wecom", external_id="tag:3"), CARD, "k2")
    assert len(platform.arrived) == 3


# who left, and who came back


def test_who_unsubscribes_has_left_until_they_subscribe_again_or_write(make: Make) -> None:
    app, account = make(), wechat()
    told(app, account, account.message("你好", AT))
    for back in (account.event("subscribe", AT + 10), account.message("我又来了", AT + 20)):
        told(app, account, account.event("unsubscribe", AT))
        assert row(app, FOLLOWER).left_at is not None
        told(app, account, back)
        assert row(app, FOLLOWER).left_at is None


def test_a_member_of_wecom_who_comes_back_is_there_though_greeted_before(make: Make) -> None:
    app, account = make(), wecom()
    for _ in range(2):
        told(app, account, account.event("subscribe", AT, who="ZhangSan"))
        assert row(app, MEMBER).left_at is None
        told(app, account, account.event("unsubscribe", AT, who="ZhangSan"))
        assert row(app, MEMBER).left_at is not None


@pytest.mark.parametrize(("address", "path", "code"), [(MEMBER, SEND, 81013), (FOLLOWER, "/cgi-bin/message/custom/send", 43004)])
def test_whom_the_platform_does_not_know_any_more_has_left(
    make: Make, platform: Platform, address: Address, path: str, code: int
) -> None:
    app = make()
    account = wecom() if address is MEMBER else wechat()
    told(app, account, account.message("你好", AT, who=address.external_id))
    platform.faults[path] = [code]
    with pytest.raises(Unreachable):
        app.channels[address.channel].send(address, CARD, "k1")
    assert row(app, address).left_at is not None


# where a member is


def asked(platform: Platform) -> int:
    return len([words for words in platform.texts("ZhangSan") if "你在哪个城市" in words])


def test_a_member_is_asked_once_where_they_are_and_the_answer_is_taken(make: Make, platform: Platform) -> None:
    app, account = make(), wecom()
    told(app, account, account.message("对方要独家代理，怎么办？", AT, who="ZhangSan"))
    assert asked(platform) == 1
    told(app, account, account.message("柏林", AT + 1, who="ZhangSan"))
    with reading(app.engine) as session:
        assert directory.find(session, "wecom:ZhangSan").zone == "Europe/Berlin"
    told(app, account, account.message("对方不回邮件", AT + 2, who="ZhangSan"))
    assert asked(platform) == 1


def test_who_does_not_say_where_they_are_is_not_asked_again_and_can_press_or_say_so_later(make: Make, platform: Platform) -> None:
    app, account = make(), wecom()
    for second, said in enumerate(("对方要独家代理，怎么办？", "在上海的客户要独家代理，怎么办？", "谢谢")):
        told(app, account, account.message(said, AT + second, who="ZhangSan"))
    assert asked(platform) == 1
    with reading(app.engine) as session:
        assert directory.find(session, "wecom:ZhangSan").zone is None, "their customer's place is not theirs"
    told(app, account, account.event("template_card_event", AT + 9, who="ZhangSan", key="clock:Asia/Shanghai"))
    with reading(app.engine) as session:
        assert directory.find(session, "wecom:ZhangSan").zone == "Asia/Shanghai"


# when a reminder can come

ASKED = "刚给客户发了报价，周四上午十点提醒我"


@pytest.mark.parametrize(("certified", "words"), [("true", "48 小时内主动联系你"), ("", "只能回复你")])
def test_a_follower_is_told_when_a_reminder_can_come_and_offered_another_channel(make: Make, certified: str, words: str) -> None:
    app, account = make(WECHAT_CERTIFIED=certified), wechat()
    with client_of(app) as client:
        answer = account.opened(post(client, account, account.message(ASKED, AT)))
    assert answer and words in answer["Content"], answer
    assert "绑定账号" in answer["Content"].rpartition("1. ")[2], "a choice of its own"


def test_a_member_of_wecom_is_told_nothing_of_windows(make: Make, platform: Platform) -> None:
    app, account = make(), wecom()
    told(app, account, account.message(ASKED, AT, who="ZhangSan"))
    assert any("周四" in words or "星期四" in words for words in platform.texts("ZhangSan"))
    assert not any("48 小时" in words for words in platform.texts("ZhangSan"))


def test_with_what_had_to_wait_comes_the_way_to_have_it_on_time(make: Make) -> None:
    app, account = make(), wechat()
    told(app, account, account.message("你好", AT))
    with writing(app.engine) as session:
        _, address = directory.at_address(session, FOLLOWER, NOW)
        outbox.put(session, address, CARD, NOW, "nudge", NOW).state = "held"
    with client_of(app) as client:
        answer = account.opened(post(client, account, account.message("谢谢", AT + 5)))
    assert answer and CARD.text in answer["Content"] and "改用企业微信或 Slack" in answer["Content"]


# the last word


def test_a_member_who_erases_themselves_gets_the_confirmation_and_nothing_of_them_stays(make: Make, platform: Platform) -> None:
    app, account = make(), wecom()
    platform.members["ZhangSan"] = "张三"
    for second, said in enumerate(("你好", "删除我的数据", "确定删除")):
        told(app, account, account.message(said, AT + second, who="ZhangSan"))
    assert "已删除" in platform.texts("ZhangSan")[-1]
    with reading(app.engine) as session:
        left = {table: session.scalar(text(f"SELECT count(*) FROM {table}")) for table in ("people", "addresses", "deliveries")}
    assert left == {"people": 0, "addresses": 0, "deliveries": 0}


# markdown


def test_a_room_reads_markdown_and_words_never_become_markup() -> None:
    card = CARD.model_copy(
        update={"verdict": "先别答应", "signal": "care", "say": [Ready(to="counterpart", text="我们再想想。")]}
    )
    (message,) = robot_messages(card)
    assert message["msgtype"] == "markdown"
    assert "**先别答应**" in message["markdown"]["content"] and "> 我们再想想。" in message["markdown"]["content"]
    for hostile in ("[点这里](http://evil.example)", "**假**", "> 假引文", "# 假标题", "<font color='info'>假</font>", "`假`"):
        spoken = CARD.model_copy(update={"text": hostile})
        assert marked(spoken) is None
        assert robot_messages(spoken) == [{"msgtype": "text", "text": {"content": hostile}}]


def test_long_markdown_is_cut_below_the_robots_limit_and_nothing_is_lost() -> None:
    long = CARD.model_copy(update={"text": "这是一句不短也不长的话。" * 400})
    sent = [message["markdown"]["content"] for message in robot_messages(long)]
    assert len(sent) > 1 and all(len(text.encode()) <= ROBOT_MARKDOWN for text in sent)
    assert "".join("".join(sent).split()) == long.text


def test_members_get_markdown_only_where_the_operator_says_so(make: Make, platform: Platform) -> None:
    for setting, kind in (("", "text"), ("true", "markdown")):
        channel: Channel = make(WECOM_MARKDOWN=setting).channels["wecom"]
        channel.send(MEMBER, CARD, f"k{kind}")
        assert platform.arrived[-1][1]["msgtype"] == kind
    card = CARD.model_copy(update={"text": "一段话。" * 100, "choices": [Choice(id="done", title="完成了")]})
    sent = messages(card, "k" * 32, unprompted=True, markdown=True)
    assert [message["msgtype"] for message in sent] == ["markdown", "template_card"]
    assert len(sent[0]["markdown"]["content"].encode()) <= 2_048
