"""What the API may do with follow-ups, and the web shows of them: each in one transaction, for whoever speaks at an address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from adapters.web.ports import Matter
from bot.db import reading, writing
from bot.followups import desk, ledger
from bot.followups.rules import Rules, zone_of
from bot.followups.tables import ContactRow, FollowupRow
from bot.followups.times_zones import zone_names
from bot.followups.worktime import find_zone
from bot.messages import Address, Lang
from bot.people import directory

LATE = dt.timedelta(hours=1)
"""So long after its moment a follow-up is shown as overdue."""


@dataclass(frozen=True)
class Desk:
    """The follow-ups of people, by the names of the API."""

    engine: Engine
    rules: Rules
    now: Callable[[], dt.datetime]

    def followups(self, address: Address, state: str) -> list[dict[str, Any]]:
        """The follow-ups of whoever speaks at an address: those that are `open`, or `all`."""
        with writing(self.engine) as session:
            person, _ = directory.at_address(session, address, self.now())
            return ledger.told(session, (ledger.open_ones if state == "open" else ledger.all_ones)(session, person))

    def matters(self, address: Address, lang: Lang) -> list[Matter]:
        """What stands beside the chat: open follow-ups with both clocks, the earliest first. Makes nobody."""
        with reading(self.engine) as session:
            person = directory.speaker(session, address)
            if person is None:
                return []
            rows = ledger.open_ones(session, person)
            contacts = ledger.contacts_of(session, rows)
            return [self._matter(row, contacts[row.id], find_zone(zone_of(person, lang)), lang) for row in rows]

    def _matter(self, row: FollowupRow, contacts: Sequence[ContactRow], mine: ZoneInfo, lang: Lang) -> Matter:
        theirs = find_zone(contacts[0].zone if contacts else row.zone)
        return Matter(
            id=row.id,
            name=contacts[0].name if contacts else row.subject,
            subject=row.subject if contacts else "",
            mine=row.due_at.astimezone(mine),
            theirs=row.due_at.astimezone(theirs),
            place=zone_names(theirs)[lang == "zh"],
            late=row.due_at < self.now() - LATE,
        )

    def follow_up(self, address: Address, given: Mapping[str, Any]) -> dict[str, Any]:
        """Make one, by the names of the API; the same request_id makes none. Commits. Raises Refused."""
        asked = dict(given)
        request = asked.pop("request_id")
        asked |= {"name": asked.pop("contact_name"), "emails": asked.pop("recipients")}
        with writing(self.engine) as session:
            person, row = directory.at_address(session, address, self.now())
            origin = f"api:{request}" if request else ""
            made = desk.add(session, person, self.now(), self.rules, **asked, origin=origin, address=row)
            return ledger.told(session, [made])[0]

    def change_followup(self, address: Address, followup_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Change one, as `desk.change` does. Commits. Raises NotThere, Conflict, Refused."""
        asked = dict(given)
        asked["name"] = asked.pop("contact_name")
        with writing(self.engine) as session:
            person, _ = directory.at_address(session, address, self.now())
            made, _ = desk.change(session, person, followup_id, now=self.now(), rules=self.rules, **asked)
            return ledger.told(session, [made])[0]
