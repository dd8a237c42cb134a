"""What may an admin do about people on the console? Each in one transaction, never past what they may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from adapters.console.ports import PersonSeen
from adapters.site.guard import Visitor
from bot.db import reading, writing
from bot.errors import NotThere, Refused
from bot.people import audit, directory, roles, sight, signin
from bot.people.audit import Actor
from bot.people.tables import AddressRow, PersonRow, WebSession
from bot.settings import Settings
from bot.wiring_ground import Clock
from bot.wiring_site import link


@dataclass(frozen=True)
class Crowd:
    """People, roles, invitations, the audit trail."""

    engine: Engine
    settings: Settings
    now: Clock

    def people(self, me: Visitor) -> list[PersonSeen]:
        """Whoever this admin may see."""
        with reading(self.engine) as session:
            scope = sight.scope_of(session, me.person)
            everybody = directory.everybody(session)
            if scope is not None:
                mine = set(session.scalars(sight.people_in(scope)))
                everybody = [person for person in everybody if person.id in mine]
            channels: dict[str, list[str]] = {}
            for person, channel in session.execute(select(AddressRow.person_id, AddressRow.channel).distinct()):
                channels.setdefault(person, []).append(channel)
            open_ones = select(WebSession.person_id, func.count()).where(WebSession.expires_at > self.now())
            sessions = dict(session.execute(open_ones.group_by(WebSession.person_id)).all())
            return [
                PersonSeen(p.id, p.name or "", p.email or "", p.role, sorted(channels.get(p.id, [])), sessions.get(p.id, 0))
                for p in everybody
            ]

    def role(self, me: Visitor, person_id: str, role: str) -> None:
        """Give a role; nobody takes their own, so that one admin is left. Commits. Raises NotThere, Refused."""
        if person_id == me.person:
            raise Refused("nobody changes their own role; ask another admin, or use the command line")
        with writing(self.engine) as session:
            roles.give(session, self._seen(session, me, person_id), role, acting(session, me), self.now())

    def add(self, me: Visitor, name: str, email: str, role: str) -> None:
        """Somebody new; whom they belong to, their first address tells. Commits. Raises Refused."""
        with writing(self.engine) as session:
            if sight.scope_of(session, me.person) is not None:
                raise Refused("people of a workspace come by their workspace; only who runs Caucus adds others")
            made = directory.add_person(session, self.now(), name=name, email=email, role=role)
            audit.note(session, acting(session, me), "person.add", self.now(), subject=made, role=role)

    def invite(self, me: Visitor, person_id: str) -> str:
        """A link that signs somebody new in, once. Commits. Raises NotThere; Refused for whoever has been here before.

        Else an admin could enter as them and read what is theirs alone.
        """
        with writing(self.engine) as session:
            person = session.get(PersonRow, person_id) if sight.scope_of(session, me.person) is None else None
            if person is None:
                raise NotThere("there is no such person")
            if session.scalar(select(AddressRow.id).where(AddressRow.person_id == person_id).limit(1)):
                raise Refused("this person has been here already and signs in by chat or mail")
            token = signin.new_link(session, person, "invitation", self.now())
            audit.note(session, acting(session, me), "person.invite", self.now(), subject=person)
            return link(self.settings, token or "", "" if person.role == "member" else "/console")

    def sign_out(self, me: Visitor, person_id: str) -> int:
        """End all of somebody's sessions. Commits. Raises NotThere."""
        with writing(self.engine) as session:
            person = self._seen(session, me, person_id)
            audit.note(session, acting(session, me), "person.sign-out", self.now(), subject=person)
            return signin.end(session, person.id)

    def trail(self, me: Visitor, first: int, most: int) -> tuple[list[Mapping[str, Any]], int]:
        """Who did what, the newest first, and how many lines there are in all.

        For a workspace's admin what its own people did, or what was done to them.
        """
        with reading(self.engine) as session:
            scope = sight.scope_of(session, me.person)
            mine = None if scope is None else sight.people_in(scope)
            names = {person.id: person.name or person.id[:8] for person in directory.everybody(session)}
            lines = audit.trail(session, people=mine, first=first, most=most)
            return [_told(line, names) for line in reversed(lines)], audit.number(session, mine)

    def _seen(self, session: Session, me: Visitor, person_id: str) -> PersonRow:
        person = sight.sees(session, me.person, person_id)
        if person is None:
            raise NotThere("there is no such person")
        return person


def acting(session: Session, me: Visitor) -> Actor:
    """Who acts, for the audit trail."""
    return Actor.of(session.get_one(PersonRow, me.person))


def _told(line: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """One line: when, who, what, to whom, and the rest as it is kept (numbers, states and roles)."""
    told = ("at", "by", "actor", "what", "subject", "target", "run")
    line = {**line, **({"first": f"{line['first'][:16].replace('T', ' ')} UTC"} if "first" in line else {})}
    rest = [(k, list(map(str, v)) if isinstance(v, list) else [str(v)]) for k, v in line.items() if k not in told]
    return {
        "at": line["at"],
        "who": names.get(line["actor"] or "", line["by"]),
        "what": line["what"],
        "subject": names.get(line["subject"] or "", ""),
        "target": (line["target"] or "")[:8],
        "rest": rest,
    }
