"""Is every table in the data map, does everything of a person go and come out, and does what is old go by itself?"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Engine, Float, Integer, String, func, select, update
from sqlalchemy import Table as Rows

from bot.broadcasts import broadcast_tables
from bot.broadcasts import tables as broadcasts
from bot.conversations.tables import ConversationRow, InboundRow, UnansweredRow
from bot.curation.tables import LayerChange
from bot.db import Encrypted, Moment, Table, reading, writing
from bot.delivery.tables import DeliveryRow
from bot.followups import mail_tables
from bot.messages import Address, Inbound
from bot.people import data_map, directory, retention
from bot.people.data_map import DATA_MAP
from bot.people.export import export
from bot.people.tables import AuditRow, PersonRow, WebSession
from bot.vendors import tables as vendors
from bot.vendors.tables import QuotaRow
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
    assert (kept.days is None) == bool(kept.until)
    assert not re.search(r"second|minute|hour|day|week|month|year|expire|\d", kept.until), "an end that no sweep reads"
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


def test_whatever_has_an_end_by_the_map_is_gone_after_it_though_nobody_does_anything(engine: Engine) -> None:
    ending = [table for table in rows() if DATA_MAP[table.name].days is not None]
    with writing(engine) as session:
        known: dict[str, object] = {}
        for table in rows():
            session.execute(table.insert().values(filled(table, known)))
    longest = max(DATA_MAP[table.name].days or 0 for table in ending)
    gone = retention.sweep(engine, NOW + dt.timedelta(days=longest + 1))
    assert {name for name in gone if name in DATA_MAP} == {table.name for table in ending}
    with reading(engine) as session:
        left = {table.name: session.scalar(select(func.count()).select_from(table)) for table in rows()}
    assert [name for name, number in left.items() if number and DATA_MAP[name].days is not None] == []
    assert left["people"] == left["addresses"] == 1


def test_what_has_not_ended_yet_stays_however_many_rows_share_its_name(engine: Engine) -> None:
    with writing(engine) as session:
        person = directory.add_person(session, NOW, name="Ben")
        for number, ends in enumerate((NOW - dt.timedelta(seconds=1), NOW + dt.timedelta(seconds=1))):
            session.add(WebSession(digest=str(number), person_id=person.id, made_at=NOW, seen_at=NOW, expires_at=ends))
        session.add_all(
            QuotaRow(name="wecom send", day=day, count=1) for day in ("2026-08-01", "2026-08", "2026-11", "2026-11-23")
        )
    assert retention.sweep(engine, NOW) == {"web_sessions": 1, "quotas": 2}
    with reading(engine) as session:
        assert session.scalars(select(WebSession.digest)).all() == ["1"]
        assert sorted(session.scalars(select(QuotaRow.day))) == ["2026-11", "2026-11-23"]


def filled(table: Rows, known: dict[str, object]) -> dict[str, object]:
    """A row of this table of NOW, which goes when it is over; its key is then known to the tables that refer to it."""
    only = DATA_MAP[table.name].only
    row: dict[str, object] = {}
    for column in table.c:
        above = [key.column.table.name for key in column.foreign_keys]
        if above:
            row[column.name] = known.get(above[0])
        elif only and column.name == only[0]:
            row[column.name] = only[1][0]
        elif column.name == DATA_MAP[table.name].since or not (column.nullable or column.server_default):
            row[column.name] = of_kind(column)
    (key, *_) = table.primary_key.columns
    known[table.name] = row.setdefault(key.name, 1)
    return row


def of_kind(column: Column[Any]) -> object:
    """Something that fits a column."""
    if isinstance(column.type, Moment):
        return NOW
    if isinstance(column.type, Integer | Float):
        return 1
    if isinstance(column.type, String):
        return "2026-11-23" if column.name == "day" else "x"
    return False if isinstance(column.type, Boolean) else {}


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
