"""One thing said becomes one answer: in context, in the right language, once, and whatever was typed."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import DeclarativeBase

import bot.db
from bot.conversations import unanswered
from bot.conversations.commands import ACTIONS
from bot.conversations.inbox import OPEN_FOR
from bot.conversations.tables import ConversationRow, InboundRow, UnansweredRow, VoteRow
from bot.db import Table, open_engine, reading
from bot.errors import Unavailable
from bot.intents.match import Matcher
from bot.messages import LONGEST_UTTERANCE, Address, Answer, Inbound, Lang
from bot.people import directory
from bot.people.tables import AddressRow, PersonRow
from bot.settings import Settings
from bot.wiring import App, build
from knowledge.load import KnowledgeBase
from tests.conftest import KEYS, NOW

EXCLUSIVITY = "They asked for exclusivity, what do I say?"
独家 = "对方要独家代理，怎么办？"
STRANGE = "how do I bake bread"
VAGUE = {
    "en": [
        "contract",
        "boss",
        "email",
        "meeting",
        "what should I do with the customer",
        "they want something",
        "the deal",
        "price",
    ],
    "zh": ["合同", "老板", "邮件", "开会", "客户", "他们想要东西", "价格", "对方", "怎么谈", "合作"],
}
_numbers = count()
Row = TypeVar("Row", bound=DeclarativeBase)


@dataclass
class Talk:
    """One person talking in one room."""

    app: App = field(repr=False)
    address: Address = field(default_factory=lambda: Address(channel="web", external_id="anna"))
    room: str = ""
    now: dt.datetime = NOW

    def say(self, text: str = "", *, choice: str = "", lang: Lang | None = None, message_id: str = "") -> Answer:
        """The answer to something typed or pressed."""
        return self.app.receive(
            Inbound(
                address=self.address,
                message_id=message_id or f"message {next(_numbers)}",
                text=text,
                choice=choice,
                room=self.room,
                lang=lang,
                received_at=self.now,
            )
        )

    def press(self, choice: str) -> Answer:
        """The answer to a button."""
        return self.say(choice=choice)


@pytest.fixture
def talk(app: App) -> Talk:
    """Anna, who has not said anything yet."""
    return Talk(app)


def another(app: App, name: str = "bernd") -> Talk:
    """Somebody else."""
    return Talk(app, Address(channel="web", external_id=name))


def rows(engine: Engine, table: type[Row]) -> list[Row]:
    """All rows of a table."""
    with reading(engine) as session:
        return list(session.scalars(select(table)))


def kept(engine: Engine) -> list[tuple[str, str]]:
    """(reason, words) of what the curators see, oldest first."""
    with reading(engine) as session:
        return [(row.reason, row.said) for row in reversed(unanswered.waiting(session))]


def vague(matcher: Matcher, lang: str = "en") -> str:
    """A question that today's model answers with a question."""
    found = [text for text in VAGUE[lang] if matcher.understand(text).decision == "ask"]
    assert found, "no vague question is vague to the model any more: add others"
    return found[0]


def shown(answer: Answer) -> list[str]:
    """The ids of the cards of an answer."""
    return [card.id for card in answer.cards]


# the question and its card


@pytest.mark.parametrize(
    ("question", "card", "lang"),
    [
        (EXCLUSIVITY, "exclusivity-request", "en"),
        ("should I send them the CAD files?", "share-information", "en"),
        (独家, "exclusivity-request", "zh"),
        ("他们要CAD图纸，要不要给？", "share-information", "zh"),
        ("ＴＨＥＹ ＡＳＫＥＤ ＦＯＲ ＥＸＣＬＵＳＩＶＩＴＹ", "exclusivity-request", "en"),
        ("對方要獨家代理，怎麼辦？", "exclusivity-request", "zh"),
    ],
)
def test_a_question_gets_the_right_card_in_its_language(
    talk: Talk, question: str, card: str, lang: Lang, kb: KnowledgeBase
) -> None:
    answer = talk.say(question)
    assert (answer.decision, answer.intent, shown(answer)[0]) == ("sure", card, card)
    found = answer.cards[0]
    assert (found.kind, found.lang) == ("advice", lang)
    assert found.title == getattr(kb.cards[card].title, lang)
    assert found.verdict == getattr(kb.cards[card].verdict, lang)
    assert found.because
    assert found.do
    assert found.avoid
    assert found.say
    assert found.sources
    assert 0.2 < answer.confidence <= 1


