"""`GET|POST /wecom/callback`: the console's check, and what members write. Answers go out as messages of the app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from adapters.tencent import callback, envelope
from adapters.tencent.envelope import Opened, Seal
from adapters.tencent.heard import Heard
from adapters.tencent.ports import CallbackPorts
from adapters.tencent.text import reply_xml
from adapters.tencent.turns import PATIENCE, Turns
from adapters.wecom.receive import heard
from bot.messages import Answer
from bot.settings import Settings

PATH = "/wecom/callback"


def seal_of(settings: Settings) -> Seal:
    """What the console and the settings agreed on."""
    keys = (settings.wecom_aes_key.get_secret_value(), settings.wecom_aes_key_previous.get_secret_value())
    return Seal(settings.wecom_token.get_secret_value(), settings.wecom_corp_id, tuple(key for key in keys if key))


def turns(ports: CallbackPorts, patience: float = PATIENCE) -> Turns:
    """Answers members, by messages of the app."""
    return Turns(ports, passive=False, patience=patience)


def router(settings: Settings, ports: CallbackPorts, taking: Turns, mark_chosen: Callable[[str, str], None]) -> APIRouter:
    """The callback's routes. `mark_chosen` takes (member, response code) of a pressed button."""
    seal = seal_of(settings)
    marking = ThreadPoolExecutor(2, thread_name_prefix="wecom-cards")

    def respond(opened: Opened, given: Heard, answer: Answer | None) -> Response:  # noqa: ARG001 - answers go by the outbox
        text = given.says
        if not text:
            return PlainTextResponse("")
        xml = reply_xml(opened.fields, text, ports.now())
        return Response(envelope.sealed(seal, opened.aes_key, xml, ports.now()), media_type="text/xml")

    async def take(given: Heard, began: float) -> Answer | None:
        assert given.inbound
        answer = await taking.take(given.inbound, began)
        if given.clicked:
            asyncio.get_running_loop().run_in_executor(marking, mark_chosen, given.address.external_id, given.clicked)
        return answer

    return callback.router(
        PATH, "wecom", seal, ports, lambda fields: heard(fields, settings.wecom_corp_id, ports.now()), take, respond
    )
