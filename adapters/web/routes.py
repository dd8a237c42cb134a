"""Which addresses does the web chat answer? Thin: guard, read, ask the coach, show. Knows the coach only as WebPorts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from adapters.web import events, files, guard, page, session
from adapters.web.form import Said, read_said
from adapters.web.guard import Refusal
from bot.errors import Unavailable
from bot.messages import Address, Answer, Card, Inbound, Lang
from bot.settings import Settings

ROOM = ""
"""One browser is one room: its tabs share the conversation."""
NOT_KEPT = {"Cache-Control": "no-store"}
ASK_AGAIN = {**NOT_KEPT, "Retry-After": "2"}


@dataclass(frozen=True)
class WebPorts:
    """What the web chat needs of the coach; given by bot/wiring.py. `receive` and `history` may raise Unavailable."""

    receive: Callable[[Inbound], Answer]
    history: Callable[[Address, str, dt.datetime], list[tuple[str, Answer]]]
    card: Callable[[str, Lang], Card | None]
    now: Callable[[], dt.datetime]
    settings: Settings
    unasked: Callable[[Address, dt.datetime], list[tuple[dt.datetime, Answer]]] = lambda _address, _since: []
    """(when, what) came to a page later than a moment, without having been asked for."""


class GuardedRoute(APIRoute):
    """A route that admits by `guard`, and answers refusals and a missing database in plain words."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own handler, guarded."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                guard.admit(request)
                response = await handle(request)
            except Refusal as refusal:
                response = _sentence(request, refusal.status, refusal.why)
            except Unavailable:
                response = _sentence(request, 503, "unavailable")
            return guard.protect(response)

        return guarded


def router(ports: WebPorts) -> APIRouter:
    """The chat at `/`, its messages, one card by link, and their files."""
    web = APIRouter(route_class=GuardedRoute, include_in_schema=False, default_response_class=HTMLResponse)
    streams = events.Streams(ports.unasked)
    secure = ports.settings.public_url.startswith("https://")

    @web.get("/")
    def chat(request: Request) -> Response:
        """The conversation of this browser. `?lang=` changes the language of the page and remembers it."""
        if wanted := session.as_lang(request.query_params.get("lang")):
            return session.remember_lang(RedirectResponse("/", 303, NOT_KEPT), wanted, secure=secure)
        visit, lang = session.session_of(request), session.lang_of(request)
        if visit.is_new and guard.crossed_sites(request):
            return HTMLResponse(page.onward_page(lang), headers=NOT_KEPT)
        try:
            history = [] if visit.is_new else ports.history(visit.address, ROOM, ports.now())
            response = HTMLResponse(page.chat_page(lang, history, now=ports.now()), headers=NOT_KEPT)
        except Unavailable:
            response = HTMLResponse(page.chat_page(lang, [], trouble="unavailable"), 503, ASK_AGAIN)
        return session.keep(response, visit, secure=secure)

    @web.post("/chat")
    def say(request: Request, said: Annotated[Said, Depends(read_said)]) -> Response:
        """One message to the coach; the same message_id again shows the same answer and does nothing twice."""
        visit, lang = session.session_of(request), session.lang_of(request)
        try:
            answer = ports.receive(_inbound(said, visit.address, lang, ports.now()))
        except Unavailable:
            if _wants_fragment(request):
                raise
            return HTMLResponse(page.chat_page(lang, [], unsent=said, trouble="unavailable"), 503, ASK_AGAIN)
        if _wants_fragment(request):
            response: Response = HTMLResponse(page.answer_html(answer), headers={**NOT_KEPT, "X-Caucus": "fragment"})
        else:
            response = RedirectResponse("/#newest", 303, NOT_KEPT)
        return session.keep(response, visit, secure=secure)

    @web.get("/events")
    async def hear(request: Request) -> Response:
        """What comes unasked to this browser, while its page is open."""
        visit = session.session_of(request)
        if visit.is_new or streams.full:
            return Response(status_code=204 if visit.is_new else 503, headers=NOT_KEPT)  # 204: do not come back
        last = request.headers.get("last-event-id") or request.query_params.get("after", "")
        since = events.since_of(last, ports.now())
        return StreamingResponse(
            streams.stream(request, visit.address, since), media_type="text/event-stream", headers=events.HEADERS
        )

    @web.get("/cards/{card_id}")
    def card(request: Request, card_id: str) -> Response:
        """One card to read, link and print; needs no session and sets no cookie."""
        lang = session.as_lang(request.query_params.get("lang")) or session.lang_of(request)
        found = ports.card(card_id, lang)
        if found is None:
            raise Refusal(404, "no_card")
        return HTMLResponse(page.card_page(found), headers={"Cache-Control": "no-cache", "Vary": "Cookie, Accept-Language"})

    @web.get("/static/{name}")
    def static(request: Request, name: str) -> Response:
        """Our own style, script and icon."""
        return files.serve(name, request)

    return web


def _inbound(said: Said, address: Address, page_lang: Lang, now: dt.datetime) -> Inbound:
    """The message for the coach. Words tell their language themselves; where there are none, the page's is meant."""
    wordless = not said.choice and not any(character.isalnum() for character in said.text)
    return Inbound(
        address=address,
        message_id=said.message_id,
        text=said.text,
        choice=said.choice,
        room=ROOM,
        lang=said.lang or (page_lang if wordless else None),
        zone=said.zone,
        received_at=now,
    )


def _wants_fragment(request: Request) -> bool:
    return request.headers.get("x-caucus") == "fragment"


def _sentence(request: Request, status: int, why: str) -> Response:
    headers = ASK_AGAIN if status == 503 else NOT_KEPT
    lang = session.lang_of(request)
    if _wants_fragment(request):
        return HTMLResponse(page.sentence_fragment(lang, why), status, {**headers, "X-Caucus": "fragment"})
    return HTMLResponse(page.sentence_page(lang, why), status, headers)
