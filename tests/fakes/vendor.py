"""A recording vendor: a small HTTP server that keeps every message that arrived, and a channel that speaks to it.

The server may run in a process of its own (`python -m tests.fakes.vendor PORT`), so that it survives what the crash
test kills. Faults are chosen by the server: for one key (`fail`) or for a share of all messages (`chances`).
"""

from __future__ import annotations

import http.client
import json
import random
import sys
import threading
import time
from collections import Counter

from bot.channel import Limits, Receipt
from bot.errors import InDoubt, Rejected, TryLater, Unreachable
from bot.messages import Address, Card
from tests.fakes.serving import Quiet, serve

FAULTS = ("later", "drop", "slow", "refuse", "gone", "vanish")
"""429 with a wait; the connection dropped after the write; slow; content refused; address gone; dropped before the write."""


class Vendor:
    """The server: `arrived` counts what people got, `asked` what was asked of it, by key."""

    def __init__(self, port: int = 0, *, seed: int = 0) -> None:
        self.arrived: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.order: list[tuple[float, str, str]] = []
        self.fail: dict[str, list[str]] = {}
        self.chances: dict[str, float] = {}
        self.wait, self.slowness = 2.0, 0.3
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        vendor = self

        class Handler(Quiet):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path == "/chances":
                    vendor.chances = given
                    return self._reply(200, {})
                status, told, headers = vendor._send(given)
                if status == 0:
                    self.close_connection = True
                    return None
                return self._reply(status, told, headers)

            def do_GET(self) -> None:
                if self.path == "/arrived":
                    return self._reply(200, vendor.arrived)
                key = self.path.removeprefix("/find/")
                return self._reply(200, {"id": f"v-{key}" if vendor.arrived[key] else None})

            def _reply(self, status: int, told: object, headers: dict[str, str] | None = None) -> None:
                self.send(status, json.dumps(told).encode(), headers)

        self._server = serve(Handler, port)
        self.port = self._server.server_address[1]

    def _send(self, given: dict[str, str]) -> tuple[int, dict[str, str], dict[str, str]]:
        key = given["key"]
        with self._lock:
            self.asked[key] += 1
            queue = self.fail.get(key, self.fail.get(given["to"], []))
            fault = queue.pop(0) if queue else self._by_chance()
            if fault == "later":
                return 429, {}, {"Retry-After": str(self.wait)}
            if fault in ("refuse", "gone"):
                return (422 if fault == "refuse" else 404), {}, {}
            if fault == "vanish":
                return 0, {}, {}
            if given["kind"] != "keyed" or not self.arrived[key]:  # a vendor with keys drops the second
                self.arrived[key] += 1
                self.order.append((time.monotonic(), given["to"], key))
        if fault == "slow":
            time.sleep(self.slowness)
        return (0, {}, {}) if fault == "drop" else (200, {"id": f"v-{key}"}, {})

    def _by_chance(self) -> str:
        drawn = self._random.random()
        for fault, chance in self.chances.items():
            if drawn < chance:
                return fault
            drawn -= chance
        return ""

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class FakeChannel:
    """A channel over the vendor. kind: lookup (can tell whether it arrived), keyed (drops a second one), neither."""

    def __init__(self, kind: str, port: int, *, timeout: float = 2.0, per_second: float | None = None) -> None:
        self.name = kind
        self.limits = Limits(
            longest_text=4_000,
            text_unit="characters",
            most_buttons=5,
            per_second=per_second,
            can_look_up=kind == "lookup",
            takes_key=kind == "keyed",
        )
        self._port, self._timeout = port, timeout
        self._mine = threading.local()
        self.found = 0

    def send(self, address: Address, card: Card, key: str) -> Receipt:
        """See Channel."""
        body = json.dumps({"kind": self.name, "key": key, "to": address.external_id, "text": card.text})
        status, told, wait = self._ask("POST", "/send", body)
        if status == 429:
            raise TryLater(wait)
        if status == 404:
            raise Unreachable
        if status == 422:
            raise Rejected
        return Receipt(vendor_id=told["id"])

    def find(self, key: str) -> Receipt | None:
        """See Channel."""
        assert self.limits.can_look_up, "asked a vendor that cannot tell"
        self.found += 1
        _, told, _ = self._ask("GET", f"/find/{key}")
        return Receipt(vendor_id=told["id"]) if told["id"] else None

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, dict, float]:
        try:
            if not getattr(self._mine, "connection", None):
                self._mine.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._timeout)
                self._mine.connection.connect()
        except OSError:
            self._mine.connection = None
            raise TryLater(1.0) from None
        try:
            self._mine.connection.request(method, path, body)
            reply = self._mine.connection.getresponse()
            told = json.loads(reply.read())
            return reply.status, told, float(reply.headers.get("Retry-After", 0))
        except (OSError, http.client.HTTPException) as error:
            self._mine.connection.close()
            self._mine.connection = None
            raise InDoubt from error


if __name__ == "__main__":
    server = Vendor(int(sys.argv[1]), seed=int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    print(server.port, flush=True)
    sys.stdin.read()
