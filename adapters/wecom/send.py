"""How does a card reach a member, a department, a tag or a room? By the app's message/send, or by the room's robot.

Addresses: `USERID`, `department:ID`, `tag:ID`, `robot:NAME`. Our own pace goes before the platform's, which drops what is
beyond it without a word.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import structlog

from adapters.tencent.api import Api, Http, Refusal
from adapters.tencent.ports import Ledger
from adapters.tencent.progress import send_rest
from adapters.wecom import members, render
from adapters.wecom.words import CHOSEN
from bot.channel import Receipt
from bot.errors import Refused, SendError, TryLater, Unreachable
from bot.messages import Address, Card

log = structlog.get_logger()
SAME_FOR = 4 * 60 * 60
"""Seconds in which the platform drops a message it has had already; its longest (document/path/90236, 2025-09-24)."""
SIZE_HOLDS = 3_600.0
"""Seconds for which the size of a department or tag is taken to hold."""
PLACES = {"department": "toparty", "tag": "totag"}
INVALID = {"touser": "invaliduser", "toparty": "invalidparty", "totag": "invalidtag"}


class WeCom:
    """The channel. See bot.channel.Channel."""

    name = "wecom"

    def __init__(
        self,
        api: Api,
        robots: Http,
        ledger: Ledger,
        *,
        agent_id: int,
        robot_keys: Mapping[str, str],
        markdown: bool = False,
        counts: bool = False,
    ) -> None:
        """`robot_keys`: name of a room's robot → the key of its webhook.

        `markdown`: all members read in the WeCom client, none in the WeChat plugin. `counts`: a day's messages are limited.
        """
        self.limits = render.LIMITS
        self._api, self._robots, self._ledger = api, robots, ledger
        self._agent, self._robot_keys = agent_id, dict(robot_keys)
        self._markdown, self._counts = markdown, counts
        self._sizes: dict[str, tuple[float, int]] = {}

    def send(self, address: Address, card: Card, key: str, *, unprompted: bool = False, taken: int = 0) -> Receipt:
        """Send one card, without its first `taken` messages. See Channel.

        `unprompted` asks the platform to drop what it has had within four hours.
        """
        kind, _, name = address.external_id.rpartition(":")
        robot = kind == "robot"
        if robot:
            messages = render.robot_messages(card)
        else:
            messages = render.messages(card, key, unprompted=unprompted, markdown=self._markdown)
        left = len(messages) - taken
        if wait := self._ledger.pace(address.external_id, left):
            raise TryLater(wait, "our own pace for this member", ours=True)
        if not robot and self._counts and (wait := self._ledger.people(left * self._recipients(kind, name))):
            raise TryLater(wait, "the corp's messages of today are used up", ours=True)
        if robot:
            return Receipt(send_rest(messages, taken, lambda part: self._to_room(name, part)))
        once = {"enable_duplicate_check": 1, "duplicate_check_interval": SAME_FOR} if unprompted else {}
        to = {PLACES.get(kind, "touser"): name if kind in PLACES else address.external_id}
        return Receipt(send_rest(messages, taken, lambda part: self._to_people(to, {**part, **once})))

    def find(self, key: str) -> Receipt | None:
        """The platform cannot tell."""
        raise NotImplementedError

    def mark_chosen(self, member: str, response_code: str) -> None:
        """Change the card whose button was pressed; the code works once, for 72 hours (document/path/94945, 2025-07-24)."""
        change = {"userids": [member], "agentid": self._agent, "response_code": response_code}
        try:
            self._api.call("message/update_template_card", {**change, "button": {"replace_name": CHOSEN}})
        except SendError as error:  # the choice itself has been answered
            log.info("a card could not be changed", channel="wecom", error=type(error).__name__)

    def name_of(self, member: str) -> str:
        """The name the corp knows a member by; empty when the platform does not tell (document/path/90196)."""
        try:
            name = self._api.call("user/get", userid=member).get("name", "")
        except SendError:
            return ""
        return name if isinstance(name, str) else ""

    def _to_people(self, to: dict[str, str], message: dict[str, Any]) -> str:
        field, wanted = next(iter(to.items()))
        try:
            told = self._api.call("message/send", {**to, "agentid": self._agent, **message})
            if wanted in _named(told, INVALID[field]):  # refused, with error code 0
                raise Unreachable("the platform calls the recipient invalid")
        except Unreachable:
            if field == "touser":
                self._ledger.gone(wanted)
            raise
        if missed := len(_named(told, "invaliduser")):
            log.warning("some of many were not reached", channel="wecom", to=field, number=missed)
        return str(told.get("msgid", ""))

    def _recipients(self, kind: str, name: str) -> int:
        """How many members a department or a tag has, looked up once an hour; 1 where the platform does not tell."""
        if kind not in PLACES:
            return 1
        at, number = self._sizes.get(f"{kind}:{name}", (0.0, 0))
        if not number or time.monotonic() - at > SIZE_HOLDS:
            try:
                ask = members.of_department if kind == "department" else members.of_tag
                number = max(1, len(ask(self._api, name)))
            except (SendError, Refused):
                number = number or 1
            self._sizes[f"{kind}:{name}"] = (time.monotonic(), number)
        return number

    def _to_room(self, name: str, message: dict[str, Any]) -> str:
        key = self._robot_keys.get(name)
        if not key:
            raise Unreachable("no robot of this name is set up")
        try:
            self._robots.call("/cgi-bin/webhook/send", message, {"key": key})
        except Refusal as refusal:
            raise refusal.error from None
        return ""


def _named(told: Mapping[str, Any], field: str) -> list[str]:
    """The ids in a list that the platform writes as `a|b`."""
    return [name for name in str(told.get(field) or "").split("|") if name]
