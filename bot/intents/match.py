"""What do they mean? The one way from words typed to a decision, and where its model comes from.

`Matcher.understand` never raises for anything a person typed, and its time is bounded whatever the length.
"""

from __future__ import annotations

import ast
import fcntl
import hashlib
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import numpy as np
import structlog

from bot.intents.decide import CAREFUL, MOST_OFFERED, Candidate, decide
from bot.intents.head import Head
from bot.intents.normalise import gist, has_words, language, normalise
from bot.intents.pinyin import Pinyin
from bot.intents.sentences import Floats, Kind, Sentences, find_sentences
from bot.intents.spelling import Speller
from bot.messages import LONGEST_UTTERANCE, Decision, Lang
from bot.once import Once
from bot.settle import settle
from knowledge.load import OUT_OF_SCOPE, SHIPPED, KnowledgeBase

log = structlog.get_logger()
KEPT_CANDIDATES = 5
SHORT_DOUBLE, LONGEST_DOUBLE = 60, 300
"""Characters up to which a message is also read question by question, always and if SECOND_VOICE allows: bounds its time."""
SECOND_VOICE = -0.71
"""The least score of the second candidate with which a longer message is read question by question: 55 of 56 messages made of two
questions about different things pass, 11 of 15 with two questions about one thing do not and cost no more (2026-11-22)."""
_QUESTION = re.compile(r"[^?？]{6,}[?？]+")
KEPT_HEADS = 3
"""So many of the newest stored heads stay in the cache: an update that is taken back needs no new learning."""
MODEL_PARTS = (
    "normalise.py",
    "pinyin.py",
    "features.py",
    "encoder.py",
    "minilm.py",
    "sentences.py",
    "decide.py",
    "head.py",
    "build.py",
)
"""The files that a stored head depends on: when one of them changes, the head is built anew."""


@dataclass(frozen=True)
class Understanding:
    """What a message was taken to mean, and how sure that is."""

    lang: Lang
    decision: Decision
    offered: tuple[Candidate, ...]
    """One when sure, two or three to choose from when not, none when unknown."""
    candidates: tuple[Candidate, ...]
    """The best few, whatever the decision."""
    out_of_scope: float
    """The probability that it is nothing we know."""
    strange: float = -1.0
    """The score of the out-of-scope class."""

    @property
    def intent(self) -> str | None:
        """The intent, when sure."""
        return self.offered[0].intent if self.decision == "sure" else None


class Matcher:
    """Understands utterances; read only after it is made, safe to share between threads."""

    def __init__(self, head: Head, sentences: Sentences) -> None:
        self.head = head
        self.sentences = sentences
        self._speller = Speller(head.spelling, sentences.is_word)
        self._pinyin = Pinyin(head.sounds)
        self._strange = np.array([name == OUT_OF_SCOPE for name in head.classes])

    def understand(self, text: str, lang: Lang | None = None) -> Understanding:
        """The decision for one utterance. `lang` overrides the language seen in the text.

        Of a long one only the beginning and the end are read (`gist`), of more than LONGEST_UTTERANCE characters the first.
        """
        text = text[:LONGEST_UTTERANCE]
        if spelt := self._pinyin.read(gist(normalise(text))):
            text, lang = spelt, lang or "zh"
        lang = lang or language(text) or "en"
        if not has_words(text):
            return Understanding(lang, "unknown", (), (), 1.0)
        questions = _questions(text)
        both_ways = bool(questions) and len(text) <= SHORT_DOUBLE  # read together, since that costs less than one after the other
        first, *rest = self.scores([text, *questions] if both_ways else [text])
        whole = self._decided(first, lang)
        second = max((c.score for c in whole.candidates[1:]), default=-1.0)
        if whole.decision == "unknown" or not questions or (len(text) > SHORT_DOUBLE and second < SECOND_VOICE):
            return whole
        parts = [self._decided(scores, lang) for scores in rest or self.scores(questions)]
        both = {part.offered[0].intent: part.offered[0] for part in parts if part.decision == "sure"}
        if len(both) < 2 or any(part.decision != "sure" for part in parts):
            return whole
        return replace(whole, decision="ask", offered=tuple(both.values()))

    def _decided(self, scores: Floats, lang: Lang) -> Understanding:
        probabilities = self.head.probabilities(scores)
        order = np.argsort(np.where(self._strange, -np.inf, scores))[::-1][:KEPT_CANDIDATES]
        candidates = tuple(
            Candidate(self.head.classes[n], float(scores[n]), float(probabilities[n])) for n in order if not self._strange[n]
        )
        strange = float(scores[self._strange].max(initial=-1.0))
        decision, offered = decide(candidates, strange, self.head.thresholds.get(lang, CAREFUL))
        return Understanding(lang, decision, tuple(offered), candidates, float(probabilities[self._strange].sum()), strange)

    def scores(self, texts: Sequence[str]) -> list[Floats]:
        """One score a class of the head for each text as typed; together they cost less than one by one."""
        repaired = [self._speller.repair(gist(normalise(text))) for text in texts]
        vectors = self.sentences.encode(repaired)
        return [self.head.score(text, vector) for text, vector in zip(repaired, vectors, strict=True)]


