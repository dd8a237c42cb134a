"""What has been said of a follow-up that is not yet made, or of a change that still lacks its time? Kept between messages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.conversations.turn import Turn
from bot.followups.contacts import by_email, by_name, clean, for_recipient, named
from bot.followups.deadlines import Deadline, deadline_in, without
from bot.followups.nudges import away
from bot.followups.places import counterpart_zone
from bot.followups.rules import there, zone_of
from bot.followups.slots import Slots, slots_of
from bot.followups.slots_several import slots_of_each
from bot.followups.tables import ContactRow
from bot.followups.times import DEFAULT_THEIR_ZONE, When, read
from bot.followups.worktime import ZoneInfo, find_zone, local


@dataclass
class Draft:
    """The slots so far, and what was asked last: who, what, when, which, move (a new time for `id`), zone or quiet."""

    asks: str = ""
    who: str = ""
    email: str = ""
    what: str = ""
    task: bool = False
    reach: str = ""
    sent_days_ago: int = 0
    on_silence: bool = False
    nobody: bool = False
    at: str = ""
    zone: str = ""
    theirs: bool = False
    """Whether the time was said by the counterpart's clock."""
    beside: list[str] = field(default_factory=list)
    """Others in the same matter, by name."""
    place: str = ""
    """The zone in which the counterpart was said to be."""
    warning: str = ""
    problem: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)
    """Readings of an ambiguous time: ISO with offset, and the zone it was said in."""
    planned: bool = False
    """The coach chooses the time."""
    deadline: str = ""
    """The last moment for what is waited for, which is no time of a reminder."""
    also: list[list[str]] = field(default_factory=list)
    """Further matters of the same message, each as [who, e-mail, what, place]: they share the rest."""
    id: str = ""
    card: str = ""
    tries: int = 0

    @classmethod
    def of(cls, turn: Turn) -> Draft | None:
        """The draft of this talk."""
        stored: dict[str, Any] | None = turn.state.draft
        return cls(**{k: v for k, v in stored.items() if k in cls.__dataclass_fields__}) if stored else None

    def keep(self, turn: Turn) -> None:
        """Remember it for the next message."""
        turn.state.draft = {k: v for k, v in asdict(self).items() if v}

    def contact(self, turn: Turn) -> ContactRow | None:
        """The counterpart, where they are known already."""
        if self.email:
            return by_email(turn.session, turn.person, self.email)
        found = by_name(turn.session, turn.person, self.who) if self.who else []
        return found[0] if len(found) == 1 else None

    def counterpart(self, turn: Turn) -> ContactRow | None:
        """The counterpart, made when there is none yet; put where they were said to be. None when nobody was named."""
        if not (self.email or self.who):
            return None
        if self.email:
            name = "" if "@" in self.who else self.who
            contact = for_recipient(turn.session, turn.person, turn.now, self.email, name)
        else:
            contact = named(turn.session, turn.person, turn.now, self.who)
        contact.zone = self.place or contact.zone
        return contact

    def counterparts(self, turn: Turn) -> list[ContactRow]:
        """The counterpart and the others in the same matter, each once."""
        first = self.counterpart(turn)
        others = [named(turn.session, turn.person, turn.now, name) for name in self.beside]
        return list({contact.id: contact for contact in (first, *others) if contact}.values())

    def is_another(self, turn: Turn, text: str) -> bool:
        """Whether a message asks for a reminder of its own: about somebody else, or another matter, and with its own time."""
        if not slots_of(text).wanted:
            return False
        other = Draft()
        other.fill(turn, text)
        if not (other.who and (other.at or other.options or other.planned)):
            return False
        if self.who and other.who.casefold() != self.who.casefold():
            return True
        mine, theirs = self.what.casefold(), other.what.casefold()
        return bool(theirs) and (not self.who or bool(mine)) and not (mine and (mine in theirs or theirs in mine))

    def fill(self, turn: Turn, text: str) -> Slots:
        """Take from a message what is still missing; a time in it replaces the one before."""
        limit = self._deadline(turn, text)
        spans = read(without(text, limit), turn.now, zone_of(turn.person, turn.lang)).spans
        spans = (*spans, limit.span) if limit else spans
        said = slots_of(text, spans)
        if not (self.who or self.what) and (several := slots_of_each(text, spans)):
            said, *others = several
            self.place, self.also = said.place, [[one.who, one.email, one.what, one.place] for one in others]
        if not self.who:
            self.beside = [clean(name) for name in said.beside]
        self.who, self.email = self.who or clean(said.who), self.email or said.email
        if not self.what:
            self.what, self.task = said.what, said.task
        self.reach = self.reach or said.reach
        self.sent_days_ago = self.sent_days_ago or said.sent_days_ago
        self.on_silence = self.on_silence or said.on_silence
        self.take_time(turn, text)
        if self.deadline and (said.sent or said.on_silence) and not (self.at or self.options or self.problem):
            self.planned = True
        return said

    def each(self, turn: Turn) -> Sequence[Draft]:
        """This one and the further matters, each by itself; what is "their time" is so for each of them."""
        found = [replace(self, also=[])]
        for who, email, what, place in self.also:
            one = replace(self, also=[], beside=[], who=clean(who), email=email, what=what, place=place)
            contact = one.contact(turn)
            one.move_to(place or (contact.zone if contact else DEFAULT_THEIR_ZONE))
            found.append(one)
        return found

    def _deadline(self, turn: Turn, text: str) -> Deadline | None:
        theirs = counterpart_zone(text) or self.place or DEFAULT_THEIR_ZONE
        return deadline_in(text, turn.now, zone_of(turn.person, turn.lang), theirs)

    def put(self, place: str) -> None:
        """They are there, it is said later: a time of their clock that is already chosen moves to the clock of that place."""
        if place and place != self.place:
            self.move_to(place)
        self.place = place or self.place

    def move_to(self, zone: str) -> None:
        """A time that was said by their clock holds on the clock of this zone."""
        if self.theirs and self.moment:
            self.at = local(self.moment.date(), self.moment.time(), find_zone(zone)).isoformat()
            self.zone = zone

    def take_time(self, turn: Turn, text: str, counterpart: ContactRow | None = None) -> bool:
        """Read the time in a message; False when it names none."""
        contact = counterpart or self.contact(turn)
        mine = zone_of(turn.person, turn.lang)
        limit = self._deadline(turn, text)
        self.deadline = limit.at.isoformat() if limit else self.deadline
        text = without(text, limit)
        self.place = (not self.also and counterpart_zone(text)) or self.place
        theirs = self.place or (contact.zone if contact else DEFAULT_THEIR_ZONE)
        found = read(text, turn.now, mine, theirs, lang=turn.lang, overrides=turn.rules.overrides)
        if not (found.at or found.ambiguous or found.understood):
            return False
        self.at, self.options, self.problem, self.warning = "", [], "", ""
        self.theirs = found.whose == "theirs"
        if found.at:
            self.choose(turn, found.at, found, contact)
        elif found.ambiguous:
            self.options = [(one.at.isoformat(), _zone_name(one.at) or mine) for one in found.ambiguous]
            self.warning = found.warning
        else:
            self.problem = found.warning or found.understood
        return True

    def choose(self, turn: Turn, at: dt.datetime, found: When | None = None, counterpart: ContactRow | None = None) -> None:
        """This is the time. A day without an hour gets the first good one of that day, where there is one."""
        contact = counterpart or self.contact(turn)
        mine = find_zone(zone_of(turn.person, turn.lang))
        said_in = find_zone(_zone_name(at) or mine.key)
        where = there(turn.person, contact, turn.rules, self.place)
        if found and not found.explicit_time and found.whose == "mine" and (contact or self.who):
            day = at.astimezone(mine).date()
            good = where.reach(max(turn.now, local(day, dt.time(0), mine))).at.astimezone(mine)
            at = good if good.date() == day else at
        self.at, self.options, self.problem = at.astimezone(said_in).isoformat(), [], ""
        self.zone = said_in.key
        self.warning = away(where, at, turn.lang)

    @property
    def moment(self) -> dt.datetime | None:
        """The chosen time."""
        return dt.datetime.fromisoformat(self.at) if self.at else None


def _zone_name(at: dt.datetime) -> str:
    return at.tzinfo.key if isinstance(at.tzinfo, ZoneInfo) else ""
