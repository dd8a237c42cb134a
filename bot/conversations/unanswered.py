"""What should the curators see? Questions without a good answer, stripped of what names people.

Functions take the caller's session and commit nothing themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.conversations.nameless import without
from bot.conversations.nameless_known import Known, without_known
from bot.conversations.tables import UnansweredRow
from bot.followups.tables import ContactRow
from bot.messages import Lang
from bot.people.directory import ROLES
from bot.people.tables import AddressRow, PersonRow

Reason = Literal["unknown", "asked_back", "none_of_these", "not_useful", "ask_a_person", "feedback"]
LONGEST_KEPT = 1_000
_LONGEST_READ = 4 * LONGEST_KEPT
MOST_KNOWN = 500
"""People, and counterparts of the asker, whose names are looked for: each costs its decryption."""


def strip(text: str, known: Known = Known()) -> str:  # noqa: B008 - it never changes
    """The text without what names people, firms, addresses and accounts, cut to LONGEST_KEPT characters."""
    return without_known(without(text[:_LONGEST_READ]), known)[:LONGEST_KEPT]


def known_to(session: Session, address: AddressRow) -> Known:
    """Whom the house knows that somebody at this address may speak of: themselves, their counterparts, who else is here."""
    contacts = session.execute(
        select(ContactRow.name, ContactRow.organisation, ContactRow.wechat)
        .where(ContactRow.person_id == address.person_id)
        .order_by(ContactRow.created_at.desc(), ContactRow.id)
        .limit(MOST_KNOWN)
    ).all()
    here = exists().where(AddressRow.person_id == PersonRow.id, AddressRow.channel != "api")  # the name of a tool is a word
    if address.workspace_id:
        here = here.where(AddressRow.workspace_id == address.workspace_id)
    people = select(PersonRow.name).where(PersonRow.name.is_not(None), PersonRow.role.in_(ROLES))
    named = session.scalars(
        people.where(here | (PersonRow.id == address.person_id) | PersonRow.email_digest.is_not(None))
        .order_by((PersonRow.id == address.person_id).desc(), PersonRow.created_at.desc(), PersonRow.id)
        .limit(MOST_KNOWN)
    ).all()
    return Known(
        [name for name in (*(contact[0] for contact in contacts), *named) if name],
        [firm for _, firm, _ in contacts if firm],
        [account for _, _, account in contacts if account],
    )


def keep(
    session: Session, address: AddressRow, said: str, lang: Lang, reason: Reason, likely: Sequence[str], now: dt.datetime
) -> UnansweredRow:
    """Keep a question for the curators; `likely` are the best guesses, best first."""
    row = UnansweredRow(
        workspace_id=address.workspace_id,
        person_id=address.person_id,
        said=strip(said, known_to(session, address)),
        lang=lang,
        reason=reason,
        likely=list(likely),
        at=now,
    )
    session.add(row)
    session.flush()
    return row


def note_choice(session: Session, row_id: int, person_id: str, chosen: str | None) -> None:
    """Remember what the person tapped after being asked back; None of the offered makes it a gap."""
    row = session.get(UnansweredRow, row_id)
    if row is None or row.person_id != person_id:
        return
    if chosen is None:
        row.reason = "none_of_these"
    else:
        row.chosen = chosen


def waiting(session: Session, scope: Sequence[str] | None = None) -> list[UnansweredRow]:
    """Every kept question that no curator has settled, newest first; of these workspaces only, where some are given."""
    rows = select(UnansweredRow).where(UnansweredRow.settled_at.is_(None)).order_by(UnansweredRow.id.desc())
    return list(session.scalars(rows if scope is None else rows.where(UnansweredRow.workspace_id.in_(scope))))


def settle(session: Session, scope: Sequence[str] | None, ids: Sequence[int], now: dt.datetime) -> int:
    """A curator has dealt with these questions; returns how many were still open. Others' workspaces stay untouched."""
    found = [row for row in waiting(session, scope) if row.id in set(ids)]
    for row in found:
        row.settled_at = now
    session.flush()
    return len(found)
