"""Which days does a country rest, under which name, and how sure is that?

From the PyPI package `holidays`, make-up working days included. What it does not know yet (China's plan is published
each November for the next year only) is filled with the usual blocks and marked provisional. An override file corrects
it. A country is a code such as CN, or with a subdivision, IN-MH.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from bot.errors import Refused
from bot.followups.feasts import NAMES_ZH

LIBRARY_KNOWS = 2027
"""The last year for which the pinned `holidays` knows other countries' announced dates; later ones are computed."""
_LIBRARY_ENDS = 2100
_NOISE = re.compile(
    r"\s*\((?:observed|in lieu|estimated|observed, estimated|second day|additional holiday)[^)]*\)|(?:alternative holiday for|substitute holiday for) "
    r"|^the (?:day preceding|second day of|third day of|fourth day of) |^(?:second|third|fourth|fifth|29) (?:day )?of | second day$",
    re.IGNORECASE,
)
_SUBSTITUTED = re.compile(r"^(?:day off|substitute|bridge)", re.IGNORECASE)


@dataclass(frozen=True)
class DayOff:
    """A day nobody works that is more than a weekend: its feast in both languages, and whether that is only expected."""

    en: str
    zh: str
    provisional: bool = False


@dataclass(frozen=True)
class Overrides:
    """What the library does not know: days that are worked, days off with their name, years that are now complete."""

    work: Mapping[str, frozenset[dt.date]] = field(default_factory=dict[str, frozenset[dt.date]])
    off: Mapping[str, Mapping[dt.date, tuple[str, str]]] = field(default_factory=dict[str, Mapping[dt.date, tuple[str, str]]])
    official: Mapping[str, frozenset[int]] = field(default_factory=dict[str, frozenset[int]])


NO_OVERRIDES = Overrides()


