"""Three touches of one counterpart are enough, whatever the matters; then the person is asked about all of them at once."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine, event, select

from bot.db import reading, writing
from bot.delivery.tables import DeliveryRow
from bot.followups import changes, due, ledger
from bot.followups.texts import TASK
from bot.messages import Address, Card
from bot.people import directory
from bot.people.tables import PersonRow
from tests.bot.test_nudges import BEIJING, RULES, anna, at, cards, get, make, swept

__all__ = ["anna"]  # a fixture
SENT = "2026-11-25T10:00"


def until(engine: Engine, start: str, end: str) -> list[tuple[str, Card]]:
    """Every card that is put from one moment to another, with the hour in Beijing; each has left before the next look."""
    found: list[tuple[str, Card]] = []
    while (now := next_due(engine, at(start))) < at(end):
        if swept(engine, now):
            found.append((now.astimezone(BEIJING).strftime("%m-%d %H:%M"), newest(engine)))
    return found


def next_due(engine: Engine, start: dt.datetime) -> dt.datetime:
    """When anything is due next, from a moment on."""
    with reading(engine) as session:
        return max(due.longest_due(session) or at("2099-01-01T00:00"), start)


def newest(engine: Engine) -> Card:
    with writing(engine) as session:
        row = session.scalars(select(DeliveryRow).order_by(DeliveryRow.due_at.desc())).first()
        assert row
        row.state = "sent"
        return Card.model_validate(row.card)


def test_two_matters_of_one_counterpart_lead_to_three_touches_and_one_question(engine: Engine, anna: str) -> None:
    quote = make(engine, anna, at(SENT), "Quote")
    told = until(engine, SENT, "2026-11-27T12:00")
    samples = make(engine, anna, at("2026-11-27T12:00"), "Samples")
    told += until(engine, "2026-11-27T12:00", "2026-12-24T00:00")
    assert [(when, card.title) for when, card in told] == [
        ("11-25 14:30", "li: Quote"),
        ("11-26 14:30", "li: Quote"),
        ("11-27 14:30", "li: Samples"),
        ("12-04 14:30", "2 to follow up now"),
    ]
    assert all("Decide:" in line for line in told[-1][1].do)
    rows = [get(engine, one) for one in (quote, samples)]
    assert [(row.state, row.reason, row.touches) for row in rows] == [("archived", "no_word", 2), ("archived", "no_word", 1)]


def test_a_card_with_two_matters_of_one_counterpart_is_one_touch(engine: Engine, anna: str) -> None:
    for name in ("Quote", "Samples"):
        make(engine, anna, at(SENT), name)
    told = until(engine, SENT, "2026-12-08T00:00")
    assert [when for when, _ in told] == ["11-25 14:30", "11-26 14:30", "11-30 14:30", "12-04 14:30"]
    assert all("Decide:" in line for line in told[-1][1].do)


def test_what_is_sent_after_the_third_touch_is_asked_about_with_the_rest_at_the_moment_promised(
    engine: Engine, anna: str
) -> None:
    make(engine, anna, at(SENT), "Quote")
    until(engine, SENT, "2026-12-01T12:00")
    new = make(engine, anna, at("2026-12-01T12:00"), "Samples")
    promised = get(engine, new).due_at
    ((when, card),) = until(engine, "2026-12-01T12:00", "2026-12-03T00:00")
    assert when == promised.astimezone(BEIJING).strftime("%m-%d %H:%M")
    assert sorted(card.do) == [f"li: {name}: Decide: another plan, a visit, or close it" for name in ("Quote", "Samples")]


def test_alone_it_says_how_often_the_counterpart_was_reached_out_to(engine: Engine, anna: str) -> None:
    one = make(engine, anna, at(SENT), "Quote")
    other = make(engine, anna, at(SENT), "Samples")
    until(engine, SENT, "2026-12-01T00:00")
    third = make(engine, anna, at("2026-12-01T10:00"), "Drawings")
    with writing(engine) as session:
        person = session.get_one(PersonRow, anna)
        changes.cancel(session, ledger.find(session, person, other), at("2026-12-01T10:00"))
        changes.snooze(
            session, ledger.find(session, person, one), at("2027-01-11T10:00"), "Asia/Shanghai", at("2026-12-01T10:00")
        )
    ((_, card),) = until(engine, "2026-12-01T10:00", "2026-12-03T00:00")
    assert card.title == "li: Drawings"
    assert "You have reached out 3 times" in card.text
    assert get(engine, third).touches == 0


@pytest.mark.parametrize("how", ["replied", "done"])
def test_an_answer_opens_the_way_again(engine: Engine, anna: str, how: str) -> None:
    one = make(engine, anna, at(SENT), "Quote")
    until(engine, SENT, "2026-12-01T12:00")
    make(engine, anna, at("2026-12-01T12:00"), "Samples")
    with writing(engine) as session:
        row = ledger.find(session, session.get_one(PersonRow, anna), one)
        assert getattr(changes, how)(session, row, at("2026-12-01T12:00"))
    ((_, card),) = until(engine, "2026-12-01T12:00", "2026-12-02T00:00")
    assert card.verdict == "Send a short text that the e-mail is there"


def test_named_times_things_to_do_and_bounces_come_all_the_same(engine: Engine, anna: str) -> None:
    make(engine, anna, at(SENT), "Quote")
    until(engine, SENT, "2026-12-01T12:00")
    make(engine, anna, at("2026-12-01T12:00"), "Call", due_at=at("2026-12-02T10:00"))
    make(engine, anna, at("2026-12-01T12:00"), "Bring the drawings", due_at=at("2026-12-02T10:00"), reason=TASK)
    bounced = make(engine, anna, at("2026-12-01T12:00"), "Samples")
    with writing(engine) as session:
        person = session.get_one(PersonRow, anna)
        changes.escalate(session, ledger.find(session, person, bounced), person, "not_delivered", at("2026-12-02T09:00"), RULES)
    told = until(engine, "2026-12-01T12:00", "2026-12-04T00:00")
    said = [line for _, card in told for line in (card.do or [f"{card.title}: {card.verdict}"])]
    assert sorted(said) == [
        "Bring the drawings: This is what you wanted to do now",
        "li: Call: Ask for a good time, then call",
        "li: Samples: The e-mail did not arrive: reach them another way",
    ]


def test_what_is_due_for_many_takes_as_many_statements_as_for_few(engine: Engine, anna: str) -> None:
    def statements(people: int) -> int:
        with writing(engine) as session:
            everybody = [directory.add_person(session, at(SENT), name="P", zone="Asia/Shanghai") for _ in range(people)]
            for number, person in enumerate(everybody):
                address = Address(channel="web", external_id=f"{people}.{number}")
                directory.add_address(session, person, address, at("2026-11-20T10:00"))
            ids = [person.id for person in everybody]
        for one in ids:
            for name in ("Quote", "Samples"):
                make(engine, one, at(SENT), name)
        counted = 0

        def count(*_: object) -> None:
            nonlocal counted
            counted += 1

        for now in ("2026-11-25T10:30", "2026-11-26T10:00", "2026-11-30T10:00"):
            event.listen(engine, "before_cursor_execute", count)
            assert due.sweep(engine, RULES, at(now), ["web"]) == people
            event.remove(engine, "before_cursor_execute", count)
        return counted

    few, many = statements(2), statements(20)
    assert many <= few + 18 * 2 * 3, "what is put and moved, nothing else"
    assert len(cards(engine)) == 22 * 3
