"""What do all pages of the console share? Who is let in, one frame with the pages that they may open, one template a page."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.requests import Request

from adapters.console import pictures, reasons
from adapters.console.ports import ConsolePorts, PersonSeen
from adapters.console.words import words
from adapters.site import browser
from adapters.site.guard import Refusal, SignInFirst, Visitor
from adapters.site.pages import environment
from adapters.site.route import NOT_KEPT, visitor_of
from bot.errors import Conflict, NotAllowed, NotThere, Refused


def clock(at: dt.datetime, zone: str) -> str:
    """A moment on the clock of who reads; in UTC, and saying so, where their zone is not known."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if zone else f"{at:%Y-%m-%d %H:%M} UTC"


PAGES = environment("adapters.console")
_USED = {"columns": pictures.columns, "bars": pictures.bars, "reason": reasons.said, "reason_lang": reasons.lang_of}
PAGES.globals.update({**_USED, "clock": clock})  # pyright: ignore[reportCallIssue, reportArgumentType] - Jinja's own type is too narrow
ADMINS_ONLY = frozenset({"deliveries", "channels", "people", "audit"})
ORDER = (
    "overview",
    "questions",
    "try",
    "cards",
    "changes",
    "followups",
    "broadcasts",
    "deliveries",
    "channels",
    "people",
    "audit",
)
PAGE_OF = re.compile("/console/(broadcasts/[0-9a-f]{32}|changes/[0-9]+|[a-z]+)")
"""Which page a form stands on, by the address it is sent to."""
MOST_PEOPLE = 40
"""Shown on one page, so that none weighs more than 100 kB."""
TOLD = frozenset({"settled", "added", "mended", "changed", "signed_out_person", "gone_by", "proposed", "declined"})
"""What a page may say at its top after something was done."""


def menu(ports: ConsolePorts, me: Visitor) -> list[str]:
    """The pages that this person may open and that this house has."""
    absent = {
        "changes": ports.curation is None,
        "broadcasts": ports.broadcasts is None,
        "audit": ports.trail is None,
    }
    return [name for name in ORDER if not absent.get(name) and (me.role == "admin" or name not in ADMINS_ONLY)]


def show(request: Request, ports: ConsolePorts, me: Visitor, name: str, template: str = "", **shown: Any) -> HTMLResponse:
    """One page of the console."""
    lang = browser.lang_of(request)
    told = request.query_params.get("told", "")
    here = request.url.path + (f"?{request.url.query}" if request.url.query and not told else "")
    status = shown.pop("status", 200)
    frame = {"me": me, "menu": menu(ports, me), "name": name, "here": here, "told": told if told in TOLD else ""}
    page = PAGES.get_template(template or f"{name}.html").render({**frame, **shown}, lang=lang, w=words(lang))
    return HTMLResponse(page, status, NOT_KEPT)


def done(page: str, told: str) -> RedirectResponse:
    """Back to a page, which says what was done."""
    return RedirectResponse(f"/console/{page}?told={told}", 303, NOT_KEPT)


def curators(visitor: Visitor | None) -> None:
    """Lets in who curates, even on the machine's own address."""
    if visitor is None:
        raise SignInFirst
    if not visitor.curates:
        raise Refusal(403, "not_yours")


def me_of(request: Request, page: str = "") -> Visitor:
    """Who asks; raises Refusal(403) for a page of admins and somebody else."""
    me = visitor_of(request)
    if me is None:
        raise SignInFirst
    if page in ADMINS_ONLY and me.role != "admin":
        raise Refusal(403, "not_yours")
    return me


def refused(request: Request, error: Refused) -> HTMLResponse:
    """What the house refused, with its reason, and the way back."""
    kinds = ((NotThere, 404), (Conflict, 409), (NotAllowed, 403))
    status = next((number for kind, number in kinds if isinstance(error, kind)), 422)
    lang = browser.lang_of(request)
    back = PAGE_OF.match(request.url.path)
    page = PAGES.get_template("refused.html").render(
        lang=lang, w=words(lang), problem=str(error), back=back[0] if back else "/console"
    )
    return HTMLResponse(page, status, NOT_KEPT)


def found(people: Sequence[PersonSeen], wanted: str, first: int = 0) -> dict[str, Any]:
    """For the page: people whose name, address or id holds what is wanted, the newest first, from the `first` on."""
    word = wanted.strip().casefold()
    hits = [each for each in reversed(people) if word in f"{each.name} {each.email} {each.id}".casefold()]
    return {"people": hits[first : first + MOST_PEOPLE], **further(first, MOST_PEOPLE, len(hits))}


def further(first: int, step: int, total: int) -> dict[str, Any]:
    """For a list of which a page shows `step` from the `first` on: what the links to the others need."""
    return {"first": first, "step": step, "total": total, "left": total - first - step}
