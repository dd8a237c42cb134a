"""Who says what during a soak? Each sender repeats, as its platform does, until it is acknowledged, at any of the web processes.

What was acknowledged stands in `said`, by the id under which the coach has to have answered it once.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import random
import smtplib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.db import writing
from bot.followups import mail_addresses
from bot.messages import Address
from bot.people import directory, keys
from tests.bench.mail import firm
from tests.bench.server import QUESTIONS
from tests.fakes import slack_says as say
from tests.fakes.tencent import push
from tests.mails import mail
from tests.soak.browsers import Browser
from tests.soak.world import ACCOUNTS, World

PEOPLE = 20
RATES = {"api": 0.6, "web": 0.4, "slack": 0.8, "tencent": 0.7, "mail": 0.3, "followup": 0.2}
"""A second: three in all, which leaves two cores room to start processes anew."""
BROWSERS = 6
PATIENCE = 90.0
"""Seconds until a sender gives up: longer than any fault here lasts."""
DUE = dt.timedelta(seconds=15)
"""From the noting of a follow-up to its nudge."""


@dataclass
class Said:
    """One message; times on the monotonic clock, `acknowledged` None: never."""

    kind: str
    id: str
    who: str
    began: float
    tries: int = 0
    acknowledged: float | None = None
    refused: str = ""
    """What it was refused with, which nothing here should be."""
    reply: Any = None


class RefusedError(Exception):
    """A status below 500 other than success and "too many"."""


@dataclass
class Traffic:
    """The senders, a thread a kind and one more for each message that waits."""

    world: World
    seed: int
    said: list[Said] = field(default_factory=list)

    def __post_init__(self) -> None:
        """People: each on Slack, with a key, and with an address for copied mail."""
        self._chance = random.Random(self.seed)
        self._lock = threading.Lock()
        self._waiting: set[threading.Thread] = set()
        self._stop = threading.Event()
        self._loops: list[threading.Thread] = []
        self._xml: dict[str, str] = {}
        self.keys: list[str] = []
        self._mail: list[tuple[str, str]] = []
        self.browsers = [Browser(self.world, self.seed + number) for number in range(BROWSERS)]
        now = self.world.now()
        with writing(self.world.engine) as session:
            self.admin = keys.make_key(session, "operator", now, role="admin")[0]
            for number in range(PEOPLE):
                self.world.slack.person(f"U{number}")
                email = f"anna{number}@acme.test"
                person = directory.add_person(session, now, name=f"Anna {number}", email=email, zone="Europe/Berlin", lang="en")
                directory.add_address(session, person, Address(channel="slack", external_id=f"T1/U{number}", workspace="T1"), now)
                self.keys.append(keys.make_key(session, f"tool {number}", now, person=person)[0])
                self._mail.append((email, f"fu.{mail_addresses.set_token(session, person, now)}@in.coach.test"))

    def start(self) -> None:
        """Begin to speak."""
        for browser in self.browsers:
            browser.open()
        senders = {
            "api": self._api,
            "web": self._page,
            "slack": self._slack,
            "tencent": self._tencent,
            "mail": self._copied,
            "followup": self._followup,
        }
        for kind, send in senders.items():
            self._loops.append(threading.Thread(target=self._pace, args=(kind, send), name=kind, daemon=True))
        for loop in self._loops:
            loop.start()

    def stop(self) -> None:
        """Say nothing new, and wait until everybody was acknowledged or gave up."""
        self._stop.set()
        for loop in self._loops:
            loop.join()
        while self._waiting:
            next(iter(self._waiting)).join(PATIENCE)

    def ask(self, said: Said, text: str) -> dict[str, Any]:
        """The API's answer to this message, asked (again) at any web process. Raises OSError and HTTPException."""
        body = {"text": text, "message_id": said.id, "conversation": said.who}
        return self.post("/api/ask", body, said.who)

    def post(self, path: str, body: object, key: str) -> dict[str, Any]:
        """What the API answers at one of the web processes. Raises OSError and HTTPException."""
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        return json.loads(self._send(path, json.dumps(body).encode(), headers))

    def _pace(self, kind: str, send: Callable[[Said, int], None]) -> None:
        began, number = time.monotonic(), 0
        while not self._stop.wait(max(0.0, began + number / RATES[kind] - time.monotonic())):
            said = Said(kind, f"{kind}-{number}", "", time.monotonic())
            thread = threading.Thread(target=self._until_acknowledged, args=(said, send, number), daemon=True)
            with self._lock:
                self.said.append(said)
                self._waiting.add(thread)
            thread.start()
            number += 1

    def _until_acknowledged(self, said: Said, send: Callable[[Said, int], None], number: int) -> None:
        try:
            while time.monotonic() < said.began + PATIENCE:
                said.tries += 1
                try:
                    send(said, number)
                except (OSError, http.client.HTTPException, httpx.HTTPError, smtplib.SMTPException, AssertionError):
                    time.sleep(min(5.0, 0.5 * said.tries))
                    continue
                except RefusedError as error:
                    said.refused = str(error)
                    return
                said.acknowledged = time.monotonic()
                return
        finally:
            with self._lock:
                self._waiting.discard(threading.current_thread())

    def _web(self) -> tuple[int, int]:
        web = self._chance.choice(self.world.webs)
        return web.port, web.lmtp

    def _send(self, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self._web()[0], timeout=20)
        try:
            connection.request("POST", path, body, headers)
            reply = connection.getresponse()
            told = reply.read()
        finally:
            connection.close()
        if reply.status not in (200, 201):
            if reply.status < 500 and reply.status != 429:
                raise RefusedError(f"{path} answered {reply.status}: {told[:300]!r}")
            raise OSError(f"{path} answered {reply.status}")
        return told

    def _api(self, said: Said, number: int) -> None:
        said.who = self.keys[number % PEOPLE]
        said.reply = self.ask(said, question(number))

    def _page(self, said: Said, number: int) -> None:
        """Every third note asks for a reminder, which comes to the open page."""
        text = question(number) if number % 3 else f"emailed Li{number} about the samples, remind me in 1 minute"
        self.browsers[number % BROWSERS].say(text, said.id, self._send)

    def _slack(self, said: Said, number: int) -> None:
        if said.tries == 1:
            said.who, said.id = f"U{number % PEOPLE}", f"{time.time():.0f}.{number:06d}"
        event = say.event(say.direct(question(number), user=said.who, at=said.id), event_id=f"Ev{number:08d}")
        body = json.dumps(event).encode()  # signed by the real time, which is what signatures are checked by
        self._send("/slack/events", body, say.headers(body))

    def _tencent(self, said: Said, number: int) -> None:
        account, said.who = ACCOUNTS[number % 3 == 2], f"member-{number}"  # each is somebody new, as many are
        if said.tries == 1:
            self.world.platform.members[said.who] = f"李{number}"
            self._xml[said.id] = account.message(question(number), self.world.time(), who=said.who)
        said.reply, _ = push(f"http://127.0.0.1:{self._web()[0]}", account, self._xml[said.id], self.world.time(), cuts=(5.0,))

    def _copied(self, said: Said, number: int) -> None:
        said.who, rcpt = self._mail[number % PEOPLE]
        raw = mail(
            Message_ID=f"<{said.id}@acme.test>", Subject=f"Offer {number}", From=said.who,
            To=f"Buyer {number} <buyer@{firm(number)}.test>", Date=MAIL_DATE,
        )  # fmt: skip
        with smtplib.LMTP("127.0.0.1", self._web()[1], timeout=30) as client:
            client.sendmail(said.who, [rcpt], raw)

    def _followup(self, said: Said, number: int) -> None:
        key = said.who = self.keys[number % PEOPLE]
        ahead = max(process.clock for process in self.world.processes)  # who answers must not find it past
        due = (self.world.now() + dt.timedelta(seconds=ahead) + DUE).isoformat()
        body = {"subject": f"sample {number}", "contact_name": f"Li {number}", "due_at": due, "request_id": said.id, "lang": "en"}
        said.reply = self.post("/api/followups", body, key)["id"]


MAIL_DATE = "Mon, 23 Nov 2026 09:05:00 +0100"


def question(number: int) -> str:
    """What is asked; the same for the same number."""
    return QUESTIONS[number % len(QUESTIONS)]


def acknowledged(said: Sequence[Said], kind: str) -> list[Said]:
    """Those of a kind that got their acknowledgement."""
    return [each for each in said if each.kind == kind and each.acknowledged is not None]
