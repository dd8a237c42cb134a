"""How does a card look in Slack? One message within all limits, and what is folded or too long behind "More". Pure."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.slack import blocks
from adapters.slack.blocks import Json, size
from adapters.slack.text import clean, escape
from adapters.slack.words import say
from bot.channel import Limits
from bot.messages import Card
from bot.outline import FOLDED, Block, label, outline, plain, split

LIMITS = Limits(
    longest_text=blocks.LONGEST_BLOCK,
    text_unit="characters",
    most_buttons=20,
    longest_button=blocks.LONGEST_BUTTON,
    per_second=1.0,  # chat.postMessage: about one a second a room (docs.slack.dev/apis/web-api/rate-limits, read 2026-11)
    can_look_up=True,
)
MOST_BLOCKS = 50
"""Of a message (docs.slack.dev/reference/block-kit, read 2026-11)."""
MOST_TEXT = 9_000
"""Characters in all blocks of a message: Slack refused about 13,200 (bolt-js issue 2509), JSON included."""
LONGEST_FALLBACK = 3_500
"""Of the text beside the blocks; chat.postMessage recommends at most 4,000 characters (read 2026-11)."""
ROWS = 4
"""Blocks kept free for buttons and who shared it."""
ONCE = frozenset({"fact", "step", "erase", "none", "lang", "fu", "mail"})
"""Kinds of choices that are made once: their row goes away when one is pressed."""
AGAIN = ("fu:show:", "fu:new:")
OUR_BUTTONS = 3
"""More, share, form: beside the card's own."""


@dataclass(frozen=True)
class Message:
    """What is posted: blocks, and text for notifications and screen readers."""

    text: str
    blocks: list[Json]
    rest: list[Json]
    """What stands behind "More"."""


def message(card: Card, key: str, place: str = "", *, shared_by: str = "") -> Message:
    """A card as one message; `key` names the delivery that "More" and "Share" refer to, `place` where it goes.

    `shared_by` is the id of who showed it to the room.
    """
    shown: list[Json] = []
    rest: list[Json] = []
    used = 0
    whole = card.kind == "advice" and bool(card.verdict)
    for part in outline(card):
        for block in _blocks(card, part):
            length = size(text_of(block))
            fits = used + length <= MOST_TEXT and len(shown) < MOST_BLOCKS - ROWS and not rest
            if part.kind != "choices" and ((whole and part.field in FOLDED) or not fits):
                rest.append(block)
            else:
                shown.append(block)
                used += length
    ours = _our_buttons(card, key, place, rest)
    if shared_by:
        who = {"type": "user", "user_id": shared_by}
        shown.append(blocks.rich(blocks.section(who, blocks.run(" " + say("shared", card.lang)))))
    shown += _rows(card)
    if ours:
        shown.append(blocks.actions("ours", ours))
    fallback = escape(split(clean(plain(card)) or "-", LONGEST_FALLBACK, lambda text: size(escape(text)))[0])
    return Message(fallback, shown or [blocks.rich(blocks.section(blocks.run("-")))], rest)


def more(card: Card) -> Json:
    """The modal behind "More"."""
    rest = message(card, "").rest or blocks.paragraphs([say("gone", card.lang)])
    return blocks.modal(card.title or say("more", card.lang), rest, close=say("close", card.lang))


def answered(message_blocks: list[Json], pressed_block: str, note: str) -> list[Json]:
    """The message after a choice was made: the row with the pressed button gives way to what was chosen."""
    kept = [block for block in message_blocks if block.get("block_id") != pressed_block]
    said = blocks.rich(blocks.section(blocks.run("✓ " + blocks.cut(note, 500))))
    return [*kept, said][:MOST_BLOCKS]


def text_of(block: Json) -> str:
    """All the words of a block that a reader sees, buttons left out."""
    if block["type"] == "actions":
        return ""
    if "text" in block:
        return block["text"] if isinstance(block["text"], str) else block["text"]["text"]
    return "\n".join(text_of(element) for element in block.get("elements", []) if element.get("type") not in ("emoji", "user"))


def _blocks(card: Card, part: Block) -> list[Json]:
    if part.kind == "title":
        return [blocks.header(part.lines[0])] if clean(part.lines[0]).strip() else []
    if part.kind == "verdict":
        return _verdict(card, part)
    if part.kind == "text":
        return blocks.paragraphs([line for line in part.lines if clean(line).strip()])
    if part.kind == "ready":
        kind = "rich_text_preformatted" if part.field == "document" else "rich_text_quote"
        return blocks.paragraphs(part.lines, kind, part.label)
    if part.kind == "choices":
        if as_buttons(card):
            return []
        numbered = [f"{number}. {title}" for number, title in enumerate(part.lines, 1)]
        return blocks.paragraphs(["\n".join([*numbered, label("reply-number", card.lang)])])
    return blocks.bullets(part.label, part.lines)


def _verdict(card: Card, part: Block) -> list[Json]:
    colon = "：" if card.lang == "zh" else ": "
    first, *others = blocks.pieces_of(part.lines[0]) or ["-"]
    runs = [{"type": "emoji", "name": blocks.EMOJI[card.signal]}, blocks.run(" ")] if card.signal else []
    if part.label:
        runs.append(blocks.run(part.label + colon, bold=True))
    return [blocks.rich(blocks.section(*runs, blocks.run(first, bold=True))), *blocks.paragraphs(others)]


def as_buttons(card: Card) -> bool:
    """Whether the choices are buttons; otherwise they are numbered lines, and typing the number is the choice."""
    titles = [choice.title for choice in card.choices]
    return len(titles) <= LIMITS.most_buttons - OUR_BUTTONS and all(size(title) <= blocks.LONGEST_BUTTON for title in titles)


def _rows(card: Card) -> list[Json]:
    """The card's own buttons: ways on, answers to a question, and votes apart from them."""
    if not as_buttons(card):
        return []
    rows: dict[str, list[Json]] = {"answers": [], "ways": [], "votes": []}
    for number, choice in enumerate(card.choices):
        kind = choice.id.partition(":")[0]
        row = "votes" if kind == "vote" else "answers" if kind in ONCE and not choice.id.startswith(AGAIN) else "ways"
        if card.kind in ("question", "choices") and kind != "vote":
            row = "answers" if card.kind == "question" or "none" in {c.id for c in card.choices} else row
        rows[row].append(blocks.button(choice.title, choice.id, f"choice:{number}"))
    return [blocks.actions(name, buttons) for name, buttons in rows.items() if buttons]


def _our_buttons(card: Card, key: str, place: str, rest: list[Json]) -> list[Json]:
    ours: list[Json] = []
    if rest:
        ours.append(blocks.button(say("more", card.lang), f"more:{key}", "more"))
    if place.endswith("/~") and card.kind in ("advice", "result"):
        ours.append(blocks.button(say("share", card.lang), f"share:{key}", "share"))
    ids = [choice.id for choice in card.choices]
    flow = next((each.split(":")[1] for each in ids if each.startswith("fact:")), "")
    if card.kind == "question" and flow and "step:back" not in ids:
        ours.append(blocks.button(say("as-form", card.lang), f"form:{flow}", "form"))
    return ours
