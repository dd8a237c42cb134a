"""Whose browser is this, and which language does its page speak? Cookies in, cookies out.

A cookie is the key to a conversation or a session and never leaves the browser: the database holds only its hash.
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
SIGNED_COOKIE = "caucus_in"
KEPT_FOR = 180 * 24 * 3600
"""Seconds a browser keeps the cookies, counted from the last visit."""
WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Session:
    """One browser's stay with us, without a name."""

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


def signed_key(request: Request, *, secure: bool) -> str:
    """The key of the session that the browser is signed in with; empty where there is none."""
    key = request.cookies.get(_signed_cookie(secure=secure), "")
    return key if WELL_FORMED.fullmatch(key) else ""


def sign_in(response: Response, key: str, *, secure: bool) -> Response:
    """Have the browser keep the key of its session."""
    _set(response, _signed_cookie(secure=secure), key, secure=secure)
    return response


def sign_out(response: Response, *, secure: bool) -> Response:
    """Have the browser forget the key of its session."""
    response.delete_cookie(_signed_cookie(secure=secure), path="/", secure=secure, httponly=True, samesite="strict")
    return response


def lang_of(request: Request) -> Lang:
    """The language of the page: what was chosen here, else what the person chose, else what the browser prefers."""
    visitor = getattr(request.state, "visitor", None)
    chosen = as_lang(request.cookies.get(LANG_COOKIE)) or (as_lang(visitor.lang) if visitor else None)
    return chosen or _preferred(request.headers.get("accept-language", ""))


def as_lang(value: str | None) -> Lang | None:
    """A language of ours, or None."""
    return value if value == "en" or value == "zh" else None


_SYSTEMS = ("iPhone", "iPad", "Android", "HarmonyOS", "Windows", "Macintosh", "CrOS", "Linux")
_BROWSERS = {"MicroMessenger": "WeChat", "Edg": "Edge", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}


def device_of(request: Request) -> str:
    """Browser and system in two words, by which people know their own devices apart; empty when it does not say."""
    agent = request.headers.get("user-agent", "")[:500]
    browser = next((name for mark, name in _BROWSERS.items() if f"{mark}/" in agent), "")
    system = next((name for name in _SYSTEMS if name in agent), "")
    return " · ".join(part for part in (browser, {"Macintosh": "Mac", "CrOS": "ChromeOS"}.get(system, system)) if part)


def _signed_cookie(*, secure: bool) -> str:
    """Under https with a prefix that browsers accept only from this very host (RFC 6265bis, section 4.1.3.2)."""
    return f"__Host-{SIGNED_COOKIE}" if secure else SIGNED_COOKIE


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
