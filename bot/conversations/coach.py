"""The one entry: one thing a person said becomes an answer, once, in one transaction.

`receive` never raises for what a person typed. It raises Unavailable when the database is away; then nothing is
kept and the same message may come again.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Sequence

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from bot import metrics
from bot.broadcasts import consent
from bot.channel import Limits
from bot.conversations import clock, flow_talk, inbox, mail_seen, paging, pressed, spotting, tip_seen
from bot.conversations.answer import advice, notice, offer, unknown
from bot.conversations.aspects import Aspects
from bot.conversations.followup_seen import catch_up
from bot.conversations.inbox import State
from bot.conversations.interpret import interpret
from bot.conversations.turn import Turn
from bot.db import reading, writing
from bot.delivery import answers
from bot.followups.rules import Rules, zone_of
from bot.followups.worktime import find_zone
from bot.intents.live import Known, Live
from bot.intents.match import Understanding
from bot.intents.normalise import has_words, language
from bot.messages import LONGEST_UTTERANCE, Address, Answer, Card, Exchange, Inbound, Lang
from bot.people import directory, linking
from bot.people.tables import PersonRow
from bot.vendors import windows
from knowledge.load import KnowledgeBase

log = structlog.get_logger()
USUAL_RULES = Rules()
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w.-]+", re.ASCII)


class Coach:
    """Answers people. One for the process; safe to share between threads."""

    def __init__(
        self,
        engine: Engine,
        live: Live,
        limits: Callable[[str], Limits | None] = lambda channel: None,
        rules: Rules = USUAL_RULES,
        speaks_first: Collection[str] = (),
    ) -> None:
        """`live` is what is known; each turn keeps what was known at its start.

        `limits` of the channels whose answers are sent by us rather than returned to the caller; None for others.

        `speaks_first` are the channels on which a nudge can reach somebody.
        """
        self._rules, self.speaks_first, self.site, self.mail_domain = rules, frozenset(speaks_first), "", ""
        self._live = live
        self._engine = engine
        self._aspects = Aspects(live.now.kb)
        self._limits = limits
        self.before: Callable[[Inbound], list[Card] | None] = lambda inbound: None
        """What answers a message before its transaction begins, since it has its own and asks vendors; None: nothing does."""

        self.clock: Callable[[], dt.datetime] | None = None
        """What time it is while an answer is put into the outbox, which may be long after a kept message was received."""

        self.mail: Callable[[str, str, str], None] | None = None
        """See Turn.mail."""

    @property
    def kb(self) -> KnowledgeBase:
        """What is known at this moment."""
        return self._live.now.kb

    def receive(self, inbound: Inbound, carry: Callable[[], bool] | None = None) -> Answer:
        """Answer one message and commit message, answer and state together.

        The same message id of the same address gets the stored answer and changes nothing. On push channels the
        cards are also written to the outbox in that transaction, as `sending`; the caller then sends them. `carry` is
        asked at that moment, only for a message not answered before: True, and the caller itself carries the answer.
        """
        with metrics.ANSWER_SECONDS.labels(inbound.address.channel).time():
            done = self.before(inbound)
            known = self._live.now
            understood = _understand(known, inbound) if done is None else None
            seen = spotting.spot(known.matcher, known.kb, inbound.text) if inbound.quoted else []
            try:
                return self._answered(inbound, known.kb, understood, seen, carry, done)
            except IntegrityError:  # the same message, or the first of a new person, was handled at this very moment
                return self._answered(inbound, known.kb, understood, seen, carry, done)

    def history(self, address: Address, room: str, now: dt.datetime, lang: Lang = "en") -> list[Exchange]:
        """The open conversation of a room, oldest first; `lang`: of whoever reads it."""
        with reading(self._engine) as session:
            return pressed.in_words(self.kb, inbox.history(session, address, room, now), lang)

    def past(self, address: Address, lang: Lang) -> list[Exchange]:
        """What was said at an address, on the person's clock, as far as it is kept, oldest first."""
        with reading(self._engine) as session:
            person = directory.speaker(session, address)
            mine = find_zone(zone_of(person, "en")) if person else dt.UTC
            kept = [each.model_copy(update={"at": each.at.astimezone(mine)}) for each in inbox.past(session, address)]
            return pressed.in_words(self.kb, kept, lang)

    def card(self, card_id: str, lang: Lang) -> Card | None:
        """One card to read, without buttons; None when there is none of that id."""
        kb = self.kb
        return advice(kb, card_id, lang, vote=False) if card_id in kb.cards else None

    def ask_apart(self, text: str, lang: Lang | None = None) -> tuple[Understanding, list[Card]]:
        """Answer a question by itself: no conversation, nothing kept, no trace in the database."""
        known = self._live.now
        kb = known.kb
        understood = known.matcher.understand(text, None)
        speak: Lang = lang or understood.lang
        if understood.decision == "sure" and understood.intent in kb.cards:
            return understood, [advice(kb, understood.intent, speak, vote=False)]
        if understood.decision == "ask":
            return understood, [offer(kb, [c.intent for c in understood.offered], speak)]
        if understood.intent in ("greeting", "help", "thanks"):
            return understood, [notice(understood.intent, speak)]
        if understood.intent:
            return understood, [notice("only-in-talk", speak, what=kb.title(understood.intent, speak))]
        return understood, [unknown(kb, speak, kept=False)]

    def _going(self, turn: Turn) -> dt.datetime:
        """When an answer goes: not when the message came, or its lease would be over before it is sent."""
        return max(turn.now, self.clock()) if self.clock else turn.now

    def _answered(
        self,
        inbound: Inbound,
        kb: KnowledgeBase,
        understood: Understanding | None,
        seen: Sequence[spotting.Seen],
        carry: Callable[[], bool] | None = None,
        done: Sequence[Card] | None = None,
    ) -> Answer:
        limits = self._limits(inbound.address.channel)
        with writing(self._engine) as session:
            if before := inbox.answered_before(session, inbound.address, inbound.message_id):
                return before
            person, address = directory.at_address(session, inbound.address, inbound.received_at)
            if directory.take_zone(person, inbound.zone):
                consent.replan(session, person, self._rules, inbound.received_at)
            talk = inbox.conversation(session, address, inbound)
            state = State.read(talk.state)
            if state.card not in kb.cards:  # a curator took it away meanwhile
                state.card = None
            catch_up(session, person, address, inbound, state)
            mail_seen.catch_up(session, person, address, inbound, state)
            tip_seen.catch_up(session, person, address, inbound, state)
            turn = Turn(
                session=session,
                kb=kb,
                inbound=inbound,
                person=person,
                address=address,
                state=state,
                lang=_language(inbound, person, state, understood),
                understood=understood,
                limits=self._limits,
                rules=self._rules,
                speaks_first=self.speaks_first,
                site=self.site,
                mail_domain=self.mail_domain,
                mail=self.mail,
            )
            if limits:
                windows.opened(session, address.id, limits.windows, inbound.opens, turn.now)
            if done is None:
                interpret(turn, seen, self._aspects)
            for card in done or ():
                turn.show(card)
            if limits and not turn.erased:
                clock.ask_once(turn, limits)
                paging.fit(turn, limits)
            state.lang = turn.lang
            if understood and turn.known and not turn.erased and not inbound.quoted:
                directory.note_spoken(person, turn.lang, inbound.text)
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
                inbox.store(session, talk, state, inbound, answer)
                if limits and not (carry and carry()):
                    hold = limits.only_answers
                    going = self._going(turn)
                    answers.put_answer(session, address, inbound.message_id, answer, going, room=inbound.place, hold=hold)
            elif limits and not limits.only_answers and not (carry and carry()):
                answers.put_last_words(session, inbound, answer, self._going(turn))
        for step in turn.after:
            step()
        metrics.ANSWERS.labels(inbound.address.channel, answer.decision).inc()
        log.info("answered", channel=inbound.address.channel, decision=answer.decision, intent=answer.intent)
        return answer


