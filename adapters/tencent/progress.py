"""Which parts of a delivery has the platform taken already? So that a second try in this process goes on, not begins again."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from adapters.tencent.api import ENOUGH
from bot.errors import TryLater

MOST = 1_000
"""Deliveries remembered; another process begins again, which the person may see as a repeated first part."""


class Progress:
    """Parts sent, by delivery. Safe to share between threads."""

    def __init__(self) -> None:
        self._sent: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def sent(self, key: str) -> int:
        """How many parts of it were taken."""
        with self._lock:
            return self._sent.get(key, 0)

    def send_rest(self, key: str, parts: Sequence[Any], send: Callable[[Any], str]) -> str:
        """Send what is left of the parts in order; returns the vendor's id of the last. An error leaves the rest for later."""
        name, began = "", time.monotonic()
        for number in range(self.sent(key), len(parts)):
            if time.monotonic() - began > ENOUGH:
                raise TryLater(1, "the platform is slow")
            name = send(parts[number])
            with self._lock:
                self._sent[key] = number + 1
                if len(self._sent) > MOST:
                    self._sent.popitem(last=False)
        with self._lock:
            self._sent.pop(key, None)
        return name
