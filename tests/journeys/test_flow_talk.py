"""A decision flow from the opening message to the verdict, in conversation, on both databases."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from bot.messages import Address, Answer, Inbound
from bot.wiring import App
from tests.conftest import NOW

Say = Callable[[str], Answer]


def talk(app: App, name: str = "someone") -> Say:
    """One person speaking; what looks like a choice id is pressed, anything else typed."""
    numbers = itertools.count()

    def say(words: str) -> Answer:
        pressed = words if words.partition(":")[0] in ("flow", "fact", "step") else ""
        return app.receive(
            Inbound(
                address=Address(channel="web", external_id=name),
                message_id=f"m{next(numbers)}-{id(numbers)}",
                text="" if pressed else words,
                choice=pressed,
                received_at=NOW,
            )
        )

    return say


def asked(answer: Answer) -> str:
    """The fact that is asked."""
    assert answer.asks, [card.id for card in answer.cards]
    return answer.asks["fact"]


def test_the_opening_message_starts_the_flow_under_its_card(app: App) -> None:
    answer = talk(app)("should I send them the CAD files?")
    assert [card.kind for card in answer.cards] == ["advice", "question"]
    assert answer.asks and answer.asks["flow"] == "share-this"
    assert asked(answer) != "what", "what they want was said already"


def test_facts_in_the_opening_message_are_not_asked_again(app: App) -> None:
    say = talk(app)
    answer = say("对方要独家代理，全国，没有最低采购量，签五年")
    seen = set()
    while answer.asks:
        seen.add(asked(answer))
        answer = say(f"fact:exclusivity:{asked(answer)}:unknown")
    assert not seen & {"territory", "minimums", "term"}
    assert answer.result and answer.result["verdict"] in ("refuse", "counter_with_conditions")
    assert answer.intent == "exclusivity-request"


@pytest.mark.parametrize(("start", "dont_know"), [("flow:share-this", "no idea"), ("flow:exclusivity", "不清楚")])
def test_after_five_questions_at_the_latest_there_is_a_provisional_verdict(app: App, start: str, dont_know: str) -> None:
    say = talk(app)
    answer = say(start)
    for _ in range(5):
        if answer.result:
            break
        answer = say(dont_know)
    assert answer.result and answer.result["verdict"]
    assert len(answer.result["reasons"]) >= 2
    more = say("flow:more")
    assert more.asks or more.result


def test_numbers_labels_and_words_all_answer(app: App) -> None:
    say = talk(app)
    first = say("flow:share-this")
    assert asked(first) == "what"
    second = say("source code")
    assert asked(second) != "what"
    third = say("1")
    assert third.asks is None or asked(third) != asked(second)


def test_why_back_restart_and_stop(app: App) -> None:
    say = talk(app)
    first = say("flow:share-this")
    second = say("price list")
    why = say("why do you ask?")
    assert asked(why) == asked(second)
    assert app.kb.flows["share-this"].fact(asked(second)).why.en in why.cards[0].text
    assert asked(say("back")) == asked(first)
    say("drawings")
    assert asked(say("start again")) == "what"
    stopped = say("stop")
    assert stopped.asks is None
    assert say("1").asks is not None, "the way back in is offered"


def test_an_answer_that_fits_nothing_is_asked_again_once_then_taken_as_dont_know(app: App) -> None:
    say = talk(app)
    say("flow:share-this")
    first = say("datasheet")
    open_fact = asked(first)
    again = say("purple monkey dishwasher")
    assert asked(again) == open_fact
    on = say("purple monkey dishwasher")
    assert on.asks is None or asked(on) != open_fact
    end = say("step:verdict") if on.asks else on
    assert end.result
    assert open_fact in end.result["missing"] or not end.result["provisional"]


def test_a_question_of_its_own_is_answered_and_the_flow_waits(app: App) -> None:
    say = talk(app)
    say("flow:share-this")
    open_fact = asked(say("price list"))
    aside = say("My boss won't listen to me, how do I convince him?")
    assert aside.intent in ("convince-boss", "internal-negotiation")
    assert aside.cards[0].choices[0].id == "flow:resume"
    assert asked(say("flow:resume")) == open_fact


def test_a_flow_goes_on_after_a_restart(build_app: Callable[..., App]) -> None:
    first = build_app()
    talk(first)("flow:exclusivity")
    open_fact = asked(talk(first)("none, they only promise to do their best"))
    second = build_app()
    answer = talk(second)("why do you ask?")
    assert asked(answer) == open_fact


def test_a_contradiction_is_said_and_the_last_word_holds(app: App) -> None:
    say = talk(app)
    say("flow:exclusivity")
    say("fact:exclusivity:minimums:none")
    answer = say("fact:exclusivity:penalties:yes")
    assert app.kb.flows["exclusivity"].fact("minimums").name.en in answer.cards[0].text
    assert "last word" in answer.cards[0].text


def test_a_planner_ends_in_a_document_to_forward(app: App) -> None:
    say = talk(app)
    answer = say("flow:internal-brief")
    told = 0
    while answer.asks:
        told += 1
        answer = say(f"Our answer number {told}")
    assert answer.result and answer.result["verdict"] is None
    assert "Our answer number 1" in answer.cards[-1].document


def test_an_old_button_of_another_flow_is_told_so(app: App) -> None:
    say = talk(app)
    say("flow:exclusivity")
    answer = say("fact:share-this:what:price_list")
    assert answer.cards[0].id == "stale"


def until(say: Say, answer: Answer, fact: str) -> Answer:
    """Say "I don't know" until this fact is asked."""
    while asked(answer) != fact:
        answer = say("skip")
        if answer.asks is None:
            answer = say("flow:more")
    return answer


def test_a_yes_in_words_that_sound_like_another_question_answers_what_was_asked(app: App) -> None:
    say = talk(app)
    say("They want exclusivity")
    answer = until(say, say("flow:exclusivity"), "holds_ours")
    answer = say("yes they have our molds")
    assert answer.intent == "exclusivity-request"
    assert not answer.asks or asked(answer) != "holds_ours"


@pytest.mark.parametrize(
    ("aside", "back", "verdict"),
    [("how do I find the decision maker?", "back", "tell me now"), ("怎么找到拍板的人？", "等等 上一步", "先给结论")],
)
def test_a_flow_put_aside_is_taken_up_by_words(app: App, aside: str, back: str, verdict: str) -> None:
    say = talk(app)
    waited = asked(say("fact:share-this:what:drawings") if say("flow:share-this") else Answer(conversation=""))
    assert say(aside).asks is None
    assert asked(say(back)) == waited
    assert say(aside).asks is None
    done = say(verdict)
    assert done.result
    assert done.intent == "share-information"


def test_after_the_verdict_a_fact_that_changed_gives_another_verdict(app: App) -> None:
    say = talk(app)
    say("flow:exclusivity")
    say("fact:exclusivity:minimums:none")
    first = say("tell me now")
    assert first.result
    answer = say("change: they commit to binding minimums")
    assert answer.intent == "exclusivity-request"
    again = answer if answer.result else say("tell me now")
    assert again.result
    assert "Binding minimums" in str(again.cards)
    assert "Binding minimums" not in str(first.cards)


def test_a_step_means_nothing_once_something_else_was_shown(app: App) -> None:
    say = talk(app)
    say("flow:share-this")
    say("fact:share-this:what:drawings")
    assert say("tell me now").result
    say("which follow-ups are open?")
    answer = say("back")
    assert answer.asks is None
    assert not answer.result


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("wrote to Sato-san in Tokyo about the quote, remind me Friday", "followup-create"),
        ("给李总发了报价，周五提醒我", "followup-create"),
        ("what is open?", "followup-list"),
        ("what's on my list", "followup-list"),
        ("还有哪些没跟进", "followup-list"),
        ("Chen replied", "followup-done"),
        ("陈经理回复了", "followup-done"),
        ("cancel the reminder about Chen", "followup-cancel"),
        ("speak English", "language"),
    ],
)
@pytest.mark.parametrize("flow", ["share-this", "exclusivity"])
def test_what_is_for_the_reminders_is_no_answer_and_the_question_waits(app: App, flow: str, words: str, intent: str) -> None:
    say = talk(app)
    name = "陈经理" if "陈" in words else "Chen"
    say(f"emailed {name} about the samples, remind me Thursday 10am")
    question = say(f"flow:{flow}")
    told = say(words)
    assert told.intent == intent
    way_back = told.cards[-1].choices[-1].id
    assert way_back == "flow:resume"
    assert asked(say(way_back)) == asked(question)
