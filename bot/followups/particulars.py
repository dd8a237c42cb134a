"""What is noted of a matter besides its moments (subject, deadline, whom it waits for), as it is, and put back as it was.

Functions take the caller's session and commit nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.followups.tables import ContactRow, FollowupContactRow, FollowupRow

_OF_CONTACT = ("name", "organisation", "phones", "wechat", "zone", "lang")


def seen(session: Session, row: FollowupRow) -> dict[str, Any]:
    """All of it under flat names, as JSON can hold it."""
    session.flush()
    order = (FollowupContactRow.position, FollowupContactRow.contact_id)
    linked = select(FollowupContactRow.contact_id).where(FollowupContactRow.followup_id == row.id).order_by(*order)
    ids = [*session.scalars(linked)]
    found: dict[str, Any] = {"subject": row.subject, "deadline": _utc(row.deadline), "contacts": ids}
    for contact in session.scalars(select(ContactRow).where(ContactRow.id.in_(ids))):
        found |= {f"{contact.id}.{name}": getattr(contact, name) for name in _OF_CONTACT}
    return found


def _utc(moment: dt.datetime | None) -> str | None:
    return moment.astimezone(dt.UTC).isoformat() if moment else None


def difference(before: dict[str, Any], after: dict[str, Any]) -> str:
    """What changed from one to the other, to be kept with a line of history; empty: nothing."""
    changed = {name: [value, after[name]] for name, value in before.items() if name in after and after[name] != value}
    return json.dumps(changed, ensure_ascii=False) if changed else ""


def put_back(session: Session, row: FollowupRow, kept: str) -> None:
    """As it was before such a change; what has been changed again since stays."""
    now = seen(session, row)
    changed: dict[str, list[Any]] = {name: pair for name, pair in json.loads(kept).items() if now.get(name) == pair[1]}
    for name, (was, _) in changed.items():
        if name == "contacts":
            link(session, row, was)
        elif name == "deadline":
            row.deadline = dt.datetime.fromisoformat(was) if was else None
        elif name == "subject":
            row.subject = was
        elif contact := session.get(ContactRow, name.partition(".")[0]):
            setattr(contact, name.partition(".")[2], was)


def link(session: Session, row: FollowupRow, contact_ids: Sequence[str]) -> None:
    """It waits for these, the first of them the counterpart; who was erased meanwhile is left out."""
    there = set(
        session.scalars(select(ContactRow.id).where(ContactRow.id.in_(contact_ids), ContactRow.person_id == row.person_id))
    )
    session.execute(delete(FollowupContactRow).where(FollowupContactRow.followup_id == row.id))
    wanted = [contact_id for contact_id in dict.fromkeys(contact_ids) if contact_id in there]
    session.add_all(
        FollowupContactRow(followup_id=row.id, contact_id=contact_id, position=n) for n, contact_id in enumerate(wanted)
    )
    session.flush()
