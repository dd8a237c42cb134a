"""Where is something due? One look at every lane, however many rows wait in it.

A lane is a priority, a channel, a workspace and perhaps a broadcast: `deliveries.lane`. The query hops from lane to
lane through the index, so a million waiting, paused or paced rows cost as much as one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import String, select, text
from sqlalchemy.orm import Session

from bot.db import Moment
from bot.delivery.tables import HoldRow, PaceRow

_LANES = text("""
WITH RECURSIVE lanes(lane) AS (
  SELECT (SELECT d.lane FROM deliveries d WHERE d.state = 'waiting' AND d.chunk IS NULL ORDER BY d.lane LIMIT 1)
  UNION ALL
  SELECT (SELECT d.lane FROM deliveries d WHERE d.state = 'waiting' AND d.chunk IS NULL AND d.lane > lanes.lane
          ORDER BY d.lane LIMIT 1)
  FROM lanes WHERE lanes.lane IS NOT NULL
)
SELECT lanes.lane AS lane, (SELECT d.due_at FROM deliveries d WHERE d.state = 'waiting' AND d.chunk IS NULL
  AND d.lane = lanes.lane ORDER BY d.due_at LIMIT 1) AS first_due
FROM lanes WHERE lanes.lane IS NOT NULL
""").columns(lane=String(), first_due=Moment())


@dataclass(frozen=True)
class Lane:
    """One lane with something open in it."""

    name: str
    priority: int
    channel: str
    workspace: str
    broadcast_id: str
    first_due: dt.datetime


def open_lanes(session: Session) -> list[Lane]:
    """Every lane with open rows, also those not yet due."""
    found: list[Lane] = []
    for name, first_due in session.execute(_LANES):
        if first_due is not None and name.count("/") == 3:
            priority, channel, workspace, broadcast_id = name.split("/")
            found.append(Lane(name, int(priority), channel, workspace, broadcast_id, first_due))
    return found


def due_lanes(session: Session, now: dt.datetime) -> dict[str, list[Lane]]:
    """Channel → its lanes with something due, first by priority, then by what has waited longest.

    Left out: held broadcasts, and what a vendor asked to leave alone for a while.
    """
    held = set(session.scalars(select(HoldRow.broadcast_id)))
    quiet = set(session.scalars(select(PaceRow.key).where(PaceRow.key.startswith("quiet:"), PaceRow.free_at > now)))
    by_channel: dict[str, list[Lane]] = {}
    for lane in sorted(open_lanes(session), key=lambda lane: (lane.priority, lane.first_due)):
        if lane.first_due <= now and lane.broadcast_id not in held and quiet_key(lane.channel, lane.workspace) not in quiet:
            by_channel.setdefault(lane.channel, []).append(lane)
    return by_channel


def quiet_key(channel: str, workspace: str) -> str:
    """The pace row that keeps a workspace quiet after its vendor asked us to wait."""
    return f"quiet:{channel}/{workspace}"
