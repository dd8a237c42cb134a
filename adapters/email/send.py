"""How does a mail leave? One plain text by SMTP, for links to sign in; the coach itself never speaks by mail."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import unquote, urlsplit

from bot.settings import is_loopback

TIMEOUT = 20.0
"""Seconds for each step of the talk with the server."""


class NotSent(Exception):
    """The server did not take the mail. Its text names neither address nor content."""


def send(url: str, sender: str, to: str, subject: str, text: str) -> None:
    """Hand one mail to the server of CAUCUS_MAIL_SEND_URL. Raises NotSent.

    With smtp:// STARTTLS is required, unless the server is on this very machine and does not offer it.
    """
    mail = EmailMessage()
    try:
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2] or "localhost")
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers it
        mail.set_content(text)
        with _open(url) as server:
            server.send_message(mail)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise NotSent(type(error).__name__) from None


def try_login(url: str) -> None:
    """Greet the server of CAUCUS_MAIL_SEND_URL, log in and leave. Raises NotSent."""
    try:
        with _open(url):
            pass
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise NotSent(type(error).__name__) from None


def _open(url: str) -> smtplib.SMTP:
    split = urlsplit(url)
    host = split.hostname or ""
    safely = ssl.create_default_context()
    if split.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, split.port or 465, timeout=TIMEOUT, context=safely)
    else:
        server = smtplib.SMTP(host, split.port or 587, timeout=TIMEOUT)
    try:
        if split.scheme == "smtp":
            server.ehlo()
            if server.has_extn("starttls") or not is_loopback(host):
                server.starttls(context=safely)
        if split.username:
            server.login(unquote(split.username), unquote(split.password or ""))
    except BaseException:
        with suppress(OSError):
            server.close()
        raise
    return server
