"""What became of everything that was acknowledged? Compares what senders know, what the rows say and what the platforms got."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import func, select

from bot.conversations.arrivals import unanswered
from bot.conversations.tables import InboundRow
from bot.db import reading
from bot.delivery import troubles
from bot.delivery.tables import DeliveryRow
from bot.errors import Unavailable
from bot.followups.mail_tables import CopiedMailRow
from bot.followups.tables import FollowupEventRow, FollowupRow
from bot.people.tables import AddressRow
from tests.fakes.tencent import SENDS
from tests.soak.faults import Faults, asked_again
from tests.soak.traffic import Said, Traffic, acknowledged
from tests.soak.world import World

QUIET = 240.0
"""Seconds that what is still on its way may take after the last message: a doubt is looked into after 35."""
SOON = dt.timedelta(seconds=150)
"""All reminders that are asked for here are due by then, on whatever clock; what the usual course plans comes later."""
SHOWN = 30.0
"""Seconds in which a stream that broke off last is there again."""
ASKED_AGAIN = 100
FLAT = 0.05
"""Share by which a process may grow in the second half of its life."""


def settle(world: World) -> float:
    """Wait until nothing is on its way; seconds it took. What is left then, the judgement names."""
    began = time.monotonic()
    while time.monotonic() < began + QUIET and sum(backlog(world).values()):
        time.sleep(0.5)
    return time.monotonic() - began


def backlog(world: World) -> dict[str, int]:
    """What is kept and not done: arrivals, deliveries on their way, follow-ups that are due soon. Empty while the database is away."""
    on_way = select(func.count()).select_from(DeliveryRow).where(DeliveryRow.state.in_(("waiting", "sending")))
    soon = world.now() + SOON
    due = select(func.count()).select_from(FollowupRow).where(FollowupRow.due_at <= soon, FollowupRow.state == "open")
    try:
        with reading(world.engine) as session:
            return {
                "arrivals": unanswered(session), "deliveries": session.scalar(on_way) or 0, "follow-ups": session.scalar(due) or 0,
            }  # fmt: skip
    except Unavailable:
        return {}


@dataclass(frozen=True)
class Evidence:
    """What the rows say when all is over."""

    deliveries: list[tuple[DeliveryRow, str]]
    """With the external id of the address."""
    inbound: Counter[tuple[str, str, str]]
    """(channel, external id, message id) → how often it was answered."""
    mails: int
    """Copied mails of which a follow-up was made."""
    nudges: Counter[str]
    subjects: Counter[str]
    in_sight: int
    """Failed or in doubt, as the console lists them."""

    def answers(self, channel: str, external_id: str, message_id: str) -> list[DeliveryRow]:
        """The cards of one answer."""
        asked = (channel, external_id, message_id)
        return [row for row, there in self.deliveries if (row.channel, there, row.reply_to) == asked]


def gather(world: World) -> Evidence:
    """Read it all."""
    delivered = select(DeliveryRow, AddressRow.external_id).join(AddressRow, AddressRow.id == DeliveryRow.address_id)
    heard = select(AddressRow.channel, AddressRow.external_id, InboundRow.message_id)
    copied = select(func.count()).select_from(CopiedMailRow).where(CopiedMailRow.action == "create")
    nudged = select(FollowupEventRow.followup_id).where(FollowupEventRow.what == "nudged")
    with reading(world.engine) as session:
        return Evidence(
            list(session.execute(delivered).tuples()),
            Counter(session.execute(heard.join(InboundRow, InboundRow.address_id == AddressRow.id)).tuples()),
            session.scalar(copied) or 0,
            Counter(session.scalars(nudged)),
            Counter(session.scalars(select(FollowupRow.subject))),
            troubles.number(session, None, world.now()),
        )


def judge(world: World, traffic: Traffic, faults: Faults) -> tuple[dict[str, Any], list[str]]:
    """(figures, what went wrong)."""
    wrong = [f"left undone: {number} {name}" for name, number in backlog(world).items() if number]
    found = gather(world)
    told: dict[str, Any] = {}
    bad = {"api": _api, "web": _web, "slack": _slack, "tencent": _tencent, "mail": _mail, "followup": _followup}
    for kind, look in bad.items():
        mine = acknowledged(traffic.said, kind)
        said = sum(each.kind == kind for each in traffic.said)
        told[kind] = {"said": said, "acknowledged": len(mine), "of them repeated before": sum(each.tries > 1 for each in mine)}
        problems = look(world, traffic, found, mine)
        problems["refused"] = sum(bool(each.refused) for each in traffic.said if each.kind == kind)
        told[kind] |= problems
        wrong += [f"{kind}: {number} {what}" for what, number in problems.items() if number]
    wrong += sorted({each.refused for each in traffic.said if each.refused})[:3]
    rows = [row for row, _ in found.deliveries]
    states = Counter(" ".join(filter(None, (row.channel, row.kind, row.state, row.reason))) for row in rows)
    told["web"] |= {"pushed to open pages": sum(len(each.seen) for each in traffic.browsers)}
    told["web"] |= {"streams broken off": sum(each.breaks for each in traffic.browsers)}
    told["deliveries"] = dict(sorted(states.items()))
    nameless = sum(row.state == "failed" and not row.reason for row in rows)
    doubtful = sum(row.state in ("failed", "in_doubt") for row in rows)
    if nameless:
        wrong.append(f"{nameless} failed without a reason")
    if found.in_sight != doubtful:
        wrong.append(f"{found.in_sight} of {doubtful} are listed in the console")
    status = traffic.post(f"/api/broadcasts/{faults.broadcast}/status", {}, traffic.admin)
    told["broadcast"] = {
        name: status[name] for name in ("state", "audience", "waiting", "sent", "in_doubt", "failed", "opted_out")
    }
    ended = sum(row.broadcast_id is not None and row.state in ("sent", "in_doubt", "failed", "held") for row in rows)
    held = sum(row.broadcast_id is not None and row.state == "held" for row in rows)  # until that person speaks
    if (status["state"], status["waiting"], ended) != ("done", held, status["audience"]):
        wrong.append(f"the broadcast is {status['state']}, {ended} of {status['audience']} ended")
    return told, wrong


def _api(_: World, traffic: Traffic, found: Evidence, mine: list[Said]) -> dict[str, int]:
    """Kept once, and answered the same when asked again."""
    kept = Counter(message for channel, _, message in found.inbound.elements() if channel == "api")
    again = asked_again(traffic, mine[:: max(1, len(mine) // ASKED_AGAIN)])
    return {**_once([kept[each.id] for each in mine]), "answered otherwise when asked again": again}


def _web(_: World, traffic: Traffic, found: Evidence, mine: list[Said]) -> dict[str, int]:
    """Kept once; and all that came unasked is on an open page, whatever its streams went through."""
    kept = Counter(message for channel, _, message in found.inbound.elements() if channel == "web")
    unasked = {row.id for row, _ in found.deliveries if row.channel == "web" and row.state == "sent"}
    end = time.monotonic() + SHOWN
    while (missing := unasked - set().union(*(each.seen for each in traffic.browsers))) and time.monotonic() < end:
        time.sleep(0.5)
    for each in traffic.browsers:
        each.close()
    return {**_once([kept[each.id] for each in mine]), "never on the page": len(missing)}


def _slack(world: World, _: Traffic, found: Evidence, mine: list[Said]) -> dict[str, int]:
    """Answered once, each card there once; as we may look, none is left in doubt."""
    names = [("slack", f"T1/{each.who}", f"D{each.who}:{each.id}") for each in mine]
    arrived = world.slack.arrived()
    rows = [row for row, _ in found.deliveries if row.channel == "slack"]
    sent = {row.id for row in rows if row.state == "sent"}
    return {
        **_once([found.inbound[name] for name in names]),
        "without an end": sum(not _ended(found.answers(*name)) for name in names),
        "there twice": sum(times > 1 for times in arrived.values()),
        "sent, but not there": len(sent - set(arrived)),
        "there, but not sent": len(set(arrived) - sent),
        "in doubt": sum(row.state == "in_doubt" for row in rows),
    }


def _tencent(world: World, _: Traffic, found: Evidence, mine: list[Said]) -> dict[str, int]:
    """Each message is somebody's only one: who got the same twice, or here and there, was answered twice."""
    got: dict[str, Counter[str]] = defaultdict(Counter)
    for path, body in list(world.platform.arrived):
        if path in SENDS:
            got[body["touser"]][json.dumps({**body, "clientmsgid": ""}, sort_keys=True)] += 1
    kept: Counter[str] = Counter()
    for channel, who, _ in found.inbound.elements():
        kept[who.rpartition("/")[2]] += channel in ("wechat", "wecom")
    answers: dict[str, list[DeliveryRow]] = defaultdict(list)
    for row, who in found.deliveries:
        if row.reply_to:
            answers[who.rpartition("/")[2]].append(row)
    here = [each for each in mine if each.reply is not None]
    twice = {each.who for each in here if any(row.state == "sent" for row in answers[each.who])}
    for who in sorted(twice | {who for who, bodies in got.items() if max(bodies.values()) > 1}):
        rows = [(row.part, row.state, row.reason, row.tries, row.taken, f"{row.moved_at:%T.%f}") for row in answers[who]]
        repeated = [body[:200] for body, times in got[who].items() if times > 1]
        print(f"{who}: carried {who in twice}, rows {rows}, of {sum(got[who].values())} messages twice {repeated}")
    return {
        **_once([kept[each.who] for each in mine]),
        "without an end": sum(each.reply is None and not _ended(answers[each.who]) for each in mine),
        "answered twice": len(twice | {who for who, bodies in got.items() if max(bodies.values()) > 1}),
    }


