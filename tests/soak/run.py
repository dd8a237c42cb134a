"""`make soak`: ten minutes of mixed traffic on PostgreSQL with two web and two worker processes, while things fail.

    python -m tests.soak.run --seconds 60 --page var/soak.html

Ends with 1 and says what was not held. Rates are modest (three messages a second), since starting processes anew costs
more than all messages; how much can be carried at once is measured by the benchmarks.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import signal
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path

from bot.intents.match import open_matcher
from knowledge.load import load
from tests.soak.faults import LONG, Faults
from tests.soak.judge import FLAT, backlog, judge, settle, slope
from tests.soak.page import page
from tests.soak.traffic import RATES, Traffic
from tests.soak.world import REPO, World

CACHE = REPO / "var" / "test-cache"
STEP = 10.0
"""Seconds that one point of a curve of messages stands for."""
Curves = dict[str, dict[str, list[tuple[float, float]]]]


class Watch:
    """Looks at memory and at what is left to do, every other second, until it is stopped."""

    def __init__(self, world: World) -> None:
        self._world, self._began = world, time.monotonic()
        self.memory: dict[tuple[str, int], list[tuple[float, float]]] = defaultdict(list)
        """(process, which of its starts) → (second, megabytes)."""
        self.backlog: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._stop.wait(2.0):
            at = time.monotonic() - self._began
            for process in self._world.processes:
                if megabytes := process.memory():
                    self.memory[process.name, process.starts].append((at, megabytes))
            for name, number in backlog(self._world).items():
                self.backlog[name].append((at, float(number)))

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()


def soak(seconds: float, seed: int, file: Path | None) -> list[str]:
    """Run, print the figures, write the page; returns what was not held."""
    open_matcher(load(), CACHE)  # learns at most once
    with World(CACHE) as world:
        for process in world.processes:
            world.start(process)
        for process in world.processes:
            world.wait(process)
        traffic = Traffic(world, seed)
        faults, watch, began = Faults(world, traffic, seconds, seed), Watch(world), time.monotonic()
        traffic.start()
        faults.run()
        traffic.stop()
        waited = settle(world)
        watch.stop()
        told, wrong = judge(world, traffic, faults)
        traces = sum(world.said(process).count("Traceback") for process in world.processes)
        memory, grown = _memory(watch)
        if seconds >= LONG:
            wrong += grown
        about = (
            f"{seconds:.0f} seconds of traffic, {sum(RATES.values()):.1f} messages a second in all, on PostgreSQL with two "
            f"`caucus serve --no-work` and two `caucus work`; seed {seed}, Python {platform.python_version()}, "
            f"{os.cpu_count()} cores, load average {os.getloadavg()[1]:.1f} over five minutes. After the last message "
            f"{waited:.0f} s until nothing was on its way. {traces} errors with a trace in the logs."
        )
        print(json.dumps(told, indent=1, ensure_ascii=False), about, *wrong, sep="\n", flush=True)
        if file:
            file.write_text(page(about, wrong, told, faults.events, _curves(traffic, world, watch, began), memory), "utf-8")
        if wrong:
            kept = REPO / "var" / "soak-logs"
            kept.mkdir(parents=True, exist_ok=True)
            for process in world.processes:
                (kept / f"{process.name}.log").write_text(world.said(process), "utf-8")
        return wrong


def _memory(watch: Watch) -> tuple[list[tuple[str, str, str, str, str]], list[str]]:
    rows: list[tuple[str, str, str, str, str]] = []
    grown: list[str] = []
    for (name, _), points in watch.memory.items():
        each, end = slope(points), points[-1][1]
        rows.append((name, f"{points[0][0]:.0f}", f"{points[-1][0]:.0f}", f"{end:.0f}", f"{each:+.2f}"))
        lived = (points[-1][0] - points[len(points) // 2][0]) / 60
        if 2 * 60 * lived >= LONG and each * lived > FLAT * end:  # in its first minutes everything is used for the first time
            grown.append(f"{name} grew by {each * lived:.0f} of {end:.0f} MB in {lived:.1f} minutes")
    return rows, grown


def _curves(traffic: Traffic, world: World, watch: Watch, began: float) -> Curves:
    waits: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for each in traffic.said:
        if each.acknowledged is not None:
            waits[each.kind][int((each.began - began) / STEP)].append(each.acknowledged - each.began)
    asked = {each.id: each.began for each in traffic.said if each.kind == "slack"}
    first: dict[str, float] = {}
    for post in world.slack.posts:
        if post.get("thread_ts") in asked:
            first.setdefault(post["thread_ts"], post["at"] - asked[post["thread_ts"]])
    replies: dict[int, list[float]] = defaultdict(list)
    for message, seconds in first.items():
        replies[int((asked[message] - began) / STEP)].append(seconds)
    memory: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for (name, _), points in watch.memory.items():
        memory[name] += points
    return {
        "Acknowledged messages a second": {
            kind: [((n + 0.5) * STEP, len(found.get(n, ())) / STEP) for n in range(max(found) + 1)]
            for kind, found in waits.items()
        },
        f"Longest wait for an acknowledgement in {STEP:.0f} seconds, repeats included (s)": {
            kind: [((n + 0.5) * STEP, max(found[n])) for n in sorted(found)] for kind, found in waits.items()
        },
        "Longest wait for the first post on Slack (s)": {"slack": [((n + 0.5) * STEP, max(replies[n])) for n in sorted(replies)]},
        "Kept and not done yet": dict(watch.backlog),
        "Resident memory (MB)": dict(memory),
    }


def main() -> None:
    """Read the arguments and run."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seconds", type=float, default=600)
    given.add_argument("--seed", type=int, default=random.randrange(10**6))
    given.add_argument("--page", type=Path)
    asked = given.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended
    raise SystemExit(1 if soak(asked.seconds, asked.seed, asked.page) else 0)


if __name__ == "__main__":
    main()
