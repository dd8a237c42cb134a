"""How does a follow-up look in the talk: noted, moved, ended, listed, asked about? Rows → cards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from bot.conversations.turn import Turn
from bot.conversations.words import say as say_own
from bot.followups import nudged
from bot.followups.cadence import long_holiday_near
from bot.followups.matter import day as day_of
from bot.followups.nudges import Matter, by_channel, holiday_line, holiday_now, nudge, says_channel, short, who
from bot.followups.party import matter_of, party
from bot.followups.rules import zone_of
from bot.followups.tables import OPEN_STATES, ContactRow, FollowupEventRow, FollowupRow
from bot.followups.times_echo import echo
from bot.followups.touches import made_for
from bot.followups.words import say
from bot.followups.worktime import find_zone, local
from bot.messages import Card, Choice, Lang
from bot.people.tables import AddressRow

MOST_LISTED = 15
_AT = "%Y%m%dT%H%M"
_OWN = ("web", "terminal")
"""Channels that only show a nudge to who comes back."""


def notice(turn: Turn, name: str, choices: Sequence[Choice] = (), *, title: str = "", **values: object) -> Card:
    """The coach's words about follow-ups as a card."""
    return Card(
        id=f"followup.{name}",
        kind="notice",
        lang=turn.lang,
        title=title,
        text=say(name, turn.lang, **values),
        choices=list(choices),
    )


def question(turn: Turn, name: str, choices: Sequence[Choice] = (), before: str = "", **values: object) -> Card:
    """A short question back, with a way out."""
    text = say(name, turn.lang, **values)
    ways = [*choices, Choice(id="fu:stop", title=say("b.stop", turn.lang))]
    return Card(
        id=f"followup.{name}", kind="question", lang=turn.lang, text=f"{before}\n\n{text}" if before else text, choices=ways
    )


def sentence(remark: str, lang: Lang) -> str:
    """A remark of the time grammar as a sentence; nothing of none."""
    return remark and (f"{remark}。" if lang == "zh" else f"{remark[0].upper()}{remark[1:]}.")


def matter(turn: Turn, row: FollowupRow, told: FollowupEventRow | None = None) -> Matter:
    """A row as the cards show it; `told`: as that nudge had it."""
    step, reason = (told.note or row.step, told.before["reason"]) if told else (row.step, row.reason)
    about = party(turn.session, row, reason)
    reached = [about.reached.id] if about.reached and step == "decide" else []
    touches = sum(made_for(turn.session, reached).values())
    return replace(matter_of(turn.person, row, about, turn.rules, touches), step=step, reason=reason)


def counterpart(turn: Turn, row: FollowupRow) -> ContactRow | None:
    """Whom it waits for, of several the one to be reached."""
    return party(turn.session, row).reached


def what(turn: Turn, row: FollowupRow) -> str:
    """A follow-up in a few words."""
    return short(matter(turn, row), turn.lang)


def when(turn: Turn, row: FollowupRow) -> str:
    """Its next moment: date, weekday, both zones."""
    contact = counterpart(turn, row)
    mine = find_zone(zone_of(turn.person, turn.lang))
    theirs = find_zone(contact.zone) if contact else find_zone(row.zone)
    said_in = find_zone(row.zone)
    return echo(row.due_at, said_in, theirs if said_in.key == mine.key else mine, turn.lang)


def made(turn: Turn, row: FollowupRow, warning: str = "") -> Card:
    """What was noted, with both clocks and a button for each usual change."""
    seen = matter(turn, row)
    name = "made.red" if row.kind == "verify_by_phone" else "made" if row.fixed else "made.planned"
    lines = [say(name, turn.lang, when=when(turn, row)) if name != "made.red" else say(name, turn.lang)]
    if says_channel(seen):
        lines.append(by_channel(seen, "made.by", turn.lang))
    if warning:
        lines.append(say("unreachable", turn.lang, why=warning))
    if row.deadline:
        lines.append(
            say("made.deadline.fixed" if row.fixed else "made.deadline", turn.lang, day=deadline_day(turn, row.deadline))
        )
    day = row.due_at.astimezone(seen.there.zone).date()
    if near := long_holiday_near(seen.there, day):
        lines.append(holiday_line(near, turn.lang))
    note = how_told(turn)
    return Card(
        id="followup.made",
        kind="notice",
        lang=turn.lang,
        title=say("made.title", turn.lang, what=what(turn, row)),
        text="\n\n".join([*lines, *_how(turn, note)]),
        choices=[*changes_of(turn, row, seen, warned=bool(warning)), *_another_channel(turn, note)],
    )


def made_several(turn: Turn, rows: Sequence[FollowupRow]) -> Card:
    """Several noted from one message, each with its moment; a button for each shows it."""
    note = how_told(turn)
    lines = [say("made.one", turn.lang, what=what(turn, row), when=when(turn, row)) for row in rows]
    if limit := rows[0].deadline:
        lines.append(say("made.deadline.fixed", turn.lang, day=deadline_day(turn, limit)))
    return Card(
        id="followup.made.several",
        kind="choices",
        lang=turn.lang,
        title=say("made.several", turn.lang, number=len(rows)),
        text="\n\n".join(["\n".join(lines), *_how(turn, note)]),
        choices=[Choice(id=f"fu:show:{row.id}", title=line(turn, row)) for row in rows],
    )


def deadline_day(turn: Turn, deadline: dt.datetime) -> str:
    """A deadline as its date on the user's clock."""
    return day_of(deadline.astimezone(find_zone(zone_of(turn.person, turn.lang))).date(), turn.lang)


