"""Weekly tips become deliveries exactly once, at each reader's own half past nine, where they may be written to."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from sqlalchemy import Engine, event, func, select, update

from bot.broadcasts import consent
from bot.broadcasts.tables import SubscriptionRow, TipShownRow
from bot.broadcasts.tips_due import Due
from bot.conversations.asked import asked_lately
from bot.conversations.tables import ConversationRow, InboundRow
from bot.db import reading, writing
from bot.delivery.tables import DeliveryRow
from bot.followups import contacts, due, ledger
from bot.followups.rules import Rules
from bot.messages import Address, Card
from bot.people import directory
from bot.people.tables import AddressRow, PersonRow
from bot.wiring_tips import due_tips
from knowledge.load import KnowledgeBase

MONDAY = dt.datetime.fromisoformat("2026-11-23T09:30:00+08:00")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
EVERYWHERE = ("slack", "wecom", "web", "terminal")


@pytest.fixture
def tips(kb: KnowledgeBase) -> Due:
    """The sweep as it is assembled."""
    return due_tips(kb, Rules())


def subscriber(
    engine: Engine,
    who: str = "me",
    *,
    zone: str | None = "Asia/Shanghai",
    channel: str = "slack",
    at: dt.datetime = MONDAY,
    **changes,
) -> str:
    """Somebody whose next tip is due at a moment; their id. `changes` are of the person."""
    with writing(engine) as session:
        person, address = directory.at_address(session, Address(channel=channel, external_id=who), MONDAY - 30 * DAY)
        person.zone = zone
        for name, value in changes.items():
            setattr(person, name, value)
        consent.subscribe(session, person, address, at, MONDAY - 30 * DAY)
        return person.id


def deliveries(engine: Engine) -> list[DeliveryRow]:
    """All there are, in their order."""
    with reading(engine) as session:
        return list(session.scalars(select(DeliveryRow).order_by(DeliveryRow.due_at, DeliveryRow.id)))


def row_of(engine: Engine, person: str) -> SubscriptionRow:
    with reading(engine) as session:
        return session.get_one(SubscriptionRow, person)


def sent(engine: Engine) -> None:
    """Everything that waits has arrived."""
    with writing(engine) as session:
        for row in session.scalars(select(DeliveryRow)):
            row.state = "sent"


def test_a_tip_that_is_due_is_one_delivery_and_the_next_is_planned(engine: Engine, tips: Due) -> None:
    person = subscriber(engine)
    assert tips.sweep(engine, MONDAY - HOUR, EVERYWHERE) == 0
    assert tips.sweep(engine, MONDAY, EVERYWHERE) == 1
    assert tips.sweep(engine, MONDAY, EVERYWHERE) == 0
    (delivery,) = deliveries(engine)
    assert (delivery.kind, delivery.state, delivery.channel, delivery.lane) == ("tip", "waiting", "slack", "5/slack//")
    shown = Card.model_validate(delivery.card)
    assert shown.id == "tip"
    assert "Tip of the week" in shown.title
    with reading(engine) as session:
        noted = session.scalars(select(TipShownRow)).one()
    assert (noted.person_id, noted.delivery_id) == (person, delivery.id)
    assert f"card:{noted.tip.partition('/')[0]}" == shown.choices[0].id
    assert [way.id for way in shown.choices[1:]] == [f"tip:{vote}:{noted.id}" for vote in ("useful", "not_now", "fewer")]
    row = row_of(engine, person)
    assert row.next_tip_at == MONDAY + 7 * DAY
    assert row.last_delivery == delivery.id


def test_each_reader_gets_it_at_their_own_half_past_nine(engine: Engine, tips: Due) -> None:
    due_at = {
        "Asia/Shanghai": MONDAY,
        "Europe/Berlin": dt.datetime.fromisoformat("2026-11-23T09:30:00+01:00"),
        "America/New_York": dt.datetime.fromisoformat("2026-11-23T09:30:00-05:00"),
    }
    people = {subscriber(engine, zone, zone=zone, at=at): zone for zone, at in due_at.items()}
    moments = {}
    now = MONDAY - HOUR
    while len(moments) < 3:
        tips.sweep(engine, now, EVERYWHERE)
        with reading(engine) as session:
            for row in session.scalars(select(TipShownRow)):
                moments.setdefault(people[row.person_id], row.at)
        now += HOUR / 2
        assert now < MONDAY + DAY
    assert moments == due_at


@pytest.mark.parametrize(
    ("now", "better"),
    [
        ("2026-11-23T03:00:00+08:00", "2026-11-23T09:30:00+08:00"),
        ("2026-11-23T19:00:00+08:00", "2026-11-24T09:30:00+08:00"),
        ("2026-11-28T11:00:00+08:00", "2026-11-30T09:30:00+08:00"),
        ("2026-10-02T11:00:00+08:00", "2026-10-08T09:30:00+08:00"),
    ],
)
def test_when_it_could_not_come_in_time_it_waits_for_the_next_good_moment(
    engine: Engine, tips: Due, now: str, better: str
) -> None:
    moment, then = dt.datetime.fromisoformat(now), dt.datetime.fromisoformat(better)
    person = subscriber(engine, at=moment - HOUR)
    assert tips.sweep(engine, moment, EVERYWHERE) == 0
    assert row_of(engine, person).next_tip_at == then
    assert tips.sweep(engine, then, EVERYWHERE) == 1


def test_quiet_hours_are_kept(engine: Engine, tips: Due) -> None:
    person = subscriber(engine, quiet="20:00-11:00")
    assert tips.sweep(engine, MONDAY, EVERYWHERE) == 0
    assert row_of(engine, person).next_tip_at == MONDAY + 1.5 * HOUR
    assert tips.sweep(engine, MONDAY + 1.5 * HOUR, EVERYWHERE) == 1


def test_who_unsubscribed_or_opted_out_gets_nothing_not_even_what_waits_already(engine: Engine, tips: Due) -> None:
    for who, leave in (("a", consent.unsubscribe), ("b", consent.opt_out)):
        person = subscriber(engine, who)
        assert tips.sweep(engine, MONDAY, EVERYWHERE) == 1
        with writing(engine) as session:
            leave(session, session.get_one(PersonRow, person), MONDAY)
    assert [row.state for row in deliveries(engine)] == ["cancelled", "cancelled"]
    assert tips.sweep(engine, MONDAY + 7 * DAY, EVERYWHERE) == 0


def test_a_tip_that_still_waits_is_not_followed_by_another(engine: Engine, tips: Due) -> None:
    person = subscriber(engine, channel="terminal")
    assert [tips.sweep(engine, MONDAY + n * 7 * DAY, EVERYWHERE) for n in range(3)] == [1, 0, 0]
    assert row_of(engine, person).next_tip_at == MONDAY + 21 * DAY
    sent(engine)
    assert tips.sweep(engine, MONDAY + 21 * DAY, EVERYWHERE) == 1


def test_a_channel_that_may_only_answer_gets_none(engine: Engine, tips: Due) -> None:
    person = subscriber(engine, channel="wechat")
    assert tips.sweep(engine, MONDAY, EVERYWHERE) == 0
    assert row_of(engine, person).next_tip_at == MONDAY + 7 * DAY


@pytest.mark.parametrize(
    ("preferred", "left", "wanted"),
    [(None, None, "slack"), ("web", None, "web"), (None, "slack", "wecom"), ("slack", "slack", "wecom")],
)
def test_it_goes_where_they_asked_for_it_unless_they_prefer_another_place_or_left(
    engine: Engine, tips: Due, preferred: str | None, left: str | None, wanted: str
) -> None:
    person = subscriber(engine)
    with writing(engine) as session:
        for number, channel in enumerate(("web", "wecom"), 1):
            row = directory.add_address(
                session, session.get_one(PersonRow, person), Address(channel=channel, external_id="x"), MONDAY
            )
            row.heard_at = MONDAY + number * HOUR
        for address in session.scalars(select(AddressRow)):
            address.preferred = address.channel == preferred
            address.left_at = MONDAY if address.channel == left else None
    assert tips.sweep(engine, MONDAY, EVERYWHERE) == 1
    assert deliveries(engine)[0].channel == wanted


def test_it_speaks_the_language_they_chose_else_the_one_they_subscribed_in(engine: Engine, tips: Due) -> None:
    subscriber(engine, "chose", lang="zh")
    asked = subscriber(engine, "asked")
    with writing(engine) as session:
        session.get_one(SubscriptionRow, asked).lang = "zh"
    subscriber(engine, "english")
    assert tips.sweep(engine, MONDAY, EVERYWHERE) == 3
    titles = sorted(Card.model_validate(row.card).title.partition(" ·")[0] for row in deliveries(engine))
    assert titles == ["Tip of the week", "本周小贴士", "本周小贴士"]


def test_an_open_matter_what_was_asked_and_a_holiday_ahead_choose_the_tip_and_are_named(engine: Engine, tips: Due) -> None:
    waits, asked, near = (subscriber(engine, who) for who in ("waits", "asked", "near"))
    before_spring = dt.datetime.fromisoformat("2027-02-01T09:30:00+08:00")
    with writing(engine) as session:
        person = session.get_one(PersonRow, waits)
        ito = contacts.add(session, person, MONDAY, name="Ms Ito", zone="Asia/Tokyo")
        ledger.create(session, person, MONDAY, Rules(), subject="NDA for the moulds", contacts=[ito], due_at=MONDAY + 2 * DAY)
        address = session.scalars(select(AddressRow).where(AddressRow.person_id == asked)).one()
        talk = ConversationRow(address_id=address.id, room="", state={}, started_at=MONDAY, expires_at=MONDAY + DAY)
        session.add(talk)
        session.flush()
        read = {"decision": "sure", "intent": "exclusivity-request", "confidence": 1.0, "answer": {}}
        session.add(InboundRow(address_id=address.id, message_id="1", conversation_id=talk.id, received_at=MONDAY - DAY, **read))
        contacts.add(session, session.get_one(PersonRow, near), MONDAY, name="Mr Li", zone="Asia/Shanghai")
    tips.sweep(engine, MONDAY, EVERYWHERE)
    with reading(engine) as session:
        why = dict(session.execute(select(TipShownRow.person_id, TipShownRow.why)).all())
    assert why == {waits: "followup", asked: "asked", near: "turn"}
    told = " ".join(Card.model_validate(row.card).text for row in deliveries(engine))
    assert "waiting for Ms Ito" in told
    sent(engine)
    for number in range(9):  # weeks on, up to and past the festival
        tips.sweep(engine, before_spring + (number - 7) * 7 * DAY, EVERYWHERE)
        sent(engine)
    with reading(engine) as session:
        spoken = session.scalars(select(TipShownRow.at).where(TipShownRow.person_id == near, TipShownRow.why == "holiday")).all()
    assert spoken == [before_spring], "the week before, once"


def test_two_sweeps_at_once_give_everybody_one_tip(engine: Engine, tips: Due) -> None:
    people = [subscriber(engine, f"p{n}") for n in range(30)]
    counts: list[int] = []
    start = threading.Barrier(3)

    def sweep() -> None:
        start.wait()
        counts.append(tips.sweep(engine, MONDAY, EVERYWHERE))

    workers = [threading.Thread(target=sweep) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sum(counts) == 30
    with reading(engine) as session:
        each = select(TipShownRow.person_id, func.count()).group_by(TipShownRow.person_id)
        assert dict(session.execute(each).all()) == dict.fromkeys(people, 1)


def test_many_people_cost_no_more_statements_than_one(engine: Engine, tips: Due) -> None:
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))

    def counted(moment: dt.datetime) -> int:
        statements.clear()
        assert tips.sweep(engine, moment, EVERYWHERE)
        return len(statements)

    subscriber(engine, "one")
    alone = counted(MONDAY)
    for number in range(100):
        subscriber(engine, f"p{number}")
    sent(engine)
    with writing(engine) as session:
        session.execute(update(SubscriptionRow).values(next_tip_at=MONDAY + 7 * DAY))
    assert counted(MONDAY + 7 * DAY) <= alone + 5


def test_a_persons_reminders_come_whatever_they_said_of_tips(engine: Engine) -> None:
    person = subscriber(engine, "me")
    with writing(engine) as session:
        me = session.get_one(PersonRow, person)
        mei = contacts.add(session, me, MONDAY, name="Mei")
        ledger.create(session, me, MONDAY - DAY, Rules(), subject="samples", contacts=[mei], due_at=MONDAY)
        consent.opt_out(session, me, MONDAY)
    assert due.sweep(engine, Rules(), MONDAY, EVERYWHERE) == 1
    assert [row.kind for row in deliveries(engine)] == ["nudge"]


def test_a_nudge_does_not_wait_for_all_the_tips(engine: Engine, kb: KnowledgeBase) -> None:
    tips = Due(kb, Rules(), asked_lately, at_once=3)
    for number in range(7):
        subscriber(engine, f"p{number}")
    seen = [(put, len(deliveries(engine))) for put in tips.groups(engine, MONDAY, EVERYWHERE)]
    assert seen == [(3, 3), (3, 6), (1, 7)], "each group is committed before the next, and nudges are looked for in between"
