"""A Slack of our own: the Web API, response addresses and OAuth over HTTP, driven by the real slack_sdk.

It refuses blocks that Slack would refuse, keeps what was posted, and fails on demand: for the next calls of a method
(`faults`) or for a share of all posts (`chances`). `python -m tests.fakes.slack PORT` runs it in a process of its own.
"""

from __future__ import annotations

import base64
import json
import random
import sys
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.block_rules import message_problems, view_problems
from tests.fakes.serving import Quiet, serve

Json = dict[str, Any]
FAULTS = ("later", "drop", "vanish", "slow", "500", "html", "error:CODE")
"""429; the line dropped after or before the write; slow; server errors; an answer that is not JSON; a refusal by name."""
ALL_SCOPES = (
    "app_mentions:read,assistant:write,chat:write,commands,im:history,im:write,users:read,channels:history,groups:history"
)


@dataclass
class Team:
    """A workspace (or an organisation, when `enterprise` is its own id) with the bot in it."""

    id: str
    token: str
    bot_user: str = "UBOT"
    enterprise: str | None = None
    org_wide: bool = False
    scopes: str = ALL_SCOPES
    rooms: set[str] = field(default_factory=set)
    """Rooms the bot is in; direct messages need none."""


class FakeSlack:
    """The server: `posts` is what people see, `calls` every request as (method, arguments)."""

    def __init__(self, port: int = 0, *, seed: int = 0) -> None:
        self.teams: dict[str, Team] = {}
        self.posts: list[Json] = []
        self.views: list[tuple[str, Json]] = []
        self.responses: list[tuple[str, Json]] = []
        self.calls: list[tuple[str, Json]] = []
        self.people: dict[str, Json] = {}
        self.faults: dict[str, list[str]] = defaultdict(list)
        self.chances: dict[str, float] = {}
        self.codes: dict[str, Team] = {}
        self.refresh: dict[str, Team] = {}
        self.spent: Counter[str] = Counter()
        self.socket_url = ""
        self.wait, self.slowness = 2, 0.3
        self.expires_in: int | None = None
        self.changed = threading.Condition()
        self._random = random.Random(seed)
        self._clock = 1_790_000_000
        slack = self

        class Handler(Quiet):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                is_json = "json" in (self.headers.get("Content-Type") or "")
                given = json.loads(raw or b"{}") if is_json else {k: v[0] for k, v in parse_qs(raw.decode()).items()}
                path = urlsplit(self.path).path
                if path == "/control/chances":
                    slack.chances = given
                    return self._reply(200, {})
                if path.startswith("/respond/"):
                    return self._answer("respond", slack._respond, path, given)
                authorization = self.headers.get("Authorization") or ""
                if authorization.startswith("Basic "):
                    pair = base64.b64decode(authorization[6:]).decode().partition(":")
                    given |= {"client_id": pair[0], "client_secret": pair[2]}
                token = authorization.removeprefix("Bearer ") or given.pop("token", "")
                return self._answer(path.removeprefix("/api/"), slack._call, path.removeprefix("/api/"), given, token)

            def do_GET(self) -> None:
                if urlsplit(self.path).path == "/control/arrived":
                    return self._reply(200, slack.arrived())
                return self._reply(404, {})

            def _answer(self, method: str, act: Any, *arguments: Any) -> None:
                fault = slack._fault(method)
                if fault == "later":
                    return self._reply(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(slack.wait)})
                if fault == "vanish":
                    self.close_connection = True
                    return None
                if fault == "500":
                    return self._reply(500, {"ok": False})
                if fault.startswith("error:"):
                    return self._reply(200, {"ok": False, "error": fault[6:]})
                told = act(*arguments)
                if fault == "slow":
                    time.sleep(slack.slowness)
                if fault == "drop":
                    self.close_connection = True
                    return None
                if fault == "html":
                    return self.send(200, b"<html>busy</html>", {"Content-Type": "text/html"})
                scopes = told.pop("_scopes", None)
                return self._reply(told.pop("_status", 200), told, {"X-OAuth-Scopes": scopes} if scopes else None)

            def _reply(self, status: int, told: object, headers: dict[str, str] | None = None) -> None:
                self.send(status, json.dumps(told).encode(), {"Content-Type": "application/json", **(headers or {})})

        self._server = serve(Handler, port)
        self.port = self._server.server_address[1]
        self.host = f"http://127.0.0.1:{self.port}"
        self.api_url = f"{self.host}/api/"

    def add(self, team: Team) -> Team:
        """A workspace that has let us in."""
        self.teams[team.token] = team
        return team

    def person(self, user: str, **about: Any) -> None:
        """Somebody Slack knows; by default Anna in Berlin with an English Slack."""
        self.people[user] = {"id": user, "tz": "Europe/Berlin", "locale": "en-US", "deleted": False, "real_name": "Anna",
                             "profile": {"display_name": "anna", "real_name": "Anna"}, **about}  # fmt: skip

    def arrived(self) -> dict[str, int]:
        """Delivery → how often people got it."""
        return dict(Counter(post["metadata"]["event_payload"]["delivery"] for post in self.posts if post.get("metadata")))

    def wait_for_posts(self, number: int, seconds: float = 20.0) -> list[Json]:
        """Everything posted, once there are so many."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.posts) >= number, seconds), f"{len(self.posts)} of {number} posts"
            return list(self.posts)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def ts(self) -> str:
        """The next message's time: now, and never the same twice."""
        with self.changed:
            self._clock += 1
            return f"{time.time():.0f}.{self._clock % 1_000_000:06d}"

    def _fault(self, method: str) -> str:
        with self.changed:
            if self.faults.get(method):
                return self.faults[method].pop(0)
            drawn = self._random.random() if method == "chat.postMessage" else 2.0
            for fault, chance in self.chances.items():
                if drawn < chance:
                    return fault
                drawn -= chance
        return ""

    def _call(self, method: str, given: Json, token: str) -> Json:
        for name in ("blocks", "metadata", "view", "prompts"):
            if isinstance(given.get(name), str):
                given[name] = json.loads(given[name])
        with self.changed:
            self.calls.append((method, given))
            self.changed.notify_all()
        if method == "oauth.v2.access":
            return self._oauth(given)
        if method == "apps.connections.open":
            return {"ok": True, "url": self.socket_url} if token.startswith("xapp-") else _no("invalid_auth")
        team = self.teams.get(token)
        if team is None:
            return _no("invalid_auth")
        act = getattr(self, "_" + method.replace(".", "_"), None)
        return act(team, given) if act else _no("unknown_method")

    def _auth_test(self, team: Team, _: Json) -> Json:
        return {"ok": True, "team_id": team.id, "user_id": team.bot_user, "bot_id": "B" + team.id, "enterprise_id": team.enterprise,
                "is_enterprise_install": team.org_wide, "_scopes": team.scopes}  # fmt: skip

    def _chat_postMessage(self, team: Team, given: Json) -> Json:  # noqa: N802 - Slack's name
        if problems := message_problems(given.get("text", ""), given.get("blocks") or []):
            return {**_no("invalid_blocks"), "response_metadata": {"messages": problems}}
        room = given["channel"]
        if not room.startswith("D") and room not in team.rooms:
            return _no("not_in_channel")
        return {"ok": True, "channel": room, "ts": self._post(team, given, room)}

    def _chat_postEphemeral(self, team: Team, given: Json) -> Json:  # noqa: N802 - Slack's name
        if problems := message_problems(given.get("text", ""), given.get("blocks") or []):
            return {**_no("invalid_blocks"), "response_metadata": {"messages": problems}}
        if given["channel"] not in team.rooms:
            return _no("not_in_channel")
        return {"ok": True, "message_ts": self._post(team, {**given, "only": given["user"]}, given["channel"])}

    def _post(self, team: Team, given: Json, room: str) -> str:
        ts = self.ts()
        with self.changed:
            self.posts.append(
                {**given, "team": team.id, "channel": room, "ts": ts, "bot_id": "B" + team.id, "at": time.monotonic()}
            )
            self.changed.notify_all()
        return ts

    def _conversations_open(self, team: Team, given: Json) -> Json:
        about = self.people.get(given["users"], {})
        return _no("user_disabled") if about.get("deleted") else {"ok": True, "channel": {"id": f"D{team.id}{given['users']}"}}

    def _conversations_history(self, team: Team, given: Json) -> Json:
        kind = "im" if given["channel"].startswith("D") else "channels"
        return self._listed(team, given, f"{kind}:history", lambda post: not post.get("thread_ts"))

    def _conversations_replies(self, team: Team, given: Json) -> Json:
        kind = "im" if given["channel"].startswith("D") else "channels"
        return self._listed(team, given, f"{kind}:history", lambda post: post.get("thread_ts") == given["ts"])

    def _listed(self, team: Team, given: Json, scope: str, fits: Any) -> Json:
        if scope not in team.scopes:
            return _no("missing_scope")
        oldest, latest, limit = float(given.get("oldest") or 0), float(given.get("latest") or 9e12), int(given["limit"])
        found = [post for post in self.posts if post["team"] == team.id and post["channel"] == given["channel"] and fits(post)]
        found = sorted((p for p in found if oldest <= float(p["ts"]) <= latest and not p.get("only")), key=lambda p: p["ts"])[
            ::-1
        ]
        start = int(given.get("cursor") or 0)
        cursor = str(start + limit) if len(found) > start + limit else ""
        return {"ok": True, "messages": found[start : start + limit], "response_metadata": {"next_cursor": cursor}}

    def _users_info(self, _: Team, given: Json) -> Json:
        user = self.people.get(given["user"])
        return {"ok": True, "user": user} if user else _no("user_not_found")

    def _views_open(self, _: Team, given: Json) -> Json:
        return self._view("views.open", given)

    def _views_publish(self, _: Team, given: Json) -> Json:
        return self._view("views.publish", given)

    def _view(self, method: str, given: Json) -> Json:
        if problems := view_problems(given["view"]):
            return {**_no("invalid_arguments"), "response_metadata": {"messages": problems}}
        if given.get("trigger_id") == "expired":
            return _no("expired_trigger_id")
        with self.changed:
            self.views.append((method, given["view"]))
            self.changed.notify_all()
        return {"ok": True, "view": {"id": f"V{len(self.views)}"}}

    def _assistant_threads_setStatus(self, team: Team, _: Json) -> Json:  # noqa: N802 - Slack's name
        return {"ok": True} if "assistant:write" in team.scopes else _no("missing_scope")

    def _assistant_threads_setSuggestedPrompts(self, team: Team, given: Json) -> Json:  # noqa: N802 - Slack's name
        return {"ok": True} if "thread_ts" not in given and len(given["prompts"]) <= 4 else _no("invalid_arguments")

    def _respond(self, path: str, given: Json) -> Json:
        if given.get("blocks") and (problems := message_problems(given.get("text", ""), given["blocks"])):
            return {**_no("invalid_blocks"), "problems": problems, "_status": 400}
        with self.changed:
            self.responses.append((path, given))
            self.changed.notify_all()
        return {"ok": True}

    def _oauth(self, given: Json) -> Json:
        if given.get("client_id") != "111.222" or given.get("client_secret") != "client-secret":
            return _no("bad_client_secret")
        with self.changed:
            team = (self.refresh if given.get("grant_type") == "refresh_token" else self.codes).pop(
                given.get("refresh_token") or given.get("code") or "", None
            )
            if team is None:
                return _no("invalid_refresh_token" if given.get("grant_type") == "refresh_token" else "invalid_code")
            self.spent[team.id] += 1
            self.teams.pop(team.token, None)
            team.token = f"xoxe.xoxb-{team.id}-{self.spent[team.id]}"
            self.teams[team.token] = team
            refresh = f"xoxe-1-{team.id}-{self.spent[team.id]}"
            self.refresh[refresh] = team
        told: Json = {"ok": True, "access_token": team.token, "token_type": "bot", "scope": team.scopes, "bot_user_id": team.bot_user,
                      "app_id": "A1", "team": None if team.org_wide else {"id": team.id, "name": "x"},
                      "enterprise": {"id": team.enterprise} if team.enterprise else None, "is_enterprise_install": team.org_wide,
                      "authed_user": {"id": "UADMIN"}}  # fmt: skip
        return {**told, "refresh_token": refresh, "expires_in": self.expires_in} if self.expires_in else told


def _no(code: str) -> Json:
    return {"ok": False, "error": code}


if __name__ == "__main__":
    server = FakeSlack(int(sys.argv[1]), seed=int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    server.add(Team("T1", "xoxb-one"))
    if len(sys.argv) > 3:  # and one that does not let us read history
        server.add(Team("T2", "xoxb-two", scopes="chat:write,im:write,users:read"))
    print(server.port, flush=True)
    sys.stdin.read()
