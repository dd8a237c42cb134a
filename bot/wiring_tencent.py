"""How do WeChat and WeCom hang together with the house? Their part of the composition root; called by `bot.wiring` alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Engine

from adapters.tencent import checkup
from adapters.tencent.api import Api, Http
from adapters.tencent.ports import CallbackPorts, Carry
from adapters.tencent.tokens import Token
from adapters.wechat import routes as wechat_routes
from adapters.wechat.account import fetch_token as wechat_token
from adapters.wechat.menu import menu, publish
from adapters.wechat.send import Template, WeChat
from adapters.wecom import routes as wecom_routes
from adapters.wecom.account import fetch_token as wecom_token
from adapters.wecom.send import WeCom
from bot.channel import Channel, Profile
from bot.conversations.arrivals import Arrivals
from bot.db import reading, writing
from bot.delivery import answers
from bot.delivery.send import Clock
from bot.errors import Refused
from bot.messages import Address, Answer, Choice, Inbound
from bot.people import directory
from bot.settings import Settings
from bot.vendors import quotas, windows
from bot.wiring_ledger import address_row, daily, ledger_of, most_of


@dataclass(frozen=True)
class Tencent:
    """What is set up of both. The apis also serve `caucus doctor` and `caucus wechat menu`."""

    settings: Settings
    engine: Engine
    now: Clock
    wechat_api: Api | None
    wecom_api: Api | None
    wechat: WeChat | None
    wecom: WeCom | None

    @property
    def channels(self) -> dict[str, Channel]:
        """Name → channel."""
        return {channel.name: channel for channel in (self.wechat, self.wecom) if channel}


def assemble(settings: Settings, engine: Engine, now: Clock) -> Tencent:
    """The channels that the settings name; nothing is called yet."""
    wechat_api = wecom_api = wechat = wecom = None
    if settings.wechat_app_id:
        http, ledger = Http(settings.wechat_api_url), ledger_of(engine, "wechat", now)
        fetch = wechat_token(http, settings.wechat_app_id, settings.wechat_app_secret.get_secret_value(), ledger)
        name = f"wechat:{settings.wechat_app_id}:{_mark(settings.wechat_app_secret.get_secret_value())}"
        wechat_api = Api(http, Token(name, fetch, ledger.shelf, now), "wechat", ledger.count)
        may_template = settings.wechat_certified and settings.wechat_kind == "service"
        wechat = WeChat(
            wechat_api,
            ledger,
            certified=settings.wechat_certified,
            kind=settings.wechat_kind,
            subscription=Template.read(settings.wechat_subscription_template) if may_template else None,
            template=Template.read(settings.wechat_template) if may_template else None,
        )
    if settings.wecom_corp_id:
        http, ledger = Http(settings.wecom_api_url), ledger_of(engine, "wecom", now, a_day=daily(settings))
        secret = settings.wecom_secret.get_secret_value()
        name = f"wecom:{settings.wecom_corp_id}/{settings.wecom_agent_id}:{_mark(secret)}"
        token = Token(name, wecom_token(http, settings.wecom_corp_id, secret, ledger), ledger.shelf, now)
        wecom_api = Api(http, token, "wecom", ledger.count)
        wecom = WeCom(
            wecom_api,
            http,
            ledger,
            agent_id=settings.wecom_agent_id or 0,
            robot_keys=settings.robots(),
            markdown=settings.wecom_markdown,
            counts=settings.wecom_accounts is not None,
        )
    return Tencent(settings, engine, now, wechat_api, wecom_api, wechat, wecom)


def callbacks(
    tencent: Tencent, receive: Callable[[Inbound, Carry | None], Answer], arrivals: Arrivals, *, patience: float
) -> list[APIRouter]:
    """The callbacks' routes; what they keep is answered by `arrivals`, here or in another process."""
    found: list[APIRouter] = []
    if tencent.wechat:
        ports = _ports(tencent, tencent.wechat, receive, arrivals)
        taking = wechat_routes.turns(ports, patience)
        arrivals.takes["wechat"] = taking.answer_kept
        found.append(wechat_routes.router(tencent.settings, ports, taking))
    if tencent.wecom:
        ports = _ports(tencent, tencent.wecom, receive, arrivals)
        taking = wecom_routes.turns(ports, patience)
        arrivals.takes["wecom"] = taking.answer_kept
        found.append(wecom_routes.router(tencent.settings, ports, taking, tencent.wecom.mark_chosen))
    return found


