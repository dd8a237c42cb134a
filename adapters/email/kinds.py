"""What kind of mail is it by its headers: a bounce, an automatic answer, a list's, our own coming back?

Pure. Marks of machines are read from headers and well-known subjects, in English and Chinese; nothing is decided here.
"""

from __future__ import annotations

import re
from typing import Literal

from adapters.email import addresses, decode
from adapters.email.limits import Work
from adapters.email.mime import Headers, Part, structured
from bot.followups.copied import Bounce, Mailbox, secret_address
from bot.followups.threads import message_ids

_DAEMONS = frozenset(
    {"mailer-daemon", "postmaster", "mailerdaemon", "mail-daemon", "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e"}
)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|returned mail|delivery (?:status|failure|has failed|report)|mail delivery (?:failed|system)|failure notice|"
    r"non[- ]delivery|"
    r"delivery.{0,20}(?:failed|delay)|退信|未能送达|无法送达|未送达|投递失败|发送失败|传递失败|無法傳遞|邮件被退回|退件",
    re.IGNORECASE,
)
_DELAY_SUBJECT = re.compile(r"delay|warning: could not send|still trying|延迟|延遲|仍在尝试", re.IGNORECASE)
_AUTO_SUBJECT = re.compile(
    r"\s*(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|autoreply|out of (?:the )?office|ooo\b|away from|"
    r"on (?:vacation|leave|holiday)\b|"
    r"abwesenheit|自动回复|自动答复|自動回覆|自动应答|自動回復|休假|外出|不在办公室|假期自动)",
    re.IGNORECASE,
)
_RECIPIENT = re.compile(r"^(?:final|original)-recipient[ \t]*:[^;\n]{0,40};[ \t]*(\S{1,320})", re.IGNORECASE | re.MULTILINE)
_ACTION = re.compile(r"^action[ \t]*:[ \t]*([A-Za-z]{1,20})", re.IGNORECASE | re.MULTILINE)
_QUOTED_ID = re.compile(r"message-?id\s*[:：]\s*(<[^<>\s]{3,250}>)", re.IGNORECASE)
_MOST_RECEIVED = 50
_READ = 20_000
"""Characters of a report that are looked through."""


def automatic(headers: Headers, subject: str) -> Literal["", "reply", "notice"]:
    """Whether a machine sent it: as an answer to a mail, or of itself. X-Auto-Response-Suppress is no such mark."""
    submitted = headers.word("auto-submitted")
    precedence = headers.word("precedence")
    if submitted.startswith("auto-replied") or precedence in ("auto_reply", "auto-reply") or _AUTO_SUBJECT.match(subject):
        return "reply"
    if any(headers.first(name) for name in ("x-autoreply", "x-autorespond", "x-auto-reply")):
        return "reply"
    return "notice" if submitted and submitted != "no" else ""


def bulk(headers: Headers) -> bool:
    """Whether a list or a mass mailer sent it."""
    return headers.word("precedence") in ("bulk", "list", "junk") or bool(
        headers.first("list-id") or headers.first("list-unsubscribe")
    )


def own_loop(headers: Headers, sender: Mailbox, envelope_from: str) -> bool:
    """Whether it comes from one of our own addresses or has gone round in circles."""
    ours = any(secret_address(address) for address in (sender.address, envelope_from))
    marks = b" ".join(headers.all("x-loop")).decode("ascii", "replace").lower()
    senders = b" ".join([*headers.all("sender"), *headers.all("return-path"), *headers.all("resent-from")])
    ours = ours or any(secret_address(address) for address in addresses.in_text(senders.decode("ascii", "replace")[:_READ]))
    return ours or "caucus" in marks or "fu." in marks or len(headers.all("received")) > _MOST_RECEIVED


def bounce(
    headers: Headers, parts: list[Part], sender: Mailbox, envelope_from: str, subject: str, said: str, work: Work
) -> Bounce | None:
    """The delivery report, by RFC 3464 or as Chinese providers write it in words; None when it is none."""
    reports = [
        part for part in parts if part.kind in ("message/delivery-status", "message/global-delivery-status") and not part.inside
    ]
    kind, parameters = structured(headers.first("content-type"))
    reported = bool(reports) or (kind == "multipart/report" and parameters.get("report-type", b"").lower() == b"delivery-status")
    machine = sender.address.partition("@")[0] in _DAEMONS or sender.name.lower() in _DAEMONS or not envelope_from
    if not reported and not (machine and (_BOUNCE_SUBJECT.search(subject) or headers.first("x-failed-recipients"))):
        return None
    said = said[:_READ]
    status = "\n".join(part.text(work)[:_READ] for part in reports)
    failed, actions = _status(status)
    failed += list(addresses.in_text(headers.first("x-failed-recipients").decode("ascii", "replace")))
    if not failed:
        failed = [address for address in addresses.in_text(_QUOTED_ID.sub(" ", said)) if address != sender.address]
    action: Literal["failed", "delayed", "delivered"] = "failed"
    if "failed" not in actions:
        if "delayed" in actions or (not actions and _DELAY_SUBJECT.search(subject)):
            action = "delayed"
        elif actions & {"delivered", "relayed", "expanded"}:
            action = "delivered"
    return Bounce(action=action, original_ids=_quoted(headers, parts, said, work), failed=tuple(dict.fromkeys(failed))[:20])


def _status(said: str) -> tuple[list[str], set[str]]:
    recipients = _RECIPIENT.findall(said)
    failed = [addresses.normal(decode.one_line(value)) or value.lower() for value in recipients]
    return failed, {value.lower() for value in _ACTION.findall(said)}


def _quoted(headers: Headers, parts: list[Part], said: str, work: Work) -> tuple[str, ...]:
    """Message-IDs of the mail that the report is about."""
    found: list[str] = []
    for part in parts:
        if part.kind == "message/rfc822" and part.inside == 0:
            found += message_ids(part.headers.first("message-id").decode("ascii", "replace"))
        elif part.kind in ("text/rfc822-headers", "message/rfc822-headers") and not part.inside:
            found += _QUOTED_ID.findall(part.text(work)[:_READ])
    found += message_ids(b" ".join([headers.first("in-reply-to"), headers.first("references")]).decode("ascii", "replace"))
    found += _QUOTED_ID.findall(said)
    return tuple(dict.fromkeys(found))[:20]
