"""When is the next nudge after a copied mail? The user's words by the time grammar, else the cadence.

Pure. What a mail of somebody else says is read for one thing only: until when they are away.
"""

from __future__ import annotations

import datetime as dt

from bot.followups.cadence import There, at_once, first, usual
from bot.followups.contacts import zone_of_address
from bot.followups.copied import CopiedEmail
from bot.followups.countries import country_of
from bot.followups.known import State
from bot.followups.times import DEFAULT_THEIR_ZONE, When, read
from bot.followups.verdict import Judgement
from bot.followups.worktime import find_zone, local
from bot.messages import Lang

OLDEST = dt.timedelta(days=30)
"""A date in a mail that is older, or in the future, is not believed: then it was sent when it came."""


def sent_at(mail: CopiedEmail, now: dt.datetime) -> dt.datetime:
    """When the mail went out, as far as its date can be believed."""
    return mail.sent_at if mail.sent_at and now - OLDEST <= mail.sent_at <= now else now


def asked(judgement: Judgement, now: dt.datetime, zone: str, their_zone: str, lang: Lang = "en") -> When:
    """The time that the user's words name; nothing read (`at` None) when they name none or several."""
    return read(judgement.when_text, now, zone, their_zone, lang=lang) if judgement.when_text else When()


def back_on(judgement: Judgement, now: dt.datetime, zone: str) -> dt.date | None:
    """The day on which somebody is back; None when their answer does not say."""
    found = read(judgement.away_text, now, zone, zone) if judgement.away_text else When()
    at = found.at or (found.ambiguous[0].at if found.ambiguous else None)
    return at.astimezone(find_zone(zone)).date() if at else None


def deadline(judgement: Judgement, now: dt.datetime) -> dt.datetime | None:
    """When the meeting of an invitation begins: the last step comes before. None when that is past or has no zone."""
    said = judgement.followups[0].event_starts if judgement.followups else ""
    try:
        starts = dt.datetime.fromisoformat(said) if said else None
    except ValueError:
        return None
    return starts if starts and starts.tzinfo and starts > now else None


def due(judgement: Judgement, mail: CopiedEmail, state: State) -> dt.datetime | None:
    """The moment for a state that is given, in the person's zone: as the database would have it, with the usual cadence."""
    if not judgement.followups or judgement.action not in ("create", "annotate", "escalate"):
        return None
    now, mine = state.now, find_zone(state.person.zone)
    recipient = next(iter(judgement.followups[0].recipients), "")
    zone = zone_of_address(recipient) or DEFAULT_THEIR_ZONE
    there = There(find_zone(zone), country_of(zone))
    at = asked(judgement, now, state.person.zone, zone).at
    if judgement.action == "create" and at is None:
        planned = first(usual(), sent_at(mail, now), now, there, deadline(judgement, now))
        at = now if judgement.followups[0].kind == "verify_by_phone" else planned.at
    elif judgement.action == "escalate":
        at = at_once("notice" if judgement.reason == "delayed" else "call", usual(), now, there).at
    elif judgement.reason == "out_of_office":
        back = back_on(judgement, now, zone)
        day = back or now.astimezone(there.zone).date() + dt.timedelta(days=1)
        at = at_once("call" if back else "other", usual(), local(day, dt.time(13), there.zone), there).at
    return at.astimezone(mine) if at else None
