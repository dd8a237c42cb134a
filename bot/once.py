"""What costs seconds is made once, however many threads ask for it at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Once(Generic[Made]):
    """Call it: the first call makes it, the others wait for that one. When making fails, the next call tries again.

    `functools.cache` lets all who come meanwhile make one of their own: after a crash eight threads with kept messages
    opened eight understandings, for minutes and a gigabyte.
    """

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make, self._made, self._lock = make, list[Made](), threading.Lock()

    def __call__(self) -> Made:
        """What was made. Raises what making raises."""
        if not self._made:
            with self._lock:
                if not self._made:
                    self._made.append(self._make())
        return self._made[0]
