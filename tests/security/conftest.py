"""An installation that the world can reach, with every channel set up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from bot.intents.match import Matcher
from bot.wiring import App, build, web
from knowledge.load import KnowledgeBase
from tests.conftest import CACHE, NOW
from tests.security.doors import public_settings

Public = Callable[..., App]


@pytest.fixture
def public(engine: Engine, kb: KnowledgeBase, matcher: Matcher, tmp_path: Path) -> App:
    """The app, in production, over both databases."""
    (tmp_path / "var").mkdir()
    settings = public_settings(tmp_path / "var")
    return build(settings, engine=engine, kb=kb, matcher=matcher, cache=CACHE, now=lambda: NOW)


@pytest.fixture
def server(public: App) -> FastAPI:
    """What it serves."""
    return web(public)
