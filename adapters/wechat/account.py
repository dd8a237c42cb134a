"""What is asked of the account as a whole: its access token, by stable_token, which invalidates nobody else's."""

from __future__ import annotations

import datetime as dt

from adapters.tencent.api import Http
from adapters.tencent.fetch import token_of
from adapters.tencent.ports import Ledger
from adapters.tencent.tokens import Fetch

MOST_FORCED = 15
"""A day, of the platform's 20 (api_getstableaccesstoken, 2026-11); it also wants 30 seconds between two."""
APART = dt.timedelta(seconds=30)


def fetch_token(http: Http, app_id: str, secret: str, ledger: Ledger) -> Fetch:
    """The call that brings a token; `force` makes the platform give another one, seldom enough for its quota."""
    forced_at: list[dt.datetime] = []

    def may_force() -> bool:
        if forced_at and ledger.now() - forced_at[0] < APART:
            return False
        forced_at[:] = [ledger.now()]
        return ledger.count("wechat stable_token (forced)", MOST_FORCED)

    def fetch(force: bool) -> tuple[str, float]:  # noqa: FBT001 - as Fetch has it
        ledger.count("wechat stable_token", None)
        asked = {"grant_type": "client_credential", "appid": app_id, "secret": secret}
        return token_of(http, "/cgi-bin/stable_token", {**asked, "force_refresh": force and may_force()}, {})

    return fetch
