"""Words that only say one was heard get a short word back; a bare no turns down what was offered."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import text

from bot.conversations.small_talk import asks_who, no, only_heard
from bot.db import reading
from bot.messages import Address, Answer, Inbound
from bot.wiring import App
from tests.conftest import NOW

_numbers = itertools.count()


def say(app: App, words: str) -> Answer:
    anna = Address(channel="web", external_id="anna")
    return app.receive(Inbound(address=anna, message_id=f"small {next(_numbers)}", text=words, received_at=NOW))


@pytest.mark.parametrize(
    "words", ["ok", "OK!", "okay, got it", "嗯", "嗯嗯", "好的，收到", "好的收到", "哈哈哈", "hmm", "明白了。", "no", "👍 ok"]
)
def test_it_is_heard(words: str) -> None:
    assert only_heard(words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "👍",
        "ok what do I write",
        "no reply since Monday",
        "好的，那怎么写？",
        "对方说好的",
        "yes they have our molds",
        "ha" * 40 + "!",
        "不行",
    ],
)
def test_it_says_more(words: str) -> None:
    assert not only_heard(words)


def test_what_is_heard_gets_a_short_word_and_is_not_kept_for_the_curators(app: App) -> None:
    for words, answer in (("ok", "All right. Tell me when something comes up."), ("嗯", "好的，有事随时叫我。")):
        told = say(app, words)
        assert (told.decision, told.cards[0].text) == ("sure", answer)
    with reading(app.engine) as session:
        assert session.scalar(text("SELECT count(*) FROM unanswered")) == 0


def test_a_no_to_what_was_offered_is_none_of_these(app: App) -> None:
    assert no("No.")
    assert no("都不")
    assert any(say(app, words).decision == "ask" for words in ("boss", "the deal", "they want something", "price"))
    assert say(app, "no").cards[0].text.startswith("Then it is probably not in my cards.")


@pytest.mark.parametrize(
    "words",
    [
        "who are you?",
        "who are you, are you chatgpt?",
        "are you a bot",
        "Are you a real person or a bot?",
        "am I talking to a human?",
        "你是谁",
        "你是谁啊",
        "你是真人吗？",
        "你是机器人还是真人",
        "你是不是机器人",
    ],
)
def test_who_is_speaking_is_said_openly(app: App, words: str) -> None:
    assert asks_who(words)
    assert say(app, words).cards[0].text.startswith(("I am Caucus, a program.", "我是 Caucus，一个程序，不是真人。"))


@pytest.mark.parametrize(
    "words",
    [
        "who are your customers there?",
        "what are you going to do if they insist",
        "你是谁推荐的",
        "are you a better choice than email",
        "",
    ],
)
def test_who_is_not_asked(words: str) -> None:
    assert not asks_who(words)
