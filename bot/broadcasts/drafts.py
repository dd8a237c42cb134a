"""A broadcast from draft to start, and on: who may do what when. Each change leaves a line in the audit trail.

Functions take a session of the caller's transaction and commit nothing themselves; each locks its broadcast, so that
of two at once one sees what the other did.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from bot.broadcasts import segments
from bot.broadcasts.broadcast_tables import BroadcastRow, BroadcastVersionRow, RunRow
from bot.broadcasts.ports import Ports
from bot.broadcasts.schedule import Plan
from bot.delivery import holds
from bot.errors import Conflict, NotThere, Refused
from bot.people import audit
from bot.people.audit import Actor
from bot.people.roles import may_speak_to_many
from bot.people.sight import scope_of
from bot.people.tables import AddressRow, PersonRow, Workspace, new_id

_ID = re.compile("[0-9a-f]{32}")
HOUSE = "web"
"""The channel of this installation's own workspace, which has no vendor."""


def draft(
    session: Session,
    actor: Actor,
    content: Mapping[str, str],
    segment: str,
    ports: Ports,
    now: dt.datetime,
    named: str | None = None,
) -> BroadcastRow:
    """A new draft of a curator or admin, of that id if one is given. Raises Refused for others and for unknown segments."""
    may_speak_to_many(actor)
    if actor.person is None:
        raise Refused("say who speaks: --as PERSON")
    to = segments.written(segments.parse(segment, ports))
    row = BroadcastRow(
        id=named or new_id(), author_id=actor.person.id, content=dict(content), segment=to, created_at=now, changed_at=now
    )
    row.scope = scope_of(session, actor.person.id)
    row.state, row.version = "draft", 1
    session.add(row)
    session.flush()
    _keep_version(session, row, actor, now)
    audit.note(session, actor, "broadcast.draft", now, target=row.id, segment=to)
    return row


def change(
    session: Session,
    row: BroadcastRow,
    actor: Actor,
    content: Mapping[str, str] | None,
    segment: str,
    ports: Ports,
    now: dt.datetime,
) -> None:
    """Say something else, or to others, while it has not begun; what was approved has to be approved again."""
    may_speak_to_many(actor)
    if row.state not in ("draft", "approved"):
        raise Conflict(f"it is {row.state}: only a draft can be changed")
    row.content = dict(content) if content else row.content
    row.segment = segments.written(segments.parse(segment, ports)) if segment else row.segment
    row.version, row.state, row.changed_at = row.version + 1, "draft", now
    row.approved_version = row.approver_id = None
    _keep_version(session, row, actor, now)
    audit.note(session, actor, "broadcast.change", now, target=row.id, version=row.version, segment=row.segment)


def found(session: Session, broadcast_id: str, actor: Actor, *, lock: bool = False) -> BroadcastRow:
    """The broadcast, for those who may see it. Raises Refused for members, NotThere for one that is not theirs to see."""
    may_speak_to_many(actor)
    if not _ID.fullmatch(broadcast_id):  # a database refuses some characters, and never with a plain no
        raise NotThere("there is no such broadcast")
    row = session.get(BroadcastRow, broadcast_id, with_for_update=lock, populate_existing=lock)
    if row is None or not _shares(session, row, actor):
        raise NotThere("there is no such broadcast")
    return row


def approve(session: Session, row: BroadcastRow, actor: Actor, now: dt.datetime) -> None:
    """A second person agrees to this version. Raises Refused for its author, Conflict when it has begun or is approved."""
    may_speak_to_many(actor)
    if actor.person and actor.person.id in _wrote(session, row):
        raise Refused("who wrote it cannot approve it: ask a second curator or admin")
    if row.approved_version == row.version:
        raise Conflict("it is approved already")
    if row.state != "draft":
        raise Conflict(f"it is {row.state}: only a draft is approved")
    row.state, row.approved_version, row.changed_at = "approved", row.version, now
    row.approver_id = actor.person.id if actor.person else None
    audit.note(session, actor, "broadcast.approve", now, target=row.id, version=row.version)


