"""Follow-ups and counterparts are kept for their person alone; every change is harmless twice and can be taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from bot.db import writing
from bot.errors import Refused
from bot.followups import changes, contacts, ledger
from bot.followups.recall import state_of, with_mail
from bot.followups.rules import Rules
from bot.followups.tables import FollowupRow
from bot.messages import Address
from bot.people import directory, keys
from bot.people.tables import PersonRow

RULES = Rules()
NOW = dt.datetime.fromisoformat("2026-11-25T10:00:00+08:00")
"""A Wednesday, working hours in Beijing."""
CHANGES: dict[str, Callable[[Session, FollowupRow, dt.datetime], bool]] = {
    "done": changes.done,
    "replied": changes.replied,
    "called": changes.called,
    "cancel": changes.cancel,
}


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with writing(engine) as session:
        yield session


@pytest.fixture
def anna(session: Session) -> PersonRow:
    return directory.add_person(session, NOW, name="Anna", email="anna@acme.test", zone="Europe/Berlin")


def a_followup(session: Session, person: PersonRow, **changed: object) -> FollowupRow:
    li = contacts.for_recipient(session, person, NOW, "li@factory.cn", "Li Wei")
    given: dict[str, object] = {"subject": "Quotation 4411", "contacts": [li], "message_ids": ["<A1@Acme.test>"], **changed}
    return ledger.create(session, person, NOW, RULES, **given)  # type: ignore[arg-type]


def test_a_new_follow_up_is_planned_by_the_cadence_in_the_hours_of_the_counterpart(session: Session, anna: PersonRow) -> None:
    row = a_followup(session, anna)
    assert row.step == "notice"
    assert (row.zone, row.wall) == ("Asia/Shanghai", "2026-11-25T14:30"), "half past ten is in Anna's quiet hours"
    assert row.due_at == dt.datetime.fromisoformat("2026-11-25T14:30:00+08:00")


def test_a_named_time_is_kept_as_it_was_said(session: Session, anna: PersonRow) -> None:
    at = dt.datetime.fromisoformat("2026-11-28T03:00:00+01:00")
    row = a_followup(session, anna, due_at=at)
    assert (row.due_at, row.zone, row.wall, row.fixed) == (at, "Europe/Berlin", "2026-11-28T03:00", True)


@pytest.mark.parametrize("at", [NOW, NOW - dt.timedelta(seconds=1), NOW + dt.timedelta(days=6 * 366)])
def test_a_past_or_far_time_is_refused_and_nothing_is_made(session: Session, anna: PersonRow, at: dt.datetime) -> None:
    with pytest.raises(Refused):
        a_followup(session, anna, due_at=at)
    assert ledger.open_ones(session, anna) == []


def test_the_same_origin_makes_one_follow_up_for_each_person(session: Session, anna: PersonRow) -> None:
    bert = directory.add_person(session, NOW, name="Bert")
    one = a_followup(session, anna, origin="mail:1")
    assert a_followup(session, anna, origin="mail:1") is one
    assert a_followup(session, bert, origin="mail:1") is not one


def test_nobody_else_finds_it(session: Session, anna: PersonRow) -> None:
    bert = directory.add_person(session, NOW, name="Bert")
    row = a_followup(session, anna)
    assert ledger.find(session, anna, row.id) is row
    for person, named in ((bert, row.id), (anna, "0" * 32), (anna, ""), (anna, "x" * 500)):
        with pytest.raises(Refused, match="no such follow-up"):
            ledger.find(session, person, named)
    assert ledger.open_ones(session, bert) == []
    assert contacts.by_email(session, bert, "li@factory.cn") is None


@pytest.mark.parametrize("change", CHANGES)
def test_an_end_is_harmless_twice_and_can_be_undone(session: Session, anna: PersonRow, change: str) -> None:
    row = a_followup(session, anna)
    due = row.due_at
    assert CHANGES[change](session, row, NOW)
    assert not CHANGES[change](session, row, NOW)
    assert row.state in ("closed", "cancelled") and row.ended_at == NOW and ledger.open_ones(session, anna) == []
    assert changes.undo(session, row, NOW)
    assert (row.state, row.due_at, row.ended_at) == ("open", due, None)
    assert not changes.undo(session, row, NOW), "an undo is not undone"
    assert next(event.what for event in ledger.history(session, row)) == "created"


@pytest.mark.parametrize("change", ["done", "replied", "cancel"])
def test_only_the_call_closes_a_check_by_telephone(session: Session, anna: PersonRow, change: str) -> None:
    red = a_followup(session, anna, kind="verify_by_phone")
    assert red.due_at == NOW
    with pytest.raises(changes.OnlyByPhone):
        CHANGES[change](session, red, NOW)
    assert red.state == "open"
    assert changes.called(session, red, NOW) and red.reason == "called"


def test_a_snooze_keeps_the_time_said_and_opens_what_had_ended(session: Session, anna: PersonRow) -> None:
    row = a_followup(session, anna)
    later = NOW + dt.timedelta(hours=1)
    assert changes.snooze(session, row, later, "Europe/Berlin", NOW)
    assert not changes.snooze(session, row, later, "Europe/Berlin", NOW)
    assert (row.state, row.due_at, row.wall) == ("snoozed", later, "2026-11-25T04:00")
    with pytest.raises(Refused, match="past"):
        changes.snooze(session, row, NOW, "Europe/Berlin", NOW)
    changes.done(session, row, NOW)
    assert changes.snooze(session, row, later, "Europe/Berlin", NOW) and row.ended_at is None


def test_a_bounce_calls_for_another_way_in_the_next_hour_they_can_be_reached(session: Session, anna: PersonRow) -> None:
    row = a_followup(session, anna)
    friday_night = dt.datetime.fromisoformat("2026-11-27T22:00:00+08:00")
    assert changes.escalate(session, row, anna, "not_delivered", friday_night, RULES)
    assert (row.state, row.reason, row.step, row.wall) == ("escalated", "not_delivered", "call", "2026-11-30T14:30")
    assert not changes.escalate(session, row, anna, "not_delivered", friday_night, RULES)
    assert not changes.escalate(session, row, anna, "delayed", friday_night, RULES), "worse news is not replaced by better"
    changes.done(session, row, friday_night)
    assert not changes.escalate(session, row, anna, "not_delivered", friday_night, RULES)


def test_out_of_office_waits_for_the_return_and_half_a_day(session: Session, anna: PersonRow) -> None:
    row = a_followup(session, anna)
    assert changes.hold(session, row, anna, NOW, RULES, back_on=dt.date(2026, 12, 1))
    assert (row.wall, row.step, row.reason) == ("2026-12-01T14:30", "notice", "out_of_office")
    assert not changes.hold(session, row, anna, NOW, RULES, back_on=dt.date(2026, 12, 1))
    other = a_followup(session, anna)
    assert changes.hold(session, other, anna, NOW, RULES)
    assert (other.wall, other.step) == ("2026-11-26T14:30", "other"), "nobody knows until when: ask for the deputy"
    assert not changes.hold(session, other, anna, NOW, RULES)


def test_a_note_is_written_once_and_changes_nothing(session: Session, anna: PersonRow) -> None:
    row = a_followup(session, anna)
    assert changes.annotate(session, row, "sent again", NOW)
    assert not changes.annotate(session, row, "sent again", NOW)
    assert [event.note for event in ledger.history(session, row)] == [None, "sent again"]


def test_what_a_judgement_may_know_comes_from_the_database(session: Session, anna: PersonRow) -> None:
    row, gone = a_followup(session, anna), a_followup(session, anna, subject="Samples", message_ids=["<b@acme.test>"])
    changes.replied(session, gone, NOW)
    state = state_of(session, anna, NOW, authserv_id="mx", mail_from="anna@acme.test")
    assert state.is_own("colleague@acme.test")
    assert state.contact("li@factory.cn") is not None
    first, second = state.followups
    assert (first.id, first.is_open, first.ids, first.recipients) == (row.id, True, ("<A1@Acme.test>",), ("li@factory.cn",))
    assert not second.is_open
    assert with_mail(session, ["a1@ACME.test"]) == [row]


def test_a_contact_is_completed_not_doubled(session: Session, anna: PersonRow) -> None:
    one = contacts.add(session, anna, NOW, name="Li Wei", emails=["Li@Factory.cn"])
    two = contacts.add(session, anna, NOW, name="Somebody", emails=["li@factory.cn", "li2@factory.cn"], phone="+86 21 555")
    assert one is two and two.name == "Li Wei" and two.phones == ["+86 21 555"]
    assert contacts.emails_of(session, [one.id])[one.id] == ["li@factory.cn", "li2@factory.cn"]
    assert contacts.named(session, anna, NOW, "the li wei") is one


@pytest.mark.parametrize(
    ("email", "zone"),
    [("a@x.cn", "Asia/Shanghai"), ("a@x.co.jp", "Asia/Tokyo"), ("a@x.co.uk", "Europe/London"), ("a@x.com", "Asia/Shanghai")],
)
def test_the_zone_of_a_contact_follows_their_domain_else_beijing(
    session: Session, anna: PersonRow, email: str, zone: str
) -> None:
    assert contacts.for_recipient(session, anna, NOW, email).zone == zone


@pytest.mark.parametrize(
    "wrong", [{"emails": ["no"]}, {"zone": "Mars/One"}, {"lang": "xx"}, {"reach": "pigeon"}, {"phone": "abc"}, {"name": " "}]
)
def test_a_malformed_contact_is_refused(session: Session, anna: PersonRow, wrong: dict[str, object]) -> None:
    with pytest.raises(Refused):
        contacts.add(session, anna, NOW, **{"name": "Li", **wrong})  # type: ignore[arg-type]


def test_nothing_said_is_readable_in_the_database_and_erasing_leaves_nothing(session: Session, anna: PersonRow) -> None:
    row = a_followup(session, anna, excerpt="secret excerpt")
    changes.annotate(session, row, "a note", NOW)
    raw = repr(
        [
            session.execute(text(f"SELECT * FROM {name}")).all()
            for name in ("contacts", "contact_emails", "followups", "followup_mails", "followup_events")
        ]
    )
    for word in ("Li Wei", "li@factory.cn", "4411", "A1@", "secret", "a note"):
        assert word not in raw
    directory.erase(session, anna)
    for name in ("contacts", "contact_emails", "followups", "followup_contacts", "followup_mails", "followup_events"):
        assert session.scalar(text(f"SELECT count(*) FROM {name}")) == 0


def test_erasing_the_holder_of_a_key_erases_their_follow_ups_too(session: Session) -> None:
    _, key = keys.make_key(session, "crm", NOW)
    person = session.scalars(select(PersonRow)).one()
    a_followup(session, person, address=directory.at_address(session, Address(channel="api", external_id=key.id), NOW)[1])
    directory.erase(session, person)
    for name in ("contacts", "contact_emails", "followups", "followup_contacts", "followup_mails"):
        assert session.scalar(text(f"SELECT count(*) FROM {name}")) == 0
