"""The runner protocol, the same for all: what is learnt as a file, questions on stdin, answers on stdout, JSON by lines.

This file runs in the peers' environments too, so it needs nothing but the standard library. A peer prints
`{"ready": …}` as soon as it can answer, then for each `{"id", "text", "lang"}` one `{"id", "answer", "cpu"}`: the
card's id, or null when it declines; `cpu` is the processor time of the whole process for this answer, in seconds.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

Answer = Callable[[str, str], "str | None"]
"""(text, language) → the id of a card or command; None declines."""
_OUT, sys.stdout = sys.stdout, sys.stderr


def phrasings() -> list[dict[str, str]]:
    """What the peer may learn: `text`, `intent` and `lang` of each phrasing, from the file named on the command line."""
    return [json.loads(line) for line in Path(sys.argv[1]).read_text("utf-8").splitlines()]


def serve(answer: Answer, about: str) -> None:
    """Answer until stdin ends. What a library prints goes to stderr, so that it does not get in between."""
    out = _OUT
    print(json.dumps({"ready": about}), file=out, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        before = time.process_time()
        given = answer(asked["text"], asked["lang"])
        told = {"id": asked["id"], "answer": given, "cpu": time.process_time() - before}
        print(json.dumps(told), file=out, flush=True)
    most = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(json.dumps({"most_memory": int(most.split()[1]) / 1024}), file=out, flush=True)  # getrusage counts the parent's
