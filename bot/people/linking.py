"""Are these two the same person? A short code told on one channel and typed on another says so; then they are one.

Functions take the caller's session and commit nothing themselves.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from typing import Literal

from sqlalchemy import Column, delete, exists, select, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db import Table
from bot.people.directory import ROLES
from bot.people.tables import AddressRow, LinkCode, LinkTries, PersonRow

LASTS = dt.timedelta(minutes=10)
TOLD_SO = dt.timedelta(hours=1)
"""How long after its end a code is still recognised, so that whoever types it late is told so."""
MOST_WRONG = 5
"""Wrong codes from one address within LASTS; then even a right one has to wait."""
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""None that looks like another."""
_LENGTH = 6
_CODE = re.compile(rf"(?<![0-9A-Z])(?=[A-Z -]*[0-9])(?=[0-9 -]*[A-Z])([{_LETTERS}]{{3}})[ -]?([{_LETTERS}]{{3}})(?![0-9A-Z])")
_CALLED = re.compile("码|绑定|code|link|pair", re.IGNORECASE)
_NAMED = re.compile("绑定码|link(?:ing)? code", re.IGNORECASE)
"""Called our code in so many words: it is one even when nobody has one open."""
Outcome = Literal["done", "wrong", "too-many", "same", "other-way"]


def new_code(session: Session, address: AddressRow, now: dt.datetime) -> str:
    """A code to type elsewhere within ten minutes; the person's earlier one is void."""
    session.execute(delete(LinkCode).where(LinkCode.person_id == address.person_id))
    while True:
        code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        if _CODE.fullmatch(code):  # at least a letter and a digit: a plain word or number is never a code
            break
    until = now + LASTS
    session.add(LinkCode(person_id=address.person_id, digest=_digest(code), address_id=address.id, expires_at=until))
    session.flush()
    return code


def code_in(text: str) -> str | None:
    """The code in a message, if there is one."""
    found = _CODE.search(text[:200].upper())
    return found[1] + found[2] if found else None


def bare_code(text: str) -> bool:
    """Whether the message is nothing but a code: such a one tells no language."""
    return bool(_CODE.fullmatch(text.strip().upper()))


def expects_code(session: Session, text: str, now: dt.datetime) -> bool:
    """Whether the message is a linking code: so named; or alone or called a code while somebody has or had one lately."""
    if len(text) > 60 or not (bare_code(text) or (code_in(text) and _CALLED.search(text))):
        return False
    if _NAMED.search(text):
        return True
    return bool(session.scalar(select(exists().where(LinkCode.expires_at > now - TOLD_SO))))


def redeem(session: Session, code: str, address: AddressRow, now: dt.datetime) -> tuple[Outcome, AddressRow | None]:
    """Make the person at this address the one who was told the code. (how that went, the address it was told at)."""
    tries = session.get(LinkTries, address.id, with_for_update=True)
    if tries and tries.until <= now:
        tries.wrong, tries.until = 0, now + LASTS
    if tries and tries.wrong >= MOST_WRONG:
        return "too-many", None
    open_code = select(LinkCode).where(LinkCode.digest == _digest(code), LinkCode.expires_at > now).with_for_update()
    found = session.scalar(open_code)
    if found is None:
        if tries is None:
            session.add(LinkTries(address_id=address.id, wrong=1, until=now + LASTS))
        else:
            tries.wrong += 1
        session.flush()
        return "wrong", None
    told_at = session.get_one(AddressRow, found.address_id)
    if found.person_id == address.person_id:
        return "same", told_at
    keeper, other = session.get_one(PersonRow, found.person_id), session.get_one(PersonRow, address.person_id)
    if ROLES.index(other.role) > ROLES.index(keeper.role):  # else a stranger's code, typed by an admin, would make him one
        return "other-way", told_at
    session.delete(found)
    session.flush()
    merge(session, keeper, other)
    return "done", told_at


def merge(session: Session, keeper: PersonRow, other: PersonRow) -> None:
    """All that is the other's becomes the keeper's; what the keeper has already (a vote on a card, say) stays as it is."""
    name, lang, zone, email, digest = other.name, other.lang, other.zone, other.email, other.email_digest
    spoken = other.spoken
    other.email = other.email_digest = None
    session.flush()
    if not keeper.email_digest and digest:
        keeper.email, keeper.email_digest = email, digest
    keeper.name, keeper.lang, keeper.zone = keeper.name or name, keeper.lang or lang, keeper.zone or zone
    keeper.spoken = keeper.spoken or spoken
    for table, column in _belonging():
        _move(session, table, column, other.id, keeper.id)
    session.delete(other)
    session.flush()
    session.expire_all()


def unlink(session: Session, address: AddressRow, now: dt.datetime) -> PersonRow:
    """Whoever speaks at this address is somebody new from now on; what was said there goes along, the rest stays.

    A role does not outlive the last workspace it was given in: without any, it would reach over all of them.
    """
    before = session.get_one(PersonRow, address.person_id)
    if address.workspace_id and not [a for a in addresses(session, before.id) if a.workspace_id and a.id != address.id]:
        before.role = "member"
    person = PersonRow(role="member", spoken=before.spoken, created_at=now)
    session.add(person)
    session.flush()
    address.person_id, address.preferred = person.id, False
    session.flush()
    return person


def addresses(session: Session, person_id: str) -> list[AddressRow]:
    """Where a person is known, oldest first."""
    rows = select(AddressRow).where(AddressRow.person_id == person_id).order_by(AddressRow.created_at, AddressRow.id)
    return list(session.scalars(rows))


def prefer(session: Session, address: AddressRow) -> None:
    """What comes unasked goes here from now on."""
    session.execute(update(AddressRow).where(AddressRow.person_id == address.person_id).values(preferred=False))
    address.preferred = True
    session.flush()


def _belonging() -> list[tuple[SqlTable, Column[str]]]:
    """Every column that says whose a row is, in whichever feature."""
    return [
        (table, column)
        for table in Table.metadata.sorted_tables
        for column in table.columns
        if any(key.target_fullname == "people.id" for key in column.foreign_keys)
    ]


def _move(session: Session, table: SqlTable, column: Column[str], old: str, new: str) -> None:
    try:
        with session.begin_nested():
            session.execute(update(table).where(column == old).values({column.name: new}))
    except IntegrityError:  # the keeper has some of them already: one by one, and of doubled ones one stays
        keys = list(table.primary_key.columns)
        for row in session.execute(select(*keys).where(column == old)).all():
            mine = [key == value for key, value in zip(keys, row, strict=True)]
            if _is_newer(session, table, column, old, new):
                session.execute(delete(table).where(column == new))
            try:
                with session.begin_nested():
                    session.execute(update(table).where(*mine).values({column.name: new}))
            except IntegrityError:
                session.execute(delete(table).where(*mine))


def _is_newer(session: Session, table: SqlTable, column: Column[str], old: str, new: str) -> bool:
    """Of a table with one row a person whose last word holds (`info["newest"]` names its moment): whether that is the other's."""
    if "newest" not in table.info:
        return False
    said = table.c[table.info["newest"]]
    at = dict(session.execute(select(column, said).where(column.in_((old, new)))).all())
    return at[old] > at[new]


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
