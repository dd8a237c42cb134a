"""What is done with follow-ups in the talk: listed, shown, ended, put off, taken back; by button, number or words.

Everything is harmless twice, and only one's own follow-ups exist.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from bot.conversations import followup_cards as cards
from bot.conversations import followup_later as later
from bot.conversations import followup_make as making
from bot.conversations import followup_many as many
from bot.conversations import followup_revise as revising
from bot.conversations.followup_aside import about_others, elsewhere, leaves
from bot.conversations.followup_draft import Draft
from bot.conversations.followup_find import called_words, meant, negated, red_called_words, replied_words, unreached
from bot.conversations.turn import Turn
from bot.errors import Refused
from bot.followups import changes, ledger
from bot.followups.rules import zone_of
from bot.followups.tables import FollowupRow
from bot.followups.times import read
from bot.followups.words import say
from bot.intents.normalise import normalise
from bot.messages import Choice

ENDS: dict[str, Callable[[Session, FollowupRow, dt.datetime], bool]] = {**many.ENDS, "called": changes.called}
_UNDO = re.compile(
    r"(?:please )?(?:undo(?: (?:that|it|this))?|take (?:it|that) back|撤销|撤回|恢复|刚才(?:的)?(?:撤销|不算))[.!。！]*"
)


def show_list(turn: Turn) -> None:
    """Everything that is open."""
    turn.intent = "followup-list"
    rows = ledger.open_ones(turn.session, turn.person)
    turn.state.listed = [row.id for row in rows[: cards.MOST_LISTED]]
    turn.show(cards.listing(turn, rows))


def say_create(turn: Turn) -> None:
    """A new one; "remind me tomorrow instead", right after one was shown, moves that one."""
    row = _before_them(turn)
    if row and not making.names_a_matter(turn) and read(turn.inbound.text, turn.now, zone_of(turn.person, turn.lang)).spans:
        return later.move(turn, row, turn.inbound.text)
    return making.start(turn)


def say_done(turn: Turn) -> None:
    """Done, they replied or I called, in words: for the matter that is meant."""
    text = turn.inbound.text
    if unreached(text) and not replied_words(text):
        return _on_meant(turn, "unreached")
    if negated(text):
        return _on_meant(turn, "show")
    _on_meant(turn, "called" if called_words(text) else "replied" if replied_words(text) else "done")
    return None


def say_cancel(turn: Turn) -> None:
    """Dropped, in words."""
    _on_meant(turn, "cancel")


def say_later(turn: Turn) -> None:
    """Another time, in words; without anything open it is a new reminder that is wanted."""
    rows = meant(turn, turn.inbound.text)
    if not rows:
        return making.start(turn) if making.wanted(turn.inbound.text) else show_list(turn)
    draft = Draft(asks="move", id=rows[0].id)
    if len(rows) > 1:
        if not draft.take_time(turn, later.for_as_in(turn.inbound.text)) or not draft.moment:
            return _ask_which(turn, rows, "when")
        stamp = draft.moment.astimezone(dt.UTC).strftime("%Y%m%dT%H%M")
        return turn.show(
            cards.question(
                turn, "which", [Choice(id=f"fu:at:{r.id}:{stamp}", title=cards.line(turn, r)) for r in rows[: cards.MOST_LISTED]]
            )
        )
    return later.move(turn, rows[0], turn.inbound.text)


def is_about(turn: Turn, text: str) -> bool:
    """Whether a message in the middle of something else is surely about reminders: one that is wanted, or those noted."""
    return making.wanted(text) or (len(text.split()) + len(text) // 4 > 2 and about_others(turn, text, ""))


def answer(turn: Turn, text: str) -> bool:
    """A message that answers what was asked about a follow-up, or is a word about the last one or several; False: neither."""
    listed = many.list_shown(turn)
    if listed and many.answer(turn, text, end):
        return True
    if red_called_words(text) and (
        red := [r for r in ledger.open_ones(turn.session, turn.person) if r.kind == "verify_by_phone"]
    ):
        _on_one_of(turn, red, "called")
        return True
    draft = Draft.of(turn)
    if draft and draft.asks == "move":
        row = _mine(turn, draft.id)
        if leaves(text):
            making.stop(turn)
            return True
        if row is None or elsewhere(turn, text):
            return False
        empty = Draft(id=row.id)
        if not empty.take_time(turn, later.for_as_in(text)) and not later.after_holiday(turn, text):
            return False
        turn.intent = "followup-snooze"
        later.move(turn, row, text)
        return True
    if draft and making.answer(turn, text):
        return True
    if revising.answer(turn, text, _before_them(turn), _mine(turn, turn.state.matter or "")):
        return True
    if (not listed and many.answer(turn, text, end)) or (_UNDO.fullmatch(normalise(text)) and many.undo(turn)):
        return True
    if turn.state.matter and _UNDO.fullmatch(normalise(text)):
        return press(turn, f"undo:{turn.state.matter}")
    row = _before_them(turn)
    if row and making.only_a_time(turn, text):
        later.move(turn, row, text)
        return True
    unsure = turn.understood is not None and turn.understood.decision != "sure"
    if row and unsure and len(text) <= 60 and unreached(text):
        _on_one_of(turn, [row], "unreached")
        return True
    last = _mine(turn, turn.state.matter) if turn.state.matter and unsure and len(text) <= 60 and negated(text) else None
    if last and last.ended_at is None:  # "still no answer" is about what is open
        return press(turn, f"show:{last.id}")
    return False


def press(turn: Turn, value: str) -> bool:
    """A button: `action:id` or `action:id:more`; False when it means nothing."""
    action, _, rest = value.partition(":")
    if making.press(turn, action, rest) or many.press(turn, action, rest):
        return True
    named, _, more = rest.partition(":")
    row = _mine(turn, named) if named else None
    if row is None:
        if action in (*ENDS, "show", "hour", "tomorrow", "holiday", "when", "undo", "at", "more"):
            turn.show(cards.notice(turn, "gone"))
            return True
        return False
    turn.state.matter = row.id
    if action in ENDS:
        end(turn, row, action)
    elif action == "show":
        turn.intent = "followup-list"
        turn.show(cards.shown(turn, row))
    elif action == "undo":
        undone = changes.undo(turn.session, row, turn.now)
        turn.intent = "followup-create"
        turn.show(
            cards.notice(turn, "did.undo" if undone else "was.undo", what=cards.what(turn, row), when=cards.when(turn, row))
        )
    elif action in ("hour", "tomorrow", "holiday", "at", "more"):
        turn.intent = "followup-snooze"
        later.usual(turn, row, action, more)
    elif action == "when":
        turn.intent = "followup-snooze"
        later.ask_when(turn, row)
    else:
        return False
    return True


def end(turn: Turn, row: FollowupRow, action: str) -> None:
    """It has ended, or had before; what can be taken back gets its button."""
    turn.intent = "followup-cancel" if action == "cancel" else "followup-done"
    turn.state.matter = row.id
    try:
        changed = ENDS[action](turn.session, row, turn.now)
    except changes.OnlyByPhone:
        called = Choice(id=f"fu:called:{row.id}", title=say("b.called.red", turn.lang))
        return turn.show(cards.notice(turn, "red", [called, *cards.snooze_ways(turn, row)[:2]]))
    name = f"did.{action}{'.red' if row.kind == 'verify_by_phone' else ''}" if changed else "was.done"
    ways = [Choice(id=f"fu:undo:{row.id}", title=say("b.undo", turn.lang))]
    if action == "called" and row.kind == "normal":
        ways.append(Choice(id=f"fu:more:{row.id}", title=say("b.more", turn.lang)))
    turn.show(cards.notice(turn, name, ways, what=cards.what(turn, row)))
    return None


def _on_meant(turn: Turn, action: str) -> None:
    """Do it to the follow-up that the words mean; ask when several may be meant."""
    rows = meant(turn, turn.inbound.text)
    if not rows:
        last = _mine(turn, turn.state.matter) if turn.state.matter else None
        if last is None:
            return turn.show(cards.notice(turn, "list.none"))
        rows = [last]
    return _on_one_of(turn, rows, action)


def _on_one_of(turn: Turn, rows: Sequence[FollowupRow], action: str) -> None:
    if len(rows) > 1:
        return _ask_which(turn, rows, "when" if action == "unreached" else action)
    if action == "show":
        turn.state.matter = rows[0].id
        return turn.show(cards.shown(turn, rows[0]))
    if action == "unreached":
        turn.intent = "followup-snooze"
        return later.ask_again(turn, rows[0])
    if action == "called" and rows[0].kind == "verify_by_phone" and not red_called_words(turn.inbound.text):
        called = Choice(id=f"fu:called:{rows[0].id}", title=say("b.called.red", turn.lang))
        return turn.show(cards.notice(turn, "red", [called]))
    return end(turn, rows[0], action)


def _ask_which(turn: Turn, rows: Sequence[FollowupRow], action: str) -> None:
    turn.decision = "ask"
    turn.state.listed = [row.id for row in rows[: cards.MOST_LISTED]]
    choices = [Choice(id=f"fu:{action}:{row.id}", title=cards.line(turn, row)) for row in rows[: cards.MOST_LISTED]]
    turn.show(cards.question(turn, "which", choices))


def _before_them(turn: Turn) -> FollowupRow | None:
    """The follow-up on the card before them, when it is one."""
    about = any(choice.startswith("fu:") for choice, _ in turn.state.choices)
    return _mine(turn, turn.state.matter) if turn.state.matter and about and turn.state.draft is None else None


def _mine(turn: Turn, followup_id: str) -> FollowupRow | None:
    try:
        return ledger.find(turn.session, turn.person, followup_id)
    except Refused:
        return None
