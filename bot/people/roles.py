"""Who may do what? Member, curator, admin; every change leaves a line in the audit trail.

Functions take a session of the caller's transaction and commit nothing themselves.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.errors import NotAllowed
from bot.people import audit, directory
from bot.people.audit import Actor
from bot.people.tables import AuditRow, PersonRow

SPEAKS_TO_MANY = frozenset({"curator", "admin"})


def give(session: Session, person: PersonRow, role: str, actor: Actor, now: dt.datetime) -> bool:
    """Give a role; False when it is theirs already. Raises Refused for an unknown one, NotAllowed unless an admin acts."""
    if actor.person and actor.person.role != "admin":
        raise NotAllowed("only an admin gives roles")
    if person.role == role:
        return False
    before = person.role
    directory.set_role(person, role)
    audit.note(session, actor, "role", now, subject=person, role=[before, role])
    return True


def welcome_slack_admin(session: Session, person: PersonRow, now: dt.datetime) -> bool:
    """Slack calls this person an admin of their workspace: so they are one here, unless somebody has decided otherwise."""
    if person.role == "admin" or session.scalar(
        select(exists().where(AuditRow.what == "role", AuditRow.subject_id == person.id))
    ):
        return False
    return give(session, person, "admin", audit.SLACK, now)


def may_speak_to_many(actor: Actor) -> None:
    """Raises NotAllowed for a member."""
    if actor.person and actor.person.role not in SPEAKS_TO_MANY:
        raise NotAllowed("broadcasts are for curators and admins")