def _understand(known: Known, inbound: Inbound) -> Understanding | None:
    """Before the transaction, so that no lock is held while thinking."""
    if inbound.choice or not has_words(inbound.text):
        return None
    return known.matcher.understand(inbound.text)


def _language(inbound: Inbound, person: PersonRow, state: State, understood: Understanding | None) -> Lang:
    """Forced, else what the person chose, else that of the message, else that of the talk so far, else of the last one."""
    said = _EMAIL.sub(" ", inbound.text)  # whatever language the words around an address are in, it is in Latin letters
    seen = language(said if has_words(said) else inbound.text) if not linking.bare_code(inbound.text) else None
    if seen and understood and understood.lang == "zh":
        seen = "zh"  # typed in Latin letters
    wanted = (
        (person.lang, inbound.lang) if inbound.quoted else (inbound.lang, person.lang)
    )  # quoted words are not in their language
    found = next((lang for lang in (*wanted, seen, state.lang, person.spoken) if lang), inbound.usual_lang)
    return "zh" if found == "zh" else "en"


def _with_note_on_length(inbound: Inbound, turn: Turn) -> list[Card]:
    if len(inbound.text) <= LONGEST_UTTERANCE:
        return turn.cards
    return [notice("cut", turn.lang, limit=LONGEST_UTTERANCE), *turn.cards]
