"""Two matters in one message are both noted, each for its counterpart; one matter stays one. Both languages."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.followups.slots import slots_of
from bot.followups.slots_several import slots_of_each
from bot.followups.times import read
from bot.wiring import App
from tests.bot.test_followup_talk import NOW, Talk


def each(text: str) -> list[tuple[str, str]]:
    return [(one.who, one.what) for one in slots_of_each(text, read(text, NOW, "Europe/Berlin").spans)]


LI_AND_WANG = [("Mr Li", "quote"), ("Ms Wang", "samples")]


@pytest.mark.parametrize(
    ("text", "matters"),
    [
        ("I emailed Mr Li about the quote and Ms Wang about the samples, remind me Friday at 10 am their time", LI_AND_WANG),
        ("I emailed Mr Li about the quote and called Ms Wang about the samples, remind me Friday at 10", LI_AND_WANG),
        ("I sent Mr Li the quote and Ms Wang the samples, remind me tomorrow at 9", LI_AND_WANG),
        ("I sent the quote to Mr Li and the samples to Ms Wang, remind me tomorrow at 9", LI_AND_WANG),
        ("Note two follow-ups: Mr Li about the quote, Ms Wang about the samples, both tomorrow 10am", LI_AND_WANG),
        (
            "I emailed Mr. Li about the quote and Ms. Wang about the same, remind me tomorrow",
            [("Mr. Li", "quote"), ("Ms. Wang", "quote")],
        ),
        (
            "emailed Kumar in Mumbai about the drawings and Tanaka in Osaka about the prices, remind me Friday 10am their time",
            [("Kumar", "drawings"), ("Tanaka", "prices")],
        ),
        (
            "I emailed li@factory.cn about the quote and wang@parts.cn about the samples, remind me tomorrow",
            [("li@factory.cn", "quote"), ("wang@parts.cn", "samples")],
        ),
        ("刚给王经理发了合同，给李总发了报价，明天上午10点提醒我", [("王经理", "合同"), ("李总", "报价")]),
        ("合同发给王经理了，报价发给李总了，后天提醒我", [("王经理", "合同"), ("李总", "报价")]),
        (
            "刚给王经理发了合同，也给李总发了报价，还给张总寄了样品，明天上午10点提醒我",
            [("王经理", "合同"), ("李总", "报价"), ("张总", "样品")],
        ),
    ],
)
def test_each_matter_has_its_counterpart(text: str, matters: list[tuple[str, str]]) -> None:
    assert each(text) == matters


@pytest.mark.parametrize(
    "text",
    [
        "I emailed Mr Li about the quote and the samples, remind me tomorrow",
        "I emailed Mr Li and Ms Wang about the samples, remind me tomorrow",
        "I emailed Mr Li about the quote and the price list for the samples, remind me tomorrow",
        "I emailed Mr Li about the quote, Ms Wang told me about the samples, remind me tomorrow",
        "remind me tomorrow to email Mr Li the quote and Ms Wang the samples",
        "I sent Mr Li the drawings, remind me on Friday if Mr Li does not answer about the price",
        "刚给李总发了合同，他让我找王经理确认价格，明天提醒我",
        "刚给李总发了合同，跟他说了报价，明天提醒我",
        "刚给李总发了合同和报价，明天提醒我",
    ],
)
def test_one_matter_stays_one(text: str) -> None:
    assert each(text) == []


@pytest.mark.parametrize(
    ("words", "title", "lines"),
    [
        (
            "I emailed Mr Li about the quote and Ms Wang about the samples, remind me Friday at 10 am their time",
            "Noted: 2 follow-ups",
            ["Mr Li: quote: Friday 27 November", "Ms Wang: samples: Friday 27 November"],
        ),
        (
            "刚给王经理发了合同，给李总发了报价，明天上午10点提醒我",
            "已记下 2 件",
            ["王经理：合同：2026年11月26日", "李总：报价：2026年11月26日"],
        ),
    ],
)
def test_both_are_noted_and_told(app: App, words: str, title: str, lines: list[str]) -> None:
    talk = Talk(app)
    card = talk(words)
    assert card.title == title
    assert all(line in card.text for line in lines)
    listed = sorted(talk.rows(), key=lambda row: card.text.index(row.subject))
    assert [choice.id for choice in card.choices] == [f"fu:show:{row.id}" for row in listed]
    assert talk("cancel 2").id == "followup.did.cancel"
    assert sorted(row.state for row in talk.rows()) == ["cancelled", "open"]


def test_their_time_is_that_of_each_of_them(app: App) -> None:
    talk = Talk(app)
    talk("emailed Kumar in Mumbai about the drawings and Tanaka in Osaka about the prices, remind me Friday 10am their time")
    due = {row.subject: row.due_at for row in talk.rows()}
    assert due == {
        "drawings": dt.datetime.fromisoformat("2026-11-27T10:00+05:30"),
        "prices": dt.datetime.fromisoformat("2026-11-27T10:00+09:00"),
    }


def test_what_is_asked_meanwhile_is_asked_once_for_both(app: App) -> None:
    talk = Talk(app)
    talk("remember that I emailed Mr Li about the quote and Ms Wang about the samples, remind me")
    assert talk.rows() == []
    assert talk("tomorrow at 9").title == "Noted: 2 follow-ups"


@pytest.mark.parametrize(
    ("first", "second", "left", "subject"),
    [
        (
            "关于报价，明天上午10点提醒我",
            "刚给王经理发了合同，给李总发了样品，明天上午10点提醒我",
            "关于报价的那条提醒还没记下",
            "合同",
        ),
        (
            "remind me about the quote tomorrow at 9",
            "I emailed Ms Gupta about the samples, remind me Thursday 10am",
            "The reminder about quote is not noted",
            "samples",
        ),
        (
            "I sent Mr Sato the drawings, remind me on 4/5",
            "I emailed Mr Sato about the quote, remind me Thursday 10am",
            "The reminder about Mr Sato is not noted",
            "quote",
        ),
    ],
)
def test_a_whole_request_begins_anew_while_another_is_half_made(
    app: App, first: str, second: str, left: str, subject: str
) -> None:
    talk = Talk(app)
    talk(first)
    answer = talk.answer(second)
    assert left in answer.cards[0].text
    assert subject in [row.subject for row in talk.rows()]
    assert "报价" not in [row.subject for row in talk.rows()]


def test_the_same_matter_said_again_is_an_answer(app: App) -> None:
    talk = Talk(app)
    talk("I sent Mr Sato the drawings, remind me on 4/5")
    answer = talk.answer("I sent Mr Sato the drawings, remind me on Thursday at 10")
    assert len(answer.cards) == 1
    assert talk.row.subject == "drawings"


@pytest.mark.parametrize(
    ("text", "who", "beside"),
    [
        ("I emailed Mr Li and Ms Wang about the samples, remind me tomorrow", "Mr Li", ("Ms Wang",)),
        ("emailed Li, Wang and Chen about the quote, remind me Friday", "Li", ("Wang", "Chen")),
        ("I sent Li Ming and Wang Fang the contract, remind me Thursday", "Li Ming", ("Wang Fang",)),
        ("给李总和王经理发了样品，周五提醒我", "李总", ("王经理",)),
        ("给王总和李总监发了邮件，明天提醒", "王总", ("李总监",)),
        ("I emailed Mr Li about the quote, Ms Wang told me about the samples, remind me tomorrow", "Mr Li", ()),
        ("emailed Li and Sons about the order, remind me Friday", "Li", ()),
        ("I emailed Mr Li and asked about the price, remind me tomorrow", "Mr Li", ()),
        ("跟李总说了报价和样品的事，周五提醒我", "李总", ()),
        ("给和平公司的王总发了邮件，明天提醒", "和平公司的王总", ()),
        ("remind me to call Mr Li and Ms Wang tomorrow", "Mr Li", ()),
    ],
)
def test_who_stands_beside_the_counterpart_belongs_to_the_matter(text: str, who: str, beside: tuple[str, ...]) -> None:
    said = slots_of(text, read(text, NOW, "Europe/Berlin").spans)
    assert (said.who, said.beside) == (who, beside)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("I emailed Mr Li and Ms Wang about the samples, remind me tomorrow at 10", "Mr Li and Ms Wang"),
        ("给李总和王经理发了样品，明天上午十点提醒我", "李总、王经理"),
    ],
)
def test_both_are_noted_in_one_follow_up(app: App, text: str, named: str) -> None:
    talk = Talk(app)
    assert named in talk(text).title
    assert len(talk.rows()) == 1
