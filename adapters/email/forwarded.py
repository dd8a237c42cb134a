"""Which mail is inside a forwarded mail? Read from the labels that mail programs write, or from an attached mail.

Labels are English and Chinese. Pure. What stands here is what the text claims, never proof.
"""

from __future__ import annotations

from adapters.email import addresses, decode
from adapters.email.limits import Unreadable
from adapters.email.mime import Headers
from adapters.email.quotes import LONGEST_LINE, MOST_LINES, is_label_block, label, marker
from bot.followups.copied import Forwarded, Mailbox, masked, secret_address
from bot.followups.threads import bare_subject, is_forward, message_ids

LONGEST_TEXT = 8_000
_BLOCK = 30
"""Lines that one block of labels may have, continuation lines included."""


def in_words(said: str, subject: str) -> Forwarded | None:
    """The first mail that the text quotes with its header lines; None when there is none."""
    lines = [_unmarked(line) for line in said.split("\n", 2 * MOST_LINES)]
    announced = is_forward(subject)
    for at, line in enumerate(lines[:MOST_LINES]):
        announced = announced or marker(line) == "forward"
        if any(mark in line for mark in ":：|") and is_label_block(lines, at):
            fields, end = _block(lines, at)
            return Forwarded(
                sender=_first(fields.get("sender", "")),
                to=_all(fields.get("to", "")) + _all(fields.get("cc", "")),
                subject=masked(decode.one_line(bare_subject(fields.get("subject", "") or subject)))[:300],
                date_text=decode.one_line(fields.get("date", ""))[:100],
                text=masked("\n".join(lines[end:]).strip()[:LONGEST_TEXT]),
                marked=announced,
            )
    return None


def attached(headers: Headers, said: str) -> Forwarded:
    """The mail that was attached whole, from its own headers."""
    ids = message_ids(headers.first("message-id").decode("ascii", "replace"))
    return Forwarded(
        sender=next(iter(_raw(headers.first("from"))), Mailbox()),
        to=_raw(headers.first("to")) + _raw(headers.first("cc")),
        subject=masked(bare_subject(decode.header(headers.first("subject"))))[:300],
        date_text=decode.header(headers.first("date"))[:100],
        message_id=ids[0] if ids else "",
        text=masked(said[:LONGEST_TEXT]),
    )


def _block(lines: list[str], at: int) -> tuple[dict[str, str], int]:
    """The labelled lines from `at` on, and where the text begins. A line without label continues an address list."""
    fields: dict[str, str] = {}
    last = ""
    for n in range(at, min(at + _BLOCK, len(lines))):
        line = lines[n][: LONGEST_LINE * 10]
        found = label(line)
        if found and (found[0] not in fields or found[0] == "other"):
            last = found[0]
            fields[last] = found[1]
        elif not line.strip():
            following = [text for text in lines[n + 1 : n + 2] if label(text)]
            if not following or len(fields) >= 4:
                return fields, n + 1
        elif last in ("to", "cc") and ("@" in line or fields[last].endswith((",", ";"))):
            fields[last] += " " + line.strip()
        elif line.strip().strip("-| ") == "":
            continue
        else:
            return fields, n
    return fields, min(at + _BLOCK, len(lines))


def _unmarked(line: str) -> str:
    """Without quotation marks at its beginning."""
    return line.lstrip("> \t\u00a0").replace("\u00a0", " ")


def _first(said: str) -> Mailbox:
    boxes = _all(said)
    return boxes[0] if boxes else Mailbox()


def _all(said: str) -> tuple[Mailbox, ...]:
    return _raw(said[:5000].encode("utf-8", "replace"))


def _raw(value: bytes) -> tuple[Mailbox, ...]:
    try:
        return tuple(box for box in addresses.mailboxes(value) if not secret_address(box.address))
    except Unreadable:
        return ()
