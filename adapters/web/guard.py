"""Who may come in, and what does every page tell the browser to forbid? Looks at headers only, before a body is read.

Until sign-in exists the web chat is for this machine alone: see adapters.http.from_this_machine.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from adapters.http import from_this_machine

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


def admit(request: Request) -> None:
    """Raise Refusal(403) unless the request comes from this machine and, when it changes something, from our own page."""
    if not from_this_machine(request):
        raise Refusal(403, "not_loopback")
    if request.method not in ("GET", "HEAD") and not _from_own_page(request, request.headers["host"]):
        raise Refusal(403, "not_same_origin")


def crossed_sites(request: Request) -> bool:
    """Whether a link on another site led here: then the browser holds back our SameSite=Strict cookies."""
    return request.headers.get("sec-fetch-site") in ("cross-site", "same-site")


def protect(response: Response) -> Response:
    """Add the headers that every page carries."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _from_own_page(request: Request, host: str) -> bool:
    """Sec-Fetch-Site decides where the browser sends it; else Origin must name us.

    Our own no-referrer policy makes browsers send `Origin: null` with a plain form (Fetch standard, "append a
    request Origin header"), so null is not held against a request that Sec-Fetch-Site vouches for.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    ours = f"{request.url.scheme}://{host}".lower()
    if site is not None:
        return site in ("same-origin", "none") and origin in (None, "null", ours)
    return origin is not None and origin.lower() == ours
