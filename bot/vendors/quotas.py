"""How much of a day's quota is used? Calls counted a name and a day, in the vendor's zone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.db import reading, writing
from bot.vendors.tables import QuotaRow

BEIJING = ZoneInfo("Asia/Shanghai")
"""Where the days of WeChat and WeCom begin and end."""


def day(now: dt.datetime) -> str:
    """The vendor's date."""
    return now.astimezone(BEIJING).date().isoformat()


def count(engine: Engine, name: str, now: dt.datetime, number: int = 1, most: int | None = None) -> bool:
    """Count so many calls; False, and nothing counted, when that would be more than `most` today. Commits."""
    if most is not None and number > most:
        return False
    with writing(engine) as session:
        kind = postgresql if engine.dialect.name == "postgresql" else sqlite
        wanted = kind.insert(QuotaRow).values(name=name, day=day(now), count=number)
        more = QuotaRow.count + number
        counted = wanted.on_conflict_do_update(
            index_elements=["name", "day"], set_={"count": more}, where=None if most is None else more <= most
        )
        return session.execute(counted.returning(QuotaRow.count)).first() is not None


def today(engine: Engine, prefix: str, now: dt.datetime) -> dict[str, int]:
    """Name → calls today, for names that begin so."""
    with reading(engine) as session:
        rows = select(QuotaRow.name, QuotaRow.count).where(QuotaRow.day == day(now), QuotaRow.name.startswith(prefix))
        return dict(session.execute(rows.order_by(QuotaRow.name)).all())
