"""Who gets it, on which address, when? Everybody once, on the address they prefer, by statements whatever their number.

Nothing of the audience passes through this process but its groups: how many there are of one zone, one set of quiet
hours, one channel and workspace.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    SelectBase,
    Subquery,
    and_,
    case,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.orm import Session

from bot.broadcasts import consent
from bot.broadcasts.broadcast_tables import RunTimeRow
from bot.broadcasts.segments import ROOM
from bot.delivery.tables import KINDS
from bot.followups.rules import UNKNOWN_ZONE, USUAL_QUIET
from bot.followups.times import DEFAULT_THEIR_ZONE
from bot.people.tables import AddressRow, Installation, PersonRow, Workspace


@dataclass(frozen=True)
class Group:
    """So many people of one zone, with one set of quiet hours, in one lane, reading one language."""

    zone: str
    quiet: str
    channel: str
    workspace_id: str | None
    lang: str
    number: int


def reached(people: ColumnElement[bool], channels: Collection[str]) -> Subquery:
    """One row a person who may hear and can be reached: address_id, channel, workspace_id, lang, zone, quiet, room.

    The address is where they asked to be told, else where they were heard last; one that was left, or whose workspace
    took its leave back, is none.
    """
    best = func.row_number().over(
        partition_by=AddressRow.person_id,
        order_by=(AddressRow.preferred.desc(), func.coalesce(AddressRow.heard_at, AddressRow.created_at).desc(), AddressRow.id),
    )
    chinese = or_(PersonRow.lang == "zh", and_(PersonRow.lang.is_(None), AddressRow.channel.in_(("wecom", "wechat"))))
    chinese = or_(chinese, and_(PersonRow.lang.is_(None), AddressRow.locale.startswith("zh")))
    told_zone = func.coalesce(PersonRow.zone, AddressRow.zone)
    addresses = (
        select(
            AddressRow.id.label("address_id"),
            AddressRow.channel,
            AddressRow.workspace_id,
            case((chinese, "zh"), else_="en").label("lang"),
            func.coalesce(told_zone, case((chinese, DEFAULT_THEIR_ZONE), else_=UNKNOWN_ZONE)).label("zone"),
            case(
                (PersonRow.quiet == "off", ""), (told_zone.is_(None), ""), else_=func.coalesce(PersonRow.quiet, USUAL_QUIET)
            ).label("quiet"),
            case(
                (
                    and_(PersonRow.role == ROOM, AddressRow.channel == "slack"),
                    func.replace(AddressRow.external_id, Workspace.external_id + "/", ""),
                ),
                else_="",
            ).label("room"),
            best.label("place"),
        )
        .join(PersonRow, PersonRow.id == AddressRow.person_id)
        .outerjoin(Workspace, Workspace.id == AddressRow.workspace_id)
        .outerjoin(Installation, Installation.workspace_id == AddressRow.workspace_id)
        .where(people, consent.may_hear(PersonRow.id))
        .where(AddressRow.channel.in_(sorted(channels)), AddressRow.left_at.is_(None), Installation.removed_at.is_(None))
        .subquery("addresses")
    )
    return select(addresses).where(addresses.c.place == 1).subquery("reached")


def groups(session: Session, people: Subquery) -> list[Group]:
    """The groups of an audience: one pass over it."""
    columns = (people.c.zone, people.c.quiet, people.c.channel, people.c.workspace_id, people.c.lang)
    return [Group(*row) for row in session.execute(select(*columns, func.count()).group_by(*columns))]


def left_out(session: Session, people: ColumnElement[bool], reachable: int) -> tuple[int, int]:
    """(opted out, unreachable) of these people, of whom so many are reached."""
    hears = consent.may_hear(PersonRow.id)
    counted = select(func.count(), func.coalesce(func.sum(case((hears, 0), else_=1)), 0)).select_from(PersonRow)
    everybody, opted_out = session.execute(counted.where(people)).one()
    return opted_out, everybody - opted_out - reachable


def timed(session: Session, people: Subquery, run_id: str, times: Mapping[tuple[str, str], dt.datetime]) -> SelectBase:
    """The audience as `delivery.fan_out` wants it, each due at the time of their (zone, quiet hours); others are left out.

    The times are rows until `forget_times`.
    """
    rows = [{"run_id": run_id, "zone": zone, "quiet": quiet, "due_at": at} for (zone, quiet), at in times.items()]
    if rows:
        session.execute(insert(RunTimeRow), rows)
    mine = and_(RunTimeRow.run_id == run_id, RunTimeRow.zone == people.c.zone, RunTimeRow.quiet == people.c.quiet)
    columns = (people.c.address_id, people.c.channel, people.c.workspace_id, people.c.lang, people.c.room, RunTimeRow.due_at)
    return select(*columns).join(RunTimeRow, mine)


def lanes(found: Collection[Group], run_id: str) -> list[str]:
    """The lanes of a run's deliveries."""
    return sorted({f"{KINDS['broadcast']}/{group.channel}/{group.workspace_id or ''}/{run_id}" for group in found})
