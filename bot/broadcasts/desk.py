"""What people do with broadcasts, by whichever way they ask: command line, API, chat. Each call commits for itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.broadcasts import content, drafts, preview, report, runs
from bot.broadcasts.broadcast_tables import BroadcastRow
from bot.broadcasts.ports import Ports
from bot.broadcasts.schedule import NOW, planned
from bot.db import reading, writing
from bot.delivery import outbox
from bot.errors import NotThere, Refused
from bot.people import audit
from bot.people.audit import OPERATOR, Actor
from bot.people.roles import may_speak_to_many
from bot.people.sight import scope_of
from bot.people.tables import PersonRow

Who = Callable[[Session], PersonRow | None]
"""Finds whoever acts in a session; None: the operator. Raises Refused."""
ACTIONS = ("preview", "test", "approve", "start", "pause", "resume", "cancel", "status", "report", "change")
CHANGES = {"approve": drafts.approve, "pause": drafts.pause, "resume": drafts.resume, "cancel": drafts.cancel}
WHEN = ("at", "local_time", "cron", "zone")
SAYS = ("en", "zh", "card", "tip", "theme")


@dataclass(frozen=True)
class Desk:
    """All actions. Each raises NotAllowed, NotThere, Conflict or another Refused, and Unavailable without database."""

    engine: Engine
    ports: Ports
    now: Callable[[], dt.datetime]

    def draft(self, who: Who, given: Mapping[str, str]) -> dict[str, Any]:
        """A new draft from `segment` and what it says: `en` and `zh`, or `card`, `tip` or `theme`.

        With an `id`, one that is there already is told again and nothing is made.
        """
        with writing(self.engine) as session:
            actor = Actor.of(who(session))
            may_speak_to_many(actor)
            if given.get("id") and session.get(BroadcastRow, given["id"]):
                return report.told(session, drafts.found(session, given["id"], actor))
            says = content.written(self.ports, **{name: given.get(name) or "" for name in SAYS})
            row = drafts.draft(session, actor, says, given.get("segment") or "", self.ports, self.now(), given.get("id") or None)
            return report.told(session, row)

    def listed(self, who: Who) -> dict[str, Any]:
        """The newest broadcasts that this person may see."""
        with reading(self.engine) as session:
            actor = Actor.of(who(session))
            may_speak_to_many(actor)
            scope = scope_of(session, actor.person.id) if actor.person else None
            return {"broadcasts": report.listed(session, scope, actor.person.id if actor.person else None)}

    def act(self, who: Who, broadcast_id: str, action: str, given: Mapping[str, str] | None = None) -> dict[str, Any]:
        """One of ACTIONS; all but preview, test and report tell the status as it is then."""
        given = given or {}
        if action in CHANGES:
            with writing(self.engine) as session:
                row, actor = self._found(session, who, broadcast_id, lock=True)
                CHANGES[action](session, row, actor, self.now())
                return report.status(session, row, self.now())
        if action in ("status", "report"):
            with reading(self.engine) as session:
                row, _ = self._found(session, who, broadcast_id)
                if action == "status":
                    return report.status(session, row, self.now())
                return report.report(session, row, self.ports, self.now())
        if action == "preview":
            with reading(self.engine) as session:
                row, _ = self._found(session, who, broadcast_id)
            when = planned(**{name: given.get(name) or "" for name in WHEN})
            return preview.preview(self.engine, row, self.ports, self.now(), None if when == NOW else when)
        if action == "test":
            return self._test(who, broadcast_id)
        if action == "start":
            return self._start(who, broadcast_id, given)
        if action == "change":
            return self._change(who, broadcast_id, given)
        raise NotThere(f"the actions are {', '.join(ACTIONS)}")

    def _start(self, who: Who, broadcast_id: str, given: Mapping[str, str]) -> dict[str, Any]:
        """Plan it, and begin at once when that is now. Refused, with all reasons, when something stands in the way."""
        when = planned(**{name: given.get(name) or "" for name in WHEN})
        with writing(self.engine) as session:  # refused before anybody is asked for members
            row, actor = self._found(session, who, broadcast_id)
            with session.begin_nested() as trial:
                drafts.plan(session, row, actor, when, self.now())
                trial.rollback()
        with reading(self.engine) as session:
            row, _ = self._found(session, who, broadcast_id)
        seen = preview.preview(self.engine, row, self.ports, self.now(), when)
        if seen["problems"]:
            raise Refused("; ".join(seen["problems"]))
        with writing(self.engine) as session:
            row, actor = self._found(session, who, broadcast_id, lock=True)
            drafts.plan(session, row, actor, when, self.now())
        runs.sweep(self.engine, self.ports, self.now())
        with reading(self.engine) as session:
            row, _ = self._found(session, who, broadcast_id)
            return {**report.status(session, row, self.now()), "notes": seen["notes"]}

    def _test(self, who: Who, broadcast_id: str) -> dict[str, Any]:
        """The card to whoever asks (the operator: to its author), as they will read it."""
        with writing(self.engine) as session:
            row, actor = self._found(session, who, broadcast_id)
            tester = actor.person or drafts.author(session, row)
            if tester is None:
                raise Refused("say to whom: --as PERSON")
            address, card = preview.of_author(session, row, tester, self.ports)
            delivery = outbox.put(session, address, card, self.now(), "nudge", self.now())
            audit.note(session, actor, "broadcast.test", self.now(), target=row.id, subject=tester)
            return {"id": row.id, "delivery": delivery.id, "to": f"{address.channel}:{address.external_id}", "lang": card.lang}

    def _change(self, who: Who, broadcast_id: str, given: Mapping[str, str]) -> dict[str, Any]:
        with writing(self.engine) as session:
            row, actor = self._found(session, who, broadcast_id, lock=True)
            says = {name: given.get(name) or "" for name in SAYS}
            new = content.written(self.ports, **says) if any(says.values()) else None
            drafts.change(session, row, actor, new, given.get("segment") or "", self.ports, self.now())
            return report.told(session, row)

    def _found(self, session: Session, who: Who, broadcast_id: str, *, lock: bool = False) -> tuple[BroadcastRow, Actor]:
        actor = Actor.of(who(session))
        return drafts.found(session, broadcast_id, actor, lock=lock), actor


def operator(_: Session) -> None:
    """Who acts at the command line without naming somebody."""


__all__ = ["ACTIONS", "OPERATOR", "Desk", "Who", "operator"]
