"""Copied mail against both databases: noted once, one question where it is unclear, nothing lost, nothing kept for long."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from adapters.email.parse import parse
from bot.db import reading, writing
from bot.delivery.tables import DeliveryRow
from bot.errors import Refused, Unavailable
from bot.followups import contacts, held, ledger, mail_addresses, undelivered
from bot.followups.copied import Envelope
from bot.followups.mail_acts import Desk
from bot.followups.mail_tables import CopiedMailRow
from bot.followups.note_email import MailIntake
from bot.followups.rules import Rules
from bot.followups.tables import FollowupRow
from bot.messages import Address, Card, Inbound
from bot.people import directory, retention
from bot.people.tables import PersonRow
from bot.wiring import App
from tests.bot.test_judge import MAILS, cases
from tests.conftest import skip_loudly
from tests.mails import LI, RCPT, SERVER, TOKEN, from_li, mail, passed

NOW = dt.datetime.fromisoformat("2026-11-25T10:30:00-05:00")
OTHER = "abcdefghijklmnop"


def anna(engine: Engine, *, lang: str = "", token: str = TOKEN, name: str = "Anna Keller", email: str = "anna@acme.test") -> str:
    """Anna of the acceptance set, with a contact and a place where she is told things."""
    with writing(engine) as session:
        person = directory.add_person(session, NOW, name=name, email=email, zone="America/New_York", lang=lang)
        directory.add_address(session, person, Address(channel="slack", external_id=f"T/{name}", workspace="T"), NOW)
        mail_addresses.set_token(session, person, NOW, token)
        contacts.add(session, person, NOW, name="Li Ming", emails=["li.ming@ningbo-tools.test"], phone="+86 574 5550 0100")
        return person.id


def open_f1(engine: Engine, person: str, **changes: Any) -> str:
    """F1 of the acceptance set: the mail that Anna sent before."""
    with writing(engine) as session:
        owner = session.get_one(PersonRow, person)
        li = contacts.for_recipient(session, owner, NOW, "li.ming@ningbo-tools.test")
        given: dict[str, Any] = {"subject": "Quote 4411 for hand tools", "message_ids": ["<q-4411.1@acme.test>"], **changes}
        return ledger.create(session, owner, NOW - dt.timedelta(days=1), Rules(), contacts=[li], **given).id


@pytest.fixture
def take(engine: Engine) -> Callable[..., dict[str, Any]]:
    intake = MailIntake(engine, parse, Rules(), lambda: NOW, "in.coach.test", SERVER, ("slack",))

    def one(raw: bytes, mail_from: str = "anna@acme.test", rcpt: str = RCPT, now: dt.datetime = NOW) -> dict[str, Any]:
        return intake.take(Envelope(mail_from, rcpt), raw, now)

    return one


def cards(engine: Engine) -> list[Card]:
    """What is told in chat, in order."""
    with reading(engine) as session:
        found = session.scalars(select(DeliveryRow).order_by(DeliveryRow.due_at, DeliveryRow.id))
        return [Card.model_validate(row.card) for row in found]


def followups(engine: Engine) -> list[FollowupRow]:
    with reading(engine) as session:
        rows = list(session.scalars(select(FollowupRow).order_by(FollowupRow.created_at)))
        session.expunge_all()
        return rows


def say(engine: Engine, person: str, choice: str, now: dt.datetime = NOW) -> list[FollowupRow]:
    """Press a button of a question: `mail:ANSWER:ID`."""
    _, said, mail_id = choice.split(":")
    with writing(engine) as session:
        return held.answer(Desk(session, session.get_one(PersonRow, person), now, Rules()), mail_id, said)[1]


@pytest.mark.parametrize("name", cases())
def test_the_ten_mails_do_to_the_database_what_is_expected(
    name: str, engine: Engine, take: Callable[..., dict[str, Any]]
) -> None:
    if not MAILS.exists():
        skip_loudly(f"no {MAILS}")
    case = cases()[name]
    expect = case["expect"]
    person = anna(engine)
    known = {f["id"]: open_f1(engine, person) for f in case["given_open_followups"]}
    outcome = take((MAILS / f"{name}.eml").read_bytes(), case["envelope"]["mail_from"], case["envelope"]["rcpt_to"][0])
    assert outcome["action"] == expect["action"]
    assert expect.get("reason", outcome["reason"]) == outcome["reason"]
    assert expect.get("annotation", outcome["reason"]) == outcome["reason"]
    for key in ("recipients", "subject", "kind"):
        if key in expect:
            assert outcome["followups"][0][key] == expect[key]
    if "followup" in expect:
        assert outcome["followups"][0]["id"] == known[expect["followup"]]
        assert outcome["followups"][0]["state"] == {"close": "closed", "escalate": "escalated"}.get(expect["action"], "open")
    if "due_local" in expect:
        assert outcome["followups"][0]["due_at"] == expect["due_local"] + ":00-05:00"
    if expect["action"] == "quarantine":
        assert followups(engine) == []
        assert [card.kind for card in cards(engine)] == ["question"]
    if "F1" in known and expect["action"] == "create":
        assert {row.state for row in followups(engine)} == {"open"}
        assert len(followups(engine)) == 2
    shown = json.dumps(outcome, ensure_ascii=False) + "".join(card.model_dump_json() for card in cards(engine))
    assert TOKEN not in shown
    assert "555 0100" not in shown
    assert "5550 0199" not in shown


def test_the_same_bytes_again_do_nothing_and_tell_the_same(engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    anna(engine)
    raw = mail("Remind me tomorrow at 9.\n")
    first = take(raw)
    assert first["action"] == "create"
    assert take(raw) == first
    assert len(followups(engine)) == 1
    assert len(cards(engine)) == 1


def test_another_copy_of_the_same_mail_is_a_duplicate(engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    anna(engine)
    take(mail())
    again = take(mail(extra="Received: by another way"))
    assert (again["action"], again["reason"]) == ("ignore", "duplicate")
    assert len(followups(engine)) == 1


def test_a_forged_mail_with_the_same_id_does_not_keep_the_true_one_out(
    engine: Engine, take: Callable[..., dict[str, Any]]
) -> None:
    anna(engine)
    assert take(mail(Authentication_Results=None))["action"] == "quarantine"
    assert take(mail())["action"] == "create"


def test_the_same_mail_by_many_connections_at_once_makes_one_followup(
    engine: Engine, take: Callable[..., dict[str, Any]]
) -> None:
    anna(engine)
    raw, told = mail(), []
    threads = [threading.Thread(target=lambda: told.append(take(raw))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 6
    assert all(one == told[0] for one in told)
    assert len(followups(engine)) == 1


def test_a_crash_before_the_commit_leaves_nothing_and_the_next_try_does_all(engine: Engine) -> None:
    anna(engine)

    class Cut(Exception): ...

    def lost(*_: object) -> None:
        raise Cut

    intake = MailIntake(engine, parse, Rules(), lambda: NOW, "in.coach.test", SERVER, ("slack",))
    broken = MailIntake(engine, parse, Rules(), lambda: NOW, "in.coach.test", SERVER, ("slack",))
    object.__setattr__(broken, "_tell", lost)  # the last thing before the commit
    raw = mail("Remind me tomorrow at 9.\n")
    with pytest.raises(Cut):
        broken.take(Envelope("anna@acme.test", RCPT), raw)
    assert followups(engine) == []
    assert cards(engine) == []
    assert intake.take(Envelope("anna@acme.test", RCPT), raw)["action"] == "create"
    assert len(followups(engine)) == 1


def test_an_unknown_or_foreign_address_is_rejected_and_leaves_no_trace(
    engine: Engine, take: Callable[..., dict[str, Any]]
) -> None:
    anna(engine)
    for rcpt in (f"fu.{OTHER}@in.coach.test", f"fu.{TOKEN}@elsewhere.test", "postmaster@in.coach.test"):
        assert take(mail(), rcpt=rcpt)["reason"] == "unknown_address"
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(CopiedMailRow)) == 0


def test_after_a_rotation_the_old_address_is_unknown(engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    person = anna(engine)
    with writing(engine) as session:
        token = mail_addresses.set_token(session, session.get_one(PersonRow, person), NOW)
    assert take(mail())["action"] == "reject"
    assert take(mail(), rcpt=f"fu.{token}.3days@in.coach.test")["action"] == "create"


def test_a_token_is_stored_as_a_hash_only_and_belongs_to_one_person(engine: Engine) -> None:
    anna(engine)
    with pytest.raises(Refused, match="another"):
        anna(engine, name="Bob", email="bob@acme.test")
    with pytest.raises(Refused, match="16 characters"):
        anna(engine, name="Bob", email="bob@acme.test", token="short")
    with engine.connect() as connection:
        dump = str(connection.execute(text("SELECT * FROM mail_addresses")).all())
    assert TOKEN not in dump


def test_nothing_of_a_mail_is_readable_in_the_database_and_of_its_body_the_excerpt_only(
    engine: Engine, take: Callable[..., dict[str, Any]]
) -> None:
    anna(engine)
    body = "Dear Mr Li,\n" + "confidential terms " * 60 + "the last words"
    take(mail(body, Subject="Secret deal"))
    with engine.connect() as connection:
        dump = "".join(
            str(connection.execute(text(f"SELECT * FROM {table}")).all())
            for table in ("copied_mails", "followups", "contacts", "contact_emails", "followup_mails", "deliveries")
        )
    for word in ("confidential", "Secret deal", "ningbo", "Li Ming", TOKEN, "new.1@acme"):
        assert word not in dump
    with reading(engine) as session:
        row = session.scalars(select(CopiedMailRow)).one()
        assert "the last words" not in json.dumps(row.outcome)
        assert len(row.outcome["excerpt"]) <= 300


def test_yes_to_a_quarantined_mail_makes_the_followup_once(engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    person = anna(engine)
    take(mail(Authentication_Results=None))
    (card,) = cards(engine)
    assert [choice.id.split(":")[1] for choice in card.choices] == ["yes", "no"]
    assert "li.ming@ningbo-tools.test" in card.text
    (row,) = say(engine, person, card.choices[0].id)
    assert (row.subject, row.state) == ("Quote 4411 for hand tools", "open")
    with pytest.raises(Refused, match="no open question"):
        say(engine, person, card.choices[0].id)
    assert len(followups(engine)) == 1


def test_no_to_a_quarantined_mail_makes_nothing_and_nobody_else_can_answer(
    engine: Engine, take: Callable[..., dict[str, Any]]
) -> None:
    person = anna(engine)
    bob = anna(engine, name="Bob", email="bob@other.test", token=OTHER)
    take(mail(Authentication_Results=None))
    (card,) = cards(engine)
    with pytest.raises(Refused):
        say(engine, bob, card.choices[0].id)
    with pytest.raises(Refused, match="no answer"):
        say(engine, person, card.choices[0].id.replace("yes", "perhaps"))
    assert say(engine, person, card.choices[1].id) == []
    assert followups(engine) == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_unclear_answer_is_asked_about_and_yes_closes(lang: str, engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    person = anna(engine, lang=lang)
    one, two = open_f1(engine, person), open_f1(engine, person, subject="Samples", message_ids=["<s1@acme.test>"])
    outcome = take(from_li("On Friday.\n", Subject="Hello", In_Reply_To=None, References=None))
    assert (outcome["action"], outcome["reason"]) == ("ask", "sender_only")
    (card,) = cards(engine)
    assert card.lang == lang
    assert {choice.id.split(":")[1] for choice in card.choices} == {one, two, "no"}
    chosen = next(choice.id for choice in card.choices if two in choice.id)
    say(engine, person, chosen)
    assert {row.id: row.state for row in followups(engine)} == {one: "open", two: "closed"}


def test_a_bounce_nobody_can_place_is_asked_about_and_yes_escalates(engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    person = anna(engine)
    open_f1(engine, person)
    raw = mail(
        "The following address failed: li.ming@ningbo-tools.test\n",
        From="MAILER-DAEMON@mx.acme.test",
        Subject="Undelivered Mail Returned to Sender",
        Authentication_Results=None,
    )
    assert take(raw, mail_from="")["reason"] == "bounce_unclear"
    (card,) = cards(engine)
    say(engine, person, card.choices[0].id)
    assert followups(engine)[0].state == "escalated"


def test_a_reply_closes_withdraws_nothing_else_and_can_be_taken_back(engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    person = anna(engine)
    one = open_f1(engine, person)
    assert take(from_li())["followups"][0]["state"] == "closed"
    (card,) = cards(engine)
    assert [choice.id for choice in card.choices] == [f"fu:undo:{one}"]
    assert take(from_li(Message_ID="<r7@ningbo-tools.test>"))["reason"] == "already_closed"


def test_a_check_by_telephone_is_closed_by_no_mail(engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    person = anna(engine)
    one = open_f1(engine, person, kind="verify_by_phone")
    outcome = take(from_li("The account is right, please pay.\n"))
    assert outcome["action"] == "annotate"
    assert [(row.id, row.state) for row in followups(engine)] == [(one, "open")]


def test_a_time_that_can_be_read_in_several_ways_is_said_and_the_usual_one_stands(
    engine: Engine, take: Callable[..., dict[str, Any]]
) -> None:
    anna(engine)
    usual = take(mail(Message_ID="<u@acme.test>", To="chen@x.test"))["followups"][0]["due_at"]
    outcome = take(mail("Remind me in a few days.\n", To="chen@x.test", Subject="Samples"))
    assert outcome["followups"][0]["due_at"] == usual
    assert "several ways" in outcome["warnings"][-1]
    assert any("several ways" in remark.text for card in cards(engine) for remark in card.because)


def test_writing_again_in_the_thread_makes_no_second_followup_and_moves_it_when_told(
    engine: Engine, take: Callable[..., dict[str, Any]]
) -> None:
    person = anna(engine)
    one = open_f1(engine, person)
    outcome = take(mail("Remind me on Monday at 10:00\n", In_Reply_To="<q-4411.1@acme.test>", Message_ID="<q-4411.2@acme.test>"))
    assert (outcome["action"], outcome["reason"]) == ("annotate", "sent_again")
    assert outcome["followups"][0]["due_at"] == "2026-11-30T10:00:00-05:00"
    assert take(from_li(In_Reply_To="<q-4411.2@acme.test>", References=None))["action"] == "close"
    assert [row.id for row in followups(engine)] == [one]


def test_an_invitation_plans_towards_the_meeting(engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    anna(engine)
    calendar = (
        "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Call\nDTSTART:20261201T020000Z\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    take(mail(calendar, Content_Type="text/calendar; method=REQUEST"))
    assert followups(engine)[0].deadline == dt.datetime(2026, 12, 1, 2, tzinfo=dt.UTC)


def test_an_absence_holds_until_they_are_back(engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    person = anna(engine)
    open_f1(engine, person)
    body = "I am out of office until 4 December 2026.\n"
    outcome = take(from_li(body, Subject="Automatic reply: Quote 4411", Auto_Submitted="auto-replied"), mail_from="")
    assert outcome["reason"] == "out_of_office"
    assert outcome["followups"][0]["due_at"] >= "2026-12-04T13:00"


def test_questions_are_limited_and_what_is_old_is_forgotten(engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    person = anna(engine)
    for number in range(held.MOST_A_DAY + 2):
        take(mail(Authentication_Results=None, Message_ID=f"<n{number}@acme.test>", Subject=f"Offer {number}"))
    assert len(cards(engine)) == held.MOST_A_DAY
    with reading(engine) as session:
        assert len(held.waiting(session, session.get_one(PersonRow, person))) == held.MOST_A_DAY + 2
    later = NOW + dt.timedelta(days=15)
    with writing(engine) as session:
        held.forget(session, later)
    with pytest.raises(Refused, match="no open question"):
        say(engine, person, cards(engine)[0].choices[0].id, later)
    retention.sweep(engine, NOW + dt.timedelta(days=91))
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(CopiedMailRow)) == 0


def test_erasing_a_person_erases_their_address_and_mails(engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    person = anna(engine)
    take(mail())
    with writing(engine) as session:
        directory.erase(session, session.get_one(PersonRow, person))
    assert take(mail())["reason"] == "unknown_address"
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(CopiedMailRow)) == 0


def test_an_unreadable_mail_is_refused_with_its_reason(engine: Engine) -> None:
    anna(engine)
    intake = MailIntake(engine, parse, Rules(), lambda: NOW, "in.coach.test", SERVER)
    with pytest.raises(Refused, match="more than one sender"):
        intake.note(Envelope("anna@acme.test", RCPT), mail(extra="From: x@y.test"))

    def away(*_: object) -> Any:
        raise Unavailable("the reader of mails died")

    with pytest.raises(Unavailable):
        MailIntake(engine, away, Rules(), lambda: NOW, "in.coach.test", SERVER).note(Envelope("a@b.test", RCPT), mail())


def test_a_colleagues_address_of_ones_own_is_asked_about(engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    person = anna(engine)
    outcome = take(mail(From="anna.keller@acme.test", Authentication_Results=passed()), mail_from="anna.keller@acme.test")
    assert outcome["reason"] == "not_your_address"
    (card,) = cards(engine)
    (row,) = say(engine, person, card.choices[0].id)
    assert row.subject == "Quote 4411 for hand tools"


def test_a_counterpart_whose_address_no_mail_reaches_is_kept_by_name(engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    anna(engine)
    assert take(mail(To=f"chen@intranet, {LI}"))["followups"][0]["recipients"] == ["li.ming@ningbo-tools.test"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_question_about_a_mail_is_answered_in_the_talk(
    lang: str, build_app: Callable[..., App], take: Callable[..., dict[str, Any]]
) -> None:
    app = build_app()
    anna(app.engine, lang=lang)
    here = Address(channel="slack", external_id="T/Anna Keller", workspace="T")

    def press(choice: str) -> Card:
        number = len(pressed)
        pressed.append(choice)
        inbound = Inbound(address=here, message_id=f"m{number}", choice=choice, received_at=NOW)
        return app.receive(inbound).cards[0]

    pressed: list[str] = []
    take(mail(Authentication_Results=None))
    (question,) = cards(app.engine)
    made = press(question.choices[0].id)
    assert made.lang == lang
    assert "Quote 4411" in made.title
    assert [choice.id.split(":")[1] for choice in made.choices] == ["when", "cancel"]
    assert "settled" in press(question.choices[0].id).text or lang == "zh"
    take(mail(Authentication_Results=None, Subject="Another", Message_ID="<b@acme.test>"))
    other = next(card for card in cards(app.engine) if card.id == "mail" and "Another" in card.text)
    assert "nothing was done" in press(other.choices[1].id).text or lang == "zh"
    assert len(followups(app.engine)) == 1
    assert press("mail:nonsense").kind == "notice"


def test_a_typed_number_answers_the_question_that_came_last(
    build_app: Callable[..., App], take: Callable[..., dict[str, Any]]
) -> None:
    app = build_app()
    anna(app.engine, lang="en")
    here = Address(channel="slack", external_id="T/Anna Keller", workspace="T")
    typed: list[str] = []

    def type_in(text: str, minutes: int) -> Card:
        typed.append(text)
        at = NOW + dt.timedelta(minutes=minutes)
        return app.receive(Inbound(address=here, message_id=f"t{len(typed)}", text=text, received_at=at)).cards[0]

    def arrives() -> None:
        with writing(app.engine) as session:
            for row in session.scalars(select(DeliveryRow).where(DeliveryRow.state == "waiting")):
                row.state = "sent"

    take(mail(Authentication_Results=None))
    type_in("1", 1)
    assert followups(app.engine) == [], "the question has not come yet"
    arrives()
    with writing(app.engine) as session:
        for row in session.scalars(select(DeliveryRow).where(DeliveryRow.kind == "nudge")):
            row.moved_at = NOW + dt.timedelta(minutes=2)
    assert "Quote 4411" in type_in("1", 3).title
    assert len(followups(app.engine)) == 1
    take(mail(Authentication_Results=None, Subject="Another", Message_ID="<b@acme.test>"), now=NOW + dt.timedelta(minutes=4))
    arrives()
    assert "nothing was done" in type_in("2", 5).text
    assert len(followups(app.engine)) == 1


def test_a_number_typed_where_the_question_was_handed_on_answers_it(
    build_app: Callable[..., App], take: Callable[..., dict[str, Any]]
) -> None:
    app = build_app()
    person = anna(app.engine, lang="en")
    phone = Address(channel="wechat", external_id="openid")
    with writing(app.engine) as session:
        directory.add_address(session, session.get_one(PersonRow, person), phone, NOW - dt.timedelta(days=9))

    def ends(state: str, after: int) -> None:
        with writing(app.engine) as session:
            for row in session.scalars(select(DeliveryRow).where(DeliveryRow.state == "waiting")):
                row.state, row.moved_at = state, NOW + dt.timedelta(minutes=after)

    def type_in(text: str, minutes: int) -> Card:
        at = NOW + dt.timedelta(minutes=minutes)
        return app.receive(Inbound(address=phone, message_id=f"t{minutes}", text=text, received_at=at)).cards[0]

    take(mail(Authentication_Results=None))
    ends("failed", 1)
    type_in("1", 2)
    assert followups(app.engine) == [], "it is not there yet"
    assert undelivered.hand_on(app.engine, NOW + dt.timedelta(minutes=3), ["slack", "wechat"]) == 1
    ends("sent", 4)
    assert "Quote 4411" in type_in("1", 5).title
    assert [row.subject for row in followups(app.engine)] == ["Quote 4411 for hand tools"]
