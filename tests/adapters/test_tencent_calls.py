"""Calls to the platforms: one token for everybody, once more after a stale one, nothing sent that was not, nothing told that is secret."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
import threading

import pytest
import structlog

from adapters.tencent.api import Http
from adapters.wechat import render as render_wechat
from adapters.wechat.send import WeChat
from adapters.wecom.render import messages
from adapters.wecom.send import WeCom
from bot.channel import Channel
from bot.cli.rounds import Rounds
from bot.db import reading, writing
from bot.delivery import outbox
from bot.delivery.engine import Worker
from bot.delivery.tables import DeliveryRow
from bot.errors import InDoubt, OutsideWindow, Rejected, TryLater, Unreachable
from bot.messages import Address, Card, Choice
from bot.people import directory
from bot.vendors import quotas, windows
from bot.wiring import App
from tests.adapters.tencent import AT, Make, client_of, make, platform, post, wechat
from tests.conftest import NOW, REPO
from tests.fakes.tencent import Platform

__all__ = ["make", "platform"]
MEMBER = Address(channel="wecom", external_id="ZhangSan", workspace="ww0001")
FOLLOWER = Address(channel="wechat", external_id="openid-1", workspace="wx0001")
CARD = Card(id="x", kind="notice", lang="zh", text="该跟进李经理的报价了。")
SEND, CUSTOM = "/cgi-bin/message/send", "/cgi-bin/message/custom/send"


def spoken(app: App, said: str = "你好") -> None:
    """A follower has just written."""
    with client_of(app) as client:
        account = wechat()
        assert post(client, account, account.message(said, AT)).status_code == 200


def later(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def put(app: App, address: Address, card: Card, kind: str = "nudge") -> str:
    with writing(app.engine) as session:
        _, row = directory.at_address(session, address, NOW)
        return outbox.put(session, row, card, NOW, kind, NOW).id


def state(app: App, delivery: str) -> tuple[str, str | None]:

    with reading(app.engine) as session:
        row = session.get(DeliveryRow, delivery)
        assert row
        return row.state, row.reason


def test_threads_of_four_processes_make_one_token_fetch(platform: Platform, engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.fakes.token_user", url, platform.url, "16"]
    processes = [subprocess.Popen(command, cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for process in processes:
        assert process.stdout and process.stdout.readline().strip() == "ready"
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    tokens = [json.loads(process.communicate(timeout=60)[0].splitlines()[-1]) for process in processes]
    assert [len(found) for found in tokens] == [16, 16, 16, 16]
    assert len({token for found in tokens for token in found}) == 1
    assert platform.fetches["wx0001"] == 1


def test_a_token_is_exchanged_early_and_once(make: Make, platform: Platform) -> None:
    clock = [NOW]
    app = make(now=lambda: clock[0])
    channel = app.channels["wecom"]
    for seconds in (0, 60, 6_000, 6_950, 7_000):  # it holds 7,200 and is exchanged 300 before
        clock[0] = later(seconds)
        channel.send(MEMBER, CARD, f"k{seconds}")
    assert platform.fetches["ww0001"] == 2


@pytest.mark.parametrize("stale", [40001, 40014, 42001])
def test_a_stale_token_is_exchanged_and_the_message_sent_once(make: Make, platform: Platform, stale: int) -> None:
    app = make()
    spoken(app)
    channel = app.channels["wechat"]
    platform.faults[CUSTOM] = [stale]
    channel.send(FOLLOWER, CARD, "k1")
    assert len(platform.arrived) == 1
    assert platform.fetches["wx0001"] == 2


def test_a_lasting_refusal_is_two_calls_and_a_clear_failure(make: Make, platform: Platform) -> None:
    app = make()
    platform.lasting[SEND] = 40001
    with structlog.testing.capture_logs() as lines, pytest.raises(TryLater):
        app.channels["wecom"].send(MEMBER, CARD, "k1")
    assert [path for path, _ in platform.calls].count(SEND) == 2
    assert platform.fetches["ww0001"] <= 2
    assert any("secret" in str(line.get("advice")) for line in lines)


def test_a_token_refused_again_and_again_is_forced_seldom(make: Make, platform: Platform) -> None:
    app = make()
    spoken(app)
    platform.lasting[CUSTOM] = 40001
    for number in range(4):
        with pytest.raises(TryLater):
            app.channels["wechat"].send(FOLLOWER, CARD, f"k{number}")
    forced = [body for path, body in platform.calls if path.endswith("stable_token") and body["force_refresh"]]
    assert len(forced) == 1, "30 seconds lie between two"


def test_an_address_that_is_not_on_the_list_is_told_to_the_operator(make: Make, platform: Platform) -> None:
    app = make()
    spoken(app)
    platform.lasting["/cgi-bin/stable_token"] = 40164
    with pytest.raises(TryLater, match="IP list"):
        app.channels["wechat"].send(FOLLOWER, CARD, "k1")
    platform.lasting[SEND] = 60020
    with structlog.testing.capture_logs() as lines, pytest.raises(TryLater):
        app.channels["wecom"].send(MEMBER, CARD, "k1")
    assert any("trusted IPs" in str(line.get("advice")) for line in lines)


@pytest.mark.parametrize(
    ("fault", "error"),
    [("html", InDoubt), ("drop", InDoubt), ("500", InDoubt), ("503", TryLater), ("429", TryLater), (-1, TryLater)],
)
def test_what_is_not_the_platforms_word_does_not_count_as_sent(make: Make, platform: Platform, fault, error) -> None:
    app = make()
    platform.faults[SEND] = [fault]
    with pytest.raises(error):
        app.channels["wecom"].send(MEMBER, CARD, "k1")


def test_a_call_that_does_no_harm_twice_is_repeated_once_when_its_answer_is_lost(make: Make, platform: Platform) -> None:
    app = make()
    api = app.tencent.wecom_api
    assert api
    platform.faults["/cgi-bin/agent/get"] = ["500"]
    assert api.call("agent/get", agentid="1000002")["errcode"] == 0
    platform.faults["/cgi-bin/agent/get"] = ["500", "drop"]
    with pytest.raises(InDoubt):
        api.call("agent/get", agentid="1000002")
    assert [path for path, _ in platform.calls].count("/cgi-bin/agent/get") == 4


def test_every_call_has_an_end(make: Make, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.slowness = 2.0
    http = Http(platform.url, timeout=(0.2, 0.2))
    platform.faults["/cgi-bin/stable_token"] = ["slow"]
    with pytest.raises(InDoubt):
        http.call("/cgi-bin/stable_token", {"appid": "wx0001"})
    with pytest.raises(TryLater):
        Http("http://127.0.0.1:9", timeout=(0.2, 0.2)).call("/cgi-bin/stable_token", {})


def test_no_secret_reaches_a_log_or_an_error(make: Make, platform: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    app = make()
    platform.lasting["/cgi-bin/gettoken"] = "drop"
    with structlog.testing.capture_logs() as lines, pytest.raises(TryLater) as caught:
        app.channels["wecom"].send(MEMBER, CARD, "k1")
    chain, error = "", caught.value
    while error:
        chain, error = chain + repr(error), error.__context__ if not error.__suppress_context__ else error.__cause__
    for told in (chain, repr(lines), capsys.readouterr().err):
        assert "wecom-secret" not in told
        assert "跟进李经理" not in told


def test_a_member_the_platform_calls_invalid_is_unreachable_though_the_code_is_zero(make: Make, platform: Platform) -> None:
    platform.invalid.add("ZhangSan")
    app = make()
    with pytest.raises(Unreachable):
        app.channels["wecom"].send(MEMBER, CARD, "k1")
    delivery = put(app, MEMBER, CARD)
    Worker(app.engine, app.channels, app.now).once(NOW)
    assert state(app, delivery) == ("failed", "Unreachable")


def test_departments_tags_and_rooms_are_addresses(make: Make, platform: Platform) -> None:
    channel = make().channels["wecom"]
    for name in ("department:7", "tag:3", "robot:sales"):
        channel.send(Address(channel="wecom", external_id=name), CARD, f"key-{name}")
    (_, department), (_, tag), (path, room) = platform.arrived
    assert department["toparty"] == "7" and "touser" not in department
    assert tag["totag"] == "3"
    assert path == "/cgi-bin/webhook/send" and room["markdown"]["content"] == CARD.text
    with pytest.raises(Unreachable):
        channel.send(Address(channel="wecom", external_id="robot:nobody"), CARD, "k9")


def test_our_own_pace_stays_below_what_the_platform_drops(make: Make, platform: Platform) -> None:
    clock = [NOW]
    channel = make(now=lambda: clock[0]).channels["wecom"]
    sent: list[float] = []
    refused: list[TryLater] = []
    for second in range(0, 600, 2):
        clock[0] = later(second)
        try:
            channel.send(MEMBER, CARD, f"k{second}")
            sent.append(second)
        except TryLater as error:
            refused.append(error)
    assert max(len([s for s in sent if start <= s < start + 60]) for start in range(540)) <= 30
    assert len(sent) >= 100
    assert all(error.ours for error in refused), "it is no wait of the platform's, so nobody else has to"


def test_what_comes_unasked_is_dropped_by_the_platform_when_it_comes_twice(make: Make, platform: Platform) -> None:
    channel = make().channels["wecom"]
    for _ in range(2):
        channel.send(MEMBER, CARD, "a" * 32, unprompted=True)  # type: ignore[call-arg]
    assert len(platform.arrived) == 1
    channel.send(MEMBER, CARD, "b" * 32, unprompted=True)  # type: ignore[call-arg]
    assert len(platform.arrived) == 2, "another reminder of the same wording is another one"
    for _ in range(2):
        channel.send(MEMBER, CARD, "c" * 32)
    assert len(platform.arrived) == 4, "answers are not compared: the same question may be asked twice"
    assert all(body["duplicate_check_interval"] == 14_400 for _, body in platform.arrived[:2])


def test_the_worker_repeats_an_unprompted_message_whose_answer_was_lost_and_it_arrives_once(
    make: Make, platform: Platform
) -> None:
    app = make()
    delivery = put(app, MEMBER, CARD)
    platform.faults[SEND] = ["html"]  # some proxy's page; the platform may have it
    worker = Worker(app.engine, app.channels, app.now)
    worker.once(NOW)
    assert state(app, delivery)[0] == "sending"
    worker.once(later(3_600))
    assert state(app, delivery)[0] == "sent"
    assert len(platform.arrived) == 1


def test_the_same_delivery_is_the_same_json() -> None:
    card = Card(id="x", kind="notice", lang="zh", text="提醒" * 200, choices=[Choice(id="done", title="完成了")])
    assert messages(card, "k" * 32, unprompted=True) == messages(card, "k" * 32, unprompted=True)
    task_ids = [
        m["template_card"]["task_id"] for key in ("k" * 32, "l" * 32) for m in messages(card, key) if "template_card" in m
    ]
    assert len(set(task_ids)) == 2


LONG = Card(id="x", kind="notice", lang="zh", text="".join(f"这是第{n}句不短也不长的话。" for n in range(200)))


def test_a_second_try_goes_on_where_the_first_ended(make: Make, platform: Platform) -> None:
    channel = make().channels["wecom"]
    assert isinstance(channel, WeCom)
    platform.faults[SEND] = [None, 45009]
    with pytest.raises(TryLater) as refused:
        channel.send(MEMBER, LONG, "k1")
    assert refused.value.taken == 1
    channel.send(MEMBER, LONG, "k1", taken=1)
    assert "".join("".join(platform.texts()).split()) == LONG.text


@pytest.mark.parametrize("fault", [-1, "429"])
def test_another_process_goes_on_where_the_first_ended(make: Make, platform: Platform, fault: object) -> None:
    app = make()
    with writing(app.engine) as session:
        row = directory.at_address(session, MEMBER, NOW)[1]
        key = outbox.put(session, row, LONG, NOW, "broadcast", NOW).id
    platform.faults[SEND] = [None, fault]
    assert Rounds(app).once() == 1
    with reading(app.engine) as session:
        found = session.get_one(DeliveryRow, key)
        assert (found.state, found.taken) == ("waiting", 1)
    other = make(now=lambda: later(60))
    assert other.channels["wecom"] is not app.channels["wecom"]
    assert Rounds(other).once() == 1
    said = re.sub("（编号 [0-9a-f]+）", "", "".join(platform.texts()))  # by which the platform drops what it had
    assert "".join(said.split()) == LONG.text, "nothing twice, nothing lost"


def test_what_the_platform_did_not_take_uses_up_no_window(make: Make, platform: Platform) -> None:
    app = make()
    spoken(app)
    channel = app.channels["wechat"]
    platform.faults[CUSTOM] = [-1] * 7
    for _ in range(7):
        with pytest.raises(TryLater):
            channel.send(FOLLOWER, CARD, "k1")
    for number in range(5):
        channel.send(FOLLOWER, CARD, f"k{number}")
    with pytest.raises(OutsideWindow):
        channel.send(FOLLOWER, CARD, "k6")
    assert len(platform.arrived) == 5


def test_of_a_long_card_only_what_was_taken_is_counted(make: Make, platform: Platform) -> None:
    app = make()
    spoken(app)
    channel = app.channels["wechat"]
    assert isinstance(channel, WeChat)
    parts = len(render_wechat.messages(LONG, menus=True))
    assert 2 <= parts <= 4
    platform.faults[CUSTOM] = [None, -1]
    with pytest.raises(TryLater) as refused:
        channel.send(FOLLOWER, LONG, "k1")
    assert refused.value.taken == 1
    channel.send(FOLLOWER, LONG, "k1", taken=1)
    for number in range(5 - parts):
        channel.send(FOLLOWER, CARD, f"k{number}")
    with pytest.raises(OutsideWindow):
        channel.send(FOLLOWER, CARD, "k6")


def test_the_window_counts_and_closes(make: Make, platform: Platform) -> None:
    clock = [NOW]
    app = make(now=lambda: clock[0])
    spoken(app)
    channel = app.channels["wechat"]
    for number in range(5):
        channel.send(FOLLOWER, CARD, f"k{number}")
    with pytest.raises(OutsideWindow):
        channel.send(FOLLOWER, CARD, "k6")
    spoken(app, "谢谢")
    clock[0] = later(48 * 3600 + 1)
    with pytest.raises(OutsideWindow):
        channel.send(FOLLOWER, CARD, "k7")
    assert len(platform.arrived) == 5


def test_a_click_opens_one_minute_for_three(make: Make) -> None:
    clock = [NOW]
    app = make(now=lambda: clock[0])
    account = wechat()
    with client_of(app) as client:
        post(client, account, account.event("CLICK", AT, key="command:help"))
    assert windows.left(app.engine, "wechat", "openid-1", NOW) == {"click": (3, later(60))}
    clock[0] = later(61)
    with pytest.raises(OutsideWindow):
        app.channels["wechat"].send(FOLLOWER, CARD, "k1")


def test_the_platforms_word_on_a_window_counts_more_than_ours(make: Make, platform: Platform) -> None:
    app = make()
    spoken(app)
    platform.faults[CUSTOM] = [45015]
    with pytest.raises(OutsideWindow):
        app.channels["wechat"].send(FOLLOWER, CARD, "k1")
    assert windows.left(app.engine, "wechat", "openid-1", NOW) == {}


def test_what_may_not_be_sent_now_waits_and_comes_with_the_next_answer(make: Make, platform: Platform) -> None:
    app = make()
    delivery = put(app, FOLLOWER, CARD)
    Worker(app.engine, app.channels, app.now).once(NOW)
    assert state(app, delivery)[0] == "held"
    with client_of(app) as client:
        account = wechat()
        answer = account.opened(post(client, account, account.message("你好", AT)))
    assert answer and CARD.text in answer["Content"]
    assert "等你先发来消息" in answer["Content"]
    assert state(app, delivery) == ("sent", "with an answer")
    assert platform.arrived == []


def test_a_consent_is_one_notice_and_the_reminder_itself_waits(make: Make, platform: Platform) -> None:
    app = make(WECHAT_SUBSCRIPTION_TEMPLATE="tmpl1:thing1:thing2")
    account = wechat()
    entry = "<List><TemplateId>tmpl1</TemplateId><SubscribeStatusString>accept</SubscribeStatusString></List>"
    xml = account.event("subscribe_msg_popup_event", AT, more=f"<SubscribeMsgPopupEvent>{entry}</SubscribeMsgPopupEvent>")
    with client_of(app) as client:
        assert post(client, account, xml).text == "success"
    channel = app.channels["wechat"]
    for _ in range(2):
        with pytest.raises(OutsideWindow):
            channel.send(FOLLOWER, CARD, "k1")
    assert [path for path, _ in platform.arrived] == ["/cgi-bin/message/subscribe/bizsend"], "one consent, one notice"
    assert "李经理" not in repr(platform.arrived), "what it is about is for the chat alone"


def test_a_consent_taken_back_is_none(make: Make, platform: Platform) -> None:
    app = make(WECHAT_SUBSCRIPTION_TEMPLATE="tmpl1:thing1:thing2")
    account = wechat()
    with client_of(app) as client:
        for event, status in (("popup", "accept"), ("change", "reject")):
            name = f"SubscribeMsg{event.title()}Event"
            entry = f"<List><TemplateId>tmpl1</TemplateId><SubscribeStatusString>{status}</SubscribeStatusString></List>"
            post(client, account, account.event(f"subscribe_msg_{event}_event", AT, more=f"<{name}>{entry}</{name}>"))
    with pytest.raises(OutsideWindow):
        app.channels["wechat"].send(FOLLOWER, CARD, "k1")
    assert platform.arrived == []


def test_who_unsubscribes_is_not_written_to(make: Make, platform: Platform) -> None:
    app = make()
    spoken(app)
    account = wechat()
    with client_of(app) as client:
        assert post(client, account, account.event("unsubscribe", AT)).text == "success"
    with pytest.raises(OutsideWindow):
        app.channels["wechat"].send(FOLLOWER, CARD, "k1")


def test_menu_messages_fall_back_to_numbers_on_a_test_account(make: Make, platform: Platform) -> None:
    app = make()
    spoken(app)
    channel: Channel = app.channels["wechat"]
    card = CARD.model_copy(update={"choices": [Choice(id="done", title="完成了"), Choice(id="later", title="明天再说")]})
    channel.send(FOLLOWER, card, "k1")
    assert platform.arrived[-1][1]["msgtype"] == "msgmenu"
    assert "1. 完成了" in platform.texts()[-1]
    platform.faults[CUSTOM] = [None, 40200]
    for key in ("k2", "k3"):
        channel.send(FOLLOWER, card, key)
        assert platform.arrived[-1][1]["msgtype"] == "text"
        assert "1. 完成了\n2. 明天再说" in platform.texts()[-1]
    assert [body["msgtype"] for path, body in platform.calls if path == CUSTOM].count("msgmenu") == 2


def test_a_refused_content_is_refused(make: Make, platform: Platform) -> None:
    app = make()
    platform.faults[SEND] = [40058]
    with pytest.raises(Rejected):
        app.channels["wecom"].send(MEMBER, CARD, "k1")


def test_calls_are_counted_by_the_day_in_beijing(make: Make) -> None:
    app = make()
    for number in range(3):
        app.channels["wecom"].send(MEMBER, CARD, f"k{number}")
    assert quotas.today(app.engine, "wecom", NOW) == {"wecom gettoken": 1, "wecom message/send": 3}
    assert quotas.day(dt.datetime(2026, 11, 23, 16, 0, tzinfo=dt.UTC)) == "2026-11-24"
    assert quotas.today(app.engine, "wecom", later(24 * 3600)) == {}


def test_counting_stops_at_the_most(engine) -> None:
    def count() -> None:
        if quotas.count(engine, "forced", NOW, most=5):
            counted.append(1)

    counted: list[int] = []
    threads = [threading.Thread(target=count) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counted) == 5
    assert not quotas.count(engine, "big", NOW, 6, most=5)
