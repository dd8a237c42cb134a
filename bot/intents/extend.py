"""Learns a few phrasings more (or fewer) in seconds, exactly: the head's linear system, bordered by what changed.

The head's own system stays solved: its Cholesky factor is computed once for a head (40 s of CPU, 2026-11-22), kept in
the cache (4 bytes for each pair of phrasings: 600 MB) and mapped, not held. Vocabulary, rarity of words, turn and
thresholds are the shipped head's. scipy is loaded here: run in a process of its own (see `bot.intents.relearn`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

import numpy as np
from scipy import linalg, sparse
from scipy.linalg import lapack
from threadpoolctl import threadpool_limits

from bot.intents.build import BLOCK, RIDGE, Row
from bot.intents.extended import Extended
from bot.intents.features import Floats
from bot.intents.head import Head, Postings, kernel
from bot.intents.normalise import normalise


@dataclass(frozen=True)
class Factor:
    """A head's system, solved: K = lower lower^T, the diagonal of K's inverse, and the weights it gives."""

    lower: Floats
    diagonal: Floats
    weights: Floats

    @classmethod
    def read(cls, folder: Path, name: str) -> Factor | None:
        """What was kept for the head of this name; None when there is nothing whole."""
        try:
            with np.load(folder / f"solved-{name}.npz", allow_pickle=False) as stored:
                diagonal, weights = stored["diagonal"], stored["weights"]
            lower = np.memmap(folder / f"solved-{name}.f32", dtype=np.float32, mode="r", shape=(len(diagonal),) * 2, order="F")
        except Exception:  # noqa: BLE001 - absent, or zip, zlib and numpy each have errors of their own for a damaged file
            return None
        return cls(lower, diagonal, weights)

    @classmethod
    def solve(cls, head: Head, targets: Sequence[int], folder: Path, name: str) -> Factor:
        """Solve the system of a head and keep it; factors of other heads are deleted. `targets`: each phrasing's class."""
        count = len(head.weights)
        terms = [_terms(postings, count) for postings in (head.words, head.grams)]
        system = np.empty((count, count), dtype=np.float32, order="F")
        for start in range(0, count, BLOCK):
            block = slice(start, start + BLOCK)
            found = head.sentences[block] @ head.sentences.T * np.float32(1 - head.surface)
            for rows in terms:
                found += (rows[block] @ rows.T).toarray() * np.float32(head.surface / 2)
            system[:, block] = kernel(np.asarray(found, dtype=np.float32)).T
        system[np.diag_indices(count)] += RIDGE
        with threadpool_limits(2):
            return cls._solved(system, head, targets, folder, name)

    @classmethod
    def _solved(cls, system: Floats, head: Head, targets: Sequence[int], folder: Path, name: str) -> Factor:
        """The rest of `solve`: it takes nearly all of the time."""
        count = len(system)
        lower = linalg.cholesky(system, lower=True, overwrite_a=True, check_finite=False)
        wanted = np.full((count, len(head.classes)), -1, dtype=np.float32)
        wanted[np.arange(count), targets] = 1
        weights = linalg.cho_solve((lower, True), wanted, check_finite=False).astype(np.float32)
        for old in folder.glob("solved-*"):
            old.unlink(missing_ok=True)
        part = folder / f"solved-{name}.part"
        kept = np.memmap(part, dtype=np.float32, mode="w+", shape=lower.shape, order="F")
        kept[:] = lower
        kept.flush()
        part.replace(folder / f"solved-{name}.f32")
        inverse, failed = cast("Any", lapack).strtri(lower, lower=1, overwrite_c=1)
        if failed:
            raise ValueError("the phrasings' likeness cannot be inverted")
        diagonal = np.array([inverse[n:, n] @ inverse[n:, n] for n in range(count)], dtype=np.float32)
        with (folder / f"solved-{name}.tmp").open("wb") as file:
            np.savez(file, diagonal=diagonal, weights=weights)
        (folder / f"solved-{name}.tmp").replace(folder / f"solved-{name}.npz")
        return cls(kept, diagonal, weights)


@dataclass(frozen=True)
class Learnt:
    """A head that knows `rows`, and the score of each of them by a head that has not seen it."""

    head: Extended
    rows: list[Row]
    unseen: Floats


