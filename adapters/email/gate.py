"""All ways in for copied mail, as they are set: LMTP and SMTP ports, a mailbox by IMAP, and the readers behind them."""

from __future__ import annotations

from collections.abc import Callable

from adapters.email.imap import ImapPoll
from adapters.email.listen import Listener, accepts, tls
from adapters.email.reader import ReadingRoom
from adapters.email.session import Note
from bot.settings import Settings, is_loopback


class Gate:
    """Opened once and closed once. `knows` tells whether somebody has a token, `note` takes a mail; see Listener."""

    def __init__(self, settings: Settings, knows: Callable[[str], bool], note: Note, room: ReadingRoom) -> None:
        known = accepts(settings.mail_domain, knows)
        certificate = (settings.mail_tls_cert, settings.mail_tls_key)
        ports = settings.lmtp_port is not None or settings.smtp_port is not None
        self._room = room
        self.listener = (
            Listener(
                known,
                note,
                host=settings.mail_host,
                lmtp_port=settings.lmtp_port,
                smtp_port=settings.smtp_port,
                tls_context=tls(str(certificate[0]), str(certificate[1])) if certificate[0] else None,
                require_tls=not is_loopback(settings.mail_host),
                hostname=settings.mail_domain,
                peers=settings.peers,
            )
            if ports
            else None
        )
        url = settings.imap_url.get_secret_value()
        self.mailbox = ImapPoll(url, known, note) if url else None

    def start(self) -> list[str]:
        """Open; returns a line for each way in. Raises Refused when a port or certificate cannot be had."""
        lines: list[str] = []
        if self.listener:
            self.listener.start()
            lines += [f"Copied mail: {name.upper()} on {self.listener.host}:{port}" for name, port in self.listener.ports.items()]
        if self.mailbox:
            self.mailbox.start()
            lines.append("Copied mail: a mailbox by IMAP")
        return lines

    def stop(self) -> None:
        """Finish the mails at hand and close; what was not answered stays with its sender."""
        if self.listener:
            self.listener.stop()
        if self.mailbox:
            self.mailbox.stop()
        self._room.close()

    @property
    def state(self) -> str:
        """ok, or which way in is away; everybody may read it, so the log alone names the server."""
        if self.listener and not self.listener.open:
            return "the mail port is closed"
        return "ok" if self.mailbox is None or self.mailbox.state == "ok" else "no connection to the mailbox"
