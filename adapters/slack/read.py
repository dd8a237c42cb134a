"""What did Slack tell us: whose is it, is it for us, and under which key is it kept? Pure.

Payloads: docs.slack.dev/reference/events, /interactivity (read 2026-11).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from adapters.slack.places import Place
from bot.messages import Address

Json = dict[str, Any]
EVENTS = frozenset({"app_mention", "message", "app_home_opened", "app_uninstalled", "tokens_revoked"})
"""What we do something about; anything else gets its 200 and is dropped."""
SAID = frozenset({"", "file_share", "thread_broadcast", "me_message"})
"""Kinds of message in which a person says something; edits, deletions, joins and the like are not."""
DOUBLE = 3
"""Seconds: the same button pressed again within so many is one press."""


class Broken(Exception):
    """The body is not what Slack sends."""


@dataclass(frozen=True)
class Told:
    """One thing Slack told us: its kind, whose it is, the key it is kept under, keys that make it a repeat."""

    kind: str
    payload: Json
    tenant: str
    user: str
    key: str
    unless: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """What is answered in order: one person's."""
        return f"{self.tenant}/{self.user}" if self.user else ""

    @property
    def address(self) -> Address:
        """Of the person."""
        return Address(channel="slack", external_id=f"{self.tenant}/{self.user}", workspace=self.tenant)


def parse(body: bytes, content_type: str) -> Json:
    """A verified body as one payload; presses and commands come as forms. Raises Broken."""
    try:
        text = body.decode("utf-8")
        if content_type.partition(";")[0].strip().casefold() == "application/x-www-form-urlencoded":
            fields = {name: values[0] for name, values in parse_qs(text, keep_blank_values=True, max_num_fields=100).items()}
            found = json.loads(fields["payload"]) if "payload" in fields else {"type": "command", **fields}
        else:
            found = json.loads(text)
    except (ValueError, RecursionError):
        raise Broken from None
    if not isinstance(found, dict) or not isinstance(found.get("type", ""), str):
        raise Broken
    return found


def told(payload: Json) -> Told | None:
    """What is told, when it is for us; None for what we do nothing about. Raises Broken for what Slack never sends."""
    kind = payload.get("type", "")
    try:
        if kind == "event_callback":
            return _event(payload)
        if kind == "command":
            return Told("command", payload, tenant(payload), payload["user_id"], f"command:{payload['trigger_id']}")
        if kind == "block_actions":
            return _press(payload)
        if kind in ("shortcut", "message_action"):
            return Told(kind, payload, tenant(payload), payload["user"]["id"], f"{kind}:{payload['trigger_id']}")
        if kind == "view_submission":
            return Told(kind, payload, tenant(payload), payload["user"]["id"], f"view:{payload['view']['id']}")
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        raise Broken from None
    return None


def tenant(payload: Mapping[str, Any]) -> str:
    """Who let us in: the workspace, or the organisation where that installed us for all of its workspaces."""
    if authorizations := payload.get("authorizations"):
        first = authorizations[0]
        return _name(first["enterprise_id"] if first.get("is_enterprise_install") else first["team_id"])
    team, enterprise = payload.get("team"), payload.get("enterprise")
    org = payload.get("is_enterprise_install") in (True, "true")
    if org:
        return _name(enterprise["id"] if enterprise else payload["enterprise_id"])
    return _name(team["id"] if isinstance(team, dict) else payload["team_id"])


def outsider(payload: Mapping[str, Any], organisation: str | None) -> bool:
    """Whether the person belongs to another organisation, with which the room is shared."""
    if event := payload.get("event"):
        home = event.get("user_team") or event.get("source_team") or event.get("team")
        return bool(payload.get("is_ext_shared_channel") and home and home not in (tenant(payload), organisation))
    user, team = payload.get("user"), payload.get("team")
    if not isinstance(user, dict) or not isinstance(team, dict):
        return False
    home = user.get("team_id")
    same = organisation and (user.get("enterprise_id") or (payload.get("enterprise") or {}).get("id")) == organisation
    return bool(home and home != team.get("id") and not same)


def place_of_press(payload: Mapping[str, Any]) -> Place:
    """Where the pressed button stands: the answer goes there too. On the Home tab: the direct message."""
    box = payload.get("container") or {}
    room = box.get("channel_id") or (payload.get("channel") or {}).get("id") or ""
    if not room:
        return Place()
    if box.get("is_ephemeral"):
        return Place(room, private=True)
    thread = box.get("thread_ts") or (payload.get("message") or {}).get("thread_ts") or ""
    if not thread and not room.startswith("D"):
        thread = box.get("message_ts") or ""
    return Place(room, thread)


def _event(payload: Json) -> Told | None:
    event = payload["event"]
    kind = event["type"]
    if kind not in EVENTS:
        return None
    if kind in ("message", "app_mention"):
        if event.get("subtype", "") not in SAID or event.get("bot_id") or event.get("app_id") or not event.get("user"):
            return None
        if not isinstance(event.get("text", ""), str) or not isinstance(event["ts"], str):
            raise Broken
    user = event.get("user", "") if kind in ("message", "app_mention", "app_home_opened") else ""
    return Told(kind, payload, tenant(payload), _name(user) if user else "", f"event:{_name(payload['event_id'])}")


def _press(payload: Json) -> Told:
    action, box = payload["actions"][0], payload.get("container") or {}
    where = box.get("message_ts") or box.get("view_id") or (payload.get("view") or {}).get("id", "")
    what = hashlib.sha256(f"{action['action_id']}\n{_value(action)}".encode()).hexdigest()[:16]
    user, moment = payload["user"]["id"], int(float(action["action_ts"])) // DOUBLE
    keys = [f"press:{tenant(payload)}:{where}:{user}:{what}:{bucket}" for bucket in (moment, moment - 1)]
    return Told("block_actions", payload, tenant(payload), user, keys[0], (keys[1],))


def value_of(payload: Mapping[str, Any]) -> str:
    """What the pressed button or the chosen option carries."""
    return _value(payload["actions"][0])


def _value(action: Mapping[str, Any]) -> str:
    option = action.get("selected_option") or {}
    value = action.get("value") or option.get("value") or ""
    return value if isinstance(value, str) else ""


def _name(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= 60 or not value.isascii():
        raise Broken
    return value
