"""What of a person's follow-ups may one mail concern? `known.State` with these alone, found without reading the others.

A person may have thousands of counterparts, all encrypted: follow-ups are found by digests of Message-IDs and addresses,
and the bare addresses, which only the look-alike check needs whole, are kept decrypted in memory. Commits nothing.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.followups.answers import addresses_in, ids_in
from bot.followups.copied import CopiedEmail
from bot.followups.known import PUBLIC_DOMAINS, Contact, OpenFollowup, Person, State
from bot.followups.lookalike import resembles
from bot.followups.recall import ENDED_SHOWN
from bot.followups.rules import zone_of
from bot.followups.tables import (
    OPEN_STATES,
    ContactEmailRow,
    ContactRow,
    FollowupContactRow,
    FollowupMailRow,
    FollowupRow,
    message_digest,
)
from bot.people.tables import PersonRow

MOST_PEOPLE = 1_000
"""People whose address books are kept in memory."""
MOST_FOLLOWUPS = 500
"""Of one mail, the newest first."""


@dataclass(frozen=True)
class _Page:
    rows: int
    newest: int
    addresses: Mapping[str, str]


class AddressBook:
    """Address → contact id, of each person. Read again only as far as rows have come; anew when some have gone."""

    def __init__(self) -> None:
        self._pages: OrderedDict[str, _Page] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, session: Session, person_id: str) -> Mapping[str, str]:
        """All addresses of a person's counterparts, in small letters."""
        mine = ContactEmailRow.person_id == person_id
        rows, newest = session.execute(select(func.count(), func.max(ContactEmailRow.id)).where(mine)).one()
        known = self._pages.get(person_id, _Page(0, 0, {}))
        if (rows, newest or 0) != (known.rows, known.newest):
            known = self._read(session, mine, known if rows > known.rows else _Page(0, 0, {}), rows)
            with self._lock:
                self._pages[person_id] = known
                self._pages.move_to_end(person_id)
                if len(self._pages) > MOST_PEOPLE:
                    self._pages.popitem(last=False)
        return known.addresses

    def _read(self, session: Session, mine: object, known: _Page, rows: int) -> _Page:
        found = select(ContactEmailRow.id, ContactEmailRow.email, ContactEmailRow.contact_id).where(mine)  # type: ignore[arg-type]
        read = session.execute(found.where(ContactEmailRow.id > known.newest).order_by(ContactEmailRow.id)).all()
        addresses = {**known.addresses, **{email.lower(): contact_id for _, email, contact_id in read}}
        if known.rows and known.rows + len(read) != rows:  # one has gone, or came late
            return self._read(session, mine, _Page(0, 0, {}), rows)
        return _Page(rows, max((row_id for row_id, _, _ in read), default=known.newest), MappingProxyType(addresses))


def state_for(
    session: Session,
    person: PersonRow,
    mail: CopiedEmail,
    now: dt.datetime,
    book: AddressBook,
    *,
    authserv_id: str = "",
    seen: Iterable[str] = (),
) -> State:
    """All that a judgement of this mail may know. The domain of the person's own address counts as their firm's."""
    addresses = book.of(session, person.id)
    own = (person.email.rpartition("@")[2],) if person.email else ()
    me = Person(name=person.name or "", email=person.email or "", zone=zone_of(person), domains=own)
    near = _concerned(mail, addresses, me)
    wanted = None if _named_only(mail) else set(near.values())
    rows = _followups(session, person, mail, set(near.values()), now)
    linked, ids = _links(session, [row.id for row in rows])
    wanted = wanted if wanted is None else wanted | {contact for contacts in linked.values() for contact in contacts}
    by_contact: dict[str, list[str]] = defaultdict(list)
    for address, contact_id in addresses.items():
        if wanted is None or contact_id in wanted:
            by_contact[contact_id].append(address)
    names = _names(session, person, wanted)
    return State(
        now=now,
        authserv_id=authserv_id,
        mail_from=mail.envelope_from,
        person=me,
        contacts=tuple(
            Contact(name=names[c], email=by_contact[c][0], emails=tuple(by_contact[c][1:])) for c in names if c in by_contact
        ),
        others=frozenset(addresses),
        followups=tuple(
            OpenFollowup(
                id=row.id,
                message_ids=tuple(ids[row.id]),
                recipients=tuple(address for contact in linked[row.id] for address in by_contact[contact]),
                subject=row.subject,
                state=row.state,
                kind="verify_by_phone" if row.kind == "verify_by_phone" else "normal",
                contact_name=names.get(linked[row.id][0], "") if linked[row.id] else "",
            )
            for row in rows
        ),
        seen=frozenset(seen),
    )


