"""`make bench-peers`: the held-out questions put to Caucus, ChatterBot, Errbot with a keyword plug-in and plain rapidfuzz.

    python -m tests.peers.run [--page docs/side-by-side.md]

All learn the same phrasings and answer with a card's id or decline, by one protocol (talk.py), in a process of their
own and, but for Caucus, from an environment of their own in var/peers, which is made at the first run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bot.intents.evaluate import Given, Question, figures, read_questions
from bot.intents.match import open_matcher
from knowledge.load import load
from tests.bench.understanding import SETS

HERE = Path(__file__).parent
REPO = HERE.parent.parent
PEERS, MODELS = REPO / "var" / "peers", REPO / "var" / "test-cache"
INSIDE, OUTSIDE, SEED = 100, 50, 20261122
HEAD = ("right", "1 tap", "wrong", "out of scope answered", "declined", "CPU ms, median", "most MB", "start s")


@dataclass(frozen=True)
class Peer:
    """One who answers. `package` is what pip installs for it; none for ourselves."""

    name: str
    script: str
    package: str = ""
    extra: tuple[str, ...] = ()

    def python(self) -> str:
        """The interpreter of its environment, made when it is not there yet."""
        if not self.package:
            return sys.executable
        folder = PEERS / self.script.partition("_")[0]
        python, made = folder / "bin" / "python", folder / ".installed"
        if not made.exists():
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *self.package.split()]
            subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
            made.touch()
        return str(python)


PEERS_ASKED = (
    Peer("Caucus", "caucus_peer.py", extra=(str(MODELS),)),
    Peer("ChatterBot", "chatterbot_peer.py", "chatterbot>=1.2,<1.3"),
    Peer("Errbot, keyword plug-in", "errbot_peer.py", "errbot>=6.2,<6.3 pytest"),
    Peer("rapidfuzz, never declines", "rapidfuzz_peer.py", "rapidfuzz>=3,<4", ("0",)),
    Peer("rapidfuzz, score of 50", "rapidfuzz_peer.py", "rapidfuzz>=3,<4", ("50",)),
    Peer("rapidfuzz, score of 60", "rapidfuzz_peer.py", "rapidfuzz>=3,<4", ("60",)),
)


@dataclass(frozen=True)
class Found:
    """What came back of one peer; `spent` in seconds of CPU each, `memory` in megabytes, `start` in seconds."""

    about: str
    answers: list[Given]
    spent: list[float]
    memory: float
    start: float


def ask(peer: Peer, learnt: Path, questions: Sequence[Question]) -> Found:
    """All questions, one after the other. Raises RuntimeError when the peer ends before it has answered."""
    command = [peer.python(), str(HERE / peer.script), str(learnt), *peer.extra]
    own = {name: value for name, value in os.environ.items() if not name.startswith(("CAUCUS_", "PYTHON"))}
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            command, cwd=learnt.parent, env=own, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said
        )
        assert process.stdin
        assert process.stdout
        try:
            about, start = json.loads(process.stdout.readline())["ready"], time.monotonic() - began
            answers, spent = [], []
            for question in questions:
                asked = {"id": question.id, "text": question.text, "lang": question.lang}
                process.stdin.write(json.dumps(asked) + "\n")
                process.stdin.flush()
                told = json.loads(process.stdout.readline())
                assert told["id"] == question.id
                answers.append(_given(told["answer"]))
                spent.append(told["cpu"])
            process.stdin.close()
            memory = json.loads(process.stdout.readline())["most_memory"]
        except (ValueError, OSError) as error:
            said.seek(0)
            raise RuntimeError(f"{peer.name} gave up: {said.read()[-2000:]}") from error
        finally:
            process.kill()
            process.wait()
    return Found(about, answers, spent, memory, start)


def _given(answer: str | None) -> Given:
    if answer is None:
        return Given("unknown", None, ())
    if answer.startswith("?"):  # a question back with these to choose from
        return Given("ask", None, tuple(answer[1:].split()))
    return Given("sure", answer, ())


def sample() -> list[Question]:
    """Held-out questions, the same in every run: in scope, half of each language, and out of scope."""
    lines = SETS["held-out"].read_text("utf-8").splitlines()
    every = read_questions([json.loads(line) for line in lines])
    random.Random(SEED).shuffle(every)
    inside = [q for lang in ("en", "zh") for q in [q for q in every if q.lang == lang and not q.out_of_scope][: INSIDE // 2]]
    return inside + [q for q in every if q.out_of_scope][:OUTSIDE]


def main() -> None:
    """Ask all, print the table and write the page."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--page", type=Path)
    page = given.parse_args().page
    kb = load()
    open_matcher(kb, MODELS)  # learns at most once
    rows = [{"text": text, "intent": intent, "lang": lang} for lang in ("en", "zh") for text, intent in kb.utterances(lang)]
    questions, lines = sample(), [f"| | {' | '.join(HEAD)} |", "|---|" + "---:|" * len(HEAD)]
    told: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        learnt = Path(folder) / "phrasings.jsonl"
        learnt.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        for peer in PEERS_ASKED:
            found = ask(peer, learnt, questions)
            told.append(found.about)
            share = figures(questions, found.answers)["all"]
            shares = ("right_at_once", "within_one_tap", "sure_but_wrong", "oos_answered", "oos_declined")
            cells = [*(f"{share[name]:.0f} %" for name in shares), f"{1000 * median(found.spent):.1f}"]
            lines.append(f"| {peer.name} | {' | '.join([*cells, f'{found.memory:.0f}', f'{found.start:.1f}'])} |")
            print(lines[-1], flush=True)
    inside = sum(not q.out_of_scope for q in questions)
    about = f"{inside} questions in scope and {len(questions) - inside} out of it, {len(rows)} phrasings learnt by each; "
    about += f"{', '.join(dict.fromkeys(told))}; Python {platform.python_version()}, load average {os.getloadavg()[1]:.1f}."
    text = (HERE / "page.md").read_text("utf-8").replace("TABLE", "\n".join(lines)).replace("ABOUT", about)
    print(text)
    if page:
        page.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
