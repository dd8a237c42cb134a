"""How often may it happen? A token bucket, pure: the time is an argument.

One bucket for a key, an address, a room or a workspace; nothing here sleeps or counts by itself.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass


@dataclass
class Bucket:
    """Holds up to `burst` tokens and gains `rate` a second; each event takes one."""

    rate: float
    burst: float
    tokens: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until the next event may happen; 0.0 takes a token now. `now` in seconds of a monotonic clock."""
        self.tokens = min(self.burst, self.tokens + max(0.0, now - self.at) * self.rate)
        self.at = max(now, self.at)
        if self.tokens >= 1:
            self.tokens -= 1
            return 0.0
        return (1 - self.tokens) / self.rate


class Pace:
    """Buckets by key, the least used forgotten first: a stranger with many names cannot fill the memory."""

    def __init__(self, rate: float, burst: float, *, most_keys: int = 10_000) -> None:
        self._rate, self._burst, self._most = rate, burst, most_keys
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """Seconds until this key may act again; 0.0 means now, and counts."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self._rate, self._burst, self._burst, now)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        return bucket.wait(now)
