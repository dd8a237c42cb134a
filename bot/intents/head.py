"""How well does an utterance fit each intent? A linear head over the traits, served by numpy, stored as one file.

The file holds numbers and names only (no pickle) and is replaced in one step.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.intents.decide import Thresholds
from bot.intents.features import Floats, Vocabulary
from bot.messages import Lang


@dataclass(frozen=True)
class Head:
    """Weights (terms x classes) of each kind of trait, calibration and thresholds."""

    classes: tuple[str, ...]
    words: Vocabulary
    grams: Vocabulary
    word_weights: Floats
    gram_weights: Floats
    sentence_weights: Floats
    """512 x classes; zero rows when trained without the sentence encoder."""
    bias: Floats
    sharpness: float
    """Scores times this, through softmax, are probabilities: fitted on held-out utterances."""
    thresholds: dict[Lang, Thresholds]
    spelling: tuple[str, ...]
    """Latin words of the phrasings: what spelling repair may repair to."""
    made_of: dict[str, Any]
    """Seed, data hash, versions and sizes: how to make the same again."""

    def score(self, text: str, sentence: Floats | None) -> Floats:
        """One score a class for a normalised text and its sentence vector."""
        scores = self.bias.copy()
        for vocabulary, weights in ((self.words, self.word_weights), (self.grams, self.gram_weights)):
            positions, amounts = vocabulary.weigh(text)
            if len(positions):
                scores += amounts @ weights[positions]
        if sentence is not None and len(self.sentence_weights):
            scores += sentence @ self.sentence_weights
        return scores

    def probabilities(self, scores: Floats) -> Floats:
        """Scores as calibrated probabilities over the classes; works on one row or many."""
        sharp = scores * self.sharpness
        raised = np.exp(sharp - sharp.max(axis=-1, keepdims=True))
        return raised / raised.sum(axis=-1, keepdims=True)

    def save(self, path: Path) -> None:
        """Write the file whole or not at all: a reader sees the old one or the new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        words = {
            "classes": self.classes,
            "spelling": self.spelling,
            "word_terms": list(self.words.index),
            "gram_terms": list(self.grams.index),
            "sharpness": self.sharpness,
            "thresholds": {lang: t.to_json() for lang, t in self.thresholds.items()},
            "made_of": self.made_of,
        }
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(
                    file,
                    json=np.frombuffer(json.dumps(words, ensure_ascii=False).encode(), dtype=np.uint8),
                    word_rarity=self.words.rarity,
                    gram_rarity=self.grams.rarity,
                    word_weights=self.word_weights,
                    gram_weights=self.gram_weights,
                    sentence_weights=self.sentence_weights,
                    bias=self.bias,
                )
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @classmethod
    def read(cls, path: Path) -> Head | None:
        """The stored head; None when there is none or the file is damaged (it is then built anew)."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                words = json.loads(stored["json"].tobytes())
                return cls(
                    classes=tuple(words["classes"]),
                    words=_vocabulary("words", words["word_terms"], stored["word_rarity"]),
                    grams=_vocabulary("grams", words["gram_terms"], stored["gram_rarity"]),
                    word_weights=stored["word_weights"],
                    gram_weights=stored["gram_weights"],
                    sentence_weights=stored["sentence_weights"],
                    bias=stored["bias"],
                    sharpness=words["sharpness"],
                    thresholds={lang: Thresholds(**t) for lang, t in words["thresholds"].items()},
                    spelling=tuple(words["spelling"]),
                    made_of=words["made_of"],
                )
        except Exception:  # noqa: BLE001 - zip, zlib, numpy and JSON each have errors of their own for a damaged file
            return None


def _vocabulary(kind: str, terms: list[str], rarity: Floats) -> Vocabulary:
    if len(terms) != len(rarity):
        raise ValueError("terms and rarities differ in number")
    return Vocabulary(kind, {term: number for number, term in enumerate(terms)}, rarity)
