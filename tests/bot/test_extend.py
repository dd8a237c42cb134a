"""Is a head with a few phrasings more the head that one would have learnt with them, and are its big arrays shared?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.intents.build import RIDGE, Row, build
from bot.intents.extend import Factor, extend
from bot.intents.extended import Extended
from bot.intents.head import Head, kernel
from bot.intents.sentences import Sentences

SUBJECTS = ("price", "delivery", "samples", "warranty", "deposit", "packing")
WAYS = (
    "what about the {}",
    "tell me of the {} again",
    "is the {} late",
    "who decides on the {}",
    "can we change the {} now",
    "my {} question",
)
SHIPPED: list[Row] = [(way.format(subject), subject, "en") for subject in SUBJECTS[:4] for way in WAYS]
ADDED: list[Row] = [
    ("the deposit is too high", "deposit", "en"),
    ("who pays the deposit now", "deposit", "en"),
    ("is the price final", "price", "en"),
]


def learnt(folder: Path) -> tuple[Head, Factor]:
    """A head over the shipped phrasings, without a sentence encoder, and its solved system."""
    head = build(SHIPPED, Sentences(None))
    return head, Factor.solve(head, [head.classes.index(intent) for _, intent, _ in SHIPPED], folder, "head-x")


def directly(head: Head, rows: list[Row], classes: tuple[str, ...]) -> np.ndarray:
    """The weights of the whole system over `rows`, solved at once with the vocabulary of `head`."""
    likeness = np.zeros((len(rows), len(rows)))
    for postings in (head.words, head.grams):
        vectors = np.zeros((len(rows), len(postings.vocabulary.index)))
        for number, (text, _, _) in enumerate(rows):
            positions, weights = postings.vocabulary.weigh(text)
            vectors[number, positions] = weights
        likeness += head.surface / 2 * vectors @ vectors.T
    wanted = np.array([[1.0 if intent == name else -1.0 for name in classes] for _, intent, _ in rows])
    return np.linalg.solve(kernel(likeness) + RIDGE * np.eye(len(rows)), wanted)


@pytest.mark.parametrize("gone", [(), ("delivery",), ("price", "samples")])
@pytest.mark.parametrize("added", [[], ADDED[2:], ADDED])
def test_the_weights_are_those_of_the_whole_system(tmp_path: Path, gone: tuple[str, ...], added: list[Row]) -> None:
    head, factor = learnt(tmp_path)
    rows = [row for row in SHIPPED if row[1] not in gone] + [row for row in added if row[1] not in gone]
    found = extend(head, factor, SHIPPED, rows, {})
    kept = [n for n, row in enumerate(SHIPPED) if row[1] not in gone]
    weights = np.concatenate([found.head.weights[kept], found.head.more_weights])
    assert found.rows == rows
    assert np.allclose(weights, directly(head, rows, found.head.classes), atol=2e-4)
    assert not found.head.weights[[n for n in range(len(SHIPPED)) if n not in kept]].any()


def test_a_phrasing_left_out_is_scored_by_a_head_that_has_not_seen_it(tmp_path: Path) -> None:
    head, factor = learnt(tmp_path)
    rows = [row for row in SHIPPED if row[1] != "warranty"] + ADDED
    found = extend(head, factor, SHIPPED, rows, {})
    for left in (0, len(rows) - 1, len(rows) - 2):
        without = extend(head, factor, SHIPPED, [row for n, row in enumerate(rows) if n != left], {}).head
        assert np.allclose(found.unseen[left], without.score(rows[left][0], np.zeros(0, dtype=np.float32)), atol=2e-3)


def test_nothing_added_is_the_head_itself(tmp_path: Path) -> None:
    head, factor = learnt(tmp_path)
    same = extend(head, factor, SHIPPED, SHIPPED, {}).head
    text = "is the delivery late again"
    assert np.allclose(
        same.score(text, np.zeros(0, dtype=np.float32)), head.score(text, np.zeros(0, dtype=np.float32)), atol=1e-3
    )


def test_the_stored_extension_scores_the_same_and_shares_the_arrays_of_its_head(tmp_path: Path) -> None:
    head, factor = learnt(tmp_path)
    found = extend(head, factor, SHIPPED, SHIPPED + ADDED, {}).head
    found.save(tmp_path / "layer.npz")
    read = Extended.over(head, tmp_path / "layer.npz")
    assert read and read.classes == found.classes and "deposit" in read.classes and "deposit" in read.spelling
    nothing = np.zeros(0, dtype=np.float32)
    assert np.array_equal(read.score("the deposit", nothing), found.score("the deposit", nothing))
    assert read.words is head.words and read.grams is head.grams and read.sentences is head.sentences
    assert max(zip(read.score("is the deposit too high", nothing), read.classes, strict=True))[1] == "deposit"


@pytest.mark.parametrize("damage", [b"", b"not a zip", None])
def test_a_damaged_extension_or_one_of_another_head_is_none(tmp_path: Path, damage: bytes | None) -> None:
    head, factor = learnt(tmp_path)
    file = tmp_path / "layer.npz"
    extend(head, factor, SHIPPED, SHIPPED + ADDED, {}).head.save(file)
    if damage is not None:
        file.write_bytes(damage)
    other = build(SHIPPED[:18], Sentences(None)) if damage is None else head
    assert Extended.over(other, file) is None


def test_the_solved_system_is_kept_and_a_newer_heads_replaces_it(tmp_path: Path) -> None:
    head, factor = learnt(tmp_path)
    again = Factor.read(tmp_path, "head-x")
    assert again and np.array_equal(again.lower, factor.lower) and np.allclose(again.weights, factor.weights)
    Factor.solve(head, [head.classes.index(intent) for _, intent, _ in SHIPPED], tmp_path, "head-y")
    assert Factor.read(tmp_path, "head-x") is None
    (tmp_path / "solved-head-y.npz").write_bytes(b"broken")
    assert Factor.read(tmp_path, "head-y") is None


def test_a_text_is_as_like_a_phrasing_as_words_and_meaning_say(tmp_path: Path) -> None:
    head, _ = learnt(tmp_path)
    found = head.alike(SHIPPED[3][0], np.zeros(0, dtype=np.float32), head.words, head.grams, head.sentences, len(SHIPPED))
    assert found.argmax() == 3
    assert abs(float(found[3]) - 1) < 1e-5
