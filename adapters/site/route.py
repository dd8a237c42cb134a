"""How does a request come to a page? Admitted at the door, known or asked to sign in, refused in plain words."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from adapters.site import browser, pages
from adapters.site.guard import Door, Refusal, SignInFirst, Visitor, crossed_sites, protect
from adapters.site.words import WORDS
from bot.errors import Refused, Unavailable

NOT_KEPT = {"Cache-Control": "no-store"}
ASK_AGAIN = {**NOT_KEPT, "Retry-After": "2"}


def guarded(
    door: Door,
    lets_in: Callable[[Visitor | None], None],
    refused: Callable[[Request, Refused], Response] | None = None,
) -> type[APIRoute]:
    """The class of routes behind this door; `lets_in` raises SignInFirst or Refusal for whom it does not let in.

    `refused` answers what the house refused with a reason of its own.
    """

    class GuardedRoute(APIRoute):
        """A route that admits, and answers refusals and a missing database in plain words."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def answer(request: Request) -> Response:
                request.state.visitor = None
                try:
                    door.admit(request)
                    if key := browser.signed_key(request, secure=door.secure):
                        request.state.visitor = await run_in_threadpool(door.visitor, key)
                    lets_in(request.state.visitor)
                    response = await handle(request)
                except SignInFirst:
                    response = _sign_in_first(request)
                except Refusal as refusal:
                    response = sentence(request, refusal.status, refusal.why)
                except Refused as error:
                    if refused is None:
                        raise
                    response = refused(request, error)
                except Unavailable:
                    response = sentence(request, 503, "unavailable")
                return protect(response)

            return answer

    return GuardedRoute


def everybody(_visitor: Visitor | None) -> None:
    """Lets everybody in."""


def known(door: Door) -> Callable[[Visitor | None], None]:
    """Lets in who is signed in; on the machine's own address everybody."""

    def lets_in(visitor: Visitor | None) -> None:
        if visitor is None and not door.for_this_machine_only:
            raise SignInFirst

    return lets_in


def visitor_of(request: Request) -> Visitor | None:
    """Who is signed in at the browser that asks."""
    return request.state.visitor


def wants_fragment(request: Request) -> bool:
    """Whether the page's own script asks, and not the browser for a page."""
    return request.headers.get("x-caucus") == "fragment"


def sentence(request: Request, status: int, why: str) -> Response:
    """One plain sentence as the whole answer."""
    headers = ASK_AGAIN if status == 503 else NOT_KEPT
    lang = browser.lang_of(request)
    if wants_fragment(request):
        told = str(Markup('<p class="refused">{}</p>').format(WORDS[why][lang]))  # the page's script shows it as text
        return HTMLResponse(told, status, {**headers, "X-Caucus": "fragment"})
    return HTMLResponse(pages.sentence_page(lang, why), status, headers)


def _sign_in_first(request: Request) -> Response:
    if wants_fragment(request):
        return sentence(request, 401, "signed_out")
    if request.method != "GET" or "text/event-stream" in request.headers.get("accept", ""):
        return Response(status_code=401, headers=NOT_KEPT)
    to = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if crossed_sites(request):  # perhaps they are signed in, and the browser held the cookie back
        return HTMLResponse(pages.onward_page(browser.lang_of(request), to), headers=NOT_KEPT)
    return RedirectResponse(f"/sign-in?to={quote(to, safe='/')}", 303, NOT_KEPT)
