"""A long card goes as several messages: those that the platform has taken are not sent again, whoever makes the next try."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from adapters.tencent.api import ENOUGH
from bot.errors import SendError, TryLater


def send_rest(messages: Sequence[Any], taken: int, send: Callable[[Any], str]) -> str:
    """Send all but the first `taken`, in order; returns the vendor's id of the last. An error tells how many are taken then."""
    name, began = "", time.monotonic()
    for number in range(taken, len(messages)):
        try:
            if time.monotonic() - began > ENOUGH:
                raise TryLater(1, "the platform is slow")
            name = send(messages[number])
        except SendError as error:
            error.taken = number
            raise
    return name
