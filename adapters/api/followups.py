"""`/api/followups`: what other tools say and see of follow-ups. Only those of the key's owner exist."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from adapters.api.bodies import Admit, answering, body_of, refusal
from bot.messages import Address, Lang


class NewFollowup(BaseModel):
    """What waits for whom. Give `when` in words, or `due_at`; with neither the counterpart's working hours decide."""

    model_config = ConfigDict(extra="forbid")

    subject: str = Field(min_length=1, max_length=300, examples=["quotation 4411"])
    contact_name: str = Field(default="", max_length=120, examples=["Li Wei"])
    recipients: list[Annotated[str, Field(max_length=254)]] = Field(default=[], max_length=50, examples=[["li@factory.cn"]])
    phone: str = Field(default="", max_length=40)
    wechat: str = Field(default="", max_length=60)
    organisation: str = Field(default="", max_length=120)
    contact_zone: str = Field(default="", max_length=64, examples=["Asia/Shanghai"])
    contact_lang: Lang | Literal[""] = ""
    reach: Literal["", "wechat", "text", "phone", "email", "meeting"] = ""
    when: str = Field(default="", max_length=200, examples=["Thursday morning their time"])
    due_at: AwareDatetime | None = None
    deadline: AwareDatetime | None = None
    """When it must be settled: the last step comes a working day before."""
    sent_at: AwareDatetime | None = None
    lang: Lang | None = None
    request_id: str = Field(default="", max_length=100)
    """The same request_id again gives the same follow-up and makes none."""


class Change(BaseModel):
    """What happened to it. `snooze` needs `when` in words, or `until`; `change` corrects or completes what is noted.

    What `change` leaves out stays. A telephone number is refused while bank details are checked with that counterpart.
    """

    model_config = ConfigDict(extra="forbid")

    action: Literal["done", "replied", "called", "cancel", "snooze", "change", "undo"]
    when: str = Field(default="", max_length=200, examples=["tomorrow 9:00"])
    until: AwareDatetime | None = None
    subject: str = Field(default="", max_length=300)
    contact_name: str = Field(default="", max_length=120)
    phone: str = Field(default="", max_length=40)
    wechat: str = Field(default="", max_length=60)
    organisation: str = Field(default="", max_length=120)
    contact_zone: str = Field(default="", max_length=64)
    contact_lang: Lang | Literal[""] = ""
    deadline: AwareDatetime | None = None


class Followup(BaseModel):
    """One follow-up as it is now; `due_at` is in the zone it was meant in."""

    id: str
    kind: str
    recipients: list[str]
    subject: str
    contact_name: str
    state: str
    due_at: dt.datetime | None
    reason: str
    zone: str
    step: str
    touches: int
    undelivered: bool
    """The last nudge reached nobody."""
    reach: str
    sent_at: dt.datetime | None
    deadline: dt.datetime | None


class Followups(BaseModel):
    """A person's follow-ups."""

    followups: list[Followup]


@dataclass(frozen=True)
class FollowupPorts:
    """What the routes need of the house; each raises Refused (NotThere, Conflict) and Unavailable."""

    listed: Callable[[Address, str], list[dict[str, Any]]]
    """The owner's, `open` or `all`."""
    add: Callable[[Address, dict[str, Any]], dict[str, Any]]
    change: Callable[[Address, str, dict[str, Any]], dict[str, Any]]


def router(ports: FollowupPorts, admitted: Admit) -> APIRouter:
    """The three routes; `admitted` gives the name a caller goes by, or the refusal."""
    routes = APIRouter()

    answered = answering(admitted)

    @routes.get("/api/followups", response_model=Followups)
    async def listed(
        request: Request, state: Annotated[str, Query(json_schema_extra={"enum": ["open", "all"]})] = "open"
    ) -> JSONResponse:
        """What waits, checks by telephone first, then by when it is due; or all, the newest first."""
        if state not in ("open", "all"):
            return refusal(422, "state: open or all")
        return await answered(request, lambda owner, _: {"followups": ports.listed(owner, state)})

    @routes.post("/api/followups", response_model=Followup, status_code=201, openapi_extra=body_of(NewFollowup))
    async def add(request: Request) -> JSONResponse:
        """Note a follow-up."""
        return await answered(request, lambda owner, given: ports.add(owner, given.model_dump()), NewFollowup, 201)

    @routes.patch("/api/followups/{followup_id}", response_model=Followup, openapi_extra=body_of(Change))
    async def change(request: Request, followup_id: str) -> JSONResponse:
        """Say what happened to one; twice is as once."""
        return await answered(request, lambda owner, given: ports.change(owner, followup_id, given.model_dump()), Change)

    return routes