def _mail(_: World, traffic: Traffic, found: Evidence, mine: list[Said]) -> dict[str, int]:
    """A follow-up each: every mail has a counterpart of its own."""
    said = sum(each.kind == "mail" for each in traffic.said)  # one that was never acknowledged may have been noted
    return {"lost": max(0, len(mine) - found.mails), "noted twice": max(0, found.mails - said)}


def _followup(_: World, __: Traffic, found: Evidence, mine: list[Said]) -> dict[str, int]:
    """Noted once, nudged once."""
    noted = _once([found.subjects[f"sample {each.id.partition('-')[2]}"] for each in mine])
    return {
        **noted,
        "never nudged": sum(not found.nudges[each.reply] for each in mine),
        "nudged twice": sum(found.nudges[each.reply] > 1 for each in mine),
    }


def _ended(rows: list[DeliveryRow]) -> bool:
    """An answer has cards, and each has ended: sent, failed with its reason, or in doubt and said so."""
    return bool(rows) and all(row.state in ("sent", "failed", "in_doubt", "held") for row in rows)


def _once(numbers: list[int]) -> dict[str, int]:
    return {"lost": sum(number == 0 for number in numbers), "kept twice": sum(number > 1 for number in numbers)}


def slope(points: list[tuple[float, float]]) -> float:
    """Megabytes a minute, by least squares, over the second half of a life; (seconds, megabytes) in order."""
    half = points[len(points) // 2 :]
    if len(half) < 10:
        return 0.0
    seconds, megabytes = np.array(half).T
    return float(np.polyfit(seconds, megabytes, 1)[0] * 60)
