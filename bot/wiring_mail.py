"""How is copied mail wired? Its ways in, the processes that read it, and the database it ends in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from adapters.email import imap as mailbox
from adapters.email import limits as mail_limits
from adapters.email import send as outgoing
from adapters.email.gate import Gate
from adapters.email.listen import tls
from adapters.email.parse import parse as parse_mail
from adapters.email.reader import ReadingRoom
from bot.errors import Refused
from bot.followups.copied import CopiedEmail, Envelope
from bot.followups.intake import Reader, take_in
from bot.followups.judge import Judgement
from bot.followups.known import State
from bot.followups.note_email import MailIntake
from bot.followups.rules import read_rules
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.wiring import App

LARGEST_MAIL = mail_limits.LARGEST
"""Bytes of one mail that are taken."""
Clock = Callable[[], dt.datetime]


def take_in_mail(raw: bytes, envelope: Envelope, state: State) -> tuple[CopiedEmail | None, Judgement]:
    """Read one copied mail and judge it against a state; keeps nothing. See bot.followups.intake.take_in."""
    return take_in(parse_mail, raw, envelope, state)


def mail_intake(
    settings: Settings, engine: Engine, now: Clock, speaks_first: Collection[str], read: Reader = parse_mail
) -> MailIntake:
    """Copied mail against the database; `read` is where the bytes are read (in this process unless given)."""
    rules = read_rules(settings.data_dir)
    return MailIntake(engine, read, rules, now, settings.mail_domain, settings.mail_authserv_id, speaks_first)


def mail_gate(app: App) -> Gate | None:
    """The ways in for copied mail that are set; None when none is."""
    if not app.settings.takes_mail:
        return None
    room = ReadingRoom()
    intake = mail_intake(app.settings, app.engine, app.now, app.speaks_first, room.read)
    intake.forget()
    gate = Gate(app.settings, intake.knows, intake.note, room)
    app.ways_in["mail"] = lambda: gate.state
    return gate


def try_certificate(settings: Settings) -> None:
    """Load what STARTTLS needs. Raises Refused."""
    tls(str(settings.mail_tls_cert), str(settings.mail_tls_key))


def try_sending(url: str) -> None:
    """Log in where mails with codes and links are handed over. Raises Refused."""
    try:
        outgoing.try_login(url)
    except outgoing.NotSent as error:
        raise Refused(f"the server of CAUCUS_MAIL_SEND_URL does not take mail from us ({error})") from None


def try_mailbox(url: str) -> None:
    """Log in to the mailbox of copied mail and out again. Raises Refused."""
    mailbox.connect(url).logout()
