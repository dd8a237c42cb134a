"""How is a layer understood? Opens what was learnt from it, or has it learnt by a process of its own."""

from __future__ import annotations

import fcntl
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

import structlog

from bot.curation.layer import Layer
from bot.curation.merge import fitting, merged
from bot.curation.vectors import LOCK, memory_of, new_texts
from bot.intents import extended
from bot.intents.extended import Extended
from bot.intents.features import Floats
from bot.intents.head import Head
from bot.intents.live import Known
from bot.intents.match import Later, Matcher, head_file, training_rows
from bot.intents.sentences import Sentences, remembered
from bot.messages import Lang
from knowledge.load import KnowledgeBase

log = structlog.get_logger()
KEPT = 5
"""Learnt layers that stay in the cache: an undo needs no new learning."""
MOST_ENCODED = 100
"""New phrasings that are encoded in this process, where the encoders are open (10 ms each); more are left to the other."""


@dataclass(frozen=True)
class Understanding:
    """The shipped knowledge as it was opened, and where what is learnt over it is kept."""

    shipped: KnowledgeBase
    opened: Callable[[], Matcher]
    """The matcher of the shipped knowledge; opened when it is first asked for."""
    cache: Path
    kind: Literal["full", "fast"]
    later: bool = False
    """Understanding is opened only when something has to be understood."""

    def known(self, version: int, layer: Layer) -> Known:
        """The layer's knowledge with the matcher that understands it; learnt now when that was not done before.

        What no longer fits the shipped knowledge is left out, and said in the log. Raises RuntimeError when learning fails.
        """
        fits, left_out = fitting(self.shipped, layer)
        for reason in left_out:
            log.warning("a part of the team's layer no longer fits the shipped knowledge", version=version, part=reason[:200])
        matcher = Later(partial(self.matcher, fits)) if self.later else self.matcher(fits)
        return Known(merged(self.shipped, fits), matcher, version)

    def matcher(self, layer: Layer) -> Matcher:
        """The matcher for a layer that fits. Raises RuntimeError when it has to be learnt and that fails."""
        base = self.opened()
        if not layer.teaches:
            return base
        file = self.file(layer)
        head = _read(base.head, file)
        if head is None:
            self.learn(None, layer)
            head = _read(base.head, file)
        if head is None:
            raise RuntimeError("the team's layer could not be learnt")
        return Matcher(head, base.sentences)

    def file(self, layer: Layer) -> Path:
        """Where what is learnt from a layer is kept; named by all that it is made from."""
        return self.cache / f"layer-{hashlib.sha256(f'{self._made_with} {layer.learnt_from}'.encode()).hexdigest()[:16]}.npz"

    @cached_property
    def _head(self) -> Path:
        return head_file(self.shipped, self.cache, self.opened().sentences.kind)

    @cached_property
    def _made_with(self) -> str:
        here = Path(extended.__file__)
        sources = b"".join(file.read_bytes() for file in (here, here.with_name("extend.py")))  # not imported: it loads scipy
        return f"{self._head.name} {hashlib.sha256(sources).hexdigest()}"

    def learn(self, before: Layer | None, after: Layer, tell: Callable[[str], None] = lambda step: None) -> dict[str, Any]:
        """Learn a layer in a process of its own; with `before`, also compare. `tell` hears each step.

        Raises RuntimeError when the process fails.
        """
        rows = training_rows(merged(self.shipped, after))
        past = None if before is None else training_rows(merged(self.shipped, fitting(self.shipped, before)[0]))
        shipped = training_rows(self.shipped)
        self._encode(new_texts(shipped, rows, past or []))
        request = {
            **self._asked(shipped),
            "rows": rows,
            "past": past,
            "file": str(self.file(after)),
            "questions": [question.model_dump() for question in after.questions],
            "kept": [question.text for question in before.questions] if before else [],
        }
        result: dict[str, Any] | None = None
        with tempfile.TemporaryFile("w+") as said, self._started(request, subprocess.PIPE, said) as child:
            assert child.stdout
            for line in child.stdout:
                told = json.loads(line)
                if "step" in told:
                    tell(told["step"])
                else:
                    result = told["result"]
            if result is None:
                child.wait()
                said.seek(0)
                raise RuntimeError(f"learning ended with {child.returncode}: {_last_line(said.read())}")
        stored = sorted(self.cache.glob("layer-*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in stored[KEPT:]:
            old.unlink(missing_ok=True)
        return result

    @property
    def prepared(self) -> bool:
        """Whether what every change stands on is solved already."""
        return (self.cache / f"solved-{self._head.stem}.npz").exists()

    def prepare(self) -> subprocess.Popen[str]:
        """Begin to solve what every change stands on, in a process of its own that nobody has to wait for."""
        return self._started(self._asked(training_rows(self.shipped)), subprocess.DEVNULL, subprocess.DEVNULL)

    def _asked(self, shipped: list[tuple[str, str, Lang]]) -> dict[str, Any]:
        return {
            "cache": str(self.cache),
            "kind": self.opened().sentences.kind,
            "head": str(self._head),
            "data_hash": self.shipped.content_hash,
            "shipped": shipped,
        }

    def _started(self, request: dict[str, Any], out: Any, said: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "bot.curation.relearn"]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=said, text=True)  # noqa: S603 - our own module
        assert child.stdin
        with suppress(BrokenPipeError), child.stdin:  # it may be dead already, and says so itself
            json.dump(request, child.stdin)
        return child

    def _encode(self, new: list[str]) -> None:
        """Remember the vectors of new texts for the process that learns: opening the encoders there takes it 4 s of CPU."""
        sentences = self.opened().sentences
        if not new or not sentences.dimensions:
            return
        self.cache.mkdir(parents=True, exist_ok=True)
        with (self.cache / LOCK).open("w") as lock, suppress(_TooMany, BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remembered(partial(_few, sentences), new, memory_of(self.cache, sentences.kind))


class _TooMany(Exception):
    """More than MOST_ENCODED are new."""


def _few(sentences: Sentences, texts: Sequence[str]) -> Floats:
    if len(texts) > MOST_ENCODED:
        raise _TooMany
    return sentences.encode(texts)


def _read(base: Head, file: Path) -> Head | None:
    return Extended.over(base, file) or Head.read(file)


def _last_line(said: str) -> str:
    """The name of what went wrong, without what it quotes: that may be a phrasing."""
    lines = [line for line in said.splitlines() if line and not line.startswith(" ")]
    return lines[-1].partition(":")[0][:200] if lines else "nothing"