def test_every_card_can_be_voted_on_and_leads_on_to_related_ones(talk: Talk, kb: KnowledgeBase) -> None:
    for name in kb.cards:
        choices = [choice.id for choice in talk.press(f"card:{name}").cards[0].choices]
        assert choices[-2:] == [f"vote:useful:{name}", f"vote:not:{name}"]
        ways_on = [choice.partition(":") for choice in choices[:-2]]
        known = {"card": kb.cards, "flow": kb.flows, "fu": [f"new:{name}"]}
        assert all(way in known[kind] for kind, _, way in ways_on)
        assert f"card:{name}" not in choices


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_vague_question_gets_two_or_three_to_choose_from_and_a_way_out(talk: Talk, matcher: Matcher, lang: str) -> None:
    answer = talk.say(vague(matcher, lang))
    assert (answer.decision, answer.intent) == ("ask", None)
    assert 2 <= len(answer.choices) <= 3
    assert answer.cards[0].kind == "choices"
    assert answer.cards[0].lang == lang
    offered = [choice.id.partition(":")[2] for choice in answer.cards[0].choices]
    assert offered == [*(choice.id for choice in answer.choices), ""]
    assert answer.cards[0].choices[-1].id == "none"


@pytest.mark.parametrize("question", [STRANGE, "what is the capital of France?", "今晚吃什么", "明天北京天气怎么样"])
def test_an_unrelated_question_gets_an_honest_answer_with_what_the_coach_knows(
    talk: Talk, question: str, kb: KnowledgeBase
) -> None:
    answer = talk.say(question)
    assert (answer.decision, answer.intent, answer.choices) == ("unknown", None, [])
    assert shown(answer) == ["unknown"]
    assert [choice.id for choice in answer.cards[0].choices] == [f"theme:{theme}" for theme in kb.themes]


def test_a_theme_leads_to_its_cards(talk: Talk, kb: KnowledgeBase) -> None:
    talk.say(STRANGE)
    for theme in kb.themes:
        answer = talk.press(f"theme:{theme}")
        assert [choice.id for choice in answer.cards[0].choices] == [f"card:{card.id}" for card in kb.by_theme[theme]]


def test_a_card_to_read_has_no_buttons_but_ways_on(app: App) -> None:
    card = app.coach.card("exclusivity-request", "zh")
    assert card is not None
    assert card.lang == "zh"
    assert not any(choice.id.startswith("vote:") for choice in card.choices)
    assert app.coach.card("no-such-card", "en") is None


def test_a_question_asked_apart_leaves_no_trace(app: App, engine: Engine) -> None:
    for question in (EXCLUSIVITY, 独家, STRANGE, "hello", "delete my data", "", "\x00"):
        understood, cards = app.coach.ask_apart(question)
        assert cards
        assert understood.decision in ("sure", "ask", "unknown")
    assert app.coach.ask_apart(独家, "en")[1][0].lang == "en"
    for table in Table.__subclasses__():
        assert rows(engine, table) == []


# once only


def test_the_same_message_again_gets_the_same_answer_and_changes_nothing(talk: Talk, engine: Engine) -> None:
    first = talk.say(STRANGE, message_id="m1")
    talk.say(EXCLUSIVITY, message_id="m2")
    talk.now += dt.timedelta(hours=1)
    assert talk.say(STRANGE, message_id="m1") == first
    assert talk.say("something else under the same id", message_id="m1") == first
    assert len(rows(engine, InboundRow)) == 2
    assert kept(engine) == [("unknown", STRANGE)]
    assert shown(talk.say("why?")) == ["exclusivity-request"]  # the repeat did not become the last thing said


def test_the_same_message_again_gets_the_same_answer_after_a_restart_and_long_after(
    talk: Talk, build_app: Callable[..., App]
) -> None:
    first = talk.say(EXCLUSIVITY, message_id="m1")
    assert Talk(build_app(), now=NOW + dt.timedelta(days=30)).say(EXCLUSIVITY, message_id="m1") == first


def test_a_vote_that_comes_twice_is_counted_once_and_answered_the_same(talk: Talk, engine: Engine) -> None:
    talk.say(EXCLUSIVITY)
    first = talk.say(choice="vote:not:exclusivity-request", message_id="v")
    assert talk.say(choice="vote:not:exclusivity-request", message_id="v") == first
    assert len(rows(engine, VoteRow)) == 1
    assert [reason for reason, _ in kept(engine)] == ["not_useful"]


def at_once(works: list[Callable[[], Answer]]) -> list[Answer]:
    """What several threads answer that start together; an error in one is raised here."""
    together, answers, raised = threading.Barrier(len(works)), [], []

    def run(work: Callable[[], Answer]) -> None:
        together.wait()
        try:
            answers.append(work())
        except BaseException as error:  # noqa: BLE001 - raised below
            raised.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]
    return answers


