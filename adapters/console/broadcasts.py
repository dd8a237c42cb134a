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
from adapters.site.forms import read_form
from adapters.site.guard import Refusal
from adapters.site.route import NOT_KEPT

ID = re.compile(r"[0-9a-f]{32}")
DRAFT = ("segment", "en", "zh", "card", "tip", "theme")
START = ("at", "local_time")
ACTIONS = ("test", "approve", "start", "pause", "resume", "cancel")
NUMBERS = ("audience", "waiting", "sent", "in_doubt", "failed", "opted_out", "cancelled", "unreachable")
Form = dict[str, str]


async def _draft_form(request: Request) -> Form:
    return await read_form(request, DRAFT)


async def _act_form(request: Request) -> Form:
    return await read_form(request, ("action", *START))


def add_to(console: APIRouter, ports: ConsolePorts, broadcasts: BroadcastPorts) -> None:
    """The list, a new draft, and one broadcast with its numbers."""

    @console.get("/broadcasts")
    def listed(request: Request) -> Response:
        """All that this person may see, and a form for a new one."""
        me = me_of(request)
        return show(request, ports, me, "broadcasts", broadcasts=broadcasts.listed(me))

    @console.post("/broadcasts")
    def draft(request: Request, form: Annotated[Form, Depends(_draft_form)]) -> Response:
        """A new draft."""
        made = broadcasts.draft(me_of(request), {name: text for name, text in form.items() if text.strip()})
        return RedirectResponse(f"/console/broadcasts/{made['id']}", 303, NOT_KEPT)

    @console.get("/broadcasts/{broadcast}")
    def one(request: Request, broadcast: str) -> Response:
        """One broadcast: how it looks before it starts, its numbers afterwards; fresh every few seconds while it runs."""
        me, named = me_of(request), _known(broadcast)
        seen = broadcasts.act(me, named, "report", {})
        before = broadcasts.act(me, named, "preview", {}) if seen["state"] in ("draft", "approved") else None
        numbers = {name: seen[name] for name in NUMBERS}
        shown: dict[str, Any] = {"seen": seen, "before": before, "numbers": numbers, "running": seen["state"] == "running"}
        return show(request, ports, me, "broadcasts", "broadcast.html", **shown, acts=possible(seen))

    @console.post("/broadcasts/{broadcast}")
    def act(request: Request, broadcast: str, form: Annotated[Form, Depends(_act_form)]) -> Response:
        """Test, approve, start, pause, resume or cancel."""
        me, action = me_of(request), form.get("action", "")
        if action not in ACTIONS:
            raise Refusal(422, "wrong_fields")
        given = {name: form[name] for name in START if form.get(name, "").strip()} if action == "start" else {}
        broadcasts.act(me, _known(broadcast), action, given)
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


def _known(said: str) -> str:
    if not ID.fullmatch(said):
        raise Refusal(404, "no_file")
    return said
