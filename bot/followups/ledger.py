"""Which follow-ups does a person have? They are made, found, listed and told here; `changes` moves them.

Functions take the caller's session and commit nothing. A follow-up is only ever found together with its person: to
everybody else it does not exist.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Row, bindparam, func, insert, select
from sqlalchemy.orm import Session

from bot.db import insert_into
from bot.errors import NotThere, Refused
from bot.followups import contacts as people_there
from bot.followups import nudged
from bot.followups.cadence import first, step_at
from bot.followups.known import Kind
from bot.followups.rules import Rules, cadence_for, there, zone_of
from bot.followups.tables import (  # fmt: skip
    OPEN_STATES,
    REACH,
    ContactEmailRow,
    ContactRow,
    FollowupContactRow,
    FollowupEventRow,
    FollowupMailRow,
    FollowupRow,
    message_digest,
)
from bot.followups.worktime import find_zone
from bot.messages import Lang
from bot.people.tables import AddressRow, PersonRow

MOST_OPEN = 2_000
"""Open follow-ups of one person."""
LONGEST_SUBJECT = 300
_ID = re.compile(r"[0-9a-f]{32}")
LONGEST_AHEAD = dt.timedelta(days=5 * 366)
_MINE = FollowupRow.person_id == bindparam("whose")
_BEFORE = select(
    select(FollowupRow.id).where(_MINE, FollowupRow.origin == bindparam("origin")).scalar_subquery().label("made"),
    select(func.count()).where(_MINE, FollowupRow.state.in_(OPEN_STATES)).scalar_subquery().label("open"),
)
"""Made once, as what follows, and run past the unit of work: every copied mail pays for that as much as for the statement."""
_STORE_CONTACT, _STORE_EVENT = (insert(cast("Any", row.__table__)) for row in (FollowupContactRow, FollowupEventRow))
_STORE_MAIL = {
    name: insert_into(FollowupMailRow.__table__, name).on_conflict_do_nothing(index_elements=["followup_id", "digest"])
    for name in ("sqlite", "postgresql")
}
_LINKED = (
    select(
        FollowupContactRow.followup_id, FollowupContactRow.contact_id, ContactRow.name, ContactRow.reach, ContactEmailRow.email
    )
    .join(ContactRow, ContactRow.id == FollowupContactRow.contact_id)
    .outerjoin(ContactEmailRow, ContactEmailRow.contact_id == ContactRow.id)
    .where(FollowupContactRow.followup_id.in_(bindparam("ids", expanding=True)))
    .order_by(FollowupContactRow.position, ContactEmailRow.id)
)


def create(
    session: Session,
    person: PersonRow,
    now: dt.datetime,
    rules: Rules,
    *,
    subject: str,
    contacts: Sequence[ContactRow],
    due_at: dt.datetime | None = None,
    zone: str = "",
    kind: Kind = "normal",
    origin: str | None = None,
    address: AddressRow | None = None,
    sent_at: dt.datetime | None = None,
    reach: str = "",
    lang: Lang = "en",
    reason: str = "",
    excerpt: str = "",
    message_ids: Iterable[str] = (),
    deadline: dt.datetime | None = None,
    by: str = "person",
) -> FollowupRow:
    """A new follow-up; the same `origin` of a person makes one only, and the first is given again.

    `due_at` is a time the person named, in `zone` (theirs unless given); without one the cadence plans the first nudge
    from `sent_at` (now unless given). A check by telephone is due at once. Raises Refused for a time that is past or
    more than five years away, and when the person has too many.
    """
    run = session.connection().execute
    session.flush()
    before = run(_BEFORE, {"whose": person.id, "origin": origin}).one()
    if origin and before.made:
        return session.get_one(FollowupRow, before.made)
    if due_at is not None and due_at <= now:
        raise Refused("that time is past")
    if due_at is not None and due_at > now + LONGEST_AHEAD:
        raise Refused("that is more than five years away")
    if reach and reach not in REACH:
        raise Refused(f"contacts are reached by {', '.join(REACH)}")
    if before.open >= MOST_OPEN:
        raise Refused(f"more than {MOST_OPEN} follow-ups are open; close some first")
    row = FollowupRow(
        person_id=person.id,
        address_id=address.id if address else None,
        origin=origin,
        kind=kind,
        reason=reason,
        subject=people_there.clean(subject)[:LONGEST_SUBJECT],
        excerpt=excerpt or None,
        reach=reach,
        lang=lang,
        sent_at=sent_at or now,
        deadline=deadline,
        created_at=now,
    )
    row.state, row.touches, row.step = "open", 0, "notice"
    counterpart = people_there.addressed(contacts, reach)
    where, cadence = there(person, counterpart, rules), cadence_for(session, row)
    if kind == "verify_by_phone":
        place(row, due_at or now, zone or zone_of(person), fixed=due_at is not None)
    elif due_at is not None:
        row.step = step_at(cadence, row.sent_at or now, due_at, where)
        place(row, due_at, zone or zone_of(person), fixed=True)
    else:
        planned = first(cadence, row.sent_at or now, now, where, deadline)
        row.step = planned.step
        place(row, planned.at, where.zone.key, fixed=False)
    session.add(row)
    session.flush()
    if contacts:
        linked = enumerate(dict.fromkeys(contact.id for contact in contacts))
        run(_STORE_CONTACT, [{"followup_id": row.id, "contact_id": each, "position": position} for position, each in linked])
    for message_id in message_ids:
        add_mail(session, row, message_id)
    run(_STORE_EVENT, {"followup_id": row.id, "what": "created", "by": by, "before": {}, "at": now})
    return row


def place(row: FollowupRow, at: dt.datetime, zone: str, *, fixed: bool) -> None:
    """Set when something happens next: the moment, and the wall-clock time that was meant."""
    row.due_at, row.zone, row.fixed = at.astimezone(dt.UTC), zone, fixed
    row.wall = at.astimezone(find_zone(zone)).strftime("%Y-%m-%dT%H:%M")


def add_mail(session: Session, row: FollowupRow, message_id: str) -> None:
    """One more mail of the thread; twice is as once, an empty id is none."""
    if message_id.strip("<> "):
        mail = {"followup_id": row.id, "person_id": row.person_id, "message_id": message_id, "digest": message_digest(message_id)}
        session.connection().execute(_STORE_MAIL[session.get_bind().dialect.name], mail)


def find(session: Session, person: PersonRow, followup_id: str) -> FollowupRow:
    """The person's follow-up of that id, locked until the end of the transaction. NotThere for any other id."""
    if not _ID.fullmatch(followup_id):  # nothing else may reach the database: PostgreSQL refuses a NUL
        raise NotThere("there is no such follow-up")
    row = session.scalar(
        _of(person).where(FollowupRow.id == followup_id).with_for_update().execution_options(populate_existing=True)
    )
    if row is None:
        raise NotThere("there is no such follow-up")
    return row


