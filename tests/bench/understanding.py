"""`make bench-understanding`: how well do we understand, beside known techniques on the same data in the same run?

Our own cards with the held-out questions (and, where they are, the development questions), then CLINC150 and BANKING77
with 10 examples an intent and with all. Vectors are kept in var/bench, so that a second run is quick.
Everything is by seed; CPU is that of one thread. The first run encodes 37,000 texts, about 8 minutes of CPU.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Literal

import numpy as np

from bot.intents import build as learning
from bot.intents.evaluate import Given, Question, figures, read_questions
from bot.intents.match import Matcher, open_matcher
from bot.intents.normalise import normalise
from bot.intents.sentences import Sentences, find_sentences, remembered
from knowledge.load import OUT_OF_SCOPE, load
from tests.bench import baselines
from tests.conftest import REPO, SHARED

SEEDS = (11, 23, 37, 41, 59)
PUBLIC_SURFACE = 0.15
"""Share of words and n-grams with short, clean utterances of one language; our own phrasings want more (SURFACE)."""
CACHE = REPO / "var" / "bench"
SETS = {"held-out": REPO / "tests" / "data" / "questions.jsonl", "development": SHARED / "eval" / "questions.jsonl"}
Row = tuple[str, str]
KINDS: tuple[Literal["fast"], Literal["full"]] = ("fast", "full")


def main() -> None:
    """Print the tables asked for."""
    parts = {"cards": cards, "few": few, "all": whole, "cost": cost}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(parts), help=f"of {', '.join(parts)}; all of them unless named")
    CACHE.mkdir(parents=True, exist_ok=True)
    for part in parser.parse_args().parts:
        parts[part]()


# ---- our own cards


def cards() -> None:
    """The measure's figures on our questions, in both settings, with typos, and what known techniques guess."""
    kb = load()
    print("our cards                     questions   right   1 tap   wrong  oos answered  declined")
    for kind in KINDS:
        matcher = open_matcher(kb, CACHE, kind=kind)
        for name, questions in _sets():
            for group, row in figures(questions, [_given(matcher, q.text) for q in questions]).items():
                _print(f"{kind}, {name}, {group}", row)
            slipped = [_given(matcher, _slips(q.text, random.Random(q.id))) for q in questions]
            _print(f"{kind}, {name}, 10 % typos", figures(questions, slipped)["all"])
    rows = [(normalise(text), intent) for lang in ("en", "zh") for text, intent in kb.utterances(lang)]
    for name, questions in _sets():
        inside = [q for q in questions if not q.out_of_scope]
        texts = [normalise(q.text) for q in inside]
        print(f"known techniques, {name}: first guess / among the first three")
        for technique, rank in baselines.TECHNIQUES.items():
            guessed = rank(rows, texts)
            first = sum(g[0] in q.labels for g, q in zip(guessed, inside, strict=True))
            three = sum(bool(set(g[:3]) & set(q.labels)) for g, q in zip(guessed, inside, strict=True))
            print(f"  {technique:34} {100 * first / len(inside):6.1f} {100 * three / len(inside):6.1f}")


def _sets() -> list[tuple[str, list[Question]]]:
    there = [(name, file) for name, file in SETS.items() if file.exists()]
    for name in SETS.keys() - {name for name, _ in there}:
        print(f"SKIPPED: the {name} questions are not here")
    return [(n, read_questions([json.loads(line) for line in f.read_text("utf-8").rstrip().split("\n")])) for n, f in there]


def _given(matcher: Matcher, text: str) -> Given:
    found = matcher.understand(text)
    return Given(found.decision, found.intent, tuple(c.intent for c in found.offered) if found.decision == "ask" else ())


def _print(name: str, row: dict[str, float]) -> None:
    numbers = ("right_at_once", "within_one_tap", "sure_but_wrong", "oos_answered", "oos_declined")
    print(f"{name:30} {row['questions']:8.0f}" + "".join(f"{row[n]:8.1f}" for n in numbers))


