"""How does a card look in WeCom's markdown? Bold headings, quoted words to send, a coloured verdict. Pure.

What WeCom reads (document/path/91770, 2026-11): headings, bold, links, inline code, quotes, font colours; nothing can be
escaped. So a card in whose words such a sign stands is not written in markdown at all: words never become markup.
"""

from __future__ import annotations

import re

from bot.messages import Card
from bot.outline import label, outline, plain

_SIGNS = re.compile(r"[*`\[\]<>]|^\s*#", re.MULTILINE)
COLOURS = {"go": "info", "care": "warning", "stop": "warning"}
"""Signal of a verdict → WeCom's colour: green, orange."""


def marked(card: Card) -> str | None:
    """The card in markdown; None when its words hold signs of markdown, and it has to go as plain text."""
    if _SIGNS.search(plain(card)):
        return None
    parts: list[str] = []
    for block in outline(card):
        if block.kind == "title":
            parts.append(f"**{block.lines[0]}**")
        elif block.kind == "verdict":
            colour = COLOURS.get(card.signal, "comment")
            named = f'<font color="{colour}">{block.label}</font> ' if block.label else ""
            parts.append(f"{named}**{block.lines[0]}**")
        elif block.kind == "text":
            parts.append("\n\n".join(block.lines))
        elif block.kind == "choices":
            numbered = [f"{number}. {title}" for number, title in enumerate(block.lines, 1)]
            parts.append("\n".join([*numbered, label("reply-number", card.lang)]))
        elif block.kind == "ready":
            quoted = "\n".join(f"> {line}" for line in block.lines[0].splitlines())
            parts.append(f"**{block.label}**\n{quoted}")
        else:
            parts.append("\n".join([f"**{block.label}**", *(f"- {line}" for line in block.lines)]))
    return "\n\n".join(parts)
