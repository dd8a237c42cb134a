"""Which vectors does learning a layer need, and where are they? Shared by the process that serves and the one that learns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.intents.normalise import normalise
from bot.messages import Lang

LOCK = "relearning.lock"
"""In the cache; held by whoever writes what is learnt there."""


def new_texts(shipped: Sequence[tuple[str, str, Lang]], *others: Sequence[tuple[str, str, Lang]]) -> list[str]:
    """What layers say and the shipped phrasings do not, normalised."""
    had = set(shipped)
    return sorted({normalise(text) for rows in others for text, intent, lang in rows if (text, intent, lang) not in had})


def memory_of(cache: Path, kind: str) -> Path:
    """Where their vectors are remembered."""
    return cache / f"vectors-layer-{kind}.npz"
