"""Somebody opts out: what still waits for them of any broadcast is taken back in the same transaction."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.broadcasts.broadcast_tables import RunRow
from bot.delivery import outbox
from bot.people.tables import AddressRow


def withdraw(session: Session, person_id: str, now: dt.datetime) -> int:
    """Take back what waits for this person of runs that are not over; returns how many. Commits nothing.

    What is on its way already arrives.
    """
    addresses = session.scalars(select(AddressRow.id).where(AddressRow.person_id == person_id)).all()
    taken = 0
    for run_id in session.scalars(select(RunRow.id).where(RunRow.ended_at.is_(None))):
        mine = sum(outbox.cancel(session, outbox.key_of(run_id, address), now) for address in addresses)
        if mine:
            session.execute(update(RunRow).where(RunRow.id == run_id).values(withdrawn=RunRow.withdrawn + mine))
        taken += mine
    return taken
