"""Where the person is, and when they want to be left alone: the commands zone and quiet-hours."""

from __future__ import annotations

from bot.broadcasts import consent
from bot.channel import Limits
from bot.conversations import followup_cards as cards
from bot.conversations.followup_aside import elsewhere
from bot.conversations.followup_draft import Draft
from bot.conversations.turn import Turn
from bot.followups import changes
from bot.followups.places import places_in, quiet_in
from bot.followups.rules import USUAL_QUIET, zone_of
from bot.followups.times_echo import label
from bot.followups.times_zones import zone_names
from bot.followups.words import say
from bot.followups.worktime import find_zone
from bot.messages import Choice

CHINA = "Asia/Shanghai"
_ENDS = frozenset({"zone", "stop", "delete-my-data", "link", "mail-address"})
_SHORT = 30


def choose_zone(turn: Turn) -> None:
    """Take the place named in the message, or ask for one."""
    turn.intent = "zone"
    found = places_in(turn.inbound.text)
    if len(found) == 1:
        return set_zone(turn, found[0].key)
    if found:
        choices = [Choice(id=f"clock:{zone.key}", title=zone_names(zone)[turn.lang == "zh"]) for zone in found]
        return turn.show(cards.question(turn, "zone.which", choices, known=""))
    Draft(asks="zone").keep(turn)
    turn.decision = "ask"
    known = say("zone.known", turn.lang, zone=turn.person.zone) if turn.person.zone else ""
    return turn.show(cards.question(turn, "zone.which", known=known))


def set_zone(turn: Turn, zone: str) -> None:
    """Remember the zone; times named on the clock we had assumed are now on this one."""
    assumed = zone_of(turn.person, turn.lang)
    told = turn.person.zone is not None
    turn.person.zone = find_zone(zone).key
    turn.state.draft = None
    if not told:
        changes.retime(turn.session, turn.person, assumed, turn.now)
    consent.replan(turn.session, turn.person, turn.rules, turn.now)
    turn.show(cards.notice(turn, "zone.set", zone=turn.person.zone, now=label(turn.now, find_zone(zone), turn.lang)))


def ask_once(turn: Turn, limits: Limits) -> None:
    """Where the channel does not tell, ask where the person is: with an answer that asks nothing itself, and once ever.

    What a number means stays as it was; a place is taken for the answer only in the next message, "I am in Berlin" always.
    """
    known = turn.person.zone or turn.address.zone_asked_at or turn.inbound.outsider
    if not limits.asks_zone or known or turn.state.draft or turn.state.flow or turn.intent in _ENDS:
        return
    turn.address.zone_asked_at = turn.now
    turn.state.pending = "zone"
    assumed = find_zone(zone_of(turn.person, turn.lang))
    way = Choice(id=f"clock:{CHINA}", title=say("zone.china", turn.lang))
    named = zone_names(assumed)[turn.lang == "zh"]
    turn.cards.append(cards.notice(turn, "zone.once", [way], zone=named))


def choose_quiet(turn: Turn) -> None:
    """Take the hours named in the message, or ask for them."""
    turn.intent = "quiet-hours"
    found = quiet_in(turn.inbound.text, turn.person.quiet or USUAL_QUIET)
    if found is None:
        Draft(asks="quiet").keep(turn)
        turn.decision = "ask"
        ways = [Choice(id=f"quiet:{hours}", title=_told(turn, hours)) for hours in (USUAL_QUIET, "20:00-08:00", "off")]
        return turn.show(cards.question(turn, "quiet.which", ways, now=_told(turn, turn.person.quiet or USUAL_QUIET)))
    return set_quiet(turn, found)


def set_quiet(turn: Turn, hours: str) -> None:
    """Remember the hours (`22:00-07:00`, or `off`) and say so."""
    turn.person.quiet = hours
    consent.replan(turn.session, turn.person, turn.rules, turn.now)
    turn.state.draft = None
    if hours == "off":
        return turn.show(cards.notice(turn, "quiet.off"))
    start, end = hours.split("-")
    return turn.show(cards.notice(turn, "quiet.set", start=start, end=end, zone=zone_of(turn.person, turn.lang)))


def answer(turn: Turn, text: str) -> bool:
    """A message that answers "where are you?" or "from when to when?"; False when it does not."""
    if turn.state.pending == "zone" and _only_a_place(turn, text):
        turn.state.pending = None
        choose_zone(turn)
        return True
    draft = Draft.of(turn)
    if draft is None or draft.asks not in ("zone", "quiet") or elsewhere(turn, text):
        return False
    if draft.asks == "quiet":
        if quiet_in(text, USUAL_QUIET) is None:
            return False
        choose_quiet(turn)
        return True
    if not places_in(text):
        if len(text) > 40 or (turn.understood and turn.understood.decision == "sure" and turn.understood.intent != "zone"):
            return False
        turn.intent = "zone"
        turn.show(cards.question(turn, "zone.no"))
        return True
    choose_zone(turn)
    return True


def press(turn: Turn, kind: str, value: str) -> bool:
    """A button with a zone or with hours; False for any other."""
    if kind == "clock" and any(value == zone.key for zone in places_in(value)):
        turn.intent = "zone"
        set_zone(turn, value)
        return True
    if kind == "quiet" and (value == "off" or quiet_in(value, USUAL_QUIET) == value):
        turn.intent = "quiet-hours"
        set_quiet(turn, value)
        return True
    return False


def _only_a_place(turn: Turn, text: str) -> bool:
    """Whether a message says where somebody is, and nothing the matcher is sure of besides."""
    meant = turn.understood.intent if turn.understood and turn.understood.decision == "sure" else None
    return len(text) <= _SHORT and bool(places_in(text)) and meant in (None, "zone") and not elsewhere(turn, text)


def _told(turn: Turn, hours: str) -> str:
    return say("quiet.none", turn.lang) if hours == "off" else say("quiet.now", turn.lang, start=hours[:5], end=hours[6:])
