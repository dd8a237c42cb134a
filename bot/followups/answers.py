"""What does a mail that somebody else wrote mean for the open follow-ups? Bounces, replies, absences, bank details.

Pure. References and sender together close; one of them alone asks; a claim about bank accounts opens a check by telephone.
"""

from __future__ import annotations

import re

from bot.followups.cautions import BankWords
from bot.followups.copied import CopiedEmail, Forwarded, Mailbox
from bot.followups.directive import away_until
from bot.followups.known import PUBLIC_DOMAINS, OpenFollowup, State
from bot.followups.lookalike import resembles
from bot.followups.mail_words import Caution
from bot.followups.texts import TASK
from bot.followups.threads import bare_subject, message_ids, same_subject
from bot.followups.verdict import Judgement, Touched, matching, touched, with_ids

_ABSENCE = re.compile(
    r"out of (?:the )?office|\booo\b|vacation|annual leave|on leave|holiday|travel|away|absent|absence|back (?:on|in)|return|"
    r"休假|外出|出差|放假|"
    r"不在|年假|返回|假期|出国",
    re.IGNORECASE,
)


def bounced(ids: tuple[str, ...], failed: tuple[str, ...], action: str, state: State) -> Judgement:
    """A delivery report: escalates what it quotes, even unauthenticated, and never closes."""
    hits = with_ids(ids, state)
    if action == "delivered":
        return Judgement(action="ignore", reason="delivery_report")
    if hits:
        open_ones = [f for f in hits if f.is_open]
        if not open_ones:
            return Judgement(action="ignore", reason="already_closed")
        reason = "delayed" if action == "delayed" else "not_delivered"
        return Judgement(action="escalate", reason=reason, followups=tuple(touched(f, reason) for f in open_ones))
    if near := [f for f in state.followups if f.is_open and set(f.recipients) & set(failed)]:
        return _ask("bounce_unclear", near)
    return Judgement(action="quarantine", reason="bounce_not_ours")


def of_others(mail: CopiedEmail, state: State, spoken: BankWords) -> Judgement:
    """A mail whose author is authenticated and is not the user."""
    sender = mail.sender.address
    hits = matching(mail, state)
    theirs = [f for f in state.followups if sender in f.recipients]
    known = bool(theirs) or state.contact(sender) is not None
    if known and not mail.automatic and (red := verify_by_phone(mail, state, (mail.sender,), spoken)):
        return red
    if mail.automatic == "reply":
        return _absent(mail, theirs, hits)
    answered = [f for f in hits if f in theirs]
    if answered:
        return _answered(mail, answered)
    if state.is_own(sender):
        reason = "own_colleague" if hits else "not_your_address"
        return Judgement(action="ignore" if hits else "quarantine", reason=reason)
    waiting = [f for f in theirs if f.is_open]
    open_hits = [f for f in hits if f.is_open]
    if open_hits:
        return _ask("colleague_of_counterpart" if _same_firm(sender, open_hits) else "sender_differs", open_hits)
    if waiting:
        same = [f for f in waiting if same_subject(f.subject, mail.subject)]
        if mail.invitation:
            return _ask("meeting_answer", same or waiting, mail)
        return _ask("subject_only", same) if same else _ask("sender_only", waiting)
    return _of_strangers(mail, state, spoken)


def verify_by_phone(mail: CopiedEmail, state: State, boxes: tuple[Mailbox, ...], spoken: BankWords) -> Judgement | None:
    """The red follow-up when the mail speaks of other bank details; None when it does not.

    Somebody else's mere naming of bank details counts as well: a forger need not say that they are new.
    """
    level = spoken.newest
    own_words = mail.sender.address in state.person.addresses and not (mail.forwarded and mail.forwarded.marked)
    reds = [
        f for f in state.followups if f.is_open and f.kind == "verify_by_phone" and set(f.recipients) & {b.address for b in boxes}
    ]
    if not (level == "change" or (level == "details" and not own_words) or (spoken.older and not reds)):
        return None
    if reds:
        return Judgement(
            action="annotate", reason="bank_change_again", followups=tuple(touched(f, "bank_change_again") for f in reds)
        )
    inner = mail.forwarded if mail.forwarded and mail.forwarded.marked else None
    red = Touched(
        kind="verify_by_phone",
        recipients=tuple(dict.fromkeys(box.address for box in boxes if box.address)),
        subject=(inner.subject if inner else "") or bare_subject(mail.subject),
        contact_name=name_of(boxes[0], state) if boxes else "",
        reason="bank_change",
        message_id=mail.message_id,
    )
    return Judgement(action="create", reason="bank_change", followups=(red,), warnings=(Caution(code="verify_by_phone"),))


def forwarded_answer(mail: CopiedEmail, inner: Forwarded, state: State) -> Judgement | None:
    """A reply that the user forwarded by hand: with references it closes, with the subject alone it asks."""
    theirs = [f for f in state.followups if inner.sender.address and inner.sender.address in f.recipients]
    answered = [f for f in matching(mail, state) if f in theirs and f.is_open and f.kind == "normal"]
    if answered:
        return Judgement(
            action="close", reason="replied", followups=tuple(touched(f, "replied", state="closed") for f in answered)
        )
    same = [f for f in theirs if f.is_open and f.kind == "normal" and same_subject(f.subject, inner.subject)]
    return _ask("subject_only", same) if same else None


