"""Several follow-ups in one go: all that is open, or numbers of the list; asked before, taken back by one button."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.conversations.followup_many_words import Wish, wish
from bot.db import writing
from bot.followups import contacts, ledger
from bot.messages import Address, Card, Inbound
from bot.people import directory
from bot.wiring import App
from tests.bot.test_followup_talk import Talk, ids

PEOPLE = ("Mr Li", "Ms Wang", "Kenji")


@pytest.fixture
def talk(app: App) -> Talk:
    """Anna, with three follow-ups: Mr Li's, Ms Wang's and Kenji's, due in this order."""
    talk = Talk(app)
    for name in PEOPLE:
        note(talk, name)
    return talk


def note(talk: Talk, name: str, **more: Any) -> str:
    """One more follow-up, due after those before it; its id."""
    talk.now += dt.timedelta(minutes=1)
    with writing(talk.app.engine) as session:
        person, _ = directory.at_address(session, Address(channel="web", external_id="anna"), talk.now)
        contact = contacts.add(session, person, talk.now, name=name)
        due = None if more else talk.now + dt.timedelta(days=1)
        return ledger.create(
            session, person, talk.now, talk.app.rules, subject="samples", contacts=[contact], due_at=due, **more
        ).id


def states(talk: Talk) -> list[str]:
    return [row.state for row in talk.rows()]


def choice(card: Card, begins: str) -> str:
    return next(found for found in ids(card) if found.startswith(begins))


def with_a_check(talk: Talk) -> str:
    """One check by telephone more."""
    return note(talk, "Mr Liu", kind="verify_by_phone")


DROP = ["cancel all", "cancel all my reminders", "drop everything", "全部取消", "取消所有跟进", "都取消"]
CLOSE = ["all done", "mark all done", "全部完成", "都搞定了"]


@pytest.mark.parametrize(("said", "state"), [*((said, "cancelled") for said in DROP), *((said, "closed") for said in CLOSE)])
def test_all_are_ended_after_one_question(talk: Talk, said: str, state: str) -> None:
    if len(said) % 2:  # with the list before them as without
        talk("what is open?")
    asked = talk.answer(said)
    assert asked.decision == "ask"
    assert "3" in asked.cards[-1].text
    assert [title.title for title in asked.cards[-1].choices] in (["Yes", "No"], ["是", "否"])
    assert states(talk) == ["open"] * 3
    told = talk(choice(asked.cards[-1], "fu:all:"))
    assert states(talk) == [state] * 3
    assert all(name in told.text for name in PEOPLE)


@pytest.mark.parametrize("yes", ["yes", "是", "确认", "ok"])
def test_a_typed_yes_does_it(talk: Talk, yes: str) -> None:
    talk("cancel all")
    talk(yes)
    assert states(talk) == ["cancelled"] * 3


@pytest.mark.parametrize("no", ["no", "不", "cancel", "what is open?", "fu:keep"])
def test_anything_else_leaves_them(talk: Talk, no: str) -> None:
    talk("cancel all")
    talk(no)
    assert states(talk) == ["open"] * 3
    talk("yes")
    assert states(talk) == ["open"] * 3, "nothing is asked any more"


@pytest.mark.parametrize("undo", ["undo", "撤回", "1"])
def test_what_was_ended_together_is_taken_back_together(talk: Talk, undo: str) -> None:
    first = talk.rows()[0]
    talk(f"fu:done:{first.id}")
    talk.now += dt.timedelta(minutes=1)
    talk(choice(talk("drop everything"), "fu:all:"))
    assert states(talk) == ["closed", "cancelled", "cancelled"]
    told = talk(undo)
    assert states(talk) == ["closed", "open", "open"]
    assert "2" in told.text


def test_a_button_pressed_twice_or_late_does_no_more(talk: Talk) -> None:
    yes = choice(talk("cancel all"), "fu:all:")
    note(talk, "Mr Sato")
    asked = talk(yes)
    assert asked.text == "Drop all 4 open follow-ups?", "one more than was asked about"
    ended = talk(choice(asked, "fu:all:"))
    assert states(talk) == ["cancelled"] * 4
    assert talk(choice(asked, "fu:all:")).id == "followup.list.none"
    back = choice(ended, "fu:back:")
    assert "4" in talk(back).text
    assert talk(back).id == "followup.was.undo.many"
    assert talk("fu:back:x").id == "followup.gone"


