"""What does a sentence mean, as numbers? The encoders together: one for every language, a second for English.

`fast` asks the universal sentence encoder alone; `full` sets MiniLM beside it for texts that are not Chinese.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from bot.intents import encoder, minilm
from bot.intents.encoder import Encoder, find_encoder
from bot.intents.minilm import MiniLM, find_minilm
from bot.intents.normalise import language

Floats = npt.NDArray[np.float32]
Kind = Literal["full", "fast", "plain"]
MINILM_SHARE = 0.5
"""Of an English sentence's vector, squared: the best of .3, .5 and .7 on held-out phrasings and public data alike."""
_STORED = np.float16


class Sentences:
    """Text → unit vector; built once, then read only."""

    def __init__(self, every: Encoder | None, english: MiniLM | None = None) -> None:
        self._every = every
        self._english = english if every else None

    @property
    def kind(self) -> Kind:
        """Which encoders there are: a stored head serves only the kind it was trained with."""
        return "plain" if self._every is None else "full" if self._english else "fast"

    @property
    def dimensions(self) -> int:
        """Numbers of one vector."""
        return {"plain": 0, "fast": encoder.DIMENSIONS, "full": encoder.DIMENSIONS + minilm.DIMENSIONS}[self.kind]

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors of normalised texts, one row a text; no columns when there is no encoder."""
        found = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        if self._every is None or not texts:
            return found
        found[:, : encoder.DIMENSIONS] = self._every.encode(texts)
        if self._english:
            rows = [row for row, text in enumerate(texts) if language(text) != "zh"]
            if rows:
                found[rows, : encoder.DIMENSIONS] *= np.float32((1 - MINILM_SHARE) ** 0.5)
                found[rows, encoder.DIMENSIONS :] = self._english.encode([texts[row] for row in rows])
                found[rows, encoder.DIMENSIONS :] *= np.float32(MINILM_SHARE**0.5)
        return found

    def is_word(self, word: str) -> bool:
        """Whether it is a word of some language, as far as the encoder's vocabulary tells."""
        return self._every is not None and self._every.is_word(word)


def find_sentences(kind: Literal["full", "fast"], cache: Path | None = None) -> Sentences:
    """The encoders of a kind, as far as their packages are installed with the weights we know.

    `cache` is where the big table of the first is unpacked once, to be mapped rather than held.
    """
    every = find_encoder(cache)
    return Sentences(every, find_minilm() if kind == "full" and every else None)


def remembered(encode: Callable[[Sequence[str]], Floats], texts: Sequence[str], file: Path) -> Floats:
    """The vectors of texts, those in `file` from there; it then holds these texts' vectors and no others.

    Encoding takes most of the time of building, and from one version of the phrasings to the next few are new.
    A damaged file is as good as none.
    """
    names = np.array([hashlib.sha256(text.encode()).digest()[:16].hex() for text in texts])
    known: dict[str, Floats] = {}
    try:
        with np.load(file, allow_pickle=False) as stored:
            known = dict(zip(stored["names"].tolist(), stored["vectors"].astype(np.float32), strict=True))
    except Exception:  # noqa: BLE001 - absent, or zip, zlib and numpy each have errors of their own for a damaged file
        known = {}
    new = sorted({text for name, text in zip(names, texts, strict=True) if name not in known})
    if new:
        for text, vector in zip(new, encode(new).astype(_STORED).astype(np.float32), strict=True):
            known[hashlib.sha256(text.encode()).digest()[:16].hex()] = vector
    found = np.stack([known[name] for name in names.tolist()])
    if new:
        part = file.with_suffix(".tmp")
        with part.open("wb") as out:
            np.savez(out, names=names, vectors=found.astype(_STORED))
        part.replace(file)
    return found
