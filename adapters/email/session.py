"""How is one mail taken over a connection? LMTP and SMTP on top of aiosmtpd, with bounded memory.

aiosmtpd 1.4.6 keeps every fragment of a line that never ends, refuses lines over 1001 bytes, and answers LMTP once for all
recipients; DATA is therefore ours. A mail ends at CR LF . CR LF only (no smuggling by bare LF). Nothing of an envelope is
logged: the addresses are secrets.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP, Session, syntax
from aiosmtpd.smtp import Envelope as Conversation

from adapters.email.limits import KEPT, LARGEST
from bot.errors import CaucusError, Unavailable
from bot.followups.copied import Envelope

logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # it would log the secret addresses

Note = Callable[[Envelope, bytes], None]
Known = Callable[[str], bool]
_LINE = 64 * 1024
MOST_RECIPIENTS = 50
MOST_UNKNOWN = 10
"""Unknown addresses asked for in one connection before it is ended."""
UNKNOWN = "550 5.1.1 No such address here"
LATER = "451 4.3.0 Cannot take mail at the moment, please try again"
NOTED = "250 2.0.0 Noted"


class Door:
    """What aiosmtpd asks: is there such an address, and take this mail. Both run in worker threads."""

    def __init__(self, known: Known, note: Note) -> None:
        self._known = known
        self._note = note
        self._taking = 0
        self.idle = asyncio.Event()
        """Set while no mail is being handed over."""
        self.idle.set()

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, session: Session, conversation: Conversation, address: str, options: list[str]
    ) -> str:
        """250 for an address of a person, the same 550 for every other."""
        unknown = getattr(session, "unknown_addresses", 0)
        if unknown >= MOST_UNKNOWN:
            return "421 4.7.0 Too many unknown addresses"
        if len(conversation.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        try:
            if not await asyncio.to_thread(self._known, address):
                session.unknown_addresses = unknown + 1  # type: ignore[attr-defined]
                return UNKNOWN
        except Unavailable:
            return LATER
        conversation.rcpt_tos.append(address)
        conversation.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_VRFY(self, *_: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Never tells whether an address exists."""
        return "252 2.5.2 Cannot tell"

    async def handle_exception(self, _error: Exception) -> str:
        """Neither stack traces nor texts of errors leave the house."""
        return LATER

    async def take(self, mail_from: str, rcpt: str, raw: bytes) -> str:
        """Hand over one mail for one recipient; 250 only once that is done."""
        self._taking += 1
        self.idle.clear()
        try:
            await asyncio.to_thread(self._note, Envelope(mail_from.strip("<> "), rcpt), raw)
        except Unavailable:
            return LATER
        except CaucusError as refusal:  # its text is fit to show: the mail server's log and the sender see it
            return f"554 5.6.0 {' '.join(str(refusal).split())[:200]}".encode("ascii", "replace").decode()
        except Exception:  # noqa: BLE001 (whatever went wrong, the mail stays with the sender)
            return LATER
        finally:
            self._taking -= 1
            if not self._taking:
                self.idle.set()
        return NOTED


class Conduct(SMTP):
    """One SMTP connection."""

    command_size_limit = 1024
    line_length_limit = _LINE
    per_recipient = False
    on_end: Callable[[], None] | None = None
    admits: Callable[[str], bool] | None = None
    """Whether this peer address may hand over mail; None: everybody may."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send away whoever is not our mail server: what they write above a mail would be believed."""
        peer = transport.get_extra_info("peername")
        if isinstance(transport, asyncio.Transport) and peer and self.admits and not self.admits(peer[0]):
            if self.on_end is not None:
                self.on_end()
            refusing = Refusing("554 5.7.1 Mail is taken from our own mail server only")
            transport.set_protocol(refusing)
            refusing.connection_made(transport)
            return
        super().connection_made(transport)

    async def push(self, status: Any) -> None:
        """Send an answer; after 421 the connection is ended."""
        await super().push(status)
        if str(status).startswith("421") and self.transport is not None:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Give the place free."""
        if self.on_end is not None:
            self.on_end()
            self.on_end = None
        super().connection_lost(error)

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 (aiosmtpd's name)
        """Read a mail, of which KEPT bytes are held, and answer once for all recipients, or in LMTP once for each."""
        conversation = self.envelope
        if await self.check_helo_needed() or conversation is None:
            return
        if not conversation.rcpt_tos:
            await self.push("503 Error: need RCPT command")
            return
        if arg:
            await self.push("501 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        raw, size = await self._read_mail()
        recipients = list(dict.fromkeys(conversation.rcpt_tos))
        if size > (self.data_size_limit or LARGEST):
            answers = ["552 5.3.4 Error: Too much mail data"] * len(conversation.rcpt_tos)
        else:
            door: Door = self.event_handler
            taken = {rcpt: await door.take(conversation.mail_from or "", rcpt, raw) for rcpt in recipients}
            answers = [taken[rcpt] for rcpt in conversation.rcpt_tos]
        self._set_post_data_state()
        if not self.per_recipient:
            # one answer for all: a mail that one could not take is offered again, and who has it knows it as a repeat
            answers = [next((answer for answer in answers if answer != NOTED), NOTED)]
        for answer in answers:
            await self.push(answer)

    async def _read_mail(self) -> tuple[bytes, int]:
        """The first KEPT bytes of the mail (one more when it is longer), and its whole size. The rest is read and dropped."""
        kept = bytearray()
        size = 0
        line_begins = True
        while True:
            try:
                piece: bytes = await self._reader.readuntil(b"\r\n")
                whole = True
            except asyncio.LimitOverrunError as error:
                piece = await self._reader.readexactly(max(1, min(error.consumed, _LINE)))
                whole = False
            if line_begins and whole and piece == b".\r\n":
                return bytes(kept), size
            if line_begins and piece.startswith(b"."):
                piece = piece[1:]
            size += len(piece)
            if len(kept) <= KEPT:  # one byte more tells the reader that there was more
                kept += piece[: KEPT + 1 - len(kept)]
            line_begins = whole


class LocalConduct(Conduct):
    """One LMTP connection: LHLO instead of HELO and EHLO, and an answer for each recipient."""

    show_smtp_greeting = False
    per_recipient = True

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """The greeting of LMTP."""
        await super().smtp_EHLO(arg)

    async def smtp_HELO(self, arg: str) -> None:  # noqa: ARG002, N802 - aiosmtpd's name and call
        """Not in LMTP."""
        await self.push("500 Error: use LHLO")

    async def smtp_EHLO(self, arg: str) -> None:  # noqa: ARG002, N802 - aiosmtpd's name and call
        """Not in LMTP."""
        await self.push("500 Error: use LHLO")


class Refusing(asyncio.Protocol):
    """Says one line and ends the connection."""

    def __init__(self, line: str) -> None:
        self._line = line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say so and end."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(f"{self._line}\r\n".encode())
        transport.close()
