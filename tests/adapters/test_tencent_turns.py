"""A message of WeChat or WeCom is answered once: in the reply when time allows, later when it does not, whoever repeats what."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from sqlalchemy import text

from bot.db import reading, writing
from bot.delivery.engine import Worker
from bot.intents.match import Matcher, Understanding
from bot.wiring import App, web
from tests.adapters.tencent import AT, Make, client_of, drain, make, platform, post, wechat, wecom
from tests.conftest import NOW
from tests.fakes.tencent import Platform, push

__all__ = ["make", "platform"]
QUESTION = "对方要独家代理，怎么办？"


class Slow(Matcher):
    """The real one, which thinks until it is let go."""

    def __init__(self, real: Matcher) -> None:
        self._real, self.free = real, threading.Event()
        self.asked = 0

    def understand(self, text: str, lang: object = None) -> Understanding:
        self.asked += 1
        self.free.wait(20)
        return self._real.understand(text)


@contextlib.contextmanager
def served(app: App, patience: float) -> Iterator[str]:
    """The app on a port of its own; the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(web(app, patience=patience), port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(3_000):
        if server.started:
            break
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def kept(app: App, table: str, where: str = "1 = 1") -> int:
    with reading(app.engine) as session:
        return session.scalar(text(f"SELECT count(*) FROM {table} WHERE {where}"))


def test_a_quick_answer_is_carried_by_the_reply_and_nothing_is_sent_besides(make: Make, platform: Platform) -> None:
    app = make()
    with served(app, 60) as url:
        reply, tries = push(url, wechat(), wechat().message(QUESTION, AT), AT, cuts=(60,))
    assert tries == 1
    assert reply and app.kb.cards["exclusivity-request"].verdict.zh in reply["Content"]
    assert platform.arrived == []
    assert kept(app, "deliveries") == 0


@pytest.mark.parametrize("account", [wechat(), wecom()], ids=["wechat", "wecom"])
def test_a_slow_answer_arrives_once(make: Make, platform: Platform, matcher: Matcher, account) -> None:
    slow = Slow(matcher)
    app = make(matcher=slow)
    with served(app, 0.2) as url:
        reply, tries = push(url, account, account.message(QUESTION, AT), AT, cuts=(60,))
        assert (reply, tries) == (None, 1), "taken, to be answered later"
        assert platform.arrived == []
        assert kept(app, "arrivals", "payload IS NOT NULL") == 1, "kept before the platform was told so"
        slow.free.set()
        for _ in range(3_000):
            if platform.arrived:
                break
            time.sleep(0.01)
        drain(app)
        assert app.arrivals.once() == 1
    assert "".join(platform.texts()).count(app.kb.cards["exclusivity-request"].verdict.zh) == 1
    assert kept(app, "inbounds") == 1
    Worker(app.engine, app.channels, app.now).once(NOW)
    assert "".join(platform.texts()).count(app.kb.cards["exclusivity-request"].verdict.zh) == 1


def test_the_repeats_of_a_cut_callback_wait_for_the_one_answer(make: Make, platform: Platform, matcher: Matcher) -> None:
    slow = Slow(matcher)
    app = make(matcher=slow)
    account = wechat()
    with served(app, 60) as url:
        reply, tries = push(url, account, account.message(QUESTION, AT), AT, cuts=(1, 60), between=slow.free.set)
    assert tries == 2
    assert slow.asked == 1, "the work was done once"
    assert reply and app.kb.cards["exclusivity-request"].verdict.zh in reply["Content"]
    assert kept(app, "inbounds") == 1
    assert platform.arrived == []


def test_a_repeat_in_another_process_gets_the_same_reply(make: Make) -> None:
    account = wechat()
    xml = account.message(QUESTION, AT)
    with client_of(make()) as one, client_of(make()) as other:
        first, again = account.opened(post(one, account, xml)), account.opened(post(other, account, xml))
    assert first and again
    assert first["Content"] == again["Content"]


def test_a_repeat_of_what_goes_by_message_is_not_answered_in_the_reply_too(
    make: Make, platform: Platform, matcher: Matcher
) -> None:
    slow = Slow(matcher)
    app = make(matcher=slow)
    account = wechat()
    xml = account.message(QUESTION, AT)
    with client_of(app, patience=0.1) as client:
        assert account.opened(post(client, account, xml)) is None
        slow.free.set()
        drain(app)
        for _ in range(3_000):
            if platform.arrived:
                break
            time.sleep(0.01)
        assert len(platform.arrived) == 1
        assert account.opened(post(client, account, xml)) is None
    with client_of(make()) as other:
        assert account.opened(post(other, account, xml)) is None
    assert len(platform.arrived) == 1


def test_another_process_answers_what_a_dead_one_had_kept(make: Make, platform: Platform, matcher: Matcher) -> None:
    slow = Slow(matcher)
    dead = make(matcher=slow)
    account = wechat()
    with client_of(dead, patience=0.1) as client:
        assert account.opened(post(client, account, account.message(QUESTION, AT))) is None
    other = make()
    assert other.arrivals.once() == 1
    assert "".join(platform.texts()).count(other.kb.cards["exclusivity-request"].verdict.zh) == 1
    slow.free.set()
    drain(dead)
    assert "".join(platform.texts()).count(other.kb.cards["exclusivity-request"].verdict.zh) == 1


def test_without_a_database_the_platform_is_asked_to_repeat(make: Make) -> None:
    app = make()
    account = wechat()
    xml = account.message(QUESTION, AT)
    with client_of(app) as client:
        with writing(app.engine) as session:
            session.execute(text("ALTER TABLE addresses RENAME TO elsewhere"))
        try:
            assert post(client, account, xml).status_code == 503
        finally:
            with writing(app.engine) as session:
                session.execute(text("ALTER TABLE elsewhere RENAME TO addresses"))
        reply = account.opened(post(client, account, xml))
    assert reply and app.kb.cards["exclusivity-request"].verdict.zh in reply["Content"]


def test_an_uncertified_account_that_is_slow_says_so_and_answers_on_the_next_message(
    make: Make, platform: Platform, matcher: Matcher
) -> None:
    slow = Slow(matcher)
    app = make(matcher=slow, WECHAT_CERTIFIED="false")
    account = wechat()
    with client_of(app, patience=0.1) as client:
        first = account.opened(post(client, account, account.message(QUESTION, AT)))
        assert first and "请稍后回复任意内容" in first["Content"]
        slow.free.set()
        for _ in range(3_000):
            if kept(app, "deliveries", "state = 'held'"):
                break
            time.sleep(0.01)
    with client_of(app) as client:
        answer = account.opened(post(client, account, account.message("好了吗", AT)))
        assert answer and app.kb.cards["exclusivity-request"].verdict.zh in answer["Content"]
        again = account.opened(post(client, account, account.message("谢谢", AT)))
        assert again and app.kb.cards["exclusivity-request"].verdict.zh not in again["Content"]
    assert platform.calls == [], "an uncertified account sends nothing"


def test_a_long_answer_is_read_on_and_the_numbers_stay(make: Make) -> None:
    app = make()
    account = wechat()
    card = app.kb.cards["exclusivity-request"]
    with client_of(app) as client:
        seen = [account.opened(post(client, account, account.message(QUESTION, AT)))["Content"]]
        while "回复“继续”" in seen[-1]:
            seen.append(account.opened(post(client, account, account.message("继续", AT)))["Content"])
            assert len(seen[-1].encode()) <= 2_048
        assert len(seen) > 1
        for page in seen[:-1]:
            body = page.rpartition("\n\n（未完")[0]
            assert body[-1] in "。！？；：）”" or body.endswith(("\n", "）")), f"cut in the middle of a sentence: …{body[-20:]}"
        assert card.do[-1].zh in "".join(seen)
        number = next(line for line in seen[-1].splitlines() if line.startswith("1. "))
        chosen = account.opened(post(client, account, account.message("１", AT)))["Content"]
    assert "过期" not in chosen, number


def test_the_pages_of_an_answer_are_gone_with_the_next_question(make: Make) -> None:
    app = make()
    account = wechat()
    with client_of(app) as client:
        post(client, account, account.message(QUESTION, AT))
        second = account.opened(post(client, account, account.message("继续", AT)))["Content"]
        post(client, account, account.message(QUESTION, AT))
        post(client, account, account.message("谢谢", AT))
        after = account.opened(post(client, account, account.message("继续", AT)))["Content"]
    assert after != second
