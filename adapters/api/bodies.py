"""How does a request of another tool become work, and what came of it an answer? The same way on every route.

Who asks is settled before a byte of the body is read. Reasons are short and quote nothing of what came in.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError

from adapters.http import TooLarge, capped_body
from bot.errors import Conflict, NotAllowed, NotThere, Refused
from bot.messages import Address

Given = TypeVar("Given", bound=BaseModel)
Admit = Callable[[Request], Coroutine[Any, Any, str | JSONResponse]]
"""Gives the name that a caller goes by, or the refusal."""
STATUS = {NotAllowed: 403, NotThere: 404, Conflict: 409}
"""Of what the house refuses; anything else is 422."""


class Answered(Protocol):
    """Does what a request asks for; see `answering`."""

    async def __call__(  # noqa: D102 - see the class
        self,
        request: Request,
        work: Callable[[Address, Any], Any],
        body: type[BaseModel] | None = None,
        status: int = 200,
        empty: BaseModel | None = None,
    ) -> JSONResponse: ...


def answering(admitted: Admit) -> Answered:
    """(request, work) → its JSON. `work` gets the caller's address and the body as `body`; it runs in a thread of its own."""

    async def answered(
        request: Request,
        work: Callable[[Address, Any], Any],
        body: type[BaseModel] | None = None,
        status: int = 200,
        empty: BaseModel | None = None,
    ) -> JSONResponse:
        owner = await admitted(request)
        if isinstance(owner, JSONResponse):
            return owner
        given = await read(request, body, empty=empty) if body else None
        if isinstance(given, JSONResponse):
            return given
        try:
            return JSONResponse(await run_in_threadpool(work, Address(channel="api", external_id=owner), given), status)
        except Refused as refused:
            return refusal(next((code for kind, code in STATUS.items() if isinstance(refused, kind)), 422), str(refused))

    return answered


async def read(request: Request, model: type[Given], *, empty: Given | None = None) -> Given | JSONResponse:
    """The body as this model, or the refusal; `empty` stands for no body at all."""
    if empty is not None and request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers:
        return empty
    if request.headers.get("content-type", "").partition(";")[0].strip().casefold() != "application/json":
        return refusal(415, "send application/json")
    try:
        return model.model_validate_json(await capped_body(request))
    except TooLarge:
        return refusal(413, "the message is too large")
    except ValidationError as error:
        broken = any(item["type"] == "json_invalid" for item in error.errors(include_input=False))
        return refusal(400 if broken else 422, _reasons(error, model))


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """The body as OpenAPI describes it."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": model.model_json_schema()}}}}


def refusal(status: int, reason: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """A short reason with its status."""
    return JSONResponse({"error": reason}, status_code=status, headers=headers)


def _reasons(error: ValidationError, model: type[BaseModel]) -> str:
    """What is wrong with which field. The name of an unknown one is the sender's own word and is not repeated."""
    reasons: list[str] = []
    for item in error.errors(include_input=False, include_context=False):
        name = str(item["loc"][0]) if item["loc"] else "body"
        known = name == "body" or name in model.model_fields
        reasons.append(f"{name}: {item['msg']}" if known else f"unknown field; known are {', '.join(model.model_fields)}")
    return "; ".join(dict.fromkeys(reasons))
