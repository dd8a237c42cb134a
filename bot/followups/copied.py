"""What is one mail that was copied to us, and to whom does its secret address belong?

Pure data and the form of the address. Never holds a whole body for long: `text`, `older` and `other` are there for the
judging alone, are left out of dumps and of `repr`, and must not be stored; `excerpt` is what may be kept.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from bot.messages import Model

LONGEST_EXCERPT = 300
"""Characters of the newest text that are kept."""
TOKEN_BYTES = 10
"""80 bits, which is 16 characters of base32: nobody guesses an address."""
_LOCAL_PART = re.compile(r"fu\.([a-z2-7]{16})(?:\.([a-z0-9][a-z0-9._-]{0,39}))?", re.IGNORECASE | re.ASCII)
_SECRET_ADDRESS = re.compile(r"fu\.[a-z2-7]{16}(?:\.[a-z0-9._-]{0,39})?@[a-z0-9.-]*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Envelope:
    """Who handed the mail over, and for which one address of ours. `mail_from` is empty for bounces."""

    mail_from: str
    rcpt: str = field(repr=False)


@dataclass(frozen=True)
class SecretAddress:
    """The parts of `fu.<token>@domain` or `fu.<token>.<option>@domain`; the option is a time, such as `3days`."""

    token: str = field(repr=False)
    option: str
    domain: str


class Mailbox(Model):
    """A name as it is shown, and an address in lower case."""

    name: str = ""
    address: str = ""

    @property
    def domain(self) -> str:
        """What stands behind the last @."""
        return self.address.rpartition("@")[2]


class Authentication(Model):
    """What our own mail server says about the author; `none` also where it said nothing we may trust."""

    dmarc: Literal["pass", "fail", "none"] = "none"
    authserv_id: str = ""


class Bounce(Model):
    """A delivery report. `original_ids`: Message-IDs it quotes; `failed`: recipients it names."""

    action: Literal["failed", "delayed", "delivered"] = "failed"
    original_ids: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


class Invitation(Model):
    """A calendar entry. Times are ISO 8601: with offset where the zone is known, else as written."""

    method: str = ""
    summary: str = ""
    starts: str = ""
    ends: str = ""
    answer: Literal["", "accepted", "declined", "tentative"] = ""


class Forwarded(Model):
    """The mail inside a forwarded mail, as its text claims: nothing here is authenticated."""

    sender: Mailbox = Mailbox()
    to: tuple[Mailbox, ...] = ()
    subject: str = ""
    date_text: str = ""
    message_id: str = ""
    text: str = Field(default="", repr=False, exclude=True)
    marked: bool = True
    """Whether the mail says that it is a forward; otherwise it may be a reply with the usual quotation."""


class CopiedEmail(Model):
    """One mail as we read it: decoded, cut, free of control characters."""

    envelope_from: str = ""
    envelope_to: str = Field(default="", repr=False, exclude=True)
    message_id: str = ""
    other_ids: tuple[str, ...] = ()
    """Ids the mail had before a provider rewrote them."""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sender: Mailbox
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    reply_to: tuple[Mailbox, ...] = ()
    subject: str = ""
    sent_at: dt.datetime | None = None
    excerpt: str = Field(default="", max_length=LONGEST_EXCERPT)
    authentication: Authentication = Authentication()
    automatic: Literal["", "reply", "notice"] = ""
    """`reply`: an automatic answer, such as out of office; `notice`: sent by a machine of itself."""
    bounce: Bounce | None = None
    bulk: bool = False
    own_loop: bool = False
    invitation: Invitation | None = None
    forwarded: Forwarded | None = None
    language: Literal["", "en", "zh-Hans", "zh-Hant"] = ""
    attachments: tuple[str, ...] = ()
    """Names only; nothing is ever opened."""
    warnings: tuple[str, ...] = ()
    text: str = Field(default="", repr=False, exclude=True)
    """The newest words, without signature and quotation."""
    older: str = Field(default="", repr=False, exclude=True)
    """What was taken for quotation, signature or a forwarded mail."""
    other: str = Field(default="", repr=False, exclude=True)
    """The same mail in its other form (HTML beside plain text), where there is one."""


def make_token() -> str:
    """A new secret for an address: 16 characters of a–z and 2–7."""
    return base64.b32encode(secrets.token_bytes(TOKEN_BYTES)).decode().lower()


def token_digest(token: str) -> str:
    """How a token is stored: a plain hash is enough for 80 random bits. Capitals do not matter."""
    return hashlib.sha256(token.lower().encode()).hexdigest()


def secret_address(rcpt: str) -> SecretAddress | None:
    """The parts of one of our addresses; None when it is not of that form."""
    local, _, domain = rcpt.strip().strip("<>").rpartition("@")
    match = _LOCAL_PART.fullmatch(local)
    return SecretAddress(match[1].lower(), (match[2] or "").lower(), domain.lower()) if match and domain else None


def masked(text: str) -> str:
    """The text without any secret address: fit to be kept and shown."""
    return _SECRET_ADDRESS.sub("fu.…", text)
