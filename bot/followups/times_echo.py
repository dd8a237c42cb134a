"""How is a moment told back to the user: date, weekday, and both zones, in English and Chinese?"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from bot.followups.times_zones import zone_names
from bot.messages import Lang

_WEEKDAYS = "一二三四五六日"


def echo(at: dt.datetime, first: ZoneInfo, second: ZoneInfo, lang: Lang) -> str:
    """The moment in the zone it was said in, and in the other one when that shows another time."""
    return f"{_told(at, first, lang)}{_other(at, first, second, lang)}"


def label(at: dt.datetime, zone: ZoneInfo, lang: Lang) -> str:
    """The moment in one zone, short enough for a button."""
    here = at.astimezone(zone)
    if lang == "zh":
        return f"{here.month}月{here.day}日周{_WEEKDAYS[here.weekday()]} {here:%H:%M} {zone_names(zone)[1]}"
    return f"{here:%a} {here.day} {here:%b} {here.year} {here:%H:%M} {zone_names(zone)[0]}"


def _told(at: dt.datetime, zone: ZoneInfo, lang: Lang) -> str:
    here = at.astimezone(zone)
    if lang == "zh":
        return (
            f"{here.year}年{here.month}月{here.day}日（星期{_WEEKDAYS[here.weekday()]}）{here:%H:%M}，{zone_names(zone)[1]}时间"
        )
    return f"{here:%A} {here.day} {here:%B} {here.year}, {here:%H:%M} {zone_names(zone)[0]} time"


def _other(at: dt.datetime, first: ZoneInfo, second: ZoneInfo, lang: Lang) -> str:
    a, b = at.astimezone(first), at.astimezone(second)
    if a.utcoffset() == b.utcoffset():
        return ""
    if lang == "zh":
        return f"（{zone_names(second)[1]}时间{b.month}月{b.day}日 星期{_WEEKDAYS[b.weekday()]} {b:%H:%M}）"
    return f" ({b:%A} {b.day} {b:%B}, {b:%H:%M} {zone_names(second)[0]} time)"
