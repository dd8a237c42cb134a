"""When is meant by "Thursday morning their time" or 「下周三下午三点半」? The one reader of time expressions.

Pure: now and the zones are arguments. It would rather ask than guess wrong, never answers "now" for want of anything
better, and never returns a past moment.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.errors import Refused
from bot.followups.calendars import NO_OVERRIDES, Overrides
from bot.followups.countries import country_of
from bot.followups.times_aside import without_asides
from bot.followups.times_choose import LEAD, TRAIL, Choice, choose
from bot.followups.times_clauses import apart, of_another
from bot.followups.times_dates import Note
from bot.followups.times_echo import echo, label
from bot.followups.times_feasts import Feasts
from bot.followups.times_fold import Folded, fold
from bot.followups.times_left import left_over
from bot.followups.times_lex import clusters_of, names_in
from bot.followups.times_often import ONCE, first_of, only_repeats, repeated
from bot.followups.times_reading import Reading, Setting, merged, read_cluster
from bot.followups.times_zones import Whose, ZonePhrase, find_zone_phrase, zone_names
from bot.followups.worktime import Window, ZoneInfo, find_zone, is_reachable, next_reachable, windows_of
from bot.messages import Lang

DEFAULT_THEIR_ZONE = "Asia/Shanghai"
_MOST = 4
"""Alternatives offered at most."""


@dataclass(frozen=True)
class Alternative:
    """One reading to choose, with a label in each language."""

    at: dt.datetime
    en: str
    zh: str


@dataclass(frozen=True)
class When:
    """What was read of a text. `at` is None when nothing was, when it is to be asked, or when it cannot be."""

    at: dt.datetime | None = None
    ambiguous: tuple[Alternative, ...] = ()
    """The readings to choose from; then `at` is None."""
    understood: str = ""
    """What was read, to echo: date, weekday, both zones; or the question. Empty when the text names no time."""
    span: tuple[int, int] = (0, 0)
    """The expression's place in the text; (0, 0) when there is none."""
    spans: tuple[tuple[int, int], ...] = ()
    """All pieces of it, in order: cut these to keep the subject."""
    whose: Whose = "mine"
    explicit_time: bool = False
    """Whether an hour or part of the day was said; otherwise the default hour stands."""
    warning: str = ""


def read(
    text: str,
    now: dt.datetime,
    zone: str,
    their_zone: str = DEFAULT_THEIR_ZONE,
    *,
    lang: Lang = "en",
    country: str | None = None,
    windows: Sequence[Window] = (),
    overrides: Overrides = NO_OVERRIDES,
) -> When:
    """Read the time that a text names, for a user in `zone` about a counterpart in `their_zone`.

    Hours are the user's unless the text says otherwise; working days and holidays are the counterpart's (`country`, by
    default that of their zone). Raises Refused for a zone that does not exist or a `now` without offset.
    """
    mine, theirs = find_zone(zone), find_zone(their_zone)
    if now.utcoffset() is None:
        raise Refused("now must have an offset from UTC, such as 2026-11-25T10:30:00-05:00")
    now = now.astimezone(dt.UTC)
    country = country or country_of(theirs.key)
    folded = fold(text)
    phrase = find_zone_phrase(folded.text, mine, theirs)
    aside = without_asides(_without(folded.text, phrase), now.astimezone(mine).date())
    plain = aside.text
    choice = choose(plain)
    if not choice.main:
        return _once(
            plain,
            folded,
            mine,
            lang,
            lambda said: read(said, now, zone, their_zone, country=country, windows=windows, overrides=overrides).at,
        )
    if phrase and of_another(plain, (phrase.start, phrase.end), [*choice.main, *choice.companions]):
        phrase = None  # "6pm so that it lands on Monday in Shenzhen": their clock is that of the other time
    pieces = [*choice.spans, *aside.places, *([(phrase.start, phrase.end)] if phrase and phrase.end > phrase.start else [])]
    spans = tuple(sorted(folded.original(*_widened(plain, a, b)) for a, b in pieces))
    span = folded.original(*_whole(plain, choice, phrase))
    whose: Whose = phrase.whose if phrase else "mine"
    hours = windows or windows_of(country)
    readings: list[Reading] = []
    strange = bool(phrase and apart(plain, (phrase.start, phrase.end), [*choice.main, *choice.companions]))
    for there in {mine: 0, **dict.fromkeys(_zones(phrase, mine, theirs), 0)} if strange else _zones(phrase, mine, theirs):
        earliest = min(start for start, _ in hours) if there == theirs and whose != "mine" else None
        setting = Setting(now, mine, theirs, there, Feasts(country, country_of(mine.key), overrides), earliest)
        readings += [read_cluster(cluster, choice, setting, relative=phrase is not None) for cluster in choice.main]
    zone_said = readings[0].moments.options[0].tzinfo if phrase and readings[0].moments.options else None
    first = zone_said if isinstance(zone_said, ZoneInfo) else mine
    second = mine if first.key != mine.key else theirs
    sound = [reading for reading in readings if reading.moments.options and not reading.moments.problem]
    found = merged(sound or readings)
    notes = [*found.notes, *([found.problem] if found.problem else [])]
    if phrase and not phrase.zones:
        notes.append((f"I do not know the time zone of {phrase.word.strip()!r}", f"不认识“{phrase.word.strip()}”这个时区"))
        found.ask = True
    differ = len({frozenset(reading.moments.options) for reading in readings}) > 1
    found.ask = found.ask or choice.doubtful or aside.doubtful or (choice.rivals and differ)
    if repeated(plain, choice.spans):
        notes.append(ONCE)
        found.ask = True
    options = sorted({m.astimezone(dt.UTC): m for m in found.options if m > now}.values())[:_MOST]
    explicit = any(reading.explicit for reading in readings)
    known = [*choice.spans, *((c.start, c.end) for c in clusters_of(plain)), *([(phrase.start, phrase.end)] if phrase else [])]
    unread = left_over(plain, choice.spans, [*known, *names_in(plain)])
    if len(options) == 1 and not found.ask and not found.problem and not unread:
        at = options[0]
        if explicit and whose == "mine" and not is_reachable(at, theirs, country, tuple(hours), overrides):
            reach = next_reachable(at, theirs, country, tuple(hours), None, overrides)
            en = f"they cannot be reached then ({theirs.key}): {reach.said('en')}"
            notes.append((en, f"那时联系不到对方（{zone_names(theirs)[1]}）：{reach.said('zh')}"))
        return When(at, (), echo(at, first, second, lang), span, spans, whose, explicit, _joined(notes, lang))
    offered = tuple(Alternative(m, _label(m, mine, "en"), _label(m, mine, "zh")) for m in options)
    return When(None, offered, _question(offered, notes, lang), span, spans, whose, explicit, _joined(notes, lang))


