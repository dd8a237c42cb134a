"""What broadcasts need of the house: how cards look on each channel, what the knowledge says, what readers asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Engine, SelectBase, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from adapters.api.broadcasts import BroadcastPorts
from adapters.console.ports import BroadcastPorts as ConsoleBroadcasts
from adapters.site.guard import Visitor
from adapters.slack import render as slack
from adapters.terminal import render as terminal
from adapters.web import render as web
from adapters.wechat import render as wechat
from adapters.wecom import members
from adapters.wecom import render as wecom
from bot.broadcasts.desk import Desk
from bot.broadcasts.ports import Look, Ports
from bot.broadcasts.preview import SAMPLE
from bot.channel import Channel
from bot.conversations.answer import advice, choice
from bot.conversations.tables import InboundRow, VoteRow
from bot.delivery.tables import DeliveryRow
from bot.followups.rules import Rules
from bot.followups.worktime import find_zone, local
from bot.messages import Address, Card, Lang
from bot.outline import plain
from bot.people import directory
from bot.people.tables import AddressRow, PersonRow
from bot.settings import Settings
from bot.vendors import quotas
from bot.wiring_looks import drawn
from bot.wiring_tencent import Tencent
from knowledge.load import KnowledgeBase

MASS_MESSAGES = "wechat mass messages"
"""As `bot.wiring_ledger` counts them."""


def desk(
    engine: Engine,
    known: Callable[[], KnowledgeBase],
    channels: Mapping[str, Channel],
    rules: Rules,
    tencent: Tencent,
    slack_team: Callable[[], str],
    now: Callable[[], dt.datetime],
) -> Desk:
    """Broadcasts over these channels.

    `known` gives what is known at that moment, `slack_team` the workspace of a single token, or nothing.
    """
    limits = {name: channel.limits for name, channel in channels.items() if not channel.limits.only_answers}
    limits["terminal"] = terminal.LIMITS
    drawn: dict[str, Callable[[Card], Look]] = {
        "slack": _in_slack,
        "wecom": lambda card: Look(wecom.messages(card, SAMPLE, unprompted=True)),
        "wechat": lambda card: Look(wechat.messages(card, menus=True)),
        "web": lambda card: Look([str(web.card_html(card))]),
    }
    ports = Ports(
        limits=limits,
        looks={name: drawn.get(name, _in_words) for name in limits},
        rules=rules,
        kept=tuple(known().themes),
        content=lambda kind, name, lang: _content(known(), kind, name, lang),
        tips_of=lambda theme: [f"{card.id}/{n}" for card in known().by_theme.get(theme, ()) for n in range(len(card.tips))],
        asked_about=lambda theme, since: _asked_about(known(), theme, since),
        questions=lambda session, run, since, until: _questions(known(), session, run, since, until),
        card_votes=_card_votes,
        members=_members(tencent),
        tenant=lambda channel: (
            slack_team() if channel == "slack" else tencent.settings.wecom_corp_id if channel == "wecom" else ""
        ),
        mass_left=partial(_mass_left, engine, tencent.settings, now),
    )
    return Desk(engine, ports, now)


def api_ports(desk: Desk) -> BroadcastPorts:
    """The same for the API: whoever holds the key acts as its owner."""

    def holder(address: Address) -> Callable[[Session], PersonRow | None]:
        return lambda session: directory.known(session, address)

    return BroadcastPorts(
        listed=lambda address: desk.listed(holder(address)),
        draft=lambda address, given: desk.draft(holder(address), given),
        act=lambda address, broadcast, action, given: desk.act(holder(address), broadcast, action, given),
    )


def console_ports(desk: Desk) -> ConsoleBroadcasts:
    """The same for the console: whoever is signed in."""

    def signed(me: Visitor) -> Callable[[Session], PersonRow | None]:
        return lambda session: session.get_one(PersonRow, me.person)

    return ConsoleBroadcasts(
        listed=lambda me: desk.listed(signed(me))["broadcasts"],
        act=lambda me, broadcast, action, given: _drawn(desk.act(signed(me), broadcast, action, _on_clock(me, given))),
        draft=lambda me, given: desk.draft(signed(me), given),
    )


def _drawn(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a preview tells, with the messages of each channel as HTML."""
    if "channels" not in told:
        return told
    channels = [
        {**each, "looks": {lang: drawn(each["channel"], messages) for lang, messages in each["looks"].items()}}
        for each in told["channels"]
    ]
    return {**told, "channels": channels}


