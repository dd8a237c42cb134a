"""How is the team's layer of knowledge assembled? What is known at the start, and who keeps it at the live version."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from bot.conversations.warm import warm
from bot.curation.learn import Learner
from bot.curation.review import Curation
from bot.curation.understanding import Understanding
from bot.intents.live import Known, Live
from bot.intents.match import Later, Matcher, open_matcher
from bot.once import Once
from bot.settings import Settings
from bot.wiring_ground import Clock
from knowledge.load import KnowledgeBase


@dataclass(frozen=True)
class Knowing:
    """What is known, how it may be changed, and what learns the changes."""

    live: Live
    curation: Curation
    learner: Learner


def knowing(
    settings: Settings, engine: Engine, now: Clock, kb: KnowledgeBase, matcher: Matcher | None, *, cache_dir: Path, later: bool
) -> Knowing:
    """The shipped knowledge with the live layer over it; a layer that cannot be learnt is left aside and logged.

    `later`: understanding is opened only when something has to be understood. Raises RuntimeError when the shipped
    knowledge cannot be learnt, Unavailable when the database is away.
    """

    def open_it() -> Matcher:
        found = matcher or open_matcher(kb, cache_dir, kind=settings.understanding)
        if later:  # somebody waits for it: let them wait once, for all of it
            warm(kb)
        return found

    opened = Once(open_it)
    understanding = Understanding(kb, opened, cache_dir, settings.understanding, later=later)
    live = Live(Known(kb, Later(opened) if later else opened()))
    learner = Learner(engine, understanding, live, now)
    learner.follow()
    return Knowing(live, Curation(kb), learner)
