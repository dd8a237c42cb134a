"""What is shown rather than sent: a broadcast at the terminal and on the web page, each in the reader's language, once, and not while it is held."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine, func, literal, select

from bot.db import Moment, reading, writing
from bot.delivery import cards, holds, outbox, shown
from bot.delivery.fan_out import fan_out
from bot.delivery.progress import Progress, progress, recount
from bot.delivery.tables import DeliveryRow
from bot.messages import Address, Answer, Card, Lang
from bot.people import directory
from bot.people.tables import AddressRow, PersonRow
from tests.conftest import NOW

SAYS: dict[Lang, Card] = {
    "en": Card(id="b", kind="notice", lang="en", text="Ask twice."),
    "zh": Card(id="b", kind="notice", lang="zh", text="先问两遍。"),
}
ANNA, LI = Address(channel="terminal", external_id="anna"), Address(channel="terminal", external_id="li")
PAGE = Address(channel="web", external_id="li's page")
LATER = NOW + dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _people(engine: Engine) -> None:
    """Anna reads English at a terminal, Li Chinese at another and on a page; a broadcast and a nudge for Anna wait for NOW."""
    with writing(engine) as session:
        for address, lang in ((ANNA, "en"), (LI, "zh"), (PAGE, "zh")):
            directory.at_address(session, address, NOW)[0].lang = lang
        session.flush()
        cards.share(session, "b1", SAYS)
        everybody = select(
            AddressRow.id.label("address_id"), AddressRow.channel, AddressRow.workspace_id,
            func.coalesce(PersonRow.lang, "en").label("lang"), literal(NOW, Moment()).label("due_at"),
        ).join(PersonRow, PersonRow.id == AddressRow.person_id)  # fmt: skip
        assert fan_out(session, "b1", everybody, NOW) == 3
        anna = directory.at_address(session, ANNA, NOW)[1]
        outbox.put(session, anna, Card(id="nudge", kind="notice", lang="en", text="Call Mr Li."), NOW, "nudge", NOW)


def collect(engine: Engine, address: Address, now: dt.datetime = LATER) -> list[str]:
    with writing(engine) as session:
        return texts(shown.collect(session, address, now))


def texts(answers: list[Answer]) -> list[str]:
    return [card.text for answer in answers for card in answer.cards]


def test_a_terminal_is_shown_what_is_due_once_and_in_its_language(engine: Engine) -> None:
    assert collect(engine, ANNA, NOW - dt.timedelta(seconds=1)) == [], "nothing is due"
    assert sorted(collect(engine, ANNA)) == ["Ask twice.", "Call Mr Li."]
    assert collect(engine, ANNA) == []
    assert collect(engine, LI) == ["先问两遍。"]
    assert collect(engine, Address(channel="terminal", external_id="nobody")) == []


def test_what_was_shown_counts_as_sent(engine: Engine) -> None:
    collect(engine, ANNA)
    with reading(engine) as session:
        assert progress(session, "b1") == recount(session, "b1") == Progress(waiting=2, sent=1)


def test_a_broadcast_that_is_held_is_shown_when_it_goes_on_and_a_nudge_is_not_held(engine: Engine) -> None:
    with writing(engine) as session:
        holds.pause(session, "b1", NOW)
    assert collect(engine, ANNA) == ["Call Mr Li."]
    with writing(engine) as session:
        holds.resume(session, "b1")
    assert collect(engine, ANNA) == ["Ask twice."]


def test_a_page_shows_its_own_rows_that_were_sent_in_its_language_and_no_others(engine: Engine) -> None:
    def on_page(since: dt.datetime) -> list[tuple[dt.datetime, list[str]]]:
        with reading(engine) as session:
            return [(at, texts([answer])) for at, answer in shown.pushed(session, PAGE, since)]

    assert on_page(NOW) == [], "it waits"
    with writing(engine) as session:
        row = session.scalars(select(DeliveryRow).where(DeliveryRow.channel == "web")).one()
        assert row.card is None, "its card is the broadcast's"
        row.state, row.moved_at = "sent", LATER
    assert on_page(NOW) == [(LATER, ["先问两遍。"])]
    assert on_page(LATER) == []
