"""What did a form say? Reads a body that nobody has checked yet; lets none grow in memory.

Raises Refusal for whatever our own pages would never send: a field twice, or one the page does not have.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from adapters.site.guard import Refusal

LONGEST_BODY = 64 * 1024
"""Bytes read of one form."""
POLITE_BODY = 1024 * 1024
"""Up to here a body that is too long is read and thrown away: a browser hears the answer only when it has sent all."""


async def read_form(request: Request, fields: Collection[str], largest: int = LONGEST_BODY) -> dict[str, str]:
    """The form of the request, of at most `largest` bytes.

    Raises Refusal: 415 for another type, 413 for more, 400 for broken text, 422 for wrong fields.
    """
    kind, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    if kind.strip() != "application/x-www-form-urlencoded" or charset not in ("", "utf-8", "utf8"):
        raise Refusal(415, "wrong_type")
    return parse_form(await _body(request, largest), fields)


def parse_form(body: bytes, fields: Collection[str]) -> dict[str, str]:
    """The fields of a form, lines ended as everywhere here; raises Refusal for a doubled or unknown one."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=max(1, len(fields)))
    except UnicodeDecodeError as error:
        raise Refusal(400, "broken_text") from error
    except ValueError as error:
        raise Refusal(422, "wrong_fields") from error
    form = dict(pairs)
    if len(form) != len(pairs) or not form.keys() <= set(fields):
        raise Refusal(422, "wrong_fields")
    return {name: value.replace("\r\n", "\n").replace("\0", "\ufffd") for name, value in form.items()}


async def _body(request: Request, largest: int) -> bytes:
    """The body, counted as it comes in: Content-Length is only what the sender says."""
    body = bytearray()
    length = 0
    try:
        async for chunk in request.stream():
            length += len(chunk)
            if length > max(POLITE_BODY, largest):
                break
            if length <= largest:
                body += chunk
    except ClientDisconnect as error:
        raise Refusal(400, "cut_off") from error
    if length > largest:
        raise Refusal(413, "too_long")
    return bytes(body)
