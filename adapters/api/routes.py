"""How do other tools ask? `POST /api/ask` and friends: JSON in, the same answer as on every channel out.

Verifies first (size, key, pace), then hands one Inbound to the core in a worker thread. Never a 500 for what a
stranger sends; reasons are short and quote nothing of what came in.
"""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from adapters.api import broadcasts, followups
from adapters.api.bodies import body_of, read, refusal
from adapters.api.broadcasts import BroadcastPorts
from adapters.api.followups import FollowupPorts
from adapters.http import from_this_machine
from bot.errors import Unavailable
from bot.messages import Address, Answer, Card, Choice, Inbound, Lang
from bot.pace import Pace
from bot.settings import Settings

PER_SECOND, BURST = 50.0, 300.0
"""Requests of one key (or of this machine without a key) that are let through."""
WRONG_KEYS_PER_SECOND, WRONG_KEYS_BURST = 1.0, 20.0
"""Attempts without a valid key from one network address."""


class Ask(BaseModel):
    """A question in words (`text`) or the id of something offered before (`choice`)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(default="", examples=["They asked for exclusivity, what do I say?"])
    choice: str = Field(default="", max_length=200, examples=["card:exclusivity-request"])
    lang: Lang | None = None
    conversation: str = Field(default="", max_length=64, pattern=r"^[A-Za-z0-9_-]*$")
    message_id: str = Field(default="", max_length=200)


class Told(BaseModel):
    """The answer: what was decided, and the cards to show."""

    conversation: str
    decision: str
    intent: str | None
    confidence: float
    choices: list[Choice]
    cards: list[Card]
    asks: dict[str, Any] | None = None
    result: dict[str, Any] | None = None


@dataclass(frozen=True)
class ApiPorts:
    """What the API needs of the house; all synchronous."""

    receive: Callable[[Inbound], Answer]
    card: Callable[[str, Lang], Card | None]
    key_owner: Callable[[str], str | None]
    """The id of a valid key; None for any other."""
    now: Callable[[], dt.datetime]
    settings: Settings
    followups: FollowupPorts
    broadcasts: BroadcastPorts
    pace: Pace = field(default_factory=lambda: Pace(PER_SECOND, BURST))


def router(ports: ApiPorts) -> APIRouter:
    """The routes under /api."""
    routes = APIRouter()
    strangers = Pace(WRONG_KEYS_PER_SECOND, WRONG_KEYS_BURST)

    async def admitted(request: Request) -> str | JSONResponse:
        """The name this caller goes by, or the refusal."""
        header = request.headers.get("authorization", "")
        scheme, _, key = header.partition(" ")
        client = request.client.host if request.client else ""
        if header:
            owner = await run_in_threadpool(ports.key_owner, key.strip()) if scheme.casefold() == "bearer" else None
            if owner is None:
                wait = strangers.wait(client, time.monotonic())
                return _too_many(wait) if wait else refusal(401, "the key is not valid")
        elif ports.settings.env == "development" and from_this_machine(request):
            owner = "local"
        else:
            return refusal(401, "send an API key: Authorization: Bearer caucus_…")
        wait = ports.pace.wait(owner, time.monotonic())
        return _too_many(wait) if wait else owner

    @routes.post("/api/ask", response_model=Told, openapi_extra=body_of(Ask))
    async def ask(request: Request) -> JSONResponse:
        """Ask a question, or press something that was offered. The same message_id again gives the same answer."""
        owner = await admitted(request)
        if isinstance(owner, JSONResponse):
            return owner
        question = await read(request, Ask)
        if isinstance(question, JSONResponse):
            return question
        inbound = Inbound(
            address=Address(channel="api", external_id=owner),
            message_id=question.message_id or secrets.token_hex(16),
            text=question.text,
            choice=question.choice,
            room=question.conversation or secrets.token_hex(16),
            lang=question.lang,
            received_at=ports.now(),
        )
        answer = await run_in_threadpool(ports.receive, inbound)
        return JSONResponse(told(answer).model_dump(mode="json"))

    @routes.get("/api/cards/{card_id}", response_model=Card)
    async def card(
        request: Request, card_id: str, lang: Annotated[str, Query(json_schema_extra={"enum": ["en", "zh"]})] = "en"
    ) -> JSONResponse:
        """One card in one language."""
        owner = await admitted(request)
        if isinstance(owner, JSONResponse):
            return owner
        if lang not in ("en", "zh"):  # checked here, as the framework's own refusal repeats what came in
            return refusal(422, "lang: the languages are en and zh")
        found = ports.card(card_id, "zh" if lang == "zh" else "en")
        return JSONResponse(found.model_dump(mode="json")) if found else refusal(404, "there is no such card")

    routes.include_router(followups.router(ports.followups, admitted))
    routes.include_router(broadcasts.router(ports.broadcasts, admitted))

    return routes


def told(answer: Answer) -> Told:
    """An answer as the API says it."""
    return Told(
        conversation=answer.conversation,
        decision=answer.decision,
        intent=answer.intent,
        confidence=answer.confidence,
        choices=answer.choices,
        cards=answer.cards,
        asks=answer.asks,
        result=answer.result,
    )


def unavailable(_: Request, error: Exception) -> JSONResponse:
    """The database is away: nothing was done, try again."""
    assert isinstance(error, Unavailable)
    return refusal(503, "not available right now, please repeat", {"Retry-After": "2"})


def _too_many(wait: float) -> JSONResponse:
    return refusal(429, "too many requests", {"Retry-After": str(int(wait) + 1)})
