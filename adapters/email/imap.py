"""How does copied mail come in where no mail server can hand it over? From a mailbox of its own, by IMAP.

Each unseen mail is noted, and marked as seen only after that; one that is refused is marked as seen and flagged, for
somebody to look at. Runs in a thread of its own, waits with IDLE where the server can, and connects again when it was cut
off. Its errors are logged by kind only, never by their text. Deletes nothing.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import socket
import ssl
import threading
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import structlog
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from adapters.email import addresses, mime
from adapters.email.limits import HEADER_BLOCK, KEPT, LARGEST, Unreadable
from adapters.email.session import Known, Note
from bot.errors import CaucusError, Refused, Unavailable
from bot.followups.copied import Envelope, secret_address

log = structlog.get_logger()
_FAULTS = (ImapToolsError, imaplib.IMAP4.error, OSError)
_RECIPIENTS = ("x-gm-original-to", "x-original-to", "delivered-to", "envelope-to", "resent-to", "to", "cc")
"""Where providers write the envelope recipient, the surest first (read in Zulip's gateway, 2026-11)."""
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_SEEN, _REFUSED = r"(\Seen)", r"(\Seen \Flagged)"
_AT_ONCE = 50
_FIRST_BREAK, _LONGEST_BREAK = 5.0, 300.0
TIMEOUT = 30.0
_SOON = 1.0
WAIT = 60.0
"""Seconds after which the mailbox is looked into whether or not the server has announced anything."""


def connect(url: str) -> BaseMailBox:
    """Log in and open the folder. `imaps://` is TLS; `imap://` is STARTTLS, or nothing on this machine itself.

    Raises Refused, with the reason but without the server's words.
    """
    parts = urlsplit(url)
    host, folder = parts.hostname or "", unquote(parts.path.strip("/")) or "INBOX"
    context = ssl.create_default_context()  # without one imaplib does not check certificates
    try:
        if parts.scheme == "imaps":
            box: BaseMailBox = MailBox(host, parts.port or 993, TIMEOUT, ssl_context=context)
        elif host in ("localhost", "127.0.0.1", "::1"):
            box = MailBoxUnencrypted(host, parts.port or 143, TIMEOUT)
        else:
            box = MailBoxStartTls(host, parts.port or 143, TIMEOUT, ssl_context=context)
    except _FAULTS as error:
        raise Refused(f"the IMAP server {host} does not answer ({type(error).__name__})") from None
    try:
        return box.login(unquote(parts.username or ""), unquote(parts.password or ""), folder)
    except _FAULTS as error:
        with contextlib.suppress(*_FAULTS):
            box.client.shutdown()
        raise Refused(f"the IMAP server {host} refuses the login or the folder {folder} ({type(error).__name__})") from None


def envelope(raw: bytes, known: Known) -> Envelope | None:
    """The envelope as the headers still tell it: the first known secret address, and Return-Path. May raise Unavailable."""
    end = re.search(rb"\r?\n\r?\n", raw[:HEADER_BLOCK])
    block = raw[: end.start() if end else HEADER_BLOCK].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    headers = mime.parse_headers(block.replace(b"\0", b""))
    back = headers.first("return-path") if headers.all("return-path") else headers.first("from")
    sender = next(iter(addresses.in_text(back.decode("ascii", "replace"))), "")
    seen: set[str] = set()
    for name in _RECIPIENTS:
        for value in headers.all(name):
            for address in addresses.in_text(value.decode("ascii", "replace")):
                if address not in seen and secret_address(address) and known(address):
                    return Envelope(sender, address)
                seen.add(address)
    return None


@dataclass
class ImapPoll:
    """The mailbox that is watched. `known` and `note` are those of the Listener."""

    url: str = field(repr=False)
    known: Known
    note: Note
    wait: float = WAIT
    state: str = "not connected"
    """"ok", or what is wrong."""
    _box: BaseMailBox | None = None
    _waiting: bool = False
    """In IDLE, where nothing is lost when the connection is cut."""
    _thread: threading.Thread | None = None
    _ending: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Watch the mailbox until `stop`."""
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name="imap", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the mail at hand and let go of the mailbox."""
        self._ending.set()
        if self._box is not None and self._waiting:
            with contextlib.suppress(OSError, AttributeError):
                self._box.client.sock.shutdown(socket.SHUT_RD)  # ends the waiting
        if self._thread is not None:
            self._thread.join(TIMEOUT)
        self._thread = None

    def once(self, box: BaseMailBox) -> int:
        """Take in what is unseen now; returns how many were looked at. Raises Unavailable when nothing can be noted."""
        uids = box.uids("UNSEEN")[:_AT_ONCE]
        for uid in uids:
            if self._ending.is_set():
                break
            fine = self._take(box, uid)
            box.client.uid("STORE", uid, "+FLAGS.SILENT", _SEEN if fine else _REFUSED)  # imap-tools' own would also expunge
        return len(uids)

    def _take(self, box: BaseMailBox, uid: str) -> bool:
        """Note one mail; False when it is refused."""
        raw, size = _fetched(box, uid)
        if size > LARGEST:
            log.warning("mail refused", reason="too_large")
            return False
        about = envelope(raw, self.known)
        if about is None:
            log.warning("mail refused", reason="no_known_address")
            return False
        try:
            self.note(about, raw)
        except Unavailable:
            raise
        except CaucusError as refusal:
            log.warning("mail refused", reason=refusal.code if isinstance(refusal, Unreadable) else "refused")
            return False
        return True

    def _run(self) -> None:
        pause = _FIRST_BREAK
        while not self._ending.is_set():
            try:
                self._box = connect(self.url)
                self.state, pause = "ok", _FIRST_BREAK
                self._watch(self._box)
            except CaucusError as error:
                self.state = str(error)
                log.warning("mailbox", trouble=str(error))
            except _FAULTS as error:
                self.state = f"the connection to the IMAP server was lost ({type(error).__name__})"
                if not self._ending.is_set():
                    log.warning("mailbox", trouble=self.state)
            except Exception as error:  # noqa: BLE001 - whatever one mail brings about, the next ones are taken
                self.state = f"a mail could not be noted ({type(error).__name__})"
                log.error("mailbox", trouble=self.state)  # noqa: TRY400 - the error's text may quote the mail
            finally:
                self._let_go()
            self._ending.wait(pause)
            pause = min(pause * 2, _LONGEST_BREAK)
        self.state = "not connected"

    def _watch(self, box: BaseMailBox) -> None:
        _, told = box.client.capability()
        idles = b"IDLE" in b" ".join(told).upper().split()
        wait = _SOON
        while not self._ending.is_set():
            if self.once(box):
                wait = _SOON  # what came while we were busy is not announced again
            elif idles:
                self._waiting = True
                if not self._ending.is_set():
                    wait = self.wait if not box.idle.wait(wait) else _SOON
                self._waiting = False
            else:
                self._ending.wait(self.wait)

    def _let_go(self) -> None:
        box, self._box, self._waiting = self._box, None, False
        if box is not None:
            with contextlib.suppress(*_FAULTS):
                box.client.shutdown()


def _fetched(box: BaseMailBox, uid: str) -> tuple[bytes, int]:
    """The first KEPT bytes of a mail (one more when it is longer), left unseen, and its whole size."""
    _, answer = box.client.uid("FETCH", uid, f"(RFC822.SIZE BODY.PEEK[]<0.{KEPT + 1}>)")
    for item in answer:
        if isinstance(item, tuple):
            size = _SIZE.search(item[0])
            return item[1], int(size[1]) if size else len(item[1])
    return b"", 0
