"""`make crash`: workers are killed by SIGKILL at random moments while they send to a recording vendor; what got lost?

Each round puts some deliveries, waits until the workers are at it, kills one and starts it anew. At the end every
row must have ended: nothing lost, nothing doubled where the vendor can look up or takes a key, and where it can do
neither, every message that did not arrive stands in doubt (and none arrived twice, as the policy is drop).
"""

from __future__ import annotations

import argparse
import datetime as dt
import http.client
import json
import multiprocessing
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event
from pathlib import Path

from sqlalchemy import Engine, func, select

from bot.db import reading, writing
from bot.delivery import outbox
from bot.delivery.progress import progress, recount
from bot.delivery.tables import ChunkRow, DeliveryRow
from bot.messages import Address, Card
from bot.people import directory
from tests.crash import worker
from tests.crash.worker import KEYS, KINDS
from tests.databases import fresh

REPO = Path(__file__).parent.parent.parent
CARD = Card(id="nudge", kind="notice", lang="en", text="Call them now.")


FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.crash.worker"])  # a start costs seconds otherwise, most of a run


class Site:
    """The vendor and the workers, all processes of their own."""

    def __init__(self, url: str, workers: int, seed: int, main: Callable[..., None] = worker.main) -> None:
        self._url, self._main = url, main
        self._vendor = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.vendor", "0", str(seed)], cwd=REPO, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.port = int(self._vendor.stdout.readline())  # type: ignore[union-attr]
        self.ask("POST", "/chances", {"drop": 0.01, "vanish": 0.01, "later": 0.01, "slow": 0.1})
        self._workers = [self._worker() for _ in range(workers)]
        for number in range(workers):
            self.ready(number)

    def _worker(self) -> tuple[ForkServerProcess, Event]:
        ready = FORKS.Event()
        process = FORKS.Process(target=self._main, args=(self._url, self.port, ready))
        process.start()
        return process, ready

    def ask(self, method: str, path: str, body: object = None) -> dict:
        """Ask the vendor."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, None if body is None else json.dumps(body))
        told = json.loads(connection.getresponse().read())
        connection.close()
        return told

    @property
    def size(self) -> int:
        """How many workers there are."""
        return len(self._workers)

    def pid(self, number: int) -> int:
        """The process id of a worker."""
        return self._workers[number][0].pid or 0

    def kill(self, number: int, *, again: bool = True) -> None:
        """SIGKILL a worker and start another in its place."""
        process, _ = self._workers[number]
        process.kill()
        process.join()
        if again:
            self._workers[number] = self._worker()

    def ready(self, number: int) -> None:
        """Wait until a started worker works."""
        if not self._workers[number][1].wait(60):
            raise SystemExit("a worker did not start")

    def close(self) -> None:
        """End all of them."""
        for process in (*(process for process, _ in self._workers), self._vendor):
            process.kill()
        for process, _ in self._workers:
            process.join()
        self._vendor.wait()


def put(engine: Engine, people: dict[str, list], number: int, broadcast_id: str) -> None:
    """So many deliveries, due now, in equal parts of every kind of vendor."""
    now = dt.datetime.now(dt.UTC)
    with writing(engine) as session:
        for place, kind in enumerate(KINDS):
            share = number // 3 + (place < number % 3)
            outbox.put_many(session, f"{broadcast_id}-{kind}", [(a, CARD) for a in people[kind][:share]], now, now)


def crash(which: str, *, kills: int, sends: int, workers: int, seed: int) -> list[str]:
    """Run; returns what went wrong, nothing if all is well."""
    chance = random.Random(seed)
    with fresh(which, KEYS) as engine:
        rounds = max(1, kills)
        people: dict[str, list] = {}
        with writing(engine) as session:
            for kind in KINDS:
                people[kind] = [
                    directory.at_address(
                        session, Address(channel=kind, external_id=f"T/{n}", workspace="T"), dt.datetime.now(dt.UTC)
                    )[1]
                    for n in range(sends // rounds // 3 + 2)
                ]
        site = Site(engine.url.render_as_string(hide_password=False), workers, seed)
        try:
            began = time.time()
            for turn in range(rounds):
                put(engine, people, sends // rounds + (turn < sends % rounds), f"b{turn}")
                time.sleep(chance.uniform(0.15, 1.0))
                if turn < kills:
                    victim = chance.randrange(workers)
                    site.kill(victim)
                    if chance.random() < 0.7:  # else the next round begins with one worker fewer
                        site.ready(victim)
            wait_for_the_end(engine)
            seconds, more = time.time() - began, 0
            wrong: list[str] = []
            if workers > 1:
                more = 3 * (sends // rounds // 3 + 2)
                wrong = takeover(engine, site, people, more)
            return wrong + judge(engine, site.ask("GET", "/arrived"), sends + more, kills, seconds)
        finally:
            site.close()


def takeover(engine: Engine, site: Site, people: dict[str, list], number: int) -> list[str]:
    """One more kill, while all sends are slow and with nobody put in its place: how long do its chunks lie idle?"""
    for worker_number in range(site.size):
        site.ready(worker_number)
    site.ask("POST", "/chances", {"slow": 1.0})
    put(engine, people, number, "takeover")

    def chunks_of(worker_number: int) -> int:
        its = ChunkRow.worker.contains(f"-{site.pid(worker_number)}-")
        with reading(engine) as session:
            return session.scalar(select(func.count()).select_from(ChunkRow).where(its)) or 0

    victim, until = None, time.time() + 20
    while victim is None and time.time() < until:
        victim = next((each for each in range(site.size) if chunks_of(each)), None)
    if victim is None:
        return ["no worker took anything within 20 s"]
    site.kill(victim, again=False)
    began = time.time()
    while chunks_of(victim) and time.time() < began + 60:
        time.sleep(0.05)
    seconds = time.time() - began
    print(f"what a dead worker had taken was open to others after {seconds:.1f} s (goal 10)", flush=True)
    wait_for_the_end(engine)
    return ["takeover above 10 s"] if seconds > 10 else []


def wait_for_the_end(engine: Engine) -> None:
    """Until every row has ended, or for two minutes without any change."""
    last, since = -1, time.time()
    while time.time() - since < 120:
        with reading(engine) as session:
            left = session.scalar(
                select(func.count()).select_from(DeliveryRow).where(DeliveryRow.state.in_(("waiting", "sending")))
            )
        if not left:
            return
        if left != last:
            last, since = left, time.time()
        time.sleep(0.5)


def judge(engine: Engine, arrived: dict[str, int], sends: int, kills: int, seconds: float) -> list[str]:
    """Compare the rows with what the vendor got; prints the figures."""
    with reading(engine) as session:
        rows = session.execute(
            select(DeliveryRow.id, DeliveryRow.channel, DeliveryRow.state, DeliveryRow.doubts, DeliveryRow.broadcast_id)
        ).all()
        names = {row.broadcast_id for row in rows}
        miscounted = [name for name in names if progress(session, name) != recount(session, name)]
    lost = [row.id for row in rows if not arrived.get(row.id) and row.state != "in_doubt"]
    sure = {row.id for row in rows if row.channel != "neither"}
    doubled = [key for key, times in arrived.items() if times > 1 and key in sure]
    unreported = [row.id for row in rows if row.channel == "neither" and (arrived.get(row.id, 0) > 1) and not row.doubts]
    wrong_end = [row.id for row in rows if row.state not in ("sent", "in_doubt")]
    sure_in_doubt = [row.id for row in rows if row.channel != "neither" and row.state == "in_doubt"]
    doubts = Counter(row.channel for row in rows if row.doubts)
    in_doubt = sum(1 for row in rows if row.state == "in_doubt")
    print(
        f"{engine.dialect.name}: {kills} kills, {len(rows)} sends, {seconds:.0f} s: {len(lost)} lost, {len(doubled)} doubled "
        f"where the vendor looks up or takes a key; in doubt for a while {dict(doubts)}, left in doubt and reported {in_doubt}",
        flush=True,
    )
    found = {
        "rows missing": sends - len(rows), "lost": len(lost), "doubled": len(doubled), "doubled unreported": len(unreported),
        "not ended": len(wrong_end), "in doubt though it could be told": len(sure_in_doubt), "miscounted": len(miscounted),
    }  # fmt: skip
    return [f"{what}: {number}" for what, number in found.items() if number]


def main(crash: Callable[..., list[str]], *, kills: int, sends: int) -> None:
    """Print figures of a run with what the command line asks for; exit code 1 when anything went wrong."""
    given = argparse.ArgumentParser()
    given.add_argument("--database", default="postgresql", help="sqlite, postgresql or a PostgreSQL URL")
    given.add_argument("--kills", type=int, default=kills)
    given.add_argument("--sends", type=int, default=sends)
    given.add_argument("--workers", type=int, default=2)
    given.add_argument("--seed", type=int, default=int(time.time()))
    asked = given.parse_args()
    print(f"seed {asked.seed}", flush=True)
    wrong = crash(asked.database, kills=asked.kills, sends=asked.sends, workers=asked.workers, seed=asked.seed)
    for line in wrong:
        print(f"WRONG {line}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main(crash, kills=100, sends=10_000)
