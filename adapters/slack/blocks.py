"""The pieces of Block Kit that we use, each within its limits. Pure.

People's words stand in plain_text and rich_text only: neither reads markup, so nobody is mentioned and nothing becomes a
link. Limits: docs.slack.dev/reference/block-kit (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from adapters.slack.text import clean
from bot.outline import split

Json = dict[str, Any]
LONGEST_BLOCK = 3_000
"""Of the text of one block: a section's limit, which we keep for rich text too, where none is documented."""
LONGEST_HEADER, LONGEST_BUTTON, LONGEST_TITLE, LONGEST_OPTION = 150, 75, 24, 75
BUTTONS_IN_A_ROW = 25
EMOJI = {"go": "large_green_circle", "care": "large_yellow_circle", "stop": "red_circle"}


def size(text: str) -> int:
    """The length as Slack may count it at most: in UTF-16 units, where an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, longest: int) -> str:
    """The text on one line, shortened with an ellipsis where it is too long."""
    text = " ".join(clean(text).split()) or "-"
    while size(text) > longest:
        text = text[: max(1, min(len(text) - 1, longest - 1) - 1)].rstrip() + "…"
    return text


def plain_text(text: str, longest: int) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": cut(text, longest), "emoji": False}


def run(text: str, *, bold: bool = False) -> Json:
    """A stretch of rich text."""
    return {"type": "text", "text": text, **({"style": {"bold": True}} if bold else {})}


def section(*runs: Json) -> Json:
    """A paragraph of rich text."""
    return {"type": "rich_text_section", "elements": list(runs)}


def rich(*elements: Json) -> Json:
    """A rich_text block."""
    return {"type": "rich_text", "elements": list(elements)}


def header(text: str) -> Json:
    """A headline; one that is too long for a header block is a bold line."""
    text = clean(text).strip()
    if size(text) <= LONGEST_HEADER and "\n" not in text:
        return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}
    return rich(section(run(text, bold=True)))


def paragraphs(lines: Iterable[str], kind: str = "rich_text_section", label: str = "") -> list[Json]:
    """Texts in as many blocks as they need; kind may be a quote or preformatted text; `label` stands over the first."""
    found: list[Json] = []
    pieces = [piece for line in lines for piece in pieces_of(line)]
    for number, piece in enumerate(pieces):
        head = [section(run(label, bold=True))] if label and not number else []
        found.append(rich(*head, {"type": kind, "elements": [run(piece)]}))
    return found


def bullets(label: str, lines: Sequence[str]) -> list[Json]:
    """A labelled list, in as many blocks as it needs."""
    found: list[Json] = []
    items: list[Json] = []
    used = size(label)

    def close() -> None:
        nonlocal items, used
        if items:
            listed = {"type": "rich_text_list", "style": "bullet", "elements": items}
            found.append(rich(*([section(run(label, bold=True))] if not found else []), listed))
        items, used = [], 0

    for line in lines:
        for piece in pieces_of(line):
            if used + size(piece) > LONGEST_BLOCK - 100:
                close()
            items.append(section(run(piece)))
            used += size(piece)
    close()
    return found


def pieces_of(text: str) -> list[str]:
    """A text without control characters, cut to what one block carries; nothing is lost."""
    return split(clean(text), LONGEST_BLOCK - 200, size)


def button(title: str, value: str, action: str) -> Json:
    """A button; `value` comes back when it is pressed."""
    return {"type": "button", "text": plain_text(title, LONGEST_BUTTON), "value": value, "action_id": action}


def actions(block_id: str, buttons: Sequence[Json]) -> Json:
    """A row of buttons."""
    return {"type": "actions", "block_id": block_id, "elements": list(buttons)[:BUTTONS_IN_A_ROW]}


def modal(title: str, blocks: Sequence[Json], *, close: str, submit: str = "", name: str = "", kept: str = "") -> Json:
    """A modal view; `name` is its callback id, `kept` its private metadata."""
    view: Json = {
        "type": "modal",
        "title": plain_text(title, LONGEST_TITLE),
        "close": plain_text(close, LONGEST_TITLE),
        "blocks": list(blocks)[:100],
    }
    if submit:
        view["submit"] = plain_text(submit, LONGEST_TITLE)
    if name:
        view["callback_id"] = name
    if kept:
        view["private_metadata"] = kept
    return view