def open_ones(session: Session, person: PersonRow, limit: int = MOST_OPEN) -> list[FollowupRow]:
    """What still waits, checks by telephone first, then by when it is due."""
    urgent = (FollowupRow.kind != "verify_by_phone", FollowupRow.due_at, FollowupRow.created_at, FollowupRow.id)
    return list(session.scalars(_open(person).order_by(*urgent).limit(limit)))


def all_ones(session: Session, person: PersonRow, limit: int = 1_000) -> list[FollowupRow]:
    """Open and ended ones, the newest first."""
    return list(session.scalars(_of(person).order_by(FollowupRow.created_at.desc(), FollowupRow.id).limit(limit)))


def contacts_of(session: Session, rows: Collection[FollowupRow]) -> Mapping[str, list[ContactRow]]:
    """Follow-up id → its counterparts in their order."""
    found: dict[str, list[ContactRow]] = {row.id: [] for row in rows}
    linked = (
        select(FollowupContactRow.followup_id, ContactRow)
        .join(ContactRow, ContactRow.id == FollowupContactRow.contact_id)
        .where(FollowupContactRow.followup_id.in_(list(found)))
        .order_by(FollowupContactRow.position)
    )
    for followup_id, contact in session.execute(linked):
        found[followup_id].append(contact)
    return found


def history(session: Session, row: FollowupRow) -> list[FollowupEventRow]:
    """All that happened to it, oldest first."""
    of_it = select(FollowupEventRow).where(FollowupEventRow.followup_id == row.id)
    return list(session.scalars(of_it.order_by(FollowupEventRow.id)))


def told(session: Session, rows: Sequence[FollowupRow]) -> list[dict[str, Any]]:
    """Follow-ups as the contract has them, for the API and the command line."""
    linked = _linked(session, rows)
    lost = nudged.unheard(session, rows)
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "recipients": [each.email for each in linked[row.id] if each.email is not None],
            "subject": row.subject,
            "contact_name": linked[row.id][0].name if linked[row.id] else "",
            "state": row.state,
            "due_at": row.due_at.astimezone(find_zone(row.zone)).isoformat() if row.state in OPEN_STATES else None,
            "reason": row.reason,
            "zone": row.zone,
            "step": row.step,
            "touches": row.touches,
            "undelivered": row.id in lost,
            "reach": row.reach or (linked[row.id][0].reach if linked[row.id] else ""),
            "sent_at": row.sent_at.astimezone(dt.UTC).isoformat() if row.sent_at else None,
            "deadline": row.deadline.astimezone(dt.UTC).isoformat() if row.deadline else None,
        }
        for row in rows
    ]


def _linked(session: Session, rows: Sequence[FollowupRow]) -> dict[str, list[Row[str, str, str, str, str]]]:
    """Follow-up id → its counterparts in their order, each with the oldest of their addresses."""
    found: dict[str, dict[str, Row[str, str, str, str, str]]] = {row.id: {} for row in rows}
    session.flush()
    for each in session.connection().execute(_LINKED, {"ids": list(found)}) if rows else ():
        found[each.followup_id].setdefault(each.contact_id, each)
    return {followup_id: list(contacts.values()) for followup_id, contacts in found.items()}


def _of(person: PersonRow) -> Any:
    return select(FollowupRow).where(FollowupRow.person_id == person.id)


def _open(person: PersonRow) -> Any:
    return _of(person).where(FollowupRow.state.in_(OPEN_STATES))
