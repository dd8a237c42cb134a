"""What `caucus doctor slack` looks at: settings, the way in, tokens, scopes, every workspace that installed us."""

from __future__ import annotations

from collections.abc import Callable

from bot.cli.shared import database
from bot.errors import Refused
from bot.settings import Settings


def looks(found: Settings) -> list[tuple[str, Callable[[], str]]]:
    """(point, its check: "ok…", or raises Refused with what to do)."""
    if not (found.slack_bot_token.get_secret_value() or found.slack_client_id):
        return [("slack", lambda: _good("not set up: see deploy/slack/README.md"))]
    from bot.wiring_slack import points

    return [(name, lambda told=told: _good(told)) for name, told in points(found, database())]


def _good(told: str) -> str:
    if not told.startswith("ok"):
        raise Refused(told)
    return told
