"""By which rules are follow-ups planned here? Calendars' corrections, cadences, and the hours people want to be left alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.followups.cadence import Cadence, There, read_cadence, usual
from bot.followups.calendars import NO_OVERRIDES, Overrides, read_overrides
from bot.followups.countries import country_of
from bot.followups.tables import CadenceRow, ContactRow, FollowupRow
from bot.followups.times import DEFAULT_THEIR_ZONE
from bot.followups.told_at import best
from bot.followups.worktime import Quiet, find_zone
from bot.people.tables import AddressRow, PersonRow

CALENDAR = "calendar.yaml"
"""In the data folder: days that the calendars do not know, see `calendars.read_overrides`."""
USUAL_QUIET = "22:00-07:00"
UNKNOWN_ZONE = "UTC"
"""Of a person who has not said where they are; every confirmation then asks them to."""


@dataclass(frozen=True)
class Rules:
    """What holds for everybody in this installation."""

    overrides: Overrides = NO_OVERRIDES


def read_rules(data_dir: Path) -> Rules:
    """The rules with the override file of the data folder, where there is one. Raises Refused for a broken one."""
    path = data_dir / CALENDAR
    return Rules(read_overrides(path) if path.exists() else NO_OVERRIDES)


def cadence_for(session: Session, followup: FollowupRow) -> Cadence:
    """The cadence of the workspace in which it was set up, else of the one where the person is told it, else the usual one."""
    if followup.address_id:
        return cadences_of(session, [followup.address_id]).get(followup.address_id, usual())
    mine = (
        AddressRow.person_id == followup.person_id,
        AddressRow.left_at.is_(None),
        AddressRow.channel != "api",
    )  # never spoken on first
    own = select(AddressRow, CadenceRow.steps).outerjoin(CadenceRow, CadenceRow.workspace_id == AddressRow.workspace_id)
    found = {address: steps for address, steps in session.execute(own.where(*mine)) if address}
    told_at = best(list(found), [followup])
    return read_cadence(found[told_at]) if told_at and found[told_at] else usual()


def cadences_of(session: Session, address_ids: Iterable[str | None]) -> dict[str | None, Cadence]:
    """Address → cadence of its workspace, for those whose workspace has one of its own."""
    wanted = {address_id for address_id in address_ids if address_id}
    if not wanted:
        return {}
    own = select(AddressRow.id, CadenceRow.steps).join(CadenceRow, CadenceRow.workspace_id == AddressRow.workspace_id)
    return {address_id: read_cadence(steps) for address_id, steps in session.execute(own.where(AddressRow.id.in_(wanted)))}


def zone_of(person: PersonRow, lang: str = "") -> str:
    """The person's zone; while they have not told it, Beijing's for who writes Chinese, else UTC. It is always echoed."""
    return person.zone or (DEFAULT_THEIR_ZONE if (person.lang or lang) == "zh" else UNKNOWN_ZONE)


def quiet_of(person: PersonRow) -> Quiet | None:
    """The hours in which nothing comes unasked; None where the person wants none, or we do not know their clock."""
    if person.quiet == "off" or not person.zone:
        return None
    start, end = quiet_times(person.quiet or USUAL_QUIET)
    return Quiet(find_zone(person.zone), start, end)


def quiet_times(quiet: str) -> tuple[dt.time, dt.time]:
    """`22:00-07:00` as two times of day. Raises Refused."""
    try:
        start, end = quiet.split("-")
        return dt.time.fromisoformat(start), dt.time.fromisoformat(end)
    except ValueError:
        raise Refused("quiet hours are written 22:00-07:00") from None


def there(person: PersonRow, contact: ContactRow | None, rules: Rules, said: str = "") -> There:
    """Where the counterpart is (`said`: a zone they were just said to be in) and when this person may be told."""
    zone = find_zone(said or (contact.zone if contact else DEFAULT_THEIR_ZONE))
    return There(zone, country_of(zone.key), quiet_of(person), rules.overrides)