@pytest.mark.parametrize("known", [False, True], ids=["somebody new", "somebody known"])
def test_the_same_message_in_several_threads_at_once_is_answered_once(talk: Talk, engine: Engine, *, known: bool) -> None:
    if known:
        talk.say("hello")
    for n in range(5):
        answers = at_once([lambda n=n: talk.say(STRANGE, message_id=f"m{n}") for _ in range(4)])
        assert len(answers) == 4
        assert all(answer == answers[0] for answer in answers)
    assert len(rows(engine, InboundRow)) == 5 + known
    assert kept(engine) == [("unknown", STRANGE)] * 5
    assert len(rows(engine, PersonRow)) == len(rows(engine, AddressRow)) == len(rows(engine, ConversationRow)) == 1


def test_different_messages_of_somebody_new_at_once_are_all_answered_for_one_person(talk: Talk, engine: Engine) -> None:
    answers = at_once([lambda n=n: talk.say(f"{STRANGE} {n}", message_id=f"m{n}") for n in range(4)])
    assert [answer.decision for answer in answers] == ["unknown"] * 4
    assert len(rows(engine, InboundRow)) == 4
    assert len(rows(engine, PersonRow)) == 1


def test_votes_at_once_leave_one_vote(talk: Talk, engine: Engine) -> None:
    talk.say(EXCLUSIVITY)
    at_once([lambda word=word: talk.press(f"vote:{word}:exclusivity-request") for word in ("useful", "not", "useful", "not")])
    assert len(rows(engine, VoteRow)) == 1


# follow-up questions


@pytest.mark.parametrize(
    ("first", "then", "fields"),
    [
        (EXCLUSIVITY, "why?", ["because", "sources"]),
        (EXCLUSIVITY, "what do I write?", ["say"]),
        (EXCLUSIVITY, "And if they insist?", ["say", "avoid", "watch_for", "unless"]),
        (EXCLUSIVITY, "WHY ??", ["because", "sources"]),
        (EXCLUSIVITY, "whats do i write", ["say"]),
        (独家, "为什么？", ["because", "sources"]),
        (独家, "怎么写", ["say"]),
        (独家, "对方坚持怎么办？", ["say", "avoid", "watch_for", "unless"]),
        (独家, "為什麼", ["because", "sources"]),
    ],
)
def test_a_short_question_is_about_the_card_before(talk: Talk, first: str, then: str, fields: list[str]) -> None:
    whole = talk.say(first).cards[0]
    answer = talk.say(then)
    assert (answer.decision, answer.intent, shown(answer)) == ("sure", "exclusivity-request", ["exclusivity-request"])
    part = answer.cards[0]
    assert part.lang == whole.lang
    for name in ("because", "do", "avoid", "say", "ask", "watch_for", "unless", "sources"):
        assert getattr(part, name) == (getattr(whole, name) if name in fields else []), name


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_way_of_asking_about_a_card_shows_its_part(talk: Talk, kb: KnowledgeBase, lang: Lang) -> None:
    for aspect in kb.aspects.values():
        whole = talk.say(EXCLUSIVITY if lang == "en" else 独家).cards[0]
        part = talk.say(aspect.phrasings.of(lang)[0]).cards[0]
        assert getattr(aspect.title, lang) in part.title, aspect.id
        for name in aspect.fields:
            assert getattr(part, name) == getattr(whole, name), aspect.id


def test_a_follow_up_question_keeps_the_numbers_of_the_card_before(talk: Talk) -> None:
    choices = talk.say(EXCLUSIVITY).cards[0].choices
    talk.say("why?")
    answer = talk.say(str(len(choices)))
    assert answer.intent == "feedback"


def test_a_short_question_with_no_card_before_is_not_guessed(talk: Talk) -> None:
    for question in ("why?", "what do I write?", "为什么？"):
        answer = talk.say(question)
        assert not any(card.kind == "advice" and card.title.startswith(("Why: ", "为什么: ")) for card in answer.cards)


def test_a_longer_question_starts_anew(talk: Talk) -> None:
    talk.say(EXCLUSIVITY)
    assert talk.say("why do they want our CAD files, should I send them?").intent == "share-information"
    assert talk.say("why?").intent == "share-information"


def test_after_an_unknown_question_nothing_is_before_the_person(talk: Talk) -> None:
    talk.say(EXCLUSIVITY)
    talk.say(STRANGE)
    assert talk.say("why?").intent != "exclusivity-request"


