"""Whose secret mail address is this? Made, rotated and looked up; the token itself is told once and never kept.

Functions take a session of the caller's transaction and commit nothing themselves.
"""

from __future__ import annotations

import datetime as dt
import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.followups.copied import make_token, token_digest
from bot.followups.mail_tables import MailAddressRow
from bot.people.tables import PersonRow

_TOKEN = re.compile(r"[a-z2-7]{16}")


def owner(session: Session, token: str) -> str | None:
    """The id of the person with this token. Looked up by its digest, so that the time taken says nothing of near misses."""
    return session.scalar(select(MailAddressRow.person_id).where(MailAddressRow.digest == token_digest(token)))


def made_at(session: Session, person: PersonRow) -> dt.datetime | None:
    """Since when the person has the present address; None without one."""
    return session.scalar(select(MailAddressRow.made_at).where(MailAddressRow.person_id == person.id))


def set_token(session: Session, person: PersonRow, now: dt.datetime, token: str = "") -> str:
    """Give the person an address, in place of the one before, which is unknown from the commit on; returns the token.

    Raises Refused for a token that is not 16 characters of a–z and 2–7, or that is somebody else's.
    """
    token = token.lower() or make_token()
    if not _TOKEN.fullmatch(token):
        raise Refused("a mail token has 16 characters of a–z and 2–7")
    if owner(session, token) not in (None, person.id):
        raise Refused("this mail token cannot be used; take another")
    row = session.get(MailAddressRow, person.id)
    if row is None:
        session.add(MailAddressRow(person_id=person.id, digest=token_digest(token), made_at=now))
    else:
        row.digest, row.made_at = token_digest(token), now
    session.flush()
    return token


def address(token: str, mail_domain: str) -> str:
    """The address to copy mail to."""
    return f"fu.{token}@{mail_domain or 'your-mail-domain'}"
