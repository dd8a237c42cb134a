"""Every command about follow-ups by button, by number and in words, twice, and with somebody else's id; slots are kept."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from bot.db import reading, writing
from bot.followups import contacts, ledger
from bot.followups.tables import FollowupRow
from bot.messages import Address, Answer, Card, Inbound, Lang
from bot.people import directory
from bot.people.tables import PersonRow
from bot.wiring import App

NOW = dt.datetime.fromisoformat("2026-11-25T10:00:00+01:00")
_numbers = itertools.count()


@dataclass
class Talk:
    """One person talking; what looks like a choice is pressed."""

    app: App = field(repr=False)
    name: str = "anna"
    zone: str = "Europe/Berlin"
    now: dt.datetime = NOW
    lang: Lang | None = None

    def __call__(self, words: str) -> Card:
        """The last card of the answer."""
        return self.answer(words).cards[-1]

    def answer(self, words: str) -> Answer:
        pressed = words.partition(":")[0] in ("fu", "quiet", "clock", "command", "card")
        return self.app.receive(
            Inbound(
                address=Address(channel="web", external_id=self.name),
                message_id=f"m{next(_numbers)}",
                text="" if pressed else words,
                choice=words if pressed else "",
                received_at=self.now,
                zone=self.zone,
                lang=self.lang,
            )
        )

    def rows(self) -> list[FollowupRow]:
        """All follow-ups of this person, oldest first."""
        with writing(self.app.engine) as session:
            person, _ = directory.at_address(session, Address(channel="web", external_id=self.name), self.now)
            return list(reversed(ledger.all_ones(session, person)))

    @property
    def row(self) -> FollowupRow:
        """The only follow-up."""
        (row,) = self.rows()
        return row


@pytest.fixture
def talk(app: App) -> Talk:
    return Talk(app)


@pytest.fixture
def one(talk: Talk) -> Talk:
    """Anna, with one follow-up."""
    talk("I emailed Mr Li about the samples, remind me tomorrow at 9:30")
    return talk


def ids(card: Card) -> list[str]:
    return [choice.id for choice in card.choices]


def wall(row: FollowupRow) -> str:
    return f"{row.wall} {row.zone}"


# making one: slots, questions, times


def test_all_slots_in_one_message_are_noted_at_once_with_both_clocks(talk: Talk) -> None:
    card = talk("I emailed Mr Li about the samples, remind me tomorrow at 9:30 to call him")
    assert card.title == "Noted: Mr Li: samples"
    assert "Thursday 26 November 2026, 09:30 Berlin time (Thursday 26 November, 16:30 Beijing time)" in card.text
    row = talk.row
    assert (wall(row), row.fixed, row.reach) == ("2026-11-26T09:30 Europe/Berlin", True, "phone")


@pytest.mark.parametrize(
    ("lang", "asked", "answers"),
    [
        ("en", ["Whom", "about", "When"], ["remind me", "Mr Li", "the samples", "tomorrow at 9:30"]),
        ("zh", ["等谁", "什么事", "什么时候"], ["提醒我", "李总", "样品", "明天九点半"]),
    ],
)
def test_what_is_missing_is_asked_one_short_question_at_a_time(
    talk: Talk, lang: Lang, asked: list[str], answers: list[str]
) -> None:
    talk.lang = lang
    for words, question in zip(answers[:-1], asked, strict=True):
        answer = talk.answer(words)
        assert answer.decision == "ask"
        assert question in answer.cards[-1].text
    assert talk(answers[-1]).id == "followup.made"
    assert wall(talk.row) == "2026-11-26T09:30 Europe/Berlin"


def test_a_question_in_between_is_answered_and_the_slots_are_kept(talk: Talk) -> None:
    talk("I emailed Mr Li about the samples, please remind me")
    assert talk.answer("They asked for exclusivity, what do I say?").intent == "exclusivity-request"
    assert talk("tomorrow at 9:30").title == "Noted: Mr Li: samples"


@pytest.mark.parametrize(("when", "why"), [("yesterday", "past"), ("on 30 February", "no day 30")])
def test_a_time_that_cannot_be_is_refused_with_its_reason_and_nothing_is_lost(talk: Talk, when: str, why: str) -> None:
    card = talk(f"I emailed Mr Li about the samples, remind me {when}")
    assert why in card.text
    assert talk.rows() == []
    assert talk("tomorrow at 9:30").title == "Noted: Mr Li: samples"


def test_an_ambiguous_time_is_asked_and_chosen_by_number(talk: Talk) -> None:
    card = talk("I emailed Mr Li about the samples, remind me after the holiday")
    assert card.id == "followup.ask.which"
    assert len(card.choices) >= 3
    assert talk("1").id == "followup.made"
    assert talk.row.fixed


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            "I emailed Mr Li about the samples, remind me on Friday at 9 Martian time",
            "I do not know the time zone of 'martian time'.",
        ),
        ("刚给李总发了样品的邮件，亚特兰蒂斯时间周五上午九点提醒我", "不认识“亚特兰蒂斯”这个时区。"),
    ],
)
def test_a_zone_that_nobody_knows_is_said_and_asked(talk: Talk, said: str, why: str) -> None:
    card = talk(said)
    assert (card.id, card.text.splitlines()[0]) == ("followup.ask.which", why)
    assert talk.rows() == []


def test_a_time_out_of_their_hours_is_kept_with_a_warning_and_one_tap_to_a_better_one(talk: Talk) -> None:
    card = talk("I emailed Mr Li about the samples, remind me today at 18:00")
    assert "Mind: outside their working hours; next reachable 26 November 9:00" in card.text
    assert wall(talk.row) == "2026-11-25T18:00 Europe/Berlin"
    talk("When they can be reached")
    assert wall(talk.row) == "2026-11-26T07:00 Europe/Berlin", "the first hour outside Anna's quiet hours"


def test_a_day_without_an_hour_gets_a_good_one_of_that_day(talk: Talk) -> None:
    talk("I emailed Mr Li about the samples, remind me on Friday")
    assert wall(talk.row) == "2026-11-27T07:00 Europe/Berlin"


def test_their_time_is_that_of_a_contact_already_known(talk: Talk) -> None:
    with writing(talk.app.engine) as session:
        person, _ = directory.at_address(session, Address(channel="web", external_id="anna"), NOW)
        contacts.add(session, person, NOW, name="Tanaka", zone="Asia/Tokyo")
    card = talk("I emailed Tanaka about the samples, remind me tomorrow 10am their time")
    assert "10:00 Tokyo time" in card.text
    assert wall(talk.row) == "2026-11-26T10:00 Asia/Tokyo"


def test_a_thing_to_do_needs_no_counterpart(talk: Talk) -> None:
    assert talk("remind me tomorrow at 9:30 to check the drawings").title == "Noted: check the drawings"


def test_an_unknown_place_is_assumed_aloud_and_times_follow_when_it_is_told(talk: Talk) -> None:
    talk.zone = ""
    assert "took UTC for your clock" in talk("I emailed Mr Li about the samples, remind me tomorrow at 9:30").text
    assert wall(talk.row) == "2026-11-26T09:30 UTC"
    assert "Europe/Berlin" in talk("I am in Berlin").text
    assert wall(talk.row) == "2026-11-26T09:30 Europe/Berlin"


@pytest.mark.parametrize("stop", ["never mind", "算了", "fu:stop"])
def test_it_can_be_left_at_any_question(talk: Talk, stop: str) -> None:
    talk("remind me")
    assert talk(stop).id == "followup.stopped"
    assert talk.rows() == []
    talk("Mr Li")
    assert talk.rows() == []


def test_a_card_about_silence_offers_a_reminder(talk: Talk) -> None:
    card = talk("card:email-unreliable")
    assert "fu:new:email-unreliable" in ids(card)
    assert "Whom" in talk("fu:new:email-unreliable").text


# what is done with one, in all ways, twice


ENDS = {
    "done": ("closed", "done", ["done", "已经搞定了"]),
    "replied": ("closed", "replied", ["they replied", "对方回复了"]),
    "called": ("closed", "called", ["I called them", "我打过电话了"]),
    "cancel": ("cancelled", "cancelled", ["cancel the follow-up with Mr Li", "不跟了，取消这个跟进"]),
}


@pytest.mark.parametrize("action", ENDS)
def test_an_end_by_button_by_number_and_in_words_is_harmless_twice(talk: Talk, action: str) -> None:
    state, reason, words = ENDS[action]
    for way in ("button", "number", *words):
        talk.now += dt.timedelta(minutes=1)
        talk("I emailed Mr Li about the samples, remind me tomorrow at 9:30")
        row = talk.rows()[-1]
        shown = talk(f"fu:show:{row.id}")
        said = {"button": f"fu:{action}:{row.id}", "number": str(ids(shown).index(f"fu:{action}:{row.id}") + 1)}.get(way, way)
        first = talk(said)
        ended = talk.rows()[-1]
        assert (ended.state, ended.reason) == (state, reason), way
        assert f"fu:undo:{row.id}" in ids(first)
        again = talk(f"fu:{action}:{row.id}")
        assert again.id == "followup.was.done"
        assert talk.rows()[-1].ended_at == ended.ended_at


@pytest.mark.parametrize("undo", ["undo", "撤销", "1"])
def test_an_end_is_taken_back_in_words_and_by_number(one: Talk, undo: str) -> None:
    one("done")
    assert one(undo).id == "followup.did.undo"
    assert one.row.state == "open"
    assert one(f"fu:undo:{one.row.id}").id == "followup.was.undo"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("in an hour", "2026-11-25T11:00"),
        ("remind me tomorrow at 15:00 instead", "2026-11-26T15:00"),
        ("推迟到下周一上午十点", "2026-11-30T10:00"),
        ("snooze it until 4 December 9:30", "2026-12-04T09:30"),
        ("fu:hour:ID", "2026-11-25T11:00"),
        ("fu:tomorrow:ID", "2026-11-26T10:00"),
        ("fu:at:ID:20261201T0800", "2026-12-01T09:00"),
    ],
)
def test_it_is_put_off_by_words_and_buttons_and_twice_is_as_once(one: Talk, said: str, expected: str) -> None:
    said = said.replace("ID", one.row.id)
    assert one(said).id == "followup.did.snooze"
    assert one.row.wall == expected
    one(said)
    assert one.row.wall == expected


def test_after_the_holiday_means_the_one_that_is_near(talk: Talk) -> None:
    talk.now = dt.datetime.fromisoformat("2026-09-29T10:00:00+02:00")
    talk("I emailed Mr Li about the samples, remind me tomorrow at 9:30")
    assert f"fu:holiday:{talk.row.id}" in ids(talk(f"fu:show:{talk.row.id}"))
    talk(f"fu:holiday:{talk.row.id}")
    assert talk.row.due_at == dt.datetime.fromisoformat("2026-10-08T13:00:00+08:00").replace(hour=14), (
        "8 October, when Anna is awake"
    )
    talk.now = NOW
    assert talk(f"fu:holiday:{talk.row.id}").id == "followup.no-holiday"


@pytest.mark.parametrize("when", ["Friday 14:00", "周五下午两点"])
def test_another_time_is_asked_for_and_taken(one: Talk, when: str) -> None:
    assert one(f"fu:when:{one.row.id}").id == "followup.snooze.when"
    assert "past" in one("yesterday").text
    one(when)
    assert one.row.wall == "2026-11-27T14:00"


def test_the_list_is_numbered_and_a_number_shows_one(one: Talk) -> None:
    one("I emailed Ms Wang about the invoice, remind me tomorrow at 8:00")
    card = one("what is still open?")
    assert [choice.title for choice in card.choices] == [
        "Ms Wang: invoice (Thu 26 Nov 08:00)",
        "Mr Li: samples (Thu 26 Nov 09:30)",
    ]
    assert one("2").title == "Mr Li: samples"


def test_the_second_one_and_a_name_find_what_is_meant_else_it_is_asked(one: Talk) -> None:
    one("I emailed Ms Wang about the invoice, remind me tomorrow at 8:00")
    one("what is still open?")
    assert one("the second one is done").text.startswith("Closed: Mr Li")
    one("undo")
    assert one("cancel the reminder about the invoice").text.startswith("Dropped: Ms Wang")
    one("undo")
    one("thanks")
    with writing(one.app.engine) as session:
        assert session.scalar(select(FollowupRow.id)) is not None
    fresh = Talk(one.app)
    fresh.now = NOW + dt.timedelta(hours=13)  # another conversation: nothing is being spoken of
    asked = fresh("done")
    assert asked.id == "followup.which"
    assert len(asked.choices) == 3
    assert fresh("1").id == "followup.did.done"


def test_what_did_not_happen_closes_nothing(one: Talk) -> None:
    one("they have not replied")
    assert one.row.state == "open"


@pytest.mark.parametrize(
    "action", ["show", "done", "replied", "called", "cancel", "hour", "tomorrow", "holiday", "when", "undo", "more", "at"]
)
def test_somebody_elses_follow_up_does_not_exist(one: Talk, action: str) -> None:
    before = one.row
    bert = Talk(one.app, "bert")
    suffix = ":20261201T0800" if action == "at" else ""
    assert bert(f"fu:{action}:{before.id}{suffix}").id == "followup.gone"
    after = one.row
    assert (after.state, after.due_at, after.reason) == (before.state, before.due_at, before.reason)


@pytest.mark.parametrize(
    "press",
    [
        "fu:",
        "fu:x",
        "fu:done",
        "fu:done:",
        "fu:pick:0",
        "fu:pick:x",
        "fu:usual",
        "fu:at:ID:9999",
        "fu:at:ID:",
        "fu:show:" + "x" * 150,
        "clock:Mars/One",
        "quiet:9",
        "quiet:25:00-07:00",
    ],
)
def test_a_button_that_means_nothing_changes_nothing(one: Talk, press: str) -> None:
    before = one.row
    one(press.replace("ID", before.id))
    assert (one.row.state, one.row.due_at) == (before.state, before.due_at)


def test_a_check_by_telephone_closes_only_by_the_known_number(talk: Talk) -> None:
    talk("hello")
    with writing(talk.app.engine) as session:
        person, _ = directory.at_address(session, Address(channel="web", external_id="anna"), NOW)
        liu = contacts.add(session, person, NOW, name="Mr Liu")
        red = ledger.create(session, person, NOW, talk.app.rules, subject="invoice", contacts=[liu], kind="verify_by_phone").id
    assert talk("what is still open?").choices[0].title.startswith("CALL BEFORE PAYING")
    for said in ("done", "they replied", "cancel it", "I called them", f"fu:done:{red}", f"fu:cancel:{red}"):
        talk(said)
        assert talk.row.state == "open", said
    talk("I called the number I already had")
    assert (talk.row.state, talk.row.reason) == ("closed", "called")


@pytest.fixture
def red(talk: Talk) -> str:
    """A check by telephone of Anna's, which is the only thing open."""
    talk("hello")
    with writing(talk.app.engine) as session:
        person, _ = directory.at_address(session, Address(channel="web", external_id="anna"), NOW)
        liu = contacts.add(session, person, NOW, name="Mr Liu")
        return ledger.create(session, person, NOW, talk.app.rules, subject="invoice", contacts=[liu], kind="verify_by_phone").id


