"""What is known at this moment? One pair of knowledge and understanding, swapped whole while people are answered.

Whoever answers takes `Live.now` once, at the start of a turn, and keeps it until the answer is made.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.intents.match import Matcher
from knowledge.load import KnowledgeBase


@dataclass(frozen=True)
class Known:
    """Knowledge and the understanding that was learnt from it; they belong together."""

    kb: KnowledgeBase
    matcher: Matcher
    version: int = 0
    """Of the team's own layer; 0: the shipped knowledge alone."""


class Live:
    """Holds the pair that serves now. Reading and swapping are one assignment each, so no lock is needed."""

    def __init__(self, known: Known) -> None:
        self.now = known

    def swap(self, known: Known) -> None:
        """Serve this from the next turn on."""
        self.now = known
