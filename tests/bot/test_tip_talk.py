"""Tips in the talk, in both languages: one now, every week, fewer, none, and nothing sent to many at all."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from bot.broadcasts import consent
from bot.broadcasts.tables import SubscriptionRow, TipShownRow
from bot.conversations import tip_wish
from bot.db import reading, writing
from bot.delivery.tables import DeliveryRow
from bot.followups import contacts, ledger
from bot.followups.rules import Rules
from bot.messages import Address, Answer, Card, Inbound
from bot.people import directory
from bot.wiring import App
from bot.wiring_tips import due_tips

NOW = dt.datetime.fromisoformat("2026-11-25T10:00:00+01:00")
MONDAY = dt.datetime.fromisoformat("2026-11-30T09:30:00+01:00")
WEEK = dt.timedelta(days=7)
PRESSED = ("tip", "command", "card", "quiet", "clock", "fu")
_numbers = itertools.count()


@dataclass
class Talk:
    """One person talking; what looks like a choice is pressed."""

    app: App = field(repr=False)
    name: str = "anna"
    channel: str = "slack"
    zone: str = "Europe/Berlin"
    now: dt.datetime = NOW
    outsider: bool = False

    @property
    def address(self) -> Address:
        return Address(channel=self.channel, external_id=self.name)

    def answer(self, words: str) -> Answer:
        pressed = ":" in words and words.partition(":")[0] in PRESSED
        said = {"text": "", "choice": words} if pressed else {"text": words}
        about = {"message_id": f"m{next(_numbers)}", "received_at": self.now, "zone": self.zone, "outsider": self.outsider}
        return self.app.receive(Inbound(address=self.address, **said, **about))

    def __call__(self, words: str) -> Card:
        """The last card of the answer."""
        return self.answer(words).cards[-1]

    @property
    def row(self) -> SubscriptionRow | None:
        with writing(self.app.engine) as session:
            return consent.subscription(session, directory.at_address(session, self.address, self.now)[0].id)

    @property
    def opted_out(self) -> bool:
        with writing(self.app.engine) as session:
            return consent.opted_out(session, directory.at_address(session, self.address, self.now)[0].id)

    def shown(self) -> list[TipShownRow]:
        with reading(self.app.engine) as session:
            return list(session.scalars(select(TipShownRow).order_by(TipShownRow.at, TipShownRow.id)))

    def due(self, at: dt.datetime) -> Card:
        """The tip of that moment, delivered."""
        self.now = at
        assert due_tips(self.app.kb, self.app.rules).sweep(self.app.engine, at, {"slack"}) == 1
        with writing(self.app.engine) as session:
            row = session.scalars(select(DeliveryRow).where(DeliveryRow.state == "waiting")).one()
            row.state, row.moved_at = "sent", at
            return Card.model_validate(row.card)


@pytest.fixture
def talk(app: App) -> Talk:
    app.coach.speaks_first = frozenset({"slack", "terminal", "web"})
    return Talk(app)


def titles(card: Card) -> list[str]:
    return [choice.title for choice in card.choices]


def test_a_tip_now_ends_in_its_card_and_why_means_that_card(talk: Talk) -> None:
    card = talk("tip")
    assert card.id == "tip"
    assert titles(card) == ["Read the card", "Useful", "Not now", "Another tip", "One every week"]
    shown = talk.answer("1")
    assert shown.cards[0].kind == "advice"
    assert shown.intent == talk.shown()[0].tip.partition("/")[0]
    again = talk("tip")
    why = talk.answer("why?")
    assert why.cards[0].because
    assert f"card:{why.intent}" == again.choices[0].id


def test_tips_on_demand_never_repeat(talk: Talk) -> None:
    for _ in range(12):
        talk("command:tip-now")
    assert len({row.tip for row in talk.shown()}) == 12


@pytest.mark.parametrize(
    ("words", "theme"),
    [("a tip on emails maybe?", "Writing and calling"), ("跟总部打交道有什么小窍门，给一条", "与总部和上司沟通")],
)
def test_a_subject_named_in_the_wish_is_kept_to(talk: Talk, words: str, theme: str) -> None:
    assert talk(words).title == theme


def test_useful_and_not_now_are_noted_the_last_word_holds_and_somebody_elses_tip_does_not_exist(talk: Talk, app: App) -> None:
    card = talk("tip")
    useful = talk("useful")
    assert titles(useful) == ["Read the card"]
    assert talk.shown()[0].vote == "useful"
    assert talk(useful.choices[0].id).kind == "advice"
    assert "four weeks" in talk(card.choices[2].id).text
    assert talk.shown()[0].vote == "not_now"
    other = Talk(app, name="ben")
    assert "too old" in other(card.choices[1].id).text
    assert talk.shown()[0].vote == "not_now"


def test_subscribing_tells_when_and_how_often_and_again_changes_nothing(talk: Talk) -> None:
    card = talk("sign me up for tips")
    assert "one a week on Mondays, at 09:30 on your clock" in card.text
    assert "Mon 30 Nov 2026 09:30 Berlin" in card.text
    assert talk.row
    assert (talk.row.tips, talk.row.next_tip_at, talk.row.rhythm) == (True, MONDAY, "weekly")
    assert "on already" in talk("turn on tips").text
    assert talk.row.next_tip_at == MONDAY
    card = talk("Please push a tip to me every Tuesday morning")
    assert "Changed: one a week on Tuesdays" in card.text
    assert (talk.row.weekday, talk.row.next_tip_at) == (1, MONDAY + dt.timedelta(days=1))


def test_the_chinese_words_do_the_same(talk: Talk) -> None:
    card = talk("每周二早上给我推一条")
    assert "每周一条，周二发，按你的时间 09:30" in card.text
    assert "12月1日周二 09:30 柏林" in card.text
    assert talk.row
    assert talk.row.lang == "zh"
    assert "两周一条" in talk("少发一点").text
    assert talk.row.rhythm == "fortnightly"
    assert "关掉了" in talk("贴士关了吧").text
    assert not talk.row.tips
    assert not talk.opted_out


def test_what_the_person_should_know_beside_it_is_said(talk: Talk, app: App) -> None:
    assert "for you alone" in talk("my team would like the weekly tips, start with me").text
    assert "only from this page" in Talk(app, name="w", channel="web")("send me a tip every week").text
    assert "no channel yet" in Talk(app, name="k", channel="api")("send me a tip every week").text
    assert "took UTC for your clock" in Talk(app, name="z", zone="")("send me a tip every week").text


def test_who_wants_tips_for_a_room_is_told_how_and_not_subscribed(talk: Talk) -> None:
    card = talk("turn the tips on for this channel")
    assert "which an admin or curator sets up" in card.text
    assert titles(card) == ["One every week"]
    assert talk.row is None
    assert "要请管理员或编者设置" in talk("这个群也开通每周贴士").text
    assert talk.row is None


def test_fewer_goes_down_to_one_in_four_weeks_and_back(talk: Talk) -> None:
    talk("sign me up for tips")
    tip = talk.due(MONDAY)
    assert titles(tip) == ["Read the card", "Useful", "Not now", "Fewer"]
    fewer = talk("4")
    assert "one every two weeks on Mondays" in fewer.text
    assert talk.row
    assert talk.row.next_tip_at == MONDAY + 2 * WEEK
    assert "one every four weeks" in talk(tip.choices[3].id).text
    assert talk.row.next_tip_at == MONDAY + 4 * WEEK
    assert titles(talk(tip.choices[3].id)) == ["Switch the tips off"]
    assert "Changed: one a week" in talk("tip:weekly").text
    assert talk.row.next_tip_at == MONDAY + WEEK
    assert talk.shown()[0].vote == "fewer"


def test_a_tip_that_came_is_what_numbers_words_and_why_mean(talk: Talk) -> None:
    talk("sign me up for tips")
    tip = talk.due(MONDAY)
    talk.now += dt.timedelta(minutes=5)
    assert talk.answer("why?").cards[0].because
    assert talk("useful").id == "tips.voted.useful"
    assert f"card:{talk.answer('1').intent}" == tip.choices[0].id
    assert talk("They asked for exclusivity, what do I say?").id == "exclusivity-request"
    assert talk.answer("1").cards[0].id != "tip", "later on, numbers mean what was answered since"


def test_a_tip_that_came_leaves_an_open_question_open(talk: Talk) -> None:
    talk("sign me up for tips")
    talk.now = MONDAY - dt.timedelta(minutes=5)
    talk("remind me to call Mr Li")
    talk.due(MONDAY)
    talk.now += dt.timedelta(minutes=5)
    assert "Tuesday 1 December" in talk("tomorrow at 3 pm").text


@pytest.mark.parametrize("word", ["stop", "unsubscribe", "tips off please", "TD"])
def test_right_after_a_tip_such_words_end_the_tips_and_nothing_else(talk: Talk, word: str) -> None:
    talk("sign me up for tips")
    talk.due(MONDAY)
    card = talk(word)
    assert "tips are off" in card.text or "小贴士关掉了" in card.text
    assert [choice.id for choice in card.choices] == ["command:tip-subscribe", "tip:out"]
    assert not talk.opted_out
    talk.now = MONDAY + WEEK
    assert due_tips(talk.app.kb, talk.app.rules).sweep(talk.app.engine, talk.now, {"slack"}) == 0


@pytest.mark.parametrize("word", ["unsubscribe", "opt out", "退订", "TD"])
def test_where_nothing_is_named_all_that_is_sent_to_many_ends_without_a_question(talk: Talk, word: str) -> None:
    talk("sign me up for tips")
    talk("hello")
    answer = talk.answer(word)
    assert answer.decision == "sure"
    assert answer.cards[0].id == "tips.out"
    assert talk.opted_out
    assert talk.row
    assert not talk.row.tips
    assert talk(word).id == "tips.out", "twice is harmless"
    assert "Tips come only if" in talk("tip:in").text or "小贴士要你自己打开" in talk("tip:in").text
    assert not talk.opted_out


def test_td_is_answered_in_chinese(talk: Talk) -> None:
    assert talk("TD").lang == "zh"
    assert talk("opt out").lang == "en"


def test_after_an_opt_out_a_wish_for_tips_brings_tips_only(talk: Talk) -> None:
    talk("opt out")
    assert "stay off, as you wished" in talk("send me a tip every week").text
    assert talk.opted_out
    assert talk.row
    assert talk.row.tips


def test_a_few_words_right_after_the_settings_change_them_and_a_question_does_not(talk: Talk) -> None:
    talk("sign me up for tips")
    talk("what about next month?")
    assert talk.row
    assert talk.row.rhythm == "weekly"
    talk("turn on tips")
    assert "Changed: one every two weeks" in talk("every two weeks please").text
    assert "one every four weeks" in talk("less often").text


def test_what_is_not_there_is_said(talk: Talk) -> None:
    assert "I send you no tips" in talk("turn tips off").text
    assert "only when you ask" in talk("tip:fewer:" + "0" * 32).text or "too old" in talk("tip:fewer:" + "0" * 32).text
    assert talk("tip:nonsense").id == "stale"


def test_telling_another_zone_moves_the_next_tip(talk: Talk) -> None:
    talk("sign me up for tips")
    talk("I am in New York")
    assert talk.row
    assert talk.row.next_tip_at == dt.datetime.fromisoformat("2026-11-30T09:30:00-05:00")
    talk("quiet:22:00-11:00")
    assert talk.row.next_tip_at == dt.datetime.fromisoformat("2026-11-30T11:00:00-05:00")


def test_a_tip_names_the_counterpart_one_waits_for(talk: Talk) -> None:
    talk("hello")
    with writing(talk.app.engine) as session:
        person, _ = directory.at_address(session, talk.address, NOW)
        li = contacts.add(session, person, NOW, name="Mr Li")
        ledger.create(session, person, NOW, Rules(), subject="mould drawings", contacts=[li], due_at=NOW + WEEK)
    card = talk("tip")
    assert "waiting for Mr Li" in card.text
    assert talk.shown()[0].why == "followup"


def test_people_of_another_organisation_in_a_shared_room_get_no_tips(talk: Talk, app: App) -> None:
    assert Talk(app, name="stranger", outsider=True)("tip").id == "outsider"
    assert talk.shown() == []


@pytest.mark.parametrize(
    ("text", "rhythm", "day"),
    [
        ("Send me a tip every week", "weekly", None),
        ("one tip every two weeks, on Fridays", "fortnightly", 4),
        ("每两周发我一条", "fortnightly", None),
        ("每月一条就好", "monthly", None),
        ("每周一推一条给我", "weekly", 0),
        ("每周一条", "weekly", None),
        ("刚才那条不错，以后每周都来一条", "weekly", None),
        ("yes please, tips every Monday", "", 0),
        ("I want tips", "", None),
    ],
)
def test_rhythm_and_day_are_read_from_the_words(text: str, rhythm: str, day: int | None) -> None:
    assert tip_wish.rhythm(text) == rhythm
    assert tip_wish.weekday(text) == day
