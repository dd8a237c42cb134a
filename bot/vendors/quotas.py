"""How much of a quota is used? Calls counted a name and a day, or a month, in the vendor's zone."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

from bot.db import insert_into, reading, writing
from bot.vendors.tables import QuotaRow

BEIJING = ZoneInfo("Asia/Shanghai")
"""Where the days of WeChat and WeCom begin and end."""


def day(now: dt.datetime) -> str:
    """The vendor's date."""
    return now.astimezone(BEIJING).date().isoformat()


def month(now: dt.datetime) -> str:
    """The vendor's calendar month."""
    return day(now)[:7]


def day_ends(now: dt.datetime) -> dt.datetime:
    """When the vendor's next day begins."""
    here = now.astimezone(BEIJING)
    return (here + dt.timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def count(
    engine: Engine,
    name: str,
    now: dt.datetime,
    number: int = 1,
    most: int | None = None,
    period: Literal["day", "month"] = "day",
) -> bool:
    """Count so many calls; False, and nothing counted, when that would be more than `most` in the period. Commits."""
    if most is not None and number > most:
        return False
    with writing(engine) as session:
        wanted = insert_into(QuotaRow, engine.dialect.name).values(
            name=name, day=day(now) if period == "day" else month(now), count=number
        )
        more = QuotaRow.count + number
        counted = wanted.on_conflict_do_update(
            index_elements=["name", "day"], set_={"count": more}, where=None if most is None else more <= most
        )
        return session.execute(counted.returning(QuotaRow.count)).first() is not None


def today(engine: Engine, prefix: str, now: dt.datetime) -> dict[str, int]:
    """Name → calls today (this month, where a month is what counts), for names that begin so."""
    with reading(engine) as session:
        current = QuotaRow.day.in_((day(now), month(now)))
        rows = select(QuotaRow.name, QuotaRow.count).where(current, QuotaRow.name.startswith(prefix))
        return dict(session.execute(rows.order_by(QuotaRow.name)).all())