def test_another_person_takes_nothing_back(talk: Talk) -> None:
    back = choice(talk(choice(talk("cancel all"), "fu:all:")), "fu:back:")
    assert Talk(talk.app, "bert", now=talk.now)(back).id == "followup.was.undo.many"
    assert states(talk) == ["cancelled"] * 3


@pytest.mark.parametrize(("said", "why"), [("cancel all", "These stay open"), ("全部完成", "仍未结")])
def test_checks_by_telephone_stay_open_and_that_is_said(talk: Talk, said: str, why: str) -> None:
    red = with_a_check(talk)
    asked = talk(said)
    assert "3" in asked.text
    assert why in asked.text
    told = talk(choice(asked, "fu:all:"))
    assert why in told.text
    assert "Mr Liu" in told.text
    assert [row.id for row in talk.rows() if row.state == "open"] == [red]
    assert talk(said).id == "followup.red", "only the check is left"


@pytest.mark.parametrize("said", ["cancel all", "全部取消"])
def test_with_nothing_open_that_is_said(app: App, said: str) -> None:
    assert Talk(app)(said).id == "followup.list.none"


@pytest.mark.parametrize("said", ["stop", "取消"])
def test_a_plain_stop_keeps_its_meaning(talk: Talk, said: str) -> None:
    talk("what is open?")
    assert talk.answer(said).intent == "stop"
    assert states(talk) == ["open"] * 3


@pytest.mark.parametrize("said", ["cancel all", "全部取消"])
def test_in_the_middle_of_something_else_it_leaves_that(talk: Talk, said: str) -> None:
    talk("remind me")
    assert talk(said).id == "followup.stopped"
    flow = ids(talk("card:exclusivity-request")).index("flow:exclusivity")
    assert talk(str(flow + 1)).kind == "question"
    assert not [found for found in ids(talk(said)) if found.startswith("fu:")]
    assert states(talk) == ["open"] * 3


def test_the_list_goes_before_what_is_half_made(talk: Talk) -> None:
    talk("remind me to call Wang")
    talk("what is open?")
    assert talk("drop 1 and 2").id != "followup.stopped"
    assert states(talk) == ["cancelled", "cancelled", "open"]
    talk("undo")
    assert states(talk) == ["open"] * 3


@pytest.mark.parametrize("said", ["cancel all", "全部取消"])
def test_a_flow_that_waits_behind_a_follow_up_is_not_meant(talk: Talk, said: str) -> None:
    flow = ids(talk("card:exclusivity-request")).index("flow:exclusivity")
    talk(str(flow + 1))
    talk("I emailed Sato-san in Tokyo about the quote, remind me tomorrow 9am their time")
    assert [found for found in ids(talk(said)) if found.startswith("fu:all:cancel:")]


@pytest.mark.parametrize("said", ["They answered all", "they answered all of them", "都回复了"])
def test_who_answered_all_of_it_closes_not_all(talk: Talk, said: str) -> None:
    talk("what is open?")
    assert not [found for found in ids(talk(said)) if found.startswith("fu:all:")]
    assert states(talk).count("open") >= 2


@pytest.mark.parametrize(
    ("said", "ended"),
    [
        ("drop number 2 and 3", ["open", "cancelled", "cancelled"]),
        ("cancel 1, 2 and 3", ["cancelled", "cancelled", "cancelled"]),
        ("第二个和第三个取消", ["open", "cancelled", "cancelled"]),
        ("2和3都完成了", ["open", "closed", "closed"]),
        ("done 1-3", ["closed", "closed", "closed"]),
        ("1 and 3 replied", ["closed", "open", "closed"]),
        ("cancel number 3", ["open", "open", "cancelled"]),
        ("取消第二个", ["open", "cancelled", "open"]),
    ],
)
def test_numbers_of_the_list_are_ended_and_named(talk: Talk, said: str, ended: list[str]) -> None:
    talk("what is open?")
    told = talk(said)
    assert states(talk) == ended
    assert [name in told.text for name in PEOPLE] == [state != "open" for state in ended]
    talk("undo")
    assert states(talk) == ["open"] * 3


