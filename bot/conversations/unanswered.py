"""What should the curators see? Questions without a good answer, stripped of what names people.

Functions take the caller's session and commit nothing themselves.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.tables import UnansweredRow
from bot.messages import Lang
from bot.people.tables import AddressRow

Reason = Literal["unknown", "asked_back", "none_of_these", "not_useful", "ask_a_person", "feedback"]
LONGEST_KEPT = 1_000
_LONGEST_READ = 4 * LONGEST_KEPT
_JOINED = r"[^\s@＠\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"
"""What a link or mail address is made of: a Chinese sentence around it, written without spaces, is kept."""
_PRIVATE = (
    (re.compile(r"(?:https?://|www\.)[^\s\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+"), "<link>"),
    (re.compile(rf"{_JOINED}{{1,64}}[@＠]{_JOINED}{{1,255}}"), "<mail>"),  # bounded: linear in a text without @
    (re.compile(r"(?<![\w])[+(]?\d[\d\s().,/-]{5,}\d(?!\w)"), "<number>"),
    (re.compile(r"\d{4,}"), "<number>"),
)


def strip(text: str) -> str:
    """The text without links, mail addresses and long numbers, cut to LONGEST_KEPT characters."""
    text = text[:_LONGEST_READ]
    for pattern, mark in _PRIVATE:
        text = pattern.sub(mark, text)
    return text[:LONGEST_KEPT]


def keep(
    session: Session, address: AddressRow, said: str, lang: Lang, reason: Reason, likely: Sequence[str], now: dt.datetime
) -> UnansweredRow:
    """Keep a question for the curators; `likely` are the best guesses, best first."""
    row = UnansweredRow(
        workspace_id=address.workspace_id,
        person_id=address.person_id,
        said=strip(said),
        lang=lang,
        reason=reason,
        likely=list(likely),
        at=now,
    )
    session.add(row)
    session.flush()
    return row


def note_choice(session: Session, row_id: int, person_id: str, chosen: str | None) -> None:
    """Remember what the person tapped after being asked back; None of the offered makes it a gap."""
    row = session.get(UnansweredRow, row_id)
    if row is None or row.person_id != person_id:
        return
    if chosen is None:
        row.reason = "none_of_these"
    else:
        row.chosen = chosen


def waiting(session: Session, scope: Sequence[str] | None = None) -> list[UnansweredRow]:
    """Every kept question that no curator has settled, newest first; of these workspaces only, where some are given."""
    rows = select(UnansweredRow).where(UnansweredRow.settled_at.is_(None)).order_by(UnansweredRow.id.desc())
    return list(session.scalars(rows if scope is None else rows.where(UnansweredRow.workspace_id.in_(scope))))


def settle(session: Session, scope: Sequence[str] | None, ids: Sequence[int], now: dt.datetime) -> int:
    """A curator has dealt with these questions; returns how many were still open. Others' workspaces stay untouched."""
    found = [row for row in waiting(session, scope) if row.id in set(ids)]
    for row in found:
        row.settled_at = now
    session.flush()
    return len(found)
