"""Who did what, when, on what? The trail of roles and broadcasts, without a word of what was said.

Functions take a session of the caller's transaction and commit nothing themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from bot.people.tables import AuditRow, PersonRow


@dataclass(frozen=True)
class Actor:
    """Who acts: a person, the operator at the command line, Slack's word on its admins, or the clock."""

    by: Literal["person", "operator", "slack", "clock"]
    person: PersonRow | None = None

    @classmethod
    def of(cls, person: PersonRow | None) -> Actor:
        """A person, or the operator where none is named."""
        return cls("person", person) if person else OPERATOR


OPERATOR, CLOCK, SLACK = Actor("operator"), Actor("clock"), Actor("slack")


def note(
    session: Session,
    actor: Actor,
    what: str,
    now: dt.datetime,
    *,
    subject: PersonRow | None = None,
    target: str | None = None,
    **details: Any,
) -> None:
    """One line in the trail; `details` are numbers, states and roles only. Commits nothing."""
    row = AuditRow(at=now, by=actor.by, what=what, target=target, details=details)
    row.actor_id, row.subject_id = actor.person.id if actor.person else None, subject.id if subject else None
    session.add(row)
    session.flush()


def trail(
    session: Session, *, target: str | None = None, people: Select[str] | None = None, first: int = 0, most: int = 100
) -> list[dict[str, Any]]:
    """The newest lines, oldest first: of one broadcast, of what these people did or what was done to them.

    `first`: so many newer ones are left out.
    """
    rows = select(AuditRow).where(_about(target, people)).order_by(AuditRow.id.desc())
    found: Sequence[AuditRow] = session.scalars(rows.offset(first).limit(most)).all()
    return [
        {
            "at": row.at.isoformat(),
            "by": row.by,
            "actor": row.actor_id,
            "what": row.what,
            "subject": row.subject_id,
            "target": row.target,
            **row.details,
        }
        for row in reversed(found)
    ]


def number(session: Session, people: Select[str] | None = None) -> int:
    """How many lines there are, of these people or in all."""
    return session.scalar(select(func.count()).select_from(AuditRow).where(_about(None, people))) or 0


def _about(target: str | None, people: Select[str] | None) -> ColumnElement[bool]:
    theirs = true() if people is None else or_(AuditRow.actor_id.in_(people), AuditRow.subject_id.in_(people))
    return and_(AuditRow.target == target if target else true(), theirs)
