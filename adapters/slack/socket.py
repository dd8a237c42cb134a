"""Socket Mode: the same payloads over a connection that we open, for places without a public address.

Kept first, acknowledged then, as over HTTP; what cannot be kept is not acknowledged, and Slack sends it again.
docs.slack.dev/apis/events-api/using-socket-mode (read 2026-11).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import structlog
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from adapters.slack.read import Broken, Json
from adapters.slack.tokens import SILENT, web_client
from bot.errors import Unavailable
from bot.settings import Settings

log = structlog.get_logger()
LONGEST_WAIT = 60.0


class Socket:
    """One connection, opened again whenever it is lost."""

    def __init__(self, settings: Settings, admit: Callable[[Json], Json | None]) -> None:
        """`admit` keeps one payload and tells what Slack shows at once; see Intake."""
        self._admit = admit
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._client = SocketModeClient(
            app_token=settings.slack_app_token.get_secret_value(),
            web_client=web_client(settings),
            logger=SILENT,
            auto_reconnect_enabled=True,
            trace_enabled=False,
        )
        self._client.socket_mode_request_listeners.append(self._take)

    def start(self) -> None:
        """Connect, in a thread of its own, as often as it takes."""
        self._thread = threading.Thread(target=self._connect, name="slack-socket", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close; what was not acknowledged comes again elsewhere."""
        self._stop.set()
        self._client.close()

    @property
    def connected(self) -> bool:
        """Whether Slack can reach us now."""
        return bool(self._client.is_connected())

    def _connect(self) -> None:
        wait = 1.0
        while not self._stop.is_set():
            try:
                self._client.connect()
            except Exception as error:  # noqa: BLE001 - whatever it is, we try again
                log.warning("no connection to Slack yet", reason=type(error).__name__)
                self._stop.wait(wait)
                wait = min(LONGEST_WAIT, 2 * wait)
            else:
                log.info("connected to Slack")
                return

    def _take(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        payload: Any = request.payload
        if request.type == "slash_commands":
            payload = {"type": "command", **payload}
        try:
            shown = self._admit(payload) if isinstance(payload, dict) else None
        except Unavailable:
            log.warning("not kept and not acknowledged: the database is away")
            return
        except Broken:
            log.warning("not what Slack sends", kind=request.type)
            shown = None
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=shown))
