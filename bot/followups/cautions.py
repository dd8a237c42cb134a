"""Of what must the user be warned before they act on a mail? Pure; warns of all, decides nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.followups import bank
from bot.followups.copied import CopiedEmail
from bot.followups.known import State
from bot.followups.lookalike import resembles
from bot.followups.mail_words import Caution

_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.\n]{0,30}\b(?:earlier|previous|prior|above|all|your)\b[^.\n]{0,20}\b(?:rules?|"
    r"instructions?|prompts?|messages?|guidelines)\b|^\s*(?:<!--\s*)?(?:system|assistant|developer)\s*[:：]|"
    r"\byou are now\b[^.\n]{0,40}\b(?:assistant|ai|bot|model)\b|"
    r"(?:忽略|无视|忘记|不要理会)[^。\n]{0,12}(?:之前|以上|以前|所有|上述|先前)[^。\n]{0,10}(?:指令|规则|提示|要求|命令)|"
    r"^\s*(?:系统|助手)\s*(?:指令|提示)?[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_ORDER_WORDS = (
    *("ignore", "disregard", "forget", "override", "system", "assistant", "developer", "you are now"),
    *("忽略", "无视", "忘记", "不要理会", "系统", "助手"),
)
"""One of them stands in every order: a cheap look before the costly one."""
_LISTED = 3


@dataclass(frozen=True)
class BankWords:
    """What a mail says of bank accounts: in its own words, and in what looks like a quotation or its other form."""

    newest: str
    older: str


def bank_words(mail: CopiedEmail) -> BankWords:
    """Read once for each mail: it is the costliest look at a text."""
    older = bank.speaks_of(f"{mail.older}\n"), bank.speaks_of(f"{mail.other}\n")
    return BankWords(bank.speaks_of(_newest_words(mail)), "change" if "change" in older else "")


def cautions(mail: CopiedEmail, state: State, spoken: BankWords) -> tuple[Caution, ...]:
    """Every warning about one mail, the gravest first."""
    found: list[Caution] = []
    if "change" in (spoken.newest, spoken.older):
        found.append(Caution(code="verify_by_phone"))
    elif spoken.newest == "details":
        found.append(Caution(code="bank_details"))
    found += _look_alikes(mail, state)
    if (reply := _reply_elsewhere(mail, state)) and not mail.bounce:
        found.append(Caution(code="reply_elsewhere", found=reply))
    inner = mail.forwarded.text if mail.forwarded else ""
    said = f"{mail.subject}\n{mail.text}\n{inner}\n{mail.other}\n{mail.older}"
    small = said.lower()
    if any(word in small for word in _ORDER_WORDS) and _ORDERS.search(said):
        found.append(Caution(code="instructions"))
    found += [Caution(code=code) for code in mail.warnings if code in ("cut", "name_is_address")]
    return tuple(found)


def _newest_words(mail: CopiedEmail) -> str:
    """What this mail says of its own: subject, new text, names of attachments and, of a forward, the mail inside."""
    inner = (mail.forwarded.subject, mail.forwarded.text) if mail.forwarded and mail.forwarded.marked else ()
    names = (re.sub(r"[._-]+", " ", name) for name in mail.attachments)
    return "\n".join((mail.subject, mail.text, *inner, *names))


def _look_alikes(mail: CopiedEmail, state: State) -> list[Caution]:
    boxes = [mail.sender, *mail.reply_to, *mail.to, *mail.cc]
    if mail.forwarded:
        boxes += [mail.forwarded.sender, *mail.forwarded.to]
    found: list[Caution] = []
    for address in dict.fromkeys(box.address for box in boxes if box.address):
        if state.is_own(address):
            continue
        if known := resembles(address, state.outsiders - {address}, state.person.own_domains):
            if address in state.outsiders and state.contact(address):
                continue
            found.append(Caution(code="look_alike", found=address if "@" in known else address.rpartition("@")[2], known=known))
    return list(dict.fromkeys(found))[:_LISTED]


def _reply_elsewhere(mail: CopiedEmail, state: State) -> str:
    """The domain of a Reply-To that is neither the author's nor one of the user's own."""
    for box in mail.reply_to:
        if box.address and mail.sender.domain and box.domain != mail.sender.domain and not state.is_own(box.address):
            return box.domain
    return ""
