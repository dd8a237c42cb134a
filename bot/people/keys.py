"""Which API keys are there, whose are they, and how does one end?

Functions take the caller's session and commit nothing.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from bot.errors import NotThere, Refused
from bot.people.directory import add_address, add_person, digest, key_address, refuse_unknown
from bot.people.tables import AddressRow, ApiKey, PersonRow

KEY_PREFIX = "caucus_"


def make_key(
    session: Session, name: str, now: dt.datetime, *, person: PersonRow | None = None, role: str = "member"
) -> tuple[str, ApiKey]:
    """A new API key, told once: (the key, its row). Without a person the key gets one of its own, of the same name.

    A person's own key ends with their erasure; one that stands for itself (a tool, used by many) is for `key revoke` to end.
    """
    refuse_unknown(role=role)
    owner = person or add_person(session, now, name=name, role=role)
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    row = ApiKey(name=name, digest=digest(key), person_id=owner.id, role=role, created_at=now)
    session.add(row)
    session.flush()
    add_address(session, owner, key_address(row), now)
    return key, row


def holder(session: Session, key: str) -> ApiKey | None:
    """The row of a valid key; None for an unknown or revoked one."""
    return session.scalar(select(ApiKey).where(ApiKey.digest == digest(key), ApiKey.revoked_at.is_(None)))


def every(session: Session) -> Sequence[ApiKey]:
    """All keys, also those that were revoked, oldest first; the keys themselves are not kept."""
    return session.scalars(select(ApiKey).order_by(ApiKey.created_at, ApiKey.id)).all()


def revoke(session: Session, said: str, now: dt.datetime) -> ApiKey:
    """End a key, named by its id or, where that is one key, by its name; one that was revoked stays so.

    Raises NotThere for none, Refused where several have the name.
    """
    found = [key for key in every(session) if said in (key.id, key.name)]
    found = [key for key in found if key.revoked_at is None] or found
    if not found:
        raise NotThere(f"there is no key {said}")
    if len(found) > 1:
        raise Refused(f"{len(found)} keys have that name: use the id, as `caucus key list` shows it")
    found[0].revoked_at = found[0].revoked_at or now
    return found[0]


def of_person(session: Session, person: PersonRow) -> Sequence[ApiKey]:
    """A person's own keys, also those that were revoked."""
    return session.scalars(select(ApiKey).where(ApiKey.person_id == person.id)).all()


def is_tool(session: Session, person: PersonRow) -> bool:
    """Whether this is nobody but a key that was made without a person: made in the same moment, and reached by API alone."""
    if person.email_digest or not any(key.created_at == person.created_at for key in of_person(session, person)):
        return False
    elsewhere = exists().where(AddressRow.person_id == person.id, AddressRow.channel != "api")
    return not session.scalar(select(elsewhere))


def forget_talk(session: Session, tool: PersonRow) -> None:
    """Erase all that was said through a tool's key, by whomever. The key stays: one asker must not end it for the others."""
    session.execute(delete(AddressRow).where(AddressRow.person_id == tool.id))
    for table in PersonRow.metadata.sorted_tables:  # whatever else hangs on it, in whichever feature
        if "person_id" in table.c and table.name not in ("api_keys", "addresses"):
            session.execute(table.delete().where(table.c.person_id == tool.id))
    tool.zone = tool.lang = tool.quiet = None
    for key in of_person(session, tool):  # the address went with all that was said there; the key speaks from a fresh one
        add_address(session, tool, key_address(key), key.created_at)
