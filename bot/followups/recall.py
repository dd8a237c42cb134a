"""What is known about a person when a mail of theirs is judged? `known.State` from the database."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.followups import contacts as people_there
from bot.followups import ledger
from bot.followups.known import Contact, OpenFollowup, Person, State
from bot.followups.rules import zone_of
from bot.followups.tables import FollowupMailRow, FollowupRow, message_digest
from bot.people.tables import PersonRow

ENDED_SHOWN = dt.timedelta(days=90)
"""How long an ended follow-up is still known: its late answers are "already closed", not strangers."""
MOST_ENDED = 500


def state_of(
    session: Session,
    person: PersonRow,
    now: dt.datetime,
    *,
    authserv_id: str = "",
    mail_from: str = "",
    address: str = "",
    domains: Iterable[str] = (),
    seen: Iterable[str] = (),
) -> State:
    """All that a judgement may know. `address` is the person's secret address, `seen` the Message-IDs already taken in.

    Without `domains` the domain of the person's own address counts as their firm's, unless it is a public provider's.
    """
    rows = [*ledger.open_ones(session, person), *_ended(session, person, now)]
    linked = ledger.contacts_of(session, rows)
    everybody = people_there.everybody(session, person)
    emails = people_there.emails_of(session, [contact.id for contact in everybody])
    ids: dict[str, list[str]] = defaultdict(list)
    mails = select(FollowupMailRow.followup_id, FollowupMailRow.message_id).where(FollowupMailRow.person_id == person.id)
    for followup_id, message_id in session.execute(mails.order_by(FollowupMailRow.id)):
        ids[followup_id].append(message_id)
    own = tuple(domains) or ((person.email.rpartition("@")[2],) if person.email else ())
    return State(
        now=now,
        authserv_id=authserv_id,
        mail_from=mail_from,
        person=Person(name=person.name or "", email=person.email or "", zone=zone_of(person), domains=own, address=address),
        contacts=tuple(
            Contact(name=contact.name, email=next(iter(emails[contact.id]), ""), emails=tuple(emails[contact.id][1:]))
            for contact in everybody
        ),
        followups=tuple(
            OpenFollowup(
                id=row.id,
                message_ids=tuple(ids[row.id]),
                recipients=tuple(email for contact in linked[row.id] for email in emails.get(contact.id, ())),
                subject=row.subject,
                state=row.state,
                kind="verify_by_phone" if row.kind == "verify_by_phone" else "normal",
                contact_name=linked[row.id][0].name if linked[row.id] else "",
            )
            for row in rows
        ),
        seen=frozenset(seen),
    )


def with_mail(session: Session, message_ids: Iterable[str]) -> list[FollowupRow]:
    """Follow-ups of anybody whose mails these ids name: for a bounce that came to no secret address."""
    digests = [message_digest(message_id) for message_id in message_ids]
    return list(
        session.scalars(
            select(FollowupRow)
            .join(FollowupMailRow, FollowupMailRow.followup_id == FollowupRow.id)
            .where(FollowupMailRow.digest.in_(digests))
        ).unique()
    )


def _ended(session: Session, person: PersonRow, now: dt.datetime) -> list[FollowupRow]:
    return list(
        session.scalars(
            select(FollowupRow)
            .where(FollowupRow.person_id == person.id, FollowupRow.ended_at > now - ENDED_SHOWN)
            .order_by(FollowupRow.ended_at.desc())
            .limit(MOST_ENDED)
        )
    )
