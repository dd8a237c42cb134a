"""What shall be done with this mail: create, close, annotate, escalate, ask, quarantine, ignore or reject?

Pure. Follows headers that our own mail server vouches for and the words of the user; what anybody else wrote in a mail is
read for danger only and never obeyed. Never answers a mail, never closes on a bounce, and never closes a check by telephone.
"""

from __future__ import annotations

from bot.followups import answers
from bot.followups.cautions import BankWords, bank_words, cautions
from bot.followups.copied import CopiedEmail, Forwarded, Mailbox, secret_address, token_digest
from bot.followups.directive import when_asked
from bot.followups.known import Kind, State
from bot.followups.lookalike import resembles
from bot.followups.mail_words import Caution
from bot.followups.threads import bare_subject, id_key, same_subject
from bot.followups.verdict import Judgement, Touched, matching, shown, touched

_DAEMONS = ("mailer-daemon", "postmaster")


def judge(mail: CopiedEmail, state: State) -> Judgement:
    """One mail against what is known. The first rule that fits decides; the order is that of the fact sheet."""
    spoken = bank_words(mail)
    found = _judged(mail, state, spoken)
    said = (*cautions(mail, state, spoken), *found.warnings)
    return found.model_copy(update={"warnings": tuple(dict.fromkeys(said)), "excerpt": shown(mail, said)})


def _judged(mail: CopiedEmail, state: State, spoken: BankWords) -> Judgement:
    if _wrong_address(mail, state):
        return Judgement(action="reject", reason="unknown_address")
    if mail.own_loop:
        return Judgement(action="ignore", reason="loop")
    if mail.bounce:
        return answers.bounced(mail.bounce.original_ids, mail.bounce.failed, mail.bounce.action, state)
    if _is_duplicate(mail, state):
        return Judgement(action="ignore", reason="duplicate")
    if mail.automatic != "reply" and (mail.bulk or mail.automatic == "notice"):
        return Judgement(action="ignore", reason="list" if mail.bulk else "automatic")
    by_user = mail.sender.address in state.person.addresses
    if mail.authentication.dmarc != "pass":
        candidates = matching(mail, state) if not by_user else ()
        return Judgement(
            action="quarantine",
            reason="sender_not_authenticated",
            followups=tuple(touched(f, "sender_not_authenticated") for f in candidates),
            proposed=_proposed(mail, state) if by_user else None,
            warnings=(Caution(code="not_authenticated", found=mail.authentication.dmarc),),
        )
    if by_user:
        return _of_user(mail, state, spoken)
    found = answers.of_others(mail, state, spoken)
    return found.model_copy(update={"proposed": _proposed(mail, state)}) if found.reason == "not_your_address" else found


def _proposed(mail: CopiedEmail, state: State) -> Touched | None:
    """What would be made if the user said that this mail is theirs."""
    would = _created(mail, state, "") if not mail.automatic else None
    return next(iter(would.followups), would.proposed) if would else None


def _of_user(mail: CopiedEmail, state: State, spoken: BankWords) -> Judgement:
    """A mail that is surely the user's: sent to somebody, or forwarded to us."""
    if mail.automatic:
        return Judgement(action="ignore", reason="automatic")
    inner = _inner(mail, state)
    if inner and inner.sender.address.partition("@")[0] in _DAEMONS:
        said = answers.bounced(answers.ids_in(inner), answers.addresses_in(inner), "failed", state)
        return said if said.action == "escalate" else said.model_copy(update={"action": "ask", "reason": "bounce_unclear"})
    if mail.invitation and mail.invitation.method == "cancel":
        open_ones = [f for f in state.followups if f.is_open and same_subject(f.subject, mail.subject)]
        if open_ones:
            return Judgement(
                action="ask", reason="meeting_cancelled", followups=tuple(touched(f, "meeting_cancelled") for f in open_ones)
            )
        return Judgement(action="ignore", reason="meeting_cancelled")
    if red := answers.verify_by_phone(mail, state, _recipients(mail, state, inner), spoken):
        return red
    asked = when_asked(mail.text, mail.subject, _option(mail), noted=not _outside(mail, state))
    if inner and not asked and (known := answers.forwarded_answer(mail, inner, state)):
        return known
    if not inner and (again := _in_thread(mail, state)):
        return again.model_copy(update={"when_text": asked})
    return _created(mail, state, asked)


