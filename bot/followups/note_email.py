"""One mail copied to us, noted once: creates, moves, closes, annotates or refuses a follow-up, or asks one question.

The bytes are read before the transaction; then whatever the mail does, its row, and what the person is told about it are
committed together. The sender is answered after that: a crash at any point leaves the mail with the sender or finds it done.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, cast

import structlog
from sqlalchemy import Engine, and_, bindparam, insert, select
from sqlalchemy import Table as SqlTable
from sqlalchemy.orm import Session

from bot import metrics
from bot.db import reading, writing
from bot.delivery import outbox
from bot.errors import Refused
from bot.followups import held, ledger, mail_addresses, mail_cards
from bot.followups.copied import CopiedEmail, Envelope, secret_address, token_digest
from bot.followups.due import reached_at
from bot.followups.intake import Reader, refusal
from bot.followups.judge import judge
from bot.followups.mail_acts import Desk, Done, carry_out, plan, written_in
from bot.followups.mail_recall import AddressBook, state_for
from bot.followups.mail_tables import CopiedMailRow, MailAddressRow
from bot.followups.mail_words import reason_says
from bot.followups.rules import Rules
from bot.followups.tables import message_digest
from bot.followups.verdict import Judgement
from bot.people import directory
from bot.people.tables import PersonRow, new_id

log = structlog.get_logger()

_KNOWN = (
    select(MailAddressRow.person_id, CopiedMailRow.outcome)
    .outerjoin(
        CopiedMailRow, and_(CopiedMailRow.person_id == MailAddressRow.person_id, CopiedMailRow.digest == bindparam("digest"))
    )
    .where(MailAddressRow.digest == bindparam("token"))
)
"""Made once, as what follows: to put a statement together costs as much as to execute it, and every mail does."""
_OWNER = (
    select(PersonRow)
    .join(MailAddressRow, MailAddressRow.person_id == PersonRow.id)
    .where(PersonRow.id == bindparam("owner"))
    .with_for_update(of=MailAddressRow)
)
_TAKEN = select(CopiedMailRow.digest, CopiedMailRow.message, CopiedMailRow.outcome).where(
    CopiedMailRow.person_id == bindparam("owner")
)
_SEEN = _TAKEN.where(CopiedMailRow.digest == bindparam("digest")).union_all(
    _TAKEN.where(CopiedMailRow.message.in_(bindparam("messages", expanding=True)))
)
"""Each by its own index: an OR of the two reads all mails of the person."""
_STORE = insert(cast("SqlTable", CopiedMailRow.__table__))


@dataclass(frozen=True)
class MailIntake:
    """Takes in the mails of everybody. `channels` are those on which a person may be spoken to first."""

    engine: Engine
    read: Reader
    rules: Rules
    now: Callable[[], dt.datetime]
    mail_domain: str = ""
    authserv_id: str = ""
    channels: Collection[str] = ()
    book: AddressBook = field(default_factory=AddressBook)

    def knows(self, token: str) -> bool:
        """Whether somebody has this address. Raises Unavailable."""
        with reading(self.engine) as session:
            return mail_addresses.owner(session, token) is not None

    def forget(self) -> None:
        """Let go of what is older than it may be; also done with one mail in sixteen."""
        with writing(self.engine) as session:
            held.forget(session, self.now())

    def note(self, envelope: Envelope, raw: bytes) -> None:
        """Take in one mail. Raises Refused (with its reason) when it is not taken, Unavailable when that cannot be done now."""
        outcome = self.take(envelope, raw)
        if outcome["action"] == "reject":
            raise Refused(outcome["says"])

    def take(self, envelope: Envelope, raw: bytes, now: dt.datetime | None = None) -> dict[str, Any]:
        """Take in one mail and tell what came of it, as the contract has it. The same bytes again: the same answer, nothing done.

        Raises Refused for a mail whose follow-up cannot be made, Unavailable when the database or the reader is away.
        """
        now = now or self.now()
        address = secret_address(envelope.rcpt)
        ours = address is not None and address.domain == (self.mail_domain or address.domain)
        digest = hashlib.sha256(raw).hexdigest()
        with reading(self.engine) as session:
            owner, before = _known(session, address.token, digest) if ours and address else (None, None)
        if owner is None:
            metrics.MAILS.labels("reject").inc()
            return _refused(Judgement(action="reject", reason="unknown_address"))
        if before:
            return before
        try:
            mail = self.read(raw, envelope, self.authserv_id)
        except Refused as error:
            metrics.MAILS.labels("reject").inc()
            log.info("mail refused", reason=getattr(error, "code", "unreadable"))
            return _refused(refusal(error))
        with writing(self.engine) as session:
            outcome = self._noted(session, owner, mail, digest, now)
        metrics.MAILS.labels(outcome["action"]).inc()
        log.info("mail", action=outcome["action"], reason=outcome["reason"])
        return outcome

    def _noted(self, session: Session, owner: str, mail: CopiedEmail, digest: str, now: dt.datetime) -> dict[str, Any]:
        """One transaction; the row of the address makes the mails of a person wait for each other."""
        person = session.scalar(_OWNER, {"owner": owner})
        if person is None:  # erased since the address was looked up
            return _refused(Judgement(action="reject", reason="unknown_address"))
        before, seen = _seen(session, owner, digest, mail)
        if before:
            return before
        desk = Desk(session, person, now, self.rules, directory.reads(person) or written_in(mail))
        state = state_for(session, person, mail, now, self.book, authserv_id=self.authserv_id, seen=seen)
        judgement = judge(mail, state)
        done = carry_out(desk, judgement, mail, f"mail:{message_digest(mail.message_id) if mail.message_id else digest}")
        outcome = _told(session, judgement, done, mail, desk)
        mail_id = new_id()
        row = {
            "id": mail_id,
            "person_id": owner,
            "digest": digest,
            "message": message_digest(mail.message_id) if mail.message_id and judgement.action != "quarantine" else None,
            "action": judgement.action,
            "reason": judgement.reason,
            "outcome": outcome,
            "taken_at": now,
        }
        session.connection().execute(_STORE, row)
        self._tell(desk, mail_id, judgement, done, mail)
        if digest.startswith("0"):
            held.forget(session, now)
        return outcome

    def _tell(self, desk: Desk, mail_id: str, judgement: Judgement, done: Done, mail: CopiedEmail) -> None:
        """One card in chat, where there is something to ask or to know."""
        if judgement.action in ("ask", "quarantine"):
            row = desk.session.get_one(CopiedMailRow, mail_id)
            making = plan(desk, judgement, mail, judgement.proposed, f"mail:{mail_id}")[0] if judgement.proposed else None
            kept = held.kept_of(judgement, making, mail)
            left = held.hold(desk, row, kept)
            if left is None:
                return
            card = mail_cards.question(desk, row, kept, last=left == 0)
        elif (found := mail_cards.news(desk, judgement, done)) is not None:
            card = found
        else:
            return
        if address := reached_at(desk.session, desk.person, done.rows, self.channels):
            asked = mail_id if card.kind == "question" else None  # so that a number typed later finds the question
            outbox.put(desk.session, address, card, desk.now, "nudge", desk.now, key=asked)


def _known(session: Session, token: str, digest: str) -> tuple[str | None, dict[str, Any] | None]:
    """Whose address it is, and what came of these very bytes before."""
    row = session.connection().execute(_KNOWN, {"digest": digest, "token": token_digest(token)}).first()
    return (row.person_id, row.outcome) if row else (None, None)


def _seen(session: Session, owner: str, digest: str, mail: CopiedEmail) -> tuple[dict[str, Any] | None, list[str]]:
    """What came of these very bytes before, and which Message-IDs of this mail were taken in already."""
    digests = {message_digest(mail_id): mail_id for mail_id in (mail.message_id, *mail.other_ids) if mail_id}
    rows = session.connection().execute(_SEEN, {"owner": owner, "digest": digest, "messages": list(digests)}).all()
    before = next((row.outcome for row in rows if row.digest == digest), None)
    return before, [digests[row.message] for row in rows if row.message in digests]


def _refused(judgement: Judgement) -> dict[str, Any]:
    says = judgement.detail or reason_says(judgement.reason)
    return {"action": judgement.action, "followups": [], "reason": judgement.reason, "warnings": [], "says": says}


def _told(session: Session, judgement: Judgement, done: Done, mail: CopiedEmail, desk: Desk) -> dict[str, Any]:
    return {
        "action": judgement.action,
        "followups": ledger.told(session, done.rows),
        "reason": judgement.reason,
        "warnings": [caution.says(desk.lang) for caution in (*judgement.warnings, *done.cautions)],
        "says": judgement.detail or reason_says(judgement.reason, desk.lang),
        "when_text": judgement.when_text,
        "away_text": judgement.away_text,
        "excerpt": judgement.excerpt,
        "language": mail.language,
    }
