"""Who is this, and who may do what? People by address, roles, keys.

Functions take a session of the caller's transaction and commit nothing themselves.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import cache
from zoneinfo import available_timezones

from sqlalchemy import Row, bindparam, delete, select
from sqlalchemy.orm import Session

from bot.channel import Profile
from bot.errors import NotAllowed, Refused
from bot.messages import Address, Lang
from bot.people.tables import AddressRow, ApiKey, PersonRow, Workspace

zones = cache(available_timezones)
"""Of the time zone database; to look them up takes 20 ms, since the files are walked, and every message asks."""
ROLES = ("member", "curator", "admin")
HEARD = dt.timedelta(hours=1)
"""How exactly we remember when somebody last spoke at an address."""
_AT = (
    select(PersonRow, AddressRow)
    .join(AddressRow, AddressRow.person_id == PersonRow.id)
    .where(AddressRow.channel == bindparam("at_channel"), AddressRow.external_id == bindparam("at_id"))
)
"""Written once: to put a statement together costs about as much as to run it, and these are run for every message."""


def at_address(session: Session, address: Address, now: dt.datetime) -> tuple[PersonRow, AddressRow]:
    """The person at an address; both rows are made when they speak for the first time."""
    found = _there(session, address)
    if found:
        if found[1].left_at and now >= found[1].left_at:
            found[1].left_at = None  # who speaks is here
        if found[1].heard_at is None or now - found[1].heard_at >= HEARD:
            found[1].heard_at = now
        return found[0], found[1]
    person = PersonRow(created_at=now, role="member")
    session.add(person)
    session.flush()
    return person, add_address(session, person, address, now)


def speaker(session: Session, address: Address) -> PersonRow | None:
    """The person at an address, if somebody has spoken there; nothing is made."""
    return found[0] if (found := _there(session, address)) else None


def known(session: Session, address: Address) -> PersonRow:
    """The person at an address who is here already; nobody is made. Raises NotAllowed for a stranger."""
    found = speaker(session, address)
    if found is None:
        raise NotAllowed("nobody is known here: ask an admin for a role")
    return found


def add_address(session: Session, person: PersonRow, address: Address, now: dt.datetime) -> AddressRow:
    """Give a person one more address. The caller has checked that nobody has it."""
    row = AddressRow(
        channel=address.channel,
        external_id=address.external_id,
        workspace_id=workspace(session, address.channel, address.workspace, now).id if address.workspace else None,
        person_id=person.id,
        created_at=now,
        heard_at=now,
    )
    session.add(row)
    session.flush()
    return row


def add_person(
    session: Session, now: dt.datetime, *, name: str, email: str = "", zone: str = "", lang: str = "", role: str = "member"
) -> PersonRow:
    """A new person. Raises Refused for an unknown zone, language or role, or an e-mail that somebody has already."""
    refuse_unknown(zone=zone, lang=lang, role=role)
    person = PersonRow(name=name, zone=zone or None, lang=lang or None, role=role, created_at=now)
    if email:
        set_email(session, person, email)
    session.add(person)
    session.flush()
    return person


def set_email(session: Session, person: PersonRow, email: str) -> None:
    """Give a person an address, in place of another they have. Raises Refused for one that somebody else has."""
    owner = by_email(session, email)
    if owner and owner is not person:
        raise Refused("somebody with this e-mail address is here already")
    person.email, person.email_digest = email, email_digest(email)
    session.flush()


def profile(session: Session, address: Address) -> tuple[Profile, str | None, str | None]:
    """(what the vendor said of who is at this address, the language and the zone that person has); nothing is made."""
    found = _there(session, address)
    if found is None:
        return Profile(), None, None
    person, row = found
    told = Profile(row.zone or "", row.locale or "", person.name or "", bool(row.left_at), asked_at=row.profile_at)
    return told, person.lang, person.zone


def note_profile(session: Session, address: Address, told: Profile, now: dt.datetime) -> PersonRow | None:
    """Keep what the vendor says of somebody we know. Zone and name become the person's where they have none of their own.

    Returns whom it changed the zone of, if it did.
    """
    found = _there(session, address)
    if found is None:
        return None
    person, row = found
    zone = person.zone
    if told.zone in zones():
        if person.zone in (None, row.zone):
            person.zone = told.zone
        row.zone = told.zone
    if told.name and not person.name:
        person.name = told.name
    row.locale = told.locale[:20] or row.locale
    row.left_at = (row.left_at or now) if told.left else None
    row.profile_at = now
    session.flush()
    return person if person.zone != zone else None


def note_left(row: AddressRow, now: dt.datetime) -> None:
    """They left, or the vendor knows nobody of this id: nothing is sent there until they speak or come back."""
    row.left_at = row.left_at or now


def find(session: Session, named: str) -> PersonRow:
    """A person by id, e-mail, or address such as `web:ID` or `slack:TEAM/USER`. Raises Refused when there is none."""
    channel, _, external_id = named.partition(":")
    person = session.get(PersonRow, named) if len(named) == 32 else None
    if person is None and "@" in named:
        person = by_email(session, named)
    if person is None and external_id:
        person = session.scalar(
            select(PersonRow)
            .join(AddressRow, AddressRow.person_id == PersonRow.id)
            .where(AddressRow.channel == channel, AddressRow.external_id == external_id)
        )
    if person is None:
        raise Refused(f"there is no person {named}")
    return person


def by_email(session: Session, email: str) -> PersonRow | None:
    """Whoever has this e-mail address."""
    return session.scalar(select(PersonRow).where(PersonRow.email_digest == email_digest(email)))


def everybody(session: Session) -> list[PersonRow]:
    """All people, oldest first; a room is none."""
    people = select(PersonRow).where(PersonRow.role.in_(ROLES))
    return list(session.scalars(people.order_by(PersonRow.created_at, PersonRow.id)))


def set_role(person: PersonRow, role: str) -> None:
    """Raises Refused for an unknown role."""
    refuse_unknown(role=role)
    person.role = role


def set_language(person: PersonRow, lang: Lang) -> None:
    """The language of all answers from now on."""
    person.lang = lang


def note_spoken(person: PersonRow, lang: Lang, text: str) -> None:
    """They said this in a language. One or two Latin words (OK, a name) change nothing: who writes Chinese types them too."""
    if lang == "zh" or person.spoken is None or len(text.split()) > 2:
        person.spoken = lang


def reads(person: PersonRow) -> Lang | None:
    """The language of what comes to a person unasked: which they chose, else last spoke; None: neither is known."""
    known = person.lang or person.spoken
    return ("zh" if known == "zh" else "en") if known else None


def take_zone(person: PersonRow, zone: str) -> bool:
    """The zone a channel tells, until the person has one; an unknown name is left aside. Whether it was taken."""
    if person.zone or zone not in zones():
        return False
    person.zone = zone
    return True


def key_address(key: ApiKey) -> Address:
    """Where the holder of a key speaks: what is asked through it belongs to its owner."""
    return Address(channel="api", external_id=key.id)


def erase(session: Session, person: PersonRow) -> None:
    """Erase all that is known of a person: conversations, messages, votes, questions, addresses, name, e-mail, API keys.

    A tool's key that somebody else's words go through is no person: see `keys.forget_talk`.
    """
    session.execute(delete(AddressRow).where(AddressRow.person_id == person.id))
    session.delete(person)  # whatever else hangs on them, in whichever feature, goes with the row
    session.flush()


def email_digest(email: str) -> str:
    """What finds a person by e-mail: SHA-256 of the address in lower case."""
    return digest(email.strip().casefold())


def digest(text: str) -> str:
    """SHA-256 of what is looked for and not kept, or kept only encrypted."""
    return hashlib.sha256(text.encode()).hexdigest()


def _there(session: Session, address: Address) -> Row[PersonRow, AddressRow] | None:
    return session.execute(_AT, {"at_channel": address.channel, "at_id": address.external_id}).first()


def workspace(session: Session, channel: str, external_id: str, now: dt.datetime) -> Workspace:
    """The row of a workspace, made when it is new."""
    row = session.scalar(select(Workspace).where(Workspace.channel == channel, Workspace.external_id == external_id))
    if row is None:
        row = Workspace(channel=channel, external_id=external_id, created_at=now)
        session.add(row)
        session.flush()
    return row


def refuse_unknown(*, zone: str = "", lang: str = "", role: str = "member") -> None:
    """Raises Refused for a zone, language or role that there is not."""
    if zone and zone not in zones():
        raise Refused(f"there is no time zone {zone}; use a name such as Asia/Shanghai")
    if lang not in ("", "en", "zh"):
        raise Refused(f"the languages are en and zh, not {lang}")
    if role not in ROLES:
        raise Refused(f"the roles are {', '.join(ROLES)}, not {role}")
