"""Which files do the pages need beside themselves? Our own styles, scripts and icon, read once, served with their hash.

The address carries the hash, so a browser keeps a file for a year and still gets a new one at once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from adapters.site.guard import Refusal

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class File:
    """A file as it is sent."""

    content: bytes
    media_type: str
    version: str


def _read(path: Path) -> File:
    content = path.read_bytes()
    return File(content, TYPES[path.suffix], hashlib.sha256(content).hexdigest()[:16])


FILES = {path.name: _read(path) for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}


def address(name: str) -> str:
    """Where a page finds a file, its version included."""
    return f"/static/{name}?v={FILES[name].version}"


def serve(name: str, request: Request) -> Response:
    """The file, or 304 when the browser has it. Raises Refusal(404) for any other name."""
    file = FILES.get(name)
    if file is None:
        raise Refusal(404, "no_file")
    etag = f'"{file.version}"'
    lasting = request.query_params.get("v") == file.version
    headers = {"ETag": etag, "Cache-Control": "public, max-age=31536000, immutable" if lasting else "no-cache"}
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if etag in known:
        return Response(status_code=304, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)
