"""Caucus itself, as `caucus ask --batch` answers: understanding alone, with the model learnt and kept before, as `serve` has it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import talk

from bot import __version__
from bot.intents.match import open_matcher
from knowledge.load import load


def main() -> None:
    """Serve. A question back counts as its first choice; the table also tells how often that was so."""
    matcher = open_matcher(load(), Path(sys.argv[2]))
    matcher.understand("warm")

    def answer(text: str, _: str) -> str | None:
        found = matcher.understand(text)
        if found.decision == "ask":
            return "?" + " ".join(c.intent for c in found.offered)
        return found.intent if found.decision == "sure" else None

    talk.serve(answer, f"Caucus {__version__}")


if __name__ == "__main__":
    main()