def _on_clock(me: Visitor, given: Mapping[str, str]) -> Mapping[str, str]:
    """A moment without offset, and a schedule without zone, are on the clock of whoever presses."""
    zone = me.zone or "UTC"
    if given.get("cron") and not given.get("zone"):
        return {**given, "zone": zone}
    try:
        moment = dt.datetime.fromisoformat(given.get("at", ""))
    except ValueError:
        return given
    return given if moment.tzinfo else {**given, "at": local(moment.date(), moment.time(), find_zone(zone)).isoformat()}


def _in_slack(card: Card) -> Look:
    made = slack.message(card, SAMPLE)
    return Look([{"text": made.text, "blocks": made.blocks}], folded=bool(made.rest))


def _in_words(card: Card) -> Look:
    return Look([terminal.printable(plain(card))])


def _members(tencent: Tencent) -> dict[str, Callable[[str], Sequence[str]]]:
    if tencent.wecom_api is None:
        return {}
    asked = {"wecom:department": members.of_department, "wecom:tag": members.of_tag}
    return {kind: partial(ask, tencent.wecom_api) for kind, ask in asked.items()}


def _content(kb: KnowledgeBase, kind: str, name: str, lang: Lang) -> Card | None:
    """A whole card, or one of its tips with the way to it."""
    card_id, _, number = name.partition("/")
    card = kb.cards.get(card_id)
    if card is None or (kind == "card" and number):
        return None
    if kind == "card":
        return advice(kb, card_id, lang)
    if not (number.isdecimal() and number.isascii() and int(number) < len(card.tips)):
        return None
    return Card(
        id="tip", kind="notice", lang=lang, text=getattr(card.tips[int(number)], lang), choices=[choice(kb, card_id, lang)]
    )


def _asked_about(kb: KnowledgeBase, theme: str, since: dt.datetime) -> SelectBase:
    about = [card.id for card in kb.by_theme.get(theme, ())]
    there = aliased(AddressRow)
    asked = select(there.person_id).join(InboundRow, InboundRow.address_id == there.id)
    return asked.where(InboundRow.intent.in_(about), InboundRow.received_at >= since)


def _questions(kb: KnowledgeBase, session: Session, run_id: str, since: dt.datetime, until: dt.datetime) -> int:
    """Of people who got it, after they got it: what was typed and answered by a card, asked back, or not known.

    A press is always certain, what is typed hardly ever. A run's row is found by its key.
    """
    key = func.md5(literal(f"{run_id}/") + InboundRow.address_id)
    got = select(func.count()).select_from(InboundRow).join(DeliveryRow, DeliveryRow.id == key)
    question = or_(InboundRow.decision != "sure", InboundRow.intent.in_(list(kb.cards)))
    asked = got.where(DeliveryRow.state == "sent", InboundRow.received_at > DeliveryRow.moved_at, InboundRow.confidence < 1)
    return session.scalar(asked.where(InboundRow.received_at.between(since, until), question)) or 0


def _card_votes(session: Session, run_id: str, card: str, since: dt.datetime) -> tuple[int, int]:
    votes = (
        select(VoteRow.useful, func.count(VoteRow.id.distinct()))
        .join(AddressRow, AddressRow.person_id == VoteRow.person_id)
        .join(DeliveryRow, DeliveryRow.id == func.md5(literal(f"{run_id}/") + AddressRow.id))
        .where(VoteRow.card == card, VoteRow.at >= since, DeliveryRow.state == "sent")
        .group_by(VoteRow.useful)
    )
    found: dict[bool, int] = dict(session.execute(votes).all())
    return found.get(True, 0), found.get(False, 0)


def _mass_left(engine: Engine, settings: Settings, now: Callable[[], dt.datetime]) -> tuple[int, int, str] | None:
    if not (settings.wechat_app_id and settings.wechat_certified):
        return None
    window = wechat.MASS[settings.wechat_kind]
    used = quotas.today(engine, MASS_MESSAGES, now()).get(MASS_MESSAGES, 0)
    return window.messages - used, window.messages, window.refills or "day"
