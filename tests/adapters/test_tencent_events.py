"""What else comes in by the callbacks: checks of the address, events, voices, pictures, clicks on cards; and what operators do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import structlog
import xmltodict
from sqlalchemy import text

from bot.db import reading
from bot.errors import WrongSettings
from bot.people import directory
from bot.settings import read_settings
from bot.vendors import windows
from bot.wiring import App
from tests.adapters.tencent import AES_KEY, AT, Make, client_of, drain, make, platform, post, settings_of, wechat, wecom
from tests.conftest import KEYS, NOW, REPO
from tests.fakes.tencent import Account, Platform, signed

__all__ = ["make", "platform"]
SAMPLE = Account(
    "wx5823bf96d3bd56c7", token="QDG6eK", aes_key="jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", path="/wecom/callback"
)


def said(app: App, account: Account, xml: str) -> str | None:
    """The words of the reply."""
    with client_of(app) as client:
        reply = post(client, account, xml)
        assert reply.status_code == 200
        found = account.opened(reply)
    return found["Content"] if found else None


def test_the_consoles_check_of_the_official_account_gets_its_echo_bare(make: Make) -> None:
    stamp, nonce = str(int(AT)), "n1"
    query = {"timestamp": stamp, "nonce": nonce, "echostr": "5837397520685", "signature": signed("the-token", stamp, nonce)}
    with client_of(make()) as client:
        assert client.get("/wechat/callback", params=query).text == "5837397520685"
        assert client.get("/wechat/callback", params={**query, "signature": "0" * 40}).status_code == 403
        assert client.get("/wechat/callback", params={**query, "timestamp": str(int(AT) - 3600)}).status_code == 403


def test_the_consoles_check_of_wecom_is_decrypted_and_answered_within_a_second(make: Make) -> None:
    account = wecom()
    query, body = account.sealed("1616140317555161061", AT)
    query["echostr"] = xmltodict.parse(body)["xml"]["Encrypt"]
    with client_of(make()) as client:
        began = time.perf_counter()
        reply = client.get("/wecom/callback", params=query)
        assert time.perf_counter() - began < 1
    assert reply.content == b"1616140317555161061"


def test_tencents_own_sample_is_read(tmp_path, engine, kb, matcher, platform: Platform) -> None:
    """The published sample of developer.work.weixin.qq.com/document/path/90968, with its own clock."""
    import datetime as dt

    from bot.wiring import build

    at = dt.datetime.fromtimestamp(1409659589, dt.UTC)
    changes = {"WECOM_CORP_ID": SAMPLE.id, "WECOM_TOKEN": SAMPLE.token, "WECOM_AES_KEY": SAMPLE.aes_key}
    app = build(settings_of(tmp_path / "var", platform.url, **changes), engine=engine, kb=kb, matcher=matcher, now=lambda: at)
    query = {
        "msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
        "timestamp": "1409659589",
        "nonce": "263014780",
        "echostr": "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
    }
    with client_of(app) as client:
        assert client.get("/wecom/callback", params=query).text == "1616140317555161061"


def test_a_new_follower_is_welcomed_and_can_choose_a_theme(make: Make) -> None:
    app, account = make(), wechat()
    welcome = said(app, account, account.event("subscribe", AT, key="qrscene_booth"))
    assert welcome and welcome.startswith("你好")
    assert "1. " in welcome
    assert windows.left(app.engine, "wechat", "openid-1", NOW)["click"][0] == 3
    shelf = said(app, account, account.message("1", AT))
    assert shelf and "1. " in shelf


def test_two_events_of_one_second_are_two_and_the_same_one_is_one(make: Make) -> None:
    app, account = make(), wechat()
    help_, language = (account.event("CLICK", AT, key=key) for key in ("command:help", "command:language"))
    first, other = said(app, account, help_), said(app, account, language)
    assert first != other
    assert said(app, account, help_) == first
    with reading(app.engine) as session:
        assert session.scalar(text("SELECT count(*) FROM inbounds")) == 2


def test_a_voice_is_understood_by_its_recognition(make: Make) -> None:
    app, account = make(), wechat()
    heard = account.message("", AT, kind="voice", more="<Recognition>对方要独家代理，怎么办？</Recognition>")
    answer = said(app, account, heard)
    assert answer and app.kb.cards["exclusivity-request"].verdict.zh in answer
    assert "没有识别出文字" in (said(app, account, account.message("", AT, kind="voice", more="<Recognition/>")) or "")


@pytest.mark.parametrize("kind", ["image", "video", "shortvideo", "link", "location"])
def test_what_cannot_be_read_is_answered_politely(make: Make, kind: str) -> None:
    account = wechat()
    assert "请用文字" in (said(make(), account, account.message("", AT, kind=kind)) or "")


@pytest.mark.parametrize("event", ["LOCATION", "VIEW", "some_event_of_next_year", "TEMPLATESENDJOBFINISH", "unsubscribe"])
def test_events_that_ask_nothing_are_taken_in_silence(make: Make, event: str) -> None:
    app, account = make(), wechat()
    assert said(app, account, account.event(event, AT)) is None
    with reading(app.engine) as session:
        assert session.scalar(text("SELECT count(*) FROM inbounds")) == 0


def test_a_click_in_a_menu_message_is_the_choice(make: Make) -> None:
    app, account = make(), wechat()
    clicked = account.message("1. 随便什么", AT, more="<bizmsgmenuid>card:exclusivity-request</bizmsgmenuid>")
    answer = said(app, account, clicked)
    assert answer and app.kb.cards["exclusivity-request"].verdict.zh in answer


@pytest.mark.parametrize("hostile", ["card:nothing", "unlink:" + "0" * 32, "x" * 4_000, "<b>"])
def test_a_forged_choice_is_told_that_it_is_over(make: Make, hostile: str) -> None:
    app, account = make(), wechat()
    assert said(app, account, account.event("CLICK", AT, key=hostile.replace("<", "&lt;")))


def test_words_that_would_break_the_xml_come_back_whole(make: Make) -> None:
    app, account = make(), wechat()
    said(app, account, account.message("说英文", AT))
    answer = said(app, account, account.message("]]> &amp; <![CDATA[ x ]]> 是什么意思", AT))
    assert answer


def test_a_json_push_is_refused_and_the_log_says_what_to_change(make: Make) -> None:
    account = wechat()
    with client_of(make()) as client, structlog.testing.capture_logs() as lines:
        assert post(client, account, '{"ToUserName": "gh"}').status_code == 403
    assert any("数据格式" in str(line.get("why")) for line in lines)


def test_plain_mode_is_for_development_alone(make: Make, tmp_path) -> None:
    plain = replace(wechat(), aes_key="")
    app = make(WECHAT_ALLOW_PLAIN="true", WECHAT_AES_KEY="")
    assert said(app, plain, plain.message("你好", AT))
    with client_of(app) as client:
        assert post(client, replace(plain, token="guessed"), plain.message("你好", AT)).status_code == 403
    given = {"ENV": "production", "SECRET_KEYS": KEYS[0], "WECHAT_ALLOW_PLAIN": "true"}
    given |= {"WECHAT_APP_ID": "wx1", "WECHAT_APP_SECRET": "s", "WECHAT_TOKEN": "t"}
    with pytest.raises(WrongSettings) as caught:
        read_settings({f"CAUCUS_{k}": v for k, v in given.items()})
    assert {problem.split(":")[0] for problem in caught.value.problems} == {"CAUCUS_WECHAT_ALLOW_PLAIN", "CAUCUS_WECHAT_AES_KEY"}


def test_half_set_up_channels_and_broken_keys_are_named() -> None:
    with pytest.raises(WrongSettings) as caught:
        read_settings(
            {
                "CAUCUS_WECOM_CORP_ID": "ww1",
                "CAUCUS_WECOM_AGENT_ID": "zero",
                "CAUCUS_WECHAT_AES_KEY": "short",
                "CAUCUS_WECOM_ROBOTS": "x",
            }
        )
    named = {problem.split(":")[0].removeprefix("CAUCUS_") for problem in caught.value.problems}
    assert named >= {"WECOM_AGENT_ID", "WECOM_SECRET", "WECOM_TOKEN", "WECOM_AES_KEY", "WECHAT_AES_KEY", "WECOM_ROBOTS"}


def test_a_member_is_greeted_once_however_often_the_app_is_opened(make: Make, platform: Platform) -> None:
    app, account = make(), wecom()
    for second in range(3):
        assert said(app, account, account.event("enter_agent", AT + second, who="ZhangSan")) is None
    drain(app)
    assert len([words for words in platform.texts("ZhangSan") if words.startswith("你好")]) == 1


def test_a_pressed_button_is_answered_and_its_card_changed_once(make: Make, platform: Platform) -> None:
    app, account = make(), wecom()
    said(app, account, account.message("对方要独家代理，怎么办？", AT, who="ZhangSan"))
    drain(app)
    cards = [body["template_card"] for _, body in platform.arrived if body["msgtype"] == "template_card"]
    card = next(card for card in cards if any(button["key"].startswith("vote:") for button in card["button_list"]))
    button = card["button_list"][-2]
    more = f"<TaskId>{card['task_id']}</TaskId><CardType>button_interaction</CardType><ResponseCode>code-1</ResponseCode>"
    click = account.event("template_card_event", AT, who="ZhangSan", key=button["key"], more=more)
    for _ in range(2):
        said(app, account, click)
    drain(app)
    for _ in range(300):
        changed = [body for path, body in platform.calls if path.endswith("update_template_card")]
        if changed:
            break
        time.sleep(0.01)
    assert changed[0]["response_code"] == "code-1"
    assert changed[0]["userids"] == ["ZhangSan"]
    assert "谢谢" in platform.texts("ZhangSan")[-1]
    with reading(app.engine) as session:
        assert session.scalar(text("SELECT count(*) FROM votes")) == 1


def test_a_members_name_is_asked_for_once(make: Make, platform: Platform) -> None:
    app, account = make(), wecom()
    platform.members["ZhangSan"] = "张三"
    for number in range(2):
        said(app, account, account.message("你好", AT, who="ZhangSan", name=f"m{number}"))
        drain(app)
        for _ in range(3_000):
            with reading(app.engine) as session:
                if directory.find(session, "wecom:ZhangSan").name == "张三":
                    break
            time.sleep(0.01)
    assert [path for path, _ in platform.calls].count("/cgi-bin/user/get") == 1
    with reading(app.engine) as session:
        assert directory.find(session, "wecom:ZhangSan").name == "张三"


def test_events_of_the_system_and_of_another_corp_are_left_alone(make: Make, platform: Platform) -> None:
    app, account = make(), wecom()
    assert said(app, account, account.event("change_contact", AT, who="sys")) is None
    assert said(app, account, account.message("hello", AT).replace("<ToUserName>ww0001", "<ToUserName>ww0002")) is None
    assert platform.arrived == []


def caucus(folder, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    """One command, as an operator runs it."""
    given = settings_of(folder / "var", url).model_dump()
    plain = {k: v.get_secret_value() if hasattr(v, "get_secret_value") else v for k, v in given.items()}
    named = {f"CAUCUS_{k.upper()}": str(v) for k, v in plain.items() if v}
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(command, cwd=REPO, env={**os.environ, **named}, capture_output=True, text=True, timeout=60, check=False)


def test_the_doctor_names_what_an_operator_has_to_do(tmp_path, platform: Platform) -> None:
    assert "wechat platform: ok" in caucus(tmp_path, platform.url, "doctor", "wechat").stdout
    platform.lasting["/cgi-bin/getcallbackip"] = 40164
    platform.lasting["/cgi-bin/agent/get"] = 60020
    for channel, words in (("wechat", "IP list"), ("wecom", "trusted IPs")):
        told = caucus(tmp_path, platform.url, "doctor", channel)
        assert words in told.stdout
        assert "(203.0.113.7)" in told.stdout, "the address to enter"
        assert told.returncode == 1
        assert "-secret" not in told.stdout + told.stderr


def test_the_menu_is_made_of_choices_the_coach_knows(tmp_path, kb, platform: Platform) -> None:
    assert caucus(tmp_path, platform.url, "wechat", "menu").returncode == 0
    made = next(body for path, body in platform.calls if path == "/cgi-bin/menu/create")
    assert 1 <= len(made["button"]) <= 3
    for group in made["button"]:
        assert len(group["name"].encode()) <= 16 and 1 <= len(group["sub_button"]) <= 5
        for entry in group["sub_button"]:
            kind, _, value = entry["key"].partition(":")
            assert value in (kb.themes if kind == "theme" else kb.commands), entry
            assert len(entry["name"].encode()) <= 60
    keys = {entry["key"] for group in made["button"] for entry in group["sub_button"]}
    assert keys >= {f"theme:{name}" for name in kb.themes}, "no theme is left out"


def test_a_key_that_is_no_key_is_refused_at_once() -> None:
    for key in ("", AES_KEY):
        read_settings(
            {
                "CAUCUS_WECHAT_APP_ID": "wx",
                "CAUCUS_WECHAT_APP_SECRET": "s",
                "CAUCUS_WECHAT_TOKEN": "t",
                "CAUCUS_WECHAT_AES_KEY": key or AES_KEY,
            }
        )
    for key in (AES_KEY[:-1], AES_KEY + "x", "!" * 43):
        with pytest.raises(WrongSettings, match="EncodingAESKey"):
            read_settings({"CAUCUS_WECHAT_AES_KEY": key})
