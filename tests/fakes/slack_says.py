"""What Slack sends: recorded shapes of every payload, with the words of a test, and signed like Slack's.

Shapes: docs.slack.dev/reference/events, /interactivity, /apis/events-api (read 2026-11).
"""

from __future__ import annotations

import itertools
import json
import time
from typing import Any
from urllib.parse import urlencode

from adapters.slack.verify import sign

Json = dict[str, Any]
SECRET = "signing-secret"
_numbers = itertools.count(1)


def headers(body: bytes, *, secret: str = SECRET, at: float | None = None, kind: str = "application/json") -> dict[str, str]:
    """The headers of a signed request."""
    moment = str(int(time.time() if at is None else at))
    return {"Content-Type": kind, "X-Slack-Request-Timestamp": moment, "X-Slack-Signature": sign(body, moment, secret).decode()}


def event(inner: Json, *, team: str = "T1", event_id: str = "", enterprise: str | None = None, org_wide: bool = False,
          ext_shared: bool = False) -> Json:  # fmt: skip
    """An event callback."""
    authorization = {"enterprise_id": enterprise, "team_id": None if org_wide else team, "user_id": "UBOT", "is_bot": True,
                     "is_enterprise_install": org_wide}  # fmt: skip
    return {
        "token": "x", "team_id": team, "api_app_id": "A1", "event": inner, "type": "event_callback",
        "event_id": event_id or f"Ev{next(_numbers):08d}", "event_time": int(time.time()), "authorizations": [authorization],
        "is_ext_shared_channel": ext_shared, "event_context": "4-x",
    }  # fmt: skip


def ts(message_id: str = "") -> str:
    """A message's time; the same for the same id."""
    return f"1790000000.{abs(hash(message_id)) % 1_000_000:06d}" if message_id else f"1790000001.{next(_numbers):06d}"


def direct(text: str, *, user: str = "U1", at: str = "", **more: Any) -> Json:
    """message.im."""
    moment = at or ts()
    return {"type": "message", "user": user, "text": text, "ts": moment, "channel": f"D{user}", "channel_type": "im",
            "event_ts": moment, "team": "T1", "client_msg_id": "c", **more}  # fmt: skip


def mention(text: str, *, user: str = "U1", room: str = "C1", at: str = "", **more: Any) -> Json:
    """app_mention."""
    moment = at or ts()
    return {"type": "app_mention", "user": user, "text": f"<@UBOT> {text}", "ts": moment, "channel": room, "event_ts": moment,
            "team": "T1", **more}  # fmt: skip


def in_room(text: str, *, user: str = "U1", room: str = "C1", at: str = "", **more: Any) -> Json:
    """message.channels."""
    moment = at or ts()
    return {"type": "message", "user": user, "text": text, "ts": moment, "channel": room, "channel_type": "channel",
            "event_ts": moment, "team": "T1", **more}  # fmt: skip


def command(text: str, *, user: str = "U1", room: str = "C1", response_url: str = "", team: str = "T1") -> Json:
    """/coach, as form fields."""
    return {"token": "x", "team_id": team, "team_domain": "x", "channel_id": room, "channel_name": "x", "user_id": user,
            "user_name": "x", "command": "/coach", "text": text, "api_app_id": "A1", "is_enterprise_install": "false",
            "response_url": response_url, "trigger_id": f"trigger{next(_numbers)}"}  # fmt: skip


def interaction(kind: str, *, user: str = "U1", team: str = "T1", trigger: str = "", **more: Any) -> Json:
    """What all presses and forms have."""
    return {"type": kind, "user": {"id": user, "username": "x", "team_id": team}, "team": {"id": team, "domain": "x"},
            "enterprise": None, "is_enterprise_install": False, "api_app_id": "A1", "token": "x",
            "trigger_id": trigger or f"trigger{next(_numbers)}", **more}  # fmt: skip


def press(post: Json, label: str = "", *, value: str = "", user: str = "U1", response_url: str = "", ephemeral: bool = False,
          at: float | None = None, **more: Any) -> Json:  # fmt: skip
    """block_actions: the button of a post with this label or value."""
    buttons = [(block, element) for block in post["blocks"] if block["type"] == "actions" for element in block["elements"]]
    block, element = next(
        (b, e) for b, e in buttons if (label and e["text"]["text"] == label) or (value and e["value"].startswith(value))
    )
    container = {"type": "message", "message_ts": post.get("ts", "1.1"), "channel_id": post["channel"], "is_ephemeral": ephemeral}
    if post.get("thread_ts"):
        container["thread_ts"] = post["thread_ts"]
    message = {"text": post["text"], "blocks": post["blocks"], "ts": post.get("ts", "1.1")}
    action = {**element, "block_id": block["block_id"], "action_ts": f"{time.time() if at is None else at:.6f}"}
    return interaction("block_actions", user=user, container=container, channel={"id": post["channel"], "name": "x"},
                       actions=[action], response_url=response_url, **({} if ephemeral else {"message": message}), **more)  # fmt: skip


def home_press(view: Json, value: str, *, user: str = "U1") -> Json:
    """block_actions on the Home tab."""
    element, block = next((e, b) for b in view["blocks"] if b["type"] == "actions" for e in b["elements"] if e["value"] == value)
    action = {**element, "block_id": block["block_id"], "action_ts": f"{time.time():.6f}"}
    return interaction(
        "block_actions", user=user, container={"type": "view", "view_id": "V1"}, view={"id": "V1"}, actions=[action]
    )


def submission(view: Json, values: Json, *, user: str = "U1", view_id: str = "") -> Json:
    """view_submission: `values` is block id → what its element holds, under its action id."""
    sent = {**view, "id": view_id or f"V{next(_numbers)}", "state": {"values": values}}
    return interaction("view_submission", user=user, view=sent)


def as_form(payload: Json) -> bytes:
    """A press as Slack sends it; a command without `type` as plain fields."""
    return urlencode(payload if "command" in payload else {"payload": json.dumps(payload)}).encode()
