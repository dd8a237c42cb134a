"""`make crash-slack`: the crash run over Slack's channel. Workers are killed while they post to a Slack of our own.

Half of the people are in a workspace that lets us read history, half in one that does not. Nothing may be lost; nothing
doubled where we may look; where we may not, what nobody can tell stands in doubt, and none is doubled either.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import random
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Engine, select

from bot.db import reading, writing
from bot.delivery import outbox
from bot.delivery.tables import DeliveryRow
from bot.messages import Address, Card
from bot.people import directory
from tests.crash import run
from tests.crash.run import main
from tests.crash.slack_worker import TEAMS
from tests.crash.worker import KEYS
from tests.databases import fresh

REPO = Path(__file__).parent.parent.parent
CARD = Card(id="nudge", kind="notice", lang="en", text="Call them now.")
CHANCES = {"drop": 0.01, "vanish": 0.01, "later": 0.01, "500": 0.01, "slow": 0.05}


class SlackSite:
    """Our Slack and the workers, all processes of their own."""

    def __init__(self, url: str, workers: int, seed: int) -> None:
        self._url = url
        self._slack = self._start(["tests.fakes.slack", "0", str(seed), "both"])
        self.port = int(self._slack.stdout.readline())  # type: ignore[union-attr]
        self.ask("POST", "/control/chances", CHANCES)
        self.workers = [self._worker() for _ in range(workers)]
        for number in range(workers):
            self.ready(number)

    def _start(self, arguments: list[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def _worker(self) -> subprocess.Popen[str]:
        return self._start(["tests.crash.slack_worker", self._url, f"http://127.0.0.1:{self.port}/api/"])

    def ask(self, method: str, path: str, body: object = None) -> dict:
        """Ask our Slack."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
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
        for process in (*self.workers, self._slack):
            process.kill()
            process.wait()


def put(engine: Engine, people: list, number: int) -> None:
    """So many deliveries, due now, each to somebody else."""
    now = dt.datetime.now(dt.UTC)
    with writing(engine) as session:
        for address in people[:number]:
            outbox.put(session, address, CARD, now, "nudge", now)


def crash(which: str, *, kills: int, sends: int, workers: int, seed: int) -> list[str]:
    """Run; returns what went wrong, nothing if all is well."""
    chance = random.Random(seed)
    with fresh(which, KEYS) as engine:
        rounds = max(1, kills)
        now = dt.datetime.now(dt.UTC)
        with writing(engine) as session:
            people = [
                directory.at_address(session, Address(channel="slack", external_id=f"{team}/U{n}", workspace=team), now)[1]
                for n in range(sends // 2 + 1)
                for team in TEAMS
            ][:sends]
        site = SlackSite(engine.url.render_as_string(hide_password=False), workers, seed)
        try:
            began = time.time()
            for turn in range(rounds):
                put(engine, people[turn::rounds], sends)
                time.sleep(chance.uniform(0.3, 1.2))
                if turn < kills:
                    victim = chance.randrange(workers)
                    site.kill(victim)
                    if chance.random() < 0.7:  # else the next round begins with one worker fewer
                        site.ready(victim)
            run.wait_for_the_end(engine)
            return judge(engine, site.ask("GET", "/control/arrived"), sends, kills, time.time() - began)
        finally:
            site.close()


def judge(engine: Engine, arrived: dict[str, int], sends: int, kills: int, seconds: float) -> list[str]:
    """Compare the rows with what Slack's people saw; prints the figures."""
    with reading(engine) as session:
        rows = session.execute(
            select(DeliveryRow.id, DeliveryRow.state, DeliveryRow.doubts, directory.AddressRow.external_id).join(
                directory.AddressRow, directory.AddressRow.id == DeliveryRow.address_id
            )
        ).all()
    looked_up = {row.id for row in rows if row.external_id.startswith("T1/")}
    lost = [row.id for row in rows if not arrived.get(row.id) and row.state != "in_doubt"]
    doubled = [key for key, times in arrived.items() if times > 1]
    in_doubt = [row.id for row in rows if row.state == "in_doubt"]
    wrong_end = [row.id for row in rows if row.state not in ("sent", "in_doubt")]
    print(
        f"{engine.dialect.name}: {kills} kills, {len(rows)} posts, {seconds:.0f} s: {len(lost)} lost, {len(doubled)} doubled; "
        f"doubts {sum(1 for row in rows if row.doubts)}, cleared by looking {sum(1 for row in rows if row.doubts and row.id in looked_up)}, "
        f"left in doubt and reported {len(in_doubt)} ({sum(1 for key in in_doubt if arrived.get(key))} of them had arrived)",
        flush=True,
    )
    found = {
        "rows missing": sends - len(rows), "lost": len(lost), "doubled": len(doubled), "not ended": len(wrong_end),
        "in doubt though we may look": len(looked_up & set(in_doubt)),
    }  # fmt: skip
    return [f"{what}: {number}" for what, number in found.items() if number]


if __name__ == "__main__":
    main(crash, kills=50, sends=3_000)
