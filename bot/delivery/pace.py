"""When may the next one go? A token bucket kept as one moment, pure: the time is an argument.

The moment is when the last promised token is paid back ("free at"). One number of state means that a bucket fits in
a database row that all processes share; promising a future slot is the same arithmetic as taking one now.
(`bot.pace` is for buckets within one process.)
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """So many a second, and so many at once after a rest. No second ever sees more than `per_second + burst`."""

    per_second: float
    burst: int = 1

    @property
    def gap(self) -> dt.timedelta:
        """The time that one token takes to come back."""
        return dt.timedelta(seconds=1 / self.per_second)


def room_for(free_at: dt.datetime | None, now: dt.datetime, rate: Rate) -> int:
    """How many may go at this moment."""
    if free_at is None or free_at <= now:
        return rate.burst
    return max(0, int((now - free_at + rate.burst * rate.gap) / rate.gap))


def taken(free_at: dt.datetime | None, now: dt.datetime, rate: Rate, count: int = 1) -> dt.datetime:
    """The bucket after `count` tokens were taken or promised."""
    return max(free_at or now, now) + count * rate.gap


def slot(free_at: dt.datetime | None, now: dt.datetime, rate: Rate) -> dt.datetime:
    """The first moment at which one more may go; `now` when it may go at once."""
    if free_at is None or free_at <= now:
        return now
    return max(now, free_at - (rate.burst - 1) * rate.gap)
