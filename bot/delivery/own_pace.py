"""May a channel send this many messages now? For limits of single messages that a vendor enforces by dropping silently.

The sweep paces deliveries; a delivery may be several messages, and answers do not go through the sweep. So an adapter
asks here, for what it is about to send; the buckets are the same rows, shared by all processes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import Engine

from bot.db import writing
from bot.delivery.pace import Rate
from bot.delivery.sweep import Paces


def take(engine: Engine, rates: Mapping[str, Rate], number: int, now: dt.datetime) -> float:
    """Seconds to wait until `number` may go in every bucket; 0.0 takes them. Commits.

    More than a bucket's burst counts as the burst.
    """
    with writing(engine) as session:
        paces = Paces(session, now)
        paces.load(rates)
        if all(paces.room(key, rate) >= min(number, rate.burst) for key, rate in rates.items()):
            for key, rate in rates.items():
                paces.take(key, rate, number)
            paces.store()
            return 0.0
        return max(_wait(paces, key, rate, number) for key, rate in rates.items())


def _wait(paces: Paces, key: str, rate: Rate, number: int) -> float:
    missing = min(number, rate.burst) - paces.room(key, rate)
    return max(1.0, (paces.slot(key, rate) - paces.now).total_seconds() + (missing - 1) / rate.per_second) if missing > 0 else 0.0
