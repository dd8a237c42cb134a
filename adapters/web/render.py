"""How does a card look in a browser? Card → HTML, in the order of `bot.outline`.

Every word goes through Jinja's autoescape: what a person typed or a curator wrote is text, never markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from jinja2 import Environment
from markupsafe import Markup, escape

from adapters.site.pages import environment
from adapters.web.words import words
from bot.channel import Limits
from bot.messages import Card, Choice, Remark
from bot.outline import FOLDED, Block, label, outline

LIMITS = Limits(
    longest_text=200_000, text_unit="characters", most_buttons=100, longest_button=300, takes_key=True, answers_in_place=True
)
"""A page has no vendor's limits; these keep it within reason. What comes unasked is shown by events, or on return."""

SLOT = re.compile(r"(\{[^{}]+\})")
REMARKS = ("because", "unless")


@dataclass(frozen=True)
class Line:
    """One item of a list; `aside` is what sets a curator's note apart and is shown more quietly."""

    text: str
    aside: str = ""


@dataclass(frozen=True)
class Part:
    """One part of a card as the template lays it out."""

    kind: Literal["title", "verdict", "text", "list", "ready"]
    field: str
    label: str
    lines: tuple[Line, ...]
    folded: bool = False
    paired: bool = False
    """Stands beside its twin where there is room: do and avoid."""


@dataclass(frozen=True)
class Ways:
    """The choices of a card by weight: what to press first, what to look at, what to tell us."""

    start: tuple[Choice, ...]
    pick: tuple[Choice, ...]
    related: tuple[Choice, ...]
    votes: tuple[Choice, ...]
    numbered: tuple[Choice, ...] = ()
    """All of them, instead, where they are more than buttons can be."""


def card_html(card: Card, *, on_page: bool = False) -> Markup:
    """A card as an HTML fragment, in the card's own language. `on_page`: unfolded and with links instead of buttons."""
    template = PAGES.get_template("card.html")
    shown = {"card": card, "parts": list(parts(card)), "ways": ways(card), "on_page": on_page, "w": words(card.lang)}
    return Markup(template.render(shown))  # noqa: S704 - the template escapes


def parts(card: Card) -> Iterator[Part]:
    """The blocks of a card, messages to the same reader drawn together."""
    paired = bool(card.do and card.avoid)
    ready: list[Line] = []
    ready_label = ""
    for block in outline(card):
        if ready and (block.kind != "ready" or block.label != ready_label):
            yield Part("ready", "say", ready_label, tuple(ready))
            ready = []
        if block.kind == "ready":
            ready_label = block.label
            ready.append(Line(block.lines[0]))
        elif block.kind != "choices":
            folded = block.field in FOLDED
            yield Part(
                block.kind, block.field, block.label, _lines(card, block), folded, paired and block.field in ("do", "avoid")
            )
    if ready:
        yield Part("ready", "say", ready_label, tuple(ready))


def ways(card: Card) -> Ways:
    """The choices of a card, sorted by what they are for; all of them stay."""
    if len(card.choices) > LIMITS.most_buttons:
        return Ways((), (), (), (), tuple(card.choices))
    votes = tuple(choice for choice in card.choices if choice.id.startswith("vote:"))
    start = tuple(choice for choice in card.choices if choice.id.startswith("flow:"))
    quiet = tuple(choice for choice in card.choices if choice.id.startswith("step:") or card.kind == "advice")
    pick = tuple(choice for choice in card.choices if choice not in (*votes, *start, *quiet))
    return Ways(start, pick, tuple(choice for choice in quiet if choice not in (*votes, *start)), votes)


def slots(text: str) -> Markup:
    """A ready message with its {slots} marked; as text it reads exactly the same."""
    pieces = SLOT.split(text)
    marked = [Markup('<span class="slot">{}</span>').format(p) if n % 2 else escape(p) for n, p in enumerate(pieces)]
    return Markup("").join(marked)


def _lines(card: Card, block: Block) -> tuple[Line, ...]:
    if block.field in REMARKS:
        remarks: list[Remark] = getattr(card, block.field)
        return tuple(Line(r.text, line.removeprefix(r.text)) for r, line in zip(remarks, block.lines, strict=True))
    if block.field == "sources":
        *named, one_view = block.lines
        return (*(Line(line) for line in named), Line("", one_view))
    return tuple(Line(line) for line in block.lines)


def _environment() -> Environment:
    pages = environment("adapters.web")
    pages.globals["label"] = label  # pyright: ignore[reportArgumentType] - Jinja's own type of what it calls is too narrow
    pages.filters["slots"] = slots
    pages.tests["slotted"] = _slotted
    return pages


def _slotted(value: str) -> bool:
    return SLOT.search(value) is not None


PAGES = _environment()
