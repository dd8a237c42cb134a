"""What a setting for copied mail may hold: ports, networks, a domain, an IMAP address. See bot.settings, which has them."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, StringConstraints


def parts(said: str) -> list[str]:
    """What is listed with commas."""
    return [part.strip() for part in said.split(",") if part.strip()]


def _networks(said: str) -> str:
    for part in parts(said):
        try:
            ipaddress.ip_network(part)
        except ValueError:
            raise ValueError(f"{part} is no address or network, such as 10.0.0.5 or 10.0.0.0/24") from None
    return said


def _imap(url: SecretStr) -> SecretStr:
    if given := url.get_secret_value():
        try:
            split = urlsplit(given)
            whole = split.scheme in ("imap", "imaps") and split.hostname and split.username and split.password and split.port != 0
        except ValueError:
            whole = False
        if not whole:
            raise ValueError("must look like imaps://user:password@host/INBOX (percent-encode odd characters)")
    return url


def _smtp(url: SecretStr) -> SecretStr:
    if given := url.get_secret_value():
        try:
            split = urlsplit(given)
            whole = split.scheme in ("smtp", "smtps") and split.hostname and split.port != 0 and not split.path.strip("/")
        except ValueError:
            whole = False
        if not whole:
            raise ValueError("must look like smtp://user:password@host:587 or smtps://… (percent-encode odd characters)")
    return url


def _sender(said: str) -> str:
    if said and ("@" not in said or any(c in said for c in "\r\n\0")):
        raise ValueError("must be a mail address, such as Caucus <caucus@example.com>")
    return said


MailPort = Annotated[int | None, Field(ge=0, le=65535)]
Networks = Annotated[str, AfterValidator(_networks)]
Word = Annotated[str, StringConstraints(to_lower=True, strip_whitespace=True)]
ImapUrl = Annotated[SecretStr, AfterValidator(_imap)]
SmtpUrl = Annotated[SecretStr, AfterValidator(_smtp)]
Sender = Annotated[str, AfterValidator(_sender)]


def misses(settings: Any) -> dict[str, str]:
    """Name → what copied mail needs before it can come in."""
    problems: dict[str, str] = {}
    if settings.takes_mail and not settings.mail_domain:
        problems["mail_domain"] = "must be set for copied mail: the domain of the secret addresses"
    if (settings.mail_tls_cert is None) != (settings.mail_tls_key is None):
        problems["mail_tls_key"] = "certificate and key go together"
    if bool(settings.mail_send_url.get_secret_value()) != bool(settings.mail_from):
        problems["mail_from"] = "the server that sends mail and the sender's address go together"
    return problems
