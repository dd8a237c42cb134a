"""What is done about each thing Slack told us? After the 200, in a thread of ours, through slack-bolt's routing.

Every listener makes one `Inbound` for the coach, or shows a view. What a listener raises goes up to whoever took the
arrival, who tries again: the coach answers the same message id once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import structlog
from slack_bolt import App, BoltRequest
from slack_bolt.authorization import AuthorizeResult

from adapters.slack import read
from adapters.slack.people import People
from adapters.slack.read import Json
from adapters.slack.surfaces import Surfaces
from adapters.slack.tokens import SILENT, Tokens, web_client
from bot.errors import Unreachable
from bot.settings import Settings

log = structlog.get_logger()


class Listeners:
    """slack-bolt's App over our surfaces; `take` is what is done with one arrival."""

    def __init__(self, settings: Settings, tokens: Tokens, people: People, surfaces: Surfaces) -> None:
        self._tokens, self._people, self._surfaces = tokens, people, surfaces
        self._app = self._routes(settings)

    def take(self, payload: Json) -> None:
        """Do what one kept payload asks for. Raises what the coach or Slack raise; may be called again for the same."""
        found = read.told(payload)
        if found is None:
            return
        if found.kind in ("app_uninstalled", "tokens_revoked"):  # there is no token any more to authorize with
            self._surfaces.removed(found)
            return
        if self._tokens.installed(found.tenant) is None:
            log.info("not installed here", workspace=found.tenant, kind=found.kind)
            return
        self._app.dispatch(BoltRequest(mode="socket_mode", body=payload, context={"tenant": found.tenant}))
        if found.user and found.kind != "app_home_opened":
            self._people.look_up(found.address)

    def _routes(self, settings: Settings) -> App:
        def authorize(context: Any, enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            found = self._tokens.installed(context["tenant"])
            if found is None:  # taken back since `take` looked
                raise Unreachable("not installed in this workspace")
            return AuthorizeResult(
                enterprise_id=enterprise_id,
                team_id=team_id,
                bot_token=found.token,
                bot_user_id=found.details.get("bot_user_id"),
                bot_id=found.details.get("bot_id"),
            )

        app = App(
            name="caucus",
            logger=SILENT,
            signing_secret="checked before",  # noqa: S106 - intake has verified the bytes
            client=web_client(settings),
            authorize=authorize,
            process_before_response=True,  # run here and now: the 200 was given long ago
            request_verification_enabled=False,
            ignoring_self_events_enabled=False,  # intake drops them before they are kept
            ssl_check_enabled=False,
            url_verification_enabled=False,
        )
        app.error(_raise)
        surfaces = self._surfaces
        routed: list[tuple[Any, Callable[[read.Told], None]]] = [
            (app.event("app_mention"), surfaces.said),
            (app.event("message"), surfaces.said),
            (app.event("app_home_opened"), surfaces.home_opened),
            (app.command(_any), surfaces.commanded),
            (app.shortcut(_any), surfaces.shortcut),
            (app.action(_any), surfaces.pressed),
            (app.view(_any), surfaces.submitted),
        ]
        for register, do in routed:
            register(_listener(do))
        return app


_any = re.compile("")


def _listener(do: Callable[[read.Told], None]) -> Callable[..., None]:
    def listener(body: Json) -> None:
        found = read.told(body)
        assert found
        do(found)

    return listener


def _raise(error: Exception) -> None:
    raise error