def extend(head: Head, factor: Factor, shipped: Sequence[Row], rows: Sequence[Row], vectors: dict[str, Floats]) -> Learnt:
    """What `head` (learnt from `shipped`, in that order) would be had it been learnt from `rows`.

    `vectors`: the sentence vector of every added row's normalised text (none without an encoder).
    """
    wanted, had = set(rows), set(shipped)
    gone = np.array([n for n, row in enumerate(shipped) if row not in wanted], dtype=np.intp)
    added = [row for row in rows if row not in had]
    texts = [normalise(text) for text, _, _ in added]
    turned = np.zeros((len(texts), head.sentences.shape[1]), dtype=np.float32)
    if head.sentences.shape[1]:
        for number, text in enumerate(texts):
            turned[number] = vectors[text] @ head.turn
    more = [_weighed(postings, texts) for postings in (head.words, head.grams)]
    classes = tuple(sorted({intent for _, intent, _ in rows}))
    place = {name: n for n, name in enumerate(classes)}
    count = len(shipped)

    def to(rows_of: tuple[Postings, Postings], sentences: Floats, many: int) -> Floats:
        found = [kernel(head.alike(text, turned[n], *rows_of, sentences, many)) for n, text in enumerate(texts)]
        return np.stack(found, axis=1) if found else np.zeros((many, 0), dtype=np.float32)

    border = np.zeros((count, len(gone) + len(added) + 1), dtype=np.float32)
    border[gone, np.arange(len(gone))] = 1
    border[:, len(gone) : -1] = to((head.words, head.grams), head.sentences, count)
    border[:, -1] = -1  # what a class that is new wants of every shipped phrasing
    solved: Any = linalg.cho_solve((factor.lower, True), border, check_finite=False)
    weights = np.empty((count, len(classes)), dtype=np.float64)
    known = {name: n for n, name in enumerate(head.classes)}
    for number, name in enumerate(classes):
        weights[:, number] = factor.weights[:, known[name]] if name in known else solved[:, -1]
    border, solved = border[:, :-1].astype(np.float64), solved[:, :-1].astype(np.float64)
    corner = np.zeros((border.shape[1],) * 2)
    inner = to((more[0], more[1]), turned, len(texts)).astype(np.float64)
    inner[np.diag_indices(len(texts))] += RIDGE
    corner[len(gone) :, len(gone) :] = inner
    asked = np.zeros((border.shape[1], len(classes)))
    asked[len(gone) :] = -1
    for number, (_, intent, _) in enumerate(added):
        asked[len(gone) + number, place[intent]] = 1
    inverse = np.linalg.inv(corner - border.T @ solved) if len(corner) else corner
    shift = inverse @ (asked - border.T @ weights)
    weights -= solved @ shift
    weights[gone] = 0
    own = factor.diagonal + np.einsum("ij,ij->i", solved @ inverse, solved)
    kept = np.array([n for n, row in enumerate(shipped) if row in wanted], dtype=np.intp)
    ours = [shipped[n] for n in kept] + added
    alphas = np.concatenate([weights[kept] / own[kept, None], shift[len(gone) :] / np.diag(inverse)[len(gone) :, None]])
    aim = np.full(alphas.shape, -1.0)
    aim[np.arange(len(ours)), [place[intent] for _, intent, _ in ours]] = 1
    inherited: dict[str, Any] = {field.name: getattr(head, field.name) for field in fields(Head)}
    inherited |= {
        "classes": classes,
        "weights": weights.astype(np.float32),
        "spelling": tuple(sorted({*head.spelling, *(word for text in texts for word in re.findall(r"[a-z]{4,}", text))})),
        "made_of": {**head.made_of, "added": len(added), "gone": len(gone)},
    }
    extended = Extended(
        **inherited,
        more_words=more[0],
        more_grams=more[1],
        more_sentences=turned,
        more_weights=shift[len(gone) :].astype(np.float32),
    )
    return Learnt(extended, ours, (aim - alphas).astype(np.float32))


def _terms(postings: Postings, rows: int) -> Any:
    """Phrasings x terms, from what the head keeps the other way round."""
    shape = (rows, len(postings.vocabulary.index))
    return sparse.csc_matrix((postings.weights, postings.rows, postings.starts), shape=shape).tocsr()


def _weighed(postings: Postings, texts: Sequence[str]) -> Postings:
    weighed = [postings.vocabulary.weigh(text) for text in texts]
    ends = np.cumsum([0, *(len(positions) for positions, _ in weighed)])
    shape = (len(texts), len(postings.vocabulary.index))
    if not texts:
        terms: Any = sparse.csc_matrix(shape, dtype=np.float32)
    else:
        numbers = (np.concatenate([w for _, w in weighed]), np.concatenate([p for p, _ in weighed]), ends)
        terms = sparse.csr_matrix(numbers, shape=shape, dtype=np.float32).tocsc()
    return Postings(
        postings.vocabulary, terms.indptr.astype(np.int32), terms.indices.astype(np.int32), terms.data.astype(np.float32)
    )
