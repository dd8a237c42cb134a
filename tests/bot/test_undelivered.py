"""A nudge that reached nobody goes to the person's next address, once; else the follow-up says so."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select

from bot.db import reading, writing
from bot.delivery import outbox
from bot.delivery.tables import DeliveryRow
from bot.followups import changes, contacts, due, ledger, undelivered
from bot.followups.rules import Rules
from bot.followups.tables import FollowupRow
from bot.followups.worktime import find_zone
from bot.messages import Address, Card, Inbound
from bot.people import directory
from bot.people.tables import AddressRow, PersonRow
from bot.wiring import App

RULES = Rules()
BEFORE = dt.datetime(2026, 11, 20, 10, tzinfo=find_zone("Asia/Shanghai"))
NOW = dt.datetime(2026, 11, 25, 14, 30, tzinfo=find_zone("Asia/Shanghai"))
PUSHED = ["slack", "wechat", "web"]


@pytest.fixture
def anna(engine: Engine) -> str:
    with writing(engine) as session:
        person = directory.add_person(session, BEFORE, name="Anna", zone="Europe/Berlin", lang="en")
        for hour, (channel, name) in enumerate((("wechat", "openid"), ("web", "browser"), ("slack", "T/U"))):
            at = BEFORE + dt.timedelta(hours=hour)
            directory.add_address(session, person, Address(channel=channel, external_id=name), at)
        return person.id


def make(engine: Engine, person_id: str, subject: str = "Quotation", due_at: dt.datetime | None = None) -> str:
    with writing(engine) as session:
        person = session.get_one(PersonRow, person_id)
        contact = contacts.for_recipient(session, person, BEFORE, f"{subject}@factory.cn")
        at = NOW - dt.timedelta(minutes=30)
        return ledger.create(session, person, at, RULES, subject=subject, contacts=[contact], due_at=due_at).id


def fails(engine: Engine) -> None:
    """Every nudge that waits is refused by its vendor."""
    with writing(engine) as session:
        for row in session.scalars(select(DeliveryRow).where(DeliveryRow.state == "waiting")):
            row.state, row.reason = "failed", "Unreachable"


def sent_to(engine: Engine) -> list[tuple[str, str]]:
    """(channel, state) of all nudges in the order they were put."""
    with reading(engine) as session:
        rows = session.scalars(select(DeliveryRow)).all()
    first = [row for row in rows if row.instead_of is None]
    again = {row.instead_of: row for row in rows if row.instead_of}
    assert len(again) == len(rows) - len(first), "no card is repeated twice"
    return [(row.channel, row.state) for one in first for row in (one, again.get(one.id)) if row]


def told(engine: Engine, person_id: str, followup: str) -> tuple[list[str], bool]:
    with reading(engine) as session:
        row = ledger.find(session, session.get_one(PersonRow, person_id), followup)
        return [event.what for event in ledger.history(session, row)], ledger.told(session, [row])[0]["undelivered"]


def nudged_in_vain(engine: Engine) -> None:
    assert due.sweep(engine, RULES, NOW, PUSHED) == 1
    fails(engine)


def test_the_same_card_goes_to_the_address_where_they_were_heard_last(engine: Engine, anna: str) -> None:
    one = make(engine, anna)
    nudged_in_vain(engine)
    assert [undelivered.hand_on(engine, NOW, PUSHED) for _ in range(3)] == [1, 0, 0]
    assert sent_to(engine) == [("slack", "failed"), ("web", "waiting")]
    with reading(engine) as session:
        first, again = (
            session.scalars(select(DeliveryRow).where(DeliveryRow.channel == name)).one() for name in ("slack", "web")
        )
        assert (again.card, again.kind, again.due_at) == (first.card, "nudge", NOW)
    assert told(engine, anna, one) == (["created", "nudged", "handed_on"], False)


def test_it_goes_first_where_the_person_wants_what_comes_unasked(engine: Engine, anna: str) -> None:
    make(engine, anna)
    nudged_in_vain(engine)
    with writing(engine) as session:
        session.scalars(select(AddressRow).where(AddressRow.channel == "wechat")).one().preferred = True
    undelivered.hand_on(engine, NOW, PUSHED)
    assert sent_to(engine)[-1] == ("wechat", "waiting")


def test_whatever_ends_the_matter_withdraws_the_second_nudge(engine: Engine, anna: str) -> None:
    one = make(engine, anna)
    nudged_in_vain(engine)
    undelivered.hand_on(engine, NOW, PUSHED)
    with writing(engine) as session:
        assert changes.done(session, ledger.find(session, session.get_one(PersonRow, anna), one), NOW)
    assert sent_to(engine) == [("slack", "failed"), ("web", "cancelled")]


def test_a_card_is_handed_on_once_and_then_the_follow_up_says_that_it_reached_nobody(engine: Engine, anna: str) -> None:
    one = make(engine, anna)
    nudged_in_vain(engine)
    undelivered.hand_on(engine, NOW, PUSHED)
    fails(engine)
    assert undelivered.hand_on(engine, NOW, PUSHED) == 0
    assert sent_to(engine) == [("slack", "failed"), ("web", "failed")], "WeChat is not tried as well"
    assert told(engine, anna, one) == (["created", "nudged", "handed_on", "undelivered"], True)
    assert undelivered.hand_on(engine, NOW, PUSHED) == 0
    assert len(told(engine, anna, one)[0]) == 4


@pytest.mark.parametrize("channels", [["slack"], []])
def test_without_another_address_the_follow_up_says_so_until_the_next_nudge(
    engine: Engine, anna: str, channels: list[str]
) -> None:
    one = make(engine, anna)
    nudged_in_vain(engine)
    assert undelivered.hand_on(engine, NOW, channels) == 0
    assert told(engine, anna, one) == (["created", "nudged", "undelivered"], True)
    assert due.sweep(engine, RULES, NOW + dt.timedelta(days=1), PUSHED) == 1
    assert told(engine, anna, one)[1] is False


def test_what_has_ended_or_moved_meanwhile_is_left_alone(engine: Engine, anna: str) -> None:
    ended, moved = make(engine, anna, "Ended"), make(engine, anna, "Moved")
    nudged_in_vain(engine)
    with writing(engine) as session:
        person = session.get_one(PersonRow, anna)
        changes.replied(session, ledger.find(session, person, ended), NOW)
        changes.snooze(session, ledger.find(session, person, moved), NOW + dt.timedelta(days=2), "Europe/Berlin", NOW)
    assert undelivered.hand_on(engine, NOW, PUSHED) == 0
    assert sent_to(engine) == [("slack", "failed")]


def test_in_quiet_hours_it_waits_for_the_morning_unless_the_time_was_named(engine: Engine, anna: str) -> None:
    night = dt.datetime(2026, 11, 26, 5, tzinfo=find_zone("Asia/Shanghai"))  # 22:00 in Berlin
    make(engine, anna)
    nudged_in_vain(engine)
    undelivered.hand_on(engine, night, PUSHED)
    named = make(engine, anna, "Named", due_at=night)
    assert due.sweep(engine, RULES, night, PUSHED) == 1
    with writing(engine) as session:
        session.scalars(
            select(DeliveryRow).where(DeliveryRow.channel == "slack", DeliveryRow.state == "waiting")
        ).one().state = "failed"
    undelivered.hand_on(engine, night, PUSHED)
    with reading(engine) as session:
        dues = sorted(session.scalars(select(DeliveryRow.due_at).where(DeliveryRow.channel == "web")))
    assert dues == [night, dt.datetime(2026, 11, 26, 7, tzinfo=find_zone("Europe/Berlin"))]
    assert told(engine, anna, named)[0][-1] == "handed_on"


def test_a_question_about_a_mail_is_handed_on_as_well(engine: Engine, anna: str) -> None:
    card = Card(id="mail", kind="question", lang="en", text="Is it yours?")
    with writing(engine) as session:
        slack = session.scalars(select(AddressRow).where(AddressRow.channel == "slack")).one()
        outbox.put(session, slack, card, NOW, "nudge", NOW)
        outbox.put(session, slack, card, NOW, "tip", NOW)
    fails(engine)
    assert undelivered.hand_on(engine, NOW, PUSHED) == 1, "a tip is not worth a second place"


def test_two_workers_hand_each_card_on_once(engine: Engine, anna: str) -> None:
    people = [anna]
    with writing(engine) as session:
        for number in range(12):
            person = directory.add_person(session, BEFORE, name="P", zone="Europe/Berlin")
            for channel in ("web", "slack"):
                directory.add_address(session, person, Address(channel=channel, external_id=f"{number}"), BEFORE)
            people.append(person.id)
    for person_id in people:
        make(engine, person_id)
    assert due.sweep(engine, RULES, NOW, PUSHED) == len(people)
    fails(engine)
    put: list[int] = []
    workers = [threading.Thread(target=lambda: put.append(undelivered.hand_on(engine, NOW, PUSHED))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(put) == len(people)
    assert len(sent_to(engine)) == 2 * len(people)


def test_the_list_and_the_matter_say_that_the_reminder_did_not_arrive(build_app: Callable[..., App], engine: Engine) -> None:
    app = build_app(now=lambda: NOW)
    said = 0

    def say(text: str = "", choice: str = "") -> str:
        nonlocal said
        said += 1
        at = NOW + dt.timedelta(minutes=said)
        home = Address(channel="web", external_id="cleo")
        answer = app.receive(Inbound(address=home, message_id=f"m{said}", received_at=at, text=text, choice=choice, lang="en"))
        return "\n".join(f"{card.text} {[choice.title for choice in card.choices]}" for card in answer.cards)

    say(text="hello")
    with writing(engine) as session:
        cleo = directory.known(session, Address(channel="web", external_id="cleo")).id
        directory.add_address(session, session.get_one(PersonRow, cleo), Address(channel="slack", external_id="T/C"), NOW)
    one = make(engine, cleo)
    due.sweep(engine, RULES, NOW, ["slack"])
    fails(engine)
    with writing(engine) as session:
        session.scalars(select(AddressRow).where(AddressRow.channel == "web")).one().left_at = NOW
    assert app.nudge(NOW) == 0
    assert "reminder could not be delivered" in say(choice="followup-list")
    assert "could not be delivered to you" in say(choice=f"fu:show:{one}")
    with reading(engine) as session:
        assert session.scalars(select(FollowupRow.state)).one() == "open"
