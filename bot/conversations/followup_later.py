"""To when is a follow-up put off? The usual times, and any time that a message names; each says what it came to."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from bot.conversations import followup_cards as cards
from bot.conversations.followup_draft import Draft
from bot.conversations.turn import Turn
from bot.errors import Refused
from bot.followups import changes
from bot.followups.cadence import LONG, long_holiday_near
from bot.followups.nudges import holiday_line
from bot.followups.rules import zone_of
from bot.followups.tables import FollowupRow
from bot.followups.times import read
from bot.followups.times_echo import label
from bot.followups.times_feasts import next_holiday
from bot.followups.words import say
from bot.followups.worktime import Block, find_zone, local
from bot.intents.normalise import normalise
from bot.messages import Choice

_FOR = re.compile(
    r"\bfor (?=(?:\w+ ){1,4}?(?:min(?:ute)?s?|h(?:ou)?rs?|days?|weeks?|fortnights?|months?)\b|\d+ ?(?:m|h|d|min)\b)",
    re.IGNORECASE,
)
_THEIRS = re.compile(r"\btheir\b|他们|对方")
_HOLIDAY = re.compile(
    r"\b(?:until |till )?after (?:the |their |this |that |those |these )?(?:(?:public|national|long|bank) )?(?:holidays?|break|vacation)\b"
    r"|(?<![\u4e00-\u9fff])(?:他们|对方)?(?:节|长?假期?|放假|过节)(?:之后|以后|过后|结束后?|后)|(?<=[到至等在])(?:他们|对方)?(?:的)?(?:节|长?假期?|放假|过节)(?:之后|以后|过后|结束后?|后)|(?:他们|对方)?(?:放|过|休)完(?:长)?(?:假|节)(?:之后|以后|后)?"
)


def usual(turn: Turn, row: FollowupRow, action: str, stamp: str) -> None:
    """The usual times: an hour, the same time tomorrow or when they can be reached then, after the holiday."""
    seen = cards.matter(turn, row)
    mine = find_zone(zone_of(turn.person, turn.lang))
    here = turn.now.astimezone(mine)
    if action == "hour":
        until = (turn.now + dt.timedelta(hours=1)).replace(second=0, microsecond=0)
    elif action == "at":
        until = cards.moment_of(stamp)
    elif action in ("tomorrow", "more"):
        wanted = local(here.date() + dt.timedelta(days=1), dt.time(0) if action == "more" else dt.time(here.hour), mine)
        until = seen.there.reach(wanted).at
    else:
        block = their_holiday(turn, row)
        if block is None:
            return turn.show(cards.notice(turn, "no-holiday", cards.snooze_ways(turn, row)))
        return _beyond(turn, row, block)
    if until is None:
        return turn.show(cards.notice(turn, "gone"))
    return _set(turn, row, until, mine.key)


def _beyond(turn: Turn, row: FollowupRow, block: Block) -> None:
    """To when they can first be reached after these days off, which are named."""
    there = cards.matter(turn, row).there
    until = there.reach(local(block.until + dt.timedelta(days=1), dt.time(0), there.zone)).at
    told = holiday_line(block, turn.lang, say("holiday.after", turn.lang))
    return _set(turn, row, until, find_zone(zone_of(turn.person, turn.lang)).key, told=told)


def their_holiday(turn: Turn, row: FollowupRow) -> Block | None:
    """A long one that is near, or the one in which the counterpart is; where "their holiday" is said, the next long one."""
    there = cards.matter(turn, row).there
    today = turn.now.astimezone(there.zone).date()
    near = long_holiday_near(there, today) or there.holiday(today)
    if near or not _THEIRS.search(normalise(turn.inbound.text)):
        return near
    coming = next_holiday(today, there.country, there.overrides, shortest=LONG)
    return coming.block if coming else None


def after_holiday(turn: Turn, text: str) -> bool:
    """Whether a message names the end of a holiday, whichever is theirs, and no other time."""
    said = normalise(text)
    return bool(_HOLIDAY.search(said)) and not read(_HOLIDAY.sub(" ", said), turn.now, zone_of(turn.person, turn.lang)).spans


def move(turn: Turn, row: FollowupRow, text: str) -> None:
    """To the time that a message names; asked for when it names none, several or none that can be."""
    draft = Draft(asks="move", id=row.id)
    turn.state.matter = row.id
    turn.intent = "followup-snooze"
    if after_holiday(turn, text) and (block := their_holiday(turn, row)):
        return _beyond(turn, row, block)
    if not draft.take_time(turn, for_as_in(text), cards.counterpart(turn, row)):
        return ask_when(turn, row)
    if draft.options:
        draft.keep(turn)
        readings = [(dt.datetime.fromisoformat(at), find_zone(zone)) for at, zone in draft.options]
        which = [Choice(id=cards.at_id(row, at), title=label(at, zone, turn.lang)) for at, zone in readings]
        turn.decision = "ask"
        return turn.show(cards.question(turn, "ask.which", which, cards.sentence(draft.warning, turn.lang)))
    if draft.moment is None:
        Draft(asks="move", id=row.id).keep(turn)
        return turn.show(
            cards.question(
                turn,
                "snooze.when",
                cards.snooze_ways(turn, row),
                say("not-possible", turn.lang, why=draft.problem),
                what=cards.what(turn, row),
            )
        )
    return _set(turn, row, draft.moment, draft.zone, draft.warning)


def for_as_in(text: str) -> str:
    """Say "in two hours" for "snooze it for two hours": where something is put off, both mean the same."""
    return _FOR.sub("in ", text)


def _set(turn: Turn, row: FollowupRow, until: dt.datetime, zone: str, warning: str = "", told: str = "") -> None:
    turn.state.draft = None
    what = cards.what(turn, row)
    try:
        moved = changes.snooze(turn.session, row, until, zone, turn.now)
    except Refused:
        return turn.show(cards.notice(turn, "not-possible", cards.snooze_ways(turn, row), why=say("past", turn.lang)))
    name = "did.snooze" if moved else "was.snooze"
    ways = [
        Choice(id=f"fu:undo:{row.id}", title=say("b.undo", turn.lang)),
        *cards.changes_of(turn, row, cards.matter(turn, row), warned=bool(warning)),
    ]
    card = cards.notice(turn, name, ways, what=what, when=cards.when(turn, row))
    if told:
        card = card.model_copy(update={"text": f"{card.text}\n\n{told}"})
    if warning:
        card = card.model_copy(update={"text": f"{card.text}\n\n{say('unreachable', turn.lang, why=warning)}"})
    return turn.show(card)


def ask_again(turn: Turn, row: FollowupRow) -> None:
    """A call led to nobody: when shall it be tried again? One button says that all is settled, where a word may close it."""
    done = [Choice(id=f"fu:done:{row.id}", title=say("b.done", turn.lang))] if row.kind == "normal" else []
    ask_when(turn, row, say("unreached", turn.lang), done)


def ask_when(turn: Turn, row: FollowupRow, before: str = "", more: Sequence[Choice] = ()) -> None:
    """Until when shall it rest? `before` is said first, `more` are other ways."""
    Draft(asks="move", id=row.id).keep(turn)
    turn.decision = "ask"
    turn.show(cards.question(turn, "snooze.when", [*cards.snooze_ways(turn, row), *more], before, what=cards.what(turn, row)))
