"""What does a nudge say? One matter, or several bundled, as a card: what to do now, why now, the words to send.

Pure: everything that is shown is in the `Matter`; the coach never writes to the counterpart itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bot.followups.cadence import There, long_holiday_near
from bot.followups.matter import Matter, day, known_for, texts_for, which_text
from bot.followups.texts import TASK
from bot.followups.times_echo import label
from bot.followups.words import WORDS, say
from bot.followups.worktime import Block, add_working_days, is_reachable, is_working_day, next_reachable
from bot.messages import Card, Choice, Lang, Ready

MOST_SHOWN = 8
"""Matters of one bundle that get a button of their own."""
_DAY = dt.timedelta(days=1)


def nudge(matter: Matter, now: dt.datetime, lang: Lang) -> Card:
    """The card of one matter at the moment it is due."""
    which = which_text(matter, now)
    red = matter.kind == "verify_by_phone"
    lines = [_sent(matter, now, lang), *_moment(matter, now, lang)]
    if red:
        lines.insert(0, say("n.red", lang))
    if says_channel(matter):
        lines.append(by_channel(matter, "n.by", lang))
    if matter.phones and (red or (which in ("call", "not_delivered") and matter.reach not in ("phone", "text"))):
        lines.append(say("n.phones", lang, phones=", ".join(matter.phones)))
    if matter.deadline and not red and now < matter.deadline:
        lines.append(_towards(matter.deadline, matter, now, lang))
    if which == "decide":
        lines.append(say("n.touches", lang, touches=matter.touches))
    return Card(
        id="nudge",
        kind="notice",
        lang=lang,
        title=_title(matter, lang),
        verdict=say(_verdict(matter, now), lang),
        verdict_label=say("n.label", lang),
        signal="stop" if red else "care" if matter.step == "decide" or which == "not_delivered" else "go",
        text="\n\n".join(line for line in lines if line),
        avoid=[] if red else [say("n.avoid", lang), *([say("n.senior", lang)] if _is_call(matter) else [])],
        say=[Ready(to="counterpart", text=text) for text in texts_for(matter, which, now)],
        choices=choices(matter, now, lang),
    )


_VERDICTS = frozenset(f"n.{name}" for name in ("notice", "call", "other", "decide", "not_delivered", "out_of_office", "deputy", "verify_by_phone", "task"))  # fmt: skip


def bundle(matters: Sequence[Matter], now: dt.datetime, lang: Lang) -> Card:
    """One card for all that is due at once; a single matter gets the whole nudge."""
    if len(matters) == 1:
        return nudge(matters[0], now, lang)
    red = [matter for matter in matters if matter.kind == "verify_by_phone"]
    ordered = [*red, *(matter for matter in matters if matter not in red)]
    shown = [Choice(id=f"fu:show:{m.id}", title=short(m, lang)) for m in ordered[:MOST_SHOWN]]
    more = [Choice(id="command:followup-list", title=say("b.list", lang))] if len(ordered) > MOST_SHOWN else []
    return Card(
        id="nudges",
        kind="choices",
        lang=lang,
        title=say("n.bundle", lang, number=len(ordered)),
        text=say("n.bundle.text", lang),
        signal="stop" if red else "",
        do=[
            f"{short(m, lang)}: {say(_verdict(m, now), lang)}"
            if lang == "en"
            else f"{short(m, lang)}：{say(_verdict(m, now), lang)}"
            for m in ordered
        ],
        choices=[*shown, *more],
    )


def choices(matter: Matter, now: dt.datetime, lang: Lang) -> list[Choice]:
    """What can be said to a nudge by a button or its number."""
    if matter.kind == "verify_by_phone":
        names = ["called.red", "hour", "tomorrow", "when"]
    else:
        holiday = (
            ["holiday"]
            if long_holiday_near(matter.there, now.astimezone(matter.there.zone).date()) or holiday_now(matter, now)
            else []
        )
        names = ["done", "replied", "called", "hour", "tomorrow", *holiday, "when", "cancel"]
    return [Choice(id=f"fu:{name.partition('.')[0]}:{matter.id}", title=say(f"b.{name}", lang)) for name in names]


def who(matter: Matter, lang: Lang) -> str:
    """The names of those it waits for, or "them"; of more than two the first and how many."""
    return joined(matter.names or (matter.name,), lang)


def joined(names: Sequence[str], lang: Lang) -> str:
    """Both names, of more than two the first and how many; "them" for none."""
    if len(names) > 2:
        return say("n.others", lang, who=names[0], others=len(names) - 1, all=len(names))
    return say("n.and", lang, one=names[0], other=names[1]) if len(names) == 2 else "".join(names) or say("them", lang)


def says_channel(matter: Matter) -> bool:
    """Whether the channel is worth a line; a thing to do names it itself, so that there only the number is."""
    return bool(matter.reach) and matter.kind == "normal" and (matter.reason != TASK or bool(known_for(matter)))


def by_channel(matter: Matter, words: str, lang: Lang) -> str:
    """By which channel, with the id or number where one is known; `words` name the sentence. Only with a `reach`."""
    known, by = known_for(matter), say(f"by.{matter.reach}", lang)
    return say(f"{words}.at", lang, by=by, known=known) if known else say(words, lang, by=by)


def short(matter: Matter, lang: Lang) -> str:
    """A matter in a few words, for a button or a line."""
    line = _title(matter, lang)
    return line if len(line) <= 60 else line[:59].rstrip() + "…"


def _title(matter: Matter, lang: Lang) -> str:
    if matter.reason == TASK and matter.subject:
        return matter.subject
    return say("n.title", lang, who=who(matter, lang), what=matter.subject or say("it", lang))


def holiday_now(matter: Matter, now: dt.datetime) -> Block | None:
    """The holiday in which the counterpart is."""
    return matter.there.holiday(now.astimezone(matter.there.zone).date())


def away(there: There, at: dt.datetime, lang: Lang) -> str:
    """Why the counterpart cannot be reached then, and from when on they can; empty when they can."""
    if is_reachable(at, there.zone, there.country, (), there.overrides):
        return ""
    return next_reachable(at, there.zone, there.country, (), None, there.overrides).said(lang)


def _verdict(matter: Matter, now: dt.datetime) -> str:
    which = which_text(matter, now)
    which = "task" if matter.reason == TASK and matter.step != "decide" else "out_of_office" if which == "back" else which
    name = f"n.{which}" if f"n.{which}" in _VERDICTS else f"n.{matter.step}"
    return f"{name}.{matter.reach}" if f"{name}.{matter.reach}" in WORDS else name


def _is_call(matter: Matter) -> bool:
    """Whether this step is a call, by the cadence or by the person's own choice."""
    return (matter.step == "call" and matter.reach not in ("wechat", "text")) or (
        matter.step == "notice" and matter.reach == "phone"
    )


