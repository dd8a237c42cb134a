"""What do WeChat and WeCom grant, as counted for all processes together? The ledger that their adapters ask."""

from __future__ import annotations

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from adapters.tencent.ports import Ledger
from adapters.wechat.account import MOST_FORCED
from adapters.wechat.render import MASS
from bot.channel import Window
from bot.db import writing
from bot.delivery import own_pace
from bot.delivery.pace import Rate
from bot.delivery.send import Clock
from bot.messages import Address
from bot.people import directory
from bot.people.tables import AddressRow
from bot.settings import Settings
from bot.vendors import quotas, windows
from bot.vendors.tokens import TokenShelf

MEMBER_RATES = (Rate(1 / 4, burst=12), Rate(1 / 5, burst=200))
"""Of one WeCom member: at most 27 in any minute and 920 in any hour; the platform drops
what is beyond 30 and 1,000 (document/path/90236)."""
ROBOT_RATES = (Rate(1 / 5, burst=6),)
"""Of one group robot: at most 18 in any minute; the platform refuses from 20 on."""
PER_ACCOUNT = 200
"""Messages to single members that one app may send a day, times the corp's accounts (document/path/90236, 2025-09-24)."""
PEOPLE = "messages to members"


def daily(settings: Settings) -> int | None:
    """Messages to single members that the WeCom app may send today; None: not known."""
    return None if settings.wecom_accounts is None else settings.wecom_accounts * PER_ACCOUNT


def most_of(settings: Settings) -> dict[str, int]:
    """Name of what is counted → its most a day (a month, of mass messages of a service account), where we know it."""
    found = {
        "wechat stable_token (forced)": MOST_FORCED,
        "wechat stable_token": 500_000,  # api_getstableaccesstoken, 2026-11
        "wechat message/template/send": 100_000,  # Template_Message_Interface.html, 2026-11
        "wechat mass messages": MASS[settings.wechat_kind].messages,
    }
    people = daily(settings)
    return found if people is None else {**found, f"wecom {PEOPLE}": people}


def ledger_of(engine: Engine, channel: str, now: Clock, *, a_day: int | None = None) -> Ledger:
    """The ledger of one channel. `a_day`: messages to single people that the vendor delivers in a day; None: no limit."""

    def shut(person: str, window: str) -> None:
        with writing(engine) as session:
            if row := address_row(session, Address(channel=channel, external_id=person)):
                windows.shut(session, row.id, window)

    def pace(person: str, number: int) -> float:
        rates = ROBOT_RATES if person.startswith("robot:") else MEMBER_RATES
        keys = {f"own:{channel}/{person}/{place}"[:250]: rate for place, rate in enumerate(rates)}
        return own_pace.take(engine, keys, number, now())

    def gone(person: str) -> None:
        with writing(engine) as session:
            if row := address_row(session, Address(channel=channel, external_id=person)):
                directory.note_left(row, now())

    def mass(window: Window) -> bool:
        period = window.refills or "day"
        return quotas.count(engine, f"{channel} mass messages", now(), most=window.messages, period=period)

    def people(number: int) -> float:
        number = number if a_day is None else min(number, a_day)  # more than a whole day's has at least the day to itself
        if quotas.count(engine, f"{channel} {PEOPLE}", now(), number, most=a_day):
            return 0.0
        return max(1.0, (quotas.day_ends(now()) - now()).total_seconds())

    return Ledger(
        shelf=TokenShelf(engine),
        spend=lambda person, number, window: windows.spend(engine, channel, person, number, now(), window),
        give_back=lambda person, number, window: windows.give_back(engine, channel, person, number, window),
        shut=shut,
        gone=gone,
        mass=mass,
        people=people,
        pace=pace,
        count=lambda name, most: quotas.count(engine, name, now(), most=most),
        now=now,
    )


def address_row(session: Session, address: Address) -> AddressRow | None:
    """The row of an address that is known."""
    here = (AddressRow.channel == address.channel, AddressRow.external_id == address.external_id)
    return session.scalar(select(AddressRow).where(*here))
