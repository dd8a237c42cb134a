"""What did the person say to a question about a copied mail? A button or its number, or a name: whom the mail is about."""

from __future__ import annotations

import re

from bot.conversations.followup_aside import leaves_making
from bot.conversations.mail_whom import somebody
from bot.conversations.small_talk import no
from bot.conversations.turn import Turn
from bot.errors import Refused
from bot.followups import held, mail_cards
from bot.followups.mail_acts import Desk
from bot.followups.mail_words import mail_says
from bot.intents.normalise import normalise
from bot.messages import Card

MOST_LISTED = 10
_LONGEST = 120
_NOBODY = re.compile(r"(?:nobody|no ?one|myself|me|just remind me|没有?对方|没谁|没有人|我自己|只提醒我|提醒我就行)[.!。！]*")
_NONE = re.compile(
    r"(?:none|skip(?: it)?|leave it|ignore(?: it)?|no follow[ -]?up|don'?t follow up|不用跟进|不跟进|不用管|忽略|跳过)[.!。！]*"
)


def press(turn: Turn, value: str) -> bool:
    """`ANSWER:ID` of a question; False when it is of another form. Harmless twice: the second time it is said to be settled."""
    said, _, mail_id = value.partition(":")
    if not said or not mail_id:
        return False
    desk, turn.state.whom = _desk(turn), None
    if said == "waiting":
        turn.show(mail_cards.listing(desk, held.waiting(turn.session, turn.person, MOST_LISTED)))
        return True
    try:
        row, kept = held.find(desk, mail_id)
        if said == "show" or (said == "yes" and kept.lacks_somebody):
            row.question = "open"  # it has been asked now
            card = mail_cards.question(desk, row, kept, mine=said == "yes")
            turn.state.whom = mail_id if card.id == mail_cards.WHOM else None
            turn.show(card)
            return True
        _settle(turn, desk, mail_id, said)
    except Refused:
        turn.show(_notice(turn, "answered"))
    return True


def answer(turn: Turn, text: str) -> bool:
    """Take words as the answer to "whom is this about?"; False when that is not asked, or they are something else.

    It stays asked meanwhile, until something is pressed or the talk is over.
    """
    mail_id = turn.state.whom
    if not mail_id or not text or len(text) > _LONGEST:
        return False
    plain = normalise(text)
    said = "nobody" if _NOBODY.fullmatch(plain) else "no" if no(text) or _NONE.fullmatch(plain) or leaves_making(text) else "yes"
    name, email = somebody(turn, text) if said == "yes" else ("", "")
    if said == "yes" and not name and not email:
        return False
    try:
        _settle(turn, _desk(turn), mail_id, said, name, email)
    except Refused:
        return False
    turn.state.whom = None
    return True


def _settle(turn: Turn, desk: Desk, mail_id: str, said: str, name: str = "", email: str = "") -> None:
    turn.intent = "followup-create"
    row, touched = held.answer(desk, mail_id, said, name=name, email=email)
    if touched:
        card = mail_cards.settled(desk, touched[0])
    else:
        card = _notice(turn, "forged" if row.reason == "sender_not_authenticated" else "kept")
    turn.show(mail_cards.with_waiting(desk, card))


def _desk(turn: Turn) -> Desk:
    return Desk(turn.session, turn.person, turn.now, turn.rules, turn.lang)


def _notice(turn: Turn, name: str) -> Card:
    return Card(id="mail", kind="notice", lang=turn.lang, text=mail_says(name, turn.lang))