def _slips(text: str, chance: random.Random) -> str:
    """One Latin letter in ten lost, doubled, changed or swapped with the next; Chinese characters as they are."""
    typed = list(text)
    for place, letter in enumerate(text):
        if not (letter.isascii() and letter.isalpha()) or chance.random() >= 0.1:
            continue
        kind, other = chance.randrange(4), chance.choice("abcdefghijklmnopqrstuvwxyz")
        if kind == 3 and place + 1 < len(text):
            typed[place], typed[place + 1] = typed[place + 1], typed[place]
        else:
            typed[place] = ("", letter + letter, other, "")[kind]
    return "".join(typed)


# ---- public data


def few() -> None:
    """10 examples an intent, the mean of five draws."""
    print(f"\n10 examples an intent and its name as one more, seeds {SEEDS}; CLINC150 with all 200 out-of-scope examples of")
    print("its train and validation parts as a class of their own; right is the first guess among the intents of the set")
    print(f"{'':34} CLINC150   its AUROC   BANKING77")
    for kind in ("fast", "full"):
        found = [_public(kind, 10, seed) for seed in SEEDS]
        _print_public(f"Caucus, {kind}", found)
    for name, rank in baselines.TECHNIQUES.items():
        _print_public(name, [_known(rank, 10, seed) for seed in SEEDS[:1]], note="one seed")


def whole() -> None:
    """All examples of the training parts."""
    print(f"\nall examples\n{'':34} CLINC150   its AUROC   BANKING77")
    for kind in ("fast", "full"):
        _print_public(f"Caucus, {kind}", [_public(kind, None, SEEDS[0])])


def _print_public(name: str, found: list[tuple[float, float, float]], note: str = "") -> None:
    pairs = zip(np.mean(found, axis=0), np.std(found, axis=0), strict=True)
    print(f"{name:34}" + "".join(f"{m:7.2f} ±{s:4.2f}" for m, s in pairs), note, flush=True)


def _public(kind: str, examples: int | None, seed: int) -> tuple[float, float, float]:
    found: list[float] = []
    for data in ("clinc", "banking"):
        train, test, strangers = _draw(data, examples, seed)
        head = learning.build([(text, intent, "en") for text, intent in train], _Known(kind, data), surface=PUBLIC_SURFACE)
        classes = np.array(head.classes)
        strange = classes == OUT_OF_SCOPE
        scores = _scores(head, [text for text, _ in test], kind, data)
        first = classes[np.where(strange, -np.inf, scores).argmax(axis=1)]
        found.append(100 * float(np.mean(first == [intent for _, intent in test])))
        if strangers:
            outside = _scores(head, strangers, kind, data)
            found.append(100 * _auroc(_strangeness(scores, strange), _strangeness(outside, strange)))
    return found[0], found[1], found[2]


def _known(rank: baselines.Technique, examples: int, seed: int) -> tuple[float, float, float]:
    found: list[float] = []
    for data in ("clinc", "banking"):
        train, test, _ = _draw(data, examples, seed)
        guessed = rank([(normalise(t), i) for t, i in train], [normalise(t) for t, _ in test])
        found.append(100 * float(np.mean([g[0] == i for g, (_, i) in zip(guessed, test, strict=True)])))
    return found[0], float("nan"), found[1]


def _draw(data: str, examples: int | None, seed: int) -> tuple[list[Row], list[Row], list[str]]:
    """(training rows with each intent's name as one, test rows, out-of-scope test texts)."""
    folder = SHARED / "eval" / "public"
    strange: list[Row] = []
    strangers: list[str] = []
    if data == "clinc":
        given = json.loads((folder / "clinc150.json").read_text("utf-8"))
        train, test = given["train"], given["test"]
        strange = [(text, OUT_OF_SCOPE) for part in ("oos_train", "oos_val") for text, _ in given[part]]
        strangers = [text for text, _ in given["oos_test"]]
    else:
        train, test = (json.loads((folder / f"banking77_{part}.json").read_text("utf-8")) for part in ("train", "test"))
    chance = np.random.default_rng(seed)
    by_intent: dict[str, list[str]] = {}
    for text, intent in train:
        by_intent.setdefault(intent, []).append(text)
    rows: list[Row] = []
    for intent, texts in sorted(by_intent.items()):
        drawn = range(len(texts)) if examples is None else chance.choice(len(texts), min(examples, len(texts)), replace=False)
        rows += [(texts[n], intent) for n in drawn]
        rows.append((intent.replace("_", " ").lower().rstrip("?"), intent))
    return rows + strange, [(text, intent) for text, intent in test], strangers


