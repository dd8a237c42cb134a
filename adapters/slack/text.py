"""How does plain text become Slack's, and Slack's text plain? Pure.

Source: docs.slack.dev/messaging/formatting-message-text (read 2026-11): `&`, `<` and `>` are the only characters to
escape; mentions, rooms and links come in angle brackets.
"""

from __future__ import annotations

import html
import re

_MARKED = re.compile(r"<([^<>]*)>")
_CONTROLS = re.compile(r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]")


def escape(text: str) -> str:
    """Plain text for a field that Slack reads as markup: nobody is mentioned and nothing becomes a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clean(text: str) -> str:
    """Without control characters, which Slack refuses or drops."""
    return _CONTROLS.sub("", text)


def plain(text: str, *, me: str = "") -> str:
    """What a person typed, as they saw it; a mention of `me` (our bot's user id) is left out."""
    return html.unescape(_MARKED.sub(lambda found: _shown(found.group(1), me), text)).strip()


def mentions(text: str) -> set[str]:
    """The ids of people mentioned."""
    return {found.partition("|")[0][1:] for found in _MARKED.findall(text) if found.startswith("@")}


def _shown(inside: str, me: str) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return "" if me and target[1:] == me else f"@{label or target[1:]}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or "@" + target[1:].partition("^")[0]
    return label or target
