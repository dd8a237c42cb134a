"""What is asked of the app as a whole: its access token. One app, one secret, one token."""

from __future__ import annotations

from adapters.tencent.api import Http
from adapters.tencent.fetch import token_of
from adapters.tencent.ports import Ledger
from adapters.tencent.tokens import Fetch


def fetch_token(http: Http, corp_id: str, secret: str, ledger: Ledger) -> Fetch:
    """The call that brings a token; the platform has no forced renewal (document/path/91039)."""

    def fetch(force: bool) -> tuple[str, float]:  # noqa: ARG001, FBT001 - as Fetch has it
        ledger.count("wecom gettoken", None)
        return token_of(http, "/cgi-bin/gettoken", None, {"corpid": corp_id, "corpsecret": secret})

    return fetch
