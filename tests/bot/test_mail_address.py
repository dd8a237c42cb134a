"""The secret address for copied mail, by chat: made once, told once, changed only after a second word, and told to nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine, text

from bot.db import reading, writing
from bot.followups import mail_addresses
from bot.messages import Address, Answer, Inbound
from bot.people import directory
from bot.people.tables import PersonRow
from bot.settings import Settings
from bot.wiring import App
from tests.conftest import NOW

SLACK = Address(channel="slack", external_id="T1/U1", workspace="T1")
_ADDRESS = re.compile(r"fu\.([a-z2-7]{16})@in\.coach\.test")
_numbers = count()


@pytest.fixture
def app(build_app: Callable[..., App], settings: Settings) -> App:
    return build_app(settings=settings.model_copy(update={"mail_domain": "in.coach.test"}))


def say(
    app: App, said: str = "", *, choice: str = "", at: Address = SLACK, room: str = "", message_id: str = "", **more: Any
) -> Answer:
    message_id = message_id or f"m{next(_numbers)}"
    inbound = Inbound(address=at, message_id=message_id, text=said, choice=choice, room=room, received_at=NOW, lang="en", **more)
    return app.receive(inbound)


def token(answer: Answer) -> str:
    """The token told, or nothing."""
    found = _ADDRESS.findall("\n".join(card.text for card in answer.cards))
    assert len(found) <= 1
    return found[0] if found else ""


def owner(engine: Engine, told: str) -> str | None:
    with reading(engine) as session:
        return mail_addresses.owner(session, told)


def anna(app: App) -> str:
    with writing(app.engine) as session:
        return directory.known(session, SLACK).id


@pytest.mark.parametrize(
    "said",
    [
        "what is my mail address",
        "which address do I put in BCC?",
        "我的抄送邮箱地址是什么",
        "发邮件密送给哪个地址",
        "new mail address",
    ],
)
def test_whoever_asks_first_gets_an_address_that_is_theirs(app: App, said: str) -> None:
    answer = say(app, said)
    assert answer.intent == "mail-address"
    assert owner(app.engine, token(answer)) == anna(app)


def test_it_is_told_once_and_the_question_again_makes_nothing_new(app: App) -> None:
    told = token(say(app, "what is my mail address", message_id="the first"))
    assert token(say(app, "what is my mail address", message_id="the first")) == told, "the same message, the same answer"
    again = say(app, "what is my mail address")
    assert token(again) == ""
    assert f"{NOW:%Y-%m-%d}" in again.cards[0].text
    assert [choice.id for choice in again.cards[0].choices] == ["address:new", "address:keep"]
    assert owner(app.engine, told) == anna(app)
    with reading(app.engine) as session:
        assert told not in str([*session.execute(text("SELECT * FROM mail_addresses"))])
        assert told not in str([*session.execute(text("SELECT * FROM inbounds"))])


@pytest.mark.parametrize("said", ["new mail address", "换一个抄送地址"])
def test_it_changes_only_after_a_second_word_and_a_double_tap_changes_it_once(app: App, said: str) -> None:
    old = token(say(app, "what is my mail address"))
    asked = say(app, said)
    assert (asked.intent, token(asked)) == ("mail-address", "")
    assert owner(app.engine, old) == anna(app)
    new = token(say(app, "1"))
    assert owner(app.engine, new) == anna(app)
    assert owner(app.engine, old) is None
    assert token(say(app, choice="address:new")) == "", "the second tap comes too late"
    assert owner(app.engine, new) == anna(app)


def test_it_stays_when_the_answer_is_no_or_something_else(app: App) -> None:
    old = token(say(app, "what is my mail address"))
    say(app, "new mail address")
    say(app, choice="address:keep")
    say(app, "new mail address")
    say(app, "what does it mean when they say maybe next time")
    assert token(say(app, choice="address:new")) == ""
    assert owner(app.engine, old) == anna(app)


def test_it_is_told_to_nobody_else(app: App) -> None:
    say(app, "hello")
    key = Address(channel="api", external_id="k1")
    for answer in (
        say(app, "what is my mail address", room="C1"),
        say(app, "what is my mail address", room="C1", outsider=True),
        say(app, "what is my mail address", at=key),
    ):
        assert token(answer) == ""
    with reading(app.engine) as session:
        assert session.execute(text("SELECT count(*) FROM mail_addresses")).scalar() == 0
    say(app, "what is my mail address")
    say(app, "new mail address", room="C1")
    assert token(say(app, choice="address:new", room="C1")) == "", "nor is it made where others read"


def test_without_a_mail_domain_it_is_said_kindly(build_app: Callable[..., App]) -> None:
    answer = say(build_app(), "what is my mail address")
    assert answer.cards[0].id == "mail-address.off"
    assert "remind me" in answer.cards[0].text


def test_who_has_no_known_mail_address_of_their_own_is_told_that_it_is_needed(app: App) -> None:
    assert [card.id for card in say(app, "what is my mail address").cards] == ["mail-address.made", "mail-address.whose"]
    person = anna(app)
    with writing(app.engine) as session:
        session.get_one(PersonRow, person).email = "anna@acme.test"
    say(app, "new mail address")
    assert [card.id for card in say(app, choice="address:new").cards] == ["mail-address.changed"]
