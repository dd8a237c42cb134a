"""What was noted of a follow-up is corrected or completed in words: of the one shown or made last, or of who is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bot.conversations import followup_cards as cards
from bot.conversations.flow_progress import Progress
from bot.conversations.followup_revise_words import Told, told
from bot.conversations.turn import Turn
from bot.errors import Conflict, Refused
from bot.followups import ledger
from bot.followups.contacts import NumberDuringCheck
from bot.followups.deadlines import deadline_in
from bot.followups.places import places_in
from bot.followups.revise import revise
from bot.followups.rules import zone_of
from bot.followups.slots import without
from bot.followups.tables import OPEN_STATES, ContactRow, FollowupRow
from bot.followups.times import DEFAULT_THEIR_ZONE, read
from bot.followups.times_zones import zone_names
from bot.followups.words import say
from bot.followups.worktime import find_zone
from bot.messages import Choice


def answer(turn: Turn, text: str, before: FollowupRow | None, last: FollowupRow | None) -> bool:
    """A message that corrects or completes what is noted; False when it does not, or may mean something else here.

    `before` is the follow-up on the card before them, `last` the one spoken of last.
    """
    parts = told(text) if not turn.inbound.outsider else []
    if not parts:
        return False
    named = next((part.who for part in parts if part.who), "")
    asked = (progress := Progress.of(turn)) is not None and progress.current is not None
    if not named and before is None and (asked or turn.state.pending):
        return False
    row = _of(turn, named, last) if named else before if any(part.weak for part in parts) else before or last
    if row is None or row.state not in OPEN_STATES:
        return False
    contact = cards.counterpart(turn, row)
    given: dict[str, str] = {}
    deadline: dt.datetime | None = None
    for part in parts:
        if part.field == "deadline":
            limit = deadline_in(text, turn.now, zone_of(turn.person, turn.lang), contact.zone if contact else DEFAULT_THEIR_ZONE)
            if limit is None:
                return False
            deadline = limit.at
        elif meant := _meant(turn, part, row, contact, shown=before is not None):
            given[meant[0]] = meant[1]
        else:
            return False
    _do(turn, row, given, deadline)
    return True


def _do(turn: Turn, row: FollowupRow, given: dict[str, str], deadline: dt.datetime | None) -> None:
    turn.intent, turn.decision = "followup-create", "sure"
    turn.state.matter, turn.state.draft = row.id, None
    due = row.due_at
    who = _who(turn, row)
    try:
        with turn.session.begin_nested():  # of several things all are noted, or none
            changed = revise(turn.session, turn.person, row, turn.now, turn.rules, deadline=deadline, **given)
    except NumberDuringCheck:
        return turn.show(cards.notice(turn, "rev.check.phone", who=who))
    except Conflict:
        called = Choice(id=f"fu:called:{row.id}", title=say("b.called.red", turn.lang))
        return turn.show(cards.notice(turn, "rev.check.name", [called]))
    except Refused as refusal:
        return turn.show(cards.notice(turn, "refused", why=str(refusal)))
    if not changed:
        show = Choice(id=f"fu:show:{row.id}", title=cards.line(turn, row))
        return turn.show(cards.notice(turn, "was.revise", [show], what=cards.what(turn, row)))
    lines = [_line(turn, row, field, value) for field, value in given.items()]
    if deadline:
        lines.append(say("rev.deadline", turn.lang, value=cards.deadline_day(turn, deadline)))
    if row.due_at != due:
        lines.append(say("rev.when", turn.lang, value=cards.when(turn, row)))
    undo = Choice(id=f"fu:undo:{row.id}", title=say("b.undo", turn.lang))
    return turn.show(cards.notice(turn, "did.revise", [undo], what=cards.what(turn, row), said="\n".join(lines)))


def _line(turn: Turn, row: FollowupRow, field: str, value: str) -> str:
    if field == "zone":
        value = zone_names(find_zone(value))[turn.lang == "zh"]
    return say(f"rev.lang.{value}" if field == "lang" else f"rev.{field}", turn.lang, who=_who(turn, row), value=value)


def _who(turn: Turn, row: FollowupRow) -> str:
    contact = cards.counterpart(turn, row)
    return contact.name if contact else say("them", turn.lang)


def _of(turn: Turn, named: str, last: FollowupRow | None) -> FollowupRow | None:
    """The open follow-up with this counterpart, the one spoken of last before others; None for nobody, or several people."""
    rows = ledger.open_ones(turn.session, turn.person)
    linked = ledger.contacts_of(turn.session, rows)
    found = [row for row in rows if linked[row.id] and _same(named, linked[row.id][0].name)]
    if len({linked[row.id][0].id for row in found}) != 1:
        return None
    return next((row for row in found if last and row.id == last.id), found[0])


def _meant(turn: Turn, part: Told, row: FollowupRow, contact: ContactRow | None, *, shown: bool) -> tuple[str, str] | None:
    """(what of it is to be changed, to what); None when the words fit neither."""
    if part.field == "swap":
        if contact and _same(part.old, contact.name):
            return "name", part.value
        fits = shown and row.subject and _same(part.old, row.subject)
        return ("subject", _subject(part.value)) if fits and not _only_when(turn, part.value) else None
    if part.field == "zone":
        zones = [find_zone(part.value)] if "/" in part.value and _is_zone(part.value) else [*places_in(part.value)]
        return ("zone", zones[0].key) if len(zones) == 1 else None
    if part.field == "subject":
        return None if _only_when(turn, part.value) else ("subject", _subject(part.value))
    return part.field, part.value


def _is_zone(name: str) -> bool:
    try:
        find_zone(name)
    except Refused:
        return False
    return True


def _only_when(turn: Turn, value: str) -> bool:
    """Whether it is a time: "change it to Friday" moves, and renames nothing."""
    spans = read(value, turn.now, zone_of(turn.person, turn.lang)).spans
    return bool(spans) and not without(value, spans).strip(" \u2003的")


def _subject(said: str) -> str:
    for article in ("the ", "our ", "a ", "an "):
        said = said[len(article) :] if said.lower().startswith(article) else said
    return said


def _same(said: str, noted: str) -> bool:
    """Whether words name what is noted, perhaps in part: "Li" is Mr Li, 李总 is 华为的李总."""
    a, b = _words(said), _words(noted)
    return bool(a) and (a == b or (not said.isascii() and a[0] in noted) or (said.isascii() and set(a) <= set(b)))


def _words(said: str) -> Sequence[str]:
    plain = said.casefold().strip(" .")
    return (
        [word.strip(".,") for word in plain.split() if word not in ("the", "our", "my", "a", "an")] if said.isascii() else [plain]
    )
