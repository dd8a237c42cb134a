"""May we speak to this address now? Windows are opened by what a person does and used up by what we send."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import Engine, case, delete, func, or_, select, update
from sqlalchemy import Table as SqlTable
from sqlalchemy.orm import Session

from bot.channel import Window
from bot.db import insert_into, reading, writing
from bot.people.tables import AddressRow
from bot.vendors.tables import WindowRow

_T = cast("SqlTable", WindowRow.__table__)


def opened(session: Session, address_id: str, windows: Sequence[Window], opens: str, now: dt.datetime) -> None:
    """The person did what opens a window of that name, if the channel has one. Commits nothing."""
    for window in windows:
        if window.opened_by == opens:
            until = now + window.lasts if window.lasts else None
            row = {"address_id": address_id, "opened_by": opens, "left": window.messages, "until": until}
            session.connection().execute(_opening(session.get_bind().dialect.name, window.adds), row)


@cache
def _opening(dialect: str, adds: bool) -> Any:  # noqa: FBT001 - a key of the cache
    """Made once: to put it together costs more than to execute it, and every message of a vendor with windows does."""
    wanted = insert_into(_T, dialect)
    left = _T.c.left + wanted.excluded.left if adds else wanted.excluded.left
    return wanted.on_conflict_do_update(
        index_elements=["address_id", "opened_by"], set_={"left": left, "until": wanted.excluded.until}
    )


def spend(engine: Engine, channel: str, external_id: str, messages: int, now: dt.datetime, opened_by: str = "") -> str:
    """Take so many messages from one open window, the one that ends first: its name; empty and nothing taken when none has them.

    `opened_by` means that window alone; otherwise every one with an end. Commits.
    """
    with writing(engine) as session:
        open_now = _open(channel, external_id, now)
        named = WindowRow.opened_by == opened_by if opened_by else WindowRow.until.is_not(None)
        found = session.execute(open_now.where(named, WindowRow.left >= messages)).all()
        for address_id, name, _, _ in found:
            mine = (WindowRow.address_id == address_id, WindowRow.opened_by == name, WindowRow.left >= messages)
            taken = update(WindowRow).where(*mine).values(left=WindowRow.left - messages).returning(WindowRow.left)
            if session.execute(taken.execution_options(synchronize_session=False)).first() is not None:
                return name
        return ""


def give_back(engine: Engine, channel: str, external_id: str, messages: int, window: Window) -> None:
    """So many that were taken from this window did not go out. It never holds more than when it was opened. Commits.

    Nothing happens where it is shut by now.
    """
    here = select(AddressRow.id).where(AddressRow.channel == channel, AddressRow.external_id == external_id)
    more = WindowRow.left + messages
    full = case((more > window.messages, window.messages), else_=more)
    with writing(engine) as session:
        mine = (WindowRow.address_id.in_(here), WindowRow.opened_by == window.opened_by)
        session.execute(update(WindowRow).where(*mine).values(left=full).execution_options(synchronize_session=False))


def left(engine: Engine, channel: str, external_id: str, now: dt.datetime) -> dict[str, tuple[int, dt.datetime | None]]:
    """Window → (messages left, its end), of those open now."""
    with reading(engine) as session:
        return {name: (number, until) for _, name, number, until in session.execute(_open(channel, external_id, now))}


def shut(session: Session, address_id: str, opened_by: str = "") -> None:
    """The vendor says it is over, or the person has left: nothing more in this window, or in any. Commits nothing."""
    gone = delete(WindowRow).where(WindowRow.address_id == address_id)
    session.execute(gone.where(WindowRow.opened_by == opened_by) if opened_by else gone)


def _open(channel: str, external_id: str, now: dt.datetime):  # noqa: ANN202 - a Select whose type says nothing
    return (
        select(WindowRow.address_id, WindowRow.opened_by, WindowRow.left, WindowRow.until)
        .join(AddressRow, AddressRow.id == WindowRow.address_id)
        .where(AddressRow.channel == channel, AddressRow.external_id == external_id, WindowRow.left > 0)
        .where(or_(WindowRow.until.is_(None), WindowRow.until > now))
        .order_by(func.coalesce(WindowRow.until, dt.datetime.max.replace(tzinfo=dt.UTC)), WindowRow.opened_by)
    )
