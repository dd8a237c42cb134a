"""What can be done on the console's pages? Each form has its own few fields; another one is refused, and so is another site."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from adapters.console.frame import done, found, me_of, show
from adapters.console.ports import ConsolePorts
from adapters.site.forms import read_form
from adapters.site.guard import Refusal

ID = re.compile(r"[0-9a-f]{32}")
IDS = re.compile(r"[0-9]{1,9}(,[0-9]{1,9}){0,999}")
LONGEST_NAME = 254
MENDS = ("again", "arrived", "drop")
Form = dict[str, str]


async def _ids_form(request: Request) -> Form:
    return await read_form(request, ("ids",))


async def _how_form(request: Request) -> Form:
    return await read_form(request, ("how",))


async def _role_form(request: Request) -> Form:
    return await read_form(request, ("role",))


async def _person_form(request: Request) -> Form:
    return await read_form(request, ("name", "email", "role"))


async def _no_fields(request: Request) -> Form:
    return await read_form(request, ("sure",))


def ids_of(form: Form) -> list[int]:
    """The numbers of kept questions; raises Refusal(422) for anything else."""
    said = form.get("ids", "")
    if said and not IDS.fullmatch(said):
        raise Refusal(422, "wrong_fields")
    return [int(part) for part in said.split(",") if part]


def add_to(console: APIRouter, ports: ConsolePorts) -> None:
    """Everything that is pressed, but what changes knowledge."""

    @console.post("/questions/settle")
    def settle(request: Request, form: Annotated[Form, Depends(_ids_form)]) -> Response:
        """Set a group of questions aside."""
        me = me_of(request)
        return done("questions", "settled" if ports.settle(me, ids_of(form)) else "gone_by")

    @console.post("/deliveries/{delivery}")
    def mend(request: Request, delivery: str, form: Annotated[Form, Depends(_how_form)]) -> Response:
        """Send again, take as arrived, or drop."""
        me, how = me_of(request, "deliveries"), form.get("how", "")
        if how not in MENDS or not ID.fullmatch(delivery):
            raise Refusal(422, "wrong_fields")
        return done("deliveries", "mended" if ports.mend(me, delivery, how) else "gone_by")

    @console.post("/people/{person}/role")
    def role(request: Request, person: str, form: Annotated[Form, Depends(_role_form)]) -> Response:
        """Give a role."""
        ports.role(me_of(request, "people"), _person(person), form.get("role", ""))
        return done("people", "changed")

    @console.post("/people")
    def add(request: Request, form: Annotated[Form, Depends(_person_form)]) -> Response:
        """Add somebody."""
        me, name, email = me_of(request, "people"), form.get("name", "").strip(), form.get("email", "").strip()
        if not 0 < len(name) <= LONGEST_NAME or len(email) > LONGEST_NAME:
            raise Refusal(422, "wrong_fields")
        ports.add(me, name, email, form.get("role", "member"))
        return done("people", "added")

    @console.post("/people/{person}/invite")
    def invite(request: Request, person: str, _form: Annotated[Form, Depends(_no_fields)]) -> Response:
        """Make a link for somebody; it is on this one page and nowhere else."""
        me = me_of(request, "people")
        link = ports.invite(me, _person(person))
        return show(request, ports, me, "people", **found(ports.people(me), person), wanted="", link=link)

    @console.post("/people/{person}/sign-out")
    def sign_out(request: Request, person: str, _form: Annotated[Form, Depends(_no_fields)]) -> Response:
        """End all of somebody's sessions."""
        ports.sign_out(me_of(request, "people"), _person(person))
        return done("people", "signed_out_person")


def _person(said: str) -> str:
    if not ID.fullmatch(said):
        raise Refusal(404, "no_file")
    return said
