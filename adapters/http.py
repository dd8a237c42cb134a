"""What every HTTP adapter needs: a body of bounded size, and who is really asking from this machine."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from bot.settings import is_loopback

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes. Longer than any message we read, so that a pasted novel is answered and cut, not refused."""

PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


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

    A loopback client, one loopback Host name, and no proxy in between. The name matters because of DNS rebinding: a
    foreign page may point its own name to 127.0.0.1 and would then be "same origin" with us.
    """
    client = request.client.host if request.client else ""
    hosts = request.headers.getlist("host")
    proxied = any(name in request.headers for name in PROXY_HEADERS)
    return not proxied and len(hosts) == 1 and is_loopback(client) and is_loopback(_host_name(hosts[0]))


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "") if "@" not in host else ""
    except ValueError:
        return ""
