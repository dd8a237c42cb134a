"""Learns a layer in a process of its own: request on standard input, steps and the result on standard output.

One JSON line in: {folder, cache, kind, file, after, before?}; `after` and `before` are layers, `before` only when they
shall be compared. Lines out: {"step": ...} while it goes on, then {"result": {moved, questions, elsewhere, lost}}.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.curation import layer as layers
from bot.curation.layer import Layer
from bot.curation.merge import fitting, merged
from bot.intents import compare
from bot.intents.build import Row, build
from bot.intents.evaluate import Given, Question
from bot.intents.extend import Factor, Learnt, extend
from bot.intents.extended import Extended
from bot.intents.head import Head
from bot.intents.match import Matcher, head_file, open_matcher, training_rows
from bot.intents.normalise import normalise
from bot.intents.sentences import remembered
from knowledge.load import load

POLITE = 5
"""People are answered first: at least so nice is this process."""
MOST_TOLD = 50
"""Moved phrasings that a report lists."""
Tell = Callable[[str], None]


def relearn(request: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Write the head of a layer to `file`, and say what it moves.

    Raises KnowledgeError, RuntimeError, OSError.
    """
    folder, cache = Path(request["folder"]), Path(request["cache"])
    tell("opening")
    shipped = load(folder)
    matcher = open_matcher(shipped, cache, folder, request["kind"])
    layer = layers.validated(request["after"])
    before = layers.validated(request["before"]) if request.get("before") is not None else None
    rows = training_rows(merged(shipped, layer))
    past = training_rows(merged(shipped, fitting(shipped, before)[0])) if before else []
    base_rows = training_rows(shipped)
    had = set(base_rows)
    new = sorted({normalise(text) for text, intent, lang in {*rows, *past} if (text, intent, lang) not in had})
    sentences = matcher.sentences
    memory = cache / f"vectors-layer-{sentences.kind}.npz"
    known = remembered(sentences.encode, new, memory) if new and sentences.dimensions else sentences.encode(new)
    vectors = dict(zip(new, known, strict=True))
    if matcher.head.made_of["landmarks"] < len(base_rows):  # likeness is taken to a share of the phrasings: no exact border
        tell("learning all")
        head: Head = build(rows, sentences, data_hash=shipped.content_hash, memory=cache / f"vectors-{sentences.kind}.npz")
        head.save(Path(request["file"]))
        return _compared(layer, before, matcher, Matcher(head, sentences), None, None, rows, past)
    name = head_file(shipped, cache, sentences.kind).stem
    factor = Factor.read(cache, name)
    if factor is None:
        tell("preparing")
        places = {intent: n for n, intent in enumerate(matcher.head.classes)}
        factor = Factor.solve(matcher.head, [places[intent] for _, intent, _ in base_rows], cache, name)
    tell("learning")
    after = extend(matcher.head, factor, base_rows, rows, vectors)
    after.head.save(Path(request["file"]))
    if before is None:
        return {}
    tell("comparing")
    then = extend(matcher.head, factor, base_rows, past, vectors)
    return _compared(layer, before, Matcher(then.head, sentences), Matcher(after.head, sentences), then, after, rows, past)


def _compared(
    layer: Layer,
    before: Layer | None,
    old: Matcher,
    new: Matcher,
    then: Learnt | None,
    after: Learnt | None,
    rows: list[Row],
    past: list[Row],
) -> dict[str, Any]:
    had = set(past)
    added = [row for row in rows if row not in had]
    asked = [Question(str(n), q.text, q.lang, tuple(q.labels)) for n, q in enumerate(layer.questions)]
    kept = {q.text for q in before.questions} if before else set[str]()
    result: dict[str, Any] = {
        "questions": [asdict(m) for m in compare.questions([q for q in asked if q.text in kept], old, new) if m.worse],
        "wrong": [asdict(m) for m in compare.wrong([q for q in asked if q.text not in kept], new)],
        "moved": [],
        "elsewhere": [],
        "lost": False,
    }
    if then and after:
        unseen = _unseen(after)
        moved = compare.phrasings(_unseen(then), unseen)
        result["lost"] = compare.too_many(moved, len(added))
        result["moved"] = [asdict(each) for each in sorted(moved, key=lambda m: (not m.worse, m.text))[:MOST_TOLD]]
        mine = set(added)
        result["elsewhere"] = [
            {"text": q.text, "lang": q.lang, "wanted": q.labels[0], "now": given.intent}
            for (q, given), row in zip(unseen, after.rows, strict=True)
            if row in mine and given.decision == "sure" and given.intent != q.labels[0]
        ]
    return result


def _unseen(learnt: Learnt) -> list[tuple[Question, Given]]:
    head: Extended = learnt.head
    return [
        (Question("", text, lang, (intent,)), compare.given(head, scores, lang))
        for (text, intent, lang), scores in zip(learnt.rows, learnt.unseen, strict=True)
    ]


def main() -> None:
    """`python -m bot.curation.relearn`: see the module."""
    os.nice(max(0, POLITE - os.nice(0)))
    request = json.loads(sys.stdin.read())

    def tell(step: str) -> None:
        print(json.dumps({"step": step}), flush=True)

    cache = Path(request["cache"])
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "relearning.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of several processes that want it one learns and the others wait
        print(json.dumps({"result": relearn(request, tell)}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
