"""What did the person say to a question about a copied mail? A button or its number: yes, no, or which follow-up it is."""

from __future__ import annotations

from bot.conversations.turn import Turn
from bot.errors import Refused
from bot.followups import held, mail_cards
from bot.followups.mail_acts import Desk
from bot.followups.mail_words import mail_says
from bot.messages import Card


def press(turn: Turn, value: str) -> bool:
    """`ANSWER:ID` of a question; False when it is of another form. Harmless twice: the second time it is said to be settled."""
    said, _, mail_id = value.partition(":")
    if not said or not mail_id:
        return False
    desk = Desk(turn.session, turn.person, turn.now, turn.rules, turn.lang)
    turn.intent = "followup-create"
    try:
        row, touched = held.answer(desk, mail_id, said)
    except Refused:
        turn.show(_notice(turn, "answered"))
        return True
    if touched:
        turn.show(mail_cards.settled(desk, touched[0], made=row.action == "quarantine"))
    else:
        turn.show(_notice(turn, "forged" if row.reason == "sender_not_authenticated" else "kept"))
    return True


def _notice(turn: Turn, name: str) -> Card:
    return Card(id="mail", kind="notice", lang=turn.lang, text=mail_says(name, turn.lang))
