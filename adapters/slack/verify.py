"""Did Slack send this? The raw bytes are checked before anything is read out of them. Pure; the time is an argument.

Source: docs.slack.dev/authentication/verifying-requests-from-slack (read 2026-11): v0 signature, HMAC-SHA256 over
`v0:timestamp:body`, requests older than five minutes are refused.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

WINDOW = 300
"""Seconds that a timestamp may be off, either way."""


def is_from_slack(body: bytes, timestamp: str, signature: str, secrets: Sequence[str], now: float) -> bool:
    """Whether one of the secrets signed these very bytes within the window; `now` in seconds since 1970.

    `secrets` are the current one and, while it is being changed, the one before. Never raises for what a stranger sends.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now - int(timestamp)) > WINDOW:
        return False
    given = signature.encode("utf-8", "replace")
    return any(hmac.compare_digest(given, sign(body, timestamp, secret)) for secret in secrets if secret)


def sign(body: bytes, timestamp: str, secret: str) -> bytes:
    """The signature of a body."""
    signed = b"v0:" + timestamp.encode() + b":" + body
    return b"v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()
