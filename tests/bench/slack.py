"""`make bench-slack`: what a signed event costs until its 200, and how soon the first reply is seen.

Figures are CPU seconds of the server's process, since wall time depends on who else works on the machine; the two
servers take turns in the same run.
"""

from __future__ import annotations

import http.client
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from bot.intents.match import open_matcher
from knowledge.load import load
from tests.bench.server import QUESTIONS
from tests.fakes import slack_says as say
from tests.fakes.slack import FakeSlack, Team

REPO = Path(__file__).parent.parent.parent
CACHE = REPO / "var" / "cache"
ROUNDS, REQUESTS = 6, 400
PER_SECOND, SECONDS = 50, 20


class Server:
    """One of the servers as a process of its own."""

    def __init__(self, kind: str, folder: str, api_url: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "tests.bench.slack_server", kind, str(self.port), folder, api_url]
        self._process = subprocess.Popen(command, cwd=REPO, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.usage = psutil.Process(self._process.pid)
        self.cpu, self.asked = 0.0, 0
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 30).close()
                break
            except OSError:
                time.sleep(0.1)
                if self._process.poll() is not None:
                    raise

    def post(self, requests: int, *, count: bool = True) -> None:
        """So many signed events, one after the other on each of four connections."""
        before = self._spent()
        threads = [threading.Thread(target=self._some, args=(requests // 4,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if count:
            self.cpu += self._spent() - before
            self.asked += requests // 4 * 4

    def _some(self, number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        for _ in range(number):
            status, _ = send(connection, json.dumps(say.event(say.direct(QUESTIONS[0]))).encode())
            if status != 200:
                raise SystemExit(f"the server answered {status}")
        connection.close()

    def _spent(self) -> float:
        times = self.usage.cpu_times()
        return times.user + times.system

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(20)


def send(connection: http.client.HTTPConnection, body: bytes) -> tuple[int, float]:
    """(status, seconds until it)."""
    began = time.perf_counter()
    connection.request("POST", "/slack/events", body, say.headers(body))
    reply = connection.getresponse()
    reply.read()
    return reply.status, time.perf_counter() - began


def cost(folder: str, slack: FakeSlack) -> None:
    """Our door against bare bolt, answering off in both."""
    bare, ours = Server("bare", folder, slack.api_url), Server("store", folder, slack.api_url)
    try:
        for server in (bare, ours):
            server.post(200, count=False)
        for _ in range(ROUNDS):
            bare.post(REQUESTS)
            ours.post(REQUESTS)
        for name, server in (("bare bolt, one row", bare), ("verified, kept, 200", ours)):
            print(
                f"{name}: {1000 * server.cpu / server.asked:.2f} ms CPU, {server.asked / server.cpu:.0f} per CPU-second",
                flush=True,
            )
        share = (ours.asked / ours.cpu) / (bare.asked / bare.cpu)
        print(f"ours of bare: {100 * share:.0f} % (at least 60 %)", flush=True)
    finally:
        bare.stop()
        ours.stop()


def pace(folder: str, slack: FakeSlack) -> None:
    """50 events a second while 1,000 deliveries wait: p99 of the 200, and the time to the first reply."""
    server = Server("whole", folder, slack.api_url)
    waits: list[float] = []
    sent: dict[str, float] = {}
    local = threading.local()

    def one(number: int) -> None:
        if not hasattr(local, "connection"):
            local.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        moment = say.ts()
        user = f"V{number % 400}"
        sent[moment] = time.monotonic()
        status, seconds = send(
            local.connection, json.dumps(say.event(say.direct(QUESTIONS[number % 6], at=moment, user=user))).encode()
        )
        waits.append(seconds if status == 200 else 60.0)

    try:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(16) as pool:
            for number in range(40):  # warm
                pool.submit(one, number)
            time.sleep(5)
            waits.clear()
            sent.clear()
            began = time.monotonic()
            for number in range(PER_SECOND * SECONDS):
                time.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
                pool.submit(one, number)
        time.sleep(8)
        first: dict[str, float] = {}
        for post in list(slack.posts):
            if post.get("thread_ts") in sent:
                first.setdefault(post["thread_ts"], post["at"] - sent[post["thread_ts"]])
        print(
            f"200 at {PER_SECOND}/s: p50 {1000 * statistics.median(waits):.0f} ms, p99 {1000 * share(waits, 0.99):.0f} ms (under 250)"
        )
        if first:
            values = list(first.values())
            print(
                f"first reply meanwhile: {len(first)} of {len(sent)} seen, p50 {1000 * statistics.median(values):.0f} ms, "
                f"p95 {1000 * share(values, 0.95):.0f} ms (all in one workspace, which we send 8 messages a second at most)"
            )
    finally:
        server.stop()


def alone(folder: str, slack: FakeSlack) -> None:
    """One question after the other: how soon is the answer seen when nothing else goes on?"""
    server = Server("whole", folder, slack.api_url)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    seen: list[float] = []
    try:
        for number in range(60):
            moment, began = say.ts(), time.monotonic()
            send(connection, json.dumps(say.event(say.direct(QUESTIONS[number % 6], at=moment, user=f"X{number}"))).encode())
            with slack.changed:
                slack.changed.wait_for(lambda moment=moment: any(p.get("thread_ts") == moment for p in slack.posts[-50:]), 20)
            seen.append(time.monotonic() - began)
        print(
            f"first reply, one at a time: p50 {1000 * statistics.median(seen[10:]):.0f} ms (at most 300), p95 {1000 * share(seen[10:], 0.95):.0f} ms"
        )
    finally:
        server.stop()


def share(values: list[float], part: float) -> float:
    """The value that this part of them does not exceed."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def main() -> None:
    """Print every figure."""
    slack = FakeSlack()
    slack.add(Team("T1", "xoxb-one"))
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        cache.mkdir()
        open_matcher(load(), CACHE, kind="fast")
        for file in CACHE.glob("head-*.npz"):
            (cache / file.name).write_bytes(file.read_bytes())
        cost(folder, slack)
        alone(folder, slack)
        pace(folder, slack)
    slack.close()


if __name__ == "__main__":
    main()
