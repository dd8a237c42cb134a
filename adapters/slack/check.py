"""What is missing for Slack? For `caucus doctor slack`: each point with "ok" or what to do about it. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterator

from slack_sdk.errors import SlackApiError

from adapters.slack.faults import as_send_error, code_of
from adapters.slack.oauth import SCOPES
from adapters.slack.tokens import Tokens, web_client
from bot.channel import Installed
from bot.errors import SendError
from bot.settings import Settings, is_loopback

ROOM_SCOPES = frozenset({"channels:history", "groups:history"})
"""One can do without: then a thread needs a mention each time, and a lost receipt in a room stays in doubt."""


def look(settings: Settings, tokens: Tokens, every: list[Installed]) -> Iterator[tuple[str, str]]:
    """(point, "ok…" or what is wrong), in the order in which one sets it up."""
    socket = settings.slack_app_token.get_secret_value()
    yield "how requests come in", _way_in(settings)
    if socket:
        yield "Socket Mode", _socket(settings, socket)
    if settings.slack_bot_token.get_secret_value():
        try:
            found = tokens.single()
        except SendError as error:
            yield "bot token", f"Slack does not take it, or cannot be reached: {error}"
            return
        yield "bot token", f"ok (workspace {found.workspace})"
        yield "scopes", _scopes(found)
        return
    yield "client id and secret", "ok, tried when a workspace installs" if settings.slack_client_id else "not set"
    yield "workspaces", f"ok ({len(every)} installed)" if every else f"ok (none yet: open {settings.public_url}/slack/install)"
    for found in every:
        yield f"workspace {found.workspace}", _installed(tokens, found)


def _way_in(settings: Settings) -> str:
    if settings.slack_app_token.get_secret_value():
        return "ok (Socket Mode: no public address is needed)"
    if not settings.slack_signing_secret.get_secret_value():
        return "CAUCUS_SLACK_SIGNING_SECRET is not set: api.slack.com/apps, Basic Information, App Credentials"
    host = settings.public_url.partition("://")[2].partition("/")[0].partition(":")[0]
    if not settings.public_url.startswith("https://") or is_loopback(host):
        return "Slack needs a public https:// address: set CAUCUS_PUBLIC_URL, or use Socket Mode (CAUCUS_SLACK_APP_TOKEN)"
    return f"ok ({settings.public_url}/slack/events)"


def _socket(settings: Settings, token: str) -> str:
    if not token.startswith("xapp-"):
        return "CAUCUS_SLACK_APP_TOKEN must begin with xapp-: Basic Information, App-Level Tokens, scope connections:write"
    try:
        web_client(settings).apps_connections_open(app_token=token)
    except Exception as error:  # noqa: BLE001 - sorted by as_send_error, which raises what it does not know
        return f"no connection: {_reason(error)}"
    return "ok"


def _scopes(found: Installed) -> str:
    granted = set(found.details.get("scopes", []))
    if not granted:
        return "ok (Slack did not say which)"
    missing = [scope for scope in SCOPES if scope not in granted]
    if needed := [scope for scope in missing if scope not in ROOM_SCOPES]:
        return f"missing: {', '.join(needed)}; add them under OAuth & Permissions and reinstall"
    if missing:
        return f"ok, without {', '.join(missing)}: threads need a mention, and a lost receipt in a room stays in doubt"
    return "ok"


def _installed(tokens: Tokens, found: Installed) -> str:
    try:
        tokens.client(found.workspace).auth_test()
    except Exception as error:  # noqa: BLE001 - sorted by as_send_error, which raises what it does not know
        return f"its token is not taken: {_reason(error)}; reinstall"
    return _scopes(found)


def _reason(error: Exception) -> str:
    return (code_of(error) if isinstance(error, SlackApiError) else "") or str(as_send_error(error))
