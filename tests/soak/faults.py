"""What goes wrong during a soak, and when: a plan in shares of its length, carried out one after the other."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.bench.server import QUESTIONS
from tests.soak.traffic import PATIENCE, RefusedError, Said, Traffic
from tests.soak.world import Process, World

AHEAD = 90.0
"""Seconds by which the application's clock is moved."""
SKEW = 3.0
"""Seconds by which two machines' clocks may differ; the outbox promises five (`Terms.settling`)."""
AWAY = 3.0
"""Seconds without a database."""
SLACK_CHANCES = {"later": 0.04, "500": 0.04, "drop": 0.02, "vanish": 0.02, "slow": 0.01}
SLOW = {"slack": 9.0, "tencent": 7.0}
"""Seconds of a slow answer: above the clients' timeouts of 8 and 6."""
# no 45009: a quota that is used up rightly waits longer than a soak lasts
TENCENT_FAULTS = ("429", "500", "503", "html", "drop", "slow", -1)
SENDS = ("/cgi-bin/message/custom/send", "/cgi-bin/message/send")
LONG = 180.0
"""Seconds from which on the whole plan fits; shorter runs leave out moving all clocks, which starts every process twice."""
Event = tuple[float, str]


@dataclass
class Faults:
    """Carries out the plan; `events` tells what was done, in seconds since the start."""

    world: World
    traffic: Traffic
    seconds: float
    seed: int
    events: list[Event] = field(default_factory=list)
    broadcast: str = ""

    def run(self) -> None:
        """All of it; returns when the time is over."""
        began = time.monotonic()
        for share, name, act in self._plan():
            time.sleep(max(0.0, began + share * self.seconds - time.monotonic()))
            self.events.append((time.monotonic() - began, name))
            act()
        time.sleep(max(0.0, began + self.seconds - time.monotonic()))

    def _plan(self) -> list[tuple[float, str, Callable[[], None]]]:
        world = self.world
        web_2, work_2 = world.webs[1], world.works[1]
        early: list[tuple[float, str, Callable[[], None]]] = [
            (0.05, "work 2 killed", partial(self._killed, [work_2])),
            (0.10, f"every clock {AHEAD:.0f} s ahead", partial(self._killed, world.processes, AHEAD)),
            (0.22, "every clock back", partial(self._killed, world.processes)),
        ]
        rest: list[tuple[float, str, Callable[[], None]]] = [
            (0.30, "platforms begin to fail", self._failing),
            (0.36, "broadcast to all", self._speak),
            (0.38, "work 2 killed", partial(self._killed, [work_2])),
            (0.46, "web 2 killed", partial(self._killed, [web_2])),
            (0.54, "database restarted", self._database),
            (0.62, f"web 2 and work 2 killed, back {SKEW:.0f} s ahead", partial(self._killed, [web_2, work_2], SKEW)),
            (0.78, "platforms well again", self._well),
        ]
        return early + rest if self.seconds >= LONG else rest

    def _killed(self, processes: list[Process], clock: float = 0.0) -> None:
        """SIGKILL them at once and start them again, their clock moved."""
        for process in processes:
            self.world.kill(process)
        for process in processes:
            process.clock = clock
            self.world.start(process)
        for process in processes:
            self.world.wait(process)

    def _database(self) -> None:
        self.world.postgres.stop()
        time.sleep(AWAY)
        self.world.postgres.ensure_postgres_running()

    def _failing(self) -> None:
        self.world.slack.slowness, self.world.platform.slowness = SLOW["slack"], SLOW["tencent"]
        self.world.slack.chances = SLACK_CHANCES
        self._over = threading.Event()
        threading.Thread(target=self._tencent_fails, daemon=True).start()

    def _tencent_fails(self) -> None:
        """Every few seconds the next send of one kind fails in one way; ways take turns, so that all of them come."""
        chance, number = random.Random(self.seed), 0
        while not self._over.wait(chance.uniform(1.0, 6.0)):
            self.world.platform.faults.setdefault(SENDS[number % 2], []).append(TENCENT_FAULTS[number % len(TENCENT_FAULTS)])
            number += 1

    def _well(self) -> None:
        self._over.set()
        self.world.slack.chances = {}
        self.world.platform.faults = {}

    def _speak(self) -> None:
        """One broadcast to everybody, by the API. A draft whose answer was lost is started by nobody."""
        said = {"segment": "role:member", "en": "Ask twice before you say yes.", "zh": "答应之前，先问两遍。"}
        self.broadcast = self._surely("/api/broadcasts", said)["id"]
        with suppress(RefusedError):  # it was started before, and only the answer was lost; the judgement looks whether it was
            self._surely(f"/api/broadcasts/{self.broadcast}/start", {})

    def _surely(self, path: str, said: dict[str, str]) -> dict[str, Any]:
        """As senders do, again until it is answered. Raises RefusedError, and TimeoutError after PATIENCE seconds."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(OSError, http.client.HTTPException):
                return self.traffic.post(path, said, self.traffic.admin)
            time.sleep(0.5)
        raise TimeoutError(path)


def asked_again(traffic: Traffic, said: list[Said]) -> int:
    """How many acknowledged questions of the API get another answer when they are asked again with the same id."""
    return sum(traffic.ask(each, QUESTIONS[int(each.id.partition("-")[2]) % len(QUESTIONS)]) != each.reply for each in said)
