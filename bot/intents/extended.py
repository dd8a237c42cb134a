"""A head and a few phrasings more (or fewer), which shares all big arrays with the head it stands on.

Serving process and its memory: swapping one in costs a few megabytes, not the size of a head. How the numbers come
about is `extend`'s business; they are those of one system over all phrasings, not a correction on top.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from bot.intents.features import Floats
from bot.intents.head import Head, Postings, kernel


@dataclass(frozen=True)
class Extended(Head):
    """Scores by the shipped phrasings and the added ones; `classes` and `weights` are over both.

    A phrasing taken away keeps its place with weights of zero.
    """

    more_words: Postings
    more_grams: Postings
    more_sentences: Floats
    more_weights: Floats

    def score(self, text: str, sentence: Floats) -> Floats:
        """See Head."""
        turned = sentence @ self.turn if self.sentences.shape[1] else sentence
        scores = self._part(text, turned, self.words, self.grams, self.sentences, self.weights)
        if len(self.more_weights):
            scores += self._part(text, turned, self.more_words, self.more_grams, self.more_sentences, self.more_weights)
        return scores

    def _part(self, text: str, turned: Floats, words: Postings, grams: Postings, sentences: Floats, weights: Floats) -> Floats:
        return np.asarray(kernel(self.alike(text, turned, words, grams, sentences, len(weights))) @ weights, dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write what differs from the head it stands on, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        names = {"classes": self.classes, "spelling": self.spelling, "made_of": self.made_of}
        numbers = {
            f"{kind}_{part}": getattr(postings, part)
            for kind, postings in (("words", self.more_words), ("grams", self.more_grams))
            for part in ("starts", "rows", "weights")
        }
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(
                    file,
                    json=np.frombuffer(json.dumps(names, ensure_ascii=False).encode(), dtype=np.uint8),
                    weights=self.weights,
                    more_weights=self.more_weights,
                    more_sentences=self.more_sentences,
                    **numbers,
                )
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @classmethod
    def over(cls, head: Head, path: Path) -> Extended | None:
        """The stored extension of `head`; None when there is none, it is damaged or belongs to another head."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                names = json.loads(stored["json"].tobytes())
                weights: Floats = stored["weights"]
                if len(weights) != len(head.weights):
                    return None
                inherited: dict[str, Any] = {field.name: getattr(head, field.name) for field in fields(Head)}
                for name in ("classes", "spelling"):
                    inherited[name] = tuple(names[name])
                inherited |= {"made_of": names["made_of"], "weights": weights}
                return cls(
                    **inherited,
                    more_words=_postings(head.words, "words", stored),
                    more_grams=_postings(head.grams, "grams", stored),
                    more_sentences=stored["more_sentences"],
                    more_weights=stored["more_weights"],
                )
        except Exception:  # noqa: BLE001 - zip, zlib, numpy and JSON each have errors of their own for a damaged file
            return None


def _postings(shipped: Postings, kind: str, stored: Any) -> Postings:
    return Postings(shipped.vocabulary, *(stored[f"{kind}_{part}"] for part in ("starts", "rows", "weights")))
