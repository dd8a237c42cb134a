"""How is the platform called? One JSON call with the app's token; every way it can end becomes one of the four errors.

Of wechatpy's client nothing is used: token, retry, timeouts and errors all have to be replaced (it recurses on a
lasting 40001, waits for ever on a token, returns a page of HTML as if sent), and what remains are the addresses.
`requests` comes with wechatpy. Nothing of an exception's text is kept: addresses hold the token, the token call the secret.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests
import structlog
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from adapters.tencent.codes import ADDRESS_REFUSED, STALE_TOKEN, fault
from adapters.tencent.tokens import Token
from bot.errors import InDoubt, Rejected, SendError, TryLater

log = structlog.get_logger()
_IP = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
TIMEOUT = (3.05, 6.0)
"""Seconds to connect, and between two bytes of the answer."""
ENOUGH = 15.0
"""Seconds after which a send begins no further call: together it stays below the outbox's hard timeout of 30."""


class Refusal(Exception):
    """The platform answered with an error code; `error` is what that means for a delivery."""

    def __init__(self, code: int, path: str, from_address: str = "") -> None:
        """`from_address`: this machine's IP as the platform sees it, where its words name one."""
        found = fault(code)
        self.code, self.path, self.error = code, path, found.error()
        self.advice = f"{found.advice} ({from_address})" if found.advice and from_address else found.advice
        super().__init__(f"{path}: error {code}")


class Http:
    """JSON over HTTP, a connection for each thread. Knows nothing of tokens."""

    def __init__(self, url: str, timeout: tuple[float, float] = TIMEOUT) -> None:
        """`url`: the platform's host part, without `/cgi-bin`."""
        self._url, self._timeout = url.rstrip("/"), timeout
        self._mine = threading.local()

    def call(self, path: str, body: Any = None, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The answer's JSON object; POST with a body, else GET. Raises Refusal for an error code, else SendErrors."""
        method = "GET" if body is None else "POST"
        try:
            answer = self._session().request(method, f"{self._url}{path}", params=query, json=body, timeout=self._timeout)
            status, told = answer.status_code, _json(answer)
        except requests.RequestException as error:
            raise _lost(error) from None
        if status in (429, 503):  # refused before anything was done
            raise TryLater(30)
        if 400 <= status < 500:
            raise Rejected(f"{path}: HTTP {status}")
        if status != 200 or told is None:  # an HTML page with 200 is some proxy's word, not the platform's
            raise InDoubt(f"{path}: HTTP {status} that is not the platform's JSON")
        code = told.get("errcode", 0)
        if code != 0:
            named = _IP.search(str(told.get("errmsg", ""))) if code in ADDRESS_REFUSED else None
            raise Refusal(code if isinstance(code, int) else -1, path, named[0] if named else "")
        return told

    def _session(self) -> requests.Session:
        if not getattr(self._mine, "session", None):
            self._mine.session = requests.Session()
            self._mine.session.trust_env = False  # no proxy or netrc of the machine for what carries secrets
        return self._mine.session


class Api:
    """One app's calls, with its token; counted."""

    def __init__(self, http: Http, token: Token, channel: str, count: Callable[[str, int | None], bool]) -> None:
        """`count` takes the name of a call, such as `wechat message/custom/send`."""
        self._http, self._token, self._channel, self._count = http, token, channel, count

    def call(self, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        """One call below /cgi-bin/. A stale token is exchanged once. Raises the four SendErrors."""
        try:
            return self.ask(path, body, **query)
        except Refusal as refusal:
            raise refusal.error from None

    def ask(self, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        """As `call`, but error codes come as Refusal. Without a body it changes nothing, and is asked again when lost."""
        if body is None:
            return self.ask_twice(path, None, **query)
        return self._ask(path, body, query, time.monotonic())

    def ask_twice(self, path: str, body: Any, **query: str) -> dict[str, Any]:
        """As `ask`, for what does no harm when it is done twice: repeated once when the answer was lost."""
        began = time.monotonic()
        try:
            return self._ask(path, body, query, began)
        except InDoubt:
            if time.monotonic() - began > ENOUGH:
                raise
            return self._ask(path, body, query, began)

    def _ask(self, path: str, body: Any, query: Mapping[str, str], began: float) -> dict[str, Any]:
        token = self._token.current()
        try:
            return self._once(path, body, query, token)
        except Refusal as refusal:
            if refusal.code not in STALE_TOKEN:
                raise
        token = self._token.after_refusal(token)
        if time.monotonic() - began > ENOUGH:
            raise TryLater(5, "the platform is slow")
        return self._once(path, body, query, token, last=True)

    def _once(self, path: str, body: Any, query: Mapping[str, str], token: str, *, last: bool = False) -> dict[str, Any]:
        self._count(f"{self._channel} {path}", None)
        try:
            return self._http.call(f"/cgi-bin/{path}", body, {**query, "access_token": token})
        except Refusal as refusal:
            if refusal.advice and (last or refusal.code not in STALE_TOKEN):
                log.error(  # noqa: TRY400 - where it happened says nothing to an operator
                    "the platform refuses", channel=self._channel, call=path, code=refusal.code, advice=refusal.advice
                )
            raise


def _json(answer: requests.Response) -> dict[str, Any] | None:
    try:
        told = answer.json()
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _lost(error: requests.RequestException) -> SendError:
    """Surely not sent where no connection came about; else nobody knows."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    never = isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError)
    if never or isinstance(reason, NewConnectionError | ConnectTimeoutError):
        return TryLater(5, "the platform cannot be reached")
    return InDoubt(f"the platform's answer was lost ({type(error).__name__})")
