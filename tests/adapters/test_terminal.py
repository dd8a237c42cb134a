"""The terminal keeps the channel contract, and reads and shows as its users expect."""

from __future__ import annotations

import io
import sys
from dataclasses import replace

import pytest
from rich.console import Console

from adapters.terminal.render import LIMITS, render, show
from bot.messages import Card
from bot.outline import plain
from bot.wiring import App, terminal
from tests.adapters.contract import ChannelContract, Reply, Shown


class TestTerminal(ChannelContract):
    """Plain text, as in a pipe."""

    name = "terminal"
    limits = LIMITS

    def show(self, card: Card) -> Shown:
        out = io.StringIO()
        show(card, Console(file=out, force_terminal=False))
        return Shown([out.getvalue()], [], out.getvalue())

    def take_in(self, app: App, said: str, *, message_id: str) -> Reply:
        before = sys.stdin, sys.stdout
        sys.stdin, sys.stdout = io.StringIO(said.replace("\n", " ").replace("\r", " ") + "\n"), io.StringIO()
        try:
            replace(terminal(app), room="a test").talk()
            return Reply(200, sys.stdout.getvalue())
        finally:
            sys.stdin, sys.stdout = before


class TestTerminalInColour(TestTerminal):
    """Rich text, as on a terminal; read back without its colours."""

    def show(self, card: Card) -> Shown:
        console = Console(file=io.StringIO(), force_terminal=True, width=4_000, record=True, color_system="truecolor")
        console.print(render(card), width=4_000)
        seen = console.export_text()
        return Shown([seen], [], seen)

    @pytest.mark.parametrize("hostile", ["\x1b]0;title\x07", "\x1b[2J"])
    def test_control_sequences_in_words_do_not_reach_the_terminal(self, hostile: str) -> None:
        for terminal_like in (True, False):
            out = io.StringIO()
            console = Console(file=out, force_terminal=terminal_like, color_system=None)
            show(Card(id="x", kind="notice", lang="en", text=f"a{hostile}b"), console)
            assert hostile not in out.getvalue()


def test_a_card_in_a_pipe_is_plain_text() -> None:
    card = Card(id="x", kind="notice", lang="en", text="hello")
    out = io.StringIO()
    show(card, Console(file=out, force_terminal=False))
    assert out.getvalue().strip() == plain(card)
    assert "\x1b" not in out.getvalue()
