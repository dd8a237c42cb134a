"""What does an HTML body say in plain words? Cosmetic and linear: one pass from tag to tag.

Never loads, follows or keeps a link. Quotations (blockquote) come out as lines that begin with `>`.
"""

from __future__ import annotations

import html
import re

from adapters.email.limits import HTML

_BREAKING = """
address article br center div dl dt dd footer form h1 h2 h3 h4 h5 h6 header hr li ol p pre section table tr ul
"""
_BREAKS = frozenset(_BREAKING.split())
_SILENT = frozenset({"script", "style", "title", "svg", "template"})
_TAG = re.compile(r"<(?:(!--)|(/?)([A-Za-z][A-Za-z0-9]{0,15})[^>]*>|[!?/][^>]*>)")
_UNCLOSED = re.compile(r"<[A-Za-z/?]")
_ENTITY = re.compile(r"&(?:#\d{1,7}(?!\d)|#[xX][0-9a-fA-F]{1,6}(?![0-9a-fA-F])|[A-Za-z][A-Za-z0-9]{1,31});?")


def to_text(source: str) -> str:
    """The words of an HTML document, cut to what we read."""
    source = source[:HTML]
    if unclosed := _UNCLOSED.search(source, source.rfind(">") + 1):
        source = source[: unclosed.start()]
    small = source.lower()
    if len(small) != len(source):  # a few letters change their length
        small = source
    said: list[str] = []
    depth = at = 0
    while tag := _TAG.search(source, at):
        if tag.start() > at:
            said.append(_words(source[at : tag.start()]))
        at = tag.end()
        if tag[1]:
            at = _behind(source.find("-->", at), 3, source)
            continue
        name = tag[3].lower() if tag[3] else ""
        if name in _BREAKS:
            said.append("\n" + _QUOTE_MARK * depth)
        elif name in ("td", "th"):
            said.append(" ")
        elif name == "blockquote":
            depth = max(0, depth - 1) if tag[2] else min(depth + 1, 5)
            said.append("\n" + _QUOTE_MARK * depth)
        elif name in _SILENT and not tag[2]:
            end = small.find(f"</{name}", at)
            at = _behind(small.find(">", end) if end >= 0 else -1, 1, source)
    said.append(_words(source[at:]))
    lines = (" ".join(line.split()) for line in "".join(said).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.replace(_QUOTE_MARK, "> ").rstrip() for line in lines)).strip()


_QUOTE_MARK = "\ue000"
"""Stands for `> ` until the blanks are put in order; from the private use area, where no text comes from."""


def _behind(found: int, width: int, source: str) -> int:
    return len(source) if found < 0 else found + width


def _words(piece: str) -> str:
    piece = " ".join(piece.replace(_QUOTE_MARK, " ").split("\n"))
    return _ENTITY.sub(lambda match: html.unescape(match[0]), piece) if "&" in piece else piece