def test_after_stop_nothing_is_before_the_person(talk: Talk) -> None:
    talk.say(EXCLUSIVITY)
    assert talk.say("stop").intent == "stop"
    assert talk.say("why?").intent != "exclusivity-request"


def test_after_thanks_the_card_is_still_before_the_person(talk: Talk) -> None:
    talk.say(EXCLUSIVITY)
    assert talk.say("thanks").intent == "thanks"
    assert talk.say("why?").intent == "exclusivity-request"


# numbers and labels


@pytest.mark.parametrize(
    "typed",
    [
        "2",
        " 2 ",
        "２",
        "2.",
        "2)",
        "(2)",
        "（2）",
        "2。",
        "2、",
        "②",
        "#2",
        "no. 2",
        "No 2",
        "option 2",
        "Nr. 2",
        "二",
        "两",
        "第二",
        "第二个",
        "第2个",
        "2号",
        "٢",
    ],
)
def test_a_typed_number_is_the_choice(talk: Talk, kb: KnowledgeBase, typed: str) -> None:
    talk.say(STRANGE)
    answer = talk.say(typed)
    assert shown(answer) == [f"theme-{list(kb.themes)[1]}"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_typed_label_is_the_choice(talk: Talk, kb: KnowledgeBase, lang: Lang) -> None:
    for theme in kb.themes.values():
        talk.say(STRANGE, lang=lang)
        answer = talk.say(f"  {getattr(theme.title, lang).upper()}!", lang=lang)
        assert shown(answer) == [f"theme-{theme.id}"]


def test_after_a_number_the_language_stays(talk: Talk) -> None:
    talk.say("今晚吃什么")
    answer = talk.say("1")
    assert answer.cards[0].lang == "zh"
    assert talk.say("1").cards[0].lang == "zh"


@pytest.mark.parametrize("typed", ["0", "99", "-1", "2026", "1.5", "九", "十", "1 2", "²³", "０"])
def test_a_number_that_was_not_offered_chooses_nothing(talk: Talk, kb: KnowledgeBase, typed: str) -> None:
    assert len(kb.themes) < 9
    talk.say(STRANGE)
    answer = talk.say(typed)
    assert answer.decision in ("unknown", "ask")
    assert not any(name.startswith("theme-") for name in shown(answer))


def test_a_number_before_anything_was_offered_chooses_nothing(talk: Talk) -> None:
    assert shown(talk.say("1")) == ["empty"]


def test_a_number_within_a_question_is_no_choice(talk: Talk) -> None:
    talk.say(STRANGE)
    answer = talk.say("They want exclusivity for 2 years, should we sign?")
    assert answer.decision in ("sure", "ask")
    assert "exclusivity-request" in [answer.intent, *(choice.id for choice in answer.choices)]


# what was pressed


@pytest.mark.parametrize(
    "choice",
    [
        "card:no-such-card",
        "theme:no-such-theme",
        "command:no-such-command",
        "vote:useful:no-such-card",
        "vote:maybe:exclusivity-request",
        "vote:",
        "lang:fr",
        "lang:",
        "erase:yes",
        "erase:no",
        "nonsense",
        ":",
        "card",
        "<script>alert(1)</script>",
        "card:exclusivity-request\x00",
        "card:\ud800",
    ],
)
def test_a_choice_that_is_not_open_is_told_so_and_does_nothing(talk: Talk, engine: Engine, choice: str) -> None:
    talk.say(EXCLUSIVITY)
    before = len(rows(engine, InboundRow))
    assert shown(talk.press(choice)) == ["stale"]
    assert len(rows(engine, InboundRow)) == before + 1
    assert rows(engine, VoteRow) == []
    assert rows(engine, PersonRow)[0].lang is None


def test_the_bare_id_of_a_card_or_command_is_a_choice_too(talk: Talk) -> None:
    assert shown(talk.press("exclusivity-request")) == ["exclusivity-request"]
    assert shown(talk.press("help")) == ["help"]


# language


def test_the_language_a_person_chooses_is_remembered_for_good(talk: Talk, engine: Engine) -> None:
    assert talk.say("speak Chinese").cards[0].lang == "zh"
    assert talk.say(EXCLUSIVITY).cards[0].lang == "zh"
    talk.now += OPEN_FOR * 3
    talk.room = "another"
    assert talk.say(EXCLUSIVITY).cards[0].lang == "zh"
    assert talk.say("说英文").cards[0].lang == "en"
    assert talk.say(独家).cards[0].lang == "en"
    assert rows(engine, PersonRow)[0].lang == "en"


def test_which_language_is_asked_when_none_was_named(talk: Talk) -> None:
    answer = talk.say("use another language")
    assert [choice.id for choice in answer.cards[0].choices] == ["lang:en", "lang:zh"]
    assert talk.say("2").cards[0].lang == "zh"
    assert talk.say(EXCLUSIVITY).cards[0].lang == "zh"


def test_a_forced_language_holds_for_one_message_and_goes_before_the_chosen_one(talk: Talk) -> None:
    talk.press("lang:zh")
    assert talk.say(独家, lang="en").cards[0].lang == "en"
    assert talk.say(EXCLUSIVITY).cards[0].lang == "zh"


def test_without_a_choice_each_message_is_answered_in_its_own_language(talk: Talk) -> None:
    assert [talk.say(text).cards[0].lang for text in (EXCLUSIVITY, 独家, EXCLUSIVITY)] == ["en", "zh", "en"]


# feedback, asking a person


def test_the_last_vote_of_a_person_on_a_card_holds(talk: Talk, engine: Engine) -> None:
    talk.say(EXCLUSIVITY)
    assert shown(talk.press("vote:useful:exclusivity-request")) == ["voted.useful"]
    assert shown(talk.press("vote:not:exclusivity-request")) == ["voted.not"]
    another(talk.app).press("vote:useful:exclusivity-request")
    talk.press("vote:useful:share-information")
    people = {row.person_id for row in rows(engine, VoteRow)}
    assert len(people) == 2
    with reading(engine) as session:
        counted = session.execute(select(VoteRow.card, VoteRow.useful, func.count()).group_by(VoteRow.card, VoteRow.useful))
        assert sorted(map(tuple, counted)) == [
            ("exclusivity-request", False, 1),
            ("exclusivity-request", True, 1),
            ("share-information", True, 1),
        ]


def test_a_card_that_was_not_useful_reaches_the_curators_with_its_question(talk: Talk, engine: Engine) -> None:
    talk.say(EXCLUSIVITY)
    talk.press("vote:useful:exclusivity-request")
    assert kept(engine) == []
    talk.press("vote:not:exclusivity-request")
    assert kept(engine) == [("not_useful", EXCLUSIVITY)]
    assert rows(engine, UnansweredRow)[0].likely == ["exclusivity-request"]


def test_feedback_in_words_is_kept_and_offers_a_vote_on_the_card_before(talk: Talk, engine: Engine) -> None:
    talk.say(EXCLUSIVITY)
    answer = talk.say("This answer was not helpful")
    assert answer.intent == "feedback"
    assert [choice.id for choice in answer.cards[0].choices] == [
        "vote:useful:exclusivity-request",
        "vote:not:exclusivity-request",
    ]
    assert kept(engine) == [("feedback", "This answer was not helpful")]


@pytest.mark.parametrize(("question", "ask"), [(EXCLUSIVITY, "ask a person"), (独家, "找真人")])
def test_asking_a_person_keeps_the_question_and_says_so(talk: Talk, engine: Engine, question: str, ask: str) -> None:
    talk.say(question)
    answer = talk.say(ask)
    assert (answer.intent, shown(answer)) == ("ask-a-person", ["ask-a-person"])
    assert kept(engine) == [("ask_a_person", question)]


def test_asking_a_person_without_a_question_asks_for_it_and_keeps_nothing(talk: Talk, engine: Engine) -> None:
    assert shown(talk.say("ask a person")) == ["ask-a-person.what"]
    assert kept(engine) == []


# what the curators see


def test_an_unknown_question_is_kept_without_what_names_people(talk: Talk, engine: Engine) -> None:
    talk.say(
        "How do I bake bread? Write anna.b@example.com or call +49 (0)170 1234567, order 20261122, see https://x.example/y?z=1 ok"
    )
    assert kept(engine) == [("unknown", "How do I bake bread? Write <mail> or call <number>, order <number>, see <link> ok")]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("今晚吃什么，邮箱anna@example.com，电话13800138000。", "今晚吃什么，邮箱<mail>，电话<number>。"),
        ("今晚吃什么，看www.example.com/饭吧", "今晚吃什么，看<link>饭吧"),
        ("今晚吃什么 anna＠example.com", "今晚吃什么 <mail>"),
        ("jürgen@müller.de", "<mail>"),
        ("2 of 15 for 300 units in 3 weeks", "2 of 15 for 300 units in 3 weeks"),
        ("１３８００１３８０００", "<number>"),
        ("138-0013-8000", "<number>"),
        ("x" * 5_000, "x" * unanswered.LONGEST_KEPT),
        ("a@b.c " * 5_000, ("<mail> " * 5_000)[: unanswered.LONGEST_KEPT]),
    ],
)
def test_mail_addresses_links_and_long_numbers_are_stripped_and_nothing_else(said: str, left: str) -> None:
    assert unanswered.strip(said)[: len(left)].strip() == left.strip()
    assert len(unanswered.strip(said)) <= unanswered.LONGEST_KEPT


