"""What the API may do with follow-ups: each in one transaction, for whoever speaks at an address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from bot.db import writing
from bot.followups import desk, ledger
from bot.followups.rules import Rules
from bot.messages import Address
from bot.people import directory


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
        with writing(self.engine) as session:
            person, _ = directory.at_address(session, address, self.now())
            made, _ = desk.change(session, person, followup_id, now=self.now(), **given)
            return ledger.told(session, [made])[0]
