"""When does the meeting of a calendar part take place, and what was answered? The first event only, no repetition rules.

Pure. Times whose zone we know get their offset; others stay as written. Never follows a link in an invitation.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal
from zoneinfo import ZoneInfo

from adapters.email import decode
from bot.followups.copied import Invitation, masked

_LINE = re.compile(r"([A-Za-z-]{1,30})((?:;[^:\n]{0,300})?):(.{0,2000})")
_ZONE = re.compile(r";TZID=\"?([^;:\"]{1,60})", re.IGNORECASE)
_STATUS = re.compile(r";PARTSTAT=(ACCEPTED|DECLINED|TENTATIVE)", re.IGNORECASE)
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
_OUTLOOK_ZONES = {
    "china standard time": "Asia/Shanghai",
    "taipei standard time": "Asia/Taipei",
    "singapore standard time": "Asia/Singapore",
    "tokyo standard time": "Asia/Tokyo",
    "korea standard time": "Asia/Seoul",
    "se asia standard time": "Asia/Bangkok",
    "india standard time": "Asia/Kolkata",
    "gmt standard time": "Europe/London",
    "w. europe standard time": "Europe/Berlin",
    "romance standard time": "Europe/Paris",
    "eastern standard time": "America/New_York",
    "central standard time": "America/Chicago",
    "mountain standard time": "America/Denver",
    "pacific standard time": "America/Los_Angeles",
    "aus eastern standard time": "Australia/Sydney",
}
_MOST_LINES = 2000


def invitation(said: str, method: str = "") -> Invitation | None:
    """The first event; None when there is none. `method` is the one the part's header names."""
    found: dict[str, tuple[str, str]] = {}
    answer: Literal["", "accepted", "declined", "tentative"] = ""
    event = False
    lines = re.sub(r"\n[ \t]", "", said[:64_000]).split("\n")[:_MOST_LINES]
    for line in lines:
        upper = line.strip().upper()
        if upper == "BEGIN:VEVENT":
            event = True
        elif upper == "END:VEVENT":
            break
        match = _LINE.match(line)
        if not match:
            continue
        name = match[1].upper()
        if name == "ATTENDEE" and event and (status := _STATUS.search(match[2])):
            answer = {"ACCEPTED": "accepted", "DECLINED": "declined"}.get(status[1].upper(), "tentative")  # type: ignore[assignment]
        elif event or name == "METHOD":
            found.setdefault(name, (match[2], match[3].strip()))
    if not event:
        return None
    method = (found.get("METHOD", ("", ""))[1] or method).lower()[:20]
    summary = re.sub(r"\\([,;\\])", r"\1", found.get("SUMMARY", ("", ""))[1].replace("\\n", " ").replace("\\N", " "))
    return Invitation(
        method=method,
        summary=masked(decode.one_line(summary))[:300],
        starts=_time(*found.get("DTSTART", ("", ""))),
        ends=_time(*found.get("DTEND", ("", ""))),
        answer=answer if method == "reply" else "",
    )


def _time(parameters: str, stamp: str) -> str:
    match = _STAMP.fullmatch(stamp)
    if not match:
        return ""
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    try:
        if match[4] is None:
            return dt.date(year, month, day).isoformat()
        at = dt.datetime(year, month, day, int(match[4]), int(match[5]), min(int(match[6]), 59))  # noqa: DTZ001 (zone below)
    except ValueError:
        return ""
    if match[7]:
        return at.replace(tzinfo=dt.UTC).isoformat()
    zone = _ZONE.search(parameters)
    known = _zone(zone[1]) if zone else None
    return at.replace(tzinfo=known).isoformat() if known else at.isoformat()


def _zone(name: str) -> ZoneInfo | None:
    name = _OUTLOOK_ZONES.get(name.strip().lower(), name.strip())
    if not re.fullmatch(r"[A-Za-z]{1,20}(?:/[A-Za-z_+0-9-]{1,30}){0,2}", name):
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError on some platforms
        return None
    except KeyError:
        return None
