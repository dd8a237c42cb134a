"""What did a reader say to a broadcast by its buttons? Useful, not for them, or no more of any."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from sqlalchemy.orm import Session

from bot.broadcasts import consent
from bot.broadcasts.broadcast_tables import BroadcastVoteRow, RunRow
from bot.people.tables import PersonRow

Said = Literal["useful", "not", "stop", "test"]


def said(session: Session, person: PersonRow, word: str, run_id: str, now: dt.datetime) -> Said | None:
    """Keep it: their last word on a run holds. `test`: it was no real run; None: nothing we know. Commits nothing."""
    if word == "stop":
        consent.opt_out(session, person, now)
        return "stop"
    if word not in ("useful", "not"):
        return None
    if session.get(RunRow, run_id) is None:
        return "test" if run_id.strip("0") == "" else None
    session.merge(BroadcastVoteRow(run_id=run_id, person_id=person.id, useful=word == "useful", at=now))
    session.flush()
    return "useful" if word == "useful" else "not"