def test_a_mail_address_cut_in_two_by_the_limit_is_stripped_too() -> None:
    for before in range(unanswered.LONGEST_KEPT * 4 - 30, unanswered.LONGEST_KEPT * 4 + 1):
        left = unanswered.strip(" " * before + "anna.secret@example.com")
        assert "secret@" not in left


def test_a_sure_answer_is_not_kept_for_the_curators(talk: Talk, engine: Engine) -> None:
    talk.say(EXCLUSIVITY)
    talk.say("hello")
    assert kept(engine) == []


def test_after_asking_back_the_tap_is_noted(talk: Talk, engine: Engine, matcher: Matcher) -> None:
    question = vague(matcher)
    answer = talk.say(question)
    assert kept(engine) == [("asked_back", question)]
    assert rows(engine, UnansweredRow)[0].chosen is None
    talk.say("2")
    assert rows(engine, UnansweredRow)[0].chosen == answer.choices[1].id
    talk.press("card:exclusivity-request")  # a later tap is about something else
    assert rows(engine, UnansweredRow)[0].chosen == answer.choices[1].id


def test_none_of_these_is_a_gap(talk: Talk, engine: Engine, matcher: Matcher) -> None:
    talk.say(vague(matcher))
    answer = talk.press("none")
    assert (answer.decision, shown(answer)) == ("unknown", ["none.answer"])
    assert [(row.reason, row.chosen) for row in rows(engine, UnansweredRow)] == [("none_of_these", None)]


