"""Who may come in, and what does every page tell the browser to forbid? Looks at headers only, before a body is read.

On a machine's own address nobody has to sign in; see `Door.for_this_machine_only`. Everywhere else nothing is shown
without a session, but the pages that make one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from adapters.http import from_this_machine
from bot.messages import Address, Lang
from bot.settings import Settings, is_loopback

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Refusal(Exception):
    """A request that is not granted: the status, and the name of the sentence in `words` that says why."""

    def __init__(self, status: int, why: str) -> None:
        self.status = status
        self.why = why
        super().__init__(why)


class SignInFirst(Exception):
    """Nobody is signed in at this browser, and it must be."""


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in, for one request."""

    person: str
    role: str
    address: Address
    """Where they talk by the web, on whichever device."""
    session: str
    name: str = field(default="", repr=False)
    lang: Lang | None = None
    zone: str = ""

    @property
    def curates(self) -> bool:
        """Whether the console is theirs to use."""
        return self.role in ("curator", "admin")


@dataclass(frozen=True)
class Door:
    """Who is let in: by the settings, and by the sessions that `visitor` knows (None: no such session)."""

    settings: Settings
    visitor: Callable[[str], Visitor | None] = lambda _key: None

    @property
    def for_this_machine_only(self) -> bool:
        """Whether the server is for the one who started it: development, no public address, heard on loopback only."""
        url = self.settings.public_url
        public = bool(url) and not is_loopback(urlsplit(url).hostname or "")
        return self.settings.env == "development" and self.settings.loopback_only and not public

    @property
    def secure(self) -> bool:
        """Whether cookies are for https alone."""
        return self.settings.public_url.startswith("https://")

    def admit(self, request: Request) -> None:
        """Raise Refusal(403) unless the request names us and, when it changes something, comes from our own page."""
        if self.for_this_machine_only:
            if not from_this_machine(request):
                raise Refusal(403, "not_loopback")
        elif not self._named_ours(request):
            raise Refusal(403, "not_our_name")
        if request.method not in ("GET", "HEAD") and not self._from_own_page(request):
            raise Refusal(403, "not_same_origin")

    def _named_ours(self, request: Request) -> bool:
        hosts = request.headers.getlist("host")
        known = urlsplit(self.settings.public_url).netloc.lower()
        return len(hosts) == 1 and (not known or hosts[0].lower() == known)

    def _from_own_page(self, request: Request) -> bool:
        """Sec-Fetch-Site decides where the browser sends it; else Origin must name us.

        Our own no-referrer policy makes browsers send `Origin: null` with a plain form (Fetch standard, "append a
        request Origin header"), so null is not held against a request that Sec-Fetch-Site vouches for.
        """
        site = request.headers.get("sec-fetch-site")
        origin = request.headers.get("origin")
        if self.settings.public_url and not self.for_this_machine_only:
            parts = urlsplit(self.settings.public_url)
            ours = f"{parts.scheme}://{parts.netloc}".lower()
        else:
            ours = f"{request.url.scheme}://{request.headers['host']}".lower()
        if site is not None:
            return site in ("same-origin", "none") and origin in (None, "null", ours)
        return origin is not None and origin.lower() == ours


def crossed_sites(request: Request) -> bool:
    """Whether a link on another site led here: then the browser holds back our SameSite=Strict cookies."""
    return request.headers.get("sec-fetch-site") in ("cross-site", "same-site")


def protect(response: Response) -> Response:
    """Add the headers that every page carries."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
