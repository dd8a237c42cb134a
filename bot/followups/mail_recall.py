"""What of a person's follow-ups may one mail concern? `known.State` with these alone, found without reading the others.

A person may have thousands of counterparts, all encrypted: follow-ups are found by digests of Message-IDs and addresses,
and the bare addresses, which only the look-alike check needs whole, are kept decrypted in memory. Commits nothing.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Row, bindparam, func, or_, select
from sqlalchemy.orm import Session

from bot.followups.answers import addresses_in, ids_in
from bot.followups.copied import CopiedEmail
from bot.followups.known import PUBLIC_DOMAINS, Contact, OpenFollowup, Person, State
from bot.followups.lookalike import Nearby, resembles
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


_COUNTED = select(func.count().label("rows")).where(ContactEmailRow.person_id == bindparam("whose")).subquery()
_ADDRESSES = (
    select(_COUNTED.c.rows, ContactEmailRow.id, ContactEmailRow.email, ContactEmailRow.contact_id)
    .select_from(_COUNTED)
    .outerjoin(ContactEmailRow, (ContactEmailRow.person_id == bindparam("whose")) & (ContactEmailRow.id > bindparam("after")))
    .order_by(ContactEmailRow.id)
)
"""How many addresses a person has, and the newer ones. Statements are made once: it costs as much as to execute them."""
_FOLLOWUPS = (
    select(FollowupRow.id, FollowupRow.subject, FollowupRow.state, FollowupRow.kind)
    .where(
        FollowupRow.id.in_(
            select(FollowupMailRow.followup_id)
            .where(
                FollowupMailRow.person_id == bindparam("whose"),
                FollowupMailRow.digest.in_(bindparam("digests", expanding=True)),
            )
            .union(
                select(FollowupContactRow.followup_id).where(
                    FollowupContactRow.contact_id.in_(bindparam("contacts", expanding=True))
                )
            )
        ),
        func.coalesce(FollowupRow.person_id, "") == bindparam("whose"),  # not by an index: it has all that they ever had
        or_(FollowupRow.state.in_(OPEN_STATES), FollowupRow.ended_at > bindparam("ended")),
    )
    .order_by(FollowupRow.created_at.desc(), FollowupRow.id)
    .limit(MOST_FOLLOWUPS)
)
_LINKED = (
    select(FollowupContactRow.followup_id, FollowupContactRow.contact_id)
    .where(FollowupContactRow.followup_id.in_(bindparam("ids", expanding=True)))
    .order_by(FollowupContactRow.position)
)
_MAILS = (
    select(FollowupMailRow.followup_id, FollowupMailRow.message_id)
    .where(FollowupMailRow.followup_id.in_(bindparam("ids", expanding=True)))
    .order_by(FollowupMailRow.id)
)
_NAMES = (
    select(ContactRow.id, ContactRow.name)
    .where(ContactRow.person_id == bindparam("whose"))
    .order_by(ContactRow.created_at, ContactRow.id)
)
_NAMES_OF = _NAMES.where(ContactRow.id.in_(bindparam("wanted", expanding=True)))


@dataclass
class Page:
    """The addresses of a person's counterparts, in small letters. Only their own mails look into it, one after the other."""

    rows: int = 0
    newest: int = 0
    contacts: dict[str, str] = field(default_factory=dict)
    """Address → contact id."""
    addresses: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Contact id → addresses, oldest first."""
    nearby: Nearby = field(default_factory=Nearby)

    def add(self, rows: int, read: Sequence[Row[int, int, str, str]]) -> None:
        """What has come since."""
        for _, newest, email, contact_id in read:
            self.newest, address = newest, email.lower()
            self.contacts[address] = contact_id
            self.addresses[contact_id].append(address)
            self.nearby.add(address)
        self.rows = rows


class AddressBook:
    """The page of each person. Read again only as far as rows have come; anew when some have gone."""

    def __init__(self) -> None:
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, session: Session, person_id: str) -> Page:
        """All addresses of a person's counterparts. The caller has locked the row of the person's mail address."""
        page = self._pages.get(person_id, Page())
        rows, read = _addresses(session, person_id, page.newest)
        if page.rows + len(read) != rows:  # one has gone, or came late
            page = Page()
            rows, read = _addresses(session, person_id, page.newest)
        page.add(rows, read)
        with self._lock:
            self._pages[person_id] = page
            self._pages.move_to_end(person_id)
            if len(self._pages) > MOST_PEOPLE:
                self._pages.popitem(last=False)
        return page


def _addresses(session: Session, person_id: str, after: int) -> tuple[int, Sequence[Row[int, int, str, str]]]:
    found = session.connection().execute(_ADDRESSES, {"whose": person_id, "after": after}).all()
    return found[0].rows, [row for row in found if row.id is not None]


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
    page = book.of(session, person.id)
    own = (person.email.rpartition("@")[2],) if person.email else ()
    me = Person(name=person.name or "", email=person.email or "", zone=zone_of(person), domains=own)
    concerned, near = _concerned(mail, page, me)
    rows = _followups(session, person, mail, concerned, now)
    linked, ids = _links(session, [row.id for row in rows])
    wanted = None if _named_only(mail) else concerned.union(*linked.values())
    names = _names(session, person, wanted)
    return State(
        now=now,
        authserv_id=authserv_id,
        mail_from=mail.envelope_from,
        person=me,
        contacts=tuple(
            Contact(name=names[c], email=page.addresses[c][0], emails=tuple(page.addresses[c][1:]))
            for c in names
            if c in page.addresses
        ),
        others=frozenset(near),
        followups=tuple(
            OpenFollowup(
                id=row.id,
                message_ids=tuple(ids[row.id]),
                recipients=tuple(address for contact in linked[row.id] for address in page.addresses.get(contact, ())),
                subject=row.subject,
                state=row.state,
                kind="verify_by_phone" if row.kind == "verify_by_phone" else "normal",
                contact_name=names.get(linked[row.id][0], "") if linked[row.id] else "",
            )
            for row in rows
        ),
        seen=frozenset(seen),
    )


def _concerned(mail: CopiedEmail, page: Page, me: Person) -> tuple[set[str], set[str]]:
    """The contacts whom this mail names or imitates, or who share a firm with its author; and which addresses are like its own."""
    inner = mail.forwarded
    boxes = [mail.sender, *mail.to, *mail.cc, *mail.reply_to, *([inner.sender, *inner.to] if inner else [])]
    named = {box.address for box in boxes if box.address} | set(mail.bounce.failed if mail.bounce else ())
    named |= set(addresses_in(inner)) if inner else set()
    firms = (
        {box.domain for box in (mail.sender, *([inner.sender] if inner else [])) if box.domain} - PUBLIC_DOMAINS - me.own_domains
    )
    near = {address: page.nearby.to(address) for address in named}
    alike = {resembles(address, near[address], me.own_domains) for address in named if address not in page.contacts} - {""}
    meant = (named | alike).union(*(page.nearby.at(domain) for domain in alike | firms))
    return {page.contacts[address] for address in meant if address in page.contacts}, set().union(*near.values())


def _named_only(mail: CopiedEmail) -> bool:
    """Whether a forwarded mail gives its author by name alone: then any contact may be meant."""
    return bool(mail.forwarded and mail.forwarded.sender.name and not mail.forwarded.sender.address)


def _followups(
    session: Session, person: PersonRow, mail: CopiedEmail, contact_ids: Collection[str], now: dt.datetime
) -> Sequence[Row[str, str, str, str]]:
    ids = {mail.message_id, *mail.other_ids, *mail.in_reply_to, *mail.references}
    ids |= set(mail.bounce.original_ids if mail.bounce else ()) | set(ids_in(mail.forwarded) if mail.forwarded else ())
    asked = {"digests": [message_digest(i) for i in ids if i], "contacts": list(contact_ids), "ended": now - ENDED_SHOWN}
    return session.connection().execute(_FOLLOWUPS, {"whose": person.id, **asked}).all()


def _links(session: Session, followup_ids: list[str]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Follow-up id → its contacts, and → the Message-IDs of its mails."""
    contacts: dict[str, list[str]] = {followup_id: [] for followup_id in followup_ids}
    ids: dict[str, list[str]] = {followup_id: [] for followup_id in followup_ids}
    if not followup_ids:
        return contacts, ids
    for followup_id, contact_id in session.connection().execute(_LINKED, {"ids": followup_ids}):
        contacts[followup_id].append(contact_id)
    for followup_id, message_id in session.connection().execute(_MAILS, {"ids": followup_ids}):
        ids[followup_id].append(message_id)
    return contacts, ids


def _names(session: Session, person: PersonRow, wanted: set[str] | None) -> dict[str, str]:
    """Contact id → name, of those that are wanted (None: all), oldest first."""
    if wanted is not None and not wanted:
        return {}
    asked = {"whose": person.id} if wanted is None else {"whose": person.id, "wanted": list(wanted)}
    rows = session.connection().execute(_NAMES if wanted is None else _NAMES_OF, asked).all()
    return {row.id: row.name for row in rows}
