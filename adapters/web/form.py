"""What was typed or pressed? Reads the body of POST /chat, which nobody has checked yet.

Raises Refusal for whatever our own page would never send; never lets a body grow in memory.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from starlette.requests import Request

from adapters.site.browser import as_lang
from adapters.site.forms import parse_form, read_form
from adapters.site.guard import Refusal
from bot.messages import Lang

FIELDS = frozenset({"text", "choice", "message_id", "lang", "zone"})
WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._:-]{1,200}")
LONGEST_CHOICE = 200
ZONE = re.compile(r"[A-Za-z0-9_+/-]{0,64}")


@dataclass(frozen=True)
class Said:
    """One thing a person typed or pressed on the page."""

    text: str
    choice: str
    message_id: str
    lang: Lang | None
    zone: str = ""
    """The browser's time zone."""


async def read_said(request: Request) -> Said:
    """The form of the request. Raises Refusal, as `read_form` does."""
    return _said(await read_form(request, FIELDS))


def parse(body: bytes) -> Said:
    """The fields of a form; both `text` and `choice`, a field twice, or one we do not know are refused."""
    return _said(parse_form(body, FIELDS))


def _said(form: dict[str, str]) -> Said:
    message_id = form.get("message_id", "") or secrets.token_hex(16)
    lang = as_lang(form.get("lang"))
    sound = (
        ("text" in form) != ("choice" in form)
        and ("choice" not in form or 0 < len(form["choice"]) <= LONGEST_CHOICE)
        and WELL_FORMED_ID.fullmatch(message_id)
        and (lang or not form.get("lang"))
        and ZONE.fullmatch(form.get("zone", ""))
    )
    if not sound:
        raise Refusal(422, "wrong_fields")
    return Said(
        text=form.get("text", ""), choice=form.get("choice", ""), message_id=message_id, lang=lang, zone=form.get("zone", "")
    )
