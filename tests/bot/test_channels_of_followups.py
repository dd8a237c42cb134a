"""How the person said they follow up is kept in sight: on the confirmation, in the nudge, in the words to send."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import select

from bot.db import writing
from bot.delivery.tables import DeliveryRow
from bot.followups import due
from bot.followups.nudges import bundle, nudge
from bot.followups.tables import ContactRow
from bot.messages import Card, Lang
from tests.bot.test_followup_talk import Talk, talk
from tests.bot.test_nudges import a_matter, at

__all__ = ["talk"]  # a fixture
PHONES = ("+86 574 5550 0100",)
BOUNCED = "The e-mail did not arrive"


@pytest.mark.parametrize(
    ("given", "verdict", "line", "said"),
    [
        ({"reach": "phone", "phones": PHONES}, "Call to say that the e-mail is there", "Follow up by phone: +86 574", "打个电话跟您说一声"),
        ({"reach": "phone"}, "Call to say that the e-mail is there", "Follow up by phone.", "打个电话"),
        ({"reach": "wechat", "wechat": "liwei88"}, "Tell them on WeChat that the e-mail is there", "Follow up on WeChat: liwei88", "在这里也跟您说"),
        ({"reach": "text", "phones": PHONES}, "Send a text message that", "Follow up by text message: +86 574", "在这里也跟您说"),
        ({"reach": "meeting"}, "Send a short text that the e-mail is there", "Follow up in person.", "在这里"),
        ({"reach": "wechat", "step": "call"}, "Write to them on WeChat", "Follow up on WeChat.", "您回个“收到”就好"),
        ({"reach": "text", "step": "call", "phones": PHONES}, "Send a text message and offer", "Follow up by text", "要点也发在这里"),
        ({"reach": "phone", "step": "call", "phones": PHONES}, "Ask for a good time, then call", "Follow up by phone: +86", "不知"),
        ({"reach": "phone", "reason": "not_delivered"}, f"{BOUNCED}: call them", "by phone", "请问改发到哪里"),
        ({"reach": "wechat", "reason": "not_delivered"}, f"{BOUNCED}: write to them on WeChat", "on WeChat", "直接发在这里"),
        ({"reach": "phone", "reason": "task", "phones": PHONES}, "This is what you wanted", "Follow up by phone: +86", ""),
    ],
)  # fmt: skip
def test_a_nudge_goes_by_the_channel_and_shows_the_number_or_the_id(
    given: dict[str, object], verdict: str, line: str, said: str
) -> None:
    card = nudge(a_matter(**given), at("2026-11-25T14:30"), "en")
    assert card.verdict.startswith(verdict)
    assert line in card.text
    assert said in "".join(one.text for one in card.say)
    assert card.text.count("+86 574") <= 1, "one number is shown once"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("step", ["notice", "call", "other", "decide"])
@pytest.mark.parametrize("reason", ["", "not_delivered", "task"])
def test_without_a_channel_all_stays_as_it_is(lang: Lang, step: str, reason: str) -> None:
    card = nudge(a_matter(step=step, reason=reason, wechat="liwei88"), at("2026-11-25T14:30"), lang)
    assert not re.search("liwei88|Follow up|跟进：|WeChat|微信", f"{card.verdict} {card.text}")


def test_a_call_without_notice_is_warned_of_and_a_message_is_not() -> None:
    def warned(**given: object) -> bool:
        return any("senior" in line for line in nudge(a_matter(**given), at("2026-11-25T14:30"), "en").avoid)

    assert warned(reach="phone")
    assert warned(step="call")
    assert not warned(step="call", reach="wechat")
    assert not warned()


def test_the_channel_is_in_the_list_of_several_too() -> None:
    card = bundle([a_matter(id="a", reach="phone"), a_matter(id="b")], at("2026-11-25T14:30"), "zh")
    assert card.do == ["李总：Quotation 4411：打个电话，告诉对方邮件已发", "李总：Quotation 4411：发条消息，告诉对方邮件已发"]


@pytest.mark.parametrize(
    ("words", "noted"),
    [
        ("I emailed Mr Li about the samples, remind me tomorrow at 9:30 to follow up by phone", "You then follow up by phone."),
        ("我给李总发了样品的邮件，明天上午10点提醒我打电话跟进", "到时打电话跟进。"),
    ],
)
def test_the_confirmation_repeats_the_channel(talk: Talk, words: str, noted: str) -> None:
    assert noted in talk(words).text


def test_with_a_number_on_record_the_confirmation_and_the_nudge_show_it(talk: Talk) -> None:
    talk("I emailed Mr Li about the samples, remind me tomorrow at 9:30")
    with writing(talk.app.engine) as session:
        session.scalars(select(ContactRow)).one().phones = [*PHONES]
    card = talk("I emailed Mr Li about the price list, remind me tomorrow at 9:30 to follow up by phone")
    assert "You then follow up by phone: +86 574 5550 0100." in card.text


def test_a_matter_that_is_opened_after_its_nudge_has_the_words_of_that_nudge(talk: Talk) -> None:
    for what in ("the samples", "the price list"):
        talk(f"I emailed Mr Li about {what}, remind me tomorrow at 10:00")
    talk.now += dt.timedelta(days=1)
    told = bundle_of(talk)
    shown = talk(told.choices[0].id)
    assert told.do[0].endswith(shown.verdict)


def bundle_of(talk: Talk) -> Card:
    """The card that comes when what is due is put."""
    with writing(talk.app.engine) as session:
        moment = due.longest_due(session)
    assert moment
    talk.now = moment
    talk.app.nudge(moment)
    with writing(talk.app.engine) as session:
        row = session.scalars(select(DeliveryRow).where(DeliveryRow.kind == "nudge")).one()
        row.state = "sent"
        return Card.model_validate(row.card)