def _once(plain: str, folded: Folded, mine: ZoneInfo, lang: Lang, read_one: Callable[[str], dt.datetime | None]) -> When:
    """What is answered to no more than "every other week": the first of these times; nothing where a text says no such thing."""
    place = only_repeats(plain)
    if place is None:
        return When()
    said = first_of(plain[slice(*place)])
    first = read_one(said) if said else None
    offered = (Alternative(first, _label(first, mine, "en"), _label(first, mine, "zh")),) if first else ()
    told = _joined([ONCE], lang)
    asked = f"{told}{'：' if lang == 'zh' else ': '}{_question(offered, [], lang)}" if offered else told
    return When(None, offered, asked, folded.original(*place), warning=told)


def _without(text: str, phrase: ZonePhrase | None) -> str:
    return text if phrase is None else text[: phrase.start] + " " * (phrase.end - phrase.start) + text[phrase.end :]


def _zones(phrase: ZonePhrase | None, mine: ZoneInfo, theirs: ZoneInfo) -> tuple[ZoneInfo, ...]:
    if phrase is None:
        return (mine,)
    return phrase.zones or (mine, theirs)


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch with the prepositions that belong to it: "on", "by", 之前, 左右."""
    lead = LEAD.search(text[max(0, start - 30) : start])
    trail = TRAIL.match(text[end : end + 10])
    return start - len(lead.group() if lead else ""), end + len(trail.group() if trail else "")


def _whole(text: str, choice: Choice, phrase: ZonePhrase | None) -> tuple[int, int]:
    """The expression with its zone phrase where that stands beside it; several readings count from the first to the last."""
    start, end = _widened(text, choice.main[0].start, choice.main[-1].end)
    if phrase and not text[end : max(end, phrase.start)].strip(" ,，、的") and phrase.end > start:
        end = max(end, phrase.end)
    if phrase and phrase.start < start and not text[phrase.end : start].strip(" ,，、的"):
        start = phrase.start
    return start, end


def _label(at: dt.datetime, mine: ZoneInfo, lang: Lang) -> str:
    zone = at.tzinfo if isinstance(at.tzinfo, ZoneInfo) else mine
    return label(at, zone, lang)


def _question(offered: tuple[Alternative, ...], notes: list[Note], lang: Lang) -> str:
    told = [one.zh if lang == "zh" else one.en for one in offered]
    if not told:
        return _joined(notes, lang)
    return "还是".join(told) + "？" if lang == "zh" else " or ".join(told) + "?"


def _joined(notes: list[Note], lang: Lang) -> str:
    said = list(dict.fromkeys(zh if lang == "zh" else en for en, zh in notes))
    return ("；" if lang == "zh" else "; ").join(said)
