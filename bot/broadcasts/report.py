"""How far is it, and what came of it? From counters, whatever the number of people; the report adds what readers did."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.broadcasts.broadcast_tables import BroadcastRow, BroadcastVoteRow, RunRow
from bot.broadcasts.ports import Ports
from bot.broadcasts.watch import EXPIRED
from bot.delivery.progress import Progress, progress, reasons
from bot.people import audit

FOLLOWED = dt.timedelta(days=3)
"""Questions within that time count as ones that followed."""
MOST_REASONS = 20


def told(session: Session, row: BroadcastRow) -> dict[str, Any]:
    """What stands in the list."""
    return {
        "id": row.id,
        "state": row.state,
        "segment": row.segment,
        "says": row.content,
        "version": row.version,
        "author": row.author_id,
        "approver": row.approver_id,
        "approved": row.approved_version == row.version,
        "plan": row.plan,
        "next_at": row.next_at.isoformat() if row.next_at else None,
        "created_at": row.created_at.isoformat(),
        "runs": session.scalar(select(func.count()).where(RunRow.broadcast_id == row.id)) or 0,
    }


def status(session: Session, row: BroadcastRow, now: dt.datetime) -> dict[str, Any]:
    """The live numbers, of all its runs together and of each of the last ten."""
    runs = list(session.scalars(select(RunRow).where(RunRow.broadcast_id == row.id).order_by(RunRow.due_at)))
    numbers, why = Counter[str](), Counter[str]()
    each: list[dict[str, Any]] = []
    for run in runs:
        counted = progress(session, run.id)
        its = _numbers(run, counted)
        numbers.update(its)
        for (_, reason), number in reasons(session, run.id).items():
            why[reason or "no reason given"] += number
        if lost := _lost(run, counted):
            why[EXPIRED] += lost
        times = {"due_at": run.due_at.isoformat(), "local": run.wall, "ended_at": run.ended_at and run.ended_at.isoformat()}
        each.append({"run": run.id, "state": run.state, "reason": run.reason, "card": run.card, **times, **its})
    names = ("audience", "waiting", "sent", "in_doubt", "failed", "opted_out", "cancelled", "off", "late", "unreachable")
    return {
        **told(session, row),
        **{name: numbers[name] for name in names},
        "reasons": dict(why.most_common(MOST_REASONS)),
        "at": now.isoformat(),
        "each": each[-10:],
    }


def report(session: Session, row: BroadcastRow, ports: Ports, now: dt.datetime) -> dict[str, Any]:
    """The numbers, what readers thought and asked, and who did what."""
    found = status(session, row, now)
    runs = session.scalars(select(RunRow).where(RunRow.broadcast_id == row.id, RunRow.started_at.is_not(None))).all()
    useful = not_useful = questions = 0
    for run in runs:
        votes = select(BroadcastVoteRow.useful, func.count()).where(BroadcastVoteRow.run_id == run.id)
        own = dict(session.execute(votes.group_by(BroadcastVoteRow.useful)).all())
        since = run.started_at or run.due_at
        card = (run.card or "").partition("/")[0]
        more = ports.card_votes(session, run.id, card, since) if card else (0, 0)
        useful, not_useful = useful + own.get(True, 0) + more[0], not_useful + own.get(False, 0) + more[1]
        questions += ports.questions(session, run.id, since, min(now, (run.last_due or since) + FOLLOWED))
    return {
        **found,
        "reach": found["sent"],
        "useful": useful,
        "not_useful": not_useful,
        "questions": questions,
        "trail": audit.trail(session, target=row.id),
    }


def listed(session: Session, scope: list[str] | None, author_id: str | None, most: int = 100) -> list[dict[str, Any]]:
    """The newest broadcasts that somebody of this scope may see."""
    rows = session.scalars(select(BroadcastRow).order_by(BroadcastRow.created_at.desc(), BroadcastRow.id).limit(10 * most))
    mine = [
        row
        for row in rows
        if scope is None or row.author_id == author_id or (row.scope is not None and set(row.scope) <= set(scope))
    ]
    return [told(session, row) for row in mine[:most]]


def _numbers(run: RunRow, so_far: Progress) -> Counter[str]:
    lost = _lost(run, so_far)
    return Counter(
        {
            "audience": run.audience,
            "waiting": max(0, so_far.waiting),
            "sent": so_far.sent,
            "in_doubt": so_far.in_doubt,
            "failed": so_far.failed + lost,
            "opted_out": run.opted_out + run.withdrawn,
            "cancelled": so_far.cancelled - run.withdrawn - lost,
            "off": run.off,
            "late": run.late,
            "unreachable": run.unreachable,
        }
    )


def _lost(run: RunRow, so_far: Progress) -> int:
    return so_far.cancelled - run.withdrawn if run.reason == EXPIRED else 0