# commands


@pytest.mark.parametrize("said", ["hello", "你好", "help", "thanks", "谢谢"])
def test_small_talk_is_answered_in_its_language(talk: Talk, said: str) -> None:
    answer = talk.say(said)
    assert answer.intent in ("greeting", "help", "thanks")
    assert answer.cards[0].lang == ("en" if said.isascii() else "zh")


def test_every_command_of_the_contract_is_known_and_done(kb: KnowledgeBase) -> None:
    contract = """followup-create, followup-list, followup-done, followup-snooze, followup-cancel, tip-now, tip-subscribe,
    tip-unsubscribe, help, greeting, thanks, feedback, language, zone, quiet-hours, mail-address, link, ask-a-person, delete-my-data, stop"""
    assert set(kb.commands) == {name.strip() for name in contract.split(",")}
    assert set(ACTIONS) == set(kb.commands)


# delete my data


def traces(engine: Engine) -> int:
    """The number of rows in all tables."""
    return sum(len(rows(engine, table)) for table in Table.__subclasses__())


def full(talk: Talk) -> None:
    """Say something of every kind."""
    talk.say(EXCLUSIVITY)
    talk.press("vote:not:exclusivity-request")
    talk.say(STRANGE)
    talk.press("lang:en")


@pytest.mark.parametrize("yes", ["erase:yes", "1", "Yes, erase it", "yes please", "是的", "确认"])
def test_deleting_asks_first_and_then_erases_everything(talk: Talk, engine: Engine, yes: str) -> None:
    full(talk)
    answer = talk.say("delete my data")
    assert (answer.intent, shown(answer)) == ("delete-my-data", ["erase"])
    assert [choice.id for choice in answer.cards[0].choices] == ["erase:yes", "erase:no"]
    assert traces(engine) > 0
    answer = talk.press(yes) if ":" in yes else talk.say(yes)
    assert (answer.intent, shown(answer)) == ("delete-my-data", ["erase.done"])
    assert traces(engine) == 0
    assert talk.say("hello").cards[0].lang == "en"  # and one can start anew


@pytest.mark.parametrize("no", ["erase:no", "2", "no, keep it", "不", "不要", "算了", "no"])
def test_deleting_can_be_declined_and_keeps_everything(talk: Talk, engine: Engine, no: str) -> None:
    full(talk)
    talk.say("删除我的数据")
    before = traces(engine)
    answer = talk.press(no) if ":" in no else talk.say(no)
    assert shown(answer) == ["erase.kept"]
    assert traces(engine) == before + 1  # this very message
    assert shown(talk.press("erase:yes")) == ["stale"]  # the question is settled
    assert rows(engine, PersonRow)[0].lang == "en"


