"""When are two texts the same for a curator? Small pure helpers over text, shared by checks and recognisers."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=65_536)  # all phrasings are looked at again with every change of the team's layer
def bare(text: str) -> str:
    """A text without case, width and punctuation: what two phrasings must not share."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())
