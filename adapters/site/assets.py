"""What may everybody have, signed in or not? The files of our pages, and the switch of their language."""

from __future__ import annotations

import re

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from adapters.site import browser, files
from adapters.site.guard import Door, Refusal
from adapters.site.route import NOT_KEPT, everybody, guarded

TO = re.compile(r"/(?!/)[A-Za-z0-9/_?=&.%-]{0,300}")
"""Where a link of ours may lead on to: another page of ours."""


def router(door: Door) -> APIRouter:
    """`/static` and `/language`."""
    open_to_all = APIRouter(route_class=guarded(door, everybody), include_in_schema=False, default_response_class=HTMLResponse)

    @open_to_all.get("/static/{name}")
    def static(request: Request, name: str) -> Response:
        """Our own styles, scripts and icon."""
        return files.serve(name, request)

    @open_to_all.get("/language/{lang}")
    def language(request: Request, lang: str) -> Response:
        """Changes the language of all pages and goes back to one of ours."""
        chosen = browser.as_lang(lang)
        if chosen is None:
            raise Refusal(404, "no_file")
        return browser.remember_lang(RedirectResponse(safe_to(request), 303, NOT_KEPT), chosen, secure=door.secure)

    return open_to_all


def safe_to(request: Request) -> str:
    """Where to go next, as the address says; the chat for anything that is no page of ours."""
    to = request.query_params.get("to", "/")
    return to if TO.fullmatch(to) else "/"
