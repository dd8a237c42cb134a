"""Do they ask about the card before them? "Why?", "what do I write?", "and if they insist?". Pure."""

from __future__ import annotations

from rapidfuzz import fuzz, process

from bot.intents.normalise import normalise
from knowledge.load import KnowledgeBase
from knowledge.schema import LANGS, Aspect
from knowledge.text import bare

ALIKE = 90.0
"""rapidfuzz ratio from which a message counts as one of the phrasings: lets one slip pass, not another word."""
LONGEST = 40


class Aspects:
    """Recognises questions about the current card."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._known = {
            bare(text): aspect for aspect in kb.aspects.values() for lang in LANGS for text in aspect.phrasings.of(lang)
        }

    def recognise(self, text: str) -> Aspect | None:
        """The aspect asked for; None when the message says more than that."""
        if len(text) > 4 * LONGEST:  # before normalising: its time grows with the length
            return None
        said = bare(normalise(text))
        if not said or len(said) > LONGEST:
            return None
        found = process.extractOne(said, self._known.keys(), scorer=fuzz.ratio, score_cutoff=ALIKE)
        return self._known[found[0]] if found else None
