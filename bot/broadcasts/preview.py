"""What would happen? Who would get it and when, how it looks on each channel, and what stands in the way, told beforehand."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bot.broadcasts import audience, content, drafts, members, segments
from bot.broadcasts.broadcast_tables import BroadcastRow, RunRow
from bot.broadcasts.hours import Begin, due_of
from bot.broadcasts.ports import Look, Ports
from bot.broadcasts.schedule import Plan, gaps
from bot.channel import Limits
from bot.db import reading
from bot.errors import NotThere, Refused, SendError
from bot.messages import Card, Lang
from bot.people.tables import AddressRow, PersonRow
from bot.vendors.tables import WindowRow

MOST_MESSAGES = 3
"""Of one channel, for one card: what needs more is too long for it."""
SAMPLE = "0" * 32
"""In the place of a run's id, where there is none yet."""


def preview(engine: Engine, row: BroadcastRow, ports: Ports, now: dt.datetime, plan: Plan | None = None) -> dict[str, Any]:
    """All there is to tell before it starts. Asks vendors who is in a segment, and keeps that; sends nothing.

    `problems` are what keeps it from starting: nobody there, a text too long for a channel that somebody reads.
    Raises NotThere and Refused for a segment that cannot be found, Refused when its vendor cannot be asked.
    """
    wanted = segments.parse(row.segment, ports)
    try:
        members.refresh(engine, wanted, row.author_id, ports, now)
    except SendError as error:
        raise Refused(f"the members of a segment cannot be asked for now ({error}): try again later") from None
    with reading(engine) as session:
        who = segments.everybody_in(session, wanted, drafts.author(session, row), row.scope, ports, now)
        reached = audience.reached(who, ports.limits)
        groups = audience.groups(session, reached)
        opted_out, unreachable = audience.left_out(session, who, sum(group.number for group in groups))
        used = select(RunRow.card).where(RunRow.broadcast_id == row.id, RunRow.card.is_not(None))
        shown = _cards(row, [card for card in session.scalars(used) if card], ports)
        open_now = _windows(session, reached, now) if any(group.channel == "wechat" for group in groups) else 0
    plan = plan or Plan.read(row.plan or {})
    due = plan.first(now) if row.plan is None or plan != Plan() else plan.due(now)
    left, waits = Counter[str](), 0
    begin = Begin(due.at, due.wall, plan.again, max(now, due.at), ports.rules.overrides)
    for group in groups:
        at = due_of(begin, group.zone, group.quiet)
        left[at if isinstance(at, str) else "in"] += group.number
        waits += group.number if not isinstance(at, str) and due.wall is None and at > due.at else 0
    channels = [_channel(name, ports, shown, _readers(groups, name), open_now) for name in sorted(ports.limits)]
    problems = [f"{channel['channel']}: {line}" for channel in channels if channel["recipients"] for line in channel["problems"]]
    aloud = sum(segment.kind in ("wechat:all", "wechat:tag") for segment in segments.each(wanted))
    granted = ports.mass_left() if aloud else None
    if granted and granted[0] < aloud:
        problems.append(f"wechat: {granted[0]} of {granted[1]} mass messages are left this {granted[2]}, and {aloud} are needed")
    number = left["in"]
    if not number:
        problems.insert(0, "nobody would get it: " + _why_nobody(opted_out, unreachable, left))
    return {
        "id": row.id,
        "state": row.state,
        "segment": row.segment,
        "audience": number,
        "opted_out": opted_out,
        "off": left["off"],
        "late": left["late"],
        "unreachable": unreachable,
        "later": waits,
        "first": due.at.isoformat(),
        "channels": channels,
        "problems": problems,
        "notes": [f"{wall:%Y-%m-%d %H:%M} does not exist there: it goes at {there:%H:%M}" for wall, there in gaps(plan, now)],
    }


def _cards(row: BroadcastRow, used: list[str], ports: Ports) -> Mapping[Lang, Card]:
    name = content.next_of(row.content, used, ports)
    return content.cards(row.content, name, SAMPLE, ports)


