"""How well does an utterance fit each intent? A kernel machine over the phrasings, served by numpy, stored as one file.

Two texts are alike by their words and n-grams (a share `surface`) and by their sentence vectors (the rest):
kappa = surface (words.words + grams.grams) / 2 + (1 - surface) vector.vector, all of length one. A score is
sum over phrasings of k(text, phrasing) x weight, with k = 3 exp(-2 (1 - kappa)) + 1.
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
import numpy.typing as npt

from bot.intents.decide import Thresholds
from bot.intents.features import Floats, Vocabulary
from bot.intents.pinyin import Sounds
from bot.messages import Lang

STEEPNESS, HEIGHT = 2.0, 3.0
"""Of the kernel; the best on held-out phrasings and on public data alike, and flat around it."""
Whole = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Postings:
    """One kind of terms: of every term, the phrasings it stands in and its weight there."""

    vocabulary: Vocabulary
    starts: Whole
    """terms + 1: where the phrasings of each term begin."""
    rows: Whole
    weights: Floats

    def likeness(self, text: str, phrasings: int) -> Floats:
        """How alike a text is to each phrasing, by this kind of terms: 0 to 1."""
        positions, amounts = self.vocabulary.weigh(text)
        starts, counts = self.starts[positions], self.starts[positions + 1] - self.starts[positions]
        if not counts.sum():
            return np.zeros(phrasings, dtype=np.float32)
        places = np.repeat(starts - np.concatenate(([0], np.cumsum(counts)[:-1])), counts) + np.arange(counts.sum())
        alike = np.bincount(self.rows[places], self.weights[places] * np.repeat(amounts, counts), minlength=phrasings)
        return alike.astype(np.float32)


@dataclass(frozen=True)
class Head:
    """The phrasings as numbers, their weights for each intent, calibration and thresholds."""

    classes: tuple[str, ...]
    words: Postings
    grams: Postings
    sentences: Floats
    """phrasings x kept dimensions; no columns when trained without a sentence encoder."""
    turn: Floats
    """dimensions x kept dimensions: turns a sentence vector so that its first few hundred numbers say nearly all."""
    weights: Floats
    """phrasings x classes."""
    surface: float
    """The share of words and n-grams in likeness; 1 without a sentence encoder."""
    sharpness: float
    """Scores times this, through softmax, are probabilities: fitted on phrasings the head had not seen."""
    thresholds: dict[Lang, Thresholds]
    spelling: tuple[str, ...]
    """Latin words of the phrasings: what spelling repair may repair to."""
    sounds: Sounds
    """How the Chinese of the phrasings sounds: for who types it in Latin letters."""
    made_of: dict[str, Any]
    """Seed, data hash, versions and sizes: how to make the same again."""

    def score(self, text: str, sentence: Floats) -> Floats:
        """One score a class for a normalised text and its sentence vector: about 1 for what it means, -1 for others."""
        turned = sentence @ self.turn if self.sentences.shape[1] else sentence
        found = self.alike(text, turned, self.words, self.grams, self.sentences, len(self.weights))
        return np.asarray(kernel(found) @ self.weights, dtype=np.float32)

    def alike(self, text: str, turned: Floats, words: Postings, grams: Postings, sentences: Floats, rows: int) -> Floats:
        """How alike a text, with its turned sentence vector, is to each of some phrasings: -1 to 1, words beside meaning."""
        found = words.likeness(text, rows)
        found += grams.likeness(text, rows)
        found *= np.float32(self.surface / 2)
        if sentences.shape[1]:
            found += (sentences @ turned) * np.float32(1 - self.surface)
        return found

    def probabilities(self, scores: Floats) -> Floats:
        """Scores as calibrated probabilities over the classes; works on one row or many."""
        sharp = scores * self.sharpness
        raised = np.exp(sharp - sharp.max(axis=-1, keepdims=True))
        return raised / raised.sum(axis=-1, keepdims=True)

    def save(self, path: Path) -> None:
        """Write the file whole or not at all: a reader sees the old one or the new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        names = {
            "classes": self.classes,
            "spelling": self.spelling,
            "sounds": self.sounds,
            "terms": {kind: list(p.vocabulary.index) for kind, p in (("words", self.words), ("grams", self.grams))},
            "surface": self.surface,
            "sharpness": self.sharpness,
            "thresholds": {lang: t.to_json() for lang, t in self.thresholds.items()},
            "made_of": self.made_of,
        }
        numbers: dict[str, Any] = {
            f"{kind}_{part}": array
            for kind, postings in (("words", self.words), ("grams", self.grams))
            for part, array in (
                ("rarity", postings.vocabulary.rarity),
                ("starts", postings.starts),
                ("rows", postings.rows),
                ("weights", postings.weights),
            )
        }
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(
                    file,
                    json=np.frombuffer(json.dumps(names, ensure_ascii=False).encode(), dtype=np.uint8),
                    sentences=self.sentences.astype(np.float16),
                    turn=self.turn,
                    weights=self.weights,
                    **numbers,
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
                names = json.loads(stored["json"].tobytes())
                return cls(
                    classes=tuple(names["classes"]),
                    words=_postings("words", names["terms"]["words"], stored),
                    grams=_postings("grams", names["terms"]["grams"], stored),
                    sentences=np.asfortranarray(
                        stored["sentences"].astype(np.float32)
                    ),  # by columns BLAS multiplies it in two thirds of the time
                    turn=stored["turn"],
                    weights=stored["weights"],
                    surface=names["surface"],
                    sharpness=names["sharpness"],
                    thresholds={lang: Thresholds(**t) for lang, t in names["thresholds"].items()},
                    spelling=tuple(names["spelling"]),
                    sounds={letters: (run, score, tuple(ends)) for letters, (run, score, ends) in names["sounds"].items()},
                    made_of=names["made_of"],
                )
        except Exception:  # noqa: BLE001 - zip, zlib, numpy and JSON each have errors of their own for a damaged file
            return None


def kernel(alike: Floats) -> Floats:
    """Likeness (-1 to 1) as the kernel's value; the array given is used up."""
    alike -= 1
    alike *= np.float32(STEEPNESS)
    np.exp(alike, out=alike)
    alike *= np.float32(HEIGHT)
    alike += 1
    return alike


def _postings(kind: str, terms: list[str], stored: Any) -> Postings:
    rarity = stored[f"{kind}_rarity"]
    if len(terms) != len(rarity):
        raise ValueError("terms and rarities differ in number")
    vocabulary = Vocabulary(kind, {term: number for number, term in enumerate(terms)}, rarity)
    return Postings(vocabulary, *(stored[f"{kind}_{part}"] for part in ("starts", "rows", "weights")))
