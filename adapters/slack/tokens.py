"""Which token opens which workspace? The one of the settings, or those of installations, changed before they end.

A token that ends (rotation is on) is changed by whoever holds the lock in the installation's row, never by two; a
reminder in a quiet workspace therefore finds a fresh one. docs.slack.dev/authentication/using-token-rotation (read
2026-11): tokens live 12 hours, a refresh token is spent by its use.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Mapping
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from adapters.slack.faults import as_send_error, code_of
from adapters.slack.ports import Installations
from bot.channel import Installed
from bot.errors import TryLater, Unreachable
from bot.settings import Settings

log = structlog.get_logger()
TIMEOUT = 8
"""Seconds of one call; a send makes at most three (who is it, open, post), a look-up two."""
EARLY = dt.timedelta(hours=2)
"""A token with less left is changed."""
KEPT = 30.0
"""Seconds that a process believes what it read of an installation: so long may an uninstall go unseen elsewhere."""
SILENT = logging.getLogger("caucus.slack")
"""For the vendor's libraries: what they log quotes messages and tokens."""
SILENT.setLevel(logging.CRITICAL + 1)
SILENT.propagate = False


def web_client(settings: Settings, token: str | None = None) -> WebClient:
    """A client that repeats nothing by itself: a post whose answer was lost may have arrived."""
    return WebClient(token=token, base_url=settings.slack_api_url, timeout=TIMEOUT, retry_handlers=[], logger=SILENT)


class Tokens:
    """Clients by workspace. Safe to share between threads."""

    def __init__(self, settings: Settings, installations: Installations, now: Any) -> None:
        """`now`: the time, aware."""
        self._settings, self._installations, self._now = settings, installations, now
        self._known: dict[str, tuple[dt.datetime, Installed]] = {}
        self._lock = threading.Lock()
        self._unsaved: dict[str, tuple[dt.datetime, Installed]] = {}
        """Workspace → (end of the token before, the new one) that the database could not take: what it came by is spent."""
        self._single: Installed | None = None

    def installed(self, workspace: str) -> Installed | None:
        """The leave of a workspace, with a token that lives; None when there is none.

        Raises a SendError when Slack must be asked first and cannot be.
        """
        if self._settings.slack_bot_token.get_secret_value():
            single = self.single()
            return single if workspace in ("", single.workspace) else None
        now = self._now()
        kept = self._known.get(workspace)
        if kept and now - kept[0] < dt.timedelta(seconds=KEPT) and not _ends_soon(kept[1], now):
            return kept[1]
        found = self._installations.find(workspace)
        if found and _ends_soon(found, now):
            found = self._rotated(found, now)
        with self._lock:
            if found:
                self._known[workspace] = (now, found)
            else:
                self._known.pop(workspace, None)
        return found

    def client(self, workspace: str) -> WebClient:
        """A client for this workspace. Raises Unreachable when it does not let us in."""
        found = self.installed(workspace)
        if found is None:
            raise Unreachable("not installed in this workspace")
        return web_client(self._settings, found.token)

    def only_team(self) -> str:
        """The workspace of the one token; empty where workspaces install us. Raises a SendError."""
        return self.single().workspace if self._settings.slack_bot_token.get_secret_value() else ""

    def forget(self, workspace: str) -> None:
        """Read this workspace's installation anew next time."""
        with self._lock:
            self._known.pop(workspace, None)

    def rotate_due(self) -> int:
        """Change every token that ends soon, also where nothing happens; returns how many. Called once a minute."""
        changed = 0
        for found in self._installations.every():
            if _ends_soon(found, self._now()):
                try:
                    changed += self._rotated(found, self._now()) is not found
                except Exception as error:  # noqa: BLE001 - one workspace's trouble is not that of the others
                    log.warning("a token could not be changed yet", workspace=found.workspace, reason=type(error).__name__)
        return changed

    def single(self) -> Installed:
        """The one workspace of SLACK_BOT_TOKEN, asked of Slack once. Raises a SendError when Slack cannot be asked."""
        with self._lock:
            if self._single is None:
                token = self._settings.slack_bot_token.get_secret_value()
                try:
                    told = web_client(self._settings, token).auth_test()
                except Exception as error:  # noqa: BLE001 - sorted by as_send_error, which raises what it does not know
                    raise _as_later(error) from None
                scopes = str(told.headers.get("x-oauth-scopes") or told.headers.get("X-OAuth-Scopes") or "")
                details = {
                    "bot_user_id": told.get("user_id"),
                    "bot_id": told.get("bot_id"),
                    "enterprise_id": told.get("enterprise_id"),
                    "scopes": [scope.strip() for scope in scopes.split(",") if scope.strip()],
                }
                whole_org = bool(told.get("is_enterprise_install"))
                workspace = str(told.get("enterprise_id") if whole_org else told.get("team_id"))
                self._single = Installed(workspace, token, details=details)
            return self._single

    def _rotated(self, found: Installed, now: dt.datetime) -> Installed:
        """The same with a new token, when the lock is ours; otherwise as it is, or as somebody else has changed it."""
        assert found.expires_at
        ended, fresh = self._unsaved.get(found.workspace, (None, None))
        if fresh and ended == found.expires_at:
            return self._saved(fresh)
        if not self._installations.begin_rotation(found.workspace, found.expires_at):
            return self._in_use(self._installations.find(found.workspace) or found, now)
        try:
            told = web_client(self._settings).oauth_v2_access(
                client_id=self._settings.slack_client_id,
                client_secret=self._settings.slack_client_secret.get_secret_value(),
                grant_type="refresh_token",
                refresh_token=found.refresh_token,
            )
        except Exception as error:  # noqa: BLE001 - sorted by as_send_error, which raises what it does not know
            code = code_of(error) if isinstance(error, SlackApiError) else type(error).__name__
            log.warning("a token was not changed", workspace=found.workspace, reason=code)
            return self._in_use(found, now, _as_later(error))
        fresh = installation_of(told.data, now, workspace=found.workspace, details=found.details)  # type: ignore[arg-type]
        self._unsaved[found.workspace] = (found.expires_at, fresh)
        return self._saved(fresh)

    def _saved(self, fresh: Installed) -> Installed:
        """The new token, once it is kept. Raises Unavailable; it is then tried again."""
        self._installations.change(fresh)
        self._unsaved.pop(fresh.workspace, None)
        log.info("a token was changed", workspace=fresh.workspace)
        return fresh

    @staticmethod
    def _in_use(found: Installed, now: dt.datetime, trouble: Exception | None = None) -> Installed:
        """The old token as long as it lives. Raises TryLater when it has ended and the new one is not there."""
        if found.expires_at is None or found.expires_at > now:
            return found
        raise trouble if isinstance(trouble, TryLater) else TryLater(10.0, "the workspace's token is being changed")