def _concerned(mail: CopiedEmail, addresses: Mapping[str, str], me: Person) -> dict[str, str]:
    """Those of the addresses that this mail names, imitates, or shares a firm with its author."""
    inner = mail.forwarded
    boxes = [mail.sender, *mail.to, *mail.cc, *mail.reply_to, *([inner.sender, *inner.to] if inner else [])]
    named = {box.address for box in boxes if box.address} | set(mail.bounce.failed if mail.bounce else ())
    named |= set(addresses_in(inner)) if inner else set()
    firms = (
        {box.domain for box in (mail.sender, *([inner.sender] if inner else [])) if box.domain} - PUBLIC_DOMAINS - me.own_domains
    )
    alike = {resembles(address, addresses, me.own_domains) for address in named if address not in addresses} - {""}
    return {
        address: contact_id
        for address, contact_id in addresses.items()
        if address in named or address in alike or (domain := address.rpartition("@")[2]) in alike or domain in firms
    }


def _named_only(mail: CopiedEmail) -> bool:
    """Whether a forwarded mail gives its author by name alone: then any contact may be meant."""
    return bool(mail.forwarded and mail.forwarded.sender.name and not mail.forwarded.sender.address)


def _followups(
    session: Session, person: PersonRow, mail: CopiedEmail, contact_ids: Collection[str], now: dt.datetime
) -> list[FollowupRow]:
    ids = {mail.message_id, *mail.other_ids, *mail.in_reply_to, *mail.references}
    ids |= set(mail.bounce.original_ids if mail.bounce else ()) | set(ids_in(mail.forwarded) if mail.forwarded else ())
    by_id = select(FollowupMailRow.followup_id).where(
        FollowupMailRow.person_id == person.id, FollowupMailRow.digest.in_([message_digest(i) for i in ids if i])
    )
    by_contact = select(FollowupContactRow.followup_id).where(FollowupContactRow.contact_id.in_(list(contact_ids)))
    found = (
        select(FollowupRow)
        .where(
            FollowupRow.person_id == person.id,
            or_(FollowupRow.id.in_(by_id), FollowupRow.id.in_(by_contact)),
            or_(FollowupRow.state.in_(OPEN_STATES), FollowupRow.ended_at > now - ENDED_SHOWN),
        )
        .order_by(FollowupRow.created_at.desc(), FollowupRow.id)
        .limit(MOST_FOLLOWUPS)
    )
    return list(session.scalars(found))


def _links(session: Session, followup_ids: list[str]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Follow-up id → its contacts, and → the Message-IDs of its mails."""
    contacts: dict[str, list[str]] = {followup_id: [] for followup_id in followup_ids}
    ids: dict[str, list[str]] = {followup_id: [] for followup_id in followup_ids}
    if not followup_ids:
        return contacts, ids
    linked = select(FollowupContactRow.followup_id, FollowupContactRow.contact_id).order_by(FollowupContactRow.position)
    for followup_id, contact_id in session.execute(linked.where(FollowupContactRow.followup_id.in_(followup_ids))):
        contacts[followup_id].append(contact_id)
    mails = select(FollowupMailRow.followup_id, FollowupMailRow.message_id).order_by(FollowupMailRow.id)
    for followup_id, message_id in session.execute(mails.where(FollowupMailRow.followup_id.in_(followup_ids))):
        ids[followup_id].append(message_id)
    return contacts, ids


def _names(session: Session, person: PersonRow, wanted: set[str] | None) -> dict[str, str]:
    """Contact id → name, of those that are wanted (None: all), oldest first."""
    found = select(ContactRow.id, ContactRow.name).where(ContactRow.person_id == person.id)
    if wanted is not None:
        if not wanted:
            return {}
        found = found.where(ContactRow.id.in_(list(wanted)))
    rows = session.execute(found.order_by(ContactRow.created_at, ContactRow.id)).all()
    return {row.id: row.name for row in rows}
