"""Learns a layer in a process of its own: request on standard input, steps and the result on standard output.

One JSON line in: {cache, kind, head, data_hash, shipped, rows, past, file, questions, kept}; rows are [utterance, intent,
language], `past` those of the layer to compare with or null, `questions` must stay understood, of which `kept` were known
before. Without `rows` the shipped head's system is solved and kept, for the first change to be as quick as all others.
Lines out: {"step": ...} while it goes on, then {"result": {moved, questions, wrong, elsewhere, lost}}.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, cast

from bot.curation.vectors import LOCK, memory_of, new_texts
from bot.intents import compare
from bot.intents.build import Row, build
from bot.intents.evaluate import Given, Question
from bot.intents.extend import Factor, Learnt, extend
from bot.intents.extended import Extended
from bot.intents.features import Floats
from bot.intents.head import Head
from bot.intents.match import Matcher
from bot.intents.sentences import Sentences, find_sentences, remembered

POLITE, BEFOREHAND = 5, 10
"""People are answered first: so nice is this process, and so nice when nobody waits for it."""
MOST_TOLD = 50
"""Moved phrasings that a report lists."""
Tell = Callable[[str], None]


def relearn(request: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Write the head of a layer to `file`, and say what it moves.

    Raises RuntimeError, OSError, ValueError.
    """
    folder, path, kind = Path(request["cache"]), Path(request["head"]), request["kind"]
    tell("opening")
    head = Head.read(path)
    if head is None:
        raise RuntimeError("the shipped head cannot be read")
    shipped = _rows(request["shipped"])
    in_parts = head.made_of["landmarks"] < len(shipped)  # likeness is taken to a share of the phrasings: no exact border
    if not request.get("rows"):
        if not in_parts:
            _solved(head, shipped, folder, path.stem, tell)
        return {}
    rows = _rows(request["rows"])
    past = None if request["past"] is None else _rows(request["past"])
    opened = cache(lambda: find_sentences(kind, folder))  # seconds, and mostly not needed: whoever asks has the vectors
    if in_parts:
        tell("learning all")
        whole = build(rows, opened(), data_hash=request["data_hash"], memory=folder / f"vectors-{kind}.npz")
        whole.save(Path(request["file"]))
        return _compared(request, (head, whole), None, None, rows, past or [], opened)
    vectors = _vectors(head, new_texts(shipped, rows, past or []), opened, memory_of(folder, kind))
    factor = _solved(head, shipped, folder, path.stem, tell)
    tell("learning")
    after = extend(head, factor, shipped, rows, vectors)
    after.head.save(Path(request["file"]))
    if past is None:
        return {}
    tell("comparing")
    then = extend(head, factor, shipped, past, vectors)
    return _compared(request, (then.head, after.head), then, after, rows, past, opened)


def _rows(said: Any) -> list[Row]:
    return cast("list[Row]", [tuple(row) for row in said])


def _vectors(head: Head, texts: list[str], opened: Callable[[], Sentences], memory: Path) -> dict[str, Floats]:
    if not texts or not head.sentences.shape[1]:
        return {}
    return dict(zip(texts, remembered(lambda some: opened().encode(some), texts, memory), strict=True))


def _solved(head: Head, shipped: list[Row], folder: Path, name: str, tell: Tell) -> Factor:
    if factor := Factor.read(folder, name):
        return factor
    tell("preparing")
    places = {intent: n for n, intent in enumerate(head.classes)}
    return Factor.solve(head, [places[intent] for _, intent, _ in shipped], folder, name)


def _compared(
    request: dict[str, Any],
    heads: tuple[Head, Head],
    then: Learnt | None,
    after: Learnt | None,
    rows: list[Row],
    past: list[Row],
    opened: Callable[[], Sentences],
) -> dict[str, Any]:
    had, kept = set(past), set(request["kept"])
    added = [row for row in rows if row not in had]
    asked = [Question(str(n), q["text"], q["lang"], tuple(q["labels"])) for n, q in enumerate(request["questions"])]
    old, new = (Matcher(head, opened()) for head in heads) if asked else (None, None)
    result: dict[str, Any] = {"questions": [], "wrong": [], "moved": [], "elsewhere": [], "lost": False}
    if old and new:
        known = compare.questions([q for q in asked if q.text in kept], old, new)
        result["questions"] = [compare.told(m) for m in known if m.worse]
        result["wrong"] = [compare.told(m) for m in compare.wrong([q for q in asked if q.text not in kept], new)]
    if then and after:
        unseen = _unseen(after)
        moved = compare.phrasings(_unseen(then), unseen)
        result["lost"] = compare.too_many(moved, len(added))
        result["moved"] = [compare.told(each) for each in sorted(moved, key=lambda m: (not m.worse, m.text))[:MOST_TOLD]]
        result["less"] = sum(each.worse for each in moved)
        result["better"] = len(moved) - result["less"]
        mine = set(added)
        result["elsewhere"] = [
            {"text": q.text, "lang": q.lang, "wanted": q.labels[0], "now": given.intent}
            for (q, given), row in zip(unseen, after.rows, strict=True)
            if row in mine and given.decision == "sure" and given.intent != q.labels[0]
        ]
    return result


def _unseen(learnt: Learnt) -> list[tuple[Question, Given]]:
    head: Extended = learnt.head
    answers = compare.given(head, learnt.unseen, [lang for _, _, lang in learnt.rows])
    asked = [Question("", text, lang, (intent,)) for text, intent, lang in learnt.rows]
    return list(zip(asked, answers, strict=True))


def main() -> None:
    """`python -m bot.curation.relearn`: see the module."""
    request = json.loads(sys.stdin.read())
    os.nice(max(0, (POLITE if request.get("rows") else BEFOREHAND) - os.nice(0)))
    with suppress(OSError):  # Linux alone: when memory runs out this process goes, and not the one that answers people
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")

    def tell(step: str) -> None:
        print(json.dumps({"step": step}), flush=True)

    folder = Path(request["cache"])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)  # of several processes that want it one learns and the others wait
        print(json.dumps({"result": relearn(request, tell)}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
