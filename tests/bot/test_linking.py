"""One person on two channels is one person: a code said on one and typed on the other, unlinking, where reminders go."""

from __future__ import annotations

import datetime as dt
import itertools
import re

from sqlalchemy import func, select

from bot.channel import Limits
from bot.conversations.tables import VoteRow
from bot.db import reading, writing
from bot.messages import Address, Answer, Inbound
from bot.people import directory, linking
from bot.people.tables import AddressRow, PersonRow
from bot.wiring import App
from tests.conftest import NOW

_NUMBERS = itertools.count()


def say(app: App, channel: str, words: str, *, after: float = 0, who: str = "me", choice: str = "") -> Answer:
    """One person speaking `after` seconds."""
    at = NOW + dt.timedelta(seconds=after)
    address = Address(channel=channel, external_id=who)
    name, lang = f"m{next(_NUMBERS)}", "zh" if channel.startswith("we") else "en"
    return app.receive(Inbound(address=address, message_id=name, text=words, choice=choice, received_at=at, usual_lang=lang))


def code_of(answer: Answer) -> str:
    found = re.search(r"[2-9A-Z]{3} [2-9A-Z]{3}", answer.cards[0].text)
    assert found, answer.cards[0].text
    return found[0]


def person_at(app: App, channel: str, who: str = "me") -> str:
    with reading(app.engine) as session:
        return session.scalar(select(AddressRow.person_id).where(AddressRow.channel == channel, AddressRow.external_id == who))


