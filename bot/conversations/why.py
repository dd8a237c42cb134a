"""Why did the coach answer so? The candidates for one question, each with its phrasing that is closest in wording. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz import fuzz, process

from bot.intents.match import Understanding
from bot.intents.normalise import normalise
from bot.messages import Decision, Lang
from knowledge.load import KnowledgeBase


@dataclass(frozen=True)
class Guess:
    """One intent that was considered."""

    intent: str
    title: str
    is_card: bool
    probability: float
    closest: str
    """Its phrasing that is most alike in words; what the matcher weighs is more than that."""
    gist: str
    """The card's verdict in one sentence; empty for a command."""


@dataclass(frozen=True)
class Explained:
    """A question, and what was made of it."""

    lang: Lang
    decision: Decision
    guesses: list[Guess]
    out_of_scope: float
    """The probability that it is nothing we know."""


def gist(kb: KnowledgeBase, intent: str, lang: Lang) -> str:
    """The verdict of a card in one sentence; empty for a command."""
    return getattr(kb.cards[intent].verdict, lang) if intent in kb.cards else ""


def explain(kb: KnowledgeBase, understood: Understanding, text: str, show: Lang) -> Explained:
    """What was understood of a text, with titles in the language `show`."""
    said = normalise(text)
    guesses: list[Guess] = []
    for candidate in understood.candidates:
        home = kb.cards.get(candidate.intent) or kb.commands.get(candidate.intent)
        if home is None:
            continue
        phrasings = home.phrasings.of(understood.lang)
        found = process.extractOne(said, phrasings, scorer=fuzz.token_set_ratio, processor=normalise) if phrasings else None
        guesses.append(
            Guess(
                intent=candidate.intent,
                title=getattr(home.title, show),
                is_card=candidate.intent in kb.cards,
                probability=candidate.probability,
                closest=found[0] if found else "",
                gist=gist(kb, candidate.intent, show),
            )
        )
    return Explained(understood.lang, understood.decision, guesses, understood.out_of_scope)