def read_overrides(path: Path) -> Overrides:
    """Read the override file: per country `work: [dates]`, `free: {date: Name / 名称}` and `official: [years]`.

    A year named official is taken from the library and this file alone, without our guesses. Raises Refused.
    """
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        work: dict[str, frozenset[dt.date]] = {}
        off: dict[str, Mapping[dt.date, tuple[str, str]]] = {}
        official: dict[str, frozenset[int]] = {}
        for country, days in cast("dict[Any, Any]", given).items():
            if not isinstance(country, str):
                raise TypeError(f"{country}: write country codes in quotes (YAML reads NO as a no)")
            unknown = set(days) - {"work", "free", "official"}
            if unknown:
                raise ValueError(f"{country}: there is no {', '.join(map(str, unknown))}; use work, free, official")
            work[country] = frozenset(_date(day) for day in days.get("work") or ())
            off[country] = {_date(day): _both(str(name)) for day, name in (days.get("free") or {}).items()}
            official[country] = frozenset(int(year) for year in days.get("official") or ())
    except (OSError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise Refused(f"{path}: not a calendar override file: {error}") from None
    return Overrides(work, off, official)


def day_off(country: str | None, day: dt.date, overrides: Overrides = NO_OVERRIDES) -> DayOff | None:
    """The feast for which this day is free; None on working days and plain weekends."""
    if country is None or day in overrides.work.get(country, ()):
        return None
    named = overrides.off.get(country, {}).get(day)
    if named:
        return DayOff(*named)
    found = _year(country, day.year).days.get(day)
    if found and found.provisional and day.year in overrides.official.get(country, ()):
        return None if found in _guesses(country, day.year).values() else DayOff(found.en, found.zh)
    return found


def is_working_day(country: str | None, day: dt.date, overrides: Overrides = NO_OVERRIDES) -> bool:
    """Whether people work that day, make-up Saturdays and Sundays included."""
    if country is not None:
        if day in overrides.work.get(country, ()):
            return True
        if day in overrides.off.get(country, {}):
            return False
        known = _year(country, day.year)
        if day in known.made_up:
            return True
        weekend = known.weekend
    else:
        weekend = frozenset((5, 6))
    return day.weekday() not in weekend and day_off(country, day, overrides) is None


def is_provisional(country: str | None, year: int, overrides: Overrides = NO_OVERRIDES) -> bool:
    """Whether the calendar of that year is an expectation: no official plan is in the library or the override file."""
    if country is None or year in overrides.official.get(country, ()):
        return False
    return _year(country, year).provisional


@dataclass(frozen=True)
class _Year:
    days: Mapping[dt.date, DayOff]
    made_up: frozenset[dt.date]
    weekend: frozenset[int]
    provisional: bool


@cache
def _year(country: str, year: int) -> _Year:
    """What is known of a year: the library's days, and our guesses where no plan is published."""
    from holidays import country_holidays  # a third of a second: only where somebody asks for a time

    code, _, subdivision = country.partition("-")
    try:
        plain = country_holidays(code, subdiv=subdivision or None, years=year) if 1950 <= year <= _LIBRARY_ENDS else None
    except NotImplementedError:  # what the library raises for a country it does not know
        plain = None
    if plain is None:
        return _Year({}, frozenset(), frozenset((5, 6)), provisional=True)
    english = _in(code, subdivision, year, ("en_US", "en_GB", "en_IN", "en_SG"))
    chinese = _in(code, subdivision, year, ("zh_CN",))
    made_up = frozenset(day for day in plain.weekend_workdays if day.year == year)
    unplanned = not made_up if code == "CN" else year > LIBRARY_KNOWS
    days: dict[dt.date, DayOff] = {}
    for day in sorted(plain):
        raw = english.get(day) or str(plain[day])
        en, zh = _name(raw), _name(chinese.get(day, ""))
        days[day] = DayOff(en, (zh if chinese else NAMES_ZH.get(en.lower(), "")) or en, unplanned or "estimated" in raw)
    if unplanned:
        for day, guess in {**_blocks(code, year, days), **_customary(code, year)}.items():
            days.setdefault(day, guess)
    else:
        for day, guess in _customary(code, year).items():
            days.setdefault(day, guess)
    return _Year(days, made_up, frozenset(plain.weekend), unplanned)


@cache
def _guesses(country: str, year: int) -> Mapping[dt.date, DayOff]:
    """The days of a year without a plan that we add to the library's."""
    from holidays import country_holidays

    code, _, subdivision = country.partition("-")
    known = country_holidays(code, subdiv=subdivision or None, years=year)
    return {day: off for day, off in _year(country, year).days.items() if day not in known}


def _blocks(code: str, year: int, days: Mapping[dt.date, DayOff]) -> dict[dt.date, DayOff]:
    """China's usual blocks: New Year's eve to the seventh day, 1 to 5 May, 1 to 7 October."""
    if code != "CN":
        return {}
    eve = min((day for day, off in days.items() if "chinese new year" in off.en.lower()), default=None)
    blocks = [(dt.date(year, 5, 1), 5, "Labor Day", "劳动节"), (dt.date(year, 10, 1), 7, "National Day", "国庆节")]
    if eve:
        blocks.append((eve, 8, "Chinese New Year", "春节"))
    return {
        start + dt.timedelta(days=n): DayOff(en, zh, provisional=True) for start, length, en, zh in blocks for n in range(length)
    }


def _customary(code: str, year: int) -> dict[dt.date, DayOff]:
    """Closed by custom though no public holiday: Japan from 29 December to 3 January."""
    if code != "JP":
        return {}
    rest = DayOff("New Year holidays", NAMES_ZH["new year holidays"])
    return {dt.date(year, month, day): rest for month, day in ((1, 2), (1, 3), (12, 29), (12, 30), (12, 31))}


def _in(code: str, subdivision: str, year: int, languages: tuple[str, ...]) -> dict[dt.date, str]:
    """The library's names in the first of the languages it has; empty when it has none."""
    from holidays import country_holidays

    spoken = country_holidays(code, subdiv=subdivision or None).supported_languages
    for language in languages:
        if language in spoken:
            found = country_holidays(code, subdiv=subdivision or None, years=year, language=language)
            return {day: str(name) for day, name in found.items()}
    return {}


def _name(raw: str) -> str:
    """A feast's plain name: without "(observed)", "the second day of", and the like; empty for a mere day off."""
    raw = raw.split(";", maxsplit=1)[0]
    if _SUBSTITUTED.match(raw) or raw.startswith("休息日"):
        return ""
    plain = re.sub(r"[（(](?:补假|慶祝|补休|预估|观察|調整).*", "", _NOISE.sub("", raw)).strip()
    plain = {"Chinese New Year (Spring Festival)": "Chinese New Year", "农历除夕": "除夕"}.get(plain, plain)
    return plain[:1].upper() + plain[1:]


def _date(value: object) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


def _both(name: str) -> tuple[str, str]:
    en, _, zh = name.partition("/")
    return en.strip(), (zh or en).strip()
