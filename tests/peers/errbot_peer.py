"""Errbot with a keyword plug-in (errbot_plugin/), on its own test backend: each question is a message, each answer one that comes back."""

from __future__ import annotations

import logging
import os
import sys
from importlib.metadata import version
from pathlib import Path

import talk
from errbot.backends.test import TestBot

PLUGINS = str(Path(__file__).parent / "errbot_plugin")


def main() -> None:
    """Start the bot and serve."""
    os.environ["PHRASINGS"] = sys.argv[1]
    bot = TestBot(extra_plugin_dir=PLUGINS, loglevel=logging.ERROR)
    bot.start()
    bot.zap_queues()

    def answer(text: str, _: str) -> str | None:
        bot.push_message(" ".join(text.split()))
        said = bot.pop_message(timeout=30)
        return None if said == "declined" else said

    talk.serve(answer, f"Errbot {version('errbot')}")
    bot.stop()


if __name__ == "__main__":
    main()
