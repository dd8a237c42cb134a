"""Which API keys are there, and how does one end? They are made and looked up in `directory`.

Functions take the caller's session and commit nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import NotThere, Refused
from bot.people.tables import ApiKey


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