@pytest.mark.parametrize("other", [EXCLUSIVITY, "hello", "maybe"])
def test_anything_else_said_to_the_question_keeps_everything_and_settles_it(talk: Talk, engine: Engine, other: str) -> None:
    full(talk)
    talk.say("delete my data")
    before = traces(engine)
    talk.say(other)
    assert traces(engine) >= before
    assert shown(talk.press("erase:yes")) == ["stale"]
    assert rows(engine, VoteRow) != []


def test_erasing_one_person_leaves_the_others(talk: Talk, engine: Engine) -> None:
    full(talk)
    other = another(talk.app)
    full(other)
    before = traces(engine)
    talk.say("delete my data")
    talk.press("erase:yes")
    assert traces(engine) * 2 == before
    assert other.say("hello").cards[0].lang == "en"


# conversations and their end


def test_a_conversation_ends_when_nobody_speaks(talk: Talk) -> None:
    first = talk.say(EXCLUSIVITY).conversation
    talk.now += OPEN_FOR - dt.timedelta(seconds=1)
    assert talk.say("why?").intent == "exclusivity-request"  # and this prolongs it
    talk.now += OPEN_FOR - dt.timedelta(seconds=1)
    answer = talk.say("why?")
    assert (answer.intent, answer.conversation) == ("exclusivity-request", first)
    talk.now += OPEN_FOR
    answer = talk.say("why?")
    assert answer.intent != "exclusivity-request"
    assert answer.conversation != first
    assert shown(talk.press("erase:yes")) == ["stale"]


def test_a_pending_question_to_delete_ends_with_the_conversation(talk: Talk, engine: Engine) -> None:
    full(talk)
    talk.say("delete my data")
    talk.now += OPEN_FOR
    assert shown(talk.press("erase:yes")) == ["stale"]
    assert rows(engine, VoteRow) != []


def test_rooms_of_one_person_are_conversations_of_their_own(talk: Talk) -> None:
    talk.say(EXCLUSIVITY)
    elsewhere = Talk(talk.app, talk.address, room="elsewhere")
    assert elsewhere.say("why?").intent != "exclusivity-request"
    assert elsewhere.say("hello").conversation == "elsewhere"
    assert talk.say("why?").intent == "exclusivity-request"


def test_history_tells_the_open_conversation_of_one_room_oldest_first(talk: Talk) -> None:
    def history(now: dt.datetime = NOW) -> list[tuple[str, bool, Answer]]:
        return [(each.said, each.vote, each.answer) for each in talk.app.coach.history(talk.address, "", now)]

    assert history() == []
    first, second = talk.say(EXCLUSIVITY), talk.press("vote:useful:exclusivity-request")
    Talk(talk.app, talk.address, room="elsewhere").say("hello")
    another(talk.app).say("hello")
    assert history() == [(EXCLUSIVITY, False, first), ("Useful", True, second)]
    assert history(NOW + OPEN_FOR) == []


# people apart


def test_the_same_message_id_of_two_people_is_two_messages(talk: Talk) -> None:
    mine = talk.say(EXCLUSIVITY, message_id="m1")
    theirs = another(talk.app).say("should I send them the CAD files?", message_id="m1")
    elsewhere = Talk(talk.app, Address(channel="api", external_id="anna")).say("hello", message_id="m1")
    assert [mine.intent, theirs.intent, elsewhere.intent] == ["exclusivity-request", "share-information", "greeting"]


def test_what_one_person_said_is_no_context_for_another(talk: Talk, engine: Engine) -> None:
    talk.say(EXCLUSIVITY)
    talk.press("lang:zh")
    talk.say("delete my data")
    other = another(talk.app)
    answer = other.say("why?")
    assert answer.intent != "exclusivity-request"
    assert answer.cards[0].lang == "en"
    assert shown(other.press("erase:yes")) == ["stale"]
    assert shown(other.say("ask a person")) != ["ask-a-person"] or kept(engine)[-1][1] == "why?"
    assert all(said != EXCLUSIVITY for _, said in kept(engine))


# whatever is typed


