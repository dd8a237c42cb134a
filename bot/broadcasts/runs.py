"""What is due begins, once; what runs is watched to its end. Called by every process that does rounds, as often as it likes.

A run is claimed by its unique (broadcast, due time) in the transaction that plans the next one, and fanned out in one
more, so that a process that dies in between leaves it to any other, and two at once change nothing.
"""

from __future__ import annotations

import datetime as dt

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.broadcasts import audience, content, drafts, members, segments, watch
from bot.broadcasts.broadcast_tables import BroadcastRow, RunRow, RunTimeRow
from bot.broadcasts.hours import Begin, due_of
from bot.broadcasts.ports import Ports
from bot.broadcasts.schedule import Plan
from bot.db import reading, writing
from bot.delivery import cards, fan_out
from bot.errors import NotThere, Refused, SendError
from bot.people import audit

log = structlog.get_logger()
AGAIN = dt.timedelta(seconds=30)
"""After that a vendor is asked again who is in a segment."""
MOST = 50
"""Broadcasts or runs of one look."""


def sweep(engine: Engine, ports: Ports, now: dt.datetime) -> int:
    """Begin what is due at `now` and look after what runs; returns how many runs began. Raises Unavailable."""
    with reading(engine) as session:
        due = select(BroadcastRow.id).where(BroadcastRow.next_at <= now, BroadcastRow.state.in_(("scheduled", "running")))
        ids = list(session.scalars(due.order_by(BroadcastRow.next_at).limit(MOST)))
    for broadcast_id in ids:
        with writing(engine) as session:
            _claim(session, broadcast_id, ports, now)
    with reading(engine) as session:
        open_ones = select(RunRow.id, RunRow.state).where(RunRow.ended_at.is_(None), RunRow.try_at <= now).limit(MOST)
        runs = session.execute(open_ones.order_by(RunRow.try_at)).all()
    began = 0
    for run_id, state in runs:
        if state == "starting":
            began += begin(engine, run_id, ports, now)
        else:
            watch.look(engine, run_id, ports, now)
    return began


def begin(engine: Engine, run_id: str, ports: Ports, now: dt.datetime) -> bool:
    """Make a claimed run's deliveries; False when it cannot begin now, or another process was quicker. Commits."""
    with reading(engine) as session:
        run = session.get_one(RunRow, run_id)
        row = session.get_one(BroadcastRow, run.broadcast_id)
    if row.state not in ("scheduled", "running"):
        return False
    try:
        members.refresh(engine, segments.parse(row.segment, ports), row.author_id, ports, now)
    except SendError as error:
        late = now - run.due_at > Plan.read(row.plan or {}).patience()
        log.warning("a segment's members could not be asked for", run=run_id, reason=type(error).__name__)
        with writing(engine) as session:
            _put_off(session, run_id, ports, now, give_up="its members could not be asked for" if late else "")
        return False
    except Refused as error:
        with writing(engine) as session:
            _put_off(session, run_id, ports, now, give_up=str(error)[:200])
        return False
    with writing(engine) as session:
        return _fan_out(session, run_id, ports, now)


def _claim(session: Session, broadcast_id: str, ports: Ports, now: dt.datetime) -> None:
    row = session.get_one(BroadcastRow, broadcast_id, with_for_update=True)
    if row.next_at is None or row.next_at > now or row.state not in ("scheduled", "running"):
        return  # another process has claimed it
    plan = Plan.read(row.plan or {})
    due = plan.due(row.next_at)
    run = RunRow(broadcast_id=row.id, due_at=due.at, wall=due.wall and due.wall.isoformat(timespec="minutes"), try_at=now)
    late = now - due.at > plan.patience()
    run.state = "starting"
    session.add(run)
    session.flush()
    row.next_at = plan.following(max(due.at, now - plan.patience()) if late else due.at).at if plan.again else None
    row.state = row.state if late else "running"
    if late:
        watch.skipped(session, row, run, "it came more than two hours late", ports, now)


def _put_off(session: Session, run_id: str, ports: Ports, now: dt.datetime, *, give_up: str) -> None:
    run = session.get_one(RunRow, run_id, with_for_update=True)
    if run.state != "starting" or run.ended_at:
        return
    run.try_at = now + AGAIN
    if give_up:
        watch.skipped(session, session.get_one(BroadcastRow, run.broadcast_id, with_for_update=True), run, give_up, ports, now)


def _fan_out(session: Session, run_id: str, ports: Ports, now: dt.datetime) -> bool:
    """Everybody's rows by one statement, their cards before them, in the caller's transaction."""
    claimed = select(RunRow).where(RunRow.id == run_id, RunRow.state == "starting", RunRow.ended_at.is_(None))
    run = session.scalar(claimed.with_for_update(skip_locked=True))
    if run is None:
        return False
    row = session.get_one(BroadcastRow, run.broadcast_id, with_for_update=True)
    if row.state not in ("scheduled", "running"):
        return False
    plan = Plan.read(row.plan or {})
    wall = dt.datetime.fromisoformat(run.wall) if run.wall else None
    who = segments.everybody_in(session, segments.parse(row.segment, ports), drafts.author(session, row), row.scope, ports, now)
    reached = audience.reached(who, ports.limits)
    groups = audience.groups(session, reached)
    begins = Begin(run.due_at, wall, plan.again, now, ports.rules.overrides)
    times: dict[tuple[str, str], dt.datetime] = {}
    left = {"off": 0, "late": 0}
    for group in groups:
        at = due_of(begins, group.zone, group.quiet)
        if isinstance(at, str):
            left[at] += group.number
        else:
            times[group.zone, group.quiet] = at
    used = select(RunRow.card).where(RunRow.broadcast_id == row.id, RunRow.card.is_not(None), RunRow.state != "skipped")
    try:
        run.card = content.next_of(row.content, [card for card in session.scalars(used) if card], ports)
        cards.share(session, run.id, content.cards(row.content, run.card, run.id, ports))
    except NotThere as gone:
        watch.skipped(session, row, run, str(gone), ports, now)
        return False
    rows = audience.timed(session, reached, run.id, times)
    run.audience = fan_out.fan_out(session, run.id, rows, now)
    session.execute(RunTimeRow.__table__.delete().where(RunTimeRow.run_id == run.id))  # type: ignore[attr-defined]
    run.opted_out, run.unreachable = audience.left_out(session, who, sum(group.number for group in groups))
    run.off, run.late = left["off"], left["late"]
    run.lanes = audience.lanes([group for group in groups if (group.zone, group.quiet) in times], run.id)
    run.state, run.started_at, run.last_due = "running", now, max(times.values(), default=now)
    audit.note(session, audit.CLOCK, "broadcast.run", now, target=row.id, run=run.id, audience=run.audience)
    log.info("a broadcast began", run=run.id, audience=run.audience, **left)
    return True
