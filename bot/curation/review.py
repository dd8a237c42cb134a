"""Who may change the team's layer, and how: propose, decide, undo, export, import. Also what the console shows.

Functions take the caller's session and commit nothing. Accepted changes are learnt and go live by `learn`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.curation import layer as layers
from bot.curation.change import AddPhrasings, Change, DropPhrasings, Expect, Import, PutCard, Restore, change_from
from bot.curation.layer import WHOLE, Layer
from bot.curation.merge import merged
from bot.curation.tables import LayerChange, LayerVersion
from bot.errors import Conflict, NotThere, Refused
from bot.people.tables import PersonRow
from knowledge.document import KnowledgeError, Problem
from knowledge.load import KnowledgeBase

CURATORS = ("curator", "admin")
OPEN = ("draft", "review")
MOST_SHOWN = 200
LARGEST = 2**31 - 1
"""The largest number that a change can have; to ask PostgreSQL for a larger one is an error."""


class Broken(Refused):
    """The change does not fit the knowledge; `problems` say where and why, all of them."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{p.field}: {p.reason}" if p.field else p.reason for p in problems))


@dataclass(frozen=True)
class Told:
    """A change as curators see it."""

    id: int
    change: Change
    part: str
    state: str
    step: str | None
    proposed_by: str | None
    """Name or id; None when the person was erased."""
    proposed_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None
    version: int | None
    report: dict[str, Any]
    """`reason`, and `moved`: questions that the change moves."""


@dataclass(frozen=True)
class Curation:
    """The team's layer over this shipped knowledge."""

    shipped: KnowledgeBase

    def propose(
        self,
        session: Session,
        person: PersonRow,
        change: Change | Mapping[str, Any],
        now: dt.datetime,
        *,
        seen: int | None = None,
        draft: bool = False,
    ) -> LayerChange:
        """Keep a change for review, or as a draft. `seen`: the version its author looked at, the live one by default.

        Raises Refused for who is no curator and for data that are no change, Broken when the whole would not be right
        (a draft may be wrong), Conflict when somebody changed the same part since.
        """
        _refuse_others(person)
        wish = change_from(dict(change)) if isinstance(change, Mapping) else change
        if isinstance(wish, PutCard):
            reviewed = {"by": "the team's curators", "date": now.date().isoformat()}
            wish = PutCard(card={"reviewed": reviewed, **wish.card})
        version, layer, touched = live(session)
        row = LayerChange(
            part=wish.part[:120],
            change=wish.model_dump(mode="json"),
            state="draft" if draft else "review",
            seen=version if seen is None else min(seen, version),
            proposed_by=person.id,
            proposed_at=now,
            despite=False,
        )
        if not draft:
            refuse_overtaken(row, wish, touched)
            self.after(layer, wish)
        session.add(row)
        session.flush()
        return row

    def submit(self, session: Session, change_id: int, person: PersonRow) -> LayerChange:
        """A draft is ready for review. Raises as `propose`."""
        _refuse_others(person)
        row = _open(session, change_id, "draft")
        _, layer, touched = live(session)
        wish = change_from(row.change)
        refuse_overtaken(row, wish, touched)
        self.after(layer, wish)
        row.state = "review"
        return row

    def decide(
        self,
        session: Session,
        change_id: int,
        person: PersonRow,
        accept: bool,  # noqa: FBT001 - yes or no is what is decided
        now: dt.datetime,
        *,
        despite: bool = False,
    ) -> LayerChange:
        """Accept a change (it is then learnt, and live within seconds) or decline it, also while learning it fails.

        A curator may accept their own.
        `despite`: also when the coach is sure that an added phrasing means something else. Raises Refused for who is no
        curator, NotThere, Conflict when it is decided already or somebody changed the same part since, Broken.
        """
        _refuse_others(person)
        row = _open(session, change_id, "review", "refused", *(() if accept else ("accepted",)))
        if row.state == "accepted" and row.step != "failed":
            raise Conflict(f"change {change_id} is accepted already")
        if accept:
            _, layer, touched = live(session)
            wish = change_from(row.change)
            refuse_overtaken(row, wish, touched)
            self.after(layer, wish)
        row.state, row.step, row.report = ("accepted", "waiting", None) if accept else ("declined", None, None)
        row.decided_by, row.decided_at, row.despite = person.id, now, despite
        return row

    def undo(self, session: Session, version: int, person: PersonRow, now: dt.datetime) -> LayerChange:
        """Propose what takes a live version back, ready to be decided. Raises as `propose`; NotThere for no such version."""
        row = session.scalar(select(LayerChange).where(LayerChange.version == min(version, LARGEST)))
        if row is None:
            raise NotThere(f"there is no version {version}")
        before = session.get(LayerVersion, version - 1)
        was = layers.validated(before.layer) if before else Layer()
        wish = Restore(version=version, name=row.part, value=was.part(row.part))
        return self.propose(session, person, wish, now, seen=version)

    def export(self, session: Session) -> str:
        """The live layer as YAML, for review by pull request."""
        return layers.written(live(session)[1])

    def import_(self, session: Session, yaml: str, person: PersonRow, now: dt.datetime) -> LayerChange:
        """Propose that the layer be this YAML. Raises Broken with every problem: nothing is kept then."""
        try:
            layer = layers.read(yaml)
        except KnowledgeError as error:
            raise Broken(error.problems) from None
        return self.propose(session, person, Import(layer=layer.dump()), now)

    def after(self, layer: Layer, wish: Change) -> tuple[Layer, KnowledgeBase]:
        """(the layer, the whole knowledge) with a change made. Raises Broken."""
        try:
            changed = layer.with_part(wish.part, wish.on(layer.part(wish.part)))
            return changed, merged(self.shipped, changed)
        except KnowledgeError as error:
            raise Broken(error.problems) from None

    def preview(self, session: Session, change_id: int) -> KnowledgeBase:
        """The knowledge as it would be with this change. Raises NotThere, Broken."""
        row = session.get(LayerChange, min(change_id, LARGEST))
        if row is None:
            raise NotThere(f"there is no change {change_id}")
        return self.after(live(session)[1], change_from(row.change))[1]


