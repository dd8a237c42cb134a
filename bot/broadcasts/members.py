"""Who is in what a vendor keeps? Departments and tags are expanded to members, rooms get a row of their own.

So that opt-out, zone and quiet hours of each hold, a member who never spoke becomes a person here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.broadcasts.broadcast_tables import SegmentMemberRow
from bot.broadcasts.ports import Ports
from bot.broadcasts.segments import ROOM, Segment, Union, each
from bot.db import writing
from bot.errors import Refused
from bot.people import directory
from bot.people.tables import AddressRow, Installation, PersonRow, Workspace, new_id

AT_ONCE = 1_000
"""Rows of one statement."""


def refresh(engine: Engine, segments: Union, author_id: str | None, ports: Ports, now: dt.datetime) -> None:
    """Ask vendors who is in these segments and keep it. Commits a segment at a time.

    Raises NotThere for a department or tag that is none, Refused for a room of no workspace, SendErrors when the
    vendor cannot be asked; then what was known stays.
    """
    for segment in each(segments):
        work = _asked(segment, author_id, ports, now)
        if work is None:
            continue
        try:
            with writing(engine) as session:
                work(session)
        except IntegrityError:  # somebody else kept the same at this very moment
            with writing(engine) as session:
                work(session)


def _asked(segment: Segment, author_id: str | None, ports: Ports, now: dt.datetime) -> Callable[[Session], None] | None:
    """Ask who is in it; returns what keeps that, None for a segment of our own."""
    if segment.kind in ports.members:
        channel = segment.kind.partition(":")[0]
        found, tenant = ports.members[segment.kind](segment.value), ports.tenant(channel)
        return lambda session: _keep(session, segment, _addresses(session, channel, tenant, found, now))
    if segment.kind == "slack:room":
        tenant = ports.tenant("slack")
        return lambda session: _keep(session, segment, [_room(session, segment.value, author_id, tenant, now)])
    if segment.kind in ("wechat:all", "wechat:tag"):
        name = "all" if segment.kind == "wechat:all" else f"tag:{segment.value}"
        return lambda session: _keep(session, segment, [_aloud(session, "wechat", name, None, author_id, now)])
    return None


def _keep(session: Session, segment: Segment, addresses: Sequence[str]) -> None:
    session.execute(delete(SegmentMemberRow).where(SegmentMemberRow.segment == str(segment)))
    for some in _batches(addresses):
        session.execute(insert(SegmentMemberRow), [{"segment": str(segment), "address_id": address} for address in some])


def _addresses(session: Session, channel: str, tenant: str, members: Sequence[str], now: dt.datetime) -> list[str]:
    """Their addresses; made, with people, for those we have not met."""
    workspace = directory.workspace(session, channel, tenant, now).id if tenant else None
    ids: list[str] = []
    for some in _batches(list(dict.fromkeys(members))):
        there = select(AddressRow.external_id, AddressRow.id).where(AddressRow.channel == channel)
        known = dict(session.execute(there.where(AddressRow.external_id.in_(some))).all())
        new = [(member, new_id(), new_id()) for member in some if member not in known]
        if new:
            session.execute(insert(PersonRow), [{"id": person, "role": "member", "created_at": now} for _, person, _ in new])
            same = {"channel": channel, "workspace_id": workspace, "created_at": now}
            rows = [{"id": row, "external_id": member, "person_id": person, **same} for member, person, row in new]
            session.execute(insert(AddressRow), rows)
        ids += [*known.values(), *(row for _, _, row in new)]
    return ids


def _room(session: Session, named: str, author_id: str | None, tenant: str, now: dt.datetime) -> str:
    """The address of a Slack room, `C1` or `T1/C1`; its clock and language are at first those of who speaks to it."""
    team, _, room = named.rpartition("/")
    team = team or tenant or _only_team(session, author_id)
    external_id = f"{team}/{room}"
    return _aloud(session, "slack", external_id, directory.workspace(session, "slack", team, now).id, author_id, now)


def _aloud(
    session: Session, channel: str, external_id: str, workspace: str | None, author_id: str | None, now: dt.datetime
) -> str:
    """The address of what is spoken to as a whole; made, with a row among people that is nobody, when it is new."""
    here = (AddressRow.channel == channel, AddressRow.external_id == external_id)
    known = session.scalar(select(AddressRow.id).where(*here))
    if known:
        return known
    author = session.get(PersonRow, author_id) if author_id else None
    lang = None if channel == "wechat" else author.lang if author else None
    person = PersonRow(role=ROOM, zone=author.zone if author else None, lang=lang, created_at=now)
    session.add(person)
    session.flush()
    row = AddressRow(channel=channel, external_id=external_id, workspace_id=workspace, person_id=person.id, created_at=now)
    session.add(row)
    session.flush()
    return row.id


def _only_team(session: Session, author_id: str | None) -> str:
    """The author's Slack team, or the only one there is."""
    teams = select(Workspace.external_id).outerjoin(Installation, Installation.workspace_id == Workspace.id)
    teams = teams.where(Workspace.channel == "slack", Installation.removed_at.is_(None))
    if author_id:
        mine = select(AddressRow.workspace_id).where(AddressRow.person_id == author_id)
        if found := session.scalars(teams.where(Workspace.id.in_(mine)).limit(2)).all():
            if len(found) == 1:
                return found[0]
            raise Refused("you are in several Slack workspaces: name the room with its own, slack:room:TEAM/ROOM")
    known = session.scalars(teams.limit(2)).all()
    if len(known) != 1:
        raise Refused("name the room with its workspace: slack:room:TEAM/ROOM")
    return known[0]


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), AT_ONCE):
        yield names[start : start + AT_ONCE]
