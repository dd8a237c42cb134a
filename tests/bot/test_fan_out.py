"""A broadcast's rows come by one statement, carry no card of their own, and are sent with the one shared for their language."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine, func, literal, select, text

from bot.channel import Receipt
from bot.db import Moment, downgrade, reading, upgrade, writing
from bot.delivery import cards, holds, outbox
from bot.delivery.engine import Worker
from bot.delivery.fan_out import fan_out
from bot.delivery.progress import Progress, progress, recount
from bot.delivery.tables import DeliveryRow
from bot.messages import Address, Card, Lang
from bot.people.tables import AddressRow, PersonRow
from tests.bot.test_delivery_sweep import Recorder, people, worker
from tests.conftest import NOW

SHARED: dict[Lang, Card] = {
    "en": Card(id="tip", kind="notice", lang="en", text="Secret words."),
    "zh": Card(id="tip", kind="notice", lang="zh", text="悄悄话。"),
}


class Reader(Recorder):
    """A channel that also keeps what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, str] = {}

    def send(self, address: Address, card: Card, key: str) -> Receipt:
        self.texts[address.external_id] = card.text
        return super().send(address, card, key)


def everybody(due: dt.datetime = NOW):
    """All addresses; people without a language get English."""
    return select(
        AddressRow.id.label("address_id"),
        AddressRow.channel,
        AddressRow.workspace_id,
        func.coalesce(PersonRow.lang, "en").label("lang"),
        literal(due, Moment()).label("due_at"),
    ).join(PersonRow, PersonRow.id == AddressRow.person_id)


def spread(engine: Engine, broadcast_id: str = "b1", due: dt.datetime = NOW) -> int:
    with writing(engine) as session:
        cards.share(session, broadcast_id, SHARED)
        return fan_out(session, broadcast_id, everybody(due), NOW)


def test_everybody_gets_one_row_however_often_it_is_done(engine: Engine) -> None:
    people(engine, 30)
    assert spread(engine) == 30
    people(engine, 40)
    assert (spread(engine), spread(engine)) == (10, 0)
    with reading(engine) as session:
        assert progress(session, "b1") == recount(session, "b1") == Progress(waiting=40)
        assert session.scalar(select(func.count()).select_from(DeliveryRow).where(DeliveryRow.card.is_not(None))) == 0


def test_both_ways_of_putting_agree_on_the_row_of_an_address(engine: Engine) -> None:
    known = people(engine, 5)
    with writing(engine) as session:
        assert outbox.put_many(session, "b1", [(address, SHARED["en"]) for address in known[:2]], NOW, NOW) == 2
    assert spread(engine) == 3
    with writing(engine) as session:
        assert outbox.put_many(session, "b1", [(address, SHARED["en"]) for address in known], NOW, NOW) == 0


def test_each_reads_the_shared_card_in_their_language(engine: Engine) -> None:
    chinese, english = people(engine, 2)
    with writing(engine) as session:
        session.get_one(PersonRow, chinese.person_id).lang = "zh"
    spread(engine)
    slack = Reader()
    assert worker(engine, slack).once(NOW) == 2
    assert slack.texts == {chinese.external_id: "悄悄话。", english.external_id: "Secret words."}
    with reading(engine) as session:
        assert progress(session, "b1") == recount(session, "b1") == Progress(sent=2)


def test_the_shared_card_cannot_be_read_in_the_database(engine: Engine) -> None:
    people(engine, 1)
    spread(engine)
    with engine.connect() as connection:
        stored = repr(connection.execute(text("SELECT * FROM shared_cards")).all())
        stored += repr(connection.execute(text("SELECT * FROM deliveries")).all())
    assert "Secret" not in stored


def test_a_row_without_its_card_fails_and_says_why(engine: Engine) -> None:
    people(engine, 1)
    with writing(engine) as session:
        fan_out(session, "b1", everybody(), NOW)
    slack = Recorder()
    worker(engine, slack).once(NOW)
    with reading(engine) as session:
        row = session.scalars(select(DeliveryRow)).one()
    assert (row.state, row.reason, slack.sent) == ("failed", "there is no card for it", [])


def test_it_is_held_cancelled_and_timed_as_any_broadcast(engine: Engine) -> None:
    people(engine, 20)
    spread(engine, "b1", NOW + dt.timedelta(hours=1))
    spread(engine, "b2")
    with writing(engine) as session:
        holds.cancel(session, "b2", NOW)
    slack = Recorder()
    working: Worker = worker(engine, slack)
    working.once(NOW)
    assert slack.sent == []
    working.once(NOW + dt.timedelta(hours=1))
    assert len(slack.sent) == 20
    with reading(engine) as session:
        assert progress(session, "b2") == recount(session, "b2") == Progress(cancelled=20)


def test_an_older_version_gets_a_copy_of_the_shared_card(engine: Engine) -> None:
    (one,) = people(engine, 1)
    spread(engine)
    with writing(engine) as session:
        outbox.put(session, one, SHARED["en"], NOW, "nudge", NOW)
    downgrade(engine, "0002")
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT count(*), count(card) FROM deliveries")).one()
    upgrade(engine)
    assert tuple(kept) == (2, 2)
    slack = Recorder()
    assert worker(engine, slack).once(NOW) == 1, "the nudge: a version without broadcasts cancels what waits of them"