def count(app: App, table: type) -> int:
    with reading(app.engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_code_said_on_one_and_typed_on_the_other_makes_one_person(app: App) -> None:
    code = code_of(say(app, "slack", "connect my Slack and WeChat accounts"))
    done = say(app, "wechat", f"我的绑定码是{code}")
    assert done.cards[0].id == "link.done"
    assert "Slack" in done.cards[0].text
    assert person_at(app, "slack") == person_at(app, "wechat")
    assert count(app, PersonRow) == 1


def test_the_code_alone_is_enough_however_it_is_typed(app: App) -> None:
    for number, shape in enumerate((str, str.lower, lambda code: code.replace(" ", ""), lambda code: code.replace(" ", "-"))):
        code = code_of(say(app, "web", "绑定账号", who=f"a{number}"))
        assert say(app, "wecom", shape(code), who=f"b{number}").cards[0].id == "link.done"


def test_a_code_works_once_for_ten_minutes_and_a_new_one_voids_the_old(app: App) -> None:
    old = code_of(say(app, "web", "绑定账号"))
    new = code_of(say(app, "web", "码过期了，再发一个"))
    assert say(app, "wechat", f"绑定码 {old}").cards[0].id == "link.wrong"
    assert say(app, "wechat", f"绑定码 {new}", after=601).cards[0].id == "link.wrong"
    newest = code_of(say(app, "web", "绑定账号", after=602))
    assert say(app, "wechat", f"绑定码 {newest}", after=603).cards[0].id == "link.done"
    assert say(app, "wecom", f"绑定码 {newest}", after=604, who="thief").cards[0].id == "link.wrong"


def test_after_five_wrong_codes_even_the_right_one_has_to_wait(app: App) -> None:
    code = code_of(say(app, "web", "绑定账号"))
    for number in range(5):
        assert say(app, "wechat", f"绑定码 AB{number + 2}CDE").cards[0].id == "link.wrong"
    assert say(app, "wechat", f"绑定码 {code}").cards[0].id == "link.too-many"
    assert say(app, "wechat", code).cards[0].id == "link.too-many", "without words around it, too"
    later = code_of(say(app, "web", "绑定账号", after=650))
    assert say(app, "wechat", f"绑定码 {later}", after=651).cards[0].id == "link.done"


def test_wrong_codes_without_words_around_count_too(app: App) -> None:
    say(app, "web", "绑定账号")
    for number in range(5):
        assert say(app, "wechat", f"AB{number + 2}CDE").cards[0].id == "link.wrong"
    assert say(app, "wechat", "AB8CDE").cards[0].id == "link.too-many"


def test_what_looks_like_a_code_is_a_question_when_nobody_links(app: App) -> None:
    assert not say(app, "wechat", "RS485A").cards[0].id.startswith("link")


def test_on_the_same_account_the_code_says_where_to_type_it(app: App) -> None:
    code = code_of(say(app, "web", "绑定账号"))
    assert say(app, "web", code).cards[0].id == "link.same"


def test_a_strangers_code_does_not_take_an_admins_rights(app: App) -> None:
    say(app, "slack", "hello", who="boss")
    with writing(app.engine) as session:
        directory.set_role(directory.find(session, "slack:boss"), "admin")
    code = code_of(say(app, "web", "绑定账号", who="stranger"))
    assert say(app, "slack", f"my code is {code}", who="boss").cards[0].id == "link.other-way"
    assert person_at(app, "slack", "boss") != person_at(app, "web", "stranger")
    back = code_of(say(app, "slack", "link", who="boss"))
    assert say(app, "web", f"my code is {back}", who="stranger").cards[0].id == "link.done"
    with reading(app.engine) as session:
        assert directory.find(session, "web:stranger").role == "admin"


def test_votes_name_language_and_email_come_together(app: App) -> None:
    for channel, who in (("web", "me"), ("wechat", "me")):
        say(app, channel, "They asked for exclusivity, what do I say?", who=who)
        say(app, channel, "", who=who, choice="vote:useful:exclusivity-request")
    say(app, "wechat", "", choice="vote:not:casual-yes")
    with writing(app.engine) as session:
        other = directory.find(session, "wechat:me")
        other.name, other.email, other.email_digest = "李雷", "li@example.com", directory.email_digest("li@example.com")
    code = code_of(say(app, "web", "link"))
    assert say(app, "wechat", f"code {code}").cards[0].id == "link.done"
    assert count(app, VoteRow) == 2, "the same vote twice is one"
    with reading(app.engine) as session:
        person = directory.find(session, "li@example.com")
        assert person.name == "李雷"
        assert directory.find(session, "web:me").id == person.id


def test_unlinking_makes_the_other_channel_somebody_new(app: App) -> None:
    code = code_of(say(app, "web", "绑定账号"))
    say(app, "wechat", code)
    which = say(app, "web", "解绑旧微信")
    assert [choice.title for choice in which.cards[0].choices] == ["解绑微信公众号"]
    assert say(app, "web", "1").cards[0].id == "link.apart"
    assert person_at(app, "web") != person_at(app, "wechat")
    assert say(app, "web", "解绑").cards[0].id in ("link.alone", "link.unlink")
    assert say(app, "web", "", choice=which.cards[0].choices[0].id).cards[0].id == "stale", "it is nobody's of mine now"


def test_nobody_unlinks_or_prefers_what_is_not_theirs(app: App) -> None:
    say(app, "web", "hello", who="victim")
    say(app, "web", "hello", who="thief")
    with reading(app.engine) as session:
        target = session.scalar(select(AddressRow.id).where(AddressRow.external_id == "victim"))
    for kind in ("unlink", "prefer"):
        assert say(app, "web", "", who="thief", choice=f"{kind}:{target}").cards[0].id == "stale"


def test_reminders_go_where_the_person_wants_them(app: App) -> None:
    code = code_of(say(app, "slack", "绑定账号"))
    done = say(app, "wecom", code)
    titles = [choice.title for choice in done.cards[0].choices]
    assert "提醒发到企业微信" in titles
    told = say(app, "wecom", "提醒发到企业微信")
    assert told.cards[0].id == "link.prefers"
    with reading(app.engine) as session:
        preferred = session.scalars(select(AddressRow.channel).where(AddressRow.preferred)).all()
    assert preferred == ["wecom"]


class OnlyAnswers:
    """A channel that may not speak first."""

    name = "wechat"
    limits = Limits(longest_text=2_048, text_unit="bytes", most_buttons=0, may_speak_first=False)


def test_who_prefers_a_channel_that_may_not_speak_first_is_told_so_and_offered_another(build_app) -> None:
    app = build_app(channels={"wechat": OnlyAnswers()})
    code = code_of(say(app, "slack", "绑定账号"))
    done = app.coach.receive(
        Inbound(address=Address(channel="web", external_id="me"), message_id="x", text=code, received_at=NOW)
    )
    assert done.cards[0].id == "link.done"
    with writing(app.engine) as session:
        person = directory.find(session, "web:me")
        row = directory.add_address(session, person, Address(channel="wechat", external_id="o1"), NOW)
        target = row.id
    told = say(app, "web", "", choice=f"prefer:{target}")
    assert [card.id for card in told.cards] == ["link.prefers", "reach.answers"]
    assert told.cards[1].choices[0].id == "command:link"


def test_codes_are_never_plain_words_or_numbers() -> None:
    for text in ("THANKS", "482913", "HELLO2U", "GB2312", "我在等", "A1B2C3D4", ""):
        assert linking.code_in(text) is None
    assert linking.code_in("my code is 7q4-kxp thanks") == "7Q4KXP"
