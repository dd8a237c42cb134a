"""What does an error code of the platform mean for a delivery? One table, read from the pages named in deploy/.

Sources: developers.weixin.qq.com/doc/service and developer.work.weixin.qq.com/document/path/90313 (global codes), 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.errors import OutsideWindow, Rejected, SendError, TryLater, Unreachable

STALE_TOKEN = frozenset({40001, 40014, 42001})
"""The access token is wrong or over: fetch one, try once more."""
ADDRESS_REFUSED = frozenset({40164, 60020, 89503})
"""This machine's address is not on the account's list; the platform's words name the address."""


@dataclass(frozen=True)
class Fault:
    """The error to raise, and for operators what to do (empty: nothing)."""

    error: Callable[[], SendError]
    advice: str = ""


def _later(seconds: float, advice: str = "") -> Fault:
    return Fault(lambda: TryLater(seconds), advice)


_GONE, _OUTSIDE, _REFUSED = Fault(Unreachable), Fault(OutsideWindow), Fault(Rejected)
_ASK_OPERATOR = 300.0
"""Seconds: what only an operator can mend is tried again now and then, so that nothing is lost meanwhile."""
FAULTS: dict[int, Fault] = {
    -1: _later(3),
    40001: _later(_ASK_OPERATOR, "the token is refused even when fresh: is the secret the newest one?"),
    40014: _later(_ASK_OPERATOR, "the token is refused even when fresh: is the secret the newest one?"),
    42001: _later(_ASK_OPERATOR, "the token is refused even when fresh: is this machine's clock right?"),
    40003: _GONE,  # an OpenID of another account
    43004: _GONE,  # not a follower (any more)
    60111: _GONE,  # no such member
    81013: _GONE,  # all recipients invalid
    40013: _later(_ASK_OPERATOR, "the app id (or corp id) is not valid"),
    40125: _later(_ASK_OPERATOR, "the app secret is not valid: reset it in the console and set it here"),
    40056: _later(_ASK_OPERATOR, "the token belongs to another app: are agent id and secret of the same app?"),
    40164: _later(_ASK_OPERATOR, "this machine's address is not on the IP list (IP 白名单) of the account"),
    89503: _later(_ASK_OPERATOR, "an administrator has to confirm this machine's address in WeChat"),
    60020: _later(_ASK_OPERATOR, "this machine's address is not among the app's trusted IPs (企业可信IP)"),
    43101: _OUTSIDE,  # the person refused the subscription
    45015: _OUTSIDE,  # no message of theirs within 48 hours, or they left
    45047: _OUTSIDE,  # the number of messages for this window is used up
    48001: Fault(
        OutsideWindow, "the account has no permission for this call: customer service messages need certification (认证)"
    ),
    50002: Fault(OutsideWindow, "the account is limited by the platform"),
    45009: _later(600, "a daily or per-minute quota is used up"),
    45011: _later(60),
    45033: _later(5),  # too many calls at once
    45028: Fault(OutsideWindow, "no mass messages left for this month"),
    45002: _REFUSED,  # too long
    45008: _REFUSED,
}


def fault(code: int) -> Fault:
    """The meaning of a code; unknown ones refuse the content: repeating the same would be useless."""
    return FAULTS.get(code, _REFUSED)
