"""`make bench-broadcast`: what does a broadcast to a million cost? PostgreSQL; the vendor answers at once.

Fan-out by the very run that a start begins (audience, hours, one INSERT … SELECT), the memory of this process, progress
and its recount, a pause, a nudge meanwhile, and the engine alone: the seconds per delivery from 10,000 up.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import threading
import time
from multiprocessing.synchronize import Event

from sqlalchemy import Engine, select, text, update

from bot import logs
from bot.broadcasts import runs
from bot.broadcasts.broadcast_tables import BroadcastRow, RunRow
from bot.broadcasts.desk import Desk
from bot.broadcasts.ports import Ports
from bot.channel import Limits, Receipt
from bot.db import open_engine, reading, writing
from bot.delivery import holds, outbox
from bot.delivery.engine import Worker
from bot.delivery.progress import progress, recount
from bot.delivery.tables import DeliveryRow
from bot.messages import Address, Card
from bot.people import directory
from bot.people.tables import AddressRow
from tests.crash.broadcast_worker import now, ports
from tests.databases import fresh

KEYS = ["bench-key-of-at-least-thirty-two-characters"]
CARD = Card(id="nudge", kind="notice", lang="en", text="Call them now.")
LIMITS = Limits(longest_text=4_000, text_unit="characters", most_buttons=5, takes_key=True)


class AtOnce:
    """A vendor that takes no time."""

    name = "slack"
    limits = LIMITS

    def send(self, address: Address, card: Card, key: str) -> Receipt:
        """Thank you."""
        return Receipt(vendor_id="v")

    def find(self, key: str) -> Receipt | None:
        """Never asked."""
        raise NotImplementedError


def people(engine: Engine, number: int) -> None:
    """So many people of Slack, in ten zones and two languages, made by the database itself."""
    with writing(engine) as session:
        admin, _ = directory.at_address(session, Address(channel="nowhere", external_id="admin"), now())
        admin.role = "admin"
    if engine.dialect.name == "postgresql":
        series = f"generate_series(1, {number}) AS s(n)"
    else:
        series = f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {number}) SELECT n FROM s) AS s"
    at = {"at": now()}
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO people (id, zone, lang, quiet, role, created_at) SELECT md5('p' || n), 'Asia/Shanghai', "
                f"CASE WHEN n % 2 = 0 THEN 'en' ELSE 'zh' END, 'off', 'member', :at FROM {series}"
            ),
            at,
        )
        connection.execute(
            text(
                "INSERT INTO addresses (id, channel, external_id, person_id, created_at, preferred) SELECT md5('a' || n), "
                f"'slack', 'T/' || n, md5('p' || n), :at, false FROM {series}"
            ),
            at,
        )
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))


def megabytes() -> float:
    """The most this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def begun(engine: Engine, desk: Desk) -> tuple[str, str, float]:
    """A broadcast to everybody: (its id, its run's, the seconds from due to fanned out)."""
    broadcast = desk.draft(lambda s: directory.find(s, "nowhere:admin"), {"segment": "role:member", "en": "Ask.", "zh": "问。"})[
        "id"
    ]
    with writing(engine) as session:
        plan = {"plan": {}, "next_at": now(), "state": "scheduled"}
        session.execute(update(BroadcastRow).where(BroadcastRow.id == broadcast).values(plan))
    began = time.perf_counter()
    runs.sweep(engine, desk.ports, now())
    seconds = time.perf_counter() - began
    with reading(engine) as session:
        run = session.scalars(select(RunRow.id).where(RunRow.broadcast_id == broadcast)).one()
    return broadcast, run, seconds


def serve(url: str, ready: Event, stop: Event) -> None:
    """One delivery worker."""
    logs.configure(production=True)
    worker = Worker(open_engine(url, KEYS), {"slack": AtOnce()}, now)
    worker.start()
    ready.set()
    stop.wait()
    worker.stop()


def drained(engine: Engine, run: str, number: int, until: float = 3_600.0) -> float:
    """Seconds until so many have been sent."""
    began = time.perf_counter()
    while time.perf_counter() - began < until:
        with reading(engine) as session:
            if progress(session, run).sent >= number:
                return time.perf_counter() - began
        time.sleep(0.1)
    raise SystemExit("not all was sent in time")


