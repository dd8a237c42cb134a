"""What comes unasked is in the language a person chose, else last spoke; the mail's own comes last. Ready texts are in theirs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, event

from adapters.email.parse import parse
from bot.db import reading, writing
from bot.followups import due, mail_addresses
from bot.followups.copied import Envelope
from bot.followups.note_email import MailIntake
from bot.followups.rules import Rules
from bot.messages import Address, Answer, Card, Inbound, Lang
from bot.people import directory, linking
from bot.people.tables import PersonRow
from bot.wiring import App
from tests.bot.test_note_email import NOW, cards, followups
from tests.mails import RCPT, SERVER, TOKEN, mail

HERE = Address(channel="slack", external_id="T/A", workspace="T")
ZH_MAIL = mail("王经理您好，报价单请查收。".encode(), Subject="=?utf-8?B?5oql5Lu3?=", Message_ID="<z@acme.test>")
EN_MAIL = mail(Message_ID="<y@acme.test>")
UNCLEAR = {"en": mail(Message_ID="<q@acme.test>", Authentication_Results=None)}
UNCLEAR["zh"] = mail(
    "报价单请查收。".encode(), Message_ID="<q@acme.test>", Subject="=?utf-8?B?5oql5Lu3?=", Authentication_Results=None
)


def talk(app: App, text: str = "", choice: str = "", at: dt.datetime = NOW, where: Address = HERE, **more: object) -> Answer:
    name = f"{text}{choice}{at}"
    return app.receive(
        Inbound(address=where, message_id=name, text=text, choice=choice, received_at=at, **more)  # type: ignore[arg-type]
    )


def who(app: App) -> PersonRow:
    with reading(app.engine) as session:
        person = directory.known(session, HERE)
        session.expunge_all()
        return person


def mailbox(app: App, *, lang: Lang | None = None, zone: str = "Europe/Berlin") -> None:
    """The person who speaks here may copy mails."""
    with writing(app.engine) as session:
        person = directory.known(session, HERE)
        directory.set_email(session, person, "anna@acme.test")
        mail_addresses.set_token(session, person, NOW, TOKEN)
        person.zone, person.lang = zone or None, lang


def copied(engine: Engine, *raw: bytes) -> None:
    intake = MailIntake(engine, parse, Rules(), lambda: NOW, "in.coach.test", SERVER, ("slack",))
    for each in raw:
        intake.take(Envelope("anna@acme.test", RCPT), each, NOW)


def nudge(app: App) -> Card:
    """The one that is due by then."""
    at = NOW + dt.timedelta(days=2)
    at = at.replace(hour=3)  # within hours in Beijing and in the afternoon there
    assert due.sweep(app.engine, Rules(), at, ("slack",)) == 1
    return next(card for card in cards(app.engine) if card.id == "nudge")


@pytest.mark.parametrize(
    ("said", "chosen", "other", "reads"),
    [
        ("hello", None, "zh", "en"),
        ("你好", None, "en", "zh"),
        ("hello", "zh", "en", "zh"),
        ("你好", "en", "zh", "en"),
    ],
)
def test_nudge_and_question_follow_the_person_and_not_the_mail(
    build_app: Callable[..., App], said: str, chosen: Lang | None, other: Lang, reads: Lang
) -> None:
    app = build_app()
    talk(app, said)
    mailbox(app, lang=chosen)
    copied(app.engine, ZH_MAIL if other == "zh" else EN_MAIL, UNCLEAR[other])
    (question,) = (card for card in cards(app.engine) if card.id == "mail")
    assert question.lang == reads
    assert question.title == {"en": "An e-mail I am not sure about", "zh": "有一封邮件我拿不准"}[reads]
    card = nudge(app)
    assert card.lang == reads
    assert card.choices[0].title == {"en": "Done", "zh": "已完成"}[reads]
    assert all("您好" in ready.text for ready in card.say), "the counterpart is written to in Chinese"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_without_any_word_of_the_person_the_mails_language_holds(build_app: Callable[..., App], lang: Lang) -> None:
    app = build_app()
    with writing(app.engine) as session:
        person = directory.add_person(session, NOW, name="Anna")
        directory.add_address(session, person, HERE, NOW)
    mailbox(app)
    copied(app.engine, ZH_MAIL if lang == "zh" else EN_MAIL, UNCLEAR[lang])
    assert [card.lang for card in cards(app.engine)] == [lang]
    assert nudge(app).lang == lang


def test_what_was_spoken_last_holds_for_what_was_set_up_before(build_app: Callable[..., App]) -> None:
    app = build_app()
    talk(app, "你好")
    mailbox(app)
    copied(app.engine, ZH_MAIL)
    talk(app, "what should I bring to a dinner?", at=NOW + dt.timedelta(hours=1))
    assert nudge(app).lang == "en"


@pytest.mark.parametrize(
    ("said", "then", "spoken"),
    [
        ("你好", "OK", "zh"),
        ("你好", "Li Ming", "zh"),
        ("你好", "1", "zh"),
        ("你好", "how do I toast?", "en"),
        ("hello", "你好", "zh"),
        ("hello", "怎么敬酒？", "zh"),
    ],
)
def test_a_word_or_two_in_latin_letters_change_no_language(
    build_app: Callable[..., App], said: str, then: str, spoken: str
) -> None:
    app = build_app()
    talk(app, said)
    talk(app, then, at=NOW + dt.timedelta(minutes=1))
    assert who(app).spoken == spoken


def test_only_the_persons_own_words_tell_what_they_speak(build_app: Callable[..., App]) -> None:
    app = build_app()
    talk(app, "hello")
    talk(app, "这个价格不行，你们再考虑考虑", quoted=True, at=NOW + dt.timedelta(minutes=1))
    assert who(app).spoken == "en"
    key = Address(channel="api", external_id="k")
    talk(app, "怎么敬酒？", where=key)
    with reading(app.engine) as session:
        assert directory.known(session, key).spoken is None, "whoever holds a key need not be its owner"


@pytest.mark.parametrize(("said", "lang"), [("你好", "zh"), ("hello", "en")])
def test_a_button_pressed_the_next_day_is_answered_in_the_language_last_spoken(
    build_app: Callable[..., App], said: str, lang: Lang
) -> None:
    app = build_app()
    talk(app, said)
    usual: Lang = "en" if lang == "zh" else "zh"
    answer = talk(app, choice="command:help", at=NOW + dt.timedelta(days=1), usual_lang=usual)
    assert answer.cards[0].lang == lang


def test_a_time_in_a_mail_is_on_the_clock_that_the_talk_takes(build_app: Callable[..., App]) -> None:
    app = build_app()
    talk(app, "你好")
    mailbox(app, zone="")
    copied(app.engine, mail("周五上午10点提醒我\n".encode(), Message_ID="<t@acme.test>"))
    (row,) = followups(app.engine)
    assert row.due_at == dt.datetime.fromisoformat("2026-11-27T10:00:00+08:00")
    assert row.zone == "Asia/Shanghai"


def test_the_language_goes_along_with_an_address(build_app: Callable[..., App]) -> None:
    app = build_app()
    talk(app, "你好")
    other = Address(channel="web", external_id="w")
    talk(app, "怎么敬酒？", where=other)
    with writing(app.engine) as session:
        keeper, person = directory.known(session, HERE), directory.known(session, other)
        keeper.spoken = None
        linking.merge(session, keeper, person)
        keeper = directory.known(session, HERE)
        assert keeper.spoken == "zh"
        _, row = directory.at_address(session, other, NOW)
        linking.unlink(session, row, NOW)
        assert directory.known(session, other).spoken == "zh"


def test_a_copied_mail_costs_no_statement_more_for_it(build_app: Callable[..., App]) -> None:
    app = build_app()
    talk(app, "hello")
    mailbox(app)
    asked: list[str] = []

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    event.listen(app.engine, "before_cursor_execute", note)
    copied(app.engine, ZH_MAIL)
    event.remove(app.engine, "before_cursor_execute", note)
    assert not [words for words in asked if "conversations" in words]
    assert len([words for words in asked if "FROM people" in words]) == 1
