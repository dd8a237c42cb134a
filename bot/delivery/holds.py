"""May a broadcast go on? Pausing and cancelling are one row that the sweep and every chunk read, whatever its size."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from bot.db import insert_into, reading, writing
from bot.delivery.lanes import look, quiet_key
from bot.delivery.progress import count, progress
from bot.delivery.tables import OPEN, DeliveryRow, HoldRow, PaceRow
from bot.errors import Refused

FIRST, MOST_FAILED = 100, 20
"""A broadcast stops itself when so many of its first hundred fail or stay in doubt."""
TRIMMED = 1_000
"""Rows of a cancelled broadcast that are closed in one transaction."""


def pause(session: Session, broadcast_id: str, now: dt.datetime) -> None:
    """Nothing more of it is sent until `resume`; what is on its way arrives. Twice is as once. Refused when cancelled."""
    if hold := session.get(HoldRow, broadcast_id):
        if hold.kind == "cancel":
            raise Refused("this broadcast is cancelled")
        hold.kind = "pause"
        session.flush()
        return
    session.add(HoldRow(broadcast_id=broadcast_id, kind="pause", at=now))
    session.flush()


def resume(session: Session, broadcast_id: str) -> None:
    """Go on. Nothing happens when it is not paused; Refused when it is cancelled."""
    hold = session.get(HoldRow, broadcast_id)
    if hold and hold.kind == "cancel":
        raise Refused("this broadcast is cancelled")
    if hold:
        session.delete(hold)
        session.flush()


def cancel(session: Session, broadcast_id: str, now: dt.datetime) -> None:
    """Nothing more of it is ever sent; its rows are closed bit by bit (`trim`). Twice is as once."""
    if hold := session.get(HoldRow, broadcast_id):
        hold.kind, hold.at = "cancel", now
    else:
        session.add(HoldRow(broadcast_id=broadcast_id, kind="cancel", at=now))
    session.flush()


def stop_failing(session: Session, broadcast_id: str, ended_now: int, now: dt.datetime) -> None:
    """Hold a broadcast until `resume` when too many of its first hundred have failed. Commits nothing.

    `ended_now` deliveries were counted in this transaction: they still belong to the first hundred when fewer than that
    had ended before them.
    """
    so_far = progress(session, broadcast_id)
    failed = so_far.failed + so_far.in_doubt
    if failed >= MOST_FAILED and failed + so_far.sent - ended_now < FIRST:
        hold = insert_into(HoldRow, session.get_bind().dialect.name).values(broadcast_id=broadcast_id, kind="stop", at=now)
        session.execute(hold.on_conflict_do_nothing())  # somebody may have paused it, or another chunk found the same


def trim(engine: Engine, now: dt.datetime) -> int:
    """Close some waiting rows of cancelled broadcasts; returns how many. The reaper calls it until none are left."""
    with reading(engine) as session:
        some = session.scalar(select(HoldRow.broadcast_id).where(HoldRow.kind == "cancel").limit(1))
        lanes = look(session, now).cancelled if some else []
    closed = 0
    for lane in lanes:
        with writing(engine) as session:
            open_rows = select(DeliveryRow.id).where(OPEN, DeliveryRow.lane == lane.name)
            ids = session.scalars(open_rows.limit(TRIMMED).with_for_update(skip_locked=True)).all()
            values = {"state": "cancelled", "moved_at": now}
            session.execute(update(DeliveryRow).where(DeliveryRow.id.in_(ids)).values(values))
            count(session, "cancel", {(lane.broadcast_id, "cancelled"): len(ids)})
        closed += len(ids)
    return closed


def silence(session: Session, channel: str, workspace_id: str, now: dt.datetime) -> None:
    """Send nothing to a workspace that took its leave back: what waits, waits until `speak_again`. Twice is as once.

    What a chunk has taken and not begun is withdrawn from it: sent without leave, it would fail.
    """
    its = DeliveryRow.lane.like(f"_/{channel}/{workspace_id}/%")
    taken = update(DeliveryRow).where(DeliveryRow.chunk.is_not(None), DeliveryRow.state == "waiting", its).values(chunk=None)
    session.execute(taken.execution_options(synchronize_session=False))
    row = session.get(PaceRow, quiet_key(channel, workspace_id))
    if row is None:
        row = PaceRow(key=quiet_key(channel, workspace_id))
        session.add(row)
    row.free_at = now + dt.timedelta(days=36_500)
    session.flush()


def speak_again(session: Session, channel: str, workspace_id: str) -> None:
    """Send again, what has waited too. Nothing happens when it was not silent."""
    if row := session.get(PaceRow, quiet_key(channel, workspace_id)):
        session.delete(row)
        session.flush()