@pytest.mark.parametrize(
    "said",
    [
        "I tried to call the number I already had",
        "I called the number I had, it is switched off",
        "I phoned the known number but could not reach him",
        "I called the new number, not the known number",
        "I called the number on file, wrong person",
        "I spoke to him, but not on the known number",
        "I called the known number, it was busy",
        "I called the known number, they know nothing of it",
        "I will call the number I already had",
        "打过电话了，之前的号码是空号",
        "打过电话了，不是原来的号码，是新号码",
        "已经打过电话了，原来的号码打不通",
        "我打了原来的号码，没人接",
        "原来的号码我还没打",
    ],
)
def test_words_that_add_anything_to_the_call_close_no_check(talk: Talk, red: str, said: str) -> None:
    talk(said)
    assert talk.row.state == "open"
    talk("list")
    talk("I called the")  # the beginning of the button is not the button
    assert talk.row.state == "open"


@pytest.mark.parametrize(
    "said",
    [
        "I called the number I already had",
        "i've called them on the known number.",
        "我已拨打原有号码核实",
        "已经用原来的号码打电话核实过了。",
    ],
)
@pytest.mark.parametrize("before", ["", "list"])
def test_the_whole_sentence_closes_a_check_with_or_without_its_card(talk: Talk, red: str, said: str, before: str) -> None:
    if before:
        talk(before)
    talk(said)
    assert (talk.row.state, talk.row.reason) == ("closed", "called")


