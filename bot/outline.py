"""In which order is a card read, and how does a long text fit a short channel?

`outline` turns a card into blocks that every channel maps to its own markup; `plain` is the smallest such
mapping; `split` cuts between sentences and loses nothing. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from bot.messages import Card, Lang, Remark

LABELS: dict[str, dict[Lang, str]] = {
    "because": {"en": "Why", "zh": "为什么"},
    "conditions": {"en": "On these conditions", "zh": "前提条件"},
    "document": {"en": "To copy or forward", "zh": "可复制、转发"},
    "do": {"en": "Do", "zh": "建议这样做"},
    "avoid": {"en": "Avoid", "zh": "尽量避免"},
    "say": {"en": "Say or send", "zh": "可以这样说"},
    "say:boss": {"en": "Say to your boss", "zh": "可以这样对上司说"},
    "say:team": {"en": "Say to your team", "zh": "可以这样对同事说"},
    "ask": {"en": "Ask them", "zh": "可以问对方"},
    "watch_for": {"en": "Watch for", "zh": "留意这些信号"},
    "unless": {"en": "Unless", "zh": "例外与变化"},
    "sources": {"en": "Sources", "zh": "出处"},
    "note": {"en": "curator's note", "zh": "编者注"},
    "judgement": {"en": "our own judgement", "zh": "编者判断"},
    "one-view": {
        "en": "The articles are one practitioner's view; people and firms differ.",
        "zh": "以上文章为作者一家之言，具体的人和企业各有不同。",
    },
    "reply-number": {"en": "Reply with a number.", "zh": "回复数字即可。"},
}
JUDGEMENT = "curators' judgement"
"""The source of a note that states no fact but an opinion of ours."""
FOLDED = frozenset({"watch_for", "unless", "sources"})
"""What a channel that can fold shows only on demand."""


@dataclass(frozen=True)
class Block:
    """One piece of a card in reading order.

    title, verdict and text carry one line in `lines`; list carries items; ready is one message to copy.
    `field` names the part of the card it shows.
    """

    kind: Literal["title", "verdict", "text", "list", "ready", "choices"]
    field: str
    lines: tuple[str, ...]
    label: str = ""


def label(name: str, lang: Lang) -> str:
    """The heading of a part of the card."""
    return LABELS[name][lang]


def outline(card: Card) -> Iterator[Block]:
    """The blocks of a card in the order they are read: verdict first, sources last, then what can be chosen."""
    lang = card.lang
    if card.title:
        yield Block("title", "title", (card.title,))
    if card.verdict:
        yield Block("verdict", "verdict", (card.verdict,), card.verdict_label)
    if card.text:
        yield Block("text", "text", tuple(part for part in card.text.split("\n\n") if part.strip()))
    if card.because:
        yield Block("list", "because", tuple(remark(line, lang) for line in card.because), label("because", lang))
    for name in ("conditions", "do", "avoid"):
        if lines := getattr(card, name):
            yield Block("list", name, tuple(lines), label(name, lang))
    for ready in card.say:
        yield Block("ready", "say", (ready.text,), label("say" if ready.to == "counterpart" else f"say:{ready.to}", lang))
    if card.document:
        yield Block("ready", "document", (card.document,), label("document", lang))
    for name in ("ask", "watch_for"):
        if lines := getattr(card, name):
            yield Block("list", name, tuple(lines), label(name, lang))
    if card.unless:
        yield Block("list", "unless", tuple(remark(line, lang) for line in card.unless), label("unless", lang))
    if card.sources:
        named = tuple(
            f"{s.author}: {s.title} ({s.publisher})" if lang == "en" else f"{s.author}：{s.title}（{s.publisher}）"
            for s in card.sources
        )
        yield Block("list", "sources", (*named, label("one-view", lang)), label("sources", lang))
    if card.choices:
        yield Block("choices", "choices", tuple(choice.title for choice in card.choices))


def remark(line: Remark, lang: Lang) -> str:
    """A line, and behind a curator's note the mark and source that set it apart from the articles."""
    if not line.note:
        return line.text
    source = label("judgement", lang) if line.note == JUDGEMENT else line.note
    return f"{line.text} ({label('note', lang)}: {source})" if lang == "en" else f"{line.text}（{label('note', lang)}：{source}）"


def plain(card: Card) -> str:
    """The whole card as plain text, choices as numbered lines: for channels without markup, and for copying."""
    parts: list[str] = []
    for block in outline(card):
        if block.kind == "verdict":
            colon = ": " if card.lang == "en" else "："
            parts.append(f"{block.label}{colon}{block.lines[0]}" if block.label else block.lines[0])
        elif block.kind in ("title", "text"):
            parts.append("\n\n".join(block.lines))
        elif block.kind == "choices":
            numbered = [f"{number}. {title}" for number, title in enumerate(block.lines, 1)]
            parts.append("\n".join([*numbered, label("reply-number", card.lang)]))
        elif block.kind == "ready":
            parts.append(f"{block.label}\n{block.lines[0]}")
        else:
            parts.append("\n".join([block.label, *(f"- {line}" for line in block.lines)]))
    return "\n\n".join(parts)


def split(text: str, longest: int, size: Callable[[str], int] = len) -> list[str]:
    """Cut a text into pieces of at most `longest` (as `size` counts).

    Between paragraphs, lines, sentences, words or, where a single word is longer, characters. Nothing is lost but white
    space at the cuts.

    Raises ValueError when even one character does not fit.
    """
    pieces: list[str] = []
    rest = text.strip()
    while size(rest) > longest:
        cut = _longest_fit(rest, longest, size)
        if cut == 0:
            raise ValueError("a single character is longer than the limit")
        while rest[cut].isspace():  # a border just behind what fits is a border too; `rest` ends in no white space
            cut += 1
        head = rest[:cut]
        for border in (r"\n\s*\n", r"\n", r"(?<=[。！？；])|(?<=[.!?;])\s", r"\s"):
            ends = [match.end() for match in re.finditer(border, head) if match.end() > cut // 3]
            if ends:
                head = rest[: ends[-1]]
                break
        pieces.append(head.strip())
        rest = rest[len(head) :].strip()
    return [piece for piece in [*pieces, rest] if piece]


def _longest_fit(text: str, longest: int, size: Callable[[str], int]) -> int:
    low, high = 0, min(len(text), longest)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(text[:middle]) <= longest else (low, middle - 1)
    return low
