"""How much of a mail is read, and how is a mail refused that is beyond it?

Figures after facts/email-and-time.md section 3. Work is counted in bytes looked at, not in seconds, so that the bound
holds on every machine: no mail may cost more than WORK, about half a second of one slow core.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import Refused

LARGEST = 50 * 1024 * 1024
"""Bytes a mail may have; larger ones are refused at the door."""
KEPT = 4 * 1024 * 1024
"""Bytes from its beginning that are kept and read: texts come before attachments, which are of no use to us."""
HEADER_BLOCK = 64 * 1024
HEADER = 10 * 1024
HEADERS = 400
PARTS = 200
DEPTH = 20
RECIPIENTS = 100
TEXT_PART = 256 * 1024
"""Bytes of one text part that are decoded."""
TEXT_TOTAL = 1024 * 1024
HTML = 128 * 1024
WORK = 48 * 1024 * 1024

REASONS = {
    "empty": "the mail is empty",
    "too_large": f"the mail is larger than {LARGEST // 1024 // 1024} MB",
    "no_sender": "the mail has no sender (From)",
    "two_from": "the mail has more than one sender (From)",
    "headers_too_large": f"the headers of the mail are larger than {HEADER_BLOCK // 1024} kB",
    "too_many_headers": f"the mail has more than {HEADERS} headers",
    "header_too_long": f"an address line of the mail is longer than {HEADER // 1024} kB",
    "too_many_recipients": f"the mail has more than {RECIPIENTS} recipients",
    "too_many_parts": f"the mail has more than {PARTS} parts",
    "too_deep": f"the parts of the mail are nested more than {DEPTH} deep",
    "too_much_work": "the mail is built so that reading it would take too long",
}


class Unreadable(Refused):
    """The mail is refused as a whole; `code` is one of REASONS."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(REASONS[code])


@dataclass
class Work:
    """What has been spent on one mail."""

    spent: int = 0
    parts: int = 0

    def spend(self, amount: int) -> None:
        """Count bytes looked at. Raises Unreadable beyond WORK."""
        self.spent += amount
        if self.spent > WORK:
            raise Unreadable("too_much_work")

    def part(self, depth: int) -> None:
        """Count one part. Raises Unreadable when there are too many or they are too deep."""
        self.parts += 1
        if self.parts > PARTS:
            raise Unreadable("too_many_parts")
        if depth > DEPTH:
            raise Unreadable("too_deep")
