"""Several wait, one is away, one mail came back: the person is told of the right one, and a named time moves only aloud."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine, select

from bot.db import reading, writing
from bot.followups import changes, contacts, due, ledger
from bot.followups.cadence import FILE
from bot.followups.matter import Matter
from bot.followups.nudges import who
from bot.followups.rules import Rules
from bot.followups.tables import CadenceRow
from bot.messages import Address, Card
from bot.people import directory
from bot.people.tables import AddressRow, PersonRow
from tests.bot.test_note_email import NOW, anna, cards, followups, open_f1, take
from tests.bot.test_nudges import BERLIN, a_there
from tests.mails import from_li, mail, passed

__all__ = ["take"]  # a fixture
LI, WANG = "li.ming@ningbo-tools.test", "wang.fang@suzhou-parts.test"
NAMED = dt.datetime.fromisoformat("2026-11-27T10:00:00-05:00")
REPORT = """\
--B
Content-Type: text/plain

Could not deliver
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.test

Final-Recipient: rfc822; {failed}
Action: {action}
Status: 5.1.1

--B
Content-Type: message/rfc822

From: anna@acme.test
To: li.ming@ningbo-tools.test, wang.fang@suzhou-parts.test
Subject: Contract draft
Message-ID: <c-1@acme.test>

