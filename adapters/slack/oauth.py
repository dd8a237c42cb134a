"""How does a workspace let us in? OAuth V2: `/slack/install` sends to Slack, `/slack/oauth_redirect` takes the answer.

`state` is ours, used once, ends after ten minutes, and belongs to the browser that began (a cookie), so that nobody can
make somebody else finish an installation. docs.slack.dev/authentication/installing-with-oauth (read 2026-11).
"""

from __future__ import annotations

import html
import secrets
import time
from collections.abc import Callable
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from slack_sdk.errors import SlackApiError
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from adapters.slack.faults import as_send_error, code_of
from adapters.slack.ports import SlackPorts
from adapters.slack.tokens import Tokens, installation_of, web_client
from bot.channel import Installed
from bot.errors import SendError, Unavailable
from bot.pace import Pace
from bot.settings import Settings

log = structlog.get_logger()
COOKIE = "caucus_slack_install"
PER_SECOND, BURST = 0.5, 20.0
"""Installations begun from one network address: each is a row for ten minutes."""
SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "chat:write",
    "commands",
    "groups:history",
    "im:history",
    "im:write",
    "users:read",
)
"""The least we need; each with its reason in deploy/slack/manifest.yaml."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def router(ports: SlackPorts, tokens: Tokens, welcome: Callable[[Installed, str], None]) -> APIRouter:
    """The two routes; `welcome` greets the person (by id) who installed us."""
    routes = APIRouter(include_in_schema=False)
    settings = ports.settings
    pace = Pace(PER_SECOND, BURST)

    @routes.get("/slack/install")
    async def install(request: Request) -> Response:
        """To Slack's page that asks for leave."""
        if not settings.slack_client_id:
            return _page(404, "Not installed this way", "This Caucus serves one workspace, set up by its operator.")
        if pace.wait(request.client.host if request.client else "", time.monotonic()):
            return _page(429, "Too often", "Nothing was done. Please try again in a minute.")
        try:
            state = await run_in_threadpool(ports.installations.new_state)
        except Unavailable:
            return _page(503, "Not available right now", "Nothing was done. Please try again in a moment.")
        response = RedirectResponse(authorize_url(settings, state), 302, {"Cache-Control": "no-store"})
        secure = settings.public_url.startswith("https://")
        response.set_cookie(COOKIE, state, max_age=600, path="/slack", httponly=True, secure=secure, samesite="lax")
        return response

    @routes.get("/slack/oauth_redirect")
    async def redirected(request: Request) -> Response:
        """Back from Slack, with leave or without."""
        asked = request.query_params
        mine = request.cookies.get(COOKIE, "")
        state, code = asked.get("state", "")[:200], asked.get("code", "")[:500]
        if not settings.slack_client_id:
            return _page(404, "Not installed this way", "This Caucus serves one workspace, set up by its operator.")
        try:
            fresh = bool(state) and await run_in_threadpool(ports.installations.use_state, state)
            if not fresh or not secrets.compare_digest(mine.encode(), state.encode()):
                return _page(400, "This link was used or is too old", "Please begin again.", again=True)
            if asked.get("error") or not code:
                return _page(400, "Not installed", "Slack was told not to let Caucus in. Nothing was kept.", again=True)
            installed, user = await run_in_threadpool(_finish, ports, code)
        except Unavailable:
            return _page(503, "Not available right now", "Nothing was kept. Please begin again in a moment.", again=True)
        except SendError:
            return _page(502, "Slack did not confirm", "Nothing was kept. Please begin again.", again=True)
        tokens.forget(installed.workspace)
        if user:
            await run_in_threadpool(_welcome, welcome, installed, user)
        answer = _page(200, "Caucus is installed", "Write to it under Apps, mention it in a room, or type /coach and a question.")
        answer.delete_cookie(COOKIE, path="/slack")
        return answer

    return routes


def authorize_url(settings: Settings, state: str) -> str:
    """Slack's page, with the scopes we ask for."""
    asked = {"client_id": settings.slack_client_id, "scope": ",".join(SCOPES), "state": state}
    if settings.public_url:
        asked["redirect_uri"] = redirect_uri(settings)
    return f"{settings.slack_api_url.removesuffix('/api/')}/oauth/v2/authorize?{urlencode(asked)}"


def redirect_uri(settings: Settings) -> str:
    """Where Slack sends people back to."""
    return f"{settings.public_url}/slack/oauth_redirect"


def _finish(ports: SlackPorts, code: str) -> tuple[Installed, str]:
    settings = ports.settings
    try:
        told = web_client(settings).oauth_v2_access(
            client_id=settings.slack_client_id,
            client_secret=settings.slack_client_secret.get_secret_value(),
            code=code,
            redirect_uri=redirect_uri(settings) if settings.public_url else None,
        )
    except Exception as error:  # noqa: BLE001 - sorted by as_send_error, which raises what it does not know
        reason = code_of(error) if isinstance(error, SlackApiError) else type(error).__name__
        log.warning("not installed", channel="slack", reason=reason)
        raise as_send_error(error) from None
    installed = installation_of(told.data, ports.now())  # type: ignore[arg-type]
    ports.installations.save(installed)
    log.info("installed", channel="slack", workspace=installed.workspace)
    return installed, str((told.get("authed_user") or {}).get("id") or "")


def _welcome(welcome: Callable[[Installed, str], None], installed: Installed, user: str) -> None:
    try:
        welcome(installed, user)
    except Exception as error:  # noqa: BLE001 - installed they are, greeted or not
        log.warning("not greeted", channel="slack", reason=type(error).__name__)


def _page(status: int, title: str, text: str, *, again: bool = False) -> HTMLResponse:
    link = '<p><a href="/slack/install">Install Caucus in Slack</a></p>' if again else ""
    body = f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title><h1>{html.escape(title)}</h1>"
    return HTMLResponse(f"{body}<p>{html.escape(text)}</p>{link}</html>", status, HEADERS)
