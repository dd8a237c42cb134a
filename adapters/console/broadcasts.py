"""Messages to many on the console: from a draft to its report, with the numbers as they grow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from adapters.console.frame import me_of, show
from adapters.console.ports import BroadcastPorts, ConsolePorts
from adapters.console.timing import DAYS, FIELDS, described, given
from adapters.site import browser
from adapters.site.forms import read_form
from adapters.site.guard import Refusal, Visitor
from adapters.site.route import NOT_KEPT
from bot.errors import Refused

ID = re.compile(r"[0-9a-f]{32}")
DRAFT = ("segment", "en", "zh", "card", "tip", "theme")
ACTIONS = ("test", "approve", "start", "pause", "resume", "cancel", "change")
NUMBERS = ("audience", "waiting", "sent", "in_doubt", "failed", "opted_out", "cancelled", "unreachable")
UNBEGUN = ("draft", "approved")
Form = dict[str, str]


async def _draft_form(request: Request) -> Form:
    return await read_form(request, DRAFT)


async def _act_form(request: Request) -> Form:
    return await read_form(request, ("action", *FIELDS, *DRAFT))


def add_to(console: APIRouter, ports: ConsolePorts, broadcasts: BroadcastPorts) -> None:
    """The list, a new draft, and one broadcast with its numbers."""

    @console.get("/broadcasts")
    def listed(request: Request) -> Response:
        """All that this person may see, and a form for a new one."""
        return _listed(request, ports, broadcasts, {"segment": "workspace"})

    @console.post("/broadcasts")
    def draft(request: Request, form: Annotated[Form, Depends(_draft_form)]) -> Response:
        """A new draft. What was typed and is refused stands in the form again, with the reason."""
        try:
            made = broadcasts.draft(me_of(request), _said(form))
        except Refused as error:
            return _listed(request, ports, broadcasts, form, str(error))
        return RedirectResponse(f"/console/broadcasts/{made['id']}", 303, NOT_KEPT)

    @console.get("/broadcasts/{broadcast}")
    def one(request: Request, broadcast: str) -> Response:
        """One broadcast: how it looks on each channel, its numbers once it has begun; fresh every few seconds while it runs."""
        me, named = me_of(request), _known(broadcast)
        seen = broadcasts.act(me, named, "report", {})
        before = broadcasts.act(me, named, "preview", {}) if seen["state"] in UNBEGUN else None
        shown: dict[str, Any] = {
            "seen": seen,
            "before": before,
            "numbers": {name: seen[name] for name in NUMBERS if seen[name] or name in NUMBERS[:5]},
            "running": seen["state"] == "running",
            "when": described(seen["plan"], seen["next_at"], me.zone, browser.lang_of(request)),
            "acts": possible(seen),
            "days": DAYS,
            "zone": me.zone or "UTC",
            "values": {"segment": seen["segment"], **seen["says"]},
        }
        return show(request, ports, me, "broadcasts", "broadcast.html", **shown, **_choices(ports, me, request))

    @console.post("/broadcasts/{broadcast}")
    def act(request: Request, broadcast: str, form: Annotated[Form, Depends(_act_form)]) -> Response:
        """Test, approve, change, start, pause, resume or cancel."""
        me, action = me_of(request), form.get("action", "")
        if action not in ACTIONS:
            raise Refusal(422, "wrong_fields")
        what = given(form) if action == "start" else _said(form) if action == "change" else {}
        broadcasts.act(me, _known(broadcast), action, what)
        return RedirectResponse(f"/console/broadcasts/{broadcast}?told=mended", 303, NOT_KEPT)


def possible(seen: Mapping[str, Any]) -> list[str]:
    """What may be pressed in this state; the house decides again when it is."""
    approve = [] if seen["approved"] else ["approve"]
    return {
        "draft": ["test", *approve, "start", "cancel"],
        "approved": ["test", "start", "cancel"],
        "scheduled": ["pause", "cancel"],
        "running": ["pause", "cancel"],
        "paused": ["resume", "cancel"],
        "stopped": ["resume", "cancel"],
    }.get(seen["state"], [])


def _listed(
    request: Request, ports: ConsolePorts, broadcasts: BroadcastPorts, values: Mapping[str, str], problem: str = ""
) -> Response:
    me = me_of(request)
    shown: dict[str, Any] = {
        "broadcasts": broadcasts.listed(me),
        "values": values,
        "problem": problem,
        "status": 422 if problem else 200,
    }
    return show(request, ports, me, "broadcasts", **shown, **_choices(ports, me, request))


def _choices(ports: ConsolePorts, me: Visitor, request: Request) -> dict[str, Any]:
    """Cards by theme, as the form offers them, and the titles of all."""
    themes = ports.cards(me, browser.lang_of(request))
    named = {theme["id"]: theme["title"] for theme in themes}
    return {"themes": themes, "titles": named | {card["id"]: card["title"] for theme in themes for card in theme["cards"]}}


def _said(form: Form) -> dict[str, str]:
    return {name: form[name] for name in DRAFT if form.get(name, "").strip()}


def _known(said: str) -> str:
    if not ID.fullmatch(said):
        raise Refusal(404, "no_file")
    return said