@pytest.mark.parametrize("said", ["cancel number 9", "drop 2 and 9", "第九个取消", "done 2-9"])
def test_a_number_beyond_the_list_is_said_and_nothing_is_done(talk: Talk, said: str) -> None:
    talk("what is open?")
    told = talk(said)
    assert "9" in told.text
    assert told.id in ("followup.no-number", "followup.no-numbers")
    assert states(talk) == ["open"] * 3


def test_the_ninth_of_a_long_list_is_cancelled(talk: Talk) -> None:
    for number in range(10, 17):
        note(talk, f"Agent {number}")
    card = talk("what is open?")
    assert talk("cancel number 9").text == f"Dropped: {card.choices[8].title.partition(' (')[0]}."


def test_a_number_keeps_its_place_after_others_have_ended(talk: Talk) -> None:
    talk("what is open?")
    talk("cancel 1 and 2")
    talk("drop number 3")
    assert states(talk) == ["cancelled"] * 3
    assert "had ended already" in talk("drop 1 and 2").text


def test_among_numbers_a_check_by_telephone_stays_open(talk: Talk) -> None:
    with_a_check(talk)
    talk("what is open?")
    assert "These stay open" in talk("cancel 1 and 2").text
    assert states(talk).count("open") == 3


def test_the_numbers_of_which_one_hold_too(talk: Talk) -> None:
    fresh = Talk(talk.app, now=talk.now + dt.timedelta(hours=13))
    assert fresh("done").id == "followup.which"
    fresh("1 and 2 are done")
    assert states(fresh).count("closed") == 2


def test_one_that_is_open_is_asked_about_by_its_name(app: App) -> None:
    talk = Talk(app)
    note(talk, "Mr Li")
    asked = talk("全部取消")
    assert "Mr Li" in asked.text
    talk("确认")
    assert talk.row.state == "cancelled"


def test_who_is_of_another_organisation_ends_nothing(talk: Talk) -> None:
    words = Inbound(
        address=Address(channel="web", external_id="anna"),
        message_id="o",
        text="cancel all",
        received_at=talk.now,
        outsider=True,
    )
    assert talk.app.receive(words).intent == "stop"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("cancel them all please", Wish("cancel")),
        ("I'm done with all of them", Wish("done")),
        ("取消我所有的提醒", Wish("cancel", named=True)),
        ("把所有跟进都标记为完成", Wish("done", named=True)),
        ("delete all", Wish("cancel", vague=True)),
        ("取消2、3、5", Wish("cancel", (2, 3, 5), named=True)),
        ("第2、3个取消", Wish("cancel", (2, 3), named=True)),
        ("cancel the first and the last one", Wish("cancel", (1, -1), named=True)),
        ("十一号取消", Wish("cancel", (11,), named=True)),
        ("1到3都完成了", Wish("done", (1, 2, 3), named=True)),
        ("取消3个", None),
        ("2和3还没完成", None),
        ("2 and 3 are not done", None),
        ("the client cancelled all", None),
        ("he said everything is done", None),
        ("都取消了吗", None),
        ("他们都取消了", None),
        ("取消所有的订单", None),
        ("drop 10%", None),
        ("2点取消", None),
        ("I'm all done", None),
        ("delete my data", None),
        ("cancel", None),
        ("完成", None),
    ],
)
def test_only_whole_messages_about_several_are_taken_so(said: str, meant: Wish | None) -> None:
    assert wish(said) == meant


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("cancel 1, done 3", ["cancelled", "open", "closed"]),
        ("2 replied and 3 is done", ["open", "closed", "closed"]),
        ("drop 1 and 2; done 3", ["cancelled", "cancelled", "closed"]),
        ("第一个取消，第三个完成", ["cancelled", "open", "closed"]),
        ("第二个回复了，第三个取消", ["open", "closed", "cancelled"]),
        ("1和2完成，3取消。", ["closed", "closed", "cancelled"]),
        ("cancel 1, done 1", ["open"] * 3),
        ("cancel 1, done 7", ["open"] * 3),
        ("cancel 1, and the weather is fine", ["open"] * 3),
    ],
)
def test_each_part_of_a_message_is_done_to_its_own_and_taken_back_in_one_go(talk: Talk, said: str, state: list[str]) -> None:
    talk("what is open?")
    told = talk(said)
    assert states(talk) == state
    if state != ["open"] * 3:
        assert all((name in told.text) == (ended != "open") for name, ended in zip(PEOPLE, state, strict=True))
        talk("undo")
        assert states(talk) == ["open"] * 3
