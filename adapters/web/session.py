"""Whose browser is this, and which language does its page speak? Cookies in, cookies out.

The cookie is the key to a conversation and never leaves the browser: the database holds only its hash.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from bot.messages import Address, Lang

COOKIE = "caucus"
LANG_COOKIE = "caucus_lang"
KEPT_FOR = 180 * 24 * 3600
"""Seconds a browser keeps the cookies, counted from the last visit."""
WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Session:
    """One browser's stay with us."""

    token: str
    is_new: bool

    @property
    def address(self) -> Address:
        """`web:` and half of the token's SHA-256: tells browsers apart, opens nothing."""
        return Address(channel="web", external_id=hashlib.sha256(self.token.encode()).hexdigest()[:32])


def session_of(request: Request) -> Session:
    """The session of the request's cookie; a new one where there is none or it is malformed."""
    token = request.cookies.get(COOKIE, "")
    if WELL_FORMED.fullmatch(token):
        return Session(token, is_new=False)
    return Session(secrets.token_urlsafe(32), is_new=True)


def keep(response: Response, session: Session, *, secure: bool) -> Response:
    """Have the browser keep the session, out of reach of scripts and of other sites."""
    _set(response, COOKIE, session.token, secure=secure)
    return response


def remember_lang(response: Response, lang: Lang, *, secure: bool) -> Response:
    """Have the browser keep the language of the page."""
    _set(response, LANG_COOKIE, lang, secure=secure)
    return response


def lang_of(request: Request) -> Lang:
    """The language of the page: what was chosen, else what the browser prefers of our two, else English."""
    match request.cookies.get(LANG_COOKIE):
        case "en" | "zh" as chosen:
            return chosen
        case _:
            return _preferred(request.headers.get("accept-language", ""))


def as_lang(value: str | None) -> Lang | None:
    """A language of ours, or None."""
    return value if value == "en" or value == "zh" else None


def _preferred(accepted: str) -> Lang:
    best: tuple[float, Lang] = (0.0, "en")
    for part in accepted[:500].split(","):
        tag, _, weight = part.strip().partition(";q=")
        lang = as_lang(tag.lower()[:2])
        try:
            wish = float(weight or 1)
        except ValueError:
            continue
        if lang and wish > best[0]:
            best = (wish, lang)
    return best[1]


def _set(response: Response, name: str, value: str, *, secure: bool) -> None:
    response.set_cookie(name, value, max_age=KEPT_FOR, path="/", secure=secure, httponly=True, samesite="strict")
