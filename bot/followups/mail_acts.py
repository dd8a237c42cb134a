"""What a judged mail does to the follow-ups in the database.

Functions take the caller's session and commit nothing; each is harmless when the same mail comes again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import Field
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.followups import changes, contacts, ledger, mail_due
from bot.followups.answers import addresses_in
from bot.followups.copied import CopiedEmail
from bot.followups.mail_words import Caution
from bot.followups.rules import Rules, zone_of
from bot.followups.tables import ContactRow, FollowupRow
from bot.followups.times import DEFAULT_THEIR_ZONE, When
from bot.followups.verdict import Judgement, Touched
from bot.messages import Lang, Model
from bot.people import directory
from bot.people.tables import PersonRow


@dataclass(frozen=True)
class Desk:
    """Whose mail is worked on, and when."""

    session: Session
    person: PersonRow
    now: dt.datetime
    rules: Rules
    speaks: Lang | None = None
    """The language of the talk; without one that which the person reads."""

    @property
    def lang(self) -> Lang:
        """The language the person is told things in."""
        return self.speaks or directory.reads(self.person) or "en"

    @property
    def zone(self) -> str:
        """The person's zone, as the talk takes it too."""
        return zone_of(self.person, self.lang)


class Making(Model):
    """All that is needed to make a follow-up of a mail, now or when the person says that it is theirs."""

    matter: Touched
    names: Mapping[str, str] = Field(default_factory=dict)
    """Recipient → the name shown in the mail."""
    excerpt: str = ""
    lang: Lang = "en"
    origin: str
    sent_at: dt.datetime
    due_at: dt.datetime | None = None
    deadline: dt.datetime | None = None


@dataclass(frozen=True)
class Moved:
    """A time that the person had named, which an absence moved."""

    row: FollowupRow
    was: dt.datetime
    zone: str
    back_on: dt.date
    names: tuple[str, ...]


@dataclass
class Done:
    """What came of it: the follow-ups touched, the time that was read, and what else the person must know."""

    rows: list[FollowupRow]
    when: When = field(default_factory=When)
    cautions: tuple[Caution, ...] = ()
    moved: list[Moved] = field(default_factory=list)


def carry_out(desk: Desk, judgement: Judgement, mail: CopiedEmail, origin: str) -> Done:
    """Do what was judged. `ask`, `quarantine`, `ignore` and `reject` change nothing."""
    if judgement.action == "create" and judgement.followups:
        making, when, said = plan(desk, judgement, mail, judgement.followups[0], origin)
        return Done([make(desk, making)], when, said)
    act = {"close": _close, "annotate": _annotate, "escalate": _escalate}.get(judgement.action)
    rows = [ledger.find(desk.session, desk.person, f.id) for f in judgement.followups if f.id]
    moved = [act(desk, row, judgement, mail) for row in rows] if act else []
    return Done(rows, moved=[each for each in moved if each])


def plan(
    desk: Desk, judgement: Judgement, mail: CopiedEmail, matter: Touched, origin: str
) -> tuple[Making, When, tuple[Caution, ...]]:
    """What will be made of a mail; a time that cannot be read surely is left to the cadence, and said."""
    theirs = _zone(desk, matter.recipients) if judgement.when_text else DEFAULT_THEIR_ZONE
    when = mail_due.asked(judgement, desk.now, desk.zone, theirs, desk.lang)
    unclear = bool(judgement.when_text) and when.at is None
    return (
        Making(
            matter=matter,
            names={box.address: box.name for box in (*mail.to, *mail.cc) if box.address in matter.recipients and box.name},
            excerpt=judgement.excerpt,
            lang=written_in(mail) or "en",
            origin=origin,
            sent_at=mail_due.sent_at(mail, desk.now),
            due_at=when.at,
            deadline=mail_due.deadline(judgement, desk.now),
        ),
        when,
        (Caution(code="time_unclear", found=judgement.when_text),) if unclear else (),
    )


def written_in(mail: CopiedEmail) -> Lang | None:
    """The language of a mail, where it could be told."""
    return ("zh" if mail.language.startswith("zh") else "en") if mail.language else None