def _towards(deadline: dt.datetime, matter: Matter, now: dt.datetime, lang: Lang) -> str:
    """The deadline, and whether no good day is left before it."""
    there = matter.there
    last = add_working_days(deadline.astimezone(there.zone).date(), -1, there.country, there.overrides)
    name = "n.deadline" if now.astimezone(there.zone).date() >= last else "n.deadline.ahead"
    return say(name, lang, day=day(deadline.astimezone(matter.mine).date(), lang))


def _sent(matter: Matter, now: dt.datetime, lang: Lang) -> str:
    if matter.kind == "verify_by_phone" or matter.reason == TASK or matter.sent_at is None:
        return ""
    first, here = (moment.astimezone(matter.there.zone) for moment in (matter.sent_at, now))
    passed = (here.date() - first.date()).days - (here.time() < first.time())  # whole ones
    days = sum(
        is_working_day(matter.there.country, first.date() + n * _DAY, matter.there.overrides)
        for n in range(1, min(90, passed) + 1)
    )
    told = day(matter.sent_at.astimezone(matter.mine).date(), lang)
    return say("n.sent", lang, day=told, days=days) if days > 1 else say("n.sent.today", lang, day=told)


def _moment(matter: Matter, now: dt.datetime, lang: Lang) -> list[str]:
    there, here = label(now, matter.there.zone, lang), label(now, matter.mine, lang)
    same = now.astimezone(matter.there.zone).utcoffset() == now.astimezone(matter.mine).utcoffset()
    lines = [say("n.now.same", lang, there=there) if same else say("n.now", lang, there=there, here=here)]
    if matter.named_time:
        lines.append(say("n.asked", lang))
    if why := away(matter.there, now, lang):
        lines.append(say("n.away", lang, why=why))
    if near := long_holiday_near(matter.there, now.astimezone(matter.there.zone).date()):
        lines.append(holiday_line(near, lang))
    return lines


def holiday_line(near: Block, lang: Lang, words: str = "") -> str:
    """A long holiday is near; `words` with {feast}, {start} and {until} instead of the usual ones."""
    feast = near.zh.removesuffix("节") if lang == "zh" and near.zh in ("国庆节", "劳动节") else near.zh
    named = feast if lang == "zh" else near.en
    line = (words or say("holiday.near", lang)).format(
        feast=named, start=date_of(near.start, lang), until=date_of(near.until, lang)
    )
    return line + ((" " if lang == "en" else "") + say("provisional", lang) if near.provisional else "")


def date_of(date: dt.date, lang: Lang) -> str:
    """A date without its weekday."""
    return f"{date.month}月{date.day}日" if lang == "zh" else f"{date.day} {date:%B}"
