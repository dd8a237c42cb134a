"""What do they mean? The one way from words typed to a decision, and where its model comes from.

`Matcher.understand` never raises for anything a person typed, and its time is bounded whatever the length.
"""

from __future__ import annotations

import ast
import fcntl
import hashlib
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import structlog

from bot.intents.decide import CAREFUL, Candidate, decide
from bot.intents.encoder import Encoder, find_encoder
from bot.intents.head import Head
from bot.intents.normalise import has_words, language, normalise
from bot.intents.spelling import Speller
from bot.messages import LONGEST_UTTERANCE, Decision, Lang
from knowledge.load import OUT_OF_SCOPE, SHIPPED, KnowledgeBase

log = structlog.get_logger()
KEPT_CANDIDATES = 5
KEPT_HEADS = 3
"""So many of the newest stored heads stay in the cache: an update that is taken back needs no new learning."""
MODEL_PARTS = ("normalise.py", "features.py", "encoder.py", "decide.py", "head.py", "build.py")
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

    @property
    def intent(self) -> str | None:
        """The intent, when sure."""
        return self.offered[0].intent if self.decision == "sure" else None


class Matcher:
    """Understands utterances; read only after it is made, safe to share between threads."""

    def __init__(self, head: Head, encoder: Encoder | None) -> None:
        self.head = head
        self._encoder = encoder if len(head.sentence_weights) else None
        self._speller = Speller(head.spelling, encoder.is_word if encoder else lambda word: False)
        self._strange = np.array([name == OUT_OF_SCOPE for name in head.classes])

    def understand(self, text: str, lang: Lang | None = None) -> Understanding:
        """The decision for one utterance. `lang` overrides the language seen in the text.

        Only the first LONGEST_UTTERANCE characters are read.
        """
        text = text[:LONGEST_UTTERANCE]
        lang = lang or language(text) or "en"
        if not has_words(text):
            return Understanding(lang, "unknown", (), (), 1.0)
        repaired = self._speller.repair(normalise(text))
        sentence = self._encoder.encode([repaired])[0] if self._encoder else None
        probabilities = self.head.probabilities(self.head.score(repaired, sentence))
        out_of_scope = float(probabilities[self._strange].sum())
        order = np.argsort(np.where(self._strange, -1.0, probabilities))[::-1][:KEPT_CANDIDATES]
        candidates = tuple(Candidate(self.head.classes[n], float(probabilities[n])) for n in order if not self._strange[n])
        decision, offered = decide(candidates, out_of_scope, self.head.thresholds.get(lang, CAREFUL))
        return Understanding(lang, decision, tuple(offered), candidates, out_of_scope)


def open_matcher(kb: KnowledgeBase, cache: Path, folder: Path = SHIPPED) -> Matcher:
    """The matcher for these phrasings: from the cache when it was built before, else built in a process of its own.

    Building takes about a minute and leaves one file in `cache`.
    Raises RuntimeError when building fails.
    """
    encoder = find_encoder()
    if encoder is None:
        log.warning("sentence encoder absent or unknown: understanding falls back to words and characters")
    path = cache / f"head-{_key(kb, encoder)}.npz"
    head = Head.read(path) or _built(kb, cache, folder, path, plain=encoder is None)
    return Matcher(head, encoder)


def _built(kb: KnowledgeBase, cache: Path, folder: Path, path: Path, *, plain: bool) -> Head:
    """Learn now; of several processes that start together one learns and the others wait for it."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "building.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go when the file is closed, or when the process dies
        if head := Head.read(path):
            return head
        log.info("learning the phrasings, once for this knowledge", cards=len(kb.cards))
        command = [sys.executable, "-m", "bot.intents.build", str(folder), str(path), *(["--plain"] if plain else [])]
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


def _key(kb: KnowledgeBase, encoder: Encoder | None) -> str:
    parts = [repr(training_rows(kb)), "sentences" if encoder else "plain"]  # a card's advice may change without relearning
    parts += [f"{name}={version(name)}" for name in ("numpy", "scikit-learn", "opencc")]
    digest = hashlib.sha256("\n".join(parts).encode())
    for name in MODEL_PARTS:
        source = (Path(__file__).parent / name).read_text(encoding="utf-8")
        digest.update(ast.dump(ast.parse(source)).encode())  # comments and layout do not count
    return digest.hexdigest()[:16]
