"""`caucus key …`: keys of the JSON API."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from bot.cli.shared import database, print_json
from bot.db import writing
from bot.people import directory

app = typer.Typer(help="Keys for other tools.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """Keys for other tools."""


@app.command(epilog="Example: caucus key create crm")
def create(
    name: str,
    person: Annotated[str, typer.Option(help="Whose key it is; otherwise it stands for itself.")] = "",
    role: Annotated[str, typer.Option(help="member, curator or admin.")] = "member",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value.")] = False,
) -> None:
    """Make a key; it is shown this once."""
    with writing(database()) as session:
        owner = directory.find(session, person) if person else None
        key, row = directory.make_key(session, name, dt.datetime.now(dt.UTC), person=owner, role=role)
        made = {"id": row.id, "name": row.name, "role": row.role, "key": key}
    if as_json:
        print_json(made)
    else:
        print(f"{key}\nKeep it now: it is not shown again.")
