"""Which tip does somebody get? The tips of the cards in turn, none again before all were shown, the fitting ones first. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.broadcasts.topics import GREETING
from bot.followups.worktime import Block
from knowledge.load import KnowledgeBase
from knowledge.schema import Text240

PUT_ASIDE = dt.timedelta(days=28)
"""A tip answered by "not now" comes back after that, and its theme is left alone as long."""
LATELY = dt.timedelta(days=14)
"""How far back what somebody asked still steers."""
MINDED = 12
"""Tips looked back on for what was useful and for variety."""


@dataclass(frozen=True)
class Tip:
    """One tip of a card; `id` is `card/number`, counted from 1."""

    id: str
    card: str
    theme: str
    text: Text240


@dataclass(frozen=True)
class Shown:
    """A tip that somebody was shown."""

    tip: str
    at: dt.datetime
    vote: str | None = None
    why: str = "turn"


@dataclass(frozen=True)
class Waiting:
    """A matter that waits for a counterpart, and the cards about it."""

    name: str
    cards: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """What steers the choice for one person."""

    person_id: str
    shown: Sequence[Shown] = ()
    """Every tip they were shown, oldest first."""
    asked: Sequence[str] = ()
    """Cards they read lately, newest first."""
    waiting: Sequence[Waiting] = ()
    """Their open matters, the next one first."""
    holiday: Block | None = None
    """A long holiday of a counterpart's country that begins within a week."""
    wished: Sequence[str] = ()
    """Cards about the words with which they asked for a tip."""


@dataclass(frozen=True)
class Choice:
    """The tip, and what spoke for it: wished, holiday, followup, asked or turn; `about` is the card or name behind that."""

    tip: Tip
    why: str
    about: str = ""


@dataclass
class _Score:
    points: dict[str, float] = field(default_factory=dict[str, float])
    about: dict[str, str] = field(default_factory=dict[str, str])

    def add(self, why: str, points: float, about: str = "") -> None:
        if points > self.points.get(why, 0.0):
            self.points[why], self.about[why] = points, about


def stock(kb: KnowledgeBase) -> Mapping[str, Tip]:
    """Every tip there is, by id."""
    tips = [Tip(f"{c.id}/{n}", c.id, c.theme, text) for c in kb.cards.values() for n, text in enumerate(c.tips, 1)]
    return {tip.id: tip for tip in tips}


def choose(kb: KnowledgeBase, tips: Mapping[str, Tip], known: Known, now: dt.datetime) -> Choice:
    """The tip for this person at this moment: the same for the same facts."""
    pool = _pool(tips, known, now)
    steered = {tip.id: _steer(kb, tip, known) for tip in pool} if _steers(known) else {}
    moods = _Moods(tips, known, now)

    def points(tip: Tip) -> float:
        for_it = sum(steered[tip.id].points.values()) if steered else 0.0
        return for_it + moods.points(tip)

    scored = [(points(tip), tip) for tip in pool]
    best = max(score for score, _ in scored)
    tip = min((tip for score, tip in scored if score == best), key=lambda tip: _mixed(known.person_id, tip.id))
    score = steered.get(tip.id)
    if score is None or not score.points:
        return Choice(tip, "turn")
    why = max(score.points, key=lambda name: score.points[name])
    return Choice(tip, why, score.about[why])


class _Moods:
    """What the person's votes and the tips before say of a next one."""

    def __init__(self, tips: Mapping[str, Tip], known: Known, now: dt.datetime) -> None:
        recent = [tips[shown.tip] for shown in known.shown[-MINDED:] if shown.tip in tips]
        self._last_theme = recent[-1].theme if recent else ""
        self._last_cards = {tip.card for tip in recent[-3:]}
        away = [s.tip for s in known.shown if s.vote == "not_now" and now - s.at < PUT_ASIDE]
        self._tired = {tips[tip].theme for tip in away if tip in tips}
        self._liked = Counter(tips[s.tip].theme for s in known.shown[-MINDED:] if s.vote == "useful" and s.tip in tips)

    def points(self, tip: Tip) -> float:
        """For a theme they liked; against one put aside, the card just read and the theme just heard of."""
        points = min(3.0, self._liked[tip.theme])
        points -= 15.0 if tip.theme in self._tired else 0.0
        points -= 10.0 if tip.card in self._last_cards else 0.0
        return points - (2.0 if tip.theme == self._last_theme else 0.0)


def _steers(known: Known) -> bool:
    return bool(known.wished or known.holiday or known.waiting or known.asked)


def _pool(tips: Mapping[str, Tip], known: Known, now: dt.datetime) -> list[Tip]:
    """Those shown least often; "not now" counts only for a while, so that such a tip comes back."""
    times = dict.fromkeys(tips, 0)
    for shown in known.shown:
        if shown.tip in times and (shown.vote != "not_now" or now - shown.at < PUT_ASIDE):
            times[shown.tip] += 1
    least = min(times.values())
    return [tip for name, tip in tips.items() if times[name] == least]


def _steer(kb: KnowledgeBase, tip: Tip, known: Known) -> _Score:
    score = _Score()
    if tip.card in known.wished:
        score.add("wished", 100.0 - list(known.wished).index(tip.card))
    if known.holiday and tip.card in GREETING:
        score.add("holiday", 40.0 - 3 * GREETING.index(tip.card))
    for nearest, waiting in enumerate(known.waiting[:3]):
        if tip.card in waiting.cards:
            score.add("followup", 20.0 - 4 * nearest - waiting.cards.index(tip.card), waiting.name)
    for ago, asked in enumerate(card for card in known.asked if card in kb.cards):
        near = 12.0 if tip.card == asked else 8.0 if tip.card in kb.cards[asked].near else 4.0
        if near > 4.0 or tip.theme == kb.cards[asked].theme:
            score.add("asked", max(1.0, near - ago), asked)
    return score


def _mixed(person_id: str, tip: str) -> str:
    """An order that looks random and is everybody's own."""
    return hashlib.md5(f"{person_id}/{tip}".encode(), usedforsecurity=False).hexdigest()
