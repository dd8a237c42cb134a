"""Which addresses does the web chat answer? Thin: guard, read, ask the coach, show. Knows the coach only as WebPorts."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from starlette.requests import Request
from starlette.responses import Response

from adapters.site import browser, pages
from adapters.site.guard import Door, Refusal, crossed_sites
from adapters.site.route import ASK_AGAIN, NOT_KEPT, guarded, known, visitor_of, wants_fragment
from adapters.web import events, page, past
from adapters.web.form import Said, read_said
from adapters.web.ports import WebPorts
from bot.errors import Unavailable
from bot.messages import Address, Inbound, Lang

ROOM = ""
"""One browser is one room: its tabs share the conversation."""


@dataclass(frozen=True)
class Here:
    """Where this browser talks: at its person's address when it is signed in, else at its own."""

    address: Address
    is_new: bool
    nameless: browser.Session | None

    @classmethod
    def of(cls, request: Request) -> Here:
        """From the request's cookies."""
        if visitor := visitor_of(request):
            return cls(visitor.address, is_new=False, nameless=None)
        visit = browser.session_of(request)
        return cls(visit.address, visit.is_new, visit)

    def keep(self, response: Response, *, secure: bool) -> Response:
        """Have the browser keep its own cookie, where that is what it is known by."""
        return browser.keep(response, self.nameless, secure=secure) if self.nameless else response


def router(ports: WebPorts, door: Door | None = None) -> APIRouter:
    """The chat at `/`, its messages, and one card by link. Without a door given, nobody has a session."""
    door = door or Door(ports.settings)
    web = APIRouter(route_class=guarded(door, known(door)), include_in_schema=False, default_response_class=HTMLResponse)
    streams = events.Streams(ports.unasked)
    secure = door.secure

    @web.get("/")
    def chat(request: Request) -> Response:
        """The conversation of this browser. `?lang=` changes the language of the page and remembers it."""
        if wanted := browser.as_lang(request.query_params.get("lang")):
            return browser.remember_lang(RedirectResponse("/", 303, NOT_KEPT), wanted, secure=secure)
        here, lang = Here.of(request), browser.lang_of(request)
        if here.is_new and crossed_sites(request):
            return HTMLResponse(pages.onward_page(lang, "/"), headers=NOT_KEPT)
        try:
            history = [] if here.is_new else ports.history(here.address, ROOM, ports.now(), lang)
            matters = [] if here.is_new else ports.matters(here.address, lang)
            shown = page.chat_page(lang, history, now=ports.now(), matters=matters, me=visitor_of(request))
            response = HTMLResponse(shown, headers=NOT_KEPT)
        except Unavailable:
            response = HTMLResponse(page.chat_page(lang, [], trouble="unavailable"), 503, ASK_AGAIN)
        return here.keep(response, secure=secure)

    @web.post("/chat")
    def say(request: Request, said: Annotated[Said, Depends(read_said)]) -> Response:
        """One message to the coach; the same message_id again shows the same answer and does nothing twice."""
        here, lang = Here.of(request), browser.lang_of(request)
        if ports.pace.wait(here.address.external_id, time.monotonic()):
            raise Refusal(429, "too_often")
        try:
            answer = ports.receive(_inbound(said, here.address, lang, ports.now()))
        except Unavailable:
            if wants_fragment(request):
                raise
            return HTMLResponse(page.chat_page(lang, [], unsent=said, trouble="unavailable"), 503, ASK_AGAIN)
        if wants_fragment(request):
            response: Response = HTMLResponse(page.answer_html(answer), headers={**NOT_KEPT, "X-Caucus": "fragment"})
        else:
            response = RedirectResponse("/#newest", 303, NOT_KEPT)
        return here.keep(response, secure=secure)

    @web.get("/events")
    async def hear(request: Request) -> Response:
        """What comes unasked to this browser, while its page is open."""
        here = Here.of(request)
        if here.is_new or streams.full:
            return Response(status_code=204 if here.is_new else 503, headers=NOT_KEPT)  # 204: do not come back
        if wants_fragment(request):  # whose script only asks whether there is a stream for it
            return Response(headers=NOT_KEPT)
        last = request.headers.get("last-event-id") or request.query_params.get("after", "")
        since = events.since_of(last, ports.now())
        key = browser.signed_key(request, secure=secure)
        cards = streams.stream(request, here.address, since, lambda: here.nameless is not None or bool(door.visitor(key)))
        return StreamingResponse(cards, media_type="text/event-stream", headers=events.HEADERS)

    @web.get("/cards/{card_id}")
    def card(request: Request, card_id: str) -> Response:
        """One card to read, link and print; sets no cookie."""
        lang = browser.as_lang(request.query_params.get("lang")) or browser.lang_of(request)
        found = ports.card(card_id, lang)
        if found is None:
            raise Refusal(404, "no_card")
        return HTMLResponse(
            page.card_page(found), headers={"Cache-Control": "private, no-cache", "Vary": "Cookie, Accept-Language"}
        )

    _add_kept(web, ports)
    return web


def _add_kept(web: APIRouter, ports: WebPorts) -> None:
    """What is kept for this person: follow-ups, and what they asked before."""

    @web.get("/matters")
    def matters(request: Request) -> Response:
        """The open follow-ups: all of them, or as they stand beside the chat, for the page's script."""
        here, lang = Here.of(request), browser.lang_of(request)
        found = [] if here.is_new else ports.matters(here.address, lang)
        if wants_fragment(request):
            return HTMLResponse(page.matters_html(lang, found), headers={**NOT_KEPT, "X-Caucus": "fragment"})
        return HTMLResponse(page.matters_page(lang, found, pages.first_of(request)), headers=NOT_KEPT)

    @web.get("/history")
    def history(request: Request) -> Response:
        """All that one asked here, with search; `?as=json` and `?as=text` to take it along."""
        here, lang = Here.of(request), browser.lang_of(request)
        whole = [] if here.is_new else past.asked(ports.past(here.address, lang))
        if (form := request.query_params.get("as", "")) in _EXPORTS:
            kind, name, write = _EXPORTS[form]
            headers = {**NOT_KEPT, "Content-Disposition": f'attachment; filename="{name}"'}
            return Response(write(whole, lang), media_type=kind, headers=headers)
        wanted = request.query_params.get("q", "")[:200]
        found, first = past.search(whole, wanted), pages.first_of(request)
        return HTMLResponse(page.history_page(lang, found, wanted, first, any_kept=bool(whole)), headers=NOT_KEPT)

    @web.get("/me/export")
    def mine(request: Request) -> Response:
        """Everything that is kept of whoever asks, as a file; whoever is not signed in gets it on this machine only."""
        here = Here.of(request)
        if ports.pace.wait(here.address.external_id, time.monotonic()):
            raise Refusal(429, "too_often")
        headers = {**NOT_KEPT, "Content-Disposition": 'attachment; filename="caucus-my-data.json"'}
        whole = "{}" if here.is_new else ports.mine(here.address)
        return Response(whole, media_type="application/json", headers=headers)


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


_EXPORTS = {
    "json": ("application/json", "caucus.json", past.as_json),
    "text": ("text/plain; charset=utf-8", "caucus.txt", past.as_text),
}
