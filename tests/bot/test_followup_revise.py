"""What is noted of a follow-up is corrected and completed in the talk, in both languages, taken back, and never for a check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select

from bot.db import reading, writing
from bot.errors import Conflict, Refused
from bot.followups import changes, contacts, desk, ledger
from bot.followups.revise import revise
from bot.followups.rules import Rules
from bot.followups.tables import ContactRow, FollowupEventRow
from bot.people import directory
from bot.people.tables import PersonRow
from bot.wiring import App
from tests.bot.test_followup_talk import NOW, Talk, ids

RULES = Rules()
LI = "I emailed Mr Li about the quote, remind me tomorrow at 9 his time"
ZH = "刚给李总发了报价，周四上午提醒我"


@pytest.fixture
def anna(engine: Engine) -> str:
    with writing(engine) as session:
        return directory.add_person(session, NOW, name="Anna", zone="Europe/Berlin").id


def of_contact(app: App, name: str) -> dict[str, Any]:
    with reading(app.engine) as session:
        rows = [row for row in session.scalars(select(ContactRow)) if row.name == name]
        return {"phones": rows[0].phones, "wechat": rows[0].wechat, "zone": rows[0].zone, "lang": rows[0].lang, "organisation": rows[0].organisation}  # fmt: skip


def red(engine: Engine, talk: Talk, name: str = "Mr Li") -> None:
    """A check of bank details with a counterpart of this name."""
    talk("hello")
    with writing(engine) as session:
        person = session.scalars(select(PersonRow)).one()
        contact = contacts.add(session, person, NOW, name=name, emails=["li@factory.cn"], phone="+86 21 5555 0000")
        ledger.create(session, person, NOW, RULES, subject="invoice", contacts=[contact], kind="verify_by_phone")


@pytest.mark.parametrize(
    ("first", "words", "says", "who", "what"),
    [
        (LI, "that should be Ms Wang, not Mr Li", "You wait for: Ms Wang", "Ms Wang", "quote"),
        (LI, "No, that should be Ms Wang.", "You wait for: Ms Wang", "Ms Wang", "quote"),
        (LI, "change the subject to contract draft", "It is about: contract draft", "Mr Li", "contract draft"),
        (LI, "it's about the contract, not the quote", "It is about: contract", "Mr Li", "contract"),
        (ZH, "应该是王经理，不是李总", "对方：王经理", "王经理", "报价"),
        (ZH, "把李总改成王经理", "对方：王经理", "王经理", "报价"),
        (ZH, "把这件事改成合同的事", "事由：合同", "李总", "合同"),
        (ZH, "是合同，不是报价", "事由：合同", "李总", "合同"),
    ],
)
def test_whom_and_what_it_is_about_is_corrected_and_taken_back(
    app: App, first: str, words: str, says: str, who: str, what: str
) -> None:
    talk = Talk(app)
    talk(first)
    before = talk.row
    card = talk(words)
    assert says in card.text
    assert ids(card) == [f"fu:undo:{before.id}"]
    assert talk.row.subject == what
    assert who in talk("list" if first == LI else "列表").choices[0].title
    talk(f"fu:undo:{before.id}")
    assert talk.row.subject == before.subject
    assert ("Mr Li" if first == LI else "李总") in talk("list" if first == LI else "列表").choices[0].title


@pytest.mark.parametrize(
    ("first", "words", "field", "value"),
    [
        (LI, "his phone number is +86 138 0000 0000", "phones", ["+86 138 0000 0000"]),
        (LI, "Mr Li's mobile is 138 0000 0000", "phones", ["138 0000 0000"]),
        (LI, "He is on WeChat: liming88", "wechat", "liming88"),
        (LI, "his phone is 138 0000 0000 and his WeChat is liming88", "wechat", "liming88"),
        (LI, "he only speaks English", "lang", "en"),
        (LI, "Mr Li works for Ningbo Tools", "organisation", "Ningbo Tools"),
        (LI, "Mr Li is in Tokyo", "zone", "Asia/Tokyo"),
        (ZH, "对方电话是138 0000 1111", "phones", ["138 0000 1111"]),
        (ZH, "李总的手机：13800001111", "phones", ["13800001111"]),
        (ZH, "他的微信是 liming88", "wechat", "liming88"),
        (ZH, "微信同电话：13800001111", "wechat", "13800001111"),
        (ZH, "他只会英文", "lang", "en"),
        (ZH, "他的公司叫宁波工具", "organisation", "宁波工具"),
        (ZH, "李总在首尔", "zone", "Asia/Seoul"),
    ],
)
def test_how_and_where_they_are_reached_is_kept_and_taken_back(
    app: App, first: str, words: str, field: str, value: object
) -> None:
    talk = Talk(app)
    talk(first)
    name = "Mr Li" if first == LI else "李总"
    before = of_contact(app, name)
    card = talk(words)
    assert card.id == "followup.did.revise"
    assert of_contact(app, name)[field] == value
    assert talk(words).id == "followup.was.revise", "twice is as once"
    talk("undo" if first == LI else "撤销")
    assert of_contact(app, name) == before


def test_where_they_are_moves_a_time_of_their_clock_and_no_other(app: App) -> None:
    talk = Talk(app)
    talk(LI)
    assert "09:00 Tokyo time" in talk("Mr Li is in Tokyo").text
    assert talk.row.due_at.astimezone(dt.UTC) == dt.datetime.fromisoformat("2026-11-26T09:00+09:00")
    other = Talk(app, "bert")
    other("I emailed Mr Li about the quote, remind me tomorrow at 9")
    assert "remind you" not in other("he is in Tokyo").text
    assert other.row.due_at.astimezone(dt.UTC) == dt.datetime.fromisoformat("2026-11-26T09:00+01:00")


@pytest.mark.parametrize(
    ("first", "words", "says"),
    [
        (LI, "the deadline is 15 December", "Deadline: Tuesday 15 December"),
        (LI, "they need to answer by 15 December", "Deadline: Tuesday 15 December"),
        (ZH, "截止日期是12月15日", "截止：12月15日（周二）"),
        (ZH, "合同必须在12月15日之前签", "截止：12月15日（周二）"),
    ],
)
def test_a_deadline_is_told_later(app: App, first: str, words: str, says: str) -> None:
    talk = Talk(app)
    talk(first)
    due_at = talk.row.due_at
    assert says in talk(words).text
    assert talk.row.deadline
    assert talk.row.due_at == due_at, "a time they named is kept"
    talk("undo" if first == LI else "撤销")
    assert talk.row.deadline is None


@pytest.mark.parametrize(
    "words",
    [
        "his WeChat is blocked",
        "change it to Friday",
        "we are in Berlin",
        "the deadline is tight",
        "why is he in Tokyo?",
        "that should be fine",
        "他的公司是做什么的",
        "我的电话是13800001111",
        "把这件事改成周五",
    ],
)
def test_what_says_something_else_corrects_nothing(app: App, words: str) -> None:
    talk = Talk(app)
    talk(LI)
    assert talk(words).id != "followup.did.revise"
    assert (talk.row.subject, of_contact(app, "Mr Li")["zone"]) == ("quote", "Asia/Shanghai")


def test_without_a_follow_up_nothing_is_corrected(app: App) -> None:
    assert not Talk(app)("his phone number is +86 138 0000 0000").id.startswith("followup")
    assert not Talk(app)("Mr Li is in Tokyo").id.startswith("followup")


def test_of_several_the_one_who_is_named_is_meant(app: App) -> None:
    talk = Talk(app)
    talk(LI)
    talk("I emailed Ms Wang about the samples, remind me tomorrow at 10")
    assert "Telephone of Mr Li" in talk("Mr Li's phone number is 138 0000 0000").text
    assert of_contact(app, "Ms Wang")["phones"] == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("Mr Li's phone number is +86 138 0000 0000", "I do not keep a number of Mr Li now"),
        ("Mr Li的电话是13800000000", "所以我现在不记新号码"),
    ],
)
def test_a_number_told_during_a_check_never_becomes_the_known_one(app: App, words: str, why: str) -> None:
    talk = Talk(app)
    red(app.engine, talk)
    assert why in talk(words).text
    assert of_contact(app, "Mr Li")["phones"] == ["+86 21 5555 0000"]
    shown = talk(f"fu:show:{talk.row.id}").model_dump_json().replace(talk.row.id, "ID")  # which may hold any digits
    assert "5555 0000" in shown
    assert "138" not in shown


def test_whom_a_check_is_about_stays(app: App) -> None:
    talk = Talk(app)
    red(app.engine, talk)
    talk(f"fu:show:{talk.row.id}")
    assert "stays as it is" in talk("that should be Ms Wang, not Mr Li").text
    assert of_contact(app, "Mr Li")["phones"] == ["+86 21 5555 0000"]


@pytest.mark.parametrize("how", ["add", "contact", "change"])
def test_no_way_lets_a_number_in_during_a_check(engine: Engine, anna: str, how: str) -> None:
    with writing(engine) as session:
        person = session.get_one(PersonRow, anna)
        contact = contacts.add(session, person, NOW, name="Li Wei", emails=["li@factory.cn"], phone="+86 21 5555 0000")
        check = ledger.create(session, person, NOW, RULES, subject="invoice", contacts=[contact], kind="verify_by_phone")
        ways: dict[str, Callable[[str], object]] = {
            "add": lambda number: desk.add(session, person, NOW, RULES, subject="x", name="Li Wei", phone=number),
            "contact": lambda number: contacts.add(session, person, NOW, emails=["li@factory.cn"], phone=number),
            "change": lambda number: desk.change(session, person, check.id, "change", NOW, RULES, phone=number),
        }
        with pytest.raises(contacts.NumberDuringCheck):
            ways[how]("+86 138 0000 0000")
        assert contact.phones == ["+86 21 5555 0000"]
        ways[how]("+86 (21) 55550000")  # the known one is no new one
        changes.called(session, check, NOW)
        if how != "change":
            ways[how]("+86 138 0000 0000")
            assert contact.phones[-1] == "+86 138 0000 0000"


def test_data_for_a_known_name_completes_the_contact(engine: Engine, anna: str) -> None:
    with writing(engine) as session:
        person = session.get_one(PersonRow, anna)
        desk.add(session, person, NOW, RULES, subject="a", name="Chen Hua", wechat="chen1")
        given: dict[str, Any] = {"phone": "+86 10 5550 0199", "wechat": "chen2", "contact_zone": "Asia/Tokyo"}
        given["organisation"] = "Foo"
        desk.add(session, person, NOW, RULES, subject="b", name="Chen Hua", **given)
        (contact,) = contacts.by_name(session, person, "Chen Hua")
        known = (contact.phones, contact.wechat, contact.zone, contact.organisation)
        assert known == (["+86 10 5550 0199"], "chen1", "Asia/Tokyo", "Foo")


def test_a_planned_step_is_planned_anew_for_another_zone_or_deadline(engine: Engine, anna: str) -> None:
    with writing(engine) as session:
        person = session.get_one(PersonRow, anna)
        row = desk.add(session, person, NOW, RULES, subject="a", name="Chen Hua")
        planned = row.due_at
        assert revise(session, person, row, NOW, RULES, zone="America/New_York")
        assert (row.due_at, row.zone) == (
            dt.datetime.fromisoformat("2026-11-25T09:30-05:00").astimezone(dt.UTC),
            "America/New_York",
        )
        assert changes.undo(session, row, NOW)
        assert (row.due_at, row.zone) == (planned, "Asia/Shanghai")
        row.step, row.touches, row.due_at = "other", 2, dt.datetime(2026, 11, 30, 2, tzinfo=dt.UTC)
        changes.remember(session, row, "nudged", "coach", NOW + dt.timedelta(days=1), "call")
        later = NOW + dt.timedelta(days=1, hours=1)
        assert revise(session, person, row, later, RULES, deadline=dt.datetime(2026, 11, 30, 2, tzinfo=dt.UTC))
        assert row.step == "other"
        assert row.due_at.astimezone(dt.UTC).date() == dt.date(2026, 11, 27), "the working day before Monday"


def test_mail_addresses_stay_with_the_follow_up(engine: Engine, anna: str) -> None:
    with writing(engine) as session:
        person = session.get_one(PersonRow, anna)
        row = desk.add(session, person, NOW, RULES, subject="a", name="Li", emails=["li@factory.cn"], phone="+86 21 5555")
        assert revise(session, person, row, NOW, RULES, name="Wang Fang")
        told = ledger.told(session, [row])[0]
        assert (told["contact_name"], told["recipients"]) == ("Wang Fang", ["li@factory.cn"])
        assert contacts.by_name(session, person, "Wang Fang")[0].phones == [], "whose number it was is not hers"
        assert changes.undo(session, row, NOW)
        assert ledger.told(session, [row])[0]["contact_name"] == "Li"


def test_what_cannot_be_is_refused_and_what_is_so_already_leaves_no_trace(engine: Engine, anna: str) -> None:
    with writing(engine) as session:
        person = session.get_one(PersonRow, anna)
        row = desk.add(session, person, NOW, RULES, subject="a", name="Li")
        wrong: list[dict[str, Any]] = [{}, {"deadline": NOW}, {"zone": "Mars/One"}, {"phone": "x"}, {"lang": "fr"}]
        for given in wrong:
            with pytest.raises(Refused):
                revise(session, person, row, NOW, RULES, **given)
        assert not revise(session, person, row, NOW, RULES, subject="a", name="Li", zone="Asia/Shanghai")
        assert [event.what for event in ledger.history(session, row)] == ["created"]
        changes.done(session, row, NOW)
        with pytest.raises(Conflict):
            revise(session, person, row, NOW, RULES, subject="b")


def test_history_keeps_names_and_numbers_encrypted(engine: Engine, anna: str) -> None:
    with writing(engine) as session:
        person = session.get_one(PersonRow, anna)
        row = desk.add(session, person, NOW, RULES, subject="a", name="Li")
        revise(session, person, row, NOW, RULES, subject="secret", phone="+86 138 0000 0000")
        event = session.scalars(select(FollowupEventRow).where(FollowupEventRow.what == "revised")).one()
        assert "secret" in (event.note or "")
        assert "secret" not in str(event.before)
        assert "138" not in str(event.before)
