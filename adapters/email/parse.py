"""What does this mail say? Raw bytes as they came → a CopiedEmail, or Unreadable with the reason.

Pure. Reads every mail with bounded work (see limits.py); never opens an attachment, never follows a link, never answers.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Literal

from adapters.email import addresses, auth, charsets, decode, forwarded, invitation, kinds, markup, mime, quotes
from adapters.email.limits import KEPT, LARGEST, TEXT_TOTAL, Unreadable, Work
from bot.followups.copied import LONGEST_EXCERPT, CopiedEmail, Envelope, Forwarded, Invitation, Mailbox, masked, secret_address
from bot.followups.threads import is_forward, message_ids

LONGEST_TEXT = 8_000
LONGEST_OLDER = 16_000
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_TRADITIONAL = frozenset(
    "們這個來對說時會國學過發經電無樣請謝貴單價貨號戶匯為與從開關應該見聽買賣書長門車東馬點還後麼麗讓認識間題"
)
_SIMPLIFIED = frozenset(
    "们这个来对说时会国学过发经电无样请谢贵单价货号户汇为与从开关应该见听买卖书长门车东马点还后么丽让认识间题"
)


@dataclass(frozen=True)
class Texts:
    """The text of the mail itself, its other form, and that of an attached mail."""

    main: str
    other: str
    attached: str
    cut: bool


def parse(raw: bytes, envelope: Envelope, authserv_id: str, *, work: Work | None = None) -> CopiedEmail:
    """Read one mail. `authserv_id` names our own mail server; `work` counts what it cost.

    Raises Unreadable.
    """
    if len(raw) > LARGEST:
        raise Unreadable("too_large")
    work = work or Work()
    headers, parts = mime.read(raw[:KEPT], work)
    hint = next((part.charset for part in parts if part.charset), "")
    sender = _sender(headers, envelope, hint)
    subject = masked(decode.header(headers.first("subject"), hint))[:300]
    texts = _texts(parts, work)
    text, older = quotes.newest(texts.main)
    other = "" if "".join(texts.other.split()) == "".join(texts.main.split()) else texts.other
    inner = _forwarded(parts, texts, subject)
    meeting = _meeting(parts, work)
    warnings = [code for code, found in (("cut", texts.cut or len(raw) > KEPT), ("name_is_address", _poses(sender))) if found]
    return CopiedEmail(
        envelope_from=masked(addresses.normal(envelope.mail_from)),
        envelope_to=envelope.rcpt,
        message_id=next(iter(_ids(headers, "message-id")), ""),
        other_ids=_ids(headers, "x-google-original-message-id", "x-microsoft-original-message-id", "x-original-message-id"),
        in_reply_to=_ids(headers, "in-reply-to"),
        references=_ids(headers, "references"),
        sender=Mailbox(name=masked(sender.name), address=masked(sender.address)),
        to=_others(b", ".join(headers.all("to")), hint),
        cc=_others(b", ".join(headers.all("cc")), hint),
        reply_to=_others(headers.first("reply-to"), hint),
        subject=subject,
        sent_at=_date(headers.first("date")),
        excerpt=_excerpt(text, inner, meeting),
        authentication=auth.authentication(headers, authserv_id, sender.domain),
        automatic=kinds.automatic(headers, subject),
        bounce=kinds.bounce(headers, parts, sender, envelope.mail_from.strip("<> "), subject, texts.main, work),
        bulk=kinds.bulk(headers),
        own_loop=kinds.own_loop(headers, sender, envelope.mail_from),
        invitation=meeting,
        forwarded=inner,
        language=_language(f"{subject}\n{text or (inner.text if inner else '')}", hint),
        attachments=tuple(part.name for part in parts if part.name)[:20],
        warnings=tuple(warnings),
        text=masked(text[:LONGEST_TEXT]),
        older=masked(older[:LONGEST_OLDER]),
        other=masked(other[:LONGEST_OLDER]),
    )


def _others(value: bytes, hint: str) -> tuple[Mailbox, ...]:
    """Everyone named but our own secret addresses, which are nobody's counterpart and must not be shown."""
    return tuple(box for box in addresses.mailboxes(value, hint) if not secret_address(box.address))


