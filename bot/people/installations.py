"""Which workspaces let us in? Their tokens (encrypted), whether they still do, and installations under way.

Functions take a session of the caller's transaction and commit nothing themselves.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from bot.channel import Installed
from bot.people import directory
from bot.people.tables import AddressRow, Installation, InstallState, PersonRow, Workspace

CLOCKS_DIFFER = dt.timedelta(seconds=2)
STATE_LIVES = dt.timedelta(minutes=10)
ROTATION_LEASE = dt.timedelta(seconds=60)
"""How long one process may take to change a token before another tries."""


def save(session: Session, channel: str, installed: Installed, now: dt.datetime) -> Workspace:
    """Keep (or renew) a workspace's leave; one that was removed works again. Returns its workspace."""
    workspace = directory.workspace(session, channel, installed.workspace, now)
    row = session.get(Installation, workspace.id)
    if row is None:
        row = Installation(workspace_id=workspace.id, installed_at=now)
        session.add(row)
    row.installed_at = now
    _keep(row, installed)
    session.flush()
    return workspace


def change_token(session: Session, channel: str, installed: Installed) -> None:
    """A new token of a workspace that lets us in; nothing when it took its leave back meanwhile."""
    row = session.scalar(_of(channel, installed.workspace).where(Installation.removed_at.is_(None)))
    if row is not None:
        _keep(row, installed)
        session.flush()


def find(session: Session, channel: str, workspace: str) -> Installed | None:
    """The leave of a workspace; None when it never gave it or took it back."""
    row = session.scalar(_of(channel, workspace).where(Installation.removed_at.is_(None)))
    return None if row is None else _told(row, workspace)


def all_of(session: Session, channel: str) -> list[Installed]:
    """Every workspace that lets us in."""
    rows = session.execute(
        select(Installation, Workspace.external_id)
        .join(Workspace, Workspace.id == Installation.workspace_id)
        .where(Workspace.channel == channel, Installation.removed_at.is_(None))
        .order_by(Installation.installed_at)
    )
    return [_told(row, name) for row, name in rows]


def token_ends(session: Session) -> dict[str, dt.datetime]:
    """Channel → the first end of a token that lets us into a workspace; none for channels whose tokens never end."""
    ends = (
        select(Workspace.channel, func.min(Installation.expires_at))
        .join(Workspace, Workspace.id == Installation.workspace_id)
        .where(Installation.removed_at.is_(None), Installation.expires_at.is_not(None))
        .group_by(Workspace.channel)
    )
    return {channel: at for channel, at in session.execute(ends) if at}


def remove(session: Session, channel: str, workspace: str, at: dt.datetime, now: dt.datetime) -> Workspace | None:
    """The workspace took its leave back at `at`: the tokens are erased. None when there was none, or it came back since."""
    row = session.scalar(_of(channel, workspace).where(Installation.removed_at.is_(None)))
    if row is None or row.installed_at > at + CLOCKS_DIFFER:
        return None
    row.secrets, row.removed_at, row.expires_at = None, now, None
    session.flush()
    return session.get_one(Workspace, row.workspace_id)


def erase_removed(session: Session, channel: str, before: dt.datetime) -> int:
    """Erase the people of workspaces that took their leave back before then; returns how many. Their own words go with them.

    Somebody who is also reached elsewhere stays, without the address in that workspace.
    """
    gone = (
        select(AddressRow)
        .join(Installation, Installation.workspace_id == AddressRow.workspace_id)
        .where(AddressRow.channel == channel, Installation.removed_at < before)
    )
    addresses = session.scalars(gone.limit(1_000)).all()
    for address in addresses:
        others = select(AddressRow.id).where(AddressRow.person_id == address.person_id, AddressRow.id != address.id)
        if session.scalar(others.limit(1)):
            session.delete(address)
        else:
            directory.erase(session, session.get_one(PersonRow, address.person_id))
    session.flush()
    return len(addresses)


def begin_rotation(session: Session, channel: str, workspace: str, token_ends: dt.datetime, now: dt.datetime) -> bool:
    """Take the lock to change a token that ends at `token_ends`; False when somebody has it, or has changed it already."""
    mine = (
        update(Installation)
        .where(
            Installation.workspace_id.in_(
                select(Workspace.id).where(Workspace.channel == channel, Workspace.external_id == workspace)
            ),
            Installation.removed_at.is_(None),
            Installation.expires_at == token_ends,
            or_(Installation.rotating_until.is_(None), Installation.rotating_until < now),
        )
        .values(rotating_until=now + ROTATION_LEASE)
    )
    return session.execute(mine.execution_options(synchronize_session=False)).rowcount == 1  # type: ignore[attr-defined]


def new_state(session: Session, now: dt.datetime) -> str:
    """The `state` of a new installation, told once; ends after STATE_LIVES."""
    state = secrets.token_urlsafe(32)
    session.add(InstallState(digest=_digest(state), expires_at=now + STATE_LIVES))
    session.flush()
    return state


def use_state(session: Session, state: str, now: dt.datetime) -> bool:
    """Whether this state was open; it is not any more. Of several at the same moment one gets True."""
    used = delete(InstallState).where(InstallState.digest == _digest(state), InstallState.expires_at > now)
    return session.execute(used).rowcount == 1  # type: ignore[attr-defined]


def _keep(row: Installation, installed: Installed) -> None:
    row.secrets = {"token": installed.token, "refresh_token": installed.refresh_token}
    row.details, row.expires_at = dict(installed.details), installed.expires_at
    row.rotating_until = row.removed_at = None


def _of(channel: str, workspace: str):  # noqa: ANN202 - a select of Installation
    return (
        select(Installation)
        .join(Workspace, Workspace.id == Installation.workspace_id)
        .where(Workspace.channel == channel, Workspace.external_id == workspace)
    )


def _told(row: Installation, workspace: str) -> Installed:
    kept = row.secrets or {}
    return Installed(workspace, kept.get("token", ""), kept.get("refresh_token", ""), row.expires_at, row.details)


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
