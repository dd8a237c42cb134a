"""Does the head that serves say what scikit-learn learned, is it the same each time, and does its file hold it whole?"""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from sklearn.svm import LinearSVC

from bot.intents import build as building
from bot.intents.build import REGULARISATION, SEED, TOLERANCE, Row, build
from bot.intents.decide import Thresholds
from bot.intents.encoder import DIMENSIONS, Encoder, find_encoder
from bot.intents.features import Vocabulary
from bot.intents.head import Head
from bot.intents.normalise import normalise
from knowledge.load import OUT_OF_SCOPE, KnowledgeBase

CARDS = ("exclusivity-request", "share-information", "email-unreliable", "personal-questions")
ARRAYS = ("word_weights", "gram_weights", "sentence_weights", "bias")


def some_rows(kb: KnowledgeBase, intents: tuple[str, ...], count: int = 40) -> list[Row]:
    """So many phrasings of each of these intents in each language."""
    rows: list[Row] = []
    for lang in ("en", "zh"):
        for intent in intents:
            rows += [(text, name, lang) for text, name in kb.utterances(lang) if name == intent][:count]
    return rows


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The real one."""
    found = find_encoder()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def rows(kb: KnowledgeBase) -> list[Row]:
    """Phrasings of four cards, and strangers."""
    return some_rows(kb, (*CARDS, OUT_OF_SCOPE))


@pytest.fixture(scope="module")
def plain(rows: list[Row]) -> Head:
    """A small head of words and characters alone."""
    return build(rows, None, "hash of the data")


@pytest.fixture(scope="module")
def whole(rows: list[Row], encoder: Encoder) -> Head:
    """A small head with the sentence encoder."""
    return build(rows, encoder, "hash of the data")


def served(head: Head, rows: list[Row], sentences: np.ndarray | None) -> np.ndarray:
    """What the serving code scores, row by row."""
    texts = [normalise(text) for text, _, _ in rows]
    return np.stack([head.score(t, None if sentences is None else sentences[n]) for n, t in enumerate(texts)])


def learned(head: Head, rows: list[Row], sentences: np.ndarray) -> np.ndarray:
    """What scikit-learn's own decision function says of the same rows."""
    texts = [normalise(text) for text, _, _ in rows]
    traits = building._traits(head.words, head.grams, texts, sentences)
    machine = LinearSVC(C=REGULARISATION, tol=TOLERANCE, random_state=SEED).fit(traits, [intent for _, intent, _ in rows])
    assert tuple(machine.classes_) == head.classes
    return machine.decision_function(traits)


def test_the_served_scores_are_those_of_scikit_learn(whole: Head, rows: list[Row], encoder: Encoder) -> None:
    sentences = encoder.encode([normalise(text) for text, _, _ in rows])
    assert np.abs(served(whole, rows, sentences) - learned(whole, rows, sentences)).max() < 1e-4


def test_without_the_encoder_the_served_scores_are_those_of_scikit_learn_too(plain: Head, rows: list[Row]) -> None:
    nothing = np.zeros((len(rows), 0), dtype=np.float32)
    assert np.abs(served(plain, rows, None) - learned(plain, rows, nothing)).max() < 1e-4


def test_two_intents_score_as_scikit_learns_single_row_says(kb: KnowledgeBase) -> None:
    rows = some_rows(kb, CARDS[:2])
    head = build(rows, None)
    decided = learned(head, rows, np.zeros((len(rows), 0), dtype=np.float32))
    assert decided.ndim == 1
    assert np.abs(served(head, rows, None) - np.stack([-decided, decided], axis=1)).max() < 1e-4


def test_the_same_seed_makes_the_same_head(plain: Head, rows: list[Row]) -> None:
    again = build(rows, None, "hash of the data")
    assert all(np.array_equal(getattr(plain, name), getattr(again, name)) for name in ARRAYS)
    assert (plain.sharpness, plain.thresholds, plain.classes, plain.spelling) == (
        again.sharpness, again.thresholds, again.classes, again.spelling,
    )  # fmt: skip


def test_the_order_of_the_classes_does_not_depend_on_the_order_of_the_rows(plain: Head, rows: list[Row]) -> None:
    mixed = list(rows)
    random.Random(1).shuffle(mixed)
    assert build(mixed, None).classes == plain.classes == tuple(sorted({*CARDS, OUT_OF_SCOPE}))


def test_a_head_saved_and_read_back_gives_the_same_scores(whole: Head, rows: list[Row], encoder: Encoder, tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "head.npz"
    whole.save(path)
    back = Head.read(path)
    assert back is not None
    sentences = encoder.encode([normalise(text) for text, _, _ in rows[::10]])
    assert np.array_equal(served(whole, rows[::10], sentences), served(back, rows[::10], sentences))
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


def test_a_text_of_unknown_words_scores_the_bias(plain: Head) -> None:
    assert np.array_equal(plain.score("жщ", None), plain.bias)


def test_a_head_knows_how_it_was_made(whole: Head, plain: Head, rows: list[Row]) -> None:
    made = whole.made_of
    assert (made["seed"], made["data"], made["utterances"], made["sentences"]) == (
        SEED,
        "hash of the data",
        len(rows),
        DIMENSIONS,
    )
    assert {"numpy", "scipy", "scikit-learn", "rapidfuzz", "opencc", "encoder", "python"} <= set(made)
    assert plain.made_of["sentences"] == 0
    assert "encoder" not in plain.made_of


def test_thresholds_are_fitted_for_both_languages(whole: Head) -> None:
    assert set(whole.thresholds) == {"en", "zh"}
    assert all(isinstance(found, Thresholds) and 0 < found.sure < 1 for found in whole.thresholds.values())


def test_spelling_knows_the_latin_words_of_the_phrasings_and_no_short_ones(plain: Head) -> None:
    assert {"exclusive", "exclusivity", "drawings"} <= set(plain.spelling)
    assert all(len(word) >= 4 and word.isascii() and word.isalpha() for word in plain.spelling)
    assert list(plain.spelling) == sorted(set(plain.spelling))


def test_one_intent_alone_cannot_be_told_apart(kb: KnowledgeBase) -> None:
    with pytest.raises(ValueError, match="fewer than two intents"):
        build(some_rows(kb, CARDS[:1]), None)


def test_an_intent_with_a_single_phrasing_can_be_learned() -> None:
    head = build([("send the file now", "a", "en"), ("send the file", "a", "en"), ("good weather today", "b", "en")], None)
    assert head.classes == ("a", "b")


def test_a_vocabulary_of_another_length_than_its_rarities_is_no_head(plain: Head, tmp_path: Path) -> None:
    path = tmp_path / "head.npz"
    Head(**{**vars(plain), "words": Vocabulary("words", plain.words.index, plain.words.rarity[:-1])}).save(path)
    assert Head.read(path) is None
