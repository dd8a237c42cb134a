"""Who is on the other side? The counterparts of one person: found by e-mail or name, made when they are first met.

Functions take the caller's session and commit nothing. A contact is only ever looked up together with its person.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import cast

from sqlalchemy import Table as SqlTable
from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from bot.errors import Conflict, Refused
from bot.followups.countries import ZONES, country_of
from bot.followups.tables import OPEN_STATES, REACH, ContactEmailRow, ContactRow, FollowupContactRow, FollowupRow
from bot.followups.times import DEFAULT_THEIR_ZONE
from bot.followups.worktime import find_zone
from bot.messages import Lang
from bot.people.directory import email_digest
from bot.people.tables import PersonRow

_EMAIL = re.compile(r"[^@\s<>\",;]{1,64}@[^@\s<>\",;]{1,190}\.[^@\s<>\",;.]{2,63}")
_PHONE = re.compile(r"\+?[\d ()./-]{4,40}")
_ARTICLE = re.compile(r"^(?:the|our|my|a|an)\s+", re.IGNORECASE)
_CHINESE = frozenset({"CN", "HK", "MO", "TW", "SG"})
LONGEST_NAME = 120
_WITH_EMAILS = (
    select(ContactEmailRow.digest, ContactRow)
    .join(ContactRow, ContactRow.id == ContactEmailRow.contact_id)
    .where(ContactEmailRow.person_id == bindparam("whose"), ContactEmailRow.digest.in_(bindparam("digests", expanding=True)))
)
"""Made once, as what follows: to put a statement together costs as much as to execute it, and every copied mail does."""
_STORE_EMAIL = insert(cast("SqlTable", ContactEmailRow.__table__))


class NumberDuringCheck(Conflict):
    """A number that is told while bank details are checked could be taken for the one that was known before."""

    def __init__(self) -> None:
        super().__init__(
            "bank details are being checked with them by telephone, on a number known before; tell a new number after that"
        )


def add(
    session: Session,
    person: PersonRow,
    now: dt.datetime,
    *,
    name: str = "",
    emails: Iterable[str] = (),
    organisation: str = "",
    phone: str = "",
    wechat: str = "",
    reach: str = "",
    lang: str = "",
    zone: str = "",
) -> ContactRow:
    """A counterpart; one who has one of these e-mail addresses already is completed instead, nothing is overwritten.

    Raises Refused for a malformed e-mail, number, zone, language or way to reach them.
    """
    addresses = list(dict.fromkeys(email.strip().lower() for email in emails if email.strip()))
    name = clean(name)
    _refuse_malformed(addresses, phone=phone, reach=reach, lang=lang, zone=zone)
    if not name and not addresses:
        raise Refused("a contact needs a name or an e-mail address")
    digests = {email_digest(address): address for address in addresses}
    known = _with_emails(session, person, list(digests))
    contact = next((known[digest] for digest in digests if digest in known), None)
    if contact is None:
        guessed = zone or (zone_of_address(addresses[0]) if addresses else "") or DEFAULT_THEIR_ZONE
        contact = ContactRow(
            person_id=person.id, name=name or addresses[0].partition("@")[0], phones=[], zone=guessed, lang=lang, reach=reach
        )
        contact.created_at = now
        session.add(contact)
    complete(session, contact, organisation=organisation, phone=phone, wechat=wechat, reach=reach, lang=lang, zone=zone)
    session.flush()
    new = [
        {"contact_id": contact.id, "person_id": person.id, "email": address, "digest": digest}
        for digest, address in digests.items()
        if digest not in known
    ]
    if new:
        session.connection().execute(_STORE_EMAIL, new)
    return contact


def complete(
    session: Session,
    contact: ContactRow,
    *,
    organisation: str = "",
    phone: str = "",
    wechat: str = "",
    reach: str = "",
    lang: str = "",
    zone: str = "",
    instead: bool = False,
) -> None:
    """What is newly known of a counterpart. A firm or WeChat id that is known stays, unless this is said `instead` of it.

    Raises Refused for what is malformed, and NumberDuringCheck.
    """
    _refuse_malformed([], phone=phone, reach=reach, lang=lang, zone=zone)
    known = [contact.organisation, contact.wechat] if not instead else [None, None]
    contact.organisation = known[0] or clean(organisation) or contact.organisation
    contact.wechat = known[1] or clean(wechat)[:60] or contact.wechat
    contact.reach, contact.lang, contact.zone = reach or contact.reach, lang or contact.lang, zone or contact.zone
    number = " ".join(phone.split())
    if number and _digits(number) not in map(_digits, contact.phones):
        if in_check(session, contact):
            raise NumberDuringCheck
        contact.phones = [*contact.phones, number]


def in_check(session: Session, contact: ContactRow) -> bool:
    """Whether a check of bank details by telephone is open with them."""
    check = select(FollowupRow.id).join(FollowupContactRow, FollowupContactRow.followup_id == FollowupRow.id)
    mine = (FollowupContactRow.contact_id == contact.id, FollowupRow.kind == "verify_by_phone")
    return session.scalar(check.where(*mine, FollowupRow.state.in_(OPEN_STATES)).limit(1)) is not None


def for_recipient(session: Session, person: PersonRow, now: dt.datetime, email: str, name: str = "") -> ContactRow:
    """The contact with this address; made when there is none. `name` as the mail showed it."""
    return by_email(session, person, email) or add(session, person, now, name=name, emails=[email])


def named(session: Session, person: PersonRow, now: dt.datetime, name: str) -> ContactRow:
    """The contact of this name; made when there is none, or more than one (then it is another one)."""
    found = by_name(session, person, name)
    return found[0] if len(found) == 1 else add(session, person, now, name=name)


def by_email(session: Session, person: PersonRow, email: str) -> ContactRow | None:
    """The person's contact with this address."""
    return next(iter(_with_emails(session, person, [email_digest(email)]).values()), None)


