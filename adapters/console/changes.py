"""The team's own layer of knowledge on the console: add a phrasing, write a card, decide, undo, take along as YAML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse
from starlette.requests import Request
from starlette.responses import Response

from adapters.console import card_form
from adapters.console.acts import ids_of
from adapters.console.frame import done, me_of, show
from adapters.console.ports import ConsolePorts, CurationPorts, Proposal
from adapters.site import browser
from adapters.site.forms import read_form
from adapters.site.guard import Refusal, Visitor
from adapters.site.route import NOT_KEPT
from bot.errors import Refused

Form = dict[str, str]
HOWS = ("accept", "despite", "decline", "submit", "undo")
STEPS = ("waiting", "checking", "opening", "learning", "comparing", "serving")
"""Of learning, for its progress; between them `preparing`, once after an update."""
USUAL = dt.timedelta(seconds=20)
"""Of learning; what takes longer is told so."""
MOST_PHRASINGS = 50
MOST_CHANGES = 80
"""Shown on one page, the newest."""


async def _phrasings_form(request: Request) -> Form:
    return await read_form(request, ("ids", "lang", "intent", "phrasings", "live"))


async def _how_form(request: Request) -> Form:
    return await read_form(request, ("how",))


async def _hide_form(request: Request) -> Form:
    return await read_form(request, ("card", "seen"))


async def _yaml_form(request: Request) -> Form:
    return await read_form(request, ("yaml",), largest=1_000_000)


async def _card_form(request: Request) -> Form:
    return await read_form(request, (*card_form.FIELDS, "ids", "card", "seen", "how"))


def add_to(console: APIRouter, ports: ConsolePorts, curation: CurationPorts) -> None:
    """The pages of changes. What was typed and is refused stands in the form again, with the reasons."""

    @console.get("/changes")
    def listed(request: Request) -> Response:
        """All changes, the newest first."""
        me = me_of(request)
        return show(request, ports, me, "changes", changes=curation.changes(me, browser.lang_of(request))[:MOST_CHANGES])

    @console.post("/changes/phrasings")
    def phrasings(request: Request, form: Annotated[Form, Depends(_phrasings_form)]) -> Response:
        """People also ask for this card or command so."""
        lang, lines = browser.as_lang(form.get("lang")), card_form.lines_of(form.get("phrasings", ""))
        if lang is None or not 0 < len(lines) <= MOST_PHRASINGS:
            raise Refusal(422, "wrong_fields")
        change = {"kind": "add-phrasings", "intent": form.get("intent", ""), "phrasings": {lang: lines}}
        how = Proposal(settles=ids_of(form), live=form.get("live") == "yes")
        return _seen(curation.propose(me_of(request), change, how))

    _add_cards(console, ports, curation)
    _add_yaml(console, ports, curation)

    @console.get("/changes/{number:int}")
    def one(request: Request, number: int) -> Response:
        """One change: what it says, how far learning is, what came of it."""
        me, lang = me_of(request), browser.lang_of(request)
        change = curation.change(me, number, lang)
        waited = ports.now() - (change.since or ports.now())
        shown: dict[str, Any] = {
            "change": change,
            "steps": STEPS,
            "late": waited > USUAL,
            "minutes": int(waited.total_seconds() // 60),
            "answer": ports.explain(change.question, lang) if change.state == "live" and change.question else None,
        }
        return show(request, ports, me, "changes", "change.html", **shown)

    @console.post("/changes/{number:int}")
    def decide(request: Request, number: int, form: Annotated[Form, Depends(_how_form)]) -> Response:
        """Accept, accept all the same, decline, hand in a draft, or take a live one back."""
        me, how = me_of(request), form.get("how", "")
        if how not in HOWS:
            raise Refusal(422, "wrong_fields")
        if how == "undo":
            return _seen(curation.undo(me, number))
        if how == "submit":
            curation.submit(me, number)
        else:
            curation.decide(me, number, how != "decline", how == "despite")
        return done("changes", "declined") if how == "decline" else _seen(number)


def _add_cards(console: APIRouter, ports: ConsolePorts, curation: CurationPorts) -> None:
    """Cards as forms."""

    @console.get("/changes/new")
    def new(request: Request) -> Response:
        """The form of a new card, or of one that is there."""
        me, name = me_of(request), request.query_params.get("card", "")
        found = curation.card(me, name) if name else None
        if name and found is None:
            raise Refusal(404, "no_card")
        values = card_form.values_of(found[0]) if found else _from_questions(request, ports, me)
        return _form(request, ports, curation, me, values, name, own=found is None or found[1])

    @console.post("/changes/card")
    def card(request: Request, form: Annotated[Form, Depends(_card_form)]) -> Response:
        """A new card, or another text of one that is there."""
        me, name, how = me_of(request), form.get("card", ""), form.get("how", "")
        found = curation.card(me, name) if name else None
        if name and found is None:
            raise Refusal(404, "no_card")
        own = found is None or found[1]
        seen = int(form["seen"]) if form.get("seen", "").isdecimal() and len(form["seen"]) < 9 else None
        proposal = Proposal(settles=ids_of(form), live=how == "live", draft=how == "draft", seen=seen)
        try:
            return _seen(curation.propose(me, _change(form, found, own=own), proposal))
        except Refused as error:
            return _form(request, ports, curation, me, form, name, own=own, problems=str(error).split("\n"))

    @console.post("/changes/hide")
    def hide(request: Request, form: Annotated[Form, Depends(_hide_form)]) -> Response:
        """A shipped card is not given any more, a card of one's own goes."""
        me, name = me_of(request), form.get("card", "")
        found = curation.card(me, name)
        if found is None:
            raise Refusal(404, "no_card")
        change = {"kind": "drop-card", "card": name} if found[1] else {"kind": "hide", "card": name}
        return _seen(curation.propose(me, change, Proposal()))


