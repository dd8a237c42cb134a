"""How does a card get to Slack, and did it arrive? One card is one message.

Its metadata carries the delivery's opaque key, so that a message whose answer was lost can be found again in the
room's history, where we may read it. Private answers to a command go by the address Slack gave with it, and nobody
can look those up.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
import urllib.error
import urllib.request
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from adapters.slack import render
from adapters.slack.faults import as_send_error, code_of, wait_of
from adapters.slack.lookup import Looks
from adapters.slack.places import Place
from adapters.slack.tokens import TIMEOUT, Tokens
from bot.channel import Receipt
from bot.errors import InDoubt, Rejected, TryLater, Unreachable
from bot.messages import Address, Card

log = structlog.get_logger()
EVENT_TYPE = "caucus_delivery"
"""Of our metadata; readable by every app and member of the workspace, so the key says nothing."""
URL_LIVES, URL_USES = dt.timedelta(minutes=29), 5
"""Of an address to answer at: five uses within 30 minutes."""


LEFT = frozenset({"user_disabled", "user_not_found", "users_not_found"})
"""What conversations.open says of people who left or were deactivated (read 2026-11)."""


class Members(Protocol):
    """Who is still there."""

    def left(self, address: Address) -> bool:
        """Whether we know that this person left."""
        ...

    def note_left(self, address: Address) -> None:
        """Remember that this person left."""
        ...


class SlackChannel:
    """The outgoing half. Safe to share between threads."""

    name = "slack"
    limits = render.LIMITS

    def __init__(
        self,
        tokens: Tokens,
        delivered: Callable[[str], tuple[Card, Address, dt.datetime] | None],
        now: Callable[[], dt.datetime],
        response_hosts: tuple[str, ...],
        members: Members,
    ) -> None:
        """`delivered` tells of a delivery what, where and when; `response_hosts` are where we may be asked to answer."""
        self._tokens, self._delivered, self._now, self._hosts = tokens, delivered, now, response_hosts
        self._members, self._looks = members, Looks()
        self._rooms: OrderedDict[str, str] = OrderedDict()
        self._urls: OrderedDict[tuple[str, str], tuple[str, dt.datetime, int]] = OrderedDict()
        self._lock = threading.Lock()

    def send(self, address: Address, card: Card, key: str) -> Receipt:
        """See Channel: to the person, into a thread, privately in a room, or to a room when they share it."""
        try:
            place = Place.read(address.place)
            client = self._tokens.client(address.workspace)
            if not place.room and self._members.left(address):
                raise Unreachable("left the workspace")
            if place.private:
                return self._send_privately(client, address, place, card, key)
            shared_by = user_of(address) if place.shared and user_of(address) != place.room else ""  # a room itself is nobody
            message = render.message(card, key, address.place, shared_by=shared_by)
            room = place.room or self._direct_room(client, address)
            return self._post(client, address, room, place.thread, message, key)
        except (TryLater, Unreachable, Rejected, InDoubt):
            raise
        except Exception as error:  # noqa: BLE001 - sorted by as_send_error, which raises what it does not know
            found = as_send_error(error)
            if isinstance(error, SlackApiError) and code_of(error) in ("token_revoked", "invalid_auth", "token_expired"):
                self._tokens.forget(address.workspace)
            raise found from None

    def find(self, key: str) -> Receipt | None:
        """See Channel. Unreachable (nobody can tell) for private answers, and where we may not read the room."""
        known = self._delivered(key)
        if known is None:
            raise Unreachable("nothing is known of this delivery")
        _, address, sent_at = known
        place = Place.read(address.place)
        if place.private:
            raise Unreachable("private answers cannot be looked up")

        def there() -> tuple[WebClient, str]:
            client = self._tokens.client(address.workspace)
            return client, place.room or self._direct_room(client, address)

        def read(asked: dict[str, Any]) -> Any:
            client, room = there()
            asked |= {"channel": room, "include_all_metadata": True}
            return (
                client.conversations_replies(ts=place.thread, **asked) if place.thread else client.conversations_history(**asked)
            )

        age = (self._now() - sent_at).total_seconds()  # Slack's times are real ones, ours may have been set
        try:
            ts = self._looks.through(key, age, read)
            return Receipt(f"{there()[1]}:{ts}") if ts else None
        except (TryLater, Unreachable):
            raise
        except Exception as error:  # noqa: BLE001 - sorted by as_send_error, which raises what it does not know
            found = as_send_error(error)
            raise (TryLater(10.0, "the look-up was lost") if isinstance(found, InDoubt) else found) from None

    def answer_at(self, address: Address, place: str, url: str) -> None:
        """Remember where Slack lets us answer this person privately in this room, for as long as it does."""
        if not self._is_slacks(url):
            return
        with self._lock:
            self._urls[str(address), place] = (url, self._now() + URL_LIVES, URL_USES)
            while len(self._urls) > 10_000:
                self._urls.popitem(last=False)

    def replace(self, url: str, payload: dict[str, Any]) -> bool:
        """Change the message a button was pressed in, by the address that came with the press; whether that was done."""
        if not self._is_slacks(url):
            return False
        try:
            _respond(url, {"replace_original": True, **payload})
        except (TryLater, Unreachable, Rejected, InDoubt) as error:
            log.info("a message was not changed", reason=type(error).__name__)
            return False
        return True

    def _is_slacks(self, url: str) -> bool:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}" in self._hosts

    def _post(self, client: WebClient, address: Address, room: str, thread: str, message: render.Message, key: str) -> Receipt:
        try:
            told = client.chat_postMessage(
                channel=room,
                thread_ts=thread or None,
                text=message.text,
                blocks=message.blocks,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"delivery": key}},
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackApiError as error:
            url = (
                self._take_url(address, address.place + "/~") if code_of(error) in ("not_in_channel", "channel_not_found") else ""
            )
            if not url:
                raise
            _respond(
                url, {"response_type": "in_channel", "replace_original": False, "text": message.text, "blocks": message.blocks}
            )
            return Receipt(f"{room}:by-response")
        return Receipt(f"{told['channel']}:{told['ts']}")

    def _send_privately(self, client: WebClient, address: Address, place: Place, card: Card, key: str) -> Receipt:
        """By the address Slack gave; without one (a restart) as a message only they see, or else directly."""
        message = render.message(card, key, address.place)
        if url := self._take_url(address, address.place):
            shown = {"response_type": "ephemeral", "replace_original": False, "text": message.text, "blocks": message.blocks}
            _respond(url, shown)
            return Receipt(f"{place.room}:private")
        try:
            told = client.chat_postEphemeral(channel=place.room, user=user_of(address), text=message.text, blocks=message.blocks)
            return Receipt(f"{place.room}:{told['message_ts']}")
        except SlackApiError as error:
            if code_of(error) not in ("not_in_channel", "channel_not_found", "user_not_in_channel"):
                raise
        return self._post(client, address, self._direct_room(client, address), "", render.message(card, key), key)

    def _direct_room(self, client: WebClient, address: Address) -> str:
        """The id of the direct message with a person; opened when it is not, which changes nothing for them."""
        with self._lock:
            if known := self._rooms.get(str(address)):
                return known
        try:
            told = client.conversations_open(users=user_of(address))
        except SlackApiError as error:
            if code_of(error) in LEFT:
                self._members.note_left(address)
            raise
        with self._lock:
            self._rooms[str(address)] = room = str((told.get("channel") or {})["id"])
            while len(self._rooms) > 50_000:
                self._rooms.popitem(last=False)
        return room

    def _take_url(self, address: Address, place: str) -> str:
        with self._lock:
            url, until, uses = self._urls.get((str(address), place), ("", self._now(), 0))
            if not url or until <= self._now() or uses < 1:
                return ""
            self._urls[str(address), place] = (url, until, uses - 1)
            return url


def user_of(address: Address) -> str:
    """Slack's id of the person: what stands behind the workspace."""
    return address.external_id.rpartition("/")[2]


def _respond(url: str, payload: dict[str, Any]) -> None:
    """Answer at an address that Slack gave. Raises SendErrors; nobody can find out whether a lost one arrived."""
    body = json.dumps(payload).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json; charset=utf-8"})  # noqa: S310 - checked in answer_at
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as reply:  # noqa: S310 - as above
            reply.read(1_000)
    except urllib.error.HTTPError as error:
        if error.code == 429:
            raise TryLater(wait_of(error.headers) or 30.0) from None
        raise (InDoubt(f"HTTP {error.code}") if error.code >= 500 else Unreachable(f"HTTP {error.code}")) from None
    except Exception as error:  # noqa: BLE001 - sorted by as_send_error, which raises what it does not know
        raise as_send_error(error) from None
