"""Which part of a process is not ready, and who may ask? `/health/…` and `/metrics` over the assembled app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter
from sqlalchemy import Engine, text

from adapters.api import health
from bot import wiring_metrics
from bot.db import reading
from bot.errors import CaucusError

if TYPE_CHECKING:
    from bot.wiring import App

BESIDE = frozenset({"understanding", "mail", "slack"})
"""Parts without which a process still answers people: a change that could not be learnt, a way in that is away."""


def parts(engine: Engine, data_dir: Path, learning: str, ways_in: Mapping[str, Callable[[], str]]) -> dict[str, str]:
    """Each part with "ok" or what is wrong with it; `learning` is the learner's trouble, or nothing."""
    try:
        with reading(engine) as session:
            session.execute(text("SELECT 1"))
        database = "ok"
    except CaucusError as error:
        database = str(error)
    ways = {name: state() for name, state in ways_in.items()}
    return {"database": database, "disk": wiring_metrics.disk(data_dir), "understanding": learning or "ok", **ways}


def router(app: App, alive: Callable[[], bool] = lambda: True) -> APIRouter:
    """The routes of health; `alive` says whether the process's own work goes on."""
    return health.router(health.HealthPorts(app.ready, lambda: wiring_metrics.exposition(app), app.key_owner, BESIDE, alive))
