"""When shall a broadcast be sent? The form's few fields as the house takes them, and a plan in words. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from adapters.console.words_many import WORDS
from adapters.site.guard import Refusal
from bot.messages import Lang

FIELDS = ("when", "at", "local_time", "days", "time", "cron", "whose")
DAYS = {
    "mon-fri": "mon-fri",
    "*": "every",
    **{name: name for name in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
    "1": "first",
}
"""Days of the schedule that can be chosen → the name of their word; `1` is the day of the month."""
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_SIMPLE = re.compile(r"(\d{1,2}) (\d{1,2}) (\*|1) \* (\*|[a-z]{3}|mon-fri)")


def given(form: Mapping[str, str]) -> dict[str, str]:
    """What the form says of the time: nothing for now, else `at`, `local_time`, or `cron` with its `zone`.

    `at` is without offset: on the clock of whoever presses. `zone` is `local` for each reader's clock, empty for theirs.
    Raises Refusal(422) for what the form cannot say.
    """
    when = form.get("when", "now")
    if when == "now":
        return {}
    if when in ("at", "local_time"):
        return {when: form.get(when, "")}
    if when != "again":
        raise Refusal(422, "wrong_fields")
    zone = {"zone": "local" if form.get("whose") == "reader" else ""}
    if cron := form.get("cron", "").strip():
        return {"cron": cron, **zone}
    clock, days = _CLOCK.fullmatch(form.get("time", "").strip()), form.get("days", "")
    if clock is None or days not in DAYS:
        raise Refusal(422, "wrong_fields")
    month, week = ("1", "*") if days == "1" else ("*", days)
    return {"cron": f"{int(clock[2])} {int(clock[1])} {month} * {week}", **zone}


def described(plan: Mapping[str, Any] | None, next_at: str | None, zone: str, lang: Lang) -> str:
    """When it comes, and next, in words; empty before it was started."""
    if plan is None:
        return ""
    words = {name: both[lang] for name, both in WORDS.items()}
    told = ""
    if cron := plan.get("cron"):
        whose = words["readers_clock"] if plan.get("zone") == "local" else plan.get("zone") or "UTC"
        simple = _SIMPLE.fullmatch(cron)
        days = DAYS.get("1" if simple[3] == "1" else simple[4]) if simple else None
        clock = f"{int(simple[2]):02}:{int(simple[1]):02}" if simple else ""
        told = words["every_so"].format(days=words[f"day_{days}"], time=clock, whose=whose) if days else f"{cron} ({whose})"
    elif wall := plan.get("wall"):
        told = words["every_so"].format(days=wall[:10], time=wall[11:16], whose=words["readers_clock"])
    if next_at and not plan.get("wall"):
        here = dt.datetime.fromisoformat(next_at).astimezone(ZoneInfo(zone or "UTC"))
        first = words["next_at"].format(at=f"{here:%Y-%m-%d %H:%M} {zone or 'UTC'}")
        told = f"{told} · {first}" if told else first
    return told
