"""How does a card look in a terminal? Rich text on a terminal, plain text in a pipe. Pure but for the console."""

from __future__ import annotations

from dataclasses import replace

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from bot.channel import Limits
from bot.messages import Card
from bot.outline import Block, label, outline, plain

LIMITS = Limits(longest_text=1_000_000, text_unit="characters", most_buttons=0)
WIDEST = 92
"""Columns: longer lines are hard to read."""
SIGNALS = {"go": "green", "care": "yellow", "stop": "red", "": "default"}


def render(card: Card) -> RenderableType:
    """A card as rich text: colour only supports what the words say."""
    parts: list[RenderableType] = []
    colour = SIGNALS[card.signal]
    for block in map(_printable, outline(card)):
        if block.kind == "title":
            parts.append(Text(block.lines[0], style="bold"))
        elif block.kind == "verdict":
            parts.append(Text.assemble((f" {block.label} ", f"bold reverse {colour}"), " ", (block.lines[0], "bold"), "\n"))
        elif block.kind == "text":
            parts += [Text(line + "\n") for line in block.lines]
        elif block.kind == "ready":
            parts.append(
                Panel(Text(block.lines[0]), title=Text(block.label), title_align="left", border_style="cyan", width=None)
            )
        elif block.kind == "choices":
            parts.append(Text(""))
            parts += [Text.assemble((f" {number} ", "bold cyan"), title) for number, title in enumerate(block.lines, 1)]
            parts.append(Text(label("reply-number", card.lang), style="dim"))
        else:
            parts.append(Text(block.label, style="bold"))
            parts += [Padding(Text.assemble(("• ", "dim"), line), (0, 0, 0, 2)) for line in block.lines]
            parts.append(Text(""))
    return Group(*parts)


def show(card: Card, console: Console) -> None:
    """Print a card; plain text where there is no terminal to colour."""
    if console.is_terminal:
        console.print(render(card), width=min(console.width, WIDEST))
    else:
        console.file.write(printable(plain(card)) + "\n")
    console.line()


def printable(text: str) -> str:
    """Without control characters and direction marks, which a terminal would obey rather than show."""
    return "".join(c for c in text if c.isprintable() or c == "\n")


def _printable(block: Block) -> Block:
    return replace(block, lines=tuple(map(printable, block.lines)))
