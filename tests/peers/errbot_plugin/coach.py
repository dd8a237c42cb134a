"""A keyword plug-in for Errbot: the card most of whose keywords are in the message; none of them: it declines.

Keywords are the words (in Chinese: pairs of characters) of a card's phrasings that tell it best from others, by TF-IDF.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections import Counter, defaultdict
from pathlib import Path

from errbot import BotPlugin

EACH = 12
"""Keywords of a card in each language."""
FEWEST = 2
"""Keywords that have to be in a message."""


def words(text: str) -> set[str]:
    """Words of three letters and more, and pairs of Chinese characters."""
    latin = re.findall(r"[a-z][a-z'-]{2,}", text.lower())
    chinese = (run[n : n + 2] for run in re.findall(r"[\u3400-\u9fff]+", text) for n in range(len(run) - 1))
    return {*latin, *chinese}


class Coach(BotPlugin):
    """Reads the phrasings when it is activated."""

    def activate(self) -> None:
        """Choose the keywords."""
        counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for line in Path(os.environ["PHRASINGS"]).read_text("utf-8").splitlines():
            each = json.loads(line)
            counts[each["intent"], each["lang"]].update(words(each["text"]))
        spread = Counter(word for found in counts.values() for word in found)
        self.cards: dict[str, dict[str, float]] = defaultdict(dict)
        for (intent, _), found in counts.items():
            weights = {word: number * math.log(len(counts) / spread[word]) for word, number in found.items()}
            best = sorted(weights, key=weights.__getitem__, reverse=True)[:EACH]
            self.cards[intent] |= {word: math.log(len(counts) / spread[word]) for word in best}
        super().activate()

    def callback_message(self, message: object) -> None:
        """Answer whatever is said."""
        said = words(message.body)
        best, score = None, 0.0
        for intent, keywords in self.cards.items():
            found = said & keywords.keys()
            if len(found) >= FEWEST and (total := sum(keywords[word] for word in found)) > score:
                best, score = intent, total
        self.send(message.frm, best or "declined")
