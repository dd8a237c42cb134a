"""What is due becomes one card at a good hour, exactly once; the cadence goes on until they answer."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from bot.db import reading, writing
from bot.delivery.tables import DeliveryRow
from bot.errors import Refused
from bot.followups import changes, contacts, due, ledger
from bot.followups.cadence import There, first, following, read_cadence, step_at, usual
from bot.followups.matter import Matter
from bot.followups.nudges import bundle, nudge
from bot.followups.rules import Rules
from bot.followups.tables import FollowupRow
from bot.followups.texts import TEXTS, Filling, hello, ready_text
from bot.followups.worktime import Quiet, find_zone, is_reachable
from bot.messages import Address, Card, Lang
from bot.people import directory
from bot.people.tables import AddressRow, PersonRow

BEIJING, BERLIN = find_zone("Asia/Shanghai"), find_zone("Europe/Berlin")
RULES = Rules()
MOMENTS = st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2027, 12, 1), timezones=st.just(dt.UTC))
ZONES = st.sampled_from(
    [
        ("Asia/Shanghai", "CN"),
        ("Asia/Tokyo", "JP"),
        ("Asia/Kolkata", "IN"),
        ("Europe/Berlin", "DE"),
        ("Asia/Taipei", "TW"),
        ("Asia/Dubai", "AE"),
    ]
)
BLAMES = re.compile(r"not (?:yet )?repl|remind|\bagain\b|still waiting|as i said|!!|催|为什么|尽快|还没回|提醒", re.IGNORECASE)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def a_there(zone: str = "Asia/Shanghai", country: str = "CN", quiet: Quiet | None = None) -> There:
    return There(find_zone(zone), country, quiet)


def course(sent: dt.datetime, there: There, deadline: dt.datetime | None = None) -> list[tuple[str, str]]:
    """Every step of a matter that nobody answers, with its hour there."""
    steps: list[tuple[str, str]] = []
    planned, touches = first(usual(), sent, sent, there, deadline), 0
    while planned:
        steps.append((planned.step, planned.at.astimezone(there.zone).strftime("%m-%d %H:%M")))
        touches += usual().step(planned.step).touch
        planned = following(usual(), planned.step, sent, planned.at, touches, there, deadline)
    return steps


# the cadence


def test_the_usual_course_is_text_call_other_decide_archive() -> None:
    assert course(at("2026-11-25T10:00"), a_there()) == [
        ("notice", "11-25 10:30"), ("call", "11-26 10:00"), ("other", "11-30 10:00"), ("decide", "12-04 09:30"), ("archive", "12-09 00:00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "notice"),
    [
        ("2026-11-25T12:30", "11-25 14:30"),  # the lunch break
        ("2026-11-25T15:59", "11-25 16:29"),
        ("2026-11-25T16:01", "11-26 09:30"),  # late: the next day
        ("2026-11-27T17:00", "11-30 09:30"),  # Friday evening
        ("2026-10-09T17:00", "10-10 09:30"),  # but a make-up Saturday is worked
        ("2026-09-30T15:00", "10-08 09:30"),  # the afternoon before the National Day holiday
        ("2026-02-18T10:00", "02-25 09:30"),  # Spring Festival: the second working day after it
    ],
)
def test_the_first_word_comes_the_same_day_or_on_the_next_good_one(sent: str, notice: str) -> None:
    assert course(at(sent), a_there())[0] == ("notice", notice)


def test_before_a_deadline_the_last_touch_is_a_working_day_earlier() -> None:
    steps = dict(course(at("2026-11-25T10:00"), a_there(), deadline=at("2026-11-30T09:00")))
    assert steps["call"] == "11-26 10:00"
    assert steps["other"] == "11-27 10:00", "Friday is the last working day before Monday"


def test_before_a_far_deadline_the_user_is_asked_once_more_a_working_day_earlier() -> None:
    steps = course(at("2026-11-25T10:00"), a_there(), deadline=at("2026-12-15T18:00"))
    assert steps[:4] == course(at("2026-11-25T10:00"), a_there())[:4]
    assert steps[4:] == [("decide", "12-14 09:30"), ("archive", "12-17 00:00")]


def test_a_deadline_is_called_near_on_the_last_working_day_only() -> None:
    matter = a_matter(deadline=at("2026-12-14T18:00"))
    early, late = (nudge(matter, at(day), "en").text for day in ("2026-11-26T10:00", "2026-12-11T10:00"))
    assert "working towards is Monday 14 December." in early
    assert "last good moment before it" in late


def test_three_touches_lead_to_the_question_what_to_do() -> None:
    planned = following(usual(), "notice", at("2026-11-25T10:00"), at("2026-11-25T10:30"), 3, a_there())
    assert planned and planned.step == "decide"


def test_a_named_time_gets_the_step_that_fits_the_days_passed() -> None:
    sent = at("2026-11-25T10:00")
    assert [
        step_at(usual(), sent, at(day), a_there()) for day in ("2026-11-25T17:00", "2026-11-26T10:00", "2026-12-07T10:00")
    ] == ["notice", "call", "other"]


@given(MOMENTS, ZONES, st.booleans())
def test_every_step_comes_later_than_the_last_on_another_day_and_when_they_can_be_reached(
    sent: dt.datetime, zone: tuple[str, str], sleeps: bool
) -> None:
    there = a_there(*zone, Quiet(BERLIN) if sleeps else None)
    planned, touches, last = first(usual(), sent, sent, there), 0, sent
    seen: list[str] = []
    while planned:
        assert planned.at >= last
        seen.append(planned.step)
        if planned.step != "archive":
            assert is_reachable(planned.at, there.zone, there.country)
        if len(seen) > 1:
            assert planned.at.astimezone(there.zone).date() > last.astimezone(there.zone).date()
        touches += usual().step(planned.step).touch
        last = planned.at
        planned = following(usual(), planned.step, sent, planned.at, touches, there)
    assert touches <= 3
    assert seen[-2:] == ["decide", "archive"]


@pytest.mark.parametrize(
    "wrong",
    [
        None, {}, {"steps": []}, {"steps": [{"id": "notice"}, {"id": "archive"}]},
        {"steps": [{"id": "notice"}, {"id": "call", "working_days": 9}, {"id": "decide", "working_days": 2}, {"id": "archive", "working_days": 10}]},
        {"steps": [{"id": "notice", "hours": ["9-10"]}, {"id": "decide"}, {"id": "archive"}]},
        {"steps": [{"id": "notice", "hours": ["11:00-10:00"]}, {"id": "decide"}, {"id": "archive"}]},
    ],
)  # fmt: skip
def test_a_cadence_that_makes_no_sense_is_refused(wrong: object) -> None:
    with pytest.raises(Refused, match="not a cadence"):
        read_cadence(wrong)


# the words


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("which", TEXTS)
def test_ready_texts_blame_nobody_and_leave_no_hole(which: str, lang: Lang) -> None:
    for filling in (Filling(), Filling("李总", "Anna", "Quotation {4411}", "X", "春节")):
        text = ready_text(which, lang, filling)
        assert not BLAMES.search(text)
        assert text.count("?") + text.count("？") <= 1, "one question"
        assert "{}" not in text
        if lang == "zh":
            assert "你" not in text.replace("{你的姓名}", "")
            assert "您" in text


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("李总", "李总您好", "Hello 李总"),
        ("李伟", "{李伟先生/女士}您好", "Hello 李伟"),
        ("Mr Li", "Mr Li 您好", "Hello Mr Li"),
        ("", "{李总}您好", "Hello {Mr Li}"),
    ],
)
def test_they_are_greeted_by_title_or_a_slot(name: str, zh: str, en: str) -> None:
    assert hello(name, "zh") == zh
    assert hello(name, "en") == en


def a_matter(**changed: object) -> Matter:
    given: dict[str, object] = {
        "id": "f1",
        "there": a_there(),
        "mine": BERLIN,
        "subject": "Quotation 4411",
        "name": "李总",
        "me": "Anna",
        "sent_at": at("2026-11-25T10:00"),
        **changed,
    }
    return Matter(**given)  # type: ignore[arg-type]


def test_a_nudge_says_what_to_do_why_now_and_the_words_in_their_language() -> None:
    card = nudge(a_matter(step="call"), at("2026-11-26T10:00"), "en")
    assert card.verdict == "Ask for a good time, then call"
    assert "Thu 26 Nov 2026 10:00 Beijing" in card.text
    assert "03:00 Berlin" in card.text
    assert card.say[0].text.startswith("李总您好")
    assert "11月27日（周五）上午10点" in card.say[0].text
    assert [choice.id for choice in card.choices] == [
        f"fu:{name}:f1" for name in ("done", "replied", "called", "hour", "tomorrow", "when", "cancel")
    ]


def test_the_holiday_is_named_with_the_next_hour() -> None:
    card = nudge(a_matter(named_time=True), at("2026-10-02T10:00"), "en")
    assert "National Day until 7 October; next reachable 8 October 9:00" in card.text
    assert "fu:holiday:f1" in [choice.id for choice in card.choices]
    assert "国庆假期到10月7日" in nudge(a_matter(), at("2026-10-02T10:00"), "zh").text


def test_before_a_long_holiday_the_user_is_warned_and_a_year_without_plan_says_so() -> None:
    text = nudge(a_matter(), at("2027-01-28T10:00"), "en").text
    assert "Chinese New Year begins on 5 February there" in text
    assert "not out yet" in text


def test_after_the_spring_festival_the_text_wishes_a_good_start() -> None:
    card = nudge(a_matter(sent_at=at("2026-02-12T10:00"), step="call"), at("2026-02-25T10:00"), "zh")
    assert "新春快乐" in card.say[0].text


def test_a_check_by_telephone_is_red_and_has_one_way_out() -> None:
    card = nudge(a_matter(kind="verify_by_phone", phones=("+86 21 5555",)), at("2026-11-26T10:00"), "en")
    assert (card.signal, card.verdict) == ("stop", "Call before you pay")
    assert "+86 21 5555" in card.text
    assert [choice.id.split(":")[1] for choice in card.choices] == ["called", "hour", "tomorrow", "when"]


def test_several_matters_are_one_card_checks_by_telephone_first() -> None:
    card = bundle([a_matter(id="a"), a_matter(id="b", kind="verify_by_phone")], at("2026-11-26T10:00"), "en")
    assert [choice.id for choice in card.choices] == ["fu:show:b", "fu:show:a"]


# the sweep


@pytest.fixture
def anna(engine: Engine) -> str:
    with writing(engine) as session:
        person = directory.add_person(session, at("2026-11-20T10:00"), name="Anna", zone="Europe/Berlin")
        directory.add_address(session, person, Address(channel="slack", external_id="T/U"), at("2026-11-20T10:00"))
        return person.id


def make(
    engine: Engine, person_id: str, now: dt.datetime, subject: str = "Quotation", email: str = "li@factory.cn", **more: object
) -> str:
    with writing(engine) as session:
        person = session.get_one(PersonRow, person_id)
        contact = contacts.for_recipient(session, person, now, email)
        return ledger.create(session, person, now, RULES, subject=subject, contacts=[contact], **more).id  # type: ignore[arg-type]


def swept(engine: Engine, now: dt.datetime) -> int:
    return due.sweep(engine, RULES, now, ["slack", "web"])


def cards(engine: Engine) -> list[Card]:
    with reading(engine) as session:
        return [Card.model_validate(card) for card in session.scalars(select(DeliveryRow.card).order_by(DeliveryRow.moved_at))]


def get(engine: Engine, followup: str) -> FollowupRow:
    with reading(engine) as session:
        return session.get_one(FollowupRow, followup)


def test_a_due_matter_is_put_once_and_its_next_step_is_planned(engine: Engine, anna: str) -> None:
    one = make(engine, anna, at("2026-11-25T14:00"))
    assert swept(engine, at("2026-11-25T14:29")) == 0
    assert swept(engine, at("2026-11-25T14:30")) == 1
    assert swept(engine, at("2026-11-25T14:30")) == 0
    row = get(engine, one)
    assert (row.step, row.touches, row.wall) == ("call", 1, "2026-11-26T14:30")
    (card,) = cards(engine)
    assert (card.id, card.choices[0].id) == ("nudge", f"fu:done:{one}")


def test_nobody_answers_and_the_course_ends_in_the_archive(engine: Engine, anna: str) -> None:
    one = make(engine, anna, at("2026-11-25T14:00"))
    now = at("2026-11-25T14:00")
    while now < at("2027-01-10T00:00"):
        swept(engine, now)
        now += dt.timedelta(hours=1)
    row = get(engine, one)
    assert (row.state, row.reason, row.touches) == ("archived", "no_word", 3)
    assert len(cards(engine)) == 4, "three touches and the question what to do"


def test_what_is_due_together_is_one_card_for_each_person(engine: Engine, anna: str) -> None:
    for number in range(3):
        make(engine, anna, at("2026-11-25T14:00"), f"Matter {number}", f"a{number}@factory.cn")
    assert swept(engine, at("2026-11-25T15:00")) == 1
    (card,) = cards(engine)
    assert card.id == "nudges"
    assert len(card.do) == 3


def test_one_contact_is_brought_up_once_a_day_and_a_person_five_times(engine: Engine, anna: str) -> None:
    make(engine, anna, at("2026-11-25T14:00"), "First")
    swept(engine, at("2026-11-25T14:30"))
    second = make(engine, anna, at("2026-11-25T14:31"), "Second")
    assert swept(engine, at("2026-11-25T15:30")) == 0
    assert get(engine, second).due_at >= at("2026-11-26T09:00")
    for number in range(6):
        make(engine, anna, at("2026-11-25T14:31") + dt.timedelta(minutes=number), "More", f"b{number}@factory.cn")
        swept(engine, at("2026-11-25T15:02") + dt.timedelta(minutes=number))
    assert len(cards(engine)) == due.MOST_A_DAY


def test_a_named_time_is_kept_even_in_quiet_hours_and_on_a_holiday(engine: Engine, anna: str) -> None:
    moment = at("2026-10-02T08:00")
    make(engine, anna, at("2026-09-28T10:00"), due_at=moment)
    swept(engine, moment)
    assert any("You asked for this time" in card.text and "National Day" in card.text for card in cards(engine))


def test_after_a_standstill_nothing_comes_at_night(engine: Engine, anna: str) -> None:
    one = make(engine, anna, at("2026-11-25T14:00"))
    assert swept(engine, at("2026-11-25T23:00")) == 0
    assert get(engine, one).due_at == at("2026-11-26T14:00"), "Beijing is awake at 9:00, but it is 2:00 in Berlin"


def test_what_has_ended_is_never_nudged_and_a_waiting_nudge_is_withdrawn(engine: Engine, anna: str) -> None:
    one = make(engine, anna, at("2026-11-25T14:00"))
    other = make(engine, anna, at("2026-11-25T14:00"), "Other", "b@factory.cn")
    swept(engine, at("2026-11-25T14:30"))
    with writing(engine) as session:
        person = session.get_one(PersonRow, anna)
        changes.replied(session, ledger.find(session, person, one), at("2026-11-25T14:31"))
    with reading(engine) as session:
        assert session.scalars(select(DeliveryRow.state)).all() == ["cancelled"]
    assert get(engine, other).due_at == at("2026-11-25T14:30"), "what was on the same card is due again"
    assert swept(engine, at("2026-11-25T14:32")) == 1
    assert cards(engine)[-1].title.endswith("Other")


def test_what_is_put_off_after_the_last_question_is_asked_about_again(engine: Engine, anna: str) -> None:
    one = make(engine, anna, at("2026-11-25T10:00"))
    while get(engine, one).step != "archive":
        assert swept(engine, get(engine, one).due_at) == 1
    until = at("2026-12-21T10:00")
    with writing(engine) as session:
        row = ledger.find(session, session.get_one(PersonRow, anna), one)
        changes.snooze(session, row, until, "Asia/Shanghai", at("2026-12-04T11:00"))
    number = len(cards(engine))
    assert swept(engine, until) == 1
    assert len(cards(engine)) == number + 1
    assert get(engine, one).state == "open"
    assert swept(engine, get(engine, one).due_at) == 0
    assert get(engine, one).state == "archived"


def test_a_check_by_telephone_comes_every_working_day_until_the_call(engine: Engine, anna: str) -> None:
    red = make(engine, anna, at("2026-11-25T15:00"), kind="verify_by_phone")
    days = [at("2026-11-25T15:00") + dt.timedelta(days=n) for n in range(15)]
    assert [swept(engine, day) for day in days] == [1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1]
    assert get(engine, red).state == "open"


def test_two_sweeps_at_once_put_one_nudge_each(engine: Engine, anna: str) -> None:
    people = [anna]
    with writing(engine) as session:
        for number in range(9):
            person = directory.add_person(session, at("2026-11-20T10:00"), name="P", zone="Europe/Berlin")
            directory.add_address(session, person, Address(channel="web", external_id=f"{number}"), at("2026-11-20T10:00"))
            people.append(person.id)
    for person_id in people:
        make(engine, person_id, at("2026-11-25T14:00"))
    put: list[int] = []
    threads = [threading.Thread(target=lambda: put.append(swept(engine, at("2026-11-25T14:30")))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(put) == 10
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(DeliveryRow)) == 10


def test_a_sweep_that_breaks_off_has_done_nothing(engine: Engine, anna: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make(engine, anna, at("2026-11-25T14:00"))
    real: Callable[..., object] = ledger.place

    def breaks(*args: object, **named: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(ledger, "place", breaks)
    with pytest.raises(RuntimeError):
        swept(engine, at("2026-11-25T14:30"))
    monkeypatch.setattr(ledger, "place", real)
    assert cards(engine) == []
    assert swept(engine, at("2026-11-25T14:30")) == 1


def test_a_person_nobody_can_write_to_still_finds_it_in_the_list(engine: Engine) -> None:
    with writing(engine) as session:
        person = directory.add_person(session, at("2026-11-20T10:00"), name="Cleo")
    one = make(engine, person.id, at("2026-11-25T14:00"))
    assert swept(engine, at("2026-11-25T14:30")) == 0
    assert get(engine, one).step == "call"


def test_a_nudge_goes_where_the_person_asked_to_be_told_and_never_where_they_have_left(engine: Engine, anna: str) -> None:
    now = at("2026-11-25T14:00")
    with writing(engine) as session:
        person = session.get_one(PersonRow, anna)
        web = directory.add_address(session, person, Address(channel="web", external_id="anna"), now)
        slack = session.scalars(select(AddressRow).where(AddressRow.channel == "slack")).one()
        assert due.reached_at(session, person, [], ["slack", "web"]) is web
        slack.preferred = True
        assert due.reached_at(session, person, [], ["slack", "web"]) is slack
        slack.left_at = now
        assert due.reached_at(session, person, [], ["slack", "web"]) is web
        assert due.reached_at(session, person, [], ["slack"]) is None
