"""Who is who: found by id, e-mail or address; keys are shown once; erased means erased, for one and not for others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import Boolean, Column, Engine, Integer, Row, String, select, text
from sqlalchemy.orm import Session

from bot.channel import Limits, Receipt
from bot.db import Moment, Table, reading, writing
from bot.errors import Refused
from bot.messages import Address, Card, Inbound
from bot.people import directory, keys
from bot.people.export import export
from bot.people.tables import AddressRow, ApiKey, PersonRow, Workspace, new_id
from bot.wiring import App
from tests.conftest import NOW

SLACK = Address(channel="slack", external_id="T1/U1", workspace="T1")


def anna(session: Session, **changes: str) -> PersonRow:
    """A person to work with."""
    return directory.add_person(session, NOW, **{"name": "Anna", "email": "anna@example.com", **changes})


def test_somebody_who_speaks_for_the_first_time_becomes_a_person_and_stays_the_same(engine: Engine) -> None:
    with writing(engine) as session:
        first, address = directory.at_address(session, SLACK, NOW)
        assert (first.role, first.name, first.lang, address.person_id) == ("member", None, None, first.id)
    with writing(engine) as session:
        again, _ = directory.at_address(session, SLACK, NOW + dt.timedelta(days=1))
        other, _ = directory.at_address(session, Address(channel="web", external_id="T1/U1"), NOW)
        assert again.id == first.id
        assert again.created_at == NOW
        assert other.id != first.id
        assert len(directory.everybody(session)) == 2


def test_people_of_one_team_share_its_workspace_and_channels_without_teams_have_none(engine: Engine) -> None:
    with writing(engine) as session:
        rows = [
            directory.at_address(session, Address(channel=channel, external_id=name, workspace=team), NOW)[1]
            for channel, name, team in [
                ("slack", "T1/U1", "T1"),
                ("slack", "T1/U2", "T1"),
                ("slack", "T2/U1", "T2"),
                ("wecom", "U1", "T1"),
                ("web", "x", ""),
            ]
        ]
        assert rows[0].workspace_id == rows[1].workspace_id
        assert len({row.workspace_id for row in rows}) == 4
        assert rows[4].workspace_id is None
        assert len(session.scalars(select(Workspace)).all()) == 3


def test_a_person_is_found_by_id_by_e_mail_and_by_address(engine: Engine) -> None:
    with writing(engine) as session:
        person = anna(session)
        directory.add_address(session, person, SLACK, NOW)
        directory.add_address(session, person, Address(channel="web", external_id="a@b:c"), NOW)
        anna(session, email="bernd@example.com")
    with reading(engine) as session:
        for named in (person.id, "anna@example.com", " Anna@Example.COM ", "slack:T1/U1", "web:a@b:c"):
            assert directory.find(session, named).id == person.id, named


@pytest.mark.parametrize(
    "named",
    ["", "nobody", "nobody@example.com", "slack:T1/U2", "web:T1/U1", "slack:", ":", "0" * 32, "slack:t1/u1", "anna@", "%"],
)
def test_a_person_who_is_not_there_is_refused(engine: Engine, named: str) -> None:
    with writing(engine) as session:
        directory.add_address(session, anna(session), SLACK, NOW)
    with reading(engine) as session, pytest.raises(Refused, match="there is no person"):
        directory.find(session, named)


def test_what_is_told_of_a_person_is_kept(engine: Engine) -> None:
    with writing(engine) as session:
        person = anna(session, zone="Asia/Shanghai", lang="zh", role="curator")
    with reading(engine) as session:
        found = directory.find(session, person.id)
        assert (found.name, found.email, found.zone, found.lang, found.role, found.created_at) == (
            "Anna",
            "anna@example.com",
            "Asia/Shanghai",
            "zh",
            "curator",
            NOW,
        )


def test_name_and_e_mail_are_not_readable_in_the_database(engine: Engine) -> None:
    with writing(engine) as session:
        anna(session, name="Annabel Marker")
    with engine.connect() as connection:
        stored = repr(connection.execute(text("SELECT * FROM people")).one())
    assert "Marker" not in stored
    assert "anna@example.com" not in stored


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("zone", "Asia/Peking", "time zone"),
        ("zone", "UTC+8", "time zone"),
        ("lang", "de", "languages"),
        ("role", "boss", "roles"),
        ("email", "ANNA@example.com", "e-mail"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(engine: Engine, field: str, value: str, told: str) -> None:
    with writing(engine) as session:
        anna(session)
    with pytest.raises(Refused, match=told), writing(engine) as session:
        anna(session, **{"email": "", field: value})
    with reading(engine) as session:
        assert len(directory.everybody(session)) == 1


def test_people_without_e_mail_do_not_stand_in_each_others_way(engine: Engine) -> None:
    with writing(engine) as session:
        assert anna(session, email="").id != anna(session, email="").id


def test_roles_are_given_and_unknown_ones_refused(engine: Engine) -> None:
    with writing(engine) as session:
        person = anna(session)
        for role in directory.ROLES:
            directory.set_role(person, role)
            assert person.role == role
        for wrong in ("", "Admin", "root"):
            with pytest.raises(Refused, match="roles"):
                directory.set_role(person, wrong)
        assert person.role == "admin"


def test_everybody_is_listed_oldest_first(engine: Engine) -> None:
    with writing(engine) as session:
        people = [
            directory.add_person(session, NOW + dt.timedelta(hours=hours), name=name).id
            for hours, name in ((2, "c"), (0, "a"), (1, "b"))
        ]
    with reading(engine) as session:
        assert [person.id for person in directory.everybody(session)] == [people[1], people[2], people[0]]


# keys


def test_a_key_is_shown_once_and_kept_as_a_digest(engine: Engine) -> None:
    with writing(engine) as session:
        key, _ = keys.make_key(session, "crm", NOW)
        other, _ = keys.make_key(session, "crm", NOW)
    assert key.startswith("caucus_")
    assert len(key) >= 40
    assert key != other
    with engine.connect() as connection:
        stored = repr(connection.execute(text("SELECT * FROM api_keys")).all())
    assert key not in stored
    assert key.removeprefix("caucus_") not in stored


def test_only_the_very_key_opens(engine: Engine) -> None:
    with writing(engine) as session:
        key, row = keys.make_key(session, "crm", NOW, role="curator")
    with reading(engine) as session:
        found = keys.holder(session, key)
        assert found is not None
        assert (found.id, found.role) == (row.id, "curator")
        for wrong in (
            "",
            "caucus_",
            key[:-1],
            key + "x",
            key.upper(),
            key.removeprefix("caucus_"),
            row.digest,
            row.id,
            "\x00",
            "键",
        ):
            assert keys.holder(session, wrong) is None, wrong


def test_a_revoked_key_opens_no_more(engine: Engine) -> None:
    with writing(engine) as session:
        key, row = keys.make_key(session, "crm", NOW)
        kept, _ = keys.make_key(session, "erp", NOW)
    with writing(engine) as session:
        session.get_one(ApiKey, row.id).revoked_at = NOW
    with reading(engine) as session:
        assert keys.holder(session, key) is None
        assert keys.holder(session, kept) is not None


def test_a_key_without_a_person_stands_for_itself(engine: Engine) -> None:
    with writing(engine) as session:
        _, row = keys.make_key(session, "crm", NOW, role="curator")
        owner = session.get_one(PersonRow, row.person_id)
        assert (owner.name, owner.role) == ("crm", "curator")
    with pytest.raises(Refused, match="roles"), writing(engine) as session:
        keys.make_key(session, "crm", NOW, role="root")


def test_what_is_asked_through_a_key_belongs_to_its_person(engine: Engine) -> None:
    with writing(engine) as session:
        person = anna(session)
        _, row = keys.make_key(session, "annas tool", NOW, person=person)
        assert row.person_id == person.id
    with writing(engine) as session:
        speaker, _ = directory.at_address(session, Address(channel="api", external_id=row.id), NOW)
        assert speaker.id == person.id
        assert len(directory.everybody(session)) == 1


# erasing


class Vendor:
    """A channel whose vendor takes everything."""

    name = "slack"
    limits = Limits(longest_text=3_000, text_unit="characters", most_buttons=5)

    def send(self, address: Address, card: Card, key: str) -> Receipt:
        """Always fine."""
        return Receipt(vendor_id=f"v-{key}")

    def find(self, key: str) -> Receipt | None:
        """Never asked here."""
        return None


def talk(app: App, address: Address) -> None:
    """Leave a trace in every table that a person can leave one in."""
    said = [
        {"text": "They asked for exclusivity, what do I say?"},
        {"choice": "vote:not:exclusivity-request"},
        {"text": "how do I bake bread"},
        {"text": "speak Chinese"},
    ]
    for number, words in enumerate(said):
        app.receive(Inbound(address=address, message_id=f"m{number}", received_at=NOW, **words))


def fill(engine: Engine, *addresses: Address) -> list[list[str]]:
    """Give each of these people a row in every table that hangs on people and that talking has not filled.

    Returns the ids of each: person, address, conversations, and what was made.
    """
    all_ids: list[list[str]] = []
    for mine in (ids_of(engine, address) for address in addresses):
        known = {"people": mine[0], "addresses": mine[1], "conversations": mine[2]}
        there = traces(engine, *mine)
        hanging = hanging_on("people")
        needed = hanging | {key.column.table.name for name in hanging for key in Table.metadata.tables[name].foreign_keys} - {
            "workspaces"
        }
        with writing(engine) as session:
            for table in Table.metadata.sorted_tables:
                if table.name not in needed or table.name in there:
                    continue
                row: dict[str, object] = {}
                for column in table.c:
                    owners = [key.column.table.name for key in column.foreign_keys]
                    if owners and owners[0] in known:
                        row[column.name] = known[owners[0]]
                    elif column is not table.autoincrement_column and column.default is None and not (column.nullable or owners):
                        row[column.name] = a_value(column, mine[0])
                if "id" in table.c and isinstance(table.c.id.type, String):
                    known[table.name] = row.setdefault("id", new_id())  # type: ignore[assignment]
                session.execute(table.insert().values(row))
        all_ids.append([*mine, *(key for name, key in known.items() if name in hanging_on("people") - outlives())])
    return all_ids


def a_value(column: Column[object], seed: str) -> object:
    """Something that fits a column."""
    kind = column.type
    if isinstance(kind, Moment):
        return NOW
    if isinstance(kind, Integer):
        return 1
    if isinstance(kind, String):
        return f"{seed}{column.name}"[: kind.length or 40]
    return False if isinstance(kind, Boolean) else {}


def quoted(name: str) -> str:
    """A column may have the name of a word of SQL."""
    return f'"{name}"'


def contents(engine: Engine) -> dict[str, list[Row[tuple[object, ...]]]]:
    """Every row of every table of ours."""
    with engine.connect() as connection:
        return {
            name: list(connection.execute(text(f"SELECT {', '.join(map(quoted, table.c.keys()))} FROM {quoted(name)}")))
            for name, table in Table.metadata.tables.items()
        }


def traces(engine: Engine, *ids: str) -> dict[str, int]:
    """Table → number of its rows in which one of these ids stands."""
    found = {name: sum(1 for row in rows if set(ids) & set(map(str, row))) for name, rows in contents(engine).items()}
    return {name: number for name, number in found.items() if number}


def ids_of(engine: Engine, address: Address) -> list[str]:
    """The ids of a person, their address and their conversations."""
    with reading(engine) as session:
        person = directory.find(session, str(address)).id
        row = session.scalars(select(AddressRow).where(AddressRow.person_id == person)).one().id
        talks = session.execute(text("SELECT id FROM conversations WHERE address_id = :row"), {"row": row}).scalars()
        return [person, row, *talks]


def hanging_on(table: str) -> set[str]:
    """A table and all that refer to it, directly or through others that go with it.

    A row that only names a person (an author, somebody in the audit trail) stays, and names nobody then.
    """
    found = {table}
    while more := {
        name
        for name, other in Table.metadata.tables.items()
        if name not in found and any(key.column.table.name in found - outlives() for key in other.foreign_keys)
    }:
        found |= more
    return found


def outlives() -> set[str]:
    """Tables whose rows stay when a person they name is erased."""
    return {
        name
        for name, table in Table.metadata.tables.items()
        if table.foreign_keys
        and {key.ondelete for key in table.foreign_keys if key.column.table.name == "people"} == {"SET NULL"}
    }


def test_erasing_removes_every_row_of_one_person_and_none_of_another(engine: Engine, build_app: Callable[..., App]) -> None:
    app = build_app(channels={"slack": Vendor()})
    other = Address(channel="slack", external_id="T1/U2", workspace="T1")
    talk(app, SLACK)
    talk(app, other)
    mine, theirs = fill(engine, SLACK, other)
    before = traces(engine, *theirs)
    assert set(traces(engine, *mine)) == hanging_on("people")

    with writing(engine) as session:
        directory.erase(session, directory.find(session, str(SLACK)))

    assert traces(engine, *mine) == {}
    assert traces(engine, *theirs) == before
    with reading(engine) as session:
        assert len(session.scalars(select(Workspace)).all()) == 1
        with pytest.raises(Refused):
            directory.find(session, str(SLACK))


@pytest.mark.parametrize("revoked", [True, False])
def test_a_persons_own_key_goes_with_them_and_nothing_is_left(
    engine: Engine, build_app: Callable[..., App], *, revoked: bool
) -> None:
    app = build_app(channels={"slack": Vendor()})
    with writing(engine) as session:
        person = anna(session, zone="Asia/Shanghai", lang="en", role="admin")
        directory.add_address(session, person, SLACK, NOW)
        key, row = keys.make_key(session, "annas tool", NOW, person=person, role="admin")
    talk(app, SLACK)
    talk(app, Address(channel="api", external_id=row.id))
    with writing(engine) as session:
        if revoked:
            keys.revoke(session, row.id, NOW)
        directory.erase(session, directory.find(session, "anna@example.com"))

    assert {name: len(rows) for name, rows in contents(engine).items() if rows} == {"workspaces": 1}
    with reading(engine) as session:
        assert keys.holder(session, key) is None
        assert export(session, person) == {}
    with writing(engine) as session:
        anna(session)  # the e-mail address is free again


def test_delete_my_data_through_ones_own_key_ends_it_and_says_so_before(engine: Engine, build_app: Callable[..., App]) -> None:
    app = build_app(channels={"slack": Vendor()})
    with writing(engine) as session:
        key, row = keys.make_key(session, "annas tool", NOW, person=anna(session))
    answers = deleting(app, Address(channel="api", external_id=row.id))
    assert [card.id for card in answers] == ["erase.keys", "erase.done"]
    assert "API keys end" in answers[0].text
    assert not {name for name, rows in contents(engine).items() if rows}
    with reading(engine) as session:
        assert keys.holder(session, key) is None


def test_delete_my_data_through_a_tools_key_takes_what_was_said_and_leaves_the_tool(
    engine: Engine, build_app: Callable[..., App]
) -> None:
    app = build_app(channels={"slack": Vendor()})
    with writing(engine) as session:
        key, row = keys.make_key(session, "crm", NOW, role="curator")
    before = {name: sorted(map(repr, rows)) for name, rows in contents(engine).items() if name in ("people", "api_keys")}
    through = Address(channel="api", external_id=row.id)
    talk(app, through)
    answers = deleting(app, through)
    assert [card.id for card in answers] == ["erase.tool", "erase.tool.done"]
    left = contents(engine)
    assert {name: len(rows) for name, rows in left.items() if rows} == {"people": 1, "api_keys": 1, "addresses": 1}
    assert {name: sorted(map(repr, left[name])) for name in before} == before
    with reading(engine) as session:
        assert keys.holder(session, key) is not None
        assert directory.find(session, str(through)).id == row.person_id
    with writing(engine) as session:  # whoever names it at the command line means all of it
        directory.erase(session, session.get_one(PersonRow, row.person_id))
    assert not {name for name, rows in contents(engine).items() if rows}


@pytest.mark.parametrize("how", ["speaks elsewhere", "has an e-mail address", "was here before the key"])
def test_whoever_is_more_than_a_key_is_a_person(engine: Engine, how: str) -> None:
    with writing(engine) as session:
        _, row = keys.make_key(session, "crm", NOW)
        tool = session.get_one(PersonRow, row.person_id)
        assert keys.is_tool(session, tool)
        if how == "speaks elsewhere":
            directory.add_address(session, tool, SLACK, NOW)
        elif how == "has an e-mail address":
            directory.set_email(session, tool, "anna@example.com")
        else:
            tool.created_at = NOW - dt.timedelta(seconds=1)
            session.flush()
        assert not keys.is_tool(session, tool)


def deleting(app: App, address: Address) -> list[Card]:
    """The cards that ask before erasing, and that say it is done."""
    asked = app.receive(Inbound(address=address, message_id="d1", text="delete my data", received_at=NOW))
    done = app.receive(Inbound(address=address, message_id="d2", choice="erase:yes", received_at=NOW))
    return [*asked.cards, *done.cards]