@pytest.mark.parametrize(
    "said",
    [
        "I tried to call him",
        "I phoned but he was in a meeting",
        "called him, he will call back tomorrow",
        "called, no answer",
        "I called but nobody picked up",
        "打了电话，他不在",
        "打过电话了，没人接",
        "刚打电话，占线",
    ],
)
def test_a_call_that_reached_nobody_keeps_it_open_and_asks_when_again(talk: Talk, said: str) -> None:
    talk("emailed Mr Li about the quote, remind me Thursday 10am")
    card = talk(said)
    assert talk.row.state == "open"
    assert [choice for choice in ids(card) if choice.startswith("fu:hour:")]


@pytest.mark.parametrize("said", ["I called him", "called Mr Li, all agreed", "打过电话了", "跟李总通过电话了"])
def test_a_call_that_reached_them_still_closes(talk: Talk, said: str) -> None:
    talk("emailed Mr Li about the quote, remind me Thursday 10am")
    talk(said)
    assert talk.row.state == "closed"


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("snooze it for an hour", 1),
        ("snooze for 2 hours", 2),
        ("leave it for two days", 40),
        ("snooze it for a week", 164),  # on the day, at an hour of work in Beijing
        ("snooze for 90 minutes", 1.5),
    ],
)
def test_for_so_long_is_until_then(talk: Talk, said: str, hours: float) -> None:
    talk("emailed Mr Li about the quote, remind me Thursday 10am")
    talk(said)
    due = talk.row.due_at
    assert due
    assert (
        dt.timedelta(0) <= due - NOW - dt.timedelta(hours=hours) < dt.timedelta(days=1) * (hours >= 24) + dt.timedelta(minutes=1)
    )