def _how(turn: Turn, note: str) -> list[str]:
    """That their clock was assumed, and how the nudge will come, where that needs saying."""
    clock = [say("zone.unknown", turn.lang, zone=zone_of(turn.person, turn.lang))] if turn.person.zone is None else []
    return [*clock, *([say(note, turn.lang)] if note else [])]


def _another_channel(turn: Turn, note: str) -> list[Choice]:
    """A way to reminders on time, where they could only come when the person writes."""
    late = note in ("answers-only", "window-only")
    return [Choice(id="command:link", title=say_own("link.title", turn.lang))] if late else []


def changes_of(turn: Turn, row: FollowupRow, seen: Matter, *, warned: bool = False) -> list[Choice]:
    """An hour later, the next day, when they can be reached, another time, drop it: each names its moment."""
    mine = find_zone(zone_of(turn.person, turn.lang))
    here = row.due_at.astimezone(mine)
    tomorrow = local(here.date() + dt.timedelta(days=1), here.time(), mine)
    reach = seen.there.reach(row.due_at).at
    ways = [("later", row.due_at + dt.timedelta(hours=1)), ("tomorrow", tomorrow), *([("reachable", reach)] if warned else [])]
    if row.kind == "verify_by_phone":
        ways = []
    moves = [at_choice(row, name, moment, turn) for name, moment in ways if moment > turn.now]
    ends = [
        Choice(id=f"fu:when:{row.id}", title=say("b.when", turn.lang)),
        Choice(id=f"fu:cancel:{row.id}", title=say("b.cancel", turn.lang)),
    ]
    return [*moves, *(ends[:1] if row.kind == "verify_by_phone" else ends)]


def at_choice(row: FollowupRow, name: str, moment: dt.datetime, turn: Turn) -> Choice:
    """A button that moves to one moment, however often it is pressed."""
    title = say("b.nextday" if name == "tomorrow" else f"b.{name}", turn.lang)
    return Choice(id=at_id(row, moment), title=title)


def at_id(row: FollowupRow, moment: dt.datetime) -> str:
    """The id of such a button."""
    return f"fu:at:{row.id}:{moment.astimezone(dt.UTC).strftime(_AT)}"


def moment_of(stamp: str) -> dt.datetime | None:
    """The moment that such a button names."""
    try:
        return dt.datetime.strptime(stamp, _AT).replace(tzinfo=dt.UTC)
    except ValueError:
        return None


def shown(turn: Turn, row: FollowupRow) -> Card:
    """One follow-up with what can be done to it, and the words to send: those of its nudge, while nothing came of that."""
    told = nudged.last_nudge(turn.session, row)
    card = nudge(replace(matter(turn, row, told), named_time=False), turn.now, turn.lang)
    if row.state not in OPEN_STATES:
        undo = [Choice(id=f"fu:undo:{row.id}", title=say("b.undo", turn.lang))]
        return notice(turn, "was.done", undo, what=what(turn, row))
    lines = [say("next", turn.lang, when=when(turn, row))]
    if nudged.unheard(turn.session, [row]):
        lines.append(say("undelivered", turn.lang))
    return card.model_copy(update={"id": "followup.shown", "text": "\n\n".join([*lines, card.text])})


def listing(turn: Turn, rows: Sequence[FollowupRow]) -> Card:
    """All that is open, numbered; checks by telephone first."""
    if not rows:
        return notice(turn, "list.none")
    words = "list" if len(rows) <= MOST_LISTED else "list.more"
    lost, mark = nudged.unheard(turn.session, rows[:MOST_LISTED]), say("undelivered.short", turn.lang)
    titles = {row.id: line(turn, row) + (mark if row.id in lost else "") for row in rows[:MOST_LISTED]}
    choices = [Choice(id=f"fu:show:{name}", title=title) for name, title in titles.items()]
    text = say(words, turn.lang, number=len(rows), shown=min(len(rows), MOST_LISTED))
    return Card(
        id="followup.list", kind="choices", lang=turn.lang, title=say("list.title", turn.lang), text=text, choices=choices
    )


def line(turn: Turn, row: FollowupRow) -> str:
    """One line of the list: who, what, when on the user's clock."""
    seen = matter(turn, row)
    names = {"who": who(seen, turn.lang), "what": seen.subject or say("it", turn.lang)}
    if row.kind == "verify_by_phone":
        return say("line.red", turn.lang, **names)
    here = row.due_at.astimezone(seen.mine)
    day = f"{here.month}月{here.day}日 {here:%H:%M}" if turn.lang == "zh" else f"{here:%a} {here.day} {here:%b} {here:%H:%M}"
    return say("line", turn.lang, **names, when=day)


def snooze_ways(turn: Turn, row: FollowupRow) -> list[Choice]:
    """The usual times to put something off to."""
    seen = matter(turn, row)
    near = holiday_now(seen, turn.now) or long_holiday_near(seen.there, turn.now.astimezone(seen.there.zone).date())
    names = ["hour", "tomorrow", *(["holiday"] if near else [])]
    return [Choice(id=f"fu:{name}:{row.id}", title=say(f"b.{name}", turn.lang)) for name in names]


def how_told(turn: Turn) -> str:
    """What to say of how the nudge will come, where it cannot simply be sent; empty where it can."""
    mine = set(turn.session.scalars(select(AddressRow.channel).where(AddressRow.person_id == turn.person.id)))
    pushed = [limits for channel in mine if (limits := turn.limits(channel))]
    if pushed and not any(limits.may_speak_first for limits in pushed):
        return "answers-only" if all(limits.only_answers for limits in pushed) else "window-only"
    if mine & (set(turn.speaks_first) - set(_OWN)):
        return ""
    if "web" in mine:
        return "web-only"
    return "terminal-only" if "terminal" in mine else "api-only"
