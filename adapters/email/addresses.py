"""Who is named in an address header? Structure first, decoding second, so that an encoded word can hide no address.

Pure, one pass over the characters. Raises only Unreadable.
"""

from __future__ import annotations

import re

from adapters.email import decode
from adapters.email.limits import RECIPIENTS, Unreadable
from bot.followups.copied import Mailbox

_ADDRESS = re.compile(r"[^\s@<>(),;:\"\[\]\\]{1,64}@[^\s@<>(),;:\"\[\]\\]{1,253}")
_ANY = re.compile(r"[A-Za-z0-9._%+=/-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_GROUP = re.compile(r"[^\",;<@\[]{0,200}:(?!/)")


def mailboxes(raw: bytes, hint: str = "") -> tuple[Mailbox, ...]:
    """The mailboxes of a header, raw as it came; entries without an address are kept when they have a name.

    Raises Unreadable beyond RECIPIENTS.
    """
    found: list[Mailbox] = []
    for entry in _entries(decode.text(raw, hint)):
        box = _mailbox(entry, hint)
        if box.address or box.name:
            found.append(box)
            if len(found) > RECIPIENTS:
                raise Unreadable("too_many_recipients")
    return tuple(found)


def in_text(said: str, most: int = 20) -> tuple[str, ...]:
    """Addresses in running text, in small letters, each once."""
    return tuple(dict.fromkeys(match[0].lower() for match, _ in zip(_ANY.finditer(said), range(most * 5), strict=False)))[:most]


def normal(address: str) -> str:
    """Small letters; a domain in Unicode as the name system has it, so that it cannot pass for another."""
    local, at, domain = address.strip().strip("<>").lower().rpartition("@")
    if not at:
        return ""
    if not domain.isascii():
        try:
            domain = domain[:253].encode("idna").decode()
        except UnicodeError:
            return f"{local}@{domain[:253]}"
    return f"{local}@{domain.rstrip('.')}"


def _entries(said: str) -> list[str]:
    """Cut at commas and semicolons outside of quotes, comments and angle brackets; names of groups go."""
    entries: list[str] = []
    current: list[str] = []
    quoted, angle, comment, escaped = False, False, 0, False
    for c in said:
        if escaped:
            escaped = False
        elif c == "\\" and (quoted or comment):
            escaped = True
        elif c == '"' and not comment:
            quoted = not quoted
        elif quoted:
            pass
        elif c == "(":
            comment += 1
        elif c == ")" and comment:
            comment -= 1
        elif not comment and c in "<>":
            angle = c == "<"
        elif not comment and not angle and c in ",;":
            entries.append("".join(current))
            current = []
            continue
        current.append(c)
    whole = "".join(current)
    if quoted and "," in whole:  # a quote that never ends must not swallow everyone behind it
        entries += whole.replace('"', " ").split(",")
    else:
        entries.append(whole)
    return [_GROUP.sub("", entry, count=1) if _GROUP.match(entry) else entry for entry in entries]


def _mailbox(entry: str, hint: str) -> Mailbox:
    entry = entry.strip()
    if "<" in entry:
        before, _, rest = entry.rpartition("<") if entry.count("<") == 1 else _last_angle(entry)
        inner = rest.partition(">")[0].strip()
        match = _ADDRESS.fullmatch(inner) or _ADDRESS.search(inner)
        return Mailbox(name=_name(before, hint), address=normal(match[0]) if match else "")
    match = _ADDRESS.search(entry)
    if not match:
        return Mailbox(name=_name(entry, hint))
    name = re.sub(r"mailto:|[()\[\]（）]", " ", entry.replace(match[0], " ", 1))
    return Mailbox(name=_name(name, hint), address=normal(match[0]))


def _last_angle(entry: str) -> tuple[str, str, str]:
    """The address stands in the last angle brackets; earlier ones, quoted or not, belong to the name."""
    at = entry.rindex("<")
    return entry[:at], "<", entry[at + 1 :]


def _name(said: str, hint: str) -> str:
    said = said.strip()
    if said.startswith('"'):
        said = re.sub(r"\\(.)", r"\1", said.rstrip().removeprefix('"').removesuffix('"'))
    if decode.has_words(said.encode("utf-8", "replace")):
        said = decode.header(said.encode("utf-8", "replace"), hint)
    return decode.one_line(said).strip("'\"“”,; ")[:100]
