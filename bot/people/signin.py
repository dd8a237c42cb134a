"""Who is at this browser? One-time links, and the sessions they open; both known by hashes only.

Functions take the caller's session and commit nothing themselves. All times are aware.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Literal

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from bot.messages import Address
from bot.people import directory
from bot.people.linking import addresses, merge
from bot.people.tables import AddressRow, PersonRow, SignInLink, WebSession, new_id

Purpose = Literal["chat", "mail", "invitation", "serve"]
Fate = Literal["open", "used", "expired", "unknown"]
LASTS: dict[str, dt.timedelta] = {
    "chat": dt.timedelta(minutes=10),
    "mail": dt.timedelta(minutes=20),
    "serve": dt.timedelta(hours=1),
    "invitation": dt.timedelta(days=7),
}
MOST_OPEN = 5
"""Unused links of one person by chat, or by mail, within their time; no further one is made."""
IDLE, LONGEST = dt.timedelta(days=30), dt.timedelta(days=180)
"""A session ends when nobody comes for so long, and at the latest after so long."""
SEEN = dt.timedelta(hours=1)
"""How exactly we remember when a browser was here last."""


def new_link(session: Session, person: PersonRow, purpose: Purpose, now: dt.datetime) -> str | None:
    """A token that signs this person in once, told this once; None when too many are open already.

    A new invitation, or a new start of the server, voids the link of the one before.
    """
    unused = (SignInLink.person_id == person.id, SignInLink.purpose == purpose, SignInLink.used_at.is_(None))
    if purpose in ("invitation", "serve"):
        session.execute(delete(SignInLink).where(*unused))
    elif len(session.scalars(select(SignInLink.digest).where(*unused, SignInLink.expires_at > now)).all()) >= MOST_OPEN:
        return None
    token = secrets.token_urlsafe(32)
    link = SignInLink(digest=_digest(token), person_id=person.id, purpose=purpose, made_at=now, expires_at=now + LASTS[purpose])
    session.add(link)
    session.flush()
    return token


def fate(session: Session, token: str, now: dt.datetime) -> tuple[Fate, PersonRow | None]:
    """What a link would do now, and for whom; looking at it uses nothing up."""
    link = session.get(SignInLink, _digest(token))
    if link is None:
        return "unknown", None
    if link.used_at is not None:
        return "used", None
    if link.expires_at <= now:
        return "expired", None
    return "open", session.get_one(PersonRow, link.person_id)


def use(
    session: Session, token: str, now: dt.datetime, *, device: str = "", browser: Address | None = None
) -> tuple[str, PersonRow] | Fate:
    """Use a link up: (the key of a new session, told this once, and whose), or why not. Of two at once one gets in.

    `browser` is where somebody without a name has talked from this very machine: what they said there becomes this
    person's, unless they are somebody already.
    """
    mine = (
        update(SignInLink)
        .where(SignInLink.digest == _digest(token), SignInLink.used_at.is_(None), SignInLink.expires_at > now)
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    used = session.execute(mine)
    assert isinstance(used, CursorResult)
    if used.rowcount != 1:
        found, _ = fate(session, token, now)
        return "used" if found == "open" else found
    person = session.get_one(PersonRow, session.get_one(SignInLink, _digest(token)).person_id)
    if browser:
        _adopt(session, person, browser)
    page_of(session, person, now)
    key = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            digest=_digest(key),
            person_id=person.id,
            device=device[:120] or None,
            made_at=now,
            seen_at=now,
            expires_at=now + IDLE,
        )
    )
    session.flush()
    return key, person


def signed(session: Session, key: str, now: dt.datetime) -> tuple[WebSession, PersonRow] | None:
    """The session of a cookie's key, and whose it is; None when it has ended."""
    found = session.execute(
        select(WebSession, PersonRow)
        .join(PersonRow, PersonRow.id == WebSession.person_id)
        .where(WebSession.digest == _digest(key), WebSession.expires_at > now)
    ).first()
    return (found[0], found[1]) if found else None


def stale(row: WebSession, now: dt.datetime) -> bool:
    """Whether it is time to note again that this browser is still in use."""
    return now - row.seen_at >= SEEN


def note_seen(session: Session, session_id: str, now: dt.datetime) -> None:
    """The browser is in use: its session lasts IDLE from now, but never longer than LONGEST."""
    row = session.get(WebSession, session_id)
    if row is not None:
        row.seen_at, row.expires_at = now, min(now + IDLE, row.made_at + LONGEST)
        session.flush()


def sessions(session: Session, person_id: str, now: dt.datetime) -> list[WebSession]:
    """Where a person is signed in, the newest first."""
    rows = select(WebSession).where(WebSession.person_id == person_id, WebSession.expires_at > now)
    return list(session.scalars(rows.order_by(WebSession.made_at.desc(), WebSession.id)))


def end(session: Session, person_id: str, session_id: str = "") -> int:
    """End one session of this person, or all with the links that wait; returns how many sessions. Never anybody else's."""
    mine = delete(WebSession).where(WebSession.person_id == person_id)
    if session_id:
        mine = mine.where(WebSession.id == session_id)
    else:
        session.execute(delete(SignInLink).where(SignInLink.person_id == person_id, SignInLink.used_at.is_(None)))
    ended = session.execute(mine.execution_options(synchronize_session=False))
    assert isinstance(ended, CursorResult)
    return ended.rowcount


def page_of(session: Session, person: PersonRow, now: dt.datetime) -> AddressRow:
    """The one address at which a signed-in person talks by the web, on all of their devices; made when it is missing."""
    mine = next((address for address in addresses(session, person.id) if address.channel == "web"), None)
    return mine or directory.add_address(session, person, Address(channel="web", external_id=new_id()), now)


def keeper(session: Session, now: dt.datetime) -> PersonRow:
    """Whoever keeps this installation: the first admin; one is made where there is none."""
    found = session.scalar(select(PersonRow).where(PersonRow.role == "admin").order_by(PersonRow.created_at, PersonRow.id))
    return found or directory.add_person(session, now, name="Admin", role="admin")


def _adopt(session: Session, person: PersonRow, browser: Address) -> None:
    row = session.scalar(
        select(AddressRow).where(AddressRow.channel == browser.channel, AddressRow.external_id == browser.external_id)
    )
    other = session.get(PersonRow, row.person_id) if row else None
    if other is None or other.id == person.id or other.role != "member" or other.name or other.email_digest:
        return
    if len(addresses(session, other.id)) == 1 and not any(a.channel == "web" for a in addresses(session, person.id)):
        merge(session, person, other)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
