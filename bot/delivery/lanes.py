"""Where is something due? One look at every lane, however many rows wait in it.

A lane is a priority, a channel, a workspace and perhaps a broadcast: `deliveries.lane`. The query hops from lane to
lane through the index, so a million waiting, paused or paced rows cost as much as one; holds, quiet workspaces and
the queue come with it, so that a look is one round trip.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import Integer, String, bindparam, text
from sqlalchemy.orm import Session

from bot.db import Moment
from bot.delivery.tables import URGENT

_LANES = text("""
WITH RECURSIVE lanes(lane) AS (
  SELECT (SELECT d.lane FROM deliveries d WHERE d.state = 'waiting' AND d.chunk IS NULL ORDER BY d.lane LIMIT 1)
  UNION ALL
  SELECT (SELECT d.lane FROM deliveries d WHERE d.state = 'waiting' AND d.chunk IS NULL AND d.lane > lanes.lane
          ORDER BY d.lane LIMIT 1)
  FROM lanes WHERE lanes.lane IS NOT NULL
)
SELECT 'lane' AS what, lanes.lane AS name, (SELECT d.due_at FROM deliveries d WHERE d.state = 'waiting' AND d.chunk IS NULL
  AND d.lane = lanes.lane ORDER BY d.due_at LIMIT 1) AS at, 0 AS number
FROM lanes WHERE lanes.lane IS NOT NULL
UNION ALL SELECT kind, broadcast_id, at, 0 FROM holds
UNION ALL SELECT 'quiet', key, free_at, 0 FROM paces WHERE key >= 'quiet:' AND key < 'quiet;' AND free_at > :now
UNION ALL SELECT CASE WHEN urgent THEN 'queued urgent' ELSE 'queued' END, channel, NULL, count(*) FROM chunks
  WHERE worker IS NULL GROUP BY channel, urgent
""").columns(what=String(), name=String(), at=Moment(), number=Integer())
_LOOK = _LANES.bindparams(bindparam("now", type_=Moment()))


@dataclass(frozen=True)
class Lane:
    """One lane with something open in it."""

    name: str
    priority: int
    channel: str
    workspace: str
    broadcast_id: str
    first_due: dt.datetime

    @property
    def urgent(self) -> bool:
        """Answers and nudges."""
        return self.priority <= URGENT


@dataclass
class Look:
    """What one look saw."""

    due: dict[tuple[str, bool], list[Lane]] = field(default_factory=dict)
    """(channel, urgent) → its lanes with something due, first by priority, then by what has waited longest."""
    queued: Counter[tuple[str, bool]] = field(default_factory=Counter)
    """(channel, urgent) → chunks that nobody has begun."""
    cancelled: list[Lane] = field(default_factory=list)
    """Of cancelled broadcasts, with rows still open."""


def look(session: Session, now: dt.datetime) -> Look:
    """What is due, urgent first. Left out: held broadcasts, and what a vendor asked to leave alone for a while."""
    seen, lanes = Look(), list[Lane]()
    held: dict[str, str] = {}
    quiet: set[str] = set()
    for what, name, at, number in session.connection().execute(_LOOK, {"now": now}):
        if what == "lane":
            lanes += filter(None, [_lane(name, at)])
        elif what == "quiet":
            quiet.add(name)
        elif what.startswith("queued"):
            seen.queued[name, what == "queued urgent"] = number
        else:
            held[name] = what
    seen.cancelled = [lane for lane in lanes if held.get(lane.broadcast_id) == "cancel"]
    for lane in sorted(lanes, key=lambda lane: (lane.priority, lane.first_due)):
        if lane.first_due <= now and lane.broadcast_id not in held and quiet_key(lane.channel, lane.workspace) not in quiet:
            seen.due.setdefault((lane.channel, lane.urgent), []).append(lane)
    return seen


def is_urgent(name: str) -> bool:
    """Whether a lane is of answers or nudges."""
    return name[:1] <= str(URGENT)


def quiet_key(channel: str, workspace: str) -> str:
    """The pace row that keeps a workspace quiet after its vendor asked us to wait."""
    return f"quiet:{channel}/{workspace}"


def _lane(name: str, first_due: dt.datetime | None) -> Lane | None:
    if first_due is None or name.count("/") != 3:
        return None
    priority, channel, workspace, broadcast_id = name.split("/")
    return Lane(name, int(priority), channel, workspace, broadcast_id, first_due)