def looks(tencent: Tencent, name: str) -> list[tuple[str, Callable[[], str]]]:
    """What `caucus doctor` looks at of one channel: (name, check); a check raises Refused with what is to be done."""
    api = tencent.wechat_api if name == "wechat" else tencent.wecom_api
    if api is None:
        return [(name, lambda: checkup.not_set_up(name))]
    settings = tencent.settings
    call, query = ("getcallbackip", {}) if name == "wechat" else ("agent/get", {"agentid": str(settings.wecom_agent_id)})

    def calls_today() -> str:
        counts, most = quotas.today(tencent.engine, f"{name} ", tencent.now()), most_of(settings)
        told = [
            f"{call.removeprefix(name).strip()} {n}" + (f" of {most[call]}" if call in most else "") for call, n in counts.items()
        ]
        return ", ".join(told) or "none"

    def account() -> str:
        certified = "may write within 48 hours of a message" if settings.wechat_certified else "may only answer"
        return f"{settings.wechat_kind}, {certified} (CAUCUS_WECHAT_KIND, CAUCUS_WECHAT_CERTIFIED)"

    return [
        (f"{name} platform", lambda: checkup.one_call(api, call, **query)),
        (f"{name} callback", lambda: checkup.callback(f"{settings.public_url}/{name}/callback")),
        *([("wechat account", account)] if name == "wechat" else []),
        (f"{name} calls today", calls_today),
    ]


def publish_menu(tencent: Tencent, themes: Sequence[Choice], *, show: bool = False) -> dict[str, Any]:
    """Make the official account's menu, unless it is only to be shown. Raises Refused without an account, SendErrors."""
    made = menu(themes)
    if not show:
        if tencent.wechat_api is None:
            raise Refused("the official account is not set up: see deploy/wechat/README.md")
        publish(tencent.wechat_api, made)
    return made


def _ports(
    tencent: Tencent, channel: WeChat | WeCom, receive: Callable[[Inbound, Carry | None], Answer], arrivals: Arrivals
) -> CallbackPorts:
    engine, now = tencent.engine, tencent.now

    def send(inbound: Inbound) -> Any:
        answers.send_answer(engine, channel, inbound.address, inbound.message_id, now)
        if isinstance(channel, WeCom):
            _introduce(engine, channel, inbound.address, now)

    def on_its_way(inbound: Inbound) -> bool:
        with reading(engine) as session:
            return answers.has_answer(session, inbound.address, inbound.message_id)

    def keep(inbound: Inbound) -> Any:
        who = str(inbound.address)
        return arrivals.store(channel.name, f"{who} {inbound.message_id}", who, inbound.model_dump(mode="json"))

    def left(address: Address) -> Any:
        with writing(engine) as session:
            if row := address_row(session, address):
                directory.note_left(row, now())
                windows.shut(session, row.id)

    def back(address: Address) -> Any:
        with writing(engine) as session:
            if row := address_row(session, address):
                row.left_at = None

    def grant(address: Address, window: str, allowed: bool) -> Any:  # noqa: FBT001 - as the port has it
        with writing(engine) as session:
            _, row = directory.at_address(session, address, now())
            if allowed:
                windows.opened(session, row.id, channel.limits.windows, window, now())
            else:
                windows.shut(session, row.id, window)

    return CallbackPorts(receive, send, on_its_way, keep, left, back, grant, now)


def _introduce(engine: Engine, channel: WeCom, address: Address, now: Clock) -> None:
    """Ask once who a member is; the platform tells the name, not the zone."""
    with reading(engine) as session:
        known, _, _ = directory.profile(session, address)
    if known.asked_at is None:
        told = Profile(name=channel.name_of(address.external_id))
        with writing(engine) as session:
            directory.note_profile(session, address, told, now())


def _mark(secret: str) -> str:
    """Tells two secrets apart: a token kept under an old one is not used with the new one."""
    return hashlib.sha256(secret.encode()).hexdigest()[:12]
