"""How does a token call end? The same for both platforms: a token and its seconds, or why there is none."""

from __future__ import annotations

from adapters.tencent.api import Http, Refusal
from bot.errors import InDoubt, TryLater


def token_of(http: Http, path: str, body: dict[str, object] | None, query: dict[str, str]) -> tuple[str, float]:
    """(token, seconds it holds) of either platform's answer. Raises SendErrors; a lost answer is simply asked for again."""
    try:
        told = http.call(path, body, query)
    except Refusal as refusal:
        raise TokenRefused(refusal.code, refusal.advice) from None
    except InDoubt:
        raise TryLater(5, "the platform gave no access token") from None
    token, seconds = told.get("access_token"), told.get("expires_in")
    if not isinstance(token, str) or not token or not isinstance(seconds, int):
        raise TryLater(60, "the platform's answer holds no access token")
    return token, float(seconds)


class TokenRefused(TryLater):
    """No token, and why: what an operator has to mend. Messages wait meanwhile."""

    def __init__(self, code: int, advice: str) -> None:
        self.code, self.advice = code, advice
        super().__init__(300 if advice else 10, f"no access token: error {code}" + (f", {advice}" if advice else ""))
