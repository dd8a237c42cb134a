"""Tips in the talk: one now, every week or never again, and what is said to one; by button, number or words.

Everything is harmless twice, and only one's own tips and settings exist. Opting out is never answered by a question.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import update

from bot.broadcasts import consent, steering, tips, topics
from bot.broadcasts.tables import TipShownRow
from bot.broadcasts.tip_cards import card, every, read, status
from bot.broadcasts.tip_times import HOUR, next_at, reader
from bot.broadcasts.tip_words import say
from bot.conversations import links, tip_wish
from bot.conversations.asked import asked_lately
from bot.conversations.turn import Turn
from bot.followups.rules import zone_of
from bot.followups.times_echo import label
from bot.followups.words import say as say_followup
from bot.followups.worktime import find_zone
from bot.messages import Card, Choice
from bot.people import linking
from bot.people.tables import new_id

_OWN = ("web", "terminal")
"""Channels that show what came to who comes back."""


def give(turn: Turn) -> None:
    """A tip now: by the words if they name something, else by what was asked and what is ahead."""
    turn.intent = "tip-now"
    people = [turn.person.id]
    known = steering.known(turn.session, people, turn.rules, asked_lately, turn.now)[turn.person.id]
    known = replace(known, wished=topics.cards_about(turn.inbound.text))
    chosen = tips.choose(turn.kb, tips.stock(turn.kb), known, turn.now)
    shown_id = new_id()
    turn.session.add(TipShownRow(id=shown_id, person_id=turn.person.id, tip=chosen.tip.id, why=chosen.why, at=turn.now))
    row = consent.subscription(turn.session, turn.person.id)
    turn.show(card(turn.kb, chosen, shown_id, turn.lang, known.holiday, on=bool(row and row.tips)))
    turn.state.card = chosen.tip.card  # "why?" now means the card that the tip is from


def say_subscribe(turn: Turn) -> None:
    """Switch the tips on, or change how often and on which day they come."""
    turn.intent = "tip-subscribe"
    text = turn.inbound.text
    if tip_wish.fewer(text):
        return _fewer(turn)
    if tip_wish.for_a_room_alone(text):
        row = consent.subscription(turn.session, turn.person.id)
        mine = [] if row and row.tips else [Choice(id="tip:weekly", title=say("b.on", turn.lang))]
        return turn.show(_notice(turn, "room", mine))
    return _switch_on(turn, tip_wish.rhythm(text), tip_wish.weekday(text))


def say_unsubscribe(turn: Turn) -> None:
    """Switch the tips off; fewer where only that was said; nothing at all sent to many where tips were not even named."""
    turn.intent = "tip-unsubscribe"
    text = turn.inbound.text
    if text.strip().casefold() == "td" and not turn.person.lang:  # 退订 in two letters: nobody writes so in English
        turn.lang = "zh"
    if tip_wish.fewer(text):
        return _fewer(turn)
    row = consent.subscription(turn.session, turn.person.id)
    before_them = row is not None and row.tips and any(choice.startswith("tip:") for choice, _ in turn.state.choices)
    if not tip_wish.everything(text) and (not text or before_them or tip_wish.names_tips(text)):
        return _switch_off(turn)
    return _opt_out(turn)


def answer(turn: Turn, text: str) -> bool:
    """A few words about the tips right after something about them: "less often", "two weeks"; False when it is none."""
    about = any(choice.startswith("tip:") for choice, _ in turn.state.choices)
    if not about or len(text) > 40:
        return False
    if tip_wish.fewer(text):
        _fewer(turn)
        return True
    named = tip_wish.only_rhythm(text)
    sure = turn.understood is not None and turn.understood.decision == "sure" and turn.understood.intent != "tip-subscribe"
    row = consent.subscription(turn.session, turn.person.id)
    if not named or sure or row is None or not row.tips:
        return False
    turn.intent = "tip-subscribe"
    _switch_on(turn, named, tip_wish.weekday(text))
    return True


def tip_is_before_them(turn: Turn) -> bool:
    """Whether the last card was a tip that came unasked: then "stop" means the tips."""
    ids = [choice for choice, _ in turn.state.choices]
    return any(choice.startswith("tip:fewer:") for choice in ids) and "command:tip-now" not in ids


def press(turn: Turn, value: str) -> bool:
    """A button: `useful:ID`, `not_now:ID`, `fewer:ID`, a rhythm, `off`, `out` or `in`; False when it means nothing."""
    action, _, shown_id = value.partition(":")
    if action in ("useful", "not_now", "fewer"):
        return _vote(turn, action, shown_id)
    if action in consent.WEEKS:
        turn.intent = "tip-subscribe"
        _switch_on(turn, action, None)
    elif action in ("off", "out"):
        turn.intent = "tip-unsubscribe"
        (_switch_off if action == "off" else _opt_out)(turn)
    elif action == "in":
        turn.intent = "tip-subscribe"
        consent.opt_in(turn.session, turn.person)
        turn.show(_notice(turn, "in"))
    else:
        return False
    return True


def _vote(turn: Turn, vote: str, shown_id: str) -> bool:
    """Note what they think of a tip of theirs; the last word holds."""
    mine = (TipShownRow.id == shown_id, TipShownRow.person_id == turn.person.id)
    noted = update(TipShownRow).where(*mine).values(vote=vote).returning(TipShownRow.tip)
    tip = tips.stock(turn.kb).get(turn.session.scalar(noted) or "")
    if tip is None:
        turn.show(_notice(turn, "gone"))
        return True
    turn.intent = "feedback"
    if vote == "useful":
        turn.state.card = tip.card
        turn.show(_notice(turn, "voted.useful", [read(tip, turn.lang)]))
    elif vote == "not_now":
        turn.show(_notice(turn, "voted.not_now"))
    else:
        _fewer(turn)
    return True


def _fewer(turn: Turn) -> None:
    turn.intent = "tip-subscribe"
    row = consent.subscription(turn.session, turn.person.id)
    off = Choice(id="tip:off", title=say("b.off", turn.lang))
    if row is None or not row.tips:
        return turn.show(_notice(turn, "fewer.none"))
    rhythms = list(consent.WEEKS)
    place = rhythms.index(row.rhythm) if row.rhythm in rhythms else 0
    if place + 1 == len(rhythms):
        return turn.show(_notice(turn, "fewest", [off]))
    row.rhythm = rhythms[place + 1]
    last = turn.now if row.next_tip_at is None else row.next_tip_at - dt.timedelta(weeks=consent.WEEKS[rhythms[place]])
    at = next_at(max(turn.now, last), reader(turn.person, turn.rules, turn.lang), row.weekday, consent.WEEKS[row.rhythm])
    consent.subscribe(turn.session, turn.person, None, at, turn.now)
    back = Choice(id=f"tip:{rhythms[place]}", title=say(f"b.{rhythms[place]}", turn.lang))
    return turn.show(_notice(turn, "fewer", [back, off], every=every(row, turn.lang), when=_when(turn, at)))


def _switch_on(turn: Turn, rhythm: str, day: int | None) -> None:
    old = consent.subscription(turn.session, turn.person.id)
    was_on = bool(old and old.tips)
    wanted = {
        "rhythm": rhythm or (old.rhythm if old else "weekly"),
        "weekday": (old.weekday if old else 0) if day is None else day,
    }
    same = was_on and old is not None and (old.rhythm, old.weekday) == (wanted["rhythm"], wanted["weekday"])
    at = next_at(turn.now, reader(turn.person, turn.rules, turn.lang), int(wanted["weekday"]))
    if same and old and old.next_tip_at:
        at = old.next_tip_at
    here = None if was_on and turn.address.channel not in turn.speaks_first else turn.address
    row = consent.subscribe(turn.session, turn.person, here, at, turn.now, lang=turn.lang, **wanted)
    name = "on.already" if same else "on.changed" if was_on else "on"
    lines = [
        say(name, turn.lang, every=every(row, turn.lang), clock=f"{HOUR:%H:%M}", when=_when(turn, at)),
        *_notes(turn, first=not was_on),
    ]
    ways = status(row, find_zone(zone_of(turn.person, turn.lang)), turn.lang)[1]
    turn.show(_card("tips.on", turn, "\n\n".join(lines), ways))
    limits = turn.limits(turn.address.channel)
    if limits and not limits.may_speak_first and not was_on:
        turn.show(links.caution(turn.lang, limits))


def _notes(turn: Turn, *, first: bool) -> list[str]:
    """What else they should know of how it will come."""
    notes: list[str] = []
    if tip_wish.daily(turn.inbound.text):
        notes.append(say("on.daily", turn.lang))
    if tip_wish.for_a_room(turn.inbound.text):
        notes.append(say("on.room", turn.lang))
    if not first:
        return notes
    if consent.opted_out(turn.session, turn.person.id):
        notes.append(say("on.still-out", turn.lang))
    if turn.person.zone is None:
        notes.append(say_followup("zone.unknown", turn.lang, zone=zone_of(turn.person, turn.lang)))
    mine = {address.channel for address in linking.addresses(turn.session, turn.person.id)}
    if not mine & (set(turn.speaks_first) - set(_OWN)):
        notes.append(say(next((f"on.{own}" for own in _OWN if own in mine), "on.nowhere"), turn.lang))
    return notes


def _switch_off(turn: Turn) -> None:
    was_on = consent.unsubscribe(turn.session, turn.person, turn.now)
    back = Choice(id="command:tip-subscribe", title=say("b.on.again", turn.lang))
    out = Choice(id="tip:out", title=say("b.out", turn.lang))
    already_out = consent.opted_out(turn.session, turn.person.id)
    ways = [*([back] if was_on else []), *([] if already_out else [out])]
    turn.show(_notice(turn, "off" if was_on else "off.already", ways))


def _opt_out(turn: Turn) -> None:
    consent.opt_out(turn.session, turn.person, turn.now)
    turn.show(_notice(turn, "out", [Choice(id="tip:in", title=say("b.in", turn.lang))]))


def _when(turn: Turn, at: dt.datetime) -> str:
    return label(at, find_zone(zone_of(turn.person, turn.lang)), turn.lang)


def _notice(turn: Turn, name: str, ways: list[Choice] | None = None, **values: object) -> Card:
    return _card(f"tips.{name}", turn, say(name, turn.lang, **values), ways or [])


def _card(name: str, turn: Turn, text: str, ways: list[Choice]) -> Card:
    return Card(id=name, kind="notice", lang=turn.lang, text=text, choices=ways)
