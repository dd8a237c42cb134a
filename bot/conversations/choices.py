"""What was pressed? A choice is a short text `kind:value` made by us; anything else, or an old one, is told so."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import delete

from bot.conversations import (
    broadcast_votes,
    clock,
    commands,
    flow_form,
    flow_talk,
    followup_talk,
    links,
    mail_address,
    mail_talk,
    tip_talk,
    unanswered,
)
from bot.conversations.answer import advice, notice, shelf
from bot.conversations.flow_progress import Progress
from bot.conversations.inbox import State
from bot.conversations.tables import VoteRow
from bot.conversations.turn import Turn
from bot.delivery import answers
from knowledge.text import bare

_NUMBER = re.compile(r"^(?:第|no\.?|option|nr\.?|#|\()?\s*(\d{1,2})\s*(?:个|项|号|条)?\s*[.。、)]?$")
_CHINESE_NUMBERS = {"一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9"}


def typed(state: State, text: str) -> str | None:
    """The choice that a typed number or label means, among those offered last; enough of a label's beginning will do."""
    said = unicodedata.normalize("NFKC", text).strip().casefold()
    if len(said) <= 4:
        said = "".join(_CHINESE_NUMBERS.get(c, c) for c in said)
    if match := _NUMBER.match(said):
        number = int(match.group(1))
        return state.choices[number - 1][0] if 1 <= number <= len(state.choices) else None
    label = bare(text)
    if whole := next((choice for choice, title in state.choices if label and bare(title) == label), None):
        return whole
    may_begin = [each for each in state.choices if not each[0].startswith("fu:called:")]  # what was called must be said whole
    begun = [choice for choice, title in may_begin if bare(title).startswith(label)]
    return begun[0] if len(begun) == 1 and len(label) >= (8 if label.isascii() else 4) else None


def press(turn: Turn, choice: str) -> None:
    """Do what a choice says; the bare id of a card or command is a choice too."""
    if choice in turn.kb.cards:
        choice = f"card:{choice}"
    elif choice in turn.kb.commands:
        choice = f"command:{choice}"
    kind, _, value = choice.partition(":")
    if turn.state.asked is not None and kind in ("card", "command", "none"):
        unanswered.note_choice(turn.session, turn.state.asked, turn.person.id, value or None)
        turn.state.asked = None
    turn.state.whom = None  # something else is before them now
    if kind == "card" and value in turn.kb.cards:
        turn.intent = turn.state.card = value
        turn.show(advice(turn.kb, value, turn.lang))
    elif kind == "theme" and value in turn.kb.themes:
        turn.show(shelf(turn.kb, value, turn.lang))
    elif kind == "command" and value in turn.kb.commands:
        commands.run(turn, value)
    elif kind == "lang" and value in ("en", "zh"):
        commands.set_language(turn, "zh" if value == "zh" else "en")
        turn.intent = "language"
    elif kind == "erase" and turn.state.pending == "erase":
        commands.erase(turn, confirmed=value == "yes")
    elif kind == "none":
        turn.decision = "unknown"
        turn.show(notice("none.answer", turn.lang))
    elif not _done(turn, kind, value):
        turn.show(notice("stale", turn.lang))


def _done(turn: Turn, kind: str, value: str) -> bool:
    """What may be too old to be done, or mean nothing there; False then."""
    if kind in ("flow", "fact", "step"):
        return flow_talk.press(turn, Progress.of(turn), f"{kind}:{value}")
    if kind in ("unlink", "prefer"):
        return links.press(turn, kind, value)
    actions = {
        "bc": broadcast_votes.press,
        "form": flow_form.press,
        "share": _share,
        "vote": _vote,
        "mail": mail_talk.press,
        "address": mail_address.press,
        "fu": followup_talk.press,
        "tip": tip_talk.press,
    }
    return actions[kind](turn, value) if kind in actions else clock.press(turn, kind, value)


def _share(turn: Turn, delivery_id: str) -> bool:
    """Show the room a card that only this person saw: without its buttons. False when it was not theirs."""
    found = answers.card_of(turn.session, delivery_id)
    if found is None or str(found[1]) != str(turn.inbound.address):
        return False
    choices = turn.state.choices
    turn.show(found[0].model_copy(update={"choices": []}))
    turn.state.choices = choices
    turn.intent = turn.state.card
    return True


def _vote(turn: Turn, value: str) -> bool:
    """Count a vote: one a person and card, the last one holds. False for an unknown card."""
    word, _, card = value.partition(":")
    if card not in turn.kb.cards or word not in ("useful", "not"):
        return False
    turn.session.execute(delete(VoteRow).where(VoteRow.person_id == turn.person.id, VoteRow.card == card))
    turn.session.add(VoteRow(person_id=turn.person.id, card=card, useful=word == "useful", at=turn.now))
    if word == "not" and turn.state.said and not turn.inbound.outsider:
        unanswered.keep(turn.session, turn.address, turn.state.said, turn.lang, "not_useful", [card], turn.now)
    choices = turn.state.choices
    turn.show(notice(f"voted.{word}", turn.lang))
    turn.state.choices = choices  # the card is still before them, and so are its numbers
    turn.intent = "feedback"
    return True
