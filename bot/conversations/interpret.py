"""What does one message mean in the middle of this talk, and what follows? Choice, code, follow-up, flow, or a question."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversations import (
    choices,
    clock,
    commands,
    flow_talk,
    followup_make,
    followup_talk,
    mail_talk,
    my_data,
    my_data_asked,
    my_email,
    paging,
    sign_in,
    small_talk,
    spotting,
    tip_talk,
    unanswered,
)
from bot.conversations.answer import advice, notice, offer, unknown
from bot.conversations.aspects import Aspects
from bot.conversations.flow_answers import says_fact
from bot.conversations.flow_progress import Progress
from bot.conversations.turn import SURELY_ELSEWHERE, Turn
from bot.intents.match import Understanding
from bot.messages import Choice
from bot.people import linking
from knowledge.schema import Aspect

_SETTINGS = frozenset({"language", "zone", "quiet-hours", "mail-address", "delete-my-data"})
"""Commands that no answer to a flow's question resembles."""


def interpret(turn: Turn, seen: Sequence[spotting.Seen], aspects: Aspects) -> None:
    """Show the answer in the turn and change its state."""
    if turn.inbound.quoted and turn.understood:
        spotting.show(turn, seen)
        return
    text = turn.inbound.text.strip()
    choice = turn.inbound.choice or (choices.typed(turn.state, text) if len(text) <= 80 else None)
    if not choice and turn.state.pending == "erase":
        choice = commands.erasure_said(text)
    progress = Progress.of(turn)
    aspect = aspects.recognise(text) if turn.state.card and not choice else None
    if not turn.inbound.choice and paging.asks_for_more(turn.state, text):
        paging.read_on(turn)
        return
    if not choice and my_email.answer(turn, text):
        return
    if not choice and (email := my_email.address_in(text)):
        my_email.tell(turn, email)
        return
    if not choice and linking.expects_code(turn.session, text, turn.now):
        commands.run(turn, "link")
        return
    if not choice and sign_in.asked_for(text):
        sign_in.tell(turn)
        return
    if not choice and my_data_asked.asked_for(text):
        my_data.tell(turn)
        return
    if not choice and mail_talk.answer(turn, text):
        return
    asked_about_card = aspect and not (progress and progress.current and progress.answered)
    if choice:
        choices.press(turn, choice)
    elif text and (followup_talk.answer(turn, text) or clock.answer(turn, text) or tip_talk.answer(turn, text)):
        pass
    elif asked_about_card and aspect:
        _say_more(turn, aspect)
    elif progress and text and (_answers_flow if progress.current else flow_talk.answer)(turn, progress, text):
        pass
    elif turn.state.asked is not None and small_talk.no(text):
        choices.press(turn, "none")
    elif small_talk.asks_who(text):
        turn.intent = "help"
        turn.show(notice("who", turn.lang))
    elif small_talk.only_heard(text):
        turn.intent = "thanks"
        turn.show(notice("heard", turn.lang))
    elif turn.understood is None:
        turn.decision = "unknown"
        turn.show(notice("empty", turn.lang))
    else:
        _decide(turn, turn.understood)
    flow_talk.offer_way_back(turn)


def _say_more(turn: Turn, aspect: Aspect) -> None:
    """Parts of the card before them again; what a number refers to stays as it was."""
    assert turn.state.card
    turn.intent = turn.state.card
    kept = turn.state.choices
    turn.show(advice(turn.kb, turn.state.card, turn.lang, only=aspect.fields, heading=getattr(aspect.title, turn.lang)))
    turn.state.choices = kept


def _answers_flow(turn: Turn, progress: Progress, text: str) -> bool:
    """Whether the message answered the flow's question; a clear question of its own is answered instead."""
    assert progress.current
    flow = turn.kb.flows[progress.flow]
    home = turn.kb.cards[flow.card]
    meant = turn.understood.intent if turn.understood else None
    elsewhere = meant is not None and meant != home.id
    other_matter = meant in _SETTINGS or (meant in turn.kb.cards and meant not in home.near)
    far = other_matter and turn.confidence_in_first >= SURELY_ELSEWHERE
    if ((elsewhere and far) or followup_talk.is_about(turn, text)) and not says_fact(flow, progress.current, text):
        return False
    if flow_talk.answer(turn, progress, text):
        return True
    if elsewhere:
        return False
    flow_talk.unclear(turn, progress)
    return True


def _decide(turn: Turn, understood: Understanding) -> None:
    turn.state.pending = None
    turn.decision = understood.decision
    turn.confidence = understood.offered[0].probability if understood.offered else 1 - understood.out_of_scope
    intent = understood.intent
    if not (intent or "").startswith("followup-") and followup_make.wanted(turn.inbound.text):
        intent = "followup-create"
    if intent in turn.kb.commands:
        commands.run(turn, intent)
        return
    turn.state.said, turn.state.likely, turn.state.asked = unanswered.strip(turn.inbound.text), turn.likely, None
    if intent:
        turn.intent = turn.state.card = intent
        second = [c.intent for c in understood.candidates[1:2] if c.probability >= 0.12]
        way_back = flow_talk.leave(turn)
        card = advice(turn.kb, intent, turn.lang, instead=second)
        turn.show(card.model_copy(update={"choices": [way_back, *card.choices]}) if way_back else card)
        flow_talk.start_from(turn, intent, turn.inbound.text)
    elif understood.decision == "ask":
        offered = [c.intent for c in understood.offered]
        turn.state.asked = _keep(turn, "asked_back")
        turn.state.card = None
        card = offer(turn.kb, offered, turn.lang)
        turn.offered = [Choice(id=intent, title=turn.kb.title(intent, turn.lang)) for intent in offered]
        turn.show(card)
    else:
        _keep(turn, "unknown")
        turn.state.card = None
        turn.show(unknown(turn.kb, turn.lang))


def _keep(turn: Turn, reason: unanswered.Reason) -> int | None:
    if turn.inbound.outsider:
        return None
    return unanswered.keep(turn.session, turn.address, turn.inbound.text, turn.lang, reason, turn.likely, turn.now).id