def _add_yaml(console: APIRouter, ports: ConsolePorts, curation: CurationPorts) -> None:
    """The whole layer as a file."""

    @console.get("/changes/layer.yaml")
    def export(request: Request) -> Response:
        """The team's layer, for review by pull request."""
        headers = {**NOT_KEPT, "Content-Disposition": 'attachment; filename="layer.yaml"'}
        return Response(curation.export(me_of(request)), media_type="application/yaml", headers=headers)

    @console.post("/changes/import")
    def take_in(request: Request, form: Annotated[Form, Depends(_yaml_form)]) -> Response:
        """The layer as this YAML; refused whole with all reasons, and the text kept."""
        me, text = me_of(request), form.get("yaml", "")
        try:
            return _seen(curation.import_(me, text))
        except Refused as error:
            kept: dict[str, Any] = {"problems": str(error).split("\n"), "yaml": text, "status": 422}
            return show(
                request, ports, me, "changes", changes=curation.changes(me, browser.lang_of(request))[:MOST_CHANGES], **kept
            )


def _change(form: Form, found: tuple[Mapping[str, Any], bool] | None, *, own: bool) -> dict[str, Any]:
    if own:
        return {"kind": "card", "card": card_form.own_card(form, found[0] if found else None)}
    assert found
    return {"kind": "text", "card": form["card"], "fields": card_form.changed_texts(form, found[0])}


def _from_questions(request: Request, ports: ConsolePorts, me: Visitor) -> dict[str, str]:
    """An empty form, the phrasings of a group of questions put in already."""
    wanted = set(ids_of({"ids": request.query_params.get("ids", "")}))
    groups = [group for group in ports.gaps(me) if wanted & set(group["ids"])] if wanted else []
    return {f"phrasings_{group['lang']}": "\n".join(group["phrasings"]) for group in groups}


def _form(
    request: Request,
    ports: ConsolePorts,
    curation: CurationPorts,
    me: Visitor,
    values: Mapping[str, str],
    name: str,
    *,
    own: bool,
    problems: list[str] | None = None,
) -> Response:
    shelves = curation.shelves(browser.lang_of(request))
    shown: dict[str, Any] = {
        "values": values,
        "card": name,
        "own": own,
        "problems": problems or [],
        "ids": values.get("ids") or request.query_params.get("ids", ""),
        "seen": values.get("seen") or curation.version(),
        "status": 422 if problems else 200,
        "single": card_form.SINGLE,
        "lists": card_form.LISTS,
        **shelves,
    }
    return show(request, ports, me, "changes", "card_form.html", **shown)


def _seen(number: int) -> Response:
    return RedirectResponse(f"/console/changes/{number}", 303, NOT_KEPT)