def ids_in(inner: Forwarded) -> tuple[str, ...]:
    """Message-IDs in the text of a forwarded bounce."""
    return message_ids(" ".join(re.findall(r"<[^<>\s]{3,250}@[^<>\s]{1,250}>", inner.text)))


def addresses_in(inner: Forwarded) -> tuple[str, ...]:
    """Addresses in the text of a forwarded bounce, in small letters."""
    return tuple(dict.fromkeys(found.lower() for found in re.findall(r"[\w.+-]{1,64}@[\w.-]{1,190}\w", inner.text)))[:20]


def name_of(box: Mailbox, state: State) -> str:
    """How to call them: the name in the mail, else the contact's, else what stands before the @."""
    if box.name and "@" not in box.name:
        return box.name
    contact = state.contact(box.address)
    return (contact.name if contact else "") or box.address.partition("@")[0]


def _answered(mail: CopiedEmail, answered: list[OpenFollowup]) -> Judgement:
    """References and sender match."""
    closing = [f for f in answered if f.is_open and f.kind == "normal"]
    if not closing:
        if reds := [f for f in answered if f.is_open]:
            return Judgement(action="annotate", reason="verify_first", followups=tuple(touched(f, "verify_first") for f in reds))
        return Judgement(
            action="ignore", reason="already_closed", followups=tuple(touched(f, "already_closed") for f in answered)
        )
    warnings: list[Caution] = []
    if not any(same_subject(f.subject, mail.subject) for f in closing):
        warnings.append(Caution(code="subject_changed"))
    if mail.invitation and mail.invitation.answer == "declined":
        warnings.append(Caution(code="declined"))
    return Judgement(
        action="close",
        reason="replied",
        followups=tuple(touched(f, "replied", state="closed") for f in closing),
        warnings=tuple(warnings),
    )


def _absent(mail: CopiedEmail, theirs: list[OpenFollowup], hits: tuple[OpenFollowup, ...]) -> Judgement:
    """An automatic answer: holds for the matter it names, or for all that wait for this person; closes nothing."""
    waiting = [f for f in theirs if f.is_open]
    if not waiting:
        if near := [f for f in hits if f.is_open]:
            return _ask("sender_differs", near)
        return Judgement(action="ignore", reason="automatic")
    named = [f for f in waiting if f in hits] or [f for f in waiting if same_subject(f.subject, mail.subject)] or waiting
    reason = "out_of_office" if _ABSENCE.search(f"{mail.subject}\n{mail.text}") else "auto_reply"
    return Judgement(
        action="annotate",
        reason=reason,
        followups=tuple(touched(f, reason) for f in named),
        away_text=away_until(mail.text) if reason == "out_of_office" else "",
    )


def _of_strangers(mail: CopiedEmail, state: State, spoken: BankWords) -> Judgement:
    """Nobody it can be from: held, with the follow-ups of the same firm to choose from, else to be dealt with."""
    sender = mail.sender.address
    firm = [f for f in state.followups if f.is_open and _same_firm(sender, [f])]
    if firm and (same := [f for f in firm if same_subject(f.subject, mail.subject)]):
        return _ask("colleague_of_counterpart", same)
    if state.contact(sender):
        return Judgement(action="quarantine", reason="no_open_followup", proposed=_to_answer(mail, state))
    meant = resembles(sender, state.outsiders, state.person.own_domains)
    near = [f for f in state.followups if meant and f.is_open and any(meant in address for address in f.recipients)]
    red = verify_by_phone(mail, state, (mail.sender,), spoken)
    return Judgement(
        action="quarantine",
        reason="unknown_sender",
        followups=tuple(touched(f, "unknown_sender") for f in [*firm, *near]),
        proposed=None if firm or meant else red.followups[0] if red else _to_answer(mail, state),
    )


def _to_answer(mail: CopiedEmail, state: State) -> Touched:
    """Somebody wrote and nothing waits for it: a thing to do for the user, where they want it."""
    return Touched(
        recipients=(mail.sender.address,),
        subject=bare_subject(mail.subject),
        contact_name=name_of(mail.sender, state),
        reason=TASK,
        message_id=mail.message_id,
    )


def _same_firm(address: str, followups: list[OpenFollowup]) -> bool:
    domain = address.rpartition("@")[2]
    return domain not in PUBLIC_DOMAINS and any(recipient.endswith("@" + domain) for f in followups for recipient in f.recipients)


def _ask(reason: str, followups: list[OpenFollowup], mail: CopiedEmail | None = None) -> Judgement:
    declined = mail is not None and mail.invitation is not None and mail.invitation.answer == "declined"
    return Judgement(
        action="ask",
        reason=reason,
        followups=tuple(touched(f, reason) for f in followups),
        warnings=(Caution(code="declined"),) if declined else (),
    )
