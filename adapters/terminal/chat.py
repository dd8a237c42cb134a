"""Talk with the coach at a terminal: a prompt, the answer, and numbers to choose."""

from __future__ import annotations

import datetime as dt
import getpass
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory
from rich.console import Console

from adapters.terminal.render import show
from bot.errors import Unavailable
from bot.messages import Address, Answer, Card, Inbound
from bot.outline import plain


@dataclass(frozen=True)
class Terminal:
    """The adapter: `receive` answers one Inbound; `data_dir` keeps the history of what was typed, readable by the user alone."""

    receive: Callable[[Inbound], Answer]
    now: Callable[[], dt.datetime]
    data_dir: Path
    collect: Callable[[Address, str], list[Answer]] = lambda _address, _room: []
    """What is due for somebody at a terminal; told once."""
    room: str = field(default_factory=lambda: secrets.token_hex(8))
    """Each sitting is a conversation of its own."""

    def talk(self) -> None:
        """Ask and answer until the end of input (Ctrl-D) or an interruption at the empty prompt."""
        console = Console()
        address = Address(channel="terminal", external_id=_user())
        self._show_due(console, address)
        for line in self._lines(console):
            if not line.strip():
                self._show_due(console, address)
                continue
            inbound = Inbound(
                address=address, message_id=secrets.token_hex(16), text=line, room=self.room, received_at=self.now(), zone=_zone()
            )
            try:
                answer = self.receive(inbound)
            except Unavailable as error:
                console.print(f"{error}. Nothing was lost: ask again in a moment.", style="red", markup=False)
                continue
            for card in answer.cards:
                self.show(card, console)
            self._show_due(console, address)

    def _show_due(self, console: Console, address: Address) -> None:
        """What has become due since the last look."""
        try:
            for answer in self.collect(address, self.room):
                for card in answer.cards:
                    self.show(card, console)
        except Unavailable as error:
            console.print(f"{error}.", style="red", markup=False)

    def show(self, card: Card, console: Console | None = None) -> None:
        """Print one card."""
        show(card, console or Console())

    def as_text(self, cards: Iterable[Card]) -> str:
        """Cards as plain text."""
        return "\n\n".join(plain(card) for card in cards)

    def _lines(self, console: Console) -> Iterator[str]:
        if not sys.stdin.isatty():
            yield from (line.rstrip("\n") for line in sys.stdin)
            return
        console.print("Caucus. Tell me what the other side wants. 用中文问也可以。 (Ctrl-D ends)", style="dim")
        history = self.data_dir / "chat-history"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        history.touch(mode=0o600)
        session: PromptSession[str] = PromptSession(history=FileHistory(str(history)))
        while True:
            try:
                yield session.prompt("› ")
            except (EOFError, KeyboardInterrupt):
                return


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no entry in the password file, as in some containers
        return "me"


def _zone() -> str:
    """The name of this machine's time zone, where the system keeps it as a link into the zone files; else nothing."""
    try:
        _, found, name = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")
    except OSError:
        return ""
    return name if found and "/" in name and not name.startswith("Etc/") else ""
