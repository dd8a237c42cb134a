"""How is a follow-up made in the talk? From the slots of a message; what is missing is asked for, one short question a time."""

from __future__ import annotations

import datetime as dt
import re

from bot.conversations import followup_cards as cards
from bot.conversations.followup_aside import QUESTION, about_others, elsewhere, leaves_making
from bot.conversations.followup_draft import Draft
from bot.conversations.turn import Turn
from bot.errors import Refused
from bot.followups import contacts as people_there
from bot.followups import ledger
from bot.followups.rules import zone_of
from bot.followups.slots import bare_answer, slots_of, without
from bot.followups.tables import FollowupRow
from bot.followups.texts import TASK
from bot.followups.times import read
from bot.followups.times_echo import label
from bot.followups.words import say
from bot.followups.worktime import find_zone
from bot.intents.normalise import normalise
from bot.messages import Choice

_YOU = re.compile(
    r"(?:you (?:choose|decide|pick)(?: the time)?|whenever|any ?time|up to you|don'?t care|你定|你(?:来)?(?:定|选|决定|安排)(?:时间)?|随便|都行|都可以|看着办|随时)[.!。！]*"
)
_REMINDING = re.compile(r"[\W_]+|(?:remind|ping|nudge|alert) me|please|pls|提醒(?:一下)?我?(?:一下)?|请|就|再|吧", re.IGNORECASE)
_NOBODY = re.compile(
    r"(?:nobody|no ?one|none|nobody in particular|myself|me|没有(?:人|谁)?|没谁|我自己|不(?:用|需要)等人?)[.!。！]*"
)


def start(turn: Turn, card: str = "") -> None:
    """Begin with what the message says."""
    turn.intent = "followup-create"
    draft = Draft(card=card)
    if not card:
        draft.fill(turn, turn.inbound.text)
    go_on(turn, draft)


def go_on(turn: Turn, draft: Draft) -> None:
    """Make it, or ask for the first thing that is missing."""
    if draft.problem:
        problem = say("not-possible", turn.lang, why=draft.problem)
        draft.problem = ""
        return ask(turn, draft, "when", before=problem)
    if draft.options:
        which = [
            Choice(id=f"fu:pick:{n}", title=label(dt.datetime.fromisoformat(at), find_zone(zone), turn.lang))
            for n, (at, zone) in enumerate(draft.options)
        ]
        draft.asks = "which"
        draft.keep(turn)
        which.append(Choice(id="fu:again", title=say("b.when", turn.lang)))
        return turn.show(cards.question(turn, "ask.which", which, cards.sentence(draft.warning, turn.lang)))
    if not draft.who and not draft.nobody and not draft.task:
        return ask(turn, draft, "who")
    if not draft.what:
        return ask(turn, draft, "what")
    if draft.moment is None and not draft.planned and not draft.on_silence:
        return ask(turn, draft, "when")
    finish(turn, draft)
    return None


def ask(turn: Turn, draft: Draft, asks: str, before: str = "") -> None:
    """One short question; its way out is a button."""
    ways = {"who": ("nobody",), "what": ("skip",), "when": ("usual",)}[asks]
    draft.asks = asks
    draft.keep(turn)
    turn.decision = "ask"
    turn.show(
        cards.question(turn, f"ask.{asks}", [Choice(id=f"fu:{way}", title=say(f"b.{way}", turn.lang)) for way in ways], before)
    )


def finish(turn: Turn, draft: Draft) -> None:
    """Everything is known: note it, and say so with both clocks."""
    try:
        with turn.session.begin_nested():  # of several matters all are noted, or none
            rows = [_note(turn, one) for one in draft.each(turn)]
    except Refused as refusal:
        draft.at, draft.problem = "", "" if "past" not in str(refusal) else say("past", turn.lang)
        if draft.problem:
            return go_on(turn, draft)
        turn.state.draft = None
        return turn.show(cards.notice(turn, "refused", why=str(refusal)))
    turn.decision = "sure"
    turn.state.draft, turn.state.matter = None, rows[0].id
    if len(rows) > 1:
        turn.state.matter, turn.state.listed = None, [row.id for row in rows]
        return turn.show(cards.made_several(turn, rows))
    return turn.show(cards.made(turn, rows[0], draft.warning))


def _note(turn: Turn, draft: Draft) -> FollowupRow:
    return ledger.create(
        turn.session,
        turn.person,
        turn.now,
        turn.rules,
        subject="" if draft.what == "-" else draft.what,
        contacts=draft.counterparts(turn),
        due_at=draft.moment,
        zone=draft.zone,
        address=turn.address,
        sent_at=turn.now - dt.timedelta(days=draft.sent_days_ago),
        reach=draft.reach,
        lang=turn.lang,
        reason=TASK if draft.task else "",
        deadline=dt.datetime.fromisoformat(draft.deadline) if draft.deadline else None,
    )


