"""Mails for tests, built from few words; and the state they are judged against."""

from __future__ import annotations

from typing import Any

from adapters.email.limits import Work
from adapters.email.parse import parse
from bot.followups.copied import CopiedEmail, Envelope
from bot.followups.intake import take_in
from bot.followups.known import State, state_from
from bot.followups.verdict import Judgement

TOKEN = "k7q2m6xwb4ta3zhn"
RCPT = f"fu.{TOKEN}@in.coach.test"
SERVER = "mx.coach.test"
ANNA = "Anna Keller <anna@acme.test>"
LI = "Li Ming <li.ming@ningbo-tools.test>"
F1: dict[str, Any] = {
    "id": "F1",
    "message_id": "<q-4411.1@acme.test>",
    "recipients": ["li.ming@ningbo-tools.test"],
    "subject": "Quote 4411 for hand tools",
    "state": "open",
}


def passed(domain: str = "acme.test") -> str:
    """What our own server writes for an authenticated author."""
    return f"{SERVER}; dkim=pass header.d={domain}; dmarc=pass header.from={domain}"


def mail(body: str | bytes = "Dear Mr Li,\n\nplease see our quote.\n", **headers: str | bytes | None) -> bytes:
    """A mail from Anna to Li Ming. Header names with `_` for `-`; None leaves one out; a list of lines by `extra`."""
    fields: dict[str, str | bytes | None] = {
        "Authentication-Results": passed(),
        "From": ANNA,
        "To": LI,
        "Subject": "Quote 4411 for hand tools",
        "Date": "Wed, 25 Nov 2026 10:05:00 -0500",
        "Message-ID": "<new.1@acme.test>",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
    }
    names = {name.lower(): name for name in fields}
    extra = headers.pop("extra", None)
    for name, value in headers.items():
        given = name.replace("_", "-")
        fields[names.get(given.lower(), given)] = value
    lines = [f"{name}: ".encode() + _bytes(value) for name, value in fields.items() if value is not None]
    if extra:
        lines.append(_bytes(extra))
    return b"\r\n".join([*lines, b"", _bytes(body).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")])


def from_li(body: str | bytes = "Received with thanks.\n", **headers: str | bytes | None) -> bytes:
    """An authenticated reply of Li Ming to the mail of F1."""
    given: dict[str, str | bytes | None] = {
        "Authentication_Results": passed("ningbo-tools.test"),
        "From": LI,
        "To": "anna@acme.test",
        "Subject": "Re: Quote 4411 for hand tools",
        "Message_ID": "<r6@ningbo-tools.test>",
        "In_Reply_To": "<q-4411.1@acme.test>",
        "References": "<q-4411.1@acme.test>",
    }
    return mail(body, **{**given, **headers})


def multipart(*parts: str | bytes, kind: str = "mixed", boundary: str = "B", **headers: str | bytes | None) -> bytes:
    """A mail of parts, each with its own header lines."""
    return mail(pieces(*parts, boundary=boundary), Content_Type=f'multipart/{kind}; boundary="{boundary}"', **headers)


def pieces(*parts: str | bytes, boundary: str) -> bytes:
    """The body of a multipart."""
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\n" + _bytes(part) + b"\n" for part in parts) + mark + b"--\n"


def state(*followups: dict[str, Any], **changes: Any) -> State:
    """Anna of the acceptance set; with F1 open unless other follow-ups are given."""
    given = {
        "now": "2026-11-25T10:30:00-05:00",
        "authserv_id": SERVER,
        "mail_from": "anna@acme.test",
        "person": {
            "name": "Anna Keller",
            "email": "anna@acme.test",
            "zone": "America/New_York",
            "domains": ["acme.test"],
            "address": RCPT,
        },
        "contacts": [{"name": "Li Ming", "email": "li.ming@ningbo-tools.test", "phone": "+86 574 5550 0100"}],
        "followups": list(followups) or [F1],
    }
    return state_from({**given, **changes})


def read(raw: bytes, mail_from: str = "anna@acme.test", rcpt: str = RCPT, work: Work | None = None) -> CopiedEmail:
    """The mail as we read it."""
    return parse(raw, Envelope(mail_from, rcpt), SERVER, work=work)


def judged(raw: bytes, known: State | None = None, *, mail_from: str = "anna@acme.test", rcpt: str = RCPT) -> Judgement:
    """What comes of it."""
    return take_in(parse, raw, Envelope(mail_from, rcpt), known or state())[1]


def codes(judgement: Judgement) -> set[str]:
    """The warnings by their codes."""
    return {caution.code for caution in judgement.warnings}


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