Hi
--B--
"""


def away(body: str = "I am out of office and back on 2 December 2026.\n", sender: str = "", **headers: str) -> bytes:
    """An automatic answer of Li Ming, or of somebody else, to the mail of F1."""
    if sender:
        headers |= {"From": sender, "Authentication_Results": passed(sender.rpartition("@")[2].rstrip(">"))}
    return from_li(body, Subject="Automatic reply: it", extra="Auto-Submitted: auto-replied", **headers)


def bounce(failed: str, action: str = "failed") -> bytes:
    """A delivery report about the mail to both."""
    return mail(
        REPORT.format(failed=failed, action=action),
        From="MAILER-DAEMON@mx.acme.test",
        Subject="Undelivered Mail Returned to Sender",
        Authentication_Results=None,
        Message_ID=f"<{failed}.{action}@mx.acme.test>",
        Content_Type='multipart/report; report-type=delivery-status; boundary="B"',
    )


def to_both(engine: Engine, person: str, *more: str, **given: Any) -> str:
    """A mail of yesterday to Li Ming and Wang Fang, and to `more` of them."""
    with writing(engine) as session:
        owner = session.get_one(PersonRow, person)
        there = [
            contacts.for_recipient(session, owner, NOW, LI),
            contacts.add(session, owner, NOW, name="Wang Fang", emails=[WANG]),
        ]
        there += [contacts.add(session, owner, NOW, name=name) for name in more]
        known: dict[str, Any] = {"subject": "Contract draft", "message_ids": ["<c-1@acme.test>"], **given}
        return ledger.create(session, owner, NOW - dt.timedelta(days=1), Rules(), contacts=there, **known).id


def next_nudge(engine: Engine) -> Card:
    """The next card that comes."""
    for _ in range(20):
        with reading(engine) as session:
            at = max(due.longest_due(session) or NOW, NOW)
        if due.sweep(engine, Rules(), at, ("slack",)):
            return cards(engine)[-1]
    raise AssertionError("nothing came")


# a named time


@pytest.mark.parametrize(
    ("lang", "title", "words"),
    [
        ("en", "Li Ming is away until 2 December", "moved from Fri 27 Nov 2026 10:00 New York to Thursday 3 December 2026, 10:00 Beijing"),
        ("zh", "Li Ming要到12月2日才回来", "提醒已从11月27日周五 10:00 纽约改到2026年12月3日（星期四）10:00，北京时间"),
    ],
)  # fmt: skip
def test_an_absence_moves_a_named_time_before_the_return_says_so_and_can_be_undone(
    engine: Engine, take: Callable[..., dict[str, Any]], lang: str, title: str, words: str
) -> None:
    person = anna(engine, lang=lang)
    one = open_f1(engine, person, due_at=NAMED, zone="America/New_York")
    assert take(away(), mail_from="")["reason"] == "out_of_office"
    (row,) = followups(engine)
    assert (row.wall, row.reason, row.fixed) == ("2026-12-03T10:00", "out_of_office", True)
    (card,) = cards(engine)
    assert (card.title, [choice.id for choice in card.choices]) == (title, [f"fu:undo:{one}"])
    assert words in card.text
    with writing(engine) as session:
        assert changes.undo(session, ledger.find(session, session.get_one(PersonRow, person), one), NOW)
    (row,) = followups(engine)
    assert (row.due_at, row.zone, row.fixed, row.reason) == (NAMED, "America/New_York", True, "")


def test_the_nudge_at_a_moved_time_does_not_say_that_it_was_asked_for(
    engine: Engine, take: Callable[..., dict[str, Any]]
) -> None:
    open_f1(engine, anna(engine), due_at=NAMED, zone="America/New_York")
    take(away(), mail_from="")
    card = next_nudge(engine)
    assert card.verdict == "They should be back: a kind word is in order"
    assert "You asked for this time" not in card.text


@pytest.mark.parametrize(
    ("named", "body"),
    [
        ("2026-12-10T09:00:00-05:00", "I am out of office and back on 2 December 2026.\n"),
        ("2026-12-01T20:00:00-05:00", "I am out of office and back on 2 December 2026.\n"),  # the day of the return there
        ("2026-11-27T10:00:00-05:00", "I am out of office.\n"),  # nobody knows until when
    ],
)
def test_a_named_time_after_the_return_is_kept(
    engine: Engine, take: Callable[..., dict[str, Any]], named: str, body: str
) -> None:
    at = dt.datetime.fromisoformat(named)
    one = open_f1(engine, anna(engine), due_at=at, zone="America/New_York")
    take(away(body), mail_from="")
    (row,) = followups(engine)
    assert (row.due_at, row.fixed, row.reason, cards(engine)) == (at, True, "", [])
    with writing(engine) as session:
        events = ledger.history(session, session.get_one(type(row), one))
        assert [(event.what, event.note) for event in events] == [("created", None), ("noted", "out_of_office")]


def test_a_planned_time_moves_without_a_card_and_is_not_for_the_person_to_undo(
    engine: Engine, take: Callable[..., dict[str, Any]]
) -> None:
    person = anna(engine)
    one = open_f1(engine, person)
    take(away(), mail_from="")
    assert cards(engine) == []
    with writing(engine) as session:
        assert not changes.undo(session, ledger.find(session, session.get_one(PersonRow, person), one), NOW)


# several counterparts


def test_an_ordinary_nudge_names_both_and_its_words_are_for_the_one_to_be_reached(engine: Engine) -> None:
    to_both(engine, anna(engine))
    card = next_nudge(engine)
    assert card.title == "Li Ming and Wang Fang: Contract draft"
    assert "Li Ming 您好" in card.say[0].text
    assert "Wang" not in card.say[0].text


def test_the_words_are_for_whoever_a_number_is_known_of(engine: Engine) -> None:
    person = anna(engine)
    with writing(engine) as session:
        owner = session.get_one(PersonRow, person)
        contacts.for_recipient(session, owner, NOW, LI).phones = []
        contacts.add(session, owner, NOW, name="Wang Fang", emails=[WANG], wechat="wangfang")
    to_both(engine, person)
    assert "Wang Fang 您好" in next_nudge(engine).say[0].text


@pytest.mark.parametrize(
    ("names", "en", "zh"),
    [
        ((), "them", "对方"),
        (("李明",), "李明", "李明"),
        (("李明", "王芳"), "李明 and 王芳", "李明、王芳"),
        (("李明", "王芳", "陈华", "赵伟"), "李明 and 3 others", "李明等4人"),
    ],
)
def test_how_several_are_named(names: tuple[str, ...], en: str, zh: str) -> None:
    matter = Matter(id="f1", there=a_there(), mine=BERLIN, name="".join(names[:1]), names=names)
    assert (who(matter, "en"), who(matter, "zh")) == (en, zh)


@pytest.mark.parametrize(
    ("failed", "title", "said"),
    [
        ([WANG], "Wang Fang: Contract draft", "Wang Fang 您好"),
        ([LI], "Li Ming: Contract draft", "Li Ming 您好"),
        ([WANG, LI], "Li Ming and Wang Fang: Contract draft", "Li Ming 您好"),
    ],
)
def test_a_bounce_brings_up_those_whom_the_mail_did_not_reach(
    engine: Engine, take: Callable[..., dict[str, Any]], failed: list[str], title: str, said: str
) -> None:
    to_both(engine, anna(engine))
    for address in failed:
        assert take(bounce(address), mail_from="")["reason"] == "not_delivered"
        take(bounce(address), mail_from="")
    card = next_nudge(engine)
    assert (card.title, card.verdict) == (title, "The e-mail did not arrive: reach them another way")
    assert said in card.say[0].text
    assert "退回" in card.say[0].text
    assert next_nudge(engine).title == "Li Ming and Wang Fang: Contract draft", "the next step is about both"


def test_an_absence_of_the_second_is_told_of_the_second(engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    to_both(engine, anna(engine))
    take(away("I am out of office.\n", f"Wang Fang <{WANG}>", In_Reply_To="<c-1@acme.test>", References="<c-1@acme.test>"), "")
    card = next_nudge(engine)
    assert (card.title, card.verdict) == ("Wang Fang: Contract draft", "They are away: ask who stands in for them")
    assert "Wang Fang最近不在" in card.say[0].text


def test_an_absence_of_one_leaves_a_named_time_with_the_other(engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    to_both(engine, anna(engine), due_at=NAMED, zone="America/New_York")
    take(away(sender=f"Wang Fang <{WANG}>", In_Reply_To="<c-1@acme.test>", References="<c-1@acme.test>"), "")
    (row,) = followups(engine)
    assert (row.due_at, row.reason) == (NAMED, "")


def test_of_two_absences_the_earlier_return_counts(engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    to_both(engine, anna(engine))
    refers = {"In_Reply_To": "<c-1@acme.test>", "References": "<c-1@acme.test>"}
    take(away(Message_ID="<1@x.test>", **refers), "")
    (before,) = followups(engine)
    take(away("I am out of office and back on 9 December 2026.\n", f"Wang Fang <{WANG}>", Message_ID="<2@x.test>", **refers), "")
    (row,) = followups(engine)
    assert (row.due_at, next_nudge(engine).title) == (before.due_at, "Li Ming: Contract draft")


# the workspace's cadence


def own_cadence(engine: Engine, person: str, **changed: object) -> None:
    """The person's workspace has its own: the first word between 11 and 12 only."""
    own = yaml.safe_load(FILE.read_text(encoding="utf-8")) | changed
    own["steps"][0] |= {"hours": ["11:00-12:00"], "minutes": 0}
    with writing(engine) as session:
        address = session.scalars(select(AddressRow).where(AddressRow.person_id == person)).one()
        assert address.workspace_id
        session.add(CadenceRow(workspace_id=address.workspace_id, steps=own, set_at=NOW))


def test_a_copied_mail_goes_by_the_cadence_of_the_workspace_where_the_person_is_told(
    engine: Engine, take: Callable[..., dict[str, Any]]
) -> None:
    person = anna(engine)
    own_cadence(engine, person, most_touches=1)
    outcome = take(mail())
    assert outcome["followups"][0]["due_at"] == "2026-11-26T11:00:00+08:00"
    next_nudge(engine)
    assert [(row.touches, row.step) for row in followups(engine)] == [(1, "decide")], "one touch is the most there"


def test_of_several_workspaces_that_counts_where_the_person_is_told(engine: Engine, take: Callable[..., dict[str, Any]]) -> None:
    person = anna(engine)
    own_cadence(engine, person)
    with writing(engine) as session:
        owner = session.get_one(PersonRow, person)
        web = directory.add_address(session, owner, Address(channel="web", external_id="anna"), NOW)
        web.preferred = True
    assert take(mail())["followups"][0]["due_at"] == "2026-11-26T09:30:00+08:00"
