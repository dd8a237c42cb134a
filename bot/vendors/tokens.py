"""Who fetches the next access token? One holder among all processes, by a lease in the database.

Nothing here knows a vendor; the caller fetches. Every function commits by itself and raises Unavailable as `writing` does.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import Engine, or_, select, update

from bot.db import insert_into, reading, writing
from bot.people.tables import new_id
from bot.vendors.tables import TokenRow


@dataclass(frozen=True)
class TokenShelf:
    """The tokens in one database. `holder` is this object's own name in leases."""

    engine: Engine
    holder: str = field(default_factory=new_id)

    def kept(self, name: str) -> tuple[str, dt.datetime] | None:
        """(token, until when it holds); None when there is none. It may be over."""
        with reading(self.engine) as session:
            row = session.get(TokenRow, name)
            return (row.value, row.expires_at) if row and row.value and row.expires_at else None

    def lease(self, name: str, thread: str, now: dt.datetime, seconds: float) -> bool:
        """Whether this thread now is the one that fetches; at most one is, until it says `keep`, `give_back` or time is over."""
        with writing(self.engine) as session:
            session.execute(insert_into(TokenRow, self.engine.dialect.name).values(name=name).on_conflict_do_nothing())
            free = or_(TokenRow.leased_until.is_(None), TokenRow.leased_until <= now)
            mine = update(TokenRow).where(TokenRow.name == name, free).returning(TokenRow.name)
            values = {"holder": self._owner(thread), "leased_until": now + dt.timedelta(seconds=seconds)}
            return session.execute(mine.values(values).execution_options(synchronize_session=False)).first() is not None

    def keep(self, name: str, thread: str, value: str, expires_at: dt.datetime) -> None:
        """The token that was fetched, and the end of the lease. One fetched after the lease was lost is kept by nobody."""
        self._end(name, thread, {"value": value, "expires_at": expires_at})

    def give_back(self, name: str, thread: str) -> None:
        """End the lease without a token."""
        self._end(name, thread, {})

    def _end(self, name: str, thread: str, values: dict[str, object]) -> None:
        with writing(self.engine) as session:
            mine = update(TokenRow).where(TokenRow.name == name, TokenRow.holder == self._owner(thread))
            ended = mine.values({**values, "holder": None, "leased_until": None})
            session.execute(ended.execution_options(synchronize_session=False))

    def _owner(self, thread: str) -> str:
        return f"{self.holder[:20]}-{thread}"[:32]


def ends(engine: Engine) -> dict[str, dt.datetime]:
    """Channel → when its access token ends; of several apps, the first end: one that works does not hide one that does not.

    Of one app the newest counts: with another secret it has another token, and the one before is nobody's.
    """
    with reading(engine) as session:
        rows = select(TokenRow.name, TokenRow.expires_at).where(TokenRow.expires_at.is_not(None)).order_by(TokenRow.expires_at)
        apps = {name.rpartition(":")[0]: at for name, at in session.execute(rows) if at}
    channels: dict[str, dt.datetime] = {}
    for app, at in apps.items():
        channel = app.partition(":")[0]
        channels[channel] = min(at, channels.get(channel, at))
    return channels
