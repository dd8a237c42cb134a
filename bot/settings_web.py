"""What a setting for the web may hold: the address people open. See bot.settings, which has it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator

_USUAL_PORTS = {"http": 80, "https": 443}


def _public(url: str) -> str:
    """Scheme, host and an unusual port, as browsers write them in Host and Origin: who names us otherwise is refused."""
    if not url:
        return ""
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        split, port = SplitResult("", "", "", "", ""), None
    if split.scheme not in _USUAL_PORTS or not split.hostname:
        raise ValueError("must start with http:// or https:// and name a host, such as https://coach.example.com")
    if split.username is not None or split.path.strip("/") or split.query or split.fragment:
        raise ValueError(
            "must end with the host or its port: no user, path or question mark (a path of its own is not supported)"
        )
    host = f"[{split.hostname}]" if ":" in split.hostname else split.hostname
    return f"{split.scheme}://{host}" + (f":{port}" if port and port != _USUAL_PORTS[split.scheme] else "")


PublicUrl = Annotated[str, AfterValidator(_public)]
