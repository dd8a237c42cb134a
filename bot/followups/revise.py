"""What was noted of a follow-up is corrected or completed: subject, counterpart, how and where to reach them, deadline.

One change is one line of history, which `changes.undo` takes back. Functions take the caller's session and commit
nothing. E-mail addresses stay as they are: by them answers are recognised.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import Conflict, Refused
from bot.followups import cadence, changes, contacts, ledger, particulars
from bot.followups.party import BY_MAIL, counterpart
from bot.followups.rules import Rules, cadence_for, there, zone_of
from bot.followups.tables import OPEN_STATES, ContactRow, FollowupContactRow, FollowupEventRow, FollowupRow
from bot.followups.texts import TASK, is_generic
from bot.followups.worktime import find_zone, local
from bot.people.tables import PersonRow


def revise(
    session: Session,
    person: PersonRow,
    row: FollowupRow,
    now: dt.datetime,
    rules: Rules,
    *,
    subject: str = "",
    name: str = "",
    phone: str = "",
    wechat: str = "",
    organisation: str = "",
    zone: str = "",
    lang: str = "",
    deadline: dt.datetime | None = None,
) -> bool:
    """Change what is given of the person's open follow-up; False when all of it is so already.

    Where zone or deadline changed, a step that the coach planned is planned anew, and a time named by the clock of the
    counterpart holds on their new clock. Raises Refused, Conflict and `contacts.NumberDuringCheck`.
    """
    if row.state not in OPEN_STATES:
        raise Conflict("that follow-up has ended; undo that first")
    if not any((subject, name, phone, wechat, organisation, zone, lang, deadline)):
        raise Refused("nothing was said that is to be changed")
    if deadline and not now < deadline <= now + ledger.LONGEST_AHEAD:
        raise Refused("a deadline is ahead, and less than five years away")
    before = particulars.seen(session, row)
    old = counterpart(session, row)
    old_zone = old.zone if old else ""
    if name:
        _wait_for(session, person, row, old, name, now)
    if phone or wechat or organisation or zone or lang:
        contact = counterpart(session, row)
        if contact is None:
            raise Refused("it waits for nobody in particular; name the counterpart too")
        contacts.complete(
            session, contact, phone=phone, wechat=wechat, organisation=organisation, zone=zone, lang=lang, instead=True
        )
    row.subject = contacts.clean(subject)[: ledger.LONGEST_SUBJECT] or row.subject
    row.deadline = deadline or row.deadline
    changed = particulars.difference(before, particulars.seen(session, row))
    if not changed:
        return False
    changes.remember(session, row, "revised", "person", now, changed)
    contact = counterpart(session, row)
    _move(
        session, person, row, contact, old_zone, rules, now, replan=deadline is not None or (contact and contact.zone) != old_zone
    )
    session.flush()
    return True


def _wait_for(session: Session, person: PersonRow, row: FollowupRow, old: ContactRow | None, name: str, now: dt.datetime) -> None:
    """It waits for somebody of this name. Who was noted for it alone, as "the buyer" or without a number, was only misnamed."""
    name = contacts.clean(name)
    if old and old.name == name:
        return
    if row.kind == "verify_by_phone":
        raise Conflict("whom a check of bank details is about stays as it is")
    known = contacts.by_name(session, person, name)
    addressed = old and contacts.emails_of(session, [old.id])[old.id]
    if old and old in known:  # spelt otherwise
        old.name = name
        return
    misnamed = old and (is_generic(old.name) or not (old.phones or old.wechat))
    if old and not known and misnamed and _alone(session, old, row):
        old.name = name
        return
    if len(known) == 1:
        found = known[0]
    else:
        firm, zone = (old.organisation or "", old.zone) if old else ("", "")
        found = contacts.add(session, person, now, name=name, organisation=firm, zone=zone)
    others = [each.id for each in ledger.contacts_of(session, [row])[row.id] if each is not old or addressed]
    particulars.link(session, row, [found.id, *others])


def _alone(session: Session, contact: ContactRow, row: FollowupRow) -> bool:
    other = (FollowupContactRow.contact_id == contact.id, FollowupContactRow.followup_id != row.id)
    return session.scalar(select(FollowupContactRow.followup_id).where(*other).limit(1)) is None


def _move(
    session: Session,
    person: PersonRow,
    row: FollowupRow,
    contact: ContactRow | None,
    old_zone: str,
    rules: Rules,
    now: dt.datetime,
    *,
    replan: bool,
) -> None:
    """When it is due now that zone or deadline are others."""
    if row.kind != "normal" or not replan:
        return
    where = there(person, contact, rules)
    if row.fixed:
        if contact and row.zone == old_zone != contact.zone and row.zone != zone_of(person, row.lang):
            wall = dt.datetime.fromisoformat(row.wall)
            meant = local(wall.date(), wall.time(), find_zone(contact.zone))
            if meant > now:
                ledger.place(row, meant, contact.zone, fixed=True)
        return
    if row.reason in BY_MAIL:
        ledger.place(row, where.reach(max(row.due_at, now)).at, where.zone.key, fixed=False)
        return
    planned = _planned(session, row, where, now)
    if planned:
        row.step = planned.step
        late = planned.step != "archive" and planned.at <= now
        ledger.place(row, where.reach(now).at if late else planned.at, where.zone.key, fixed=False)


def _planned(session: Session, row: FollowupRow, where: cadence.There, now: dt.datetime) -> cadence.Planned | None:
    """The step that comes now, as it would have been planned after the last nudge."""
    steps, sent_at = cadence_for(session, row), row.sent_at or row.created_at
    nudged = select(FollowupEventRow).where(FollowupEventRow.followup_id == row.id, FollowupEventRow.what == "nudged")
    last = session.scalar(nudged.order_by(FollowupEventRow.id.desc()).limit(1))
    if last is None:
        return cadence.first(steps, sent_at, now, where, row.deadline)
    step = "other" if row.reason == TASK and last.note != "decide" else last.note or "notice"
    return cadence.following(steps, step, sent_at, last.at, row.touches, where, row.deadline)
