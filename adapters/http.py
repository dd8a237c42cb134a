"""What every HTTP adapter needs: a body of bounded size, and who is really asking from this machine."""

from __future__ import annotations

from starlette.requests import Request

from bot.settings import is_loopback

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes. Longer than any message we read, so that a pasted novel is answered and cut, not refused."""


class TooLarge(Exception):
    """The body is larger than allowed; what came so far is dropped."""


async def capped_body(request: Request, largest: int = LARGEST_BODY) -> bytes:
    """The body, counted while it streams in: Content-Length is only believed when it says too much.

    Raises TooLarge.
    """
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:19]) > largest:
        raise TooLarge
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > largest:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


def from_this_machine(request: Request) -> bool:
    """Whether the request comes from this machine and means it.

    A loopback client, a loopback Host name (so that no website can reach us by a name of its own that resolves here),
    and no proxy in between.
    """
    client = request.client.host if request.client else ""
    host = (
        request.headers.get("host", "").rsplit(":", 1)[0]
        if not request.headers.get("host", "").endswith("]")
        else request.headers["host"]
    )
    proxied = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    return is_loopback(client) and is_loopback(host) and not proxied
