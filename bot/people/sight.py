"""Whom may somebody see? Where this installation serves several workspaces of one channel, only their own people.

Functions take the caller's session and change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot.people.tables import AddressRow, PersonRow, Workspace

Scope = list[str] | None
"""Ids of workspaces; None: the whole house."""


def scope_of(session: Session, person_id: str) -> Scope:
    """The workspaces that this person shares; None: the whole house.

    Where only one workspace a channel is known, this installation is one house. Where there are several (Slack teams
    that know nothing of each other), one sees those whom one shares one with, unless the operator made one without any.
    """
    mine = select(AddressRow.workspace_id).where(AddressRow.person_id == person_id, AddressRow.workspace_id.is_not(None))
    ids = list(dict.fromkeys(filter(None, session.scalars(mine))))
    several = select(Workspace.channel).group_by(Workspace.channel).having(func.count() > 1).limit(1)
    return ids if ids and session.scalar(several) else None


def people_in(scope: Sequence[str]) -> Select[str]:
    """The ids of those who have an address in one of these workspaces."""
    return select(AddressRow.person_id).where(AddressRow.workspace_id.in_(scope))


def sees(session: Session, viewer_id: str, person_id: str) -> PersonRow | None:
    """The person, when the viewer may see them."""
    scope = scope_of(session, viewer_id)
    wanted = select(PersonRow).where(PersonRow.id == person_id)
    return session.scalar(wanted if scope is None else wanted.where(PersonRow.id.in_(people_in(scope))))