def live(session: Session) -> tuple[int, Layer, dict[str, int]]:
    """(version, layer, version by part) that is live; 0 and an empty layer when the team has none."""
    row = session.scalar(select(LayerVersion).order_by(LayerVersion.number.desc()).limit(1))
    return (row.number, layers.validated(row.layer), dict(row.touched)) if row else (0, Layer(), {})


def changes(session: Session, *states: str, only: int | None = None) -> list[Told]:
    """The newest changes (in these states; in any when none is named), newest first; `only` the one of that id."""
    asked = select(LayerChange).order_by(LayerChange.id.desc()).limit(MOST_SHOWN)
    asked = asked if only is None else asked.where(LayerChange.id == min(only, LARGEST))
    rows = session.scalars(asked.where(LayerChange.state.in_(states)) if states else asked).all()
    names = {row_id for row in rows for row_id in (row.proposed_by, row.decided_by) if row_id}
    people = {p.id: p.name or p.id for p in session.scalars(select(PersonRow).where(PersonRow.id.in_(names)))}
    return [
        Told(
            id=row.id,
            change=change_from(row.change),
            part=row.part,
            state=row.state,
            step=row.step,
            proposed_by=people.get(row.proposed_by or ""),
            proposed_at=row.proposed_at,
            decided_by=people.get(row.decided_by or ""),
            decided_at=row.decided_at,
            version=row.version,
            report=row.report or {},
        )
        for row in rows
    ]


def refuse_overtaken(row: LayerChange, wish: Change, touched: Mapping[str, int]) -> None:
    """Raises Conflict when the part was changed after the version that the author saw; what only adds never is."""
    if isinstance(wish, AddPhrasings | DropPhrasings | Expect):
        return
    newest = max(touched.values(), default=0) if wish.part == WHOLE else touched.get(wish.part, 0)
    if newest > row.seen:
        what = "the layer" if wish.part == WHOLE else wish.part
        raise Conflict(f"{what} was changed by somebody else since (version {newest}); look at it and propose again")


def _open(session: Session, change_id: int, *states: str) -> LayerChange:
    row = session.get(LayerChange, min(change_id, LARGEST), with_for_update=True)
    if row is None:
        raise NotThere(f"there is no change {change_id}")
    if row.state not in states:
        raise Conflict(f"change {change_id} is {row.state} already")
    return row


def _refuse_others(person: PersonRow) -> None:
    if person.role not in CURATORS:
        raise Refused("only curators and admins change what the coach knows")
