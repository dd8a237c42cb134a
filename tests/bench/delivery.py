"""`make bench-delivery`: how fast does the outbox empty, how late is a delivery, what do a move and a full table cost?

Sends take 1 ms (a sleep). One process. On a machine that others use the seconds say little, so beside every figure
stands the same number of bare sends or bare commits in the same run, and the CPU time of this process.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine, text, update

from bot import logs
from bot.db import reading, writing
from bot.delivery import cards, holds, outbox, sweep
from bot.delivery.engine import Worker
from bot.delivery.fan_out import fan_out
from bot.delivery.lanes import look
from bot.delivery.progress import progress
from bot.delivery.tables import DeliveryRow
from bot.delivery.terms import Terms, terms_of
from bot.messages import Address
from bot.people.tables import AddressRow
from tests.bench.load import CARD, Slow, addresses, everybody, now
from tests.databases import fresh

KEYS = ["bench-key-of-at-least-thirty-two-characters"]


def bare_sends(number: int) -> str:
    """The same sends on the same number of threads, without any outbox."""
    vendor = Slow(number)
    began, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(Terms().threads) as pool:
        for key in range(number):
            pool.submit(vendor.send, Address(channel="slack", external_id="x"), CARD, str(key))
    return f"{number / (time.perf_counter() - began):.0f}/s, {number / (time.process_time() - cpu):.0f} per CPU-second"


def bare_loop(engine: Engine, ids: list[str]) -> float:
    """Deliveries a second of the simplest outbox: one after the other, a commit before and after each send."""
    vendor = Slow(len(ids))
    began = time.perf_counter()
    for key in ids:
        bare_commit(engine, key, "sending")
        vendor.send(Address(channel="slack", external_id="x"), CARD, key)
        bare_commit(engine, key, "sent")
    return len(ids) / (time.perf_counter() - began)


def bare_commit(engine: Engine, key: str, state: str) -> None:
    """One UPDATE of one row, committed."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE deliveries SET state = :s, tries = tries + 1 WHERE id = :i"), {"s": state, "i": key})


def through(engine: Engine, put: Callable[[dt.datetime], int]) -> tuple[float, float, list[float]]:
    """Send what `put` puts, all of it due in one moment: (seconds from then to the last, CPU seconds, lags)."""
    vendor, tomorrow = Slow(1 << 60), now() + dt.timedelta(days=1)
    vendor.wanted = put(tomorrow)
    worker = Worker(engine, {"slack": vendor}, now)
    worker.start()
    time.sleep(1.5)  # DBOS looks for new queues every second
    with writing(engine) as session:
        due = now() + dt.timedelta(seconds=2)
        wanted = update(DeliveryRow).where(DeliveryRow.state == "waiting", DeliveryRow.due_at == tomorrow)
        session.execute(wanted.values(due_at=due).execution_options(synchronize_session=False))
    time.sleep(max(0.0, due.timestamp() - time.time()))
    cpu = time.process_time()
    if not vendor.done.wait(600):
        raise SystemExit(f"only {len(vendor.sent)} of {vendor.wanted} were sent")
    spent = time.process_time() - cpu
    worker.stop()
    if len({key for key, _ in vendor.sent}) != vendor.wanted or len(vendor.sent) != vendor.wanted:
        raise SystemExit("lost or doubled")
    lags = [at - due.timestamp() for _, at in vendor.sent]
    return max(lags), spent, lags


def throughput(engine: Engine, people: list[AddressRow]) -> None:
    """So many nudges with a card each, and a broadcast to as many, all due in the same moment."""

    def nudges(due: dt.datetime) -> int:
        with writing(engine) as session:
            return outbox.put_many(session, uuid.uuid4().hex, [(a, CARD) for a in people], due, now())

    def broadcast(due: dt.datetime) -> int:
        with writing(engine) as session:
            cards.share(session, "bench", {"en": CARD})
            return fan_out(session, "bench", everybody(due, len(people)), now())

    for what, put in (("each with its own card", nudges), ("sharing a card", broadcast)):
        seconds, cpu, lags = through(engine, put)
        print(
            f"  {len(people)} due at once, {what}: {len(people) / seconds:.0f}/s (goal 2000), {len(people) / cpu:.0f} per "
            f"CPU-second; lag p50 {statistics.median(lags):.2f} s, p99 {_p99(lags):.2f} s (goal 5)",
            flush=True,
        )


