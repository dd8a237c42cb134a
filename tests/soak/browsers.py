"""Browsers with the page open: each keeps its cookie, hears what comes unasked, and comes back when the stream breaks off."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.soak.world import World

LOST = (OSError, http.client.HTTPException, ValueError)
"""What a fault looks like from a browser."""
RETRY = 1.0
STILL = 40.0
"""Seconds without a sign of life after which the connection is given up; the server gives one every fifteen."""


@dataclass
class Browser:
    """One browser. `seen` are the deliveries that were put on its page."""

    world: World
    seed: int
    cookie: str = ""
    seen: set[str] = field(default_factory=set[str])
    breaks: int = 0
    """How often its stream broke off."""
    _last: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def open(self) -> None:
        """Load the page for the first time, then listen until `close`."""
        while not self.cookie:
            try:
                with_cookie = self._ask("GET", "/")
                self.cookie = "; ".join(part.partition(";")[0] for part in with_cookie.headers.get_all("set-cookie") or ())
            except LOST:
                time.sleep(RETRY)
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._stop.set()

    def say(self, text: str, message_id: str, send: Callable[[str, bytes, dict[str, str]], bytes]) -> bytes:
        """Send one message as the page's script does; the answer's HTML."""
        headers = {**self._headers(), "Content-Type": "application/x-www-form-urlencoded", "X-Caucus": "fragment"}
        return send("/chat", urlencode({"text": text, "message_id": message_id, "zone": "Europe/Berlin"}).encode(), headers)

    def _headers(self) -> dict[str, str]:
        return {"Sec-Fetch-Site": "same-origin"} | ({"Cookie": self.cookie} if self.cookie else {})

    def _ask(self, method: str, path: str, more: dict[str, str] | None = None) -> http.client.HTTPResponse:
        web = self._chance.choice(self.world.webs)
        connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=STILL)
        connection.request(method, path, headers={**self._headers(), **(more or {})})
        reply = connection.getresponse()
        if reply.status != 200:
            reply.close()
            raise http.client.HTTPException(f"{path} answered {reply.status}")
        return reply

    def _listen(self) -> None:
        while not self._stop.wait(RETRY):
            try:
                with self._ask("GET", "/events", {"Last-Event-ID": self._last} if self._last else None) as stream:
                    self._hear(stream)
            except LOST:
                self.breaks += 1

    def _hear(self, stream: http.client.HTTPResponse) -> None:
        event: dict[str, str] = {}
        while not self._stop.is_set() and (line := stream.readline()):
            name, _, value = line.decode().rstrip("\r\n").partition(":")
            if name:
                event[name] = value.strip()
                continue
            if "data" in event:  # an event is whole with its empty line
                self.seen.add(json.loads(event["data"])["delivery"])
                self._last = event.get("id", self._last)
            event = {}
