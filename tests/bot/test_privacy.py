"""Is every table in the data map, does everything of a person go and come out, and does what is old go by itself?"""

from __future__ import annotations

import datetime as dt
import json

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy import Table as Rows

from bot.broadcasts import broadcast_tables
from bot.broadcasts import tables as broadcasts
from bot.conversations.tables import ConversationRow, InboundRow, UnansweredRow
from bot.curation.tables import LayerChange
from bot.db import Encrypted, Table, reading, writing
from bot.delivery.tables import DeliveryRow
from bot.followups import mail_tables
from bot.messages import Address, Inbound
from bot.people import data_map, directory, retention
from bot.people.data_map import DATA_MAP
from bot.people.export import export
from bot.people.tables import AuditRow, PersonRow
from bot.vendors import tables as vendors
from bot.wiring import App
from tests.conftest import NOW, REPO

ALL = (broadcasts, broadcast_tables, mail_tables, vendors)  # imported so that their tables are known
SAID = "what do I say when they ask for exclusivity, blue giraffe"


def rows() -> list[Rows]:
    return Table.metadata.sorted_tables


def test_every_table_stands_in_the_data_map_and_no_other() -> None:
    assert {table.name for table in rows()} == set(DATA_MAP)


@pytest.mark.parametrize("name", sorted(DATA_MAP))
def test_an_entry_is_true_of_its_table(name: str) -> None:
    kept, table = DATA_MAP[name], Table.metadata.tables[name]
    people = [key for column in table.columns for key in column.foreign_keys]
    mine = [key for key in people if key.column.table.name == "people"]
    assert bool([c for c in table.columns if isinstance(c.type, Encrypted)]) == ("*" in kept.what)
    assert (kept.days is not None) == (kept.since in table.c)
    assert kept.days or kept.until
    assert kept.only is None or kept.only[0] in table.c
    if kept.whose == "person" and name != "people":
        owned = [key for key in people if key.ondelete == "CASCADE" and DATA_MAP[key.column.table.name].whose == "person"]
        assert owned, "erasing the person would leave it"
    if kept.whose != "person":
        assert all(key.ondelete == "SET NULL" and key.parent.nullable for key in mine)


def test_the_paper_says_what_the_map_says() -> None:
    assert (REPO / "docs" / "privacy.md").read_text("utf-8").endswith(data_map.table())


def spoken(app: App) -> PersonRow:
    """Somebody who asked, with rows in several tables."""
    address = Address(channel="web", external_id="anna")
    for number, text in enumerate((SAID, "remind me tomorrow at 10 to call Mr Li", "qwertz asdf zebra")):
        app.receive(Inbound(address=address, message_id=f"m{number}", text=text, received_at=NOW))
    with writing(app.engine) as session:
        person = directory.find(session, "web:anna")
        person.name = "Anna Blue"
        session.add(AuditRow(at=NOW, by="cli", actor_id=person.id, what="test", details={}))
        return person


def test_a_person_gets_every_row_of_theirs_in_plain_words_and_nobody_elses(app: App) -> None:
    person = spoken(app)
    app.receive(
        Inbound(address=Address(channel="web", external_id="ben"), message_id="b", text="green walrus deposit", received_at=NOW)
    )
    with reading(app.engine) as session:
        found = export(session, session.get_one(PersonRow, person.id))
    told = json.dumps(found, ensure_ascii=False, default=str)
    assert {"people", "addresses", "conversations", "inbounds", "followups", "unanswered"} <= set(found)
    assert SAID in told and "Anna Blue" in told and "walrus" not in told
    assert "digest" not in told


def test_erasing_leaves_nothing_that_the_export_would_show_and_records_without_the_name(app: App) -> None:
    person = spoken(app)
    with writing(app.engine) as session:
        directory.erase(session, session.get_one(PersonRow, person.id))
    with reading(app.engine) as session:
        for table in rows():
            if DATA_MAP[table.name].whose == "person":
                assert session.scalar(select(func.count()).select_from(table)) == 0, table.name
        assert session.scalars(select(AuditRow.actor_id)).all() == [None]


def test_what_was_kept_long_enough_goes_and_the_rest_stays(app: App) -> None:
    spoken(app)
    with writing(app.engine) as session:
        session.add(LayerChange(part="hidden:x", change={}, state="declined", seen=0, proposed_at=NOW, despite=False))
        session.add(LayerChange(part="hidden:y", change={}, state="live", seen=0, proposed_at=NOW, despite=False))
    assert retention.sweep(app.engine, NOW + dt.timedelta(days=data_map.SAID_DAYS - 1)) == {}
    assert retention.sweep(app.engine, NOW + dt.timedelta(days=data_map.SAID_DAYS + 1)) == {"inbounds.said": 3}
    with reading(app.engine) as session:
        assert session.scalar(select(func.count()).select_from(InboundRow).where(InboundRow.said.is_not(None))) == 0
        assert session.scalar(select(func.count()).select_from(UnansweredRow)) == 2
    gone = retention.sweep(app.engine, NOW + dt.timedelta(days=800))
    assert (gone["conversations"], gone["unanswered"], gone["layer_changes"], gone["audit"]) == (1, 2, 1, 1)
    with reading(app.engine) as session:
        assert [session.scalar(select(func.count()).select_from(kind)) for kind in (ConversationRow, InboundRow, PersonRow)] == [
            0,
            0,
            1,
        ]
        assert session.scalar(select(LayerChange.part)) == "hidden:y"
    assert retention.sweep(app.engine, NOW + dt.timedelta(days=800)) == {}


def test_more_rows_than_one_transaction_takes_all_go_and_what_still_waits_is_kept(engine: Engine) -> None:
    with writing(engine) as session:
        person = directory.add_person(session, NOW, name="Ben")
        address = directory.add_address(session, person, Address(channel="web", external_id="ben"), NOW)
        session.add_all(
            UnansweredRow(person_id=person.id, said="x", lang="en", reason="unknown", likely=[], at=NOW)
            for _ in range(retention.ROWS_AT_ONCE + 3)
        )
        session.add(
            DeliveryRow(
                address_id=address.id,
                channel="web",
                lane="web",
                kind="tip",
                part=0,
                card={},
                lang="en",
                state="waiting",
                due_at=NOW,
                moved_at=NOW,
            )
        )
    gone = retention.sweep(engine, NOW + dt.timedelta(days=400))
    assert gone == {"unanswered": retention.ROWS_AT_ONCE + 3}
    with writing(engine) as session:
        session.execute(update(DeliveryRow).values(state="sent"))
    assert retention.sweep(engine, NOW + dt.timedelta(days=400)) == {"deliveries": 1}