def changes(engine: Engine, people: list[AddressRow]) -> None:
    """Reschedule and cancel, one transaction each, in turn with a bare commit."""
    with writing(engine) as session:
        ids = [outbox.put(session, a, CARD, now() + dt.timedelta(days=1), "nudge", now()).id for a in people[:400]]
        bare = [outbox.put(session, a, CARD, now() + dt.timedelta(days=1), "nudge", now()).id for a in people[:400]]
    print(f"  bare loop (commit, send, commit, one by one): {bare_loop(engine, bare):.0f}/s")
    for name, change in (
        ("reschedule", lambda s, i: outbox.reschedule(s, i, now() + dt.timedelta(days=2), now())),
        ("cancel", lambda s, i: outbox.cancel(s, i, now())),
    ):
        spent, simple, cpu = list[float](), list[float](), time.process_time()
        for key, other in zip(ids, bare, strict=True):
            began = time.perf_counter()
            with writing(engine) as session:
                assert change(session, key)
            between = time.perf_counter()
            bare_commit(engine, other, "cancelled")
            spent.append(1000 * (between - began))
            simple.append(1000 * (time.perf_counter() - between))
        print(
            f"  {name}: p50 {statistics.median(spent):.2f} ms, p99 {_p99(spent):.2f} ms (goal 5); a bare commit "
            f"{statistics.median(simple):.2f} and {_p99(simple):.2f} ms, ratio {statistics.median(spent) / statistics.median(simple):.1f}; "
            f"both together {1000 * (time.process_time() - cpu) / len(ids):.2f} ms of CPU",
            flush=True,
        )


def full_table(engine: Engine, people: list[AddressRow], rows: int) -> None:
    """The sweep beside so many waiting rows of ten broadcasts: half not yet due, half due but paused."""
    sweep_costs(engine, people, "an almost empty table")
    audience = max(1, rows // 10)
    addresses(engine, audience)
    began, put = time.perf_counter(), 0
    for number in range(-(-rows // audience)):
        paused, due = number % 2, now() + dt.timedelta(days=1 - number % 2)
        with writing(engine) as session:
            name = f"full-{number}"
            if paused:
                holds.pause(session, name, now())
            put += fan_out(session, name, everybody(due, min(audience, rows - put)), now())
    seconds = time.perf_counter() - began
    print(f"  fan-out of {put:,} rows: {seconds:.1f} s, {put / seconds:.0f}/s (goal for 1,000,000: 60 s)", flush=True)
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    began = time.perf_counter()
    with reading(engine) as session:
        progress(session, "full-0")
    print(f"  progress of one broadcast beside them: {1000 * (time.perf_counter() - began):.2f} ms (goal 50)")
    sweep_costs(engine, people, f"{put:,} waiting rows")


def sweep_costs(engine: Engine, people: list[AddressRow], what: str) -> None:
    """Time of an idle look and of taking 100 rows."""
    terms = terms_of({"slack": Slow(0)})
    idle, taking = list[float](), list[float]()
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
        f"  sweep beside {what}: idle look p50 {statistics.median(idle):.2f} ms, looking and taking 100 p50 "
        f"{statistics.median(taking):.1f} ms",
        flush=True,
    )


def _p99(values: list[float]) -> float:
    return sorted(values)[int(0.99 * len(values))]


def main() -> None:
    """Print every figure."""
    given = argparse.ArgumentParser()
    given.add_argument("--database", action="append", help="sqlite, postgresql or a PostgreSQL URL; both unless told")
    given.add_argument("--rows", type=int, default=10_000)
    given.add_argument("--waiting", type=int, default=1_000_000)
    asked = given.parse_args()
    logs.configure(production=True)
    began = time.process_time()
    sum(range(30_000_000))
    print(
        f"this machine now: {time.process_time() - began:.2f} CPU-seconds for sum(range(30,000,000)); bare sends {bare_sends(5_000)}"
    )
    for which in asked.database or ["sqlite", "postgresql"]:
        with fresh(which, KEYS) as engine:
            print(f"{engine.dialect.name}:", flush=True)
            people = addresses(engine, asked.rows)
            throughput(engine, people)
            changes(engine, people)
            if asked.waiting:
                full_table(engine, people, asked.waiting)


if __name__ == "__main__":
    main()
