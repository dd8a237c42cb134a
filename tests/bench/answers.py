"""`make bench`: what does an answer cost? CPU against a bare endpoint in the same run, understanding, memory, start.

CPU is that of the serving process alone (psutil), so that the noise of other processes counts little; the two
servers take turns in short rounds.
"""

from __future__ import annotations

import http.client
import itertools
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import psutil

from bot import logs
from bot.intents.match import Matcher, open_matcher
from knowledge.load import load
from tests.bench.server import QUESTIONS

ROUNDS, REQUESTS = 12, 150
REPO = Path(__file__).parent.parent.parent
CACHE = REPO / "var" / "test-cache"


class Server:
    """One served process and what it costs."""

    def __init__(self, kind: str, folder: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        began = time.perf_counter()
        command = [sys.executable, "-m", "tests.bench.server", kind, str(self.port), folder]
        self._process = subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.usage = psutil.Process(self._process.pid)
        self._ids = itertools.count()
        self.latencies: list[float] = []
        self.cpu = 0.0
        self.asked = 0
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 30).close()
                break
            except OSError:
                time.sleep(0.05)
                if self._process.poll() is not None or time.perf_counter() - began > 300:
                    raise
        self.start_seconds = time.perf_counter() - began

    def ask(self, requests: int) -> None:
        """Ask so many questions one after the other, and add up what they cost."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.connect()
        before = self._spent()
        for _ in range(requests):
            number = next(self._ids)
            body = json.dumps({"text": QUESTIONS[number % len(QUESTIONS)], "message_id": f"m{number}"})
            began = time.perf_counter()
            connection.request("POST", "/api/ask", body, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            told = reply.read()
            self.latencies.append(time.perf_counter() - began)
            if reply.status != 200:
                raise SystemExit(f"the server answered {reply.status}: {told[:200]!r}")
        self.cpu += self._spent() - before
        connection.close()
        self.asked += requests

    def _spent(self) -> float:
        times = self.usage.cpu_times()
        return times.user + times.system

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(10)


@contextmanager
def served(kind: str, folder: str):
    """A server for as long as the block lasts."""
    server = Server(kind, folder)
    try:
        server.ask(60)  # warm
        server.cpu, server.asked, server.latencies = 0.0, 0, []
        yield server
    finally:
        server.stop()


def main() -> None:
    """Print every figure."""
    logs.configure(production=True)
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        cache.mkdir()
        matcher = open_matcher(load(), CACHE)
        for file in [*CACHE.glob("head-*.npz"), *CACHE.glob("pieces-*.npy")]:
            (cache / file.name).hardlink_to(file)
        answers(folder)
        understanding(matcher)


def answers(folder: str) -> None:
    """The cost of a whole answer against the bare endpoint."""
    with served("bare", folder) as bare, served("whole", folder) as whole:
        for _ in range(ROUNDS):
            bare.ask(REQUESTS)
            whole.ask(REQUESTS)
        ratio = (whole.cpu / whole.asked) / (bare.cpu / bare.asked)
        for name, server in (("bare endpoint, one row", bare), ("whole answer", whole)):
            print(
                f"{name}: {1000 * server.cpu / server.asked:.2f} ms CPU, {server.asked / server.cpu:.0f} requests per CPU-second, "
                f"p50 {1000 * statistics.median(server.latencies):.1f} ms, p99 {1000 * _share(server.latencies, 0.99):.1f} ms"
            )
        print(f"ratio, understanding not counted: {ratio:.2f} (at most 6, aim 3)")
    with served("real", folder) as real:
        real.ask(ROUNDS * 40)
        print(
            f"with understanding: {1000 * real.cpu / real.asked:.2f} ms CPU, p50 {1000 * statistics.median(real.latencies):.1f} ms, "
            f"p99 {1000 * _share(real.latencies, 0.99):.1f} ms; resident {real.usage.memory_info().rss / 2**20:.0f} MB (at most 350); "
            f"ready {real.start_seconds:.1f} s after start with a warm cache (at most 8)"
        )


def understanding(matcher: Matcher) -> None:
    """CPU of understanding one message, over the held-out questions."""
    file = REPO / "tests" / "data" / "questions.jsonl"
    texts = [json.loads(line)["text"] for line in file.read_text(encoding="utf-8").splitlines()]
    spent = [_cpu(lambda text=text: matcher.understand(text)) for text in texts]
    print(
        f"understanding: p50 {1000 * statistics.median(spent):.1f} ms, p99 {1000 * _share(spent, 0.99):.1f} ms CPU (at most 30 / 60)"
    )


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _share(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


if __name__ == "__main__":
    main()
