"""What is known while one message is answered: who said what, in which state, with which understanding.

Nothing outlives the turn but the state, which is stored with the answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from bot.channel import Limits
from bot.conversations.inbox import State
from bot.followups.rules import Rules
from bot.intents.match import Understanding
from bot.messages import Card, Choice, Decision, Inbound, Lang
from bot.people.tables import AddressRow, PersonRow
from knowledge.load import KnowledgeBase

_KNOWN = frozenset({"slack", "wechat", "wecom", "terminal", "web"})
"""Channels on which we know who reads. Not the API: whoever holds a key need not be its owner."""
SURELY_ELSEWHERE = 0.85
"""From this probability on, words in the middle of a flow, or of making a reminder, are a question of their own."""
_ONE_READER = ("terminal", "web")
"""Channels whose rooms are sittings and tabs of one person."""


@dataclass
class Turn:
    """One message on its way to an answer. `answer` collects what the steps decide."""

    session: Session
    kb: KnowledgeBase
    inbound: Inbound
    person: PersonRow
    address: AddressRow
    state: State
    lang: Lang
    understood: Understanding | None
    limits: Callable[[str], Limits | None] = lambda channel: None
    """What a push channel can carry; None for others."""
    cards: list[Card] = field(default_factory=list)
    decision: Decision = "sure"
    intent: str | None = None
    confidence: float = 1.0
    offered: list[Choice] = field(default_factory=list)
    erased: bool = False
    paged: bool = False
    """The answer is a page of an earlier one."""
    result: dict[str, Any] | None = None
    """What a flow came to in this turn."""
    rules: Rules = field(default_factory=Rules)
    speaks_first: Collection[str] = frozenset()
    """The channels on which nudges can be sent."""
    site: str = ""
    """Where the web pages are, without a slash at its end; empty: there are none."""
    mail: Callable[[str, str, str], None] | None = None
    """Hands a mail (to, subject, text) to who sends it, and comes back at once; None: no mail is sent."""
    after: list[Callable[[], None]] = field(default_factory=list)
    """What is done when all of it is committed."""
    mail_domain: str = ""
    """The domain of the secret addresses for copied mail; empty: none is taken."""

    @property
    def now(self) -> dt.datetime:
        """When the message came in."""
        return self.inbound.received_at

    @property
    def known(self) -> bool:
        """Whether we know that it is this person who reads."""
        return self.address.channel in _KNOWN

    @property
    def alone(self) -> bool:
        """Whether nobody else reads along: no room, and no thread in one."""
        return self.address.channel in _ONE_READER or not self.inbound.room

    @property
    def confidence_in_first(self) -> float:
        """The probability of the best guess."""
        return self.understood.candidates[0].probability if self.understood and self.understood.candidates else 0.0

    @property
    def likely(self) -> list[str]:
        """The best guesses at what was meant."""
        return [c.intent for c in self.understood.candidates[:3]] if self.understood else []

    def show(self, card: Card) -> None:
        """Add a card to the answer; its choices are what a number refers to from now on."""
        self.cards.append(card)
        self.state.choices = [(choice.id, choice.title) for choice in card.choices]