def make(desk: Desk, making: Making, whom: Sequence[ContactRow] = ()) -> FollowupRow:
    """The follow-up of a mail; the same mail makes one only. A time that has passed meanwhile is left to the cadence.

    `whom`: the counterpart of a mail that names none, as the person said.
    """
    matter = making.matter
    there = [
        *(_contact(desk, address, making.names.get(address) or _called(matter, address)) for address in matter.recipients),
        *whom,
    ]
    return ledger.create(
        desk.session,
        desk.person,
        desk.now,
        desk.rules,
        subject=matter.subject,
        contacts=there,
        due_at=making.due_at if making.due_at and making.due_at > desk.now else None,
        zone=desk.zone,
        kind=matter.kind,
        origin=making.origin,
        sent_at=making.sent_at,
        lang=making.lang,
        reason=matter.reason,
        excerpt=making.excerpt,
        message_ids=[matter.message_id] if matter.message_id else [],
        deadline=making.deadline,
        by="mail",
    )


def _close(desk: Desk, row: FollowupRow, _: Judgement, mail: CopiedEmail) -> None:
    if row.kind == "normal":
        changes.replied(desk.session, row, desk.now, by="mail")
        ledger.add_mail(desk.session, row, mail.message_id)


def _escalate(desk: Desk, row: FollowupRow, judgement: Judgement, mail: CopiedEmail) -> None:
    failed = {*(mail.bounce.failed if mail.bounce else ()), *(addresses_in(mail.forwarded) if mail.forwarded else ())}
    about = _concerned(desk, row, failed)
    changes.escalate(desk.session, row, desk.person, judgement.reason, desk.now, desk.rules, about)


def _annotate(desk: Desk, row: FollowupRow, judgement: Judgement, mail: CopiedEmail) -> Moved | None:
    if judgement.reason == "out_of_office":
        return _hold(desk, row, judgement, mail)
    zone = _contact_zone(desk, row)
    changes.annotate(desk.session, row, judgement.reason, desk.now)
    if judgement.reason == "sent_again":
        ledger.add_mail(desk.session, row, mail.message_id)
        when = mail_due.asked(judgement, desk.now, desk.zone, zone)
        if when.at:
            changes.snooze(desk.session, row, when.at, desk.zone, desk.now, "changed")
    return None


def _hold(desk: Desk, row: FollowupRow, judgement: Judgement, mail: CopiedEmail) -> Moved | None:
    """They are away; of a time that the person had named: what it was, as they must be told."""
    about = _concerned(desk, row, {mail.sender.address})
    zone = about[0].zone if about else _contact_zone(desk, row)
    back = mail_due.back_on(judgement, desk.now, zone)
    fixed, was, in_zone = row.fixed, row.due_at, row.zone
    held = changes.hold(desk.session, row, desk.person, desk.now, desk.rules, back, about)
    return Moved(row, was, in_zone, back, tuple(contact.name for contact in about)) if held and fixed and back else None


def _concerned(desk: Desk, row: FollowupRow, addresses: set[str]) -> list[ContactRow]:
    """Its counterparts at these addresses."""
    linked: list[ContactRow] = ledger.contacts_of(desk.session, [row])[row.id]
    emails = contacts.emails_of(desk.session, [contact.id for contact in linked])
    return [contact for contact in linked if addresses & {email.lower() for email in emails[contact.id]}]


def say_yes(desk: Desk, row: FollowupRow, reason: str) -> bool:
    """The person confirmed that an unclear mail is about this follow-up. Raises Refused for a check by telephone."""
    if reason == "meeting_cancelled":
        return changes.cancel(desk.session, row, desk.now)
    if reason == "bounce_unclear":
        return changes.escalate(desk.session, row, desk.person, "not_delivered", desk.now, desk.rules)
    return changes.replied(desk.session, row, desk.now)


def _contact(desk: Desk, address: str, name: str) -> ContactRow:
    """The counterpart at an address; one that no mail could reach, such as `li@intranet`, is a name only."""
    try:
        return contacts.add(desk.session, desk.person, desk.now, name=name, emails=[address])
    except Refused:
        return contacts.named(desk.session, desk.person, desk.now, name or address)


def _called(matter: Touched, address: str) -> str:
    return matter.contact_name if matter.recipients and matter.recipients[0] == address else ""


def _zone(desk: Desk, recipients: tuple[str, ...]) -> str:
    address = next(iter(recipients), "")
    known = contacts.by_email(desk.session, desk.person, address) if address else None
    return known.zone if known else contacts.zone_of_address(address) or DEFAULT_THEIR_ZONE


def _contact_zone(desk: Desk, row: FollowupRow) -> str:
    found: list[ContactRow] = ledger.contacts_of(desk.session, [row])[row.id]
    return found[0].zone if found else DEFAULT_THEIR_ZONE