def _readers(groups: list[audience.Group], channel: str) -> Counter[str]:
    found = Counter[str]()
    for group in groups:
        if group.channel == channel:
            found[group.lang] += group.number
    return found


def _channel(name: str, ports: Ports, shown: Mapping[Lang, Card], readers: Counter[str], open_now: int) -> dict[str, Any]:
    limits = ports.limits[name]
    looks: dict[Lang, Look] = {lang: ports.looks[name](card) for lang, card in shown.items()}
    notes, problems = list[str](), list[str]()
    for lang, look in looks.items():
        number = len(look.messages)
        if number > MOST_MESSAGES:
            told = f"{limits.longest_text} {limits.text_unit} a message"
            problems.append(f"the {_named(lang)} text is too long: {number} messages, at most {MOST_MESSAGES} ({told})")
        elif number > 1:
            notes.append(f"the {_named(lang)} text comes as {number} messages")
        if look.folded:
            notes.append(f"part of the {_named(lang)} text stands behind a button")
    notes += _abilities(name, limits, ports, readers.total(), open_now)
    return {
        "channel": name,
        "recipients": readers.total(),
        "languages": dict(readers),
        "looks": {lang: list(look.messages) for lang, look in looks.items()},
        "notes": notes,
        "problems": [line for line in problems if readers.get("en" if "English" in line else "zh")] if readers else problems,
    }


def _abilities(name: str, limits: Limits, ports: Ports, readers: int, open_now: int) -> list[str]:
    notes = list[str]()
    if limits.most_buttons == 0:
        notes.append("buttons are numbers to reply with")
    if name == "wechat":
        if readers:
            told = "the others find it when they write next"
            notes.append(f"{open_now} of {readers} can be written to now (they wrote within 48 hours); {told}")
        if granted := ports.mass_left():
            notes.append(f"{granted[0]} of {granted[1]} mass messages are left this {granted[2]}")
    if name == "terminal":
        notes.append("shown when the terminal is opened next, within a day")
    return notes


def _windows(session: Session, reached: Any, now: dt.datetime) -> int:
    """Followers of the official account who can be written to now."""
    is_open = (WindowRow.address_id == reached.c.address_id, WindowRow.left > 0, WindowRow.until > now)
    return (
        session.scalar(select(func.count(reached.c.address_id.distinct())).join(WindowRow, is_open[0]).where(*is_open[1:])) or 0
    )


def _why_nobody(opted_out: int, unreachable: int, left: Counter[str]) -> str:
    why = {"opted out": opted_out, "not reached by any channel": unreachable, "off": left["off"], "too late": left["late"]}
    return ", ".join(f"{number} {name}" for name, number in why.items() if number) or "there is nobody in these segments"


def _named(lang: Lang) -> str:
    return "English" if lang == "en" else "Chinese"


def of_author(session: Session, row: BroadcastRow, tester: PersonRow, ports: Ports) -> tuple[AddressRow, Card]:
    """Where a test goes, and the card as the tester will read it. Raises Refused when no channel reaches them."""
    mine = select(AddressRow).where(AddressRow.person_id == tester.id, AddressRow.channel.in_(sorted(ports.limits)))
    newest = mine.where(AddressRow.left_at.is_(None)).order_by(
        AddressRow.preferred.desc(), func.coalesce(AddressRow.heard_at, AddressRow.created_at).desc(), AddressRow.id
    )
    address = session.scalar(newest.limit(1))
    if address is None:
        raise Refused("no channel reaches you: speak to the coach once on Slack, WeCom, WeChat or the web, then test again")
    lang: Lang = "zh" if tester.lang == "zh" or (tester.lang is None and address.channel in ("wecom", "wechat")) else "en"
    try:
        return address, _cards(row, [], ports)[lang]
    except NotThere as gone:
        raise Refused(str(gone)) from None
