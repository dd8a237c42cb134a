"""Who is it, as Slack knows them: name, zone, language, still there? Asked at most once a day, never in the way of an answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import structlog
from slack_sdk import WebClient

from adapters.slack.channel import user_of
from adapters.slack.faults import as_send_error
from adapters.slack.ports import Outward
from adapters.slack.tokens import Tokens
from bot.channel import Profile
from bot.errors import SendError, Unreachable
from bot.messages import Address, Lang

log = structlog.get_logger()
FRESH = dt.timedelta(days=1)
DEAD = frozenset({"user_not_found", "users_not_found", "user_not_visible", "account_inactive"})


class People:
    """What Slack says of people, kept with their address."""

    def __init__(self, ports: Outward, tokens: Tokens) -> None:
        self._ports, self._tokens = ports, tokens

    def look_up(self, address: Address) -> Profile:
        """What Slack says, asked again after a day; the old word where Slack cannot be asked. Keeps it for people we know."""
        told, _, _ = self._ports.profile(address)
        now = self._ports.now()
        if told.asked_at and now - told.asked_at < FRESH and not told.left:
            return told
        try:
            found = ask(self._tokens.client(address.workspace), user_of(address), address.workspace)
        except SendError as error:
            log.info("a profile could not be read", reason=type(error).__name__)
            return told
        self._ports.note_profile(address, found)
        return found

    def language(self, address: Address) -> Lang:
        """The language for surfaces without words of their own: what they chose, else that of their Slack."""
        told, chosen, _ = self._ports.profile(address)
        if chosen is None and not told.asked_at:
            told = self.look_up(address)
        return "zh" if (chosen or told.locale or "en").startswith("zh") else "en"

    def known_language(self, address: Address) -> Lang:
        """The same as far as we know it, without asking Slack."""
        told, chosen, _ = self._ports.profile(address)
        return "zh" if (chosen or told.locale or "en").startswith("zh") else "en"

    def left(self, address: Address) -> bool:
        """Whether we know that this person left the workspace or was deactivated there."""
        return self._ports.profile(address)[0].left

    def note_left(self, address: Address) -> None:
        """Slack says so: nothing is sent to them until they speak again."""
        self._ports.note_profile(address, Profile(left=True))

    def chosen_language(self, address: Address) -> str | None:
        """The language they chose; None: none."""
        return self._ports.profile(address)[1]


def ask(client: WebClient, user: str, workspace: str = "") -> Profile:
    """users.info of one person, `admin` of that workspace (or organisation) alone. Raises a SendError."""
    try:
        told = client.users_info(user=user, include_locale=True)
    except Exception as error:  # noqa: BLE001 - sorted by as_send_error, which raises what it does not know
        found = as_send_error(error)
        if isinstance(found, Unreachable) and str(found) in DEAD:
            return Profile(left=True)
        raise found from None
    member = told.get("user") or {}
    about = member.get("profile") or {}
    return Profile(
        zone=str(member.get("tz") or ""),
        locale=str(member.get("locale") or ""),
        name=str(about.get("display_name") or about.get("real_name") or member.get("real_name") or "")[:200],
        left=bool(member.get("deleted")),
        admin=_administers(member, workspace),
    )


def _administers(member: Mapping[str, Any], workspace: str) -> bool:
    """Admin or owner of the workspace that lets us in; whoever comes from another organisation is none of ours."""
    if not workspace or member.get("deleted") or member.get("is_bot") or member.get("is_restricted"):
        return False
    whole = member.get("enterprise_user") or {}
    about = whole if whole.get("enterprise_id") == workspace else member if member.get("team_id") == workspace else {}
    return bool(about.get("is_admin") or about.get("is_owner"))
