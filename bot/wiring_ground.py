"""What does every process stand on? Settings, the database with its schema, the channels that push, the time."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine

from bot.channel import Channel
from bot.db import known, newer, open_engine, refuse_old_schema, revisions, upgrade
from bot.settings import Settings
from bot.tables import every_table

log = structlog.get_logger()
Clock = Callable[[], dt.datetime]


@dataclass(frozen=True)
class Ground:
    """What every process stands on: settings, the database with its schema, the channels that push, the time."""

    settings: Settings
    engine: Engine
    channels: Mapping[str, Channel]
    now: Clock


def ground(
    settings: Settings,
    *,
    engine: Engine | None = None,
    channels: Mapping[str, Channel] | None = None,
    now: Clock | None = None,
) -> Ground:
    """Assemble what sends, without knowledge and understanding, which take seconds and hundreds of megabytes.

    On the embedded default (SQLite) the schema is brought up to date; on PostgreSQL an old schema is refused. A newer one is
    taken: migrations leave what the version before them uses, so that an upgrade needs no pause (docs/operators/upgrade.md).
    Raises Refused for an old schema, Unavailable when the database is away.
    """
    every_table()  # erasure, export and retention go over all that are known
    if engine is None:
        engine = open_engine(settings.database, settings.keys())
    has, needs = revisions(engine)
    if newer(has, needs):
        log.warning("the database is of a later version, as during an upgrade", has=has, needs=needs)
    elif has != needs and engine.dialect.name == "sqlite" and known(has):
        upgrade(engine)
    elif has != needs:
        refuse_old_schema(engine)
    return Ground(settings, engine, dict(channels or {}), now or clock(settings))


def clock(settings: Settings) -> Clock:
    """The time, aware and in UTC; with CAUCUS_NOW it starts there and runs on."""
    if settings.now is None:
        return lambda: dt.datetime.now(dt.UTC)
    start, began = settings.now.astimezone(dt.UTC), time.monotonic()
    return lambda: start + dt.timedelta(seconds=time.monotonic() - began)


def site(settings: Settings) -> str:
    """The address people open, without a slash at its end."""
    everywhere = settings.host in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
    return settings.public_url or f"http://{'localhost' if everywhere else settings.host}:{settings.port}"
