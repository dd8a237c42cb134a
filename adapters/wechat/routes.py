"""`GET|POST /wechat/callback`: the console's check, and what followers write. The answer is carried by the reply itself."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from adapters.tencent import callback, envelope
from adapters.tencent.envelope import Opened, Seal
from adapters.tencent.heard import Heard
from adapters.tencent.ports import CallbackPorts
from adapters.tencent.text import reply_xml
from adapters.tencent.turns import PATIENCE, Turns
from adapters.wechat import render, words
from adapters.wechat.receive import heard
from bot.messages import Answer
from bot.settings import Settings

PATH = "/wechat/callback"


def seal_of(settings: Settings) -> Seal:
    """What the console and the settings agreed on."""
    keys = (settings.wechat_aes_key.get_secret_value(), settings.wechat_aes_key_previous.get_secret_value())
    return Seal(settings.wechat_token.get_secret_value(), settings.wechat_app_id, tuple(key for key in keys if key))


def turns(ports: CallbackPorts, patience: float = PATIENCE) -> Turns:
    """Answers followers, in the reply where time allows."""
    return Turns(ports, passive=True, patience=patience)


def router(settings: Settings, ports: CallbackPorts, taking: Turns) -> APIRouter:
    """The callback's routes."""
    seal = seal_of(settings)

    def respond(opened: Opened, given: Heard, answer: Answer | None) -> Response:
        text = render.one_text(answer.cards) if answer and answer.cards else given.says
        if given.inbound and not answer and not settings.wechat_certified:
            text = words.LATER  # it cannot be sent later; it comes with the answer to whatever they write next
        if not text:
            return PlainTextResponse(callback.TAKEN)
        xml = reply_xml(opened.fields, text, ports.now())
        return Response(envelope.sealed(seal, opened.aes_key, xml, ports.now()), media_type="text/xml")

    async def take(given: Heard, began: float) -> Answer | None:
        assert given.inbound
        return await taking.take(given.inbound, began)

    return callback.router(
        PATH, "wechat", seal, ports, lambda fields: heard(fields, settings.wechat_app_id, ports.now()), take, respond
    )
