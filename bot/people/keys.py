"""Which API keys are there, whose are they, and how does one end?

Functions take the caller's session and commit nothing.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import NotThere, Refused
from bot.people.directory import add_address, add_person, digest, key_address, refuse_unknown
from bot.people.tables import ApiKey, PersonRow

KEY_PREFIX = "caucus_"


def make_key(
    session: Session, name: str, now: dt.datetime, *, person: PersonRow | None = None, role: str = "member"
) -> tuple[str, ApiKey]:
    """A new API key, told once: (the key, its row). Without a person the key gets one of its own, of the same name."""
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
