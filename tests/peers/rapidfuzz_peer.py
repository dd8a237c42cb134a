"""The nearest phrasing by rapidfuzz, as its documentation shows it: `process.extractOne` with a score below which it declines.

    rapidfuzz_peer.py PHRASINGS SCORE

The scorer is `ratio`: WRatio, the default, finds almost any two sentences alike.
"""

from __future__ import annotations

import sys

import talk
from rapidfuzz import __version__, fuzz, process, utils


def main() -> None:
    """Serve."""
    known, cutoff = talk.phrasings(), float(sys.argv[2])
    texts = [utils.default_process(each["text"]) for each in known]

    def answer(text: str, _: str) -> str | None:
        best = process.extractOne(utils.default_process(text), texts, scorer=fuzz.ratio, score_cutoff=cutoff)
        return known[best[2]]["intent"] if best else None

    talk.serve(answer, f"rapidfuzz {__version__}")


if __name__ == "__main__":
    main()
