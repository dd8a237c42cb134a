"""Which routes are there, and what does each ask of whoever comes? The table of docs/security.md is written from here.

`python -m tests.security.doors` prints it. The last column is not claimed but seen: what an installation that the
world can reach answers to somebody who brings nothing.
"""

from __future__ import annotations

import dataclasses
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from bot.db import open_engine, upgrade
from bot.settings import Settings, read_settings
from bot.wiring import build, web

NAME = "coach.example.com"
SITE = f"https://{NAME}"
ELSEWHERE = ("203.0.113.9", 50_000)
"""A client that is not this machine."""
SAMPLES = {
    "card_id": "exclusivity-request",
    "delivery": "0" * 32,
    "broadcast": "0" * 32,
    "broadcast_id": "0" * 32,
    "followup_id": "0" * 32,
    "person": "0" * 32,
    "number": "1",
    "action": "status",
    "lang": "zh",
    "name": "chat.css",
    "token": "x" * 43,
}
"""A value for each name in a path."""


FORMS = {
    "/sign-in": {"email": "nobody@example.com"},
    "/sign-in/{token}": {"to": "/"},
    "/me/end": {"session": ""},
    "/console/deliveries/{delivery}": {"how": "drop"},
    "/console/people/{person}/role": {"role": "admin"},
    "/console/people/{person}/invite": {"sure": ""},
    "/console/people/{person}/sign-out": {"sure": ""},
    "/console/people": {"name": "Eve", "email": "", "role": "admin"},
}
"""What well-made forms hold, where a form is read before it is asked whose it is; GET ignores it."""


@dataclasses.dataclass(frozen=True)
class Door:
    """What is asked of whoever comes, and how the lack of it is answered."""

    asks: str
    refusals: tuple[int, ...] = ()
    """Statuses; none: everybody is served."""
    why_open: str = ""


KEY = Door("an API key", (401,))
SESSION = Door("a session", (303, 401))
CURATOR = Door("a session of a curator or admin", (303, 401))
SLACK = Door("Slack's signature over the raw bytes, five minutes old at most", (401,))
TENCENT = Door("the platform's signature, ten minutes old at most", (403,))
MACHINE = Door("an API key, or to be this machine", (401,))
LINK = Door("a link that works once", (404,))
STATE = Door("the state of an installation that this browser began", (400,))


def opened(why: str) -> Door:
    """A door that stands open, and why it may."""
    return Door("nothing", (), why)


DOORS: dict[str, Door] = {
    "/api/openapi.json": opened("describes the API; says nothing of people"),
    "/api/docs": opened("the same as a page"),
    "/api/": KEY,
    "/slack/events": SLACK,
    "/slack/install": opened("leads to Slack's own page, which asks; keeps the hash of a state for ten minutes"),
    "/slack/oauth_redirect": STATE,
    "/wechat/callback": TENCENT,
    "/wecom/callback": TENCENT,
    "/health/live": opened("one word"),
    "/health/ready": opened("names of parts and what is wrong with them"),
    "/metrics": MACHINE,
    "/static/": opened("our styles, scripts and icon"),
    "/language/": opened("sets a cookie with the language"),
    "/sign-in": opened("says how to get a link; a form sends one to an address that is known, and says the same of others"),
    "/sign-in/": LINK,
    "/me": SESSION,
    "/console": CURATOR,
    "/": SESSION,
}
"""The longest beginning of a path counts; one without a slash at its end counts for what follows it after a slash too."""


def door_of(path: str) -> Door:
    """What a route asks. What nobody thought of is below `/`, which asks for a session: its test fails if it does not."""
    fits = [start for start in DOORS if path == start or path.startswith(start if start.endswith("/") else f"{start}/")]
    exact = [start for start in fits if start == path]
    return DOORS[max(exact or fits, key=len)]


def routes(server: FastAPI) -> list[tuple[str, str]]:
    """(method, path) of all that is served, sorted by path."""
    found = {
        (method, context.path)
        for context in iter_route_contexts(server.routes)
        for method in context.methods or ()
        if method != "HEAD"
    }
    return sorted(found, key=lambda route: (route[1], route[0]))


def filled(path: str) -> str:
    """The path with values for its names; a KeyError tells of a new name."""
    return re.sub(r"{(\w+)(:\w+)?}", lambda name: SAMPLES[name[1]], path)


def public_settings(folder: Path, **more: str) -> Settings:
    """Production, reached by everybody, with every channel set up."""
    sealed = {"TOKEN": "the-token", "AES_KEY": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"}
    given = {
        "ENV": "production",
        "HOST": "0.0.0.0",
        "PUBLIC_URL": SITE,
        "DATA_DIR": str(folder),
        "SECRET_KEYS": "test-key-of-at-least-thirty-two-characters",
        "SLACK_SIGNING_SECRET": "signing-secret",
        "SLACK_CLIENT_ID": "111.222",
        "SLACK_CLIENT_SECRET": "client-secret",
        "WECHAT_APP_ID": "wx0001",
        "WECHAT_APP_SECRET": "wechat-secret",
        "WECOM_CORP_ID": "ww0001",
        "WECOM_AGENT_ID": "1000002",
        "WECOM_SECRET": "wecom-secret",
        **{f"{vendor}_{name}": value for vendor in ("WECHAT", "WECOM") for name, value in sealed.items()},
    }
    return read_settings({f"CAUCUS_{name}": value for name, value in {**given, **more}.items()})


def visitor(server: FastAPI) -> TestClient:
    """Somebody from elsewhere, by our public name, with empty hands."""
    return TestClient(server, base_url=SITE, client=ELSEWHERE, follow_redirects=False, raise_server_exceptions=False)


def knock(client: TestClient, method: str, path: str, **more: Any) -> Any:
    """One request; forms come from our own page, so that it is the missing session that is refused and not the origin."""
    if method != "GET":
        more["headers"] = {"Sec-Fetch-Site": "same-origin", **more.get("headers", {})}
    if path in FORMS:
        more["data"] = FORMS[path]
    return client.request(method, filled(path), **more)


def table(client: TestClient, found: list[tuple[str, str]]) -> Iterator[str]:
    """The lines of the table."""
    yield "| route | asks for | without it |"
    yield "|---|---|---|"
    for method, path in found:
        door = door_of(path)
        status = knock(client, method, path).status_code
        said = f"{status}" if door.refusals else f"served ({status}): {door.why_open}"
        yield f"| `{method} {path}` | {door.asks} | {said} |"


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        settings = public_settings(Path(folder))
        engine = open_engine(settings.database, settings.keys())
        upgrade(engine)
        server = web(build(settings, engine=engine, later=True))
        sys.stdout.write("\n".join(table(visitor(server), routes(server))) + "\n")


if __name__ == "__main__":
    main()