def _questions(text: str) -> list[str]:
    """The two or three questions that a short message asks; none when it asks one, or more."""
    found = [part.strip() for part in _QUESTION.findall(text)] if len(text) <= LONGEST_DOUBLE else []
    return found if 2 <= len(found) <= MOST_OFFERED else []


class Later(Matcher):
    """A matcher that takes its seconds and megabytes when it is first asked."""

    def __init__(self, opened: Callable[[], Matcher]) -> None:
        self._opened = Once(opened)

    def understand(self, text: str, lang: Lang | None = None) -> Understanding:
        """See Matcher."""
        return self._opened().understand(text, lang)


def open_matcher(kb: KnowledgeBase, cache: Path, folder: Path = SHIPPED, kind: Literal["full", "fast"] = "full") -> Matcher:
    """The matcher for these phrasings: from the cache when it was built before, else built in a process of its own.

    Building takes one to three minutes the first time and leaves its files in `cache`; later only what is new is encoded.
    Raises RuntimeError when building fails.
    """
    sentences = find_sentences(kind, cache)
    if sentences.kind != kind:
        log.warning("a sentence encoder is absent or unknown: understanding falls back", wanted=kind, found=sentences.kind)
    path = head_file(kb, cache, sentences.kind)
    head = Head.read(path) or _built(kb, cache, folder, path, sentences.kind)
    matcher = Matcher(head, sentences)
    settle()
    return matcher


def head_file(kb: KnowledgeBase, cache: Path, kind: Kind) -> Path:
    """Where the head of these phrasings is kept; the name changes with them and with the model's sources."""
    return cache / f"head-{_key(kb, kind)}.npz"


def _built(kb: KnowledgeBase, cache: Path, folder: Path, path: Path, kind: Kind) -> Head:
    """Learn now; of several processes that start together one learns and the others wait for it."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "building.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go when the file is closed, or when the process dies
        if head := Head.read(path):
            return head
        log.info("learning the phrasings, once for this knowledge", cards=len(kb.cards))
        command = [sys.executable, "-m", "bot.intents.build", str(folder), str(path), kind]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
        head = Head.read(path)
        if head is None:
            raise RuntimeError(f"understanding could not be built (exit {done.returncode}): {done.stderr[-2000:]}")
        heads = sorted(cache.glob("head-*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in heads[KEPT_HEADS:]:
            old.unlink(missing_ok=True)
        return head


def training_rows(kb: KnowledgeBase) -> list[tuple[str, str, Lang]]:
    """Every (utterance, intent, language) that the head learns from."""
    return [(text, intent, lang) for lang in ("en", "zh") for text, intent in kb.utterances(lang)]


def _key(kb: KnowledgeBase, kind: Kind) -> str:
    parts = [repr(training_rows(kb)), kind]  # a card's advice may change without relearning
    parts += [f"{name}={version(name)}" for name in ("numpy", "scipy", "opencc", "pypinyin", "sentencepiece")]
    digest = hashlib.sha256("\n".join(parts).encode())
    for name in MODEL_PARTS:
        source = (Path(__file__).parent / name).read_text(encoding="utf-8")
        digest.update(ast.dump(ast.parse(source)).encode())  # comments and layout do not count
    return digest.hexdigest()[:16]