@pytest.mark.parametrize(
    "said",
    [
        "snooze it until after the holiday",
        "after their holiday",
        "move it to after the holidays",
        "推到节后",
        "等他们放完假再说",
        "推迟到长假后",
    ],
)
@pytest.mark.parametrize("place", ["I am in Berlin", "I am in New York", "I am in Shanghai"])
def test_after_the_holiday_is_after_theirs_and_names_it(app: App, said: str, place: str) -> None:
    talk = Talk(app, now=dt.datetime(2026, 9, 25, 8, 0, tzinfo=dt.UTC))
    talk(place)
    talk("emailed Mr Li about the quote, remind me Tuesday 10am")
    card = talk(said)
    due = talk.row.due_at
    assert due
    assert dt.datetime(2026, 10, 8, 1, 0, tzinfo=dt.UTC) <= due < dt.datetime(2026, 10, 9, 16, 0, tzinfo=dt.UTC)
    assert "National Day" in card.text or "国庆" in card.text


def test_a_named_feast_stays_a_time_like_any_other(talk: Talk) -> None:
    talk("emailed Mr Li about the quote, remind me Thursday 10am")
    talk("move it to the first working day after Spring Festival")
    assert talk.row.due_at and talk.row.due_at.year == 2027


# place and quiet hours