def meanwhile(engine: Engine, desk: Desk, broadcast: str, run: str) -> None:
    """A nudge and a pause in the middle of it."""
    with writing(engine) as session:
        someone = session.scalars(select(AddressRow).where(AddressRow.channel == "slack").limit(1)).one()
        nudge = outbox.put(session, someone, CARD, now(), "nudge", now()).id
    began, sent = time.perf_counter(), ""
    while sent != "sent" and time.perf_counter() - began < 60:
        with reading(engine) as session:
            sent = session.scalar(select(DeliveryRow.state).where(DeliveryRow.id == nudge)) or ""
        time.sleep(0.02)
    print(f"  a nudge due meanwhile left after {time.perf_counter() - began:.2f} s (goal 5)", flush=True)
    began = time.perf_counter()
    desk.act(lambda _: None, broadcast, "pause")
    said, last, quiet = time.perf_counter(), -1, time.perf_counter()
    while time.perf_counter() - quiet < 1.5:
        with reading(engine) as session:
            number = progress(session, run).sent
        if number != last:
            last, quiet = number, time.perf_counter()
        time.sleep(0.05)
    print(f"  a pause: said in {said - began:.2f} s, the last delivery {max(0.0, quiet - said):.2f} s later (goal 2)", flush=True)
    desk.act(lambda _: None, broadcast, "resume")


def fanned_out(engine: Engine, desk: Desk, number: int) -> tuple[str, str]:
    """The fan-out and progress beside it."""
    before = megabytes()
    broadcast, run, seconds = begun(engine, desk)
    with reading(engine) as session:
        spent = list[float]()
        for _ in range(5):
            began = time.perf_counter()
            so_far = progress(session, run)
            spent.append(1000 * (time.perf_counter() - began))
    assert so_far.waiting == number, so_far
    print(
        f"  fan-out of {number:,}: {seconds:.1f} s (goal 60 for 1,000,000); this process held at most {megabytes():.0f} MB "
        f"({megabytes() - before:+.0f} by it; goal 300); progress {min(spent):.1f} ms (goal 50)",
        flush=True,
    )
    return broadcast, run


def main() -> None:
    """Print every figure."""
    given = argparse.ArgumentParser()
    given.add_argument("--database", default="postgresql")
    given.add_argument("--people", type=int, default=1_000_000, help="of the fan-out")
    given.add_argument("--curve", type=int, nargs="*", default=[10_000, 30_000, 100_000], help="deliveries really sent")
    given.add_argument("--workers", type=int, default=4)
    asked = given.parse_args()
    logs.configure(production=True)
    began = time.process_time()
    sum(range(30_000_000))
    print(f"this machine now: {time.process_time() - began:.2f} CPU-seconds for sum(range(30,000,000))", flush=True)
    mine: Ports = ports({"slack": LIMITS})
    for number in [*asked.curve, asked.people]:
        with fresh(asked.database, KEYS) as engine:
            people(engine, number)
            desk = Desk(engine, mine, now)
            print(f"{engine.dialect.name}, {number:,} people:", flush=True)
            broadcast, run = fanned_out(engine, desk, number)
            if number in asked.curve:
                sent(engine, desk, broadcast, run, number, asked.workers)


def sent(engine: Engine, desk: Desk, broadcast: str, run: str, number: int, workers: int) -> None:
    """All of them, by so many workers; in the largest a nudge and a pause."""
    starts = multiprocessing.get_context("spawn")
    stop, readies = starts.Event(), [starts.Event() for _ in range(workers)]
    url = engine.url.render_as_string(hide_password=False)
    with writing(engine) as session:  # until all workers are there
        holds.pause(session, run, now())
    processes = [starts.Process(target=serve, args=(url, ready, stop)) for ready in readies]
    for process in processes:
        process.start()
    for ready in readies:
        ready.wait(120)
    with writing(engine) as session:
        holds.resume(session, run)
    watcher = threading.Timer(1.0, meanwhile, (engine, desk, broadcast, run)) if number >= 30_000 else None
    if watcher:
        watcher.start()
    seconds = drained(engine, run, number)
    if watcher:
        watcher.join()
    stop.set()
    for process in processes:
        process.join(60)
    with reading(engine) as session:
        counted, told = recount(session, run), progress(session, run)
    assert counted == told, (counted, told)
    print(
        f"  sent by {workers} workers: {seconds:.1f} s, {1000 * seconds / number:.2f} ms each; progress equals the recount",
        flush=True,
    )


if __name__ == "__main__":
    main()
