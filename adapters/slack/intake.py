"""How does a request of Slack come in? Bytes verified, kept, and only then acknowledged; answered after that.

`admit` is the same for HTTP and Socket Mode. A stranger gets a short 4xx and nothing is kept; without the database
Slack gets a 503 and repeats. Nothing here answers anybody.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog
from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from adapters.http import TooLarge, capped_body
from adapters.slack.places import Place
from adapters.slack.ports import SlackPorts
from adapters.slack.read import Broken, Json, Told, parse, told
from adapters.slack.text import mentions
from adapters.slack.tokens import Tokens
from adapters.slack.verify import is_from_slack
from adapters.slack.views import errors_in
from bot.errors import SendError, Unavailable

log = structlog.get_logger()
LARGEST = 1024 * 1024
"""Bytes of one request. A 40,000-character message with its blocks, escaped, stays below half of it."""


class Intake:
    """The door: what is for us is kept once, what is not gets its 200 and leaves no trace."""

    def __init__(self, ports: SlackPorts, tokens: Tokens, clock: Callable[[], float] = time.time) -> None:
        """`clock`: seconds since 1970, as Slack's timestamps are."""
        self._ports, self._tokens, self._clock = ports, tokens, clock
        given = (ports.settings.slack_signing_secret, ports.settings.slack_signing_secret_previous)
        self._secrets = [secret.get_secret_value() for secret in given if secret.get_secret_value()]

    async def over_http(self, request: Request) -> Response:
        """Verify the raw bytes, keep, answer 200 with what Slack is to show at once (nothing, or errors in a form)."""
        if not self._secrets:
            return PlainTextResponse("Slack's requests cannot be verified here", 503)
        try:
            body = await capped_body(request, LARGEST)
        except TooLarge:
            return PlainTextResponse("too large", 413, {"Connection": "close"})
        head = request.headers
        timestamp, signature = head.get("x-slack-request-timestamp", ""), head.get("x-slack-signature", "")
        if not is_from_slack(body, timestamp, signature, self._secrets, self._clock()):
            return PlainTextResponse("not signed by Slack", 401)
        try:
            payload = parse(body, head.get("content-type", ""))
            if payload.get("type") == "url_verification":
                return PlainTextResponse(str(payload.get("challenge", ""))[:1_000])
            shown = await run_in_threadpool(self.admit, payload)
        except Broken:
            return PlainTextResponse("not what Slack sends", 400)
        except Unavailable:
            return PlainTextResponse("not available right now, please repeat", 503, {"Retry-After": "2"})
        return JSONResponse(shown) if shown else Response(status_code=200)

    def admit(self, payload: Json) -> Json | None:
        """Keep what is for us; returns what Slack shows at once. Raises Broken, and Unavailable: do not acknowledge then."""
        if payload.get("type") == "app_rate_limited":  # docs.slack.dev/reference/events/app_rate_limited, read 2026-11
            log.warning("Slack holds events back: more than 30,000 in an hour", workspace=str(payload.get("team_id"))[:60])
        found = told(payload)
        if found is None or self._not_for_us(found):
            return None
        if found.kind == "view_submission" and (wrong := errors_in(payload)):
            return wrong
        if not self._ports.store(found.key, found.line, payload, unless=found.unless):
            log.info("repeated", channel="slack", kind=found.kind)
        return None

    def _not_for_us(self, found: Told) -> bool:
        """Messages in rooms come to us whole; ours are those in a thread in which this person talks with us."""
        if found.kind != "message":
            return False
        event: dict[str, Any] = found.payload["event"]
        if event.get("channel_type") == "im":
            return False
        thread = event.get("thread_ts")
        if not thread or thread == event["ts"] or mentions(event.get("text", "")):
            return True  # a mention of us comes as app_mention, one of others is for them
        return not self._ports.talks(found.address, Place(event["channel"], thread).talk)


def router(intake: Intake) -> APIRouter:
    """`POST /slack/events`, for events, commands and presses alike."""
    routes = APIRouter(include_in_schema=False)
    routes.add_route("/slack/events", intake.over_http, methods=["POST"], include_in_schema=False)
    return routes


def bot_user(tokens: Tokens, tenant: str) -> str:
    """Our own user id in a workspace; empty when it cannot be told now."""
    try:
        found = tokens.installed(tenant)
    except SendError:
        return ""
    return str(found.details.get("bot_user_id") or "") if found else ""
