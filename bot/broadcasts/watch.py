"""How is a run doing? To its end, to a stop of its own when too many fail, or to the moment when it is too late to go on."""

from __future__ import annotations

import datetime as dt

import structlog
from sqlalchemy import Engine, exists, func, select
from sqlalchemy.orm import Session

from bot.broadcasts.broadcast_tables import BroadcastRow, RunRow
from bot.broadcasts.ports import Ports
from bot.db import reading, writing
from bot.delivery import holds, outbox
from bot.delivery.progress import count, progress
from bot.delivery.tables import OPEN, DeliveryRow, HoldRow
from bot.messages import Card, Lang
from bot.people import audit
from bot.people.tables import AddressRow, PersonRow

log = structlog.get_logger()
TOO_OLD = dt.timedelta(days=1)
"""What has not been sent so long after the last was due is not sent any more."""
EXPIRED = "what could not be sent within a day was dropped"
STOPPED = "too many of the first hundred failed"
SAID: dict[str, dict[Lang, str]] = {
    "skipped": {
        "en": "Your broadcast of {when} was not sent: {why}. Nobody got it.",
        "zh": "原定{when}发送的群发没有发出，没有人收到。原因：{why}。",
    },
    "stopped": {
        "en": "Your broadcast stopped itself: {failed} of the first {ended} could not be delivered. See why before resuming.",
        "zh": "群发已自动停止：前 {ended} 条里有 {failed} 条没有送达。请先查看原因，再决定是否继续。",
    },
}


def look(engine: Engine, run_id: str, ports: Ports, now: dt.datetime) -> None:
    """Note that a run has ended or stopped; most looks only read. Commits when something changed."""
    with reading(engine) as session:
        run = session.get_one(RunRow, run_id)
        hold = session.get(HoldRow, run_id)
        waiting = progress(session, run_id).waiting
        stops = hold is not None and hold.kind == "stop" and run.state == "running"
        over = not stops and (waiting <= 0 or _nothing_moves(session, run))
        expired = run.last_due is not None and now > run.last_due + TOO_OLD and not (hold and hold.kind == "cancel")
    if not (stops or over or expired):
        return
    with writing(engine) as session:
        row = session.get_one(BroadcastRow, run.broadcast_id, with_for_update=True)
        run = session.get_one(RunRow, run_id, with_for_update=True)
        if run.ended_at:
            return
        if over:
            _end(session, row, run, now)
        elif stops:
            _stop(session, row, run, ports, now)
        elif expired:
            run.reason = EXPIRED
            holds.cancel(session, run.id, now)


def skipped(session: Session, row: BroadcastRow, run: RunRow, why: str, ports: Ports, now: dt.datetime) -> None:
    """A run that never began; its author is told. Commits nothing."""
    run.state, run.reason, run.ended_at = "skipped", why, now
    row.state = "scheduled" if row.next_at else "stopped"
    audit.note(session, audit.CLOCK, "broadcast.skip", now, target=row.id, run=run.id)
    log.warning("a broadcast was skipped", run=run.id)
    when = run.wall or run.due_at.isoformat(timespec="minutes")
    tell_author(session, row, "skipped", ports, now, when=when.replace("T", " "), why=why)


def tell_author(session: Session, row: BroadcastRow, what: str, ports: Ports, now: dt.datetime, **values: object) -> None:
    """One line to whoever wrote it, where they can be reached. Commits nothing."""
    author = session.get(PersonRow, row.author_id) if row.author_id else None
    if author is None:
        return
    mine = select(AddressRow).where(AddressRow.person_id == author.id, AddressRow.channel.in_(sorted(ports.limits)))
    newest = mine.where(AddressRow.left_at.is_(None)).order_by(
        AddressRow.preferred.desc(), func.coalesce(AddressRow.heard_at, AddressRow.created_at).desc()
    )
    if address := session.scalar(newest.limit(1)):
        lang: Lang = "zh" if author.lang == "zh" else "en"
        card = Card(id="broadcast-told", kind="notice", lang=lang, text=SAID[what][lang].format(**values))
        outbox.put(session, address, card, now, "nudge", now)


def _nothing_moves(session: Session, run: RunRow) -> bool:
    """Whether nothing of it waits to be sent or is on its way: what is left waits for its reader, or was erased with them."""
    if any(session.scalar(select(exists().where(OPEN, DeliveryRow.lane == lane))) for lane in run.lanes or ()):
        return False
    taken = exists().where(DeliveryRow.chunk.is_not(None), DeliveryRow.broadcast_id == run.id)
    on_its_way = exists().where(DeliveryRow.state == "sending", DeliveryRow.broadcast_id == run.id)
    return not session.scalar(select(taken)) and not session.scalar(select(on_its_way))


def _end(session: Session, row: BroadcastRow, run: RunRow, now: dt.datetime) -> None:
    held = session.scalar(select(func.count()).where(DeliveryRow.state == "held", DeliveryRow.broadcast_id == run.id))
    if erased := progress(session, run.id).waiting - (held or 0):
        count(session, "erased", {(run.id, "put"): -erased})
    hold = session.get(HoldRow, run.id)
    cancelled = hold is not None and hold.kind == "cancel" and run.reason != EXPIRED
    run.state, run.ended_at = ("cancelled" if cancelled else "done"), now
    if row.state in ("running", "stopped", "paused") and not _others(session, row, run):
        paused = row.state == "paused" and row.next_at
        row.state = "paused" if paused else "scheduled" if row.next_at else "done"
    row.changed_at = now
    audit.note(session, audit.CLOCK, "broadcast.end", now, target=row.id, run=run.id, state=run.state)


def _stop(session: Session, row: BroadcastRow, run: RunRow, ports: Ports, now: dt.datetime) -> None:
    so_far = progress(session, run.id)
    run.state, run.reason = "stopped", STOPPED
    row.state, row.changed_at = "stopped", now
    failed = so_far.failed + so_far.in_doubt
    audit.note(session, audit.CLOCK, "broadcast.stop", now, target=row.id, run=run.id, failed=failed)
    tell_author(session, row, "stopped", ports, now, failed=failed, ended=failed + so_far.sent)


def _others(session: Session, row: BroadcastRow, run: RunRow) -> bool:
    return bool(
        session.scalar(select(exists().where(RunRow.broadcast_id == row.id, RunRow.id != run.id, RunRow.ended_at.is_(None))))
    )
