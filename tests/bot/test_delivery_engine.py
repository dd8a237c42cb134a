"""The running worker: what is due goes out through the queue, once; stopping drains; `work --once` needs no queue."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, inspect, select, text

from bot.db import Table, downgrade, reading, upgrade, writing
from bot.delivery import holds, outbox
from bot.delivery.engine import Worker
from bot.delivery.tables import ChunkRow, DeliveryRow
from bot.delivery.terms import Terms
from bot.errors import Refused
from bot.messages import Address, Card
from bot.people import directory
from tests.crash.run import crash
from tests.fakes.vendor import FakeChannel, Vendor

CARD = Card(id="nudge", kind="notice", lang="en", text="Call them now.")
pytestmark = pytest.mark.xdist_group("delivery-engine")  # DBOS is one a process


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    vendor = Vendor()
    yield vendor
    vendor.close()


@pytest.fixture
def worker(engine: Engine, vendor: Vendor) -> Iterator[Worker]:
    worker = Worker(engine, {"keyed": FakeChannel("keyed", vendor.port)}, now, {"keyed": Terms(hard_timeout=3.0, settling=1.0)})
    worker.start()
    yield worker
    if not worker._stop.is_set():
        worker.stop(10)


def put(engine: Engine, number: int) -> set[str]:
    with writing(engine) as session:
        return {
            outbox.put(
                session,
                directory.at_address(session, Address(channel="keyed", external_id=f"T/{n}"), now())[1],
                CARD,
                now(),
                "nudge",
                now(),
            ).id
            for n in range(number)
        }


def wait_for(condition: Callable[[], bool], seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.05)


def states(engine: Engine) -> set[str]:
    with reading(engine) as session:
        return set(session.scalars(select(DeliveryRow.state)))


def test_a_running_worker_sends_what_is_due_once_and_drains(engine: Engine, vendor: Vendor, worker: Worker) -> None:
    keys = put(engine, 150)
    wait_for(lambda: len(vendor.arrived) == 150)
    assert worker.stop(20)
    assert states(engine) == {"sent"}
    assert vendor.arrived == dict.fromkeys(keys, 1)
    with reading(engine) as session:
        assert session.scalars(select(ChunkRow)).all() == []


def test_stopping_in_the_middle_leaves_nothing_half_done(engine: Engine, vendor: Vendor, worker: Worker) -> None:
    vendor.chances, vendor.slowness = {"slow": 1.0}, 0.2
    keys = put(engine, 200)
    wait_for(lambda: len(vendor.arrived) > 5)
    assert worker.stop(20)
    assert "sending" not in states(engine)
    vendor.chances = {}
    Worker(engine, {"keyed": FakeChannel("keyed", vendor.port)}, now).once()
    assert vendor.arrived == dict.fromkeys(keys, 1)
    assert vendor.asked == dict.fromkeys(keys, 1)


def test_a_nudge_due_during_a_broadcast_leaves_within_five_seconds(engine: Engine, vendor: Vendor, worker: Worker) -> None:
    vendor.chances, vendor.slowness = {"slow": 1.0}, 0.3
    with writing(engine) as session:
        people = [directory.at_address(session, Address(channel="keyed", external_id=f"T/p{n}"), now())[1] for n in range(1_500)]
        outbox.put_many(session, "b1", [(address, CARD) for address in people], now(), now())
    wait_for(lambda: len(vendor.arrived) > 30)  # 16 at a time: the whole takes 28 seconds
    began, (nudge,) = time.monotonic(), put(engine, 1)
    wait_for(lambda: vendor.arrived[nudge] == 1, 5.0)
    assert len(vendor.arrived) < 1_000, f"not a broadcast to be overtaken ({time.monotonic() - began:.1f} s)"


def test_a_pause_takes_effect_within_two_seconds(engine: Engine, vendor: Vendor, worker: Worker) -> None:
    vendor.chances, vendor.slowness = {"slow": 1.0}, 0.3
    with writing(engine) as session:
        people = [directory.at_address(session, Address(channel="keyed", external_id=f"T/p{n}"), now())[1] for n in range(1_000)]
        outbox.put_many(session, "b1", [(address, CARD) for address in people], now(), now())
    wait_for(lambda: len(vendor.arrived) > 30)
    with writing(engine) as session:
        holds.pause(session, "b1", now())
    paused = time.monotonic()
    wait_for(lambda: time.monotonic() > paused + 2)
    arrived = len(vendor.arrived)
    assert worker.stop(20)
    assert len(vendor.arrived) == arrived < 1_000
    assert states(engine) == {"waiting", "sent"}


def test_only_one_worker_runs_in_a_process(engine: Engine, worker: Worker) -> None:
    with pytest.raises(Refused):
        Worker(engine, {}, now).start()


def test_the_queues_tables_are_none_of_ours_and_migrations_leave_them_alone(engine: Engine, worker: Worker) -> None:
    schema = "dbos" if engine.dialect.name == "postgresql" else None
    theirs = set(inspect(engine).get_table_names(schema=schema)) - (set() if schema else set(Table.metadata.tables))
    assert {"workflow_status", "queues", "notifications"} <= theirs
    assert not theirs & set(Table.metadata.tables)
    worker.stop(10)
    if engine.dialect.name == "sqlite":
        downgrade(engine, "base")
        upgrade(engine)
        assert theirs <= set(inspect(engine).get_table_names()) | {"alembic_version"}
        with engine.connect() as connection:
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"


@pytest.mark.slow
@pytest.mark.parametrize(("database", "workers"), [("postgresql", 2), ("sqlite", 1)])
def test_ten_kills_lose_nothing_and_double_nothing(database: str, workers: int) -> None:
    import os

    where = os.environ.get("TEST_DATABASE_URL", database) if database == "postgresql" else database
    assert crash(where, kills=10, sends=600, workers=workers, seed=random.randrange(10**6)) == []