HOSTILE = {
    "nothing": "",
    "white space": " \t\r\n\u3000\u2028",
    "emoji": "😀👍🏽👨‍👩‍👧",
    "punctuation": "?!？！...",
    "control characters": "\x01\x02\x1b[31m\x7f\x85",
    "NUL": "\x00",
    "NUL within": "ex\x00clusivity \x00",
    "right to left": "\u202egnp.exe \u2066ab\u2069 \u200f",
    "zero width": "\u200b\u200d\ufeff",
    "markup": "<script>alert(1)</script><b>{{7*7}}</b> *x* %s {0} ${x}",
    "lone surrogates": "\ud800 half \udfff",
    "noncharacters": "\ufffe\uffff\U0010ffff",
    "combining": "e" + "\u0301" * 5_000,
    "SQL": "'; DROP TABLE people; --",
    "Arabic": "ما هي الشروط الحصرية؟",
    "ligatures": "ﷺ" * 3_000,
    "100 kB of one letter": "a" * 100_000,
    "100 kB of Chinese": "独家" * 17_000,
    "100 kB of words": "exclusive " * 10_000,
    "100 kB of digits": "1" * 100_000,
    "100 kB of almost numbers": "1(" * 50_000,
    "100 kB of almost addresses": "a." * 50_000,
    "100 kB of at signs": "a@" * 50_000,
    "100 kB of links": "http://" * 15_000,
    "100 kB of emoji": "😀" * 25_000,
    "100 kB of lines": "\n" * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_is_typed_is_answered_in_good_time_and_the_talk_goes_on(talk: Talk, engine: Engine, text: str) -> None:
    began = time.process_time()
    for before in ("", EXCLUSIVITY, "use another language", "delete my data"):
        if before:
            talk.say(before)
        answer = talk.say(text)
        assert answer.cards
        assert answer.decision in ("sure", "ask", "unknown")
        assert "\x00" not in answer.model_dump_json()
    assert time.process_time() - began < 60  # seconds, on any machine; when time was quadratic this took an hour
    assert talk.say(EXCLUSIVITY).intent == "exclusivity-request"
    assert len(rows(engine, InboundRow)) == 8
    assert rows(engine, PersonRow) != []  # nothing was erased by accident


@pytest.mark.parametrize("text", ["", " ", "😀", "\x00", "?!", "\u202e", "12345"])
def test_what_holds_no_word_is_told_so_and_not_kept(talk: Talk, engine: Engine, text: str) -> None:
    answer = talk.say(text)
    assert (answer.decision, shown(answer)) == ("unknown", ["empty"])
    assert kept(engine) == []


def test_control_characters_within_a_question_do_not_hide_it(talk: Talk) -> None:
    assert talk.say("They asked for ex\u200bclu\x01si\u202evity, what do I say?").intent == "exclusivity-request"


def test_a_long_message_is_cut_and_the_person_is_told(talk: Talk) -> None:
    fits = (EXCLUSIVITY + " ") * 400
    fits = fits[:LONGEST_UTTERANCE]
    assert shown(talk.say(fits))[0] != "cut"
    answer = talk.say(fits + "x")
    assert shown(answer)[0] == "cut"
    assert len(answer.cards) == 2
    assert str(LONGEST_UTTERANCE) in answer.cards[0].text
    assert answer.cards[0].lang == "en"


@given(text=st.text(st.characters(), max_size=60), choice=st.just("") | st.text(st.characters(), max_size=20))
@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_and_any_choice_is_answered(talk: Talk, text: str, choice: str) -> None:
    answer = talk.say(text, choice=choice)
    assert answer.cards
    assert Answer.model_validate_json(answer.model_dump_json()) == answer


def test_markup_comes_back_nowhere(talk: Talk) -> None:
    for text in ("<script>alert(1)</script> bread", "<b>exclusivity</b>"):
        assert text not in talk.say(text).model_dump_json()


# the database away


@pytest.fixture
def impatient(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A SQLite database whose writers give up after 0.05 s."""
    monkeypatch.setattr(bot.db, "BUSY_SECONDS", 0.05)
    path = tmp_path / "locked.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{path}", KEYS)
    yield engine
    engine.dispose()


def test_a_message_that_met_a_locked_database_may_come_again_and_is_answered(
    impatient: Engine, settings: Settings, kb: KnowledgeBase, matcher: Matcher
) -> None:
    talk = Talk(build(settings, engine=impatient, kb=kb, matcher=matcher, now=lambda: NOW))
    talk.say(EXCLUSIVITY)
    other = sqlite3.connect(impatient.url.database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        talk.say("why?", message_id="m2")
    other.execute("ROLLBACK")
    other.close()
    assert talk.say("why?", message_id="m2").intent == "exclusivity-request"
    assert len(rows(impatient, InboundRow)) == 2


def test_an_address_found_again_by_its_name_is_the_person_who_spoke(talk: Talk, engine: Engine) -> None:
    talk.say("hello")
    with reading(engine) as session:
        assert directory.find(session, "web:anna").id == rows(engine, PersonRow)[0].id