def answer(turn: Turn, text: str) -> bool:
    """Take a message as the answer to what was asked; False when it is surely a question of its own. The slots stay."""
    draft = Draft.of(turn)
    if draft is None or draft.asks not in ("who", "what", "when", "which"):
        return False
    turn.intent = "followup-create"
    plain = normalise(text)
    if leaves_making(text):
        stop(turn)
        return True
    if draft.is_another(turn, text):
        turn.state.draft = None
        if draft.who or draft.what:
            turn.show(cards.notice(turn, "left" if draft.who else "left.who", who=draft.who, what=draft.what))
        return False
    if elsewhere(turn, text):
        return False
    if draft.asks in ("when", "which"):
        if draft.take_time(turn, text):
            go_on(turn, draft)
        elif _YOU.fullmatch(plain):
            draft.planned, draft.options = True, []
            go_on(turn, draft)
        elif about_others(turn, text, draft.asks):
            return False
        else:
            ask(turn, draft, "when", before=say("ask.again", turn.lang))
        return True
    if about_others(turn, text, draft.asks):
        return False
    _take_words(turn, draft, text, plain)
    go_on(turn, draft)
    return True


def press(turn: Turn, action: str, value: str) -> bool:
    """A button of a question; False when it is none, or nothing is being made."""
    draft = Draft.of(turn)
    if action == "stop":
        stop(turn)
        return True
    if action == "new":
        start(turn, card=value or "button")
        return True
    if draft is None or draft.id:
        return False
    turn.intent = "followup-create"
    if action == "pick" and value.isdecimal() and len(value) < 4 and int(value) < len(draft.options):
        at, zone = draft.options[int(value)]
        draft.choose(turn, dt.datetime.fromisoformat(at).astimezone(find_zone(zone)))
    elif action == "usual":
        draft.planned, draft.options, draft.at = True, [], ""
    elif action == "nobody":
        draft.nobody = True
    elif action == "skip":
        draft.what = draft.what or "-"
    elif action == "again":
        draft.options = []
        ask(turn, draft, "when")
        return True
    else:
        return False
    go_on(turn, draft)
    return True


def stop(turn: Turn) -> None:
    """Forget what was being made."""
    turn.state.draft = None
    turn.show(cards.notice(turn, "stopped"))


def wanted(text: str) -> bool:
    """Whether a message surely asks for a reminder at a time: the grammar's word, without the matcher's."""
    return len(text) <= 400 and slots_of(text).wanted and not QUESTION.search(text.strip())


def names_a_matter(turn: Turn) -> bool:
    """Whether the message says whom or what a reminder is about."""
    draft = Draft()
    draft.fill(turn, turn.inbound.text)
    return bool(draft.who or draft.what)


def only_a_time(turn: Turn, text: str) -> bool:
    """Whether a message is a time expression and next to nothing else: "in an hour", 明天下午."""
    found = read(text, turn.now, zone_of(turn.person, turn.lang))
    rest = re.sub(r"[\W_]+|please|pls|吧|再|好|请", "", without(text, found.spans), flags=re.IGNORECASE)
    return bool(found.spans) and len(text) <= 80 and len(rest) <= 2


def _says_only_when(turn: Turn, text: str) -> bool:
    """Whether it names a time, and whom or what it does not: "remind me tomorrow at 9"."""
    found = read(text, turn.now, zone_of(turn.person, turn.lang))
    return bool(found.spans) and not _REMINDING.sub("", without(text, found.spans))


def _take_words(turn: Turn, draft: Draft, text: str, plain: str) -> None:
    """Who, or about what: found in the message, else the message itself."""
    asked, empty = draft.asks, Draft(place=draft.place)
    words = "" if _says_only_when(turn, text) else bare_answer(text)
    said = empty.fill(turn, text)
    draft.put(empty.place)
    if asked == "who":
        if _NOBODY.fullmatch(plain):
            draft.nobody = True
        else:
            draft.who = people_there.clean(said.who or words)[:80]
            draft.email = said.email
            draft.what, draft.task = (draft.what, draft.task) if draft.what else (empty.what, empty.task)
    else:
        draft.what = people_there.clean(empty.what or words) or "-"
    draft.deadline = empty.deadline or draft.deadline
    if empty.at or empty.options or empty.problem:
        draft.take_time(turn, text)
    elif asked == "who" and draft.moment:
        draft.choose(turn, draft.moment)
    draft.reach = draft.reach or said.reach