def by_name(session: Session, person: PersonRow, name: str) -> list[ContactRow]:
    """The person's contacts of this name, whatever its capitals, blanks and articles."""
    wanted = _key(name)
    return [contact for contact in everybody(session, person) if wanted and _key(contact.name) == wanted]


def everybody(session: Session, person: PersonRow) -> list[ContactRow]:
    """All contacts of a person, oldest first."""
    return list(
        session.scalars(
            select(ContactRow).where(ContactRow.person_id == person.id).order_by(ContactRow.created_at, ContactRow.id)
        )
    )


def emails_of(session: Session, contact_ids: Collection[str]) -> Mapping[str, list[str]]:
    """Contact id → their addresses, oldest first."""
    found: dict[str, list[str]] = {contact_id: [] for contact_id in contact_ids}
    rows = select(ContactEmailRow.contact_id, ContactEmailRow.email).where(ContactEmailRow.contact_id.in_(list(contact_ids)))
    for contact_id, email in session.execute(rows.order_by(ContactEmailRow.id)):
        found[contact_id].append(email)
    return found


def addressed(contacts: Collection[ContactRow], reach: str = "") -> ContactRow | None:
    """Whom of them the person writes to or calls: who can be reached so, else in some way that is known, else the first."""
    so = [c for c in contacts if (c.wechat if reach == "wechat" else c.phones if reach in ("phone", "text") else None)]
    known = next(iter([*so, *(c for c in contacts if c.phones or c.wechat)]), None)
    return known or next(iter(contacts), None)


def lang_of(contact: ContactRow | None) -> Lang:
    """The language of the ready texts: what is known, else that of their country (Chinese where Chinese is written)."""
    if contact and contact.lang in ("en", "zh"):
        return "zh" if contact.lang == "zh" else "en"
    return "zh" if country_of(contact.zone if contact else DEFAULT_THEIR_ZONE) in _CHINESE - {"SG"} else "en"


def zone_of_address(email: str) -> str:
    """The zone that the country of a mail domain suggests; empty for .com and the like."""
    ending = email.rpartition(".")[2].upper()
    return ZONES.get("GB" if ending == "UK" else ending, "").partition(" ")[0]


def clean(name: str) -> str:
    """A name on one line, without control and direction characters, of bounded length."""
    visible = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in name)
    return " ".join(visible.split())[:LONGEST_NAME]


def _with_emails(session: Session, person: PersonRow, digests: list[str]) -> dict[str, ContactRow]:
    """Digest → contact, of those addresses that one has."""
    if not digests:
        return {}
    rows = session.execute(_WITH_EMAILS, {"whose": person.id, "digests": digests})
    return {row.digest: row.ContactRow for row in rows}


def _key(name: str) -> str:
    return "".join(_ARTICLE.sub("", unicodedata.normalize("NFKC", name).strip()).casefold().split())


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def _refuse_malformed(addresses: list[str], *, phone: str, reach: str, lang: str, zone: str) -> None:
    if any(not _EMAIL.fullmatch(address) for address in addresses):
        raise Refused("that is not an e-mail address")
    if phone and not _PHONE.fullmatch(phone.strip()):
        raise Refused("that is not a telephone number")
    if reach and reach not in REACH:
        raise Refused(f"contacts are reached by {', '.join(REACH)}")
    if lang not in ("", "en", "zh"):
        raise Refused("the languages are en and zh")
    if zone:
        find_zone(zone)