@cache
def _vectors(kind: Any, data: str) -> tuple[dict[str, int], Any]:
    """Every text of a data set and its vector, each encoded once for all draws and runs."""
    train, test, strangers = _draw(data, None, 0)
    texts = sorted({normalise(text) for text in [*(t for t, _ in train + test), *strangers]})
    vectors = remembered(find_sentences(kind, CACHE).encode, texts, CACHE / f"public-{kind}-{data}.npz")
    return {text: row for row, text in enumerate(texts)}, vectors


class _Known(Sentences):
    """Vectors that are known already."""

    def __init__(self, kind: Any, data: str) -> None:
        self._kind, self._data = kind, data

    @property
    def kind(self) -> Any:
        return self._kind

    @property
    def dimensions(self) -> int:
        return _vectors(self._kind, self._data)[1].shape[1]

    def encode(self, texts: Sequence[str]) -> Any:
        place, vectors = _vectors(self._kind, self._data)
        return vectors[[place[text] for text in texts]]


def _scores(head: Any, texts: Sequence[str], kind: str, data: str) -> Any:
    plain = [normalise(text) for text in texts]
    return np.array([head.score(t, v) for t, v in zip(plain, _Known(kind, data).encode(plain), strict=True)])


def _strangeness(scores: Any, strange: Any) -> Any:
    return scores[:, strange].max(axis=1) - np.where(strange, -np.inf, scores).max(axis=1)


def _auroc(inside: Any, outside: Any) -> float:
    """The chance that a stranger looks stranger than a text of ours."""
    order = np.argsort(np.concatenate([inside, outside]), kind="stable")
    ranks = np.empty(len(order))
    ranks[order] = np.arange(1, len(order) + 1)
    return float((ranks[len(inside) :].sum() - len(outside) * (len(outside) + 1) / 2) / (len(inside) * len(outside)))


# ---- what it costs


def cost() -> None:
    """CPU of one message in both settings, and how building, memory and answering grow with the phrasings."""
    kb = load()
    texts = [json.loads(line)["text"] for line in SETS["held-out"].read_text("utf-8").rstrip().split("\n")]
    for kind, most in zip(KINDS, ("10 / 20", "30 / 60"), strict=True):
        matcher = open_matcher(kb, CACHE, kind=kind)
        spent = [_cpu(lambda text=text, matcher=matcher: matcher.understand(text)) for text in texts]
        print(f"{kind}: p50 {_share(spent, 0.5):.1f} ms, p99 {_share(spent, 0.99):.1f} ms CPU a message (at most {most})")
    rows = learning_rows(kb)
    sentences = find_sentences("full", CACHE)
    print(f"{'phrasings':>10} {'build s':>8} {'p50 ms':>7} {'p99 ms':>7} {'head MB':>8}   (full; vectors known)")
    for size in (300, 3_000, 30_000):
        # more than we have: each again with one word less, which costs the same as a new one
        grown = [(" ".join(t.split()[turn:]) or t, i, lang) for turn in range(size // len(rows) + 1) for t, i, lang in rows]
        few_rows = grown[:: max(1, len(rows) // size)][:size] if size < len(rows) else grown[:size]
        file = CACHE / f"vectors-growth-{size}.npz"
        remembered(sentences.encode, [normalise(t) for t, _, _ in few_rows], file)
        began = time.process_time()
        head = learning.build(few_rows, sentences, memory=file)
        seconds = time.process_time() - began
        matcher = Matcher(head, sentences)
        spent = [_cpu(lambda text=text, matcher=matcher: matcher.understand(text)) for text, _, _ in rows[::25]]
        held = sum(a.nbytes for p in (head.words, head.grams) for a in (p.starts, p.rows, p.weights))
        held += head.sentences.nbytes + head.weights.nbytes
        print(
            f"{size:>10} {seconds:>8.1f} {_share(spent, 0.5):>7.1f} {_share(spent, 0.99):>7.1f} {held / 2**20:>8.1f}", flush=True
        )


def learning_rows(kb: Any) -> list[Any]:
    """The training rows, mixed, so that any part of them has all intents."""
    from bot.intents.match import training_rows

    rows = training_rows(kb)
    random.Random(7).shuffle(rows)
    return rows


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def _share(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


if __name__ == "__main__":
    main()
