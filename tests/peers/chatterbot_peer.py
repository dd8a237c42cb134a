"""ChatterBot, trained with every phrasing and its card's id as the reply, a bot for each language, as its documentation has it.

Its default tagger needs a spaCy model that no package index has under its own name, so the tagger is `LowercaseTagger`,
which comes with it. It declines by `default_response` below `maximum_similarity_threshold`, 0.9 as documented.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import chatterbot
import talk
from chatterbot import ChatBot, languages
from chatterbot.conversation import Statement
from chatterbot.tagging import LowercaseTagger
from chatterbot.trainers import ListTrainer

DECLINED = "declined"
CLOSE = 0.9


def main() -> None:
    """Train and serve."""
    known = talk.phrasings()
    cards = {each["intent"] for each in known}
    with tempfile.TemporaryDirectory() as folder:
        bots: dict[str, ChatBot] = {}
        for lang, language in (("en", languages.ENG), ("zh", languages.CHI)):
            bots[lang] = ChatBot(
                lang, database_uri=f"sqlite:///{Path(folder) / lang}.db", tagger=LowercaseTagger, tagger_language=language,
                read_only=True, default_response=DECLINED, maximum_similarity_threshold=CLOSE,
                logic_adapters=[{
                    "import_path": "chatterbot.logic.BestMatch", "default_response": DECLINED,
                    "maximum_similarity_threshold": CLOSE,
                }],
            )  # fmt: skip
            trainer = ListTrainer(bots[lang], show_training_progress=False)
            for each in known:
                if each["lang"] == lang:
                    trainer.train([each["text"], each["intent"]])

        def answer(text: str, lang: str) -> str | None:
            said = str(bots[lang].get_response(Statement(text=text, conversation=os.urandom(8).hex())))
            return said if said in cards else None

        talk.serve(answer, f"ChatterBot {chatterbot.__version__}")


if __name__ == "__main__":
    main()
