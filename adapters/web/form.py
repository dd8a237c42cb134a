"""What was typed or pressed? Reads the body of POST /chat, which nobody has checked yet.

Raises Refusal for whatever our own page would never send; never lets a body grow in memory.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from adapters.web.guard import Refusal
from adapters.web.session import as_lang
from bot.messages import Lang

LONGEST_BODY = 64 * 1024
"""Bytes read of one message."""
POLITE_BODY = 1024 * 1024
"""Up to here a body that is too long is read and thrown away: a browser hears the answer only when it has sent all."""
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
    """The form of the request.

    Raises Refusal: 415 for another type, 413 for more than LONGEST_BODY, 400 for broken text, 422 for wrong fields.
    """
    kind, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    if kind.strip() != "application/x-www-form-urlencoded" or charset not in ("", "utf-8", "utf8"):
        raise Refusal(415, "wrong_type")
    return parse(await _body(request))


def parse(body: bytes) -> Said:
    """The fields of a form; both `text` and `choice`, a field twice, or one we do not know are refused."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=len(FIELDS))
    except UnicodeDecodeError as error:
        raise Refusal(400, "broken_text") from error
    except ValueError as error:
        raise Refusal(422, "wrong_fields") from error
    form = dict(pairs)
    message_id = form.get("message_id", "") or secrets.token_hex(16)
    lang = as_lang(form.get("lang"))
    sound = (
        len(form) == len(pairs)
        and form.keys() <= FIELDS
        and ("text" in form) != ("choice" in form)
        and ("choice" not in form or 0 < len(form["choice"]) <= LONGEST_CHOICE)
        and WELL_FORMED_ID.fullmatch(message_id)
        and (lang or not form.get("lang"))
        and ZONE.fullmatch(form.get("zone", ""))
    )
    if not sound:
        raise Refusal(422, "wrong_fields")
    text = form.get("text", "").replace("\r\n", "\n")
    return Said(text=text, choice=form.get("choice", ""), message_id=message_id, lang=lang, zone=form.get("zone", ""))


async def _body(request: Request) -> bytes:
    """The body, counted as it comes in: Content-Length is only what the sender says."""
    body = bytearray()
    length = 0
    try:
        async for chunk in request.stream():
            length += len(chunk)
            if length > POLITE_BODY:
                break
            if length <= LONGEST_BODY:
                body += chunk
    except ClientDisconnect as error:
        raise Refusal(400, "cut_off") from error
    if length > LONGEST_BODY:
        raise Refusal(413, "too_long")
    return bytes(body)