def plan(session: Session, row: BroadcastRow, actor: Actor, when: Plan, now: dt.datetime) -> None:
    """It will be sent when the plan says. Raises Conflict when it was started before, Refused without a wanted approval."""
    may_speak_to_many(actor)
    if row.state not in ("draft", "approved"):
        raise Conflict(f"it is {row.state} already" if row.state in ("scheduled", "running") else f"it is {row.state}")
    if needs_approval(session, row) and row.approved_version != row.version:
        raise Refused("here a second person approves a broadcast before it starts")
    first = when.first(now)
    row.plan, row.next_at, row.state, row.changed_at = when.stored(), first.at, "scheduled", now
    audit.note(session, actor, "broadcast.start", now, target=row.id, version=row.version, first=first.at.isoformat())


def pause(session: Session, row: BroadcastRow, actor: Actor, now: dt.datetime) -> None:
    """Send nothing more until `resume`. Twice is as once; Conflict when it has not begun or is over."""
    may_speak_to_many(actor)
    if row.state == "paused":
        return
    if row.state not in ("scheduled", "running"):
        raise Conflict(f"it is {row.state}: nothing to pause")
    for run in running(session, row):
        holds.pause(session, run.id, now)
    row.state, row.changed_at = "paused", now
    audit.note(session, actor, "broadcast.pause", now, target=row.id)


def resume(session: Session, row: BroadcastRow, actor: Actor, now: dt.datetime) -> None:
    """Go on after a pause, or after it stopped itself. Conflict when it is neither."""
    may_speak_to_many(actor)
    if row.state not in ("paused", "stopped"):
        raise Conflict(f"it is {row.state}: nothing to resume")
    open_runs = running(session, row)
    if row.state == "stopped" and not open_runs:
        raise Conflict("it came too late and was skipped: draft it anew")
    for run in open_runs:
        holds.resume(session, run.id)
        run.state, run.try_at = ("running" if run.started_at else "starting"), now
    row.state, row.changed_at = ("running" if open_runs else "scheduled"), now
    audit.note(session, actor, "broadcast.resume", now, target=row.id)


def cancel(session: Session, row: BroadcastRow, actor: Actor, now: dt.datetime) -> None:
    """Send nothing more, ever. Twice is as once; Conflict when all was sent."""
    may_speak_to_many(actor)
    if row.state == "cancelled":
        return
    if row.state == "done":
        raise Conflict("it is done: nothing to cancel")
    for run in running(session, row):
        holds.cancel(session, run.id, now)
        if run.started_at is None:
            run.state, run.ended_at = "cancelled", now
    row.state, row.next_at, row.changed_at = "cancelled", None, now
    audit.note(session, actor, "broadcast.cancel", now, target=row.id)


def running(session: Session, row: BroadcastRow) -> list[RunRow]:
    """Its runs that are not over."""
    return list(session.scalars(select(RunRow).where(RunRow.broadcast_id == row.id, RunRow.ended_at.is_(None))))


def needs_approval(session: Session, row: BroadcastRow) -> bool:
    """Whether the author's workspace, or this installation's own, wants a second person to approve."""
    mine = select(AddressRow.workspace_id).where(AddressRow.person_id == row.author_id)
    house = and_(Workspace.channel == HOUSE, Workspace.external_id == "")
    return bool(session.scalar(select(exists().where(Workspace.second_approval, or_(house, Workspace.id.in_(mine))))))


def _wrote(session: Session, row: BroadcastRow) -> set[str | None]:
    last = session.get(BroadcastVersionRow, (row.id, row.version))
    return {row.author_id, last.author_id if last else None}


def _keep_version(session: Session, row: BroadcastRow, actor: Actor, now: dt.datetime) -> None:
    values: dict[str, Any] = {"broadcast_id": row.id, "version": row.version, "content": row.content, "segment": row.segment}
    session.add(BroadcastVersionRow(**values, author_id=actor.person.id if actor.person else None, at=now))
    session.flush()


def _shares(session: Session, row: BroadcastRow, actor: Actor) -> bool:
    """Whether somebody may see a broadcast: the operator, its author, and whoever may speak to the same workspaces."""
    if actor.person is None or actor.person.id == row.author_id:
        return True
    mine = scope_of(session, actor.person.id)
    return mine is None or (row.scope is not None and set(row.scope) <= set(mine))


def author(session: Session, row: BroadcastRow) -> PersonRow | None:
    """Who wrote it; None when they were erased."""
    return session.get(PersonRow, row.author_id) if row.author_id else None
