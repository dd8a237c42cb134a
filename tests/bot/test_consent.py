"""What somebody said of what is sent to many holds: on both databases, over linked channels, and after an erasure nothing is left."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine, func, select

from bot.broadcasts import consent
from bot.broadcasts.tables import OptOutRow, SubscriptionRow, TipShownRow
from bot.db import reading, writing
from bot.messages import Address
from bot.people import directory, keys, linking
from bot.people.tables import PersonRow
from tests.conftest import NOW

HOUR = dt.timedelta(hours=1)
SOON = NOW + 24 * HOUR


def met(engine: Engine, channel: str) -> str:
    """Somebody who has spoken there; their id."""
    with writing(engine) as session:
        return directory.at_address(session, Address(channel=channel, external_id="me"), NOW)[0].id


def test_who_never_said_anything_is_not_subscribed_and_may_be_written_to(engine: Engine) -> None:
    person = met(engine, "web")
    with reading(engine) as session:
        assert not consent.opted_out(session, person)
        assert session.scalars(select(PersonRow.id).where(consent.may_hear(PersonRow.id))).all() == [person]
        assert session.scalars(select(PersonRow.id).where(consent.subscribed(PersonRow.id))).all() == []


def test_opting_out_ends_tips_too_and_opting_in_brings_only_broadcasts_back(engine: Engine) -> None:
    met(engine, "web")
    with writing(engine) as session:
        person, address = directory.at_address(session, Address(channel="web", external_id="me"), NOW)
        consent.subscribe(session, person, address, SOON, NOW, rhythm="fortnightly")
        assert session.scalars(select(PersonRow.id).where(consent.subscribed(PersonRow.id))).all() == [person.id]
        assert consent.opt_out(session, person, NOW)
        assert not consent.opt_out(session, person, NOW + HOUR), "the second time nothing changes"
        assert consent.opted_out(session, person.id)
        assert session.scalars(select(PersonRow.id).where(consent.may_hear(PersonRow.id))).all() == []
        assert consent.opt_in(session, person)
        assert not consent.opt_in(session, person)
        row = consent.subscription(session, person.id)
        assert row and not row.tips and row.next_tip_at is None
        assert row.rhythm == "fortnightly", "kept for another time"


def test_subscribing_to_tips_leaves_an_opt_out_of_broadcasts_as_it_is(engine: Engine) -> None:
    met(engine, "web")
    with writing(engine) as session:
        person, address = directory.at_address(session, Address(channel="web", external_id="me"), NOW)
        consent.opt_out(session, person, NOW)
        consent.subscribe(session, person, address, SOON, NOW + HOUR)
        assert consent.opted_out(session, person.id)


@pytest.mark.parametrize("later", ["keeper", "other"])
def test_of_two_linked_channels_the_last_word_on_tips_holds(engine: Engine, later: str) -> None:
    for channel in ("web", "slack"):
        met(engine, channel)
    with writing(engine) as session:
        keeper = directory.at_address(session, Address(channel="web", external_id="me"), NOW)[0]
        other = directory.at_address(session, Address(channel="slack", external_id="me"), NOW)[0]
        consent.subscribe(session, keeper, None, SOON, NOW + (2 * HOUR if later == "keeper" else HOUR))
        consent.unsubscribe(session, other, NOW + (HOUR if later == "keeper" else 2 * HOUR))
        linking.merge(session, keeper, other)
        row = consent.subscription(session, keeper.id)
        assert row and row.tips == (later == "keeper")


def test_an_opt_out_on_either_channel_holds_when_they_are_linked_and_what_was_shown_comes_together(engine: Engine) -> None:
    for channel in ("web", "slack"):
        met(engine, channel)
    with writing(engine) as session:
        keeper = directory.at_address(session, Address(channel="web", external_id="me"), NOW)[0]
        other = directory.at_address(session, Address(channel="slack", external_id="me"), NOW)[0]
        for person in (keeper, other):
            session.add(TipShownRow(person_id=person.id, tip="casual-yes/1", why="turn", at=NOW))
        consent.opt_out(session, other, NOW)
        linking.merge(session, keeper, other)
        assert consent.opted_out(session, keeper.id)
        shown = select(func.count()).select_from(TipShownRow).where(TipShownRow.person_id == keeper.id)
        assert session.scalar(shown) == 2


@pytest.mark.parametrize("with_key", [False, True])
def test_after_an_erasure_nothing_is_left(engine: Engine, *, with_key: bool) -> None:
    met(engine, "web")
    with writing(engine) as session:
        person, address = directory.at_address(session, Address(channel="web", external_id="me"), NOW)
        consent.subscribe(session, person, address, SOON, NOW)
        session.add(TipShownRow(person_id=person.id, tip="casual-yes/1", why="turn", at=NOW))
        session.flush()
        consent.opt_out(session, person, NOW)
        if with_key:
            keys.make_key(session, "mine", NOW, person=person)
        directory.erase(session, person)
    with reading(engine) as session:
        for table in (SubscriptionRow, OptOutRow, TipShownRow):
            assert session.scalar(select(func.count()).select_from(table)) == 0