def _created(mail: CopiedEmail, state: State, asked: str) -> Judgement:
    inner = _inner(mail, state)
    boxes = _recipients(mail, state, inner)
    kind: Kind = "normal"
    matter = Touched(
        kind=kind,
        recipients=tuple(box.address for box in boxes),
        subject=(inner.subject if inner else bare_subject(mail.subject)) or bare_subject(mail.subject),
        contact_name=answers.name_of(boxes[0], state) if boxes else "",
        reason="copied",
        message_id=mail.message_id,
        event_starts=mail.invitation.starts if mail.invitation else "",
    )
    if not boxes:
        return Judgement(action="ask", reason="no_counterpart", proposed=matter, when_text=asked)
    others = [
        f.id
        for f in state.followups
        if f.is_open
        and f.kind == "normal"
        and set(f.recipients) & set(matter.recipients)
        and same_subject(f.subject, matter.subject)
    ]
    warnings = (Caution(code="several_open", found=", ".join(others)),) if others else ()
    return Judgement(action="create", reason="copied", followups=(matter,), when_text=asked, warnings=warnings)


def _in_thread(mail: CopiedEmail, state: State) -> Judgement | None:
    """The user wrote again to the same people in a thread that is open: no second follow-up."""
    to = {box.address for box in _outside(mail, state)}
    hits = [f for f in matching(mail, state) if f.is_open and f.kind == "normal" and to & set(f.recipients)]
    if not hits:
        return None
    return Judgement(action="annotate", reason="sent_again", followups=(touched(hits[0], "sent_again"),))


def _outside(mail: CopiedEmail, state: State) -> tuple[Mailbox, ...]:
    """Whom the mail went to outside of the user's firm, each once, in order."""
    boxes: dict[str, Mailbox] = {}
    for box in (*mail.to, *mail.cc):
        if box.address and not state.is_own(box.address) and box.address.partition("@")[0] not in _DAEMONS:
            known = boxes.get(box.address)
            boxes[box.address] = box if known is None or (box.name and not known.name) else known
    return tuple(boxes.values())


def _recipients(mail: CopiedEmail, state: State, inner: Forwarded | None) -> tuple[Mailbox, ...]:
    """The counterparts: of the mail itself, of a forwarded mail its author or, when the user wrote it, its readers."""
    if outside := _outside(mail, state):
        return outside
    if not inner:
        return ()
    if inner.sender.address and not state.is_own(inner.sender.address):
        return (_meant(inner.sender, state),)
    if not inner.sender.address and inner.sender.name:
        named = [c for c in state.contacts if c.name and c.name.casefold() == inner.sender.name.casefold() and c.email]
        return (Mailbox(name=named[0].name, address=named[0].email.lower()),) if len(named) == 1 else ()
    boxes = {box.address: box for box in inner.to if box.address and not state.is_own(box.address)}
    return tuple(boxes.values())


def _meant(sender: Mailbox, state: State) -> Mailbox:
    """Behind an address that only looks like a contact's stands, for us, the contact: that is whom to call."""
    known = resembles(sender.address, state.outsiders, state.person.own_domains)
    if not known:
        return sender
    alike = [c for c in state.contacts if any(a == known or a.rpartition("@")[2] == known for a in c.addresses)]
    local = sender.address.rpartition("@")[0]
    for contact in alike:
        if contact.name.casefold() == sender.name.casefold() or any(a.rpartition("@")[0] == local for a in contact.addresses):
            return Mailbox(name=sender.name, address=next(a for a in sorted(contact.addresses) if known in a))
    return sender


def _inner(mail: CopiedEmail, state: State) -> Forwarded | None:
    """The forwarded mail; an unmarked quotation counts only in a mail that went to nobody else."""
    if mail.forwarded and (mail.forwarded.marked or not _outside(mail, state)):
        return mail.forwarded
    return None


def _option(mail: CopiedEmail) -> str:
    address = secret_address(mail.envelope_to)
    return address.option if address else ""


def _wrong_address(mail: CopiedEmail, state: State) -> bool:
    """Whether the mail came to another secret address than the person's, where theirs is given."""
    theirs, used = secret_address(state.person.address), secret_address(mail.envelope_to)
    return bool(theirs) and (used is None or token_digest(used.token) != token_digest(theirs.token if theirs else ""))


def _is_duplicate(mail: CopiedEmail, state: State) -> bool:
    ids = {id_key(i) for i in (mail.message_id, *mail.other_ids) if i}
    known = {id_key(i) for i in state.seen} | {id_key(i) for f in state.followups for i in f.ids}
    return bool(ids & known)
