"""`caucus doctor mail`: can copied mail come in, and will it be believed?"""

from __future__ import annotations

import socket
from collections.abc import Callable

from sqlalchemy import func, select

from bot.cli.shared import database
from bot.db import reading
from bot.errors import Refused
from bot.followups.mail_tables import MailAddressRow
from bot.settings import Settings, is_loopback
from bot.wiring_mail import try_certificate, try_mailbox, try_sending

PATIENCE = 3.0


def looks(settings: Settings) -> list[tuple[str, Callable[[], str]]]:
    """The checks, each with its name; a check raises Refused with what is missing."""
    found: list[tuple[str, Callable[[], str]]] = [
        ("mail ways in", lambda: _ways(settings)),
        ("mail domain", lambda: _said(settings.mail_domain, "CAUCUS_MAIL_DOMAIN", "the domain of the secret addresses")),
        ("mail authenticity", lambda: _authserv(settings)),
        ("mail addresses", _addresses),
    ]
    for name, port in (("LMTP", settings.lmtp_port), ("SMTP", settings.smtp_port)):
        if port is not None:
            found.append((f"mail {name} port", lambda port=port: _port(settings, port)))
    if settings.lmtp_port is not None or settings.smtp_port is not None:
        found.append(("mail peers", lambda: _peers(settings)))
    if settings.mail_tls_cert:
        found.append(("mail certificate", lambda: _certificate(settings)))
    if url := settings.imap_url.get_secret_value():
        found.append(("mail by IMAP", lambda: _mailbox(url)))
    return found + sending(settings)


def sending(settings: Settings) -> list[tuple[str, Callable[[], str]]]:
    """The check of the mails that we send: codes and links to sign in. None where no server is set."""
    url = settings.mail_send_url.get_secret_value()
    return [("mail with links to sign in", lambda: _sending(url))] if url else []


def _ways(settings: Settings) -> str:
    if not settings.takes_mail:
        raise Refused("none: set CAUCUS_LMTP_PORT or CAUCUS_SMTP_PORT (a mail server in front) or CAUCUS_IMAP_URL (a mailbox)")
    ways = {"LMTP": settings.lmtp_port, "SMTP": settings.smtp_port, "IMAP": settings.imap_url.get_secret_value() or None}
    return "ok (" + ", ".join(name for name, value in ways.items() if value is not None) + ")"


def _said(value: str, name: str, what: str) -> str:
    if not value:
        raise Refused(f"{name} is not set: {what}")
    return f"ok ({value})"


def _authserv(settings: Settings) -> str:
    if not settings.mail_authserv_id:
        raise Refused(
            "CAUCUS_MAIL_AUTHSERV_ID is not set: no mail counts as authentic and every one is asked about; it is the name "
            "that your mail server writes first in Authentication-Results"
        )
    return f"ok ({settings.mail_authserv_id})"


def _addresses() -> str:
    with reading(database()) as session:
        number = session.scalar(select(func.count()).select_from(MailAddressRow)) or 0
    if not number:
        raise Refused("nobody has a secret address yet: `caucus person mail-address PERSON` makes one")
    return f"ok ({number})"


def _port(settings: Settings, port: int) -> str:
    host = "127.0.0.1" if settings.mail_host in ("0.0.0.0", "::") else settings.mail_host  # noqa: S104 - compared, not bound
    try:
        with socket.create_connection((host, port), PATIENCE) as probe:
            probe.settimeout(PATIENCE)
            greeting = probe.recv(100).decode("ascii", "replace")
    except OSError:
        return f"closed ({port}): `caucus serve` opens it"
    if not greeting.startswith(("220", "421", "554")):
        raise Refused(f"another program listens on port {port}")
    return f"ok (open on {host}:{port})"


def _peers(settings: Settings) -> str:
    if not is_loopback(settings.mail_host) and settings.mail_peers == type(settings).model_fields["mail_peers"].default:
        raise Refused(
            "CAUCUS_MAIL_PEERS names this machine only, though CAUCUS_MAIL_HOST is open to others: nobody can hand over"
        )
    return f"ok ({settings.mail_peers or 'everybody'})"


def _certificate(settings: Settings) -> str:
    try_certificate(settings)
    return "ok"


def _sending(url: str) -> str:
    try_sending(url)
    return "ok (logged in)"


def _mailbox(url: str) -> str:
    try_mailbox(url)
    return "ok (logged in)"
