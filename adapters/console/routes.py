"""Which pages has the console, and who may open them? Curators and admins who are signed in; some are for admins alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.responses import Response

from adapters.console import acts, broadcasts, changes
from adapters.console.frame import curators, found, further, me_of, refused, show
from adapters.console.ports import Change, ConsolePorts
from adapters.site import browser
from adapters.site.guard import Door, Refusal, Visitor
from adapters.site.pages import first_of
from adapters.site.route import guarded
from bot.errors import NotAllowed

LONGEST_QUESTION = 500
MOST_GROUPS, MOST_ROWS, MOST_LINES = 8, 60, 100
"""Shown on one page, so that none weighs more than 100 kB."""


@dataclass(frozen=True)
class Overview:
    """How much waits for whom."""

    page: str
    words: str
    number: int


def router(door: Door, ports: ConsolePorts) -> APIRouter:
    """Everything below `/console`."""
    console = APIRouter(
        prefix="/console",
        route_class=guarded(door, curators, refused),
        include_in_schema=False,
        default_response_class=HTMLResponse,
    )
    _numbers(console, ports)
    _knowledge(console, ports)
    _house(console, ports)
    acts.add_to(console, ports)
    if ports.broadcasts:
        broadcasts.add_to(console, ports, ports.broadcasts)
    if ports.curation:
        changes.add_to(console, ports, ports.curation)
    return console


def _numbers(console: APIRouter, ports: ConsolePorts) -> None:
    @console.get("")
    def overview(request: Request) -> Response:
        """What waits, and how the coach is used, in pictures."""
        me = me_of(request)
        todo = ports.todo(me)
        waits = [Overview(page, words, todo.get(page, 0)) for page, words in _WAITS]
        return show(request, ports, me, "overview", figures=ports.figures(me, browser.lang_of(request)), waits=waits)

    @console.get("/followups")
    def followups(request: Request) -> Response:
        """One's own, and for admins everybody's in numbers."""
        me = me_of(request)
        counts = ports.followup_counts(me) if me.role == "admin" else None
        return show(request, ports, me, "followups", own=ports.followups(me), counts=counts)


def _knowledge(console: APIRouter, ports: ConsolePorts) -> None:
    @console.get("/questions")
    def questions(request: Request) -> Response:
        """What people asked and did not get."""
        me = me_of(request)
        groups = ports.gaps(me)
        first = first_of(request)
        some = groups[first : first + MOST_GROUPS]
        shown: dict[str, Any] = {
            "groups": some,
            "closest": ports.closest([group["phrasings"][0] for group in some], browser.lang_of(request)),
            **further(first, MOST_GROUPS, len(groups)),
            "learning": len(_on_their_way(request, ports, me)),
        }
        return show(request, ports, me, "questions", **shown)

    @console.get("/try")
    def try_out(request: Request) -> Response:
        """One question, its candidates and why. `?ids=` names the kept questions that it stands for."""
        me = me_of(request)
        asked = request.query_params.get("q", "").replace("\0", "")[:LONGEST_QUESTION]
        found = ports.explain(asked, browser.lang_of(request)) if asked.strip() else None
        ids = acts.ids_of({"ids": request.query_params.get("ids", "")})
        group = next((group for group in ports.gaps(me) if set(ids) & set(group["ids"])), None) if ids else None
        shown: dict[str, Any] = {
            "phrasings": group["phrasings"] if group and asked in group["phrasings"] else [asked],
            "ids": group["ids"] if group and asked in group["phrasings"] else [],
        }
        if found:
            coming = _on_their_way(request, ports, me)
            shown["pending"] = next((c for c in coming if asked in {line[2] for line in c.lines}), None)
        return show(request, ports, me, "try", asked=asked, found=found, intents=ports.intents(browser.lang_of(request)), **shown)

    @console.get("/cards")
    def cards(request: Request) -> Response:
        """All cards by theme."""
        me = me_of(request)
        return show(request, ports, me, "cards", themes=ports.cards(me, browser.lang_of(request)))

    @console.get("/cards/{card_id}")
    def card(request: Request, card_id: str) -> Response:
        """One card as each channel shows it. `?in=` chooses the language of the card, not of the page."""
        me = me_of(request)
        lang = browser.as_lang(request.query_params.get("in")) or browser.lang_of(request)
        found = ports.card(me, card_id, lang)
        if found is None:
            raise Refusal(404, "no_card")
        return show(request, ports, me, "cards", "card.html", seen=found, other="zh" if lang == "en" else "en")


def _house(console: APIRouter, ports: ConsolePorts) -> None:
    @console.get("/deliveries")
    def deliveries(request: Request) -> Response:
        """What failed or is in doubt."""
        me = me_of(request, "deliveries")
        first = first_of(request)
        some, total = ports.troubles(me, first, MOST_ROWS)
        return show(request, ports, me, "deliveries", troubles=some, **further(first, MOST_ROWS, total))

    @console.get("/channels")
    def channels(request: Request) -> Response:
        """Health, channels, workspaces, quotas."""
        me = me_of(request, "channels")
        return show(request, ports, me, "channels", house=ports.house(me))

    @console.get("/people")
    def people(request: Request) -> Response:
        """Who is here, and what they may do."""
        me = me_of(request, "people")
        wanted = request.query_params.get("q", "")[:100]
        some = found(ports.people(me), wanted, first_of(request))
        return show(request, ports, me, "people", **some, wanted=wanted, link="")

    @console.get("/audit")
    def audit(request: Request) -> Response:
        """Who did what."""
        me = me_of(request, "audit")
        if ports.trail is None:
            raise Refusal(404, "no_file")
        first = first_of(request)
        lines, total = ports.trail(me, first, MOST_LINES)
        return show(request, ports, me, "audit", lines=lines, **further(first, MOST_LINES, total))


_WAITS = (("questions", "todo_questions"), ("changes", "todo_changes"), ("deliveries", "todo_troubles"))


def _on_their_way(request: Request, ports: ConsolePorts, me: Visitor) -> list[Change]:
    """What is accepted and not yet learnt; nothing for who may not see the layer."""
    if ports.curation is None:
        return []
    try:
        found = ports.curation.changes(me, browser.lang_of(request))
    except NotAllowed:
        return []
    return [change for change in found if change.state == "accepted"]
