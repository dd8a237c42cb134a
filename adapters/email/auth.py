"""Does our own mail server vouch for the author of this mail?

Only the topmost Authentication-Results counts, and only with the configured authserv-id: everything below may have been
written by whoever sent the mail. Never checks signatures itself, never guesses in favour.
"""

from __future__ import annotations

from adapters.email.mime import Headers
from bot.followups.copied import Authentication


def authentication(headers: Headers, authserv_id: str, from_domain: str) -> Authentication:
    """Dmarc as our server found it for this From domain; `none` when it did not say, or said it of another domain."""
    values = headers.all("authentication-results")
    if not values or not authserv_id:
        return Authentication()
    parts = _without_comments(values[0].decode("utf-8", "replace"))
    identity = parts[0].split()[0].lower() if parts and parts[0].split() else ""
    if identity.strip('"') != authserv_id.lower():
        return Authentication()
    results = [_result(part) for part in parts[1:]]
    verdicts = {_verdict(value, properties, from_domain) for method, value, properties in results if method == "dmarc"}
    if "fail" in verdicts:
        return Authentication(dmarc="fail", authserv_id=identity)
    if verdicts == {"pass"}:
        return Authentication(dmarc="pass", authserv_id=identity)
    return Authentication(dmarc="none", authserv_id=identity)


def aligned(header_from: str, from_domain: str) -> bool:
    """Whether the domain that was checked is the one in From, or above it."""
    header_from, from_domain = header_from.lower().strip("."), from_domain.lower().strip(".")
    return bool(header_from) and (from_domain == header_from or from_domain.endswith("." + header_from)) and "." in header_from


def _verdict(value: str, properties: dict[str, str], from_domain: str) -> str:
    if value == "pass":
        checked = properties.get("header.from", from_domain)
        return "pass" if aligned(checked.rpartition("@")[2], from_domain) else "none"
    return "fail" if value in ("fail", "permerror", "reject", "quarantine") else "none"


def _result(part: str) -> tuple[str, str, dict[str, str]]:
    """`dmarc=pass header.from=acme.test` → the method, its result, the properties."""
    words = part.split()
    method, _, value = (words[0] if words else "").partition("=")
    properties = {key.lower(): said.strip('"') for key, equals, said in (word.partition("=") for word in words[1:]) if equals}
    return method.split("/")[0].lower(), value.lower(), properties


def _without_comments(said: str) -> list[str]:
    """The header cut at its semicolons; comments and what stands in quotes cannot forge a result."""
    parts: list[str] = []
    current: list[str] = []
    depth, quoted, escaped = 0, False, False
    for c in said:
        if escaped:
            escaped = False
            c = "_"
        elif c == "\\" and (quoted or depth):
            escaped = True
            continue
        elif c == '"' and not depth:
            quoted = not quoted
            continue
        elif quoted:
            c = "_" if c in "; =" else c
        elif c == "(":
            depth += 1
            current.append(" ")
            continue
        elif c == ")":
            depth = max(0, depth - 1)
            continue
        elif c == ";" and not depth:
            parts.append("".join(current))
            current = []
            continue
        if not depth:
            current.append(c)
    return [*parts, "".join(current)]
