"""How is a layer understood? Opens what was learnt from it, or has it learnt by a process of its own."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

import structlog

from bot.curation.layer import Layer
from bot.curation.merge import fitting, merged
from bot.intents import extended
from bot.intents.extended import Extended
from bot.intents.head import Head
from bot.intents.live import Known
from bot.intents.match import Later, Matcher, head_file
from knowledge.load import SHIPPED, KnowledgeBase

log = structlog.get_logger()
KEPT = 5
"""Learnt layers that stay in the cache: an undo needs no new learning."""


@dataclass(frozen=True)
class Understanding:
    """The shipped knowledge as it was opened, and where what is learnt over it is kept."""

    shipped: KnowledgeBase
    opened: Callable[[], Matcher]
    """The matcher of the shipped knowledge; opened when it is first asked for."""
    cache: Path
    kind: Literal["full", "fast"]
    folder: Path = SHIPPED
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
    def _made_with(self) -> str:
        shipped = head_file(self.shipped, self.cache, self.opened().sentences.kind).name
        here = Path(extended.__file__)
        sources = b"".join(file.read_bytes() for file in (here, here.with_name("extend.py")))  # not imported: it loads scipy
        return f"{shipped} {hashlib.sha256(sources).hexdigest()}"

    def learn(self, before: Layer | None, after: Layer, tell: Callable[[str], None] = lambda step: None) -> dict[str, Any]:
        """Learn a layer in a process of its own; with `before`, also compare. `tell` hears each step.

        Raises RuntimeError when the process fails.
        """
        request = {
            "folder": str(self.folder),
            "cache": str(self.cache),
            "kind": self.kind,
            "file": str(self.file(after)),
            "after": after.dump(),
            "before": before.dump() if before is not None else None,
        }
        result: dict[str, Any] | None = None
        with tempfile.TemporaryFile("w+") as said:
            command = [sys.executable, "-m", "bot.curation.relearn"]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True) as child:  # noqa: S603 - our own module
                assert child.stdin
                assert child.stdout
                child.stdin.write(json.dumps(request))
                child.stdin.close()
                for line in child.stdout:
                    told = json.loads(line)
                    if "step" in told:
                        tell(told["step"])
                    else:
                        result = told["result"]
            if result is None:
                said.seek(0)
                raise RuntimeError(f"learning ended with {child.returncode}: {_last_line(said.read())}")
        stored = sorted(self.cache.glob("layer-*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in stored[KEPT:]:
            old.unlink(missing_ok=True)
        return result


def _read(base: Head, file: Path) -> Head | None:
    return Extended.over(base, file) or Head.read(file)


def _last_line(said: str) -> str:
    """The name of what went wrong, without what it quotes: that may be a phrasing."""
    lines = [line for line in said.splitlines() if line and not line.startswith(" ")]
    return lines[-1].partition(":")[0][:200] if lines else "nothing"
