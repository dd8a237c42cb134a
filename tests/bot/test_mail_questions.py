"""No copied mail is lost in silence: whom it is about is asked, what is held is shown, and what waits can be seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select

from adapters.email.parse import parse
from bot.db import reading, writing
from bot.delivery.tables import DeliveryRow
from bot.followups import held, ledger
from bot.followups.copied import Envelope
from bot.followups.mail_acts import Desk
from bot.followups.mail_cards import listing
from bot.followups.mail_tables import CopiedMailRow
from bot.followups.note_email import MailIntake
from bot.followups.rules import Rules
from bot.followups.tables import FollowupRow
from bot.messages import Address, Card, Inbound
from bot.people.tables import PersonRow
from bot.wiring import App
from tests.bot.test_note_email import NOW, anna, cards, followups, say
from tests.mails import RCPT, SERVER, from_li, mail, passed

HERE = Address(channel="slack", external_id="T/Anna Keller", workspace="T")
COLLEAGUE = "Bob <bob@acme.test>"


def take(engine: Engine, raw: bytes, at: dt.datetime = NOW) -> dict[str, Any]:
    intake = MailIntake(engine, parse, Rules(), lambda: at, "in.coach.test", SERVER, ("slack",))
    return intake.take(Envelope("anna@acme.test", RCPT), raw, at)


class Talk:
    """Anna at her place in chat; what was sent to her has arrived."""

    def __init__(self, app: App, at: dt.datetime = NOW) -> None:
        self.app, self.at, self.said = app, at, 0

    def arrives(self) -> None:
        with writing(self.app.engine) as session:
            for row in session.scalars(select(DeliveryRow).where(DeliveryRow.state == "waiting")):
                row.state, row.moved_at = "sent", self.at

    def __call__(self, text: str = "", choice: str = "") -> Card:
        self.at += dt.timedelta(minutes=1)
        self.said += 1
        inbound = Inbound(address=HERE, message_id=f"m{self.said}", text=text, choice=choice, received_at=self.at)
        return self.app.receive(inbound).cards[0]


@pytest.fixture
def talk(build_app: Callable[..., App]) -> Talk:
    return Talk(build_app())


def contacts_named(engine: Engine) -> list[str]:
    with reading(engine) as session:
        rows = list(session.scalars(select(FollowupRow)))
        return [contact.name for found in ledger.contacts_of(session, rows).values() for contact in found]


def answers(card: Card) -> list[str]:
    return [choice.id.split(":")[1] for choice in card.choices]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("to", [None, COLLEAGUE, RCPT])
def test_ones_own_mail_without_a_counterpart_asks_whom_it_is_about(engine: Engine, to: str | None, lang: str) -> None:
    anna(engine, lang=lang)
    outcome = take(engine, mail(To=to))
    assert (outcome["action"], outcome["reason"]) == ("ask", "no_counterpart")
    (card,) = cards(engine)
    assert (card.kind, card.lang) == ("question", lang)
    assert "Quote 4411 for hand tools" in card.title
    assert ("Whom is this about?" if lang == "en" else "要跟进谁") in card.verdict
    assert answers(card) == ["nobody", "no"]
    assert followups(engine) == []


@pytest.mark.parametrize(
    ("lang", "said", "who"),
    [
        ("en", "Wang Fang", "Wang Fang"),
        ("en", "It's about wang fang", "wang fang"),
        ("en", "our supplier in Ningbo", "our supplier in Ningbo"),
        ("zh", "王芳", "王芳"),
        ("zh", "关于华为的李经理", "华为的李经理"),
        ("zh", "跟进客户", "客户"),
        ("en", "Li Ming", "Li Ming"),
    ],
)
def test_a_typed_name_makes_the_followup(talk: Talk, lang: str, said: str, who: str) -> None:
    engine = talk.app.engine
    anna(engine, lang=lang)
    take(engine, mail("Remind me on Friday at 10:00\n", To=COLLEAGUE))
    talk.arrives()
    made = talk(said)
    assert made.lang == lang
    assert "Quote 4411" in made.title
    (row,) = followups(engine)
    assert (row.subject, row.reason, contacts_named(engine)) == ("Quote 4411 for hand tools", "copied", [who])
    assert row.due_at == dt.datetime.fromisoformat("2026-11-27T10:00:00-05:00")
    assert row.sent_at == dt.datetime.fromisoformat("2026-11-25T10:05:00-05:00")
    talk(said)
    assert len(followups(engine)) == 1


def test_a_typed_address_makes_the_followup_and_its_reply_closes_it(talk: Talk) -> None:
    engine = talk.app.engine
    anna(engine, lang="en")
    take(engine, mail(To=None))
    talk.arrives()
    talk("Wang Fang <Wang.Fang@suzhou-parts.test>")
    (row,) = followups(engine)
    assert contacts_named(engine) == ["Wang Fang"]
    reply = from_li(
        From="wang.fang@suzhou-parts.test",
        Authentication_Results=passed("suzhou-parts.test"),
        In_Reply_To="<new.1@acme.test>",
        References=None,
    )
    outcome = take(engine, reply)
    assert (outcome["action"], outcome["followups"][0]["id"]) == ("close", row.id)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "How do I toast?"),
        ("en", "gifts"),
        ("en", "payment terms"),
        ("en", "ok"),
        ("en", "which mail?"),
        ("en", "later"),
        ("en", "remind me tomorrow to e-mail li@x.test"),
        ("zh", "怎么敬酒？"),
        ("zh", "付款方式"),
        ("zh", "哪封邮件"),
        ("zh", "稍后再说"),
        ("zh", "面子"),
    ],
)
def test_what_is_no_name_is_not_taken_for_one_and_the_name_may_follow(talk: Talk, lang: str, said: str) -> None:
    engine = talk.app.engine
    anna(engine, lang=lang)
    take(engine, mail(To=COLLEAGUE))
    talk.arrives()
    talk(said)
    assert [row for row in followups(engine) if row.reason == "copied"] == []
    if not said.startswith("remind"):
        talk("Chen Wei")
        assert [row.subject for row in followups(engine)] == ["Quote 4411 for hand tools"]


@pytest.mark.parametrize(
    ("lang", "said", "made"),
    [
        ("en", "nobody", ["task"]),
        ("zh", "没有对方", ["task"]),
        ("en", "1", ["task"]),
        ("en", "2", []),
        ("en", "no follow-up", []),
        ("zh", "不用跟进", []),
        ("zh", "算了", []),
    ],
)
def test_there_may_be_nobody_or_nothing_to_follow_up(talk: Talk, lang: str, said: str, made: list[str]) -> None:
    engine = talk.app.engine
    person = anna(engine, lang=lang)
    take(engine, mail(To=COLLEAGUE))
    talk.arrives()
    assert talk(said).lang == lang
    assert [row.reason for row in followups(engine)] == made
    with reading(engine) as session:
        assert held.waiting(session, session.get_one(PersonRow, person)) == []


def test_a_button_pressed_meanwhile_ends_the_question_for_a_name(talk: Talk) -> None:
    engine = talk.app.engine
    anna(engine, lang="en")
    take(engine, mail(To=COLLEAGUE))
    talk.arrives()
    talk("payment terms")
    talk(choice="command:followup-create")
    talk("Chen Wei")
    assert followups(engine) == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_unauthenticated_mail_without_a_counterpart_is_confirmed_first(talk: Talk, lang: str) -> None:
    engine = talk.app.engine
    anna(engine, lang=lang)
    assert take(engine, mail(To=None, Authentication_Results=None))["reason"] == "sender_not_authenticated"
    (card,) = cards(engine)
    assert answers(card) == ["yes", "no"]
    talk.arrives()
    asked = talk(choice=card.choices[0].id)
    assert (asked.kind, asked.lang, answers(asked)) == ("question", lang, ["nobody", "no"])
    assert followups(engine) == []
    talk("Chen Wei")
    assert contacts_named(engine) == ["Chen Wei"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_strangers_mail_is_told_once_and_can_be_dealt_with(engine: Engine, lang: str) -> None:
    person = anna(engine, lang=lang)
    stranger = mail(From="X <x@else.test>", Authentication_Results=passed("else.test"))
    assert take(engine, stranger)["reason"] == "unknown_sender"
    take(engine, stranger)
    (card,) = cards(engine)
    assert card.lang == lang
    assert "x@else.test" in card.text
    assert answers(card) == ["yes", "no"]
    (row,) = say(engine, person, card.choices[0].id)
    assert (row.reason, row.kind, contacts_named(engine)) == ("task", "normal", ["X"])


def test_a_strangers_bank_details_make_a_check_by_telephone(engine: Engine) -> None:
    person = anna(engine)
    take(
        engine,
        mail(
            "Our new account: IBAN DE89 3704 0044 0532 0130 00\n", From="x@else.test", Authentication_Results=passed("else.test")
        ),
    )
    (card,) = cards(engine)
    assert "DE89 3704" not in card.text
    (row,) = say(engine, person, card.choices[0].id)
    assert row.kind == "verify_by_phone"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (mail(From="x@else.test", Authentication_Results=None), "sender_not_authenticated"),
        (mail(From="Li <li.ming@ningbo-too1s.test>", Authentication_Results=passed("ningbo-too1s.test")), "unknown_sender"),
        (
            mail("These failed: x@else.test\n", From="MAILER-DAEMON@mx.acme.test", Subject="Undelivered Mail Returned to Sender"),
            "bounce_not_ours",
        ),
    ],
)
def test_what_nothing_can_be_done_with_is_told_all_the_same(engine: Engine, raw: bytes, reason: str, lang: str) -> None:
    person = anna(engine, lang=lang)
    outcome = take(engine, raw)
    assert (outcome["action"], outcome["reason"]) == ("quarantine", reason)
    (card,) = cards(engine)
    assert answers(card) == ["no"]
    assert ("?" in card.verdict or "？" in card.verdict) == (reason == "unknown_sender")
    assert say(engine, person, card.choices[0].id) == []


def unclear(number: int) -> bytes:
    return mail(Authentication_Results=None, Message_ID=f"<n{number}@acme.test>", Subject=f"Offer {number}")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_beyond_the_days_questions_is_said_and_shown_by_a_button(talk: Talk, lang: str) -> None:
    engine = talk.app.engine
    anna(engine, lang=lang)
    for number in range(held.MOST_A_DAY + 2):
        take(engine, unclear(number), NOW + dt.timedelta(seconds=number))
    told = {card.text.split("Offer ")[1].split()[0]: card for card in cards(engine)}
    assert len(told) == held.MOST_A_DAY
    assert [name for name, card in told.items() if "waiting" in answers(card)] == [str(held.MOST_A_DAY - 1)]
    last = told[str(held.MOST_A_DAY - 1)]
    talk.at += dt.timedelta(minutes=1)
    listed = talk(choice=last.choices[-1].id)
    assert (listed.kind, listed.lang) == ("choices", lang)
    assert [f"Offer {n}" in choice.title for n, choice in zip((11, 10, 9), listed.choices, strict=False)] == [True] * 3
    question = talk("1")
    assert (question.kind, answers(question)[:2]) == ("question", ["yes", "no"])
    assert "Offer 11" in question.text
    assert "1" in question.text.rpartition("\n\n")[2], "one more was never asked about"
    made = talk("1")
    assert "Offer 11" in made.title
    assert made.choices[-1].id == "mail:waiting:all"
    talk(choice=talk(choice="mail:waiting:all").choices[0].id)
    assert "waiting" not in answers(talk("2"))
    assert [row.subject for row in followups(engine)] == ["Offer 11"]


def test_nobodys_mails_are_listed_for_somebody_else(talk: Talk) -> None:
    engine = talk.app.engine
    anna(engine, lang="en")
    anna(engine, lang="en", name="Bob", email="bob@other.test", token="abcdefghijklmnop")
    take(engine, unclear(1))
    (card,) = cards(engine)
    there = Address(channel="slack", external_id="T/Bob", workspace="T")
    for number, choice in enumerate(("mail:waiting:all", card.choices[0].id.replace("yes", "show"))):
        inbound = Inbound(address=there, message_id=f"b{number}", choice=choice, received_at=NOW)
        (shown,) = talk.app.receive(inbound).cards
        assert "Offer" not in shown.model_dump_json()


def test_what_was_not_asked_about_does_not_use_up_the_next_questions(engine: Engine) -> None:
    anna(engine, lang="en")
    every = dt.timedelta(hours=1)
    for number in range(72):
        take(engine, unclear(number), NOW + every * number)
    shown = len(cards(engine))
    assert shown == 3 * held.MOST_A_DAY
    assert "More e-mails that wait for a word of yours: " in cards(engine)[-1].text


def test_a_question_kept_by_the_version_before_can_be_answered_and_listed(engine: Engine) -> None:
    person = anna(engine, lang="en")
    take(engine, unclear(1))
    with writing(engine) as session:
        row = session.scalars(select(CopiedMailRow)).one()
        row.held = {name: value for name, value in (row.held or {}).items() if name in ("making", "followups", "reason")}
    with reading(engine) as session:
        desk = Desk(session, session.get_one(PersonRow, person), NOW, Rules())
        assert [c.title for c in listing(desk, held.waiting(session, desk.person)).choices] == ["Offer 1"]
    (card,) = cards(engine)
    assert len(say(engine, person, card.choices[0].id)) == 1
