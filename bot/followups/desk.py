"""How do other tools and the command line make and change follow-ups? The same functions as the talk, with plain arguments.

Functions take the caller's session and commit nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.followups import changes, ledger
from bot.followups import contacts as people_there
from bot.followups.revise import revise
from bot.followups.rules import Rules, zone_of
from bot.followups.tables import FollowupRow
from bot.followups.times import DEFAULT_THEIR_ZONE, read
from bot.intents.normalise import language
from bot.messages import Lang
from bot.people.tables import AddressRow, PersonRow

ACTIONS = ("done", "replied", "called", "cancel", "snooze", "change", "undo")


def add(
    session: Session,
    person: PersonRow,
    now: dt.datetime,
    rules: Rules,
    *,
    subject: str,
    name: str = "",
    emails: Sequence[str] = (),
    phone: str = "",
    wechat: str = "",
    organisation: str = "",
    contact_zone: str = "",
    contact_lang: str = "",
    reach: str = "",
    when: str = "",
    due_at: dt.datetime | None = None,
    deadline: dt.datetime | None = None,
    sent_at: dt.datetime | None = None,
    lang: Lang | None = None,
    origin: str = "",
    address: AddressRow | None = None,
) -> FollowupRow:
    """A follow-up with its counterparts, one for each e-mail address; without any time the cadence plans it.

    `when` is words for the time grammar. Raises Refused for words that name no time, several, or an impossible one, and
    for a deadline that is past.
    """
    if deadline and deadline <= now:
        raise Refused("that deadline is past")
    rest = {"phone": phone, "wechat": wechat, "organisation": organisation, "zone": contact_zone, "lang": contact_lang}
    known: list[people_there.ContactRow] = []
    for number, email in enumerate(emails):
        extra = {**rest, "name": name} if number == 0 else {}
        known.append(people_there.add(session, person, now, emails=[email], **extra))
    if not emails and name:
        found = people_there.by_name(session, person, name)
        if len(found) == 1:
            people_there.complete(session, found[0], instead=False, **rest)
        known.append(found[0] if len(found) == 1 else people_there.add(session, person, now, name=name, **rest))
    zone = ""
    if when:
        due_at = moment_of(when, person, now, known[0].zone if known else DEFAULT_THEIR_ZONE)
        zone = getattr(due_at.tzinfo, "key", "")
    return ledger.create(
        session,
        person,
        now,
        rules,
        subject=subject,
        contacts=known,
        due_at=due_at,
        zone=zone,
        deadline=deadline,
        sent_at=sent_at,
        reach=reach,
        lang=lang or language(subject) or "en",
        origin=origin or None,
        address=address,
    )


def change(
    session: Session,
    person: PersonRow,
    followup_id: str,
    action: str,
    now: dt.datetime,
    rules: Rules,
    *,
    when: str = "",
    until: dt.datetime | None = None,
    subject: str = "",
    name: str = "",
    phone: str = "",
    wechat: str = "",
    organisation: str = "",
    contact_zone: str = "",
    contact_lang: str = "",
    deadline: dt.datetime | None = None,
) -> tuple[FollowupRow, bool]:
    """One of ACTIONS; (the follow-up, whether anything changed). What is given from `subject` on is for `change`.

    Raises NotThere, Refused, and Conflict as `changes` and `revise` do.
    """
    row = ledger.find(session, person, followup_id)
    said = {"subject": subject, "name": name, "phone": phone, "wechat": wechat, "organisation": organisation}
    said |= {"zone": contact_zone, "lang": contact_lang}
    if action == "change":
        return row, revise(session, person, row, now, rules, deadline=deadline, **said)
    if deadline or any(said.values()):
        raise Refused("what is noted is changed by the action “change” alone")
    if action == "snooze":
        contact = next(iter(ledger.contacts_of(session, [row])[row.id]), None)
        at = until or moment_of(when, person, now, contact.zone if contact else DEFAULT_THEIR_ZONE)
        return row, changes.snooze(session, row, at, getattr(at.tzinfo, "key", "") or zone_of(person), now)
    known = {
        "done": changes.done,
        "replied": changes.replied,
        "called": changes.called,
        "cancel": changes.cancel,
        "undo": changes.undo,
    }
    if action not in known:
        raise Refused(f"a follow-up can be: {', '.join(ACTIONS)}")
    return row, known[action](session, row, now)


def moment_of(when: str, person: PersonRow, now: dt.datetime, their_zone: str) -> dt.datetime:
    """The one moment that the words name. Raises Refused with what they may mean or why it cannot be."""
    found = read(when, now, zone_of(person), their_zone)
    if found.at:
        return found.at
    if found.ambiguous:
        raise Refused(f"that may mean: {found.understood}")
    raise Refused(found.warning or found.understood or "there is no time in these words")
