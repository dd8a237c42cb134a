"""What is the matter of a nudge, and which ready texts fit it now? After a holiday, a bounce, an absence others do.

Pure.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from bot.followups.cadence import LONG, SPRING_FESTIVAL, There
from bot.followups.texts import TASK, Filling, is_generic, ready_text
from bot.followups.times_zones import zone_names
from bot.followups.worktime import Block, ZoneInfo, add_working_days, is_working_day, local
from bot.messages import Lang

_DAY = dt.timedelta(days=1)
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Matter:
    """A follow-up as a nudge needs it; `mine` is the user's zone, `lang_there` the language of the ready text."""

    id: str
    there: There
    mine: ZoneInfo
    kind: str = "normal"
    step: str = "notice"
    reason: str = ""
    subject: str = ""
    name: str = ""
    """Whom the ready text is for."""
    names: tuple[str, ...] = ()
    """All whom the matter waits for; empty: `name` alone."""
    me: str = ""
    lang_there: Lang = "zh"
    phones: tuple[str, ...] = ()
    wechat: str = ""
    reach: str = ""
    """One of `tables.REACH`: how the person wants to follow up, else how the counterpart is best reached; empty: as usual."""
    sent_at: dt.datetime | None = None
    deadline: dt.datetime | None = None
    touches: int = 0
    named_time: bool = False
    """The user asked for this very moment."""


def which_text(matter: Matter, now: dt.datetime) -> str:
    """The text that fits the step and what happened."""
    if matter.kind == "verify_by_phone":
        return "verify_by_phone"
    if matter.reason == "not_delivered":
        return "not_delivered"
    if matter.reason == "out_of_office":
        return "deputy" if matter.step == "other" else "back"
    if (
        (feast := _just_over(matter.there, now))
        and matter.step in ("notice", "call", "other")
        and _sent_before(matter, feast, now)
    ):
        return "after_spring_festival" if SPRING_FESTIVAL.search(f"{feast.zh} {feast.en}") else "after_holiday"
    if matter.step == "notice" and matter.sent_at:
        same_day = matter.sent_at.astimezone(matter.there.zone).date() == now.astimezone(matter.there.zone).date()
        return "notice" if same_day else "notice_later"
    return matter.step if matter.step in ("notice", "call", "other", "decide") else "other"


_SPOKEN = {
    ("notice", "phone"): "notice_phone",
    ("notice_later", "phone"): "notice_phone",
    ("not_delivered", "phone"): "not_delivered_phone",
    ("call", "wechat"): "points",
    ("call", "text"): "points",
}
"""The text that fits a channel, where the step leaves a choice: a call asks for a time otherwise."""


def known_for(matter: Matter) -> str:
    """The id or the numbers for the channel by which they are followed up; empty: not known, or none is needed."""
    return matter.wechat if matter.reach == "wechat" else ", ".join(matter.phones) if matter.reach in ("phone", "text") else ""


def texts_for(matter: Matter, which: str, now: dt.datetime) -> list[str]:
    """The words to send, in the counterpart's language; none for a mere thing to do."""
    lang = matter.lang_there
    subject = "" if matter.reason == TASK else matter.subject
    filling = Filling(matter.name, matter.me, subject, _times(matter.there, now, lang))
    if feast := _just_over(matter.there, now):
        filling = replace(filling, feast=feast.zh if lang == "zh" else feast.en)
    if which in ("deputy", "other") and is_generic(matter.name):
        filling = replace(filling, name="")
    if matter.reason == TASK and matter.step != "decide":
        return []
    names = [_SPOKEN.get((which, matter.reach), which)] + (["colleague"] if which == "other" else [])
    return [ready_text(name, lang, filling) for name in names]


def _times(there: There, now: dt.datetime, lang: Lang) -> str:
    """Two times for a call on the next working day there, on their clock."""
    here = now.astimezone(there.zone).date()
    on = add_working_days(here, 1, there.country, there.overrides)
    city = zone_names(there.zone)[0 if lang == "en" else 1]
    if lang == "zh":
        return f"{city}时间{day(on, lang)}上午10点或下午3点"
    return f"{on:%A} {on.day} {on:%B}, 10:00 or 15:00 {city} time"


def _just_over(there: There, now: dt.datetime) -> Block | None:
    """A long holiday that ended on one of the last few days."""
    today = now.astimezone(there.zone).date()
    if not is_working_day(there.country, today, there.overrides):
        return None
    for back in range(1, 5):
        block = there.holiday(today - back * _DAY)
        if block and (block.until - block.start).days + 1 >= LONG:
            return block
    return None


def _sent_before(matter: Matter, feast: Block, now: dt.datetime) -> bool:
    """Whether the e-mail is older than the end of the holiday."""
    over = local(feast.until + _DAY, dt.time(0), matter.there.zone)
    return (matter.sent_at or now) < over


def day(date: dt.date, lang: Lang) -> str:
    """A date with its weekday."""
    return f"{date.month}月{date.day}日（周{_WEEKDAYS[date.weekday()]}）" if lang == "zh" else f"{date:%A} {date.day} {date:%B}"
