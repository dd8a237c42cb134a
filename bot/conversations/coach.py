"""The one entry: one thing a person said becomes an answer, once, in one transaction.

`receive` never raises for what a person typed. It raises Unavailable when the database is away; then nothing is
kept and the same message may come again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from bot.conversations import choices, clock, commands, flow_talk, followup_make, followup_talk, inbox, unanswered
from bot.conversations.answer import advice, notice, offer, unknown
from bot.conversations.aspects import Aspects
from bot.conversations.flow_answers import facts_from
from bot.conversations.followup_seen import catch_up
from bot.conversations.inbox import State
from bot.conversations.turn import Turn
from bot.db import reading, writing
from bot.delivery import outbox
from bot.followups.rules import Rules
from bot.intents.match import Matcher, Understanding
from bot.intents.normalise import has_words, language
from bot.messages import LONGEST_UTTERANCE, Address, Answer, Card, Choice, Inbound, Lang
from bot.people import directory
from knowledge.load import KnowledgeBase
from knowledge.schema import Aspect

log = structlog.get_logger()
USUAL_RULES = Rules()
SURELY_ELSEWHERE = 0.85
"""From this probability on, words in the middle of a flow are a question of their own."""


class Coach:
    """Answers people. One for the process; safe to share between threads."""

    def __init__(
        self,
        engine: Engine,
        kb: KnowledgeBase,
        matcher: Matcher,
        push: Callable[[str], bool] = lambda channel: False,
        rules: Rules = USUAL_RULES,
        speaks_first: Collection[str] = (),
    ) -> None:
        """`push` tells the channels whose answers are sent by us rather than returned to the caller.

        `speaks_first` are those on which a nudge can reach somebody.
        """
        self._rules, self._speaks_first = rules, frozenset(speaks_first)
        self.kb = kb
        self._engine = engine
        self._matcher = matcher
        self._aspects = Aspects(kb)
        self._push = push

    def warm(self) -> None:
        """Prepare what the first answer would otherwise wait for (the flows' phrase books, about a second)."""
        for flow in self.kb.flows.values():
            facts_from(flow, "warm")

    def receive(self, inbound: Inbound) -> Answer:
        """Answer one message and commit message, answer and state together.

        The same message id of the same address gets the stored answer and changes nothing. On push channels the
        cards are also written to the outbox in that transaction, as `sending`; the caller then sends them.
        """
        understood = self._understand(inbound)
        try:
            return self._answered(inbound, understood)
        except IntegrityError:  # the same message, or the first of a new person, was handled at this very moment
            return self._answered(inbound, understood)

    def history(self, address: Address, room: str, now: dt.datetime) -> list[tuple[str, Answer]]:
        """(what was said, its answer) in the open conversation of a room, oldest first."""
        with reading(self._engine) as session:
            return inbox.history(session, address, room, now)

    def card(self, card_id: str, lang: Lang) -> Card | None:
        """One card to read, without buttons; None when there is none of that id."""
        return advice(self.kb, card_id, lang, vote=False) if card_id in self.kb.cards else None

    def ask_apart(self, text: str, lang: Lang | None = None) -> tuple[Understanding, list[Card]]:
        """Answer a question by itself: no conversation, nothing kept, no trace in the database."""
        understood = self._matcher.understand(text, None)
        speak: Lang = lang or understood.lang
        if understood.decision == "sure" and understood.intent in self.kb.cards:
            return understood, [advice(self.kb, understood.intent, speak, vote=False)]
        if understood.decision == "ask":
            return understood, [offer(self.kb, [c.intent for c in understood.offered], speak)]
        if understood.intent in ("greeting", "help", "thanks"):
            return understood, [notice(understood.intent, speak)]
        if understood.intent:
            return understood, [notice("only-in-talk", speak, what=self.kb.title(understood.intent, speak))]
        return understood, [unknown(self.kb, speak)]

    def _answered(self, inbound: Inbound, understood: Understanding | None) -> Answer:
        with writing(self._engine) as session:
            if before := inbox.answered_before(session, inbound.address, inbound.message_id):
                return before
            person, address = directory.at_address(session, inbound.address, inbound.received_at)
            directory.take_zone(person, inbound.zone)
            talk = inbox.conversation(session, address, inbound)
            state = State.read(talk.state)
            catch_up(session, person, address, inbound, state)
            turn = Turn(
                session=session,
                kb=self.kb,
                inbound=inbound,
                person=person,
                address=address,
                state=state,
                lang=_language(inbound, person.lang, understood, state),
                understood=understood,
                rules=self._rules,
                speaks_first=self._speaks_first,
            )
            self._interpret(turn)
            state.lang = turn.lang
            answer = Answer(
                conversation=talk.room or talk.id,
                decision=turn.decision,
                intent=turn.intent,
                confidence=round(turn.confidence, 4),
                choices=turn.offered,
                cards=_with_note_on_length(inbound, turn),
                asks=flow_talk.asks_now(turn) if not turn.erased else None,
                result=turn.result,
            )
            if not turn.erased:  # after erasing, not even the request is kept
                talk.state = state.stored()
                inbox.store(session, address, talk, inbound, answer)
                if self._push(inbound.address.channel):
                    outbox.put_answer(session, address, inbound.message_id, answer, inbound.received_at)
        log.info("answered", channel=inbound.address.channel, decision=answer.decision, intent=answer.intent)
        return answer

    def _understand(self, inbound: Inbound) -> Understanding | None:
        """Before the transaction, so that no lock is held while thinking."""
        if inbound.choice or not has_words(inbound.text):
            return None
        return self._matcher.understand(inbound.text)

    def _interpret(self, turn: Turn) -> None:
        text = turn.inbound.text.strip()
        choice = turn.inbound.choice or (choices.typed(turn.state, text) if len(text) <= 80 else None)
        progress = flow_talk.Progress.of(turn)
        aspect = self._aspects.recognise(text) if turn.state.card and not choice else None
        asked_about_card = aspect and not (progress and progress.current and progress.answered)
        if choice:
            choices.press(turn, choice)
        elif text and (followup_talk.answer(turn, text) or clock.answer(turn, text)):
            pass
        elif asked_about_card and aspect:
            self._say_more(turn, aspect)
        elif progress and progress.current and text and self._answers_flow(turn, progress, text):
            pass
        elif turn.understood is None:
            turn.decision = "unknown"
            turn.show(notice("empty", turn.lang))
        else:
            self._decide(turn, turn.understood)

    def _say_more(self, turn: Turn, aspect: Aspect) -> None:
        """Parts of the card before them again; what a number refers to stays as it was."""
        assert turn.state.card
        turn.intent = turn.state.card
        kept = turn.state.choices
        turn.show(advice(self.kb, turn.state.card, turn.lang, only=aspect.fields, heading=getattr(aspect.title, turn.lang)))
        turn.state.choices = kept

    def _answers_flow(self, turn: Turn, progress: flow_talk.Progress, text: str) -> bool:
        """Whether the message answered the flow's question; a clear question of its own is answered instead."""
        home = self.kb.cards[self.kb.flows[progress.flow].card]
        meant = turn.understood.intent if turn.understood else None
        elsewhere = meant is not None and meant != home.id
        far = meant in self.kb.cards and meant not in home.near and turn.confidence_in_first >= SURELY_ELSEWHERE
        if elsewhere and far and not flow_talk.says_the_fact(turn, progress, text):
            return False
        if flow_talk.answer(turn, progress, text):
            return True
        if elsewhere:
            return False
        flow_talk.unclear(turn, progress)
        return True

    def _decide(self, turn: Turn, understood: Understanding) -> None:
        turn.state.pending = None
        turn.decision = understood.decision
        turn.confidence = understood.offered[0].probability if understood.offered else 1 - understood.out_of_scope
        intent = understood.intent
        if not (intent or "").startswith("followup-") and followup_make.wanted(turn.inbound.text):
            intent = "followup-create"
        if intent in self.kb.commands:
            commands.run(turn, intent)
            return
        turn.state.said, turn.state.likely, turn.state.asked = unanswered.strip(turn.inbound.text), turn.likely, None
        if intent:
            turn.intent = turn.state.card = intent
            second = [c.intent for c in understood.candidates[1:2] if c.probability >= 0.12]
            way_back = flow_talk.leave(turn)
            card = advice(self.kb, intent, turn.lang, instead=second)
            turn.show(card.model_copy(update={"choices": [way_back, *card.choices]}) if way_back else card)
            flow_talk.start_from(turn, intent, turn.inbound.text)
        elif understood.decision == "ask":
            offered = [c.intent for c in understood.offered]
            turn.state.asked = self._keep(turn, "asked_back")
            turn.state.card = None
            card = offer(self.kb, offered, turn.lang)
            turn.offered = [Choice(id=intent, title=self.kb.title(intent, turn.lang)) for intent in offered]
            turn.show(card)
        else:
            self._keep(turn, "unknown")
            turn.state.card = None
            turn.show(unknown(self.kb, turn.lang))

    def _keep(self, turn: Turn, reason: unanswered.Reason) -> int:
        return unanswered.keep(turn.session, turn.address, turn.inbound.text, turn.lang, reason, turn.likely, turn.now).id


def _language(inbound: Inbound, chosen: str | None, understood: Understanding | None, state: State) -> Lang:
    """Forced, else what the person chose, else that of the message, else that of the talk so far."""
    seen = language(inbound.text) if understood or inbound.text else None
    found = inbound.lang or chosen or seen or state.lang or "en"
    return "zh" if found == "zh" else "en"


def _with_note_on_length(inbound: Inbound, turn: Turn) -> list[Card]:
    if len(inbound.text) <= LONGEST_UTTERANCE:
        return turn.cards
    return [notice("cut", turn.lang, limit=LONGEST_UTTERANCE), *turn.cards]