def _sender(headers: mime.Headers, envelope: Envelope, hint: str) -> Mailbox:
    """The one author. Only a bounce, whose envelope sender is empty, may have none with an address."""
    lines = headers.all("from")
    if len(lines) > 1:
        raise Unreadable("two_from")
    boxes = addresses.mailboxes(lines[0], hint) if lines else ()
    if len([box for box in boxes if box.address]) > 1 or (lines and len(addresses.in_text(_outside_names(lines[0]))) > 1):
        raise Unreadable("two_from")
    with_address = [box for box in boxes if box.address]
    if not with_address:
        if envelope.mail_from.strip("<> "):
            raise Unreadable("no_sender")
        return boxes[0] if boxes else Mailbox()
    return with_address[0]


def _outside_names(value: bytes) -> str:
    """A From line without what is quoted: there a second address is part of a name."""
    return re.sub(rb'"(?:[^"\\]|\\.){0,2000}"', b" ", value).decode("utf-8", "replace") if value.count(b"<") > 1 else ""


def _poses(sender: Mailbox) -> bool:
    """Whether the name shown is another address than the real one."""
    named = addresses.in_text(sender.name)
    return bool(named) and any(address != sender.address for address in named)


def _texts(parts: list[mime.Part], work: Work) -> Texts:
    said: dict[tuple[str, bool], str] = {
        ("text/plain", False): "",
        ("text/html", False): "",
        ("text/plain", True): "",
        ("text/html", True): "",
    }
    total, cut = 0, False
    for part in parts:
        key = (part.kind, part.inside > 0)
        if key not in said or part.attached or part.inside > 1:
            continue
        if total > TEXT_TOTAL:
            cut = True
            break
        found = part.text(work)
        total += len(found)
        if part.kind == "text/html":
            work.spend(8 * min(len(found), 128 * 1024))
            found = markup.to_text(found)
        if found.strip():
            said[key] = f"{said[key]}\n{found}" if said[key] else found
    plain, rich = said["text/plain", False], said["text/html", False]
    return Texts(plain or rich, rich if plain else "", said["text/plain", True] or said["text/html", True], cut)


def _forwarded(parts: list[mime.Part], texts: Texts, subject: str) -> Forwarded | None:
    whole = next((part for part in parts if part.kind == "message/rfc822" and part.inside == 0), None)
    if whole:
        return forwarded.attached(whole.headers, texts.attached)
    return forwarded.in_words(texts.main, subject) or (forwarded.in_words(texts.other, subject) if is_forward(subject) else None)


def _meeting(parts: list[mime.Part], work: Work) -> Invitation | None:
    for part in parts:
        if part.kind in ("text/calendar", "application/ics") and not part.inside:
            method = mime.structured(part.headers.first("content-type"))[1].get("method", b"").decode("ascii", "replace")
            return invitation.invitation(part.text(work), method)
    return None


def _ids(headers: mime.Headers, *names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(i for name in names for i in message_ids(headers.first(name).decode("ascii", "replace"))))


def _date(value: bytes) -> dt.datetime | None:
    """The date of the mail, aware; None for what is no date."""
    try:
        found = parsedate_to_datetime(value[:100].decode("ascii", "replace"))
        return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _excerpt(text: str, inner: Forwarded | None, meeting: Invitation | None) -> str:
    said = text or (quotes.newest(inner.text)[0] if inner else "") or (meeting.summary if meeting else "")
    said = masked(" ".join(said[:LONGEST_TEXT].split()))
    return said if len(said) <= LONGEST_EXCERPT else said[: LONGEST_EXCERPT - 1].rstrip() + "…"


def _language(said: str, charset: str) -> Literal["", "en", "zh-Hans", "zh-Hant"]:
    """By the characters; the charset decides between simplified and traditional where they do not."""
    said = said[:LONGEST_TEXT]
    han, latin = _HAN.findall(said), len(re.findall(r"[A-Za-z]{2,}", said))
    if han and len(han) * 2 >= latin:
        old, new = sum(c in _TRADITIONAL for c in han), sum(c in _SIMPLIFIED and c not in _TRADITIONAL for c in han)
        return "zh-Hant" if old > new or (old == new and charsets.is_traditional(charset)) else "zh-Hans"
    return "en" if latin else ""
