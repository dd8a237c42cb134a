"""What does the house say of itself to whoever watches it? Numbers for Prometheus: of this process, and of the database.

No label holds a person, an address or a word that somebody said.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select

from bot import __version__, metrics
from bot.conversations.tables import ArrivalRow
from bot.db import reading
from bot.delivery import depth
from bot.errors import Unavailable
from bot.followups import due
from bot.people import installations
from bot.settings import Settings
from bot.vendors import quotas, tokens
from bot.wiring_ground import Clock
from bot.wiring_ledger import most_of

LEAST_FREE = 64 * 1024 * 1024
"""Bytes free below the data folder; with less the house says that it is not ready, while there is still room to act."""
Families = Iterator[GaugeMetricFamily]


class Watched(Protocol):
    """What is looked at: the assembled app."""

    @property
    def settings(self) -> Settings: ...  # noqa: D102 - as bot.wiring.App has it
    @property
    def engine(self) -> Engine: ...  # noqa: D102 - as above
    @property
    def now(self) -> Clock: ...  # noqa: D102 - as above
    def ready(self) -> dict[str, str]: ...  # noqa: D102 - as above


class House(Collector):
    """Asks the database at each look; while that is away, only the parts say so."""

    def __init__(self, app: Watched) -> None:
        self._app = app

    def collect(self) -> Families:
        """Gauges; never raises for a database that is away."""
        parts = GaugeMetricFamily("caucus_part_ready", "1: this part of the process is ready", labels=["part"])
        for part, state in self._app.ready().items():
            parts.add_metric([part], float(state == "ok"))
        yield parts
        version = GaugeMetricFamily("caucus_version", "Always 1; the version is the label", labels=["version"])
        version.add_metric([__version__], 1)
        yield version
        yield GaugeMetricFamily("caucus_disk_free_bytes", "Free below the data folder", value=free(self._app.settings.data_dir))
        try:
            yield from [*self._outbox(), *self._waiting(), *self._vendors()]
        except Unavailable:
            return

    def _outbox(self) -> Families:
        now = self._app.now()
        with reading(self._app.engine) as session:
            found, troubled = depth.depth(session, now), depth.troubled(session, now)
        labels = ["channel", "kind", "state"]
        number = GaugeMetricFamily("caucus_outbox_deliveries", "Deliveries that are not over", labels=labels)
        late = GaugeMetricFamily("caucus_outbox_late_seconds", "Since the oldest of them was due", labels=labels)
        for names, each in found.items():
            number.add_metric(names, each.number)
            late.add_metric(names, each.late)
        ended = GaugeMetricFamily("caucus_troubled_deliveries", "Failed or in doubt, of 30 days", labels=["channel", "state"])
        for names, count in troubled.items():
            ended.add_metric(names, count)
        yield from (number, late, ended)

    def _waiting(self) -> Families:
        now = self._app.now()
        with reading(self._app.engine) as session:
            oldest_due = due.longest_due(session)
            rows = select(ArrivalRow.channel, func.count(), func.min(ArrivalRow.arrived_at)).group_by(ArrivalRow.channel)
            arrivals = session.execute(rows.where(ArrivalRow.open_at.is_not(None))).all()
        yield GaugeMetricFamily("caucus_nudge_lag_seconds", "Since the oldest follow-up was due", value=_seconds(now, oldest_due))
        number = GaugeMetricFamily("caucus_arrivals", "Told by a vendor and not answered yet", labels=["channel"])
        late = GaugeMetricFamily("caucus_arrival_late_seconds", "Since the oldest of them came", labels=["channel"])
        for channel, count, oldest in arrivals:
            number.add_metric([channel], count)
            late.add_metric([channel], _seconds(now, oldest))
        yield from (number, late)

    def _vendors(self) -> Families:
        now, most = self._app.now(), most_of(self._app.settings)
        used = GaugeMetricFamily("caucus_quota_used", "Calls in the vendor's day or month", labels=["channel", "call"])
        left = GaugeMetricFamily("caucus_quota_left", "Calls left, where the most is known", labels=["channel", "call"])
        for name, number in quotas.today(self._app.engine, "", now).items():
            channel, _, call = name.partition(" ")
            used.add_metric([channel, call], number)
            if name in most:
                left.add_metric([channel, call], most[name] - number)
        ends = GaugeMetricFamily(
            "caucus_token_expires_seconds", "Until the first access token ends; below 0: over", labels=["channel"]
        )
        with reading(self._app.engine) as session:
            workspaces = installations.token_ends(session)
        for channel, at in (tokens.ends(self._app.engine) | workspaces).items():
            ends.add_metric([channel], (at - now).total_seconds())
        yield from (used, left, ends)


def exposition(app: Watched) -> bytes:
    """Everything, in Prometheus's text format."""
    return generate_latest(metrics.registry(House(app)))


def disk(folder: Path) -> str:
    """What is wrong with the data folder's disk, or "ok"."""
    if folder.exists() and not os.access(folder, os.W_OK):
        return "the data folder cannot be written"
    return "ok" if free(folder) >= LEAST_FREE else f"less than {LEAST_FREE // 1024**2} MB are free for the data folder"


def free(folder: Path) -> int:
    """Bytes free where the data folder is or will be."""
    return shutil.disk_usage(next(place for place in (folder, *folder.resolve().parents) if place.exists())).free


def _seconds(now: dt.datetime, since: dt.datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
