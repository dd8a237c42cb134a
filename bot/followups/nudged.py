"""What became of the last nudge of a follow-up?"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.followups.tables import FollowupEventRow, FollowupRow


def last_nudge(session: Session, row: FollowupRow) -> FollowupEventRow | None:
    """The nudge that is the last thing that happened to it; None when something came of it since, or none was put."""
    since = FollowupEventRow.what.not_in(("noted", "handed_on", "undelivered"))
    newest = select(FollowupEventRow).where(FollowupEventRow.followup_id == row.id, since).order_by(FollowupEventRow.id.desc())
    last = session.scalar(newest.limit(1))
    return last if last and last.what == "nudged" else None


def unheard(session: Session, rows: Iterable[FollowupRow]) -> set[str]:
    """The ids of those whose last nudge reached nobody (see `undelivered`)."""
    told = [row.id for row in rows if row.nudged_at]
    if not told:
        return set()
    newest = select(func.max(FollowupEventRow.id)).where(FollowupEventRow.followup_id.in_(told))
    newest = newest.where(FollowupEventRow.what.in_(("nudged", "undelivered"))).group_by(FollowupEventRow.followup_id)
    lost = select(FollowupEventRow.followup_id).where(FollowupEventRow.id.in_(newest), FollowupEventRow.what == "undelivered")
    return set(session.scalars(lost))
