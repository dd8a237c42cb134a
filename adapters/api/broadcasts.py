"""`/api/broadcasts`: what other tools do with broadcasts. The key's owner acts, and needs to be a curator or admin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from adapters.api.bodies import Admit, answering, body_of
from bot.messages import Address

Text = Annotated[str, Field(max_length=30_000)]
Name = Annotated[str, Field(max_length=80)]


class NewBroadcast(BaseModel):
    """To whom and what: own words in both languages, or a card, a tip (`card/number`), or a theme, whose tips come in turn."""

    model_config = ConfigDict(extra="forbid")

    segment: str = Field(max_length=500, examples=["wecom:department:2,slack:room:C0123456789"])
    en: Text = Field(default="", examples=["Ask twice before you say yes."])
    zh: Text = Field(default="", examples=["答应之前，先问两遍。"])
    card: Name = ""
    tip: Name = ""
    theme: Name = ""


class Doing(BaseModel):
    """What an action needs: `start` and `preview` when (nothing: now), `change` what else it says."""

    model_config = ConfigDict(extra="forbid")

    at: Name = Field(default="", examples=["2026-11-30T09:30:00+08:00"])
    local_time: Name = Field(default="", examples=["2026-11-30T09:30"])
    cron: Annotated[str, Field(max_length=100)] = Field(default="", examples=["30 9 * * mon"])
    zone: Name = Field(default="", examples=["Asia/Shanghai"])
    segment: str = Field(default="", max_length=500)
    en: Text = ""
    zh: Text = ""
    card: Name = ""
    tip: Name = ""
    theme: Name = ""


@dataclass(frozen=True)
class BroadcastPorts:
    """What the routes need of the house; each raises Refused (NotAllowed, NotThere, Conflict) and Unavailable."""

    listed: Callable[[Address], dict[str, Any]]
    draft: Callable[[Address, Mapping[str, str]], dict[str, Any]]
    act: Callable[[Address, str, str, Mapping[str, str]], dict[str, Any]]


def router(ports: BroadcastPorts, admitted: Admit) -> APIRouter:
    """The three routes; `admitted` gives the name a caller goes by, or the refusal."""
    routes = APIRouter()

    answered = answering(admitted)

    @routes.get("/api/broadcasts")
    async def listed(request: Request) -> JSONResponse:
        """The newest broadcasts, without their texts."""
        return await answered(request, lambda owner, _: ports.listed(owner))

    @routes.post("/api/broadcasts", status_code=201, openapi_extra=body_of(NewBroadcast))
    async def draft(request: Request) -> JSONResponse:
        """A draft: nothing is sent before it is started."""
        return await answered(request, lambda owner, given: ports.draft(owner, given.model_dump()), NewBroadcast, 201)

    @routes.post("/api/broadcasts/{broadcast_id}/{action}", openapi_extra=body_of(Doing))
    async def act(request: Request, broadcast_id: str, action: str) -> JSONResponse:
        """preview, test, approve, start, pause, resume, cancel, status, report or change. The body may be empty."""
        return await answered(
            request, lambda owner, given: ports.act(owner, broadcast_id, action, given.model_dump()), Doing, empty=Doing()
        )

    return routes
