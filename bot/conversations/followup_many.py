"""Several follow-ups ended in one go: all that is open, asked once before; or the numbers named of the list shown last.

Checks by telephone are never ended so, and that is said. What was ended together is taken back by one button.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.orm import Session

from bot.conversations import followup_cards as cards
from bot.conversations.flow_progress import Progress
from bot.conversations.followup_many_words import Wish, wishes
from bot.conversations.tip_talk import tip_is_before_them
from bot.conversations.turn import Turn
from bot.conversations.yes_no import yes_or_no
from bot.errors import Refused
from bot.followups import changes, ledger
from bot.followups.tables import FollowupRow
from bot.followups.words import say
from bot.messages import Card, Choice

ENDS: dict[str, Callable[[Session, FollowupRow, dt.datetime], bool]] = {
    "done": changes.done,
    "replied": changes.replied,
    "cancel": changes.cancel,
}
_YES = ("ok", "okay", "yep", "yeah", "yes drop them", "drop them", "嗯", "行", "确认取消", "确定取消", "取消吧")
"""Besides the usual ones: all of this can be taken back."""
_STAMP = "%Y%m%dT%H%M%S%f"


def answer(turn: Turn, text: str, end: Callable[[Turn, FollowupRow, str], None]) -> bool:
    """A message about several follow-ups, or one by its number; False when it is none, or may mean something else here.

    `end` does it to a single one, as everywhere.
    """
    if turn.inbound.outsider:
        return False
    if (asked := _button(turn, "fu:all:")) and (said := yes_or_no(text, _YES)):
        return press(turn, *(asked if said == "yes" else "fu:keep").split(":", 2)[1:])
    parts = wishes(text)
    if not parts or (parts[0].places and not turn.state.listed) or _meant_elsewhere(turn, parts[0]):
        return False
    wanted = parts[0]
    if wanted.places:
        turn.state.draft = None
        _some(turn, parts, end)
        return True
    if wanted.action != "cancel" and not ledger.open_ones(turn.session, turn.person, 1):
        return False
    turn.state.draft = None
    _ask(turn, wanted.action)
    return True


def press(turn: Turn, action: str, value: str = "") -> bool:
    """A button of ours: `all:ACTION:WHICH`, `keep` or `back:MOMENT`; False for any other."""
    what, _, which = value.partition(":")
    if action == "all" and what in ENDS:
        rows = ledger.open_ones(turn.session, turn.person)
        if (
            not _closable(rows) or _digest(_closable(rows)) != which
        ):  # others are open than were asked about: so their number is told first
            _ask(turn, what)
        else:
            _end_all(turn, {row.id: what for row in rows})
    elif action == "keep":
        turn.intent = "followup-list"
        turn.show(cards.notice(turn, "all.kept", [_show_list(turn)]))
    elif action == "back":
        _take_back(turn, value)
    else:
        return False
    return True


def undo(turn: Turn) -> bool:
    """Take back what was ended together, where that is the last thing said; False where it is not."""
    button = _button(turn, "fu:back:")
    return button is not None and press(turn, *button.split(":", 2)[1:])


def list_shown(turn: Turn) -> bool:
    """Whether a list of follow-ups is before them."""
    return _button(turn, "fu:show:") is not None


def _meant_elsewhere(turn: Turn, wanted: Wish) -> bool:
    """Whether something else is being spoken of, to which such words belong as well."""
    if list_shown(turn):
        return False
    progress = Progress.of(turn)
    asked = bool(progress and progress.current) and _button(turn, "fu:") is None
    busy = turn.state.draft is not None or turn.state.pending is not None or asked
    if wanted.named:
        return busy and bool(wanted.places)
    return busy or tip_is_before_them(turn) or (wanted.vague and _button(turn, "fu:") is None)


def _ask(turn: Turn, action: str) -> None:
    """Ask once, with their number; what only a call ends is no part of it."""
    turn.intent = _intent(action)
    turn.state.matter = None
    rows = ledger.open_ones(turn.session, turn.person)
    if not rows:
        return turn.show(cards.notice(turn, "list.none"))
    closable = _closable(rows)
    if not closable:
        return turn.show(cards.notice(turn, "red", [_show_list(turn)]))
    turn.decision = "ask"
    card = cards.notice(
        turn,
        f"all.{action}{'.one' if len(closable) == 1 else ''}",
        [
            Choice(id=f"fu:all:{action}:{_digest(closable)}", title=say("b.yes", turn.lang)),
            Choice(id="fu:keep", title=say("b.no", turn.lang)),
        ],
        number=len(closable),
        what=cards.what(turn, closable[0]),
    )
    return turn.show(_with(card, _red_line(turn, [row for row in rows if row not in closable])))


def _some(turn: Turn, wanted: Sequence[Wish], end: Callable[[Turn, FollowupRow, str], None]) -> None:
    """Do it to the places named of the list; to none of them when one does not exist."""
    listed = turn.state.listed
    turn.intent = _intent(wanted[0].action)
    missing = [place for each in wanted for place in each.places if place == 0 or place > len(listed)]
    if missing:
        missing = missing if len(missing) < 4 else [max(missing)]
        numbers = ("、" if turn.lang == "zh" else ", ").join(str(place) for place in missing)
        name = "no-number" if len(missing) == 1 else "no-numbers"
        return turn.show(cards.notice(turn, name, [_show_list(turn)], number=numbers, last=len(listed)))
    named = {listed[place - 1 if place > 0 else -1]: each.action for each in wanted for place in each.places}
    if len(named) > 1:
        return _end_all(turn, named)
    [(followup_id, action)] = named.items()
    try:
        row = ledger.find(turn.session, turn.person, followup_id)
    except Refused:
        return turn.show(cards.notice(turn, "gone"))
    return end(turn, row, action)


def _end_all(turn: Turn, acts: Mapping[str, str]) -> None:
    """Do to each (id → action) what was said, and say which have ended now, which had before, and which stay."""
    turn.intent = _intent(next(iter(acts.values())))
    turn.state.matter = None
    ended: dict[str, list[FollowupRow]] = {}
    before: list[FollowupRow] = []
    red: list[FollowupRow] = []
    for followup_id, action in acts.items():
        try:
            row = ledger.find(turn.session, turn.person, followup_id)
        except Refused:  # erased meanwhile
            continue
        try:
            (ended.setdefault(action, []) if ENDS[action](turn.session, row, turn.now) else before).append(row)
        except changes.OnlyByPhone:
            red.append(row)
    if not (ended or before or red):
        return turn.show(cards.notice(turn, "gone"))
    undo = Choice(id=f"fu:back:{turn.now.astimezone(dt.UTC).strftime(_STAMP)}", title=say("b.undo", turn.lang))
    told = [say(f"did.many.{did}", turn.lang, number=len(rows), what=_names(turn, rows)) for did, rows in ended.items()]
    card = cards.notice(turn, "did.many.none", [undo if ended else _show_list(turn)])
    if told:
        card = card.model_copy(update={"id": "followup.did.many", "text": "\n\n".join(told)})
    were = say("was.many", turn.lang, what=_names(turn, before)) if before else ""
    return turn.show(_with(_with(card, were), _red_line(turn, red)))


def _intent(action: str) -> str:
    return "followup-cancel" if action == "cancel" else "followup-done"


def _take_back(turn: Turn, stamp: str) -> None:
    """Open again what was ended together at that moment and has not been touched since."""
    turn.intent = "followup-create"
    try:
        at = dt.datetime.strptime(stamp, _STAMP).replace(tzinfo=dt.UTC)
    except ValueError:
        return turn.show(cards.notice(turn, "gone"))
    rows = [row for row in changes.ended_at(turn.session, turn.person, at) if changes.undo(turn.session, row, turn.now)]
    name = "did.undo.many" if rows else "was.undo.many"
    return turn.show(cards.notice(turn, name, [_show_list(turn)], number=len(rows), what=_names(turn, rows)))


def _names(turn: Turn, rows: Sequence[FollowupRow]) -> str:
    """Each on a line of its own; of very many the first."""
    lines = [f"– {cards.what(turn, row)}" for row in rows[: cards.MOST_LISTED]]
    if len(rows) > len(lines):
        lines.append(say("many.more", turn.lang, number=len(rows) - len(lines)))
    return "\n".join(lines)


def _red_line(turn: Turn, red: Sequence[FollowupRow]) -> str:
    return say("many.red", turn.lang, what=_names(turn, red)) if red else ""


def _with(card: Card, line: str) -> Card:
    return card.model_copy(update={"text": f"{card.text}\n\n{line}"}) if line else card


def _closable(rows: Sequence[FollowupRow]) -> list[FollowupRow]:
    return [row for row in rows if row.kind != "verify_by_phone"]


def _digest(rows: Sequence[FollowupRow]) -> str:
    """Which ones a question was about, in a few characters."""
    return hashlib.sha256(" ".join(sorted(row.id for row in rows)).encode()).hexdigest()[:12]


def _button(turn: Turn, begins: str) -> str | None:
    """The button before them that begins so."""
    return next((choice for choice, _ in turn.state.choices if choice.startswith(begins)), None)


def _show_list(turn: Turn) -> Choice:
    return Choice(id="command:followup-list", title=say("b.list", turn.lang))
