"""How does one sign in? By a link that works once; opening it shows a button, and only pressing that uses it up.

So neither a chat's link preview nor a mail scanner signs anybody in, and nobody is signed in without noticing.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from adapters.http import from_this_machine
from adapters.site import browser, pages
from adapters.site.assets import TO, safe_to
from adapters.site.forms import read_form
from adapters.site.guard import Door, Refusal, SignInFirst, Visitor
from adapters.site.route import NOT_KEPT, everybody, guarded, visitor_of
from bot.messages import Address, Lang
from bot.pace import Pace


@dataclass(frozen=True)
class SignedIn:
    """One of a person's sessions, as the account page shows it: its times on the person's clock."""

    id: str
    device: str
    since: dt.datetime
    seen: dt.datetime


@dataclass(frozen=True)
class SignInPorts:
    """What sign-in needs; given by bot/wiring_site.py. Each may raise Unavailable."""

    fate: Callable[[str], tuple[str, str]]
    """A link's token → (open, used, expired or unknown; the name of whom it lets in)."""
    use: Callable[[str, str, Address | None], tuple[str, str]]
    """(token, device, where the browser talked until now) → (the key of the new session, "") or ("", why not)."""
    sessions: Callable[[Visitor, Lang], tuple[str, list[SignedIn]]]
    """(the name of the zone that one's times are told in, one's sessions)."""
    end: Callable[[Visitor, str], int]
    """Ends one session of one's own, or all of them (""); how many ended."""
    mail: Callable[[str, Lang], None] | None = None
    """Sends a link to an address, if somebody has it; comes back at once and never says whether. None: no mail is sent."""
    pace: Pace = field(default_factory=lambda: Pace(rate=0.5, burst=20))


async def _mail_form(request: Request) -> dict[str, str]:
    return await read_form(request, ("email",))


async def _enter_form(request: Request) -> dict[str, str]:
    return await read_form(request, ("to",))


async def _end_form(request: Request) -> dict[str, str]:
    return await read_form(request, ("session",))


def router(door: Door, ports: SignInPorts) -> APIRouter:
    """Sign-in, sign-out, the account page."""
    site = APIRouter(route_class=guarded(door, everybody), include_in_schema=False, default_response_class=HTMLResponse)

    @site.get("/sign-in")
    def ask(request: Request) -> Response:
        """How to get a link."""
        return _page("sign_in.html", request, mail=ports.mail is not None, mailed=False)

    @site.post("/sign-in")
    def send(request: Request, form: Annotated[dict[str, str], Depends(_mail_form)]) -> Response:
        """Send a link by mail; says the same whether the address is known or not."""
        email = form.get("email", "").strip()
        if ports.mail is None or not 3 <= len(email) <= 254 or "@" not in email:
            raise Refusal(422, "wrong_fields")
        if ports.pace.wait("mail", time.monotonic()):
            raise Refusal(429, "too_often")
        ports.mail(email, browser.lang_of(request))
        return _page("sign_in.html", request, mail=True, mailed=True)

    @site.get("/sign-in/{token}")
    def enter(request: Request, token: str) -> Response:
        """What the link would do; uses nothing up."""
        fate, name = ports.fate(token)
        if fate != "open":
            return _spent(request, fate)
        return _page("enter.html", request, token=token, name=name, to=safe_to(request))

    @site.post("/sign-in/{token}")
    def entered(request: Request, token: str, form: Annotated[dict[str, str], Depends(_enter_form)]) -> Response:
        """Use the link up and sign this browser in."""
        here = browser.session_of(request)
        nameless = here.address if door.for_this_machine_only and from_this_machine(request) and not here.is_new else None
        key, why = ports.use(token, browser.device_of(request), nameless)
        if not key:
            return _spent(request, why)
        to = form.get("to", "/")
        response = RedirectResponse(to if TO.fullmatch(to) else "/", 303, NOT_KEPT)
        return browser.sign_in(response, key, secure=door.secure)

    @site.get("/me")
    def account(request: Request) -> Response:
        """Who is signed in here, and where else."""
        me = _me(request)
        zone, sessions = ports.sessions(me, browser.lang_of(request))
        return _page("me.html", request, me=me, zone=zone, sessions=sessions)

    @site.post("/me/end")
    def end(request: Request, form: Annotated[dict[str, str], Depends(_end_form)]) -> Response:
        """Sign out: of one session, or of all."""
        me = _me(request)
        session = form.get("session", "")
        if not ports.end(me, session) and session:
            raise Refusal(404, "no_session")
        response = RedirectResponse("/me" if session and session != me.session else "/sign-in", 303, NOT_KEPT)
        return response if session and session != me.session else browser.sign_out(response, secure=door.secure)

    return site


def _me(request: Request) -> Visitor:
    me = visitor_of(request)
    if me is None:
        raise SignInFirst
    return me


def _spent(request: Request, fate: str) -> Response:
    status = 404 if fate == "unknown" else 410
    return HTMLResponse(pages.page("spent.html", browser.lang_of(request), why=f"link_{fate}"), status, NOT_KEPT)


def _page(template: str, request: Request, **shown: object) -> Response:
    return HTMLResponse(pages.page(template, browser.lang_of(request), here=request.url.path, **shown), headers=NOT_KEPT)
