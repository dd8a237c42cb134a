"""Where does mail come in? An LMTP port for the mail server in front, an SMTP port with STARTTLS, or both.

Runs on an event loop and a thread of its own, so that neither a slow sender nor a slow database holds up the web. Takes mail
in only: it never sends any.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from adapters.email.limits import LARGEST
from adapters.email.session import Conduct, Door, Known, LocalConduct, Note, Refusing
from bot.errors import Refused
from bot.followups.copied import secret_address

MOST_CONNECTIONS = 100
TIMEOUT = 120.0
"""Seconds that a connection may be silent, and that one mail may take to arrive."""
DRAIN = 10.0
"""Seconds that mails being handed over may take when the intake ends."""
_START = 10.0


def accepts(mail_domain: str, knows: Callable[[str], bool]) -> Known:
    """Is this one of our addresses? `knows` tells of a token whether somebody has it, and may raise Unavailable."""

    def known(rcpt: str) -> bool:
        address = secret_address(rcpt)
        return address is not None and address.domain == mail_domain.lower() and knows(address.token)

    return known


def tls(certificate: str, key: str) -> ssl.SSLContext:
    """What STARTTLS needs. Raises Refused when the files are not there or do not fit."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise Refused(f"the mail certificate cannot be used: {error}") from None
    return context


@dataclass
class Listener:
    """The mail intake. `note` gets one envelope and the raw bytes (the first few megabytes of them).

    It runs in worker threads, several at a time, and must be harmless when repeated; when it raises Unavailable the sender
    keeps the mail and tries again. Ports: None is off, 0 takes a free one (see `ports`).
    """

    known: Known
    note: Note
    host: str = "127.0.0.1"
    lmtp_port: int | None = None
    smtp_port: int | None = None
    tls_context: ssl.SSLContext | None = None
    require_tls: bool = False
    hostname: str = "localhost"
    peers: Sequence[str] = ()
    """Addresses and networks that may connect; none: everybody who can reach the port."""
    largest: int = LARGEST
    most_connections: int = MOST_CONNECTIONS
    timeout: float = TIMEOUT
    ports: dict[str, int] = field(default_factory=dict)
    _open: int = 0
    _loop: asyncio.AbstractEventLoop | None = None
    _thread: threading.Thread | None = None
    _door: Door = field(init=False, repr=False)
    _servers: list[asyncio.Server] = field(default_factory=list)

    def start(self) -> None:
        """Listen; returns when the ports are open. Raises Refused when a port cannot be had."""
        self._loop = asyncio.SelectorEventLoop()  # aiosmtpd's STARTTLS needs asyncio's own transports
        self._thread = threading.Thread(target=self._run, name="mail", daemon=True)
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(_START)
        except OSError as error:
            self.stop()
            raise Refused(f"the mail port cannot be opened: {error.strerror or error}") from None

    def stop(self) -> None:
        """Close the ports, finish the mails that are being handed over, end every connection.

        A mail that was not answered yet stays with its sender.
        """
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._end(), loop).result(_START + DRAIN)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_START)
        self._loop = self._thread = None

    @property
    def open(self) -> bool:
        """Whether mail can come in now."""
        return self._thread is not None and self._thread.is_alive() and all(server.is_serving() for server in self._servers)

    def _run(self) -> None:
        loop = self._loop
        assert loop is not None
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    async def _listen(self) -> None:
        self._door = Door(self.known, self.note)
        for name, port, conduct in (("lmtp", self.lmtp_port, LocalConduct), ("smtp", self.smtp_port, Conduct)):
            if port is None:
                continue
            server = await asyncio.get_running_loop().create_server(lambda kind=conduct: self._connection(kind), self.host, port)
            self._servers.append(server)
            self.ports[name] = server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._door.idle.wait(), DRAIN)
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self._servers.clear()

    def _connection(self, kind: type[Conduct]) -> asyncio.Protocol:
        if self._open >= self.most_connections:
            return Refusing("421 4.7.0 Too many connections, please try again later")
        self._open += 1
        context = self.tls_context if kind is Conduct else None
        conduct = kind(
            self._door,
            data_size_limit=self.largest,
            enable_SMTPUTF8=True,
            hostname=self.hostname,
            ident="Caucus",
            tls_context=context,
            require_starttls=self.require_tls and context is not None,
            timeout=self.timeout,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            loop=asyncio.get_running_loop(),
        )
        conduct.on_end = self._ended
        conduct.admits = self._admits
        return conduct

    def _admits(self, peer: str) -> bool:
        if not self.peers:
            return True
        address = ipaddress.ip_address(peer.partition("%")[0])
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in ipaddress.ip_network(network) for network in self.peers)

    def _ended(self) -> None:
        self._open -= 1