def installation_of(
    told: Mapping[str, Any], now: dt.datetime, *, workspace: str = "", details: Mapping[str, Any] | None = None
) -> Installed:
    """What `oauth.v2.access` answered; `workspace` and `details` are those known already, when a token is changed."""
    org = bool(told.get("is_enterprise_install"))
    team, enterprise = (told.get("team") or {}).get("id"), (told.get("enterprise") or {}).get("id")
    kept = dict(details or {})
    kept |= {
        "bot_user_id": told.get("bot_user_id") or kept.get("bot_user_id"),
        "app_id": told.get("app_id") or kept.get("app_id"),
        "enterprise_id": enterprise or kept.get("enterprise_id"),
        "scopes": [scope for scope in str(told.get("scope", "")).split(",") if scope] or kept.get("scopes", []),
    }
    seconds = told.get("expires_in")
    return Installed(
        workspace or str(enterprise if org else team),
        str(told.get("access_token", "")),
        str(told.get("refresh_token", "") or ""),
        now + dt.timedelta(seconds=int(seconds)) if seconds else None,
        kept,
    )


def _ends_soon(found: Installed, now: dt.datetime) -> bool:
    return found.expires_at is not None and found.expires_at - now < EARLY


def _as_later(error: Exception) -> Exception:
    """Whatever keeps us from asking: nothing was sent, so it can be tried again."""
    found = as_send_error(error)
    return found if isinstance(found, TryLater) else TryLater(30.0, f"Slack did not let us in ({found})")
