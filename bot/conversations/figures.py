"""How is the coach used? Numbers by week and theme, for pictures; no word of what anybody said is read."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.conversations.tables import InboundRow, VoteRow
from bot.delivery.tables import DeliveryRow
from bot.followups.tables import FollowupRow
from bot.people.sight import people_in
from bot.people.tables import AddressRow
from knowledge.load import KnowledgeBase

WEEKS = 8
IN_TIME = dt.timedelta(minutes=5)
"""A nudge that left within so long of its moment was in time."""
MOST_NUDGES = 20_000
Scope = Sequence[str] | None


@dataclass
class Figures:
    """Numbers of the last WEEKS weeks, oldest week first; `weeks` are their first days."""

    weeks: list[dt.date]
    decisions: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """answered, asked_back, unknown → a number a week."""
    themes: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    """(theme, answered questions), most first."""
    nudges: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """in_time, late, not_sent → a number a week."""
    tips: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """sent, not_sent → a number a week."""


def figures(session: Session, kb: KnowledgeBase, scope: Scope, now: dt.datetime) -> Figures:
    """The numbers of these workspaces (None: all) until now; weeks begin on Monday, UTC."""
    monday = now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday -= dt.timedelta(days=monday.weekday())
    starts = [monday - dt.timedelta(weeks=n) for n in reversed(range(WEEKS))]
    found = Figures([start.date() for start in starts])
    for name in ("answered", "asked_back", "unknown"):
        found.decisions[name] = [0] * WEEKS
    names = {"sure": "answered", "ask": "asked_back", "unknown": "unknown"}
    themes: Counter[str] = Counter()
    week = _week(InboundRow.received_at, starts)
    rows = select(week, InboundRow.decision, InboundRow.intent, func.count()).where(InboundRow.received_at >= starts[0])
    if scope is not None:
        rows = _within(rows.join(AddressRow, AddressRow.id == InboundRow.address_id), scope)
    for at, decision, intent, number in session.execute(rows.group_by("in_week", InboundRow.decision, InboundRow.intent)):
        card = kb.cards.get(intent or "")
        if decision == "sure" and card is None:
            continue  # a command is no question
        found.decisions[names.get(decision, "unknown")][at] += number
        if decision == "sure" and card:
            themes[card.theme] += number
    found.themes.extend(themes.most_common())
    found.nudges.update(_nudges(session, scope, starts))
    found.tips.update(_tips(session, scope, starts))
    return found


def votes(session: Session, scope: Scope) -> dict[str, tuple[int, int]]:
    """Card → (useful, not useful)."""
    rows = select(VoteRow.card, VoteRow.useful, func.count()).group_by(VoteRow.card, VoteRow.useful)
    if scope is not None:
        rows = rows.where(VoteRow.person_id.in_(people_in(scope)))
    found: dict[str, tuple[int, int]] = {}
    for card, useful, number in session.execute(rows):
        yes, no = found.get(card, (0, 0))
        found[card] = (yes + number, no) if useful else (yes, no + number)
    return found


def followups(session: Session, scope: Scope) -> dict[str, int]:
    """State → number of follow-ups of everybody; what they say is not read."""
    rows = select(FollowupRow.state, func.count()).group_by(FollowupRow.state)
    if scope is not None:
        rows = rows.where(FollowupRow.person_id.in_(people_in(scope)))
    return dict(session.execute(rows).all())


def _nudges(session: Session, scope: Scope, starts: Sequence[dt.datetime]) -> dict[str, list[int]]:
    found = {name: [0] * WEEKS for name in ("in_time", "late", "not_sent")}
    rows = select(DeliveryRow.due_at, DeliveryRow.moved_at, DeliveryRow.state).where(
        DeliveryRow.kind == "nudge",
        DeliveryRow.moved_at >= starts[0],
        DeliveryRow.state.in_(("sent", "failed", "in_doubt", "held")),
    )
    if scope is not None:
        rows = _within(rows.join(AddressRow, AddressRow.id == DeliveryRow.address_id), scope)
    for due, moved, state in session.execute(rows.order_by(DeliveryRow.moved_at.desc()).limit(MOST_NUDGES)):
        name = "not_sent" if state != "sent" else "in_time" if moved - due <= IN_TIME else "late"
        found[name][max(n for n, start in enumerate(starts) if start <= moved)] += 1
    return found


def _tips(session: Session, scope: Scope, starts: Sequence[dt.datetime]) -> dict[str, list[int]]:
    found = {name: [0] * WEEKS for name in ("sent", "not_sent")}
    week = _week(DeliveryRow.moved_at, starts)
    rows = select(week, DeliveryRow.state, func.count()).where(
        DeliveryRow.kind == "tip",
        DeliveryRow.moved_at >= starts[0],
        DeliveryRow.state.in_(("sent", "failed", "in_doubt", "held")),
    )
    if scope is not None:
        rows = _within(rows.join(AddressRow, AddressRow.id == DeliveryRow.address_id), scope)
    for at, state, number in session.execute(rows.group_by("in_week", DeliveryRow.state)):
        found["sent" if state == "sent" else "not_sent"][at] += number
    return found


def _within(rows: Any, scope: Sequence[str]) -> Any:
    return rows.where(AddressRow.workspace_id.in_(scope))


def _week(column: InstrumentedAttribute[dt.datetime], starts: Sequence[dt.datetime]) -> Any:
    """Which of the weeks a moment is in, counted by the database."""
    weeks = case(*((column >= start, n) for n, start in reversed(list(enumerate(starts)))), else_=0)
    return weeks.label("in_week")  # grouped by its name: PostgreSQL takes the same words with other parameters for another
