"""`caucus flow`: a decision flow without a conversation, for programs and for trying rules."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from bot.cli.shared import print_json
from bot.conversations import flow as thinking
from bot.errors import Refused
from knowledge.load import load


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("flow", epilog='Example: caucus flow share-this --facts \'{"what": "price_list"}\' --json')(flow)


def flow(
    name: Annotated[str, typer.Argument(help="Such as share-this or exclusivity.")],
    facts: Annotated[str, typer.Option(help="Facts as a JSON object; a missing one is not known.")] = "{}",
    schema: Annotated[bool, typer.Option("--schema", help="The facts, their values and the verdicts instead.")] = False,
    lang: Annotated[str, typer.Option(help="en or zh.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value.")] = False,
) -> None:
    """What follows from the facts: verdict, reasons, conditions, words to send, a summary."""
    flows = load().flows
    if name not in flows:
        raise Refused(f"there is no flow {name}; there are {', '.join(flows)}")
    if lang not in ("en", "zh"):
        raise typer.BadParameter("the languages are en and zh")
    if schema:
        print_json(thinking.schema(flows[name]))
        return
    try:
        given = json.loads(facts)
    except ValueError as error:
        raise Refused(f"the facts are not JSON: {error}") from None
    if not isinstance(given, dict):
        raise Refused('the facts are a JSON object, such as {"what": "price_list"}')
    try:
        outcome = thinking.evaluate(flows[name], given, "zh" if lang == "zh" else "en")
    except thinking.BadFacts as error:
        raise Refused(str(error)) from None
    if as_json:
        print_json(outcome.as_dict())
    else:
        print(outcome.document)
