"""What does Slack's refusal mean for a delivery? Errors of slack_sdk become one of the four SendErrors. Pure.

Sources: the error lists of chat.postMessage and conversations.open (docs.slack.dev/reference/methods, read 2026-11).
"""

from __future__ import annotations

import http.client
import re
import socket
import urllib.error

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import InDoubt, Rejected, SendError, TryLater, Unreachable

GONE_CODES = (
    "access_denied account_inactive app_missing_action_url cannot_dm_bot channel_is_limited_access channel_not_found "
    "ekm_access_denied external_channel_migrating free_teams_not_allowed invalid_auth is_archived is_inactive "
    "messages_tab_disabled method_deprecated missing_scope no_permission not_allowed_token_type not_authed not_in_channel "
    "org_login_required posting_to_general_channel_denied restricted_action restricted_action_non_threadable_channel "
    "restricted_action_read_only_channel restricted_action_thread_locked restricted_action_thread_only_channel "
    "team_access_not_granted team_not_found thread_locked_external_channel token_revoked two_factor_setup_required "
    "user_disabled user_not_found user_not_in_channel user_not_visible users_not_found "
)
GONE = frozenset(GONE_CODES.split())
"""This address cannot be reached (from here)."""
LATER = {"ratelimited": 30.0, "rate_limited": 30.0, "accesslimited": 30.0, "team_added_to_org": 120.0, "token_expired": 5.0,
         "service_unavailable": 10.0, "message_limit_exceeded": 300.0, "rollup_error": 10.0}  # fmt: skip
"""Surely not sent; seconds to wait where Slack names none."""
LOST = frozenset({"fatal_error", "internal_error", "request_timeout"})
"""`fatal_error`: "some aspect of the operation may have succeeded"."""
LONGEST_WAIT = 3_600.0
_CODE = re.compile(r"^[a-z0-9_]{2,80}$")


def as_send_error(error: Exception) -> SendError:
    """The SendError that this error means; its text quotes nothing that was sent."""
    if isinstance(error, SendError):
        return error
    if isinstance(error, SlackApiError):
        return _refusal(error)
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, ConnectionRefusedError | socket.gaierror):
        return TryLater(5.0, "Slack cannot be reached")  # before a byte was sent
    if isinstance(error, OSError | http.client.HTTPException | SlackClientError | ValueError):
        return InDoubt(type(error).__name__)
    raise error


def code_of(error: SlackApiError) -> str:
    """Slack's name of what is wrong; empty when the answer was none of Slack's."""
    data = error.response.data if error.response is not None else None
    code = data.get("error") if isinstance(data, dict) else ""
    return code if isinstance(code, str) and _CODE.match(code) else ""  # slack_sdk puts what is not JSON there, as text


def wait_of(headers: object) -> float | None:
    """The seconds of a Retry-After header."""
    found = {str(name).lower(): value for name, value in dict(headers or {}).items()}.get("retry-after")  # type: ignore[call-overload]
    value = found[0] if isinstance(found, list) and found else found
    try:
        return min(LONGEST_WAIT, max(1.0, float(str(value)))) if value is not None else None
    except ValueError:
        return None


def _refusal(error: SlackApiError) -> SendError:
    code, response = code_of(error), error.response
    status = response.status_code if response is not None else 0
    if status == 429 or code in LATER:
        wait = wait_of(response.headers if response is not None else {})
        return TryLater(wait if wait is not None else LATER.get(code, 30.0))
    if status >= 500 or code in LOST or not code:
        return InDoubt(code or f"HTTP {status}")
    return Unreachable(code) if code in GONE else Rejected(code)
