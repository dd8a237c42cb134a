"""One's own e-mail address, told in chat: believed only when the code that was mailed there comes back, and never somebody else's."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from bot.conversations import my_email
from bot.conversations.my_email import address_in
from bot.db import reading, writing
from bot.messages import Address, Card, Inbound
from bot.people import directory
from bot.people.tables import PersonRow
from bot.wiring import App
from bot.wiring_site import mailer
from tests.conftest import NOW

SLACK = Address(channel="slack", external_id="T1/U1", workspace="T1")
OTHER = Address(channel="web", external_id="ben")
OWN = """
my email is anna@example.com
My e-mail address is Anna.Li@Example.com.
my email: anna@example.com
my work email is anna@example.com
change my email to anna@example.com
use anna@example.com as my email
anna@example.com is my email address
Hi, my email is anna+x@mail.example.co.uk please
my email is <mailto:anna@example.com|anna@example.com>
我的邮箱是anna@example.com
我的邮箱是 anna@example.com。
我的邮箱：anna@example.com
我的邮箱地址是：anna@example.com
我邮箱 anna@example.com
把我的邮箱改成anna@example.com
我的工作邮箱是anna@example.com
anna@example.com是我的邮箱
请登记一下我的邮箱：anna@example.com
我的email是anna@example.com
""".strip().splitlines()
NOT_OWN = """
his email is li@example.com
Mr Li's email is li@example.com
anna@example.com
the buyer's email is x@example.com
my boss's email is x@example.com
my contact's email address is x@example.com
they say my email is wrong
my email is not answered
is my email anna@example.com ok to give them?
他的邮箱是li@example.com
对方的邮箱是li@example.com
李经理的邮箱是li@example.com
我客户的邮箱是li@example.com
我老板的邮箱是x@example.com
my mail address
我的抄送邮箱地址
remind me to write to anna@example.com tomorrow
my email to li@example.com got no reply
我给li@example.com的邮件没回
my email to li@example.com
""".strip().splitlines()
_numbers = count()
Mails = list[tuple[str, str, str]]


@pytest.fixture
def mails() -> Mails:
    """(to, subject, text) of what was handed to the mail server."""
    return []


@pytest.fixture
def app(build_app: Callable[..., App], mails: Mails) -> App:
    """The app where mail can be sent."""
    app = build_app()
    app.coach.mail = lambda to, subject, text: mails.append((to, subject, text))
    return app


def say(app: App, said: str, at: Address = SLACK, after: float = 0, **more: Any) -> Card:
    """The card that answers what is said so many minutes later."""
    now = NOW + dt.timedelta(minutes=after)
    inbound = Inbound(address=at, message_id=f"m{next(_numbers)}", text=said, received_at=now, **more)
    return app.coach.receive(inbound).cards[0]


def code(mails: Mails) -> str:
    """The code of the newest mail."""
    found = re.search(r"^\d{4} \d{4}$", mails[-1][2], re.MULTILINE)
    assert found and found[0] in mails[-1][1]
    return found[0]


def wrong(mails: Mails) -> str:
    """Another code than the newest."""
    return f"{(int(code(mails).replace(' ', '')) + 1) % 10**8:08}"


def email_of(app: App, at: Address = SLACK) -> str | None:
    with reading(app.engine) as session:
        return directory.known(session, at).email


@pytest.mark.parametrize("said", OWN)
def test_the_ways_people_tell_their_own_address(said: str) -> None:
    found = address_in(said)
    assert found and found.startswith("anna") and found == found.lower()


@pytest.mark.parametrize("said", [*NOT_OWN, "", "my email is " + "a" * 5000, "my email is a@" + "b." * 200])
def test_anybody_elses_address_is_not_taken_for_it(said: str) -> None:
    assert address_in(said) is None


@pytest.mark.parametrize(
    ("said", "typed", "sent", "done"),
    [
        ("my email is Anna@example.com", "{}", "sent a mail with a code", "is your e-mail address from now on"),
        ("我的邮箱是anna@example.com", "验证码是{}", "30 分钟内", "已登记为你的邮箱"),
    ],
)
def test_the_code_that_was_mailed_there_makes_it_theirs(
    app: App, mails: Mails, said: str, typed: str, sent: str, done: str
) -> None:
    card = say(app, said)
    assert sent in card.text and code(mails) not in card.text
    assert [to for to, _, _ in mails] == ["anna@example.com"]
    assert email_of(app) is None
    card = say(app, typed.format(code(mails)), after=29, usual_lang="zh" if "邮箱" in said else "en")
    assert card.id == "my-email.done"
    assert done in card.text
    assert email_of(app) == "anna@example.com"
    assert say(app, said, after=40).id == "my-email.same"
    assert len(mails) == 1


@pytest.mark.parametrize("shape", ["{0} {1}", "{0}{1}", "{0}-{1}", "the code is {0} {1}."])
def test_the_code_may_be_typed_in_any_shape(app: App, mails: Mails, shape: str) -> None:
    say(app, "my email is anna@example.com")
    assert say(app, shape.format(*code(mails).split())).id == "my-email.done"


def test_a_code_ends_after_half_an_hour_and_after_five_wrong_ones(app: App, mails: Mails) -> None:
    say(app, "my email is anna@example.com")
    assert say(app, code(mails), after=30).id == "my-email.over"
    say(app, "my email is anna@example.com", after=31)
    for _ in range(my_email.MOST_WRONG):
        assert say(app, wrong(mails), after=32).id == "my-email.wrong"
    assert say(app, code(mails), after=33).id == "my-email.over"
    assert email_of(app) is None


def test_a_code_works_once_and_only_in_the_talk_it_was_mailed_for(app: App, mails: Mails) -> None:
    say(app, "my email is anna@example.com")
    assert not say(app, code(mails), OTHER).id.startswith("my-email")
    assert say(app, code(mails)).id == "my-email.done"
    assert not say(app, code(mails)).id.startswith("my-email")
    assert email_of(app, OTHER) is None


def test_the_address_of_another_person_is_refused_and_they_are_not_named(app: App, mails: Mails) -> None:
    with writing(app.engine) as session:
        directory.add_person(session, NOW, name="Anna Blue", email="anna@example.com")
    for said, word in (("my email is ANNA@example.com", "in use already"), ("我的邮箱是anna@example.com", "已经登记过了")):
        card = say(app, said)
        assert word in card.text and "Blue" not in card.text and "anna@" not in card.text
    assert mails == []


def test_of_two_who_wait_for_the_same_address_the_first_has_it(app: App, mails: Mails) -> None:
    say(app, "my email is anna@example.com")
    mine = code(mails)
    say(app, "my email is anna@example.com", OTHER)
    assert say(app, code(mails), OTHER).id == "my-email.done"
    assert say(app, mine).id == "my-email.taken"
    assert (email_of(app), email_of(app, OTHER)) == (None, "anna@example.com")


def test_nobodys_mailbox_is_filled(app: App, mails: Mails) -> None:
    cards = [say(app, f"my email is anna{n}@example.com").id for n in range(5)]
    assert cards == ["my-email.sent"] * 3 + ["my-email.often"] * 2
    assert len(mails) == my_email.MOST_MAILS
    assert say(app, "my email is anna@example.com", after=61).id == "my-email.sent"


def test_the_same_message_again_mails_nothing(app: App, mails: Mails) -> None:
    inbound = Inbound(address=SLACK, message_id="once", text="my email is anna@example.com", received_at=NOW)
    assert app.coach.receive(inbound) == app.coach.receive(inbound)
    assert len(mails) == 1


@pytest.mark.parametrize(
    ("at", "more", "shown"),
    [
        (SLACK, {"room": "C1/17.1"}, "my-email.private"),
        (SLACK, {"outsider": True}, "outsider"),
        (Address(channel="api", external_id="key"), {}, "my-email.elsewhere"),
    ],
)
def test_where_others_read_nothing_is_mailed(app: App, mails: Mails, at: Address, more: dict[str, Any], shown: str) -> None:
    assert say(app, "my email is anna@example.com", at, **more).id == shown
    assert mails == []


def test_where_no_mail_is_sent_an_admin_enters_it(build_app: Callable[..., App]) -> None:
    app = build_app()
    assert mailer(app.settings) is None
    card = say(app, "my email is anna@example.com")
    assert "caucus person email slack:T1/U1 anna@example.com" in card.text
    assert "caucus person email slack:T1/U1 anna@example.com" in say(app, "我的邮箱是anna@example.com").text
    assert email_of(app) is None


def test_a_new_person_keeps_their_old_address_until_the_new_one_is_sure(app: App, mails: Mails) -> None:
    with writing(app.engine) as session:
        person, _ = directory.at_address(session, SLACK, NOW)
        directory.set_email(session, person, "old@example.com")
    say(app, "change my email to anna@example.com")
    assert email_of(app) == "old@example.com"
    say(app, code(mails))
    with reading(app.engine) as session:
        assert directory.by_email(session, "old@example.com") is None
        assert isinstance(directory.by_email(session, "anna@example.com"), PersonRow)