@pytest.mark.parametrize(
    ("said", "zone"),
    [("I am in New York", "America/New_York"), ("我在上海", "Asia/Shanghai"), ("set my time zone to Asia/Tokyo", "Asia/Tokyo")],
)
def test_a_place_is_taken_in_both_languages(talk: Talk, said: str, zone: str) -> None:
    assert zone in talk(said).text
    with reading(talk.app.engine) as session:
        assert session.scalars(select(PersonRow.zone)).all() == [zone]


def test_a_place_that_is_not_named_is_asked_for(talk: Talk) -> None:
    assert talk("change my time zone").id == "followup.zone.which"
    assert "do not know that place" in talk("Atlantis").text
    assert "Europe/Paris" in talk("Paris").text


@pytest.mark.parametrize(
    ("said", "quiet"),
    [
        ("do not disturb me between 10pm and 8am", "22:00-08:00"),
        ("晚上十一点到早上七点别打扰我", "23:00-07:00"),
        ("switch quiet hours off", "off"),
        ("quiet:20:00-08:00", "20:00-08:00"),
    ],
)
def test_quiet_hours_are_taken_in_both_languages_and_by_button(talk: Talk, said: str, quiet: str) -> None:
    talk(said)
    with reading(talk.app.engine) as session:
        assert session.scalars(select(PersonRow.quiet)).all() == [quiet]


def test_quiet_hours_that_are_not_named_are_asked_for(talk: Talk) -> None:
    assert talk("quiet hours").id == "followup.quiet.which"
    assert "21:00" in talk("9pm to 7am").text


def test_erasing_leaves_no_follow_up_and_no_contact(one: Talk) -> None:
    one("delete my data")
    one.app.receive(
        Inbound(address=Address(channel="web", external_id="anna"), message_id="e", choice="erase:yes", received_at=NOW)
    )
    with reading(one.app.engine) as session:
        assert session.scalar(select(FollowupRow.id)) is None


def test_a_grammar_that_is_sure_needs_no_matcher(talk: Talk) -> None:
    assert talk.answer("ping me on 4 December 9:30 re zyxwv qqq").intent == "followup-create"
