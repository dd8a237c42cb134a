"""While a reminder still lacks its time, what is said of another one is not taken for the answer."""

from __future__ import annotations

import pytest

from bot.wiring import App
from tests.bot.test_followup_talk import Talk


@pytest.mark.parametrize(
    ("first", "second", "who", "told"),
    [
        (
            "I sent Mr Sato the drawings, remind me on 4/5",
            "I emailed Ms Gupta about the quote, remind me Thursday 10am",
            "Ms Gupta",
            "Mr Sato is not noted",
        ),
        ("刚给王总发了报价，改天提醒我", "刚给李经理发了合同，下周四上午十点提醒我", "李经理", "关于王总的那条提醒还没记下"),
    ],
)
def test_a_reminder_of_its_own_is_made_and_the_open_one_is_told_to_be_left(
    app: App, first: str, second: str, who: str, told: str
) -> None:
    talk = Talk(app)
    talk(first)
    assert talk.rows() == []
    answer = talk.answer(second)
    assert told in answer.cards[0].text
    assert who in answer.model_dump_json()
    assert talk.row.due_at


def test_asking_for_the_list_meanwhile_shows_it_and_the_question_stays(app: App) -> None:
    talk = Talk(app)
    talk("I emailed Mr Li about the samples, remind me tomorrow at 9:30")
    talk("I sent Mr Sato the drawings, remind me on 4/5")
    assert "Mr Li" in talk.answer("what is open?").model_dump_json()
    talk("Thursday at 10")
    assert len(talk.rows()) == 2


@pytest.mark.parametrize("number", ["²", "7", "9999", "0" * 150, "-1"])
def test_a_number_that_no_time_has_is_an_old_button(app: App, number: str) -> None:
    talk = Talk(app)
    talk("I sent Mr Sato the drawings, remind me on 4/5")
    assert talk.answer(f"fu:pick:{number}").cards
    assert talk.rows() == []
