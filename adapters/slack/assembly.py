"""All of Slack in one piece: the door, the channel, what is done with arrivals, and what runs beside them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter

from adapters.slack import intake, oauth
from adapters.slack.channel import SlackChannel
from adapters.slack.intake import Intake
from adapters.slack.listeners import Listeners
from adapters.slack.people import People
from adapters.slack.ports import Outward, SlackPorts
from adapters.slack.read import Json
from adapters.slack.socket import Socket
from adapters.slack.surfaces import Surfaces
from adapters.slack.tokens import Tokens
from bot.channel import Installed
from bot.messages import Address, Inbound

log = structlog.get_logger()
ROTATE_EVERY, ERASE_EVERY = 60.0, 3_600.0
RESPONSE_HOST = "https://hooks.slack.com"


class Sending:
    """The outgoing half, for processes that only send: `channel`, and the tokens and people it needs."""

    def __init__(self, ports: Outward) -> None:
        self.ports = ports
        self.tokens = Tokens(ports.settings, ports.installations, ports.now)
        self.people = People(ports, self.tokens)
        api = urlsplit(ports.settings.slack_api_url)
        hosts = (RESPONSE_HOST, f"{api.scheme}://{api.netloc}")
        self.channel = SlackChannel(self.tokens, ports.delivered, ports.now, hosts, self.people)


class Slack:
    """All of it. `take` is for the arrivals, `routers` for the web server."""

    def __init__(self, ports: SlackPorts, sending: Sending) -> None:
        self._ports = ports
        self.tokens, self.channel, people = sending.tokens, sending.channel, sending.people
        self.intake = Intake(ports, self.tokens)
        self._listeners = Listeners(ports.settings, self.tokens, people, Surfaces(ports, self.tokens, self.channel, people))
        self._people = people
        self.socket = Socket(ports.settings, self.intake.admit) if ports.settings.slack_app_token.get_secret_value() else None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self, payload: Json) -> None:
        """Do what one kept payload asks for; see Listeners."""
        self._listeners.take(payload)

    def routers(self) -> list[APIRouter]:
        """`/slack/events`, `/slack/install`, `/slack/oauth_redirect`."""
        return [intake.router(self.intake), oauth.router(self._ports, self.tokens, self._welcome)]

    def start(self) -> None:
        """Connect by Socket Mode where it is set; change tokens before they end; erase what is to be erased."""
        self._stop.clear()
        if self.socket:
            self.socket.start()
        self._thread = threading.Thread(target=self._keep_house, name="slack-tokens", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close what `start` opened."""
        self._stop.set()
        if self.socket:
            self.socket.stop()

    @property
    def state(self) -> str:
        """ok, or that Slack cannot reach us by Socket Mode."""
        return "ok" if self.socket is None or self.socket.connected else "no connection to Slack"

    def _keep_house(self) -> None:
        erased_at: float | None = None
        while not self._stop.wait(ROTATE_EVERY):
            _whatever_comes("tokens could not be looked at", self.tokens.rotate_due)
            if erased_at is None or time.monotonic() - erased_at > ERASE_EVERY:
                erased_at = time.monotonic()
                number = _whatever_comes(
                    "people of workspaces that left were not erased", self._ports.installations.erase_removed
                )
                if number:
                    log.info("erased people of workspaces that left", people=number)

    def _welcome(self, installed: Installed, user: str) -> None:
        address = Address(channel="slack", external_id=f"{installed.workspace}/{user}", workspace=installed.workspace)
        inbound = Inbound(
            address=address,
            message_id="welcome",
            choice="command:greeting",
            lang=self._people.language(address),
            received_at=self._ports.now(),
        )
        self._ports.receive(inbound)


def _whatever_comes(trouble: str, work: Callable[[], int]) -> int:
    """Do it; what it meets is told by its type alone (its text may quote a token), and keeps nothing else from being done."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - the next turn is due whatever this one met
        log.warning(trouble, reason=type(error).__name__)
        return 0
