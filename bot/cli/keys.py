"""`caucus key …`: keys of the JSON API."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from bot.cli.shared import database, print_json
from bot.db import reading, writing
from bot.people import directory, keys

app = typer.Typer(help="Keys for other tools.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """Keys for other tools."""


@app.command(epilog="Example: caucus key create crm")
def create(
    name: Annotated[str, typer.Argument(help="Of the tool, such as crm. It is kept in clear: name no person in it.")],
    person: Annotated[
        str,
        typer.Option(help="Whose own key it is: it ends with their erasure. Without, it is a tool's, and stands for itself."),
    ] = "",
    role: Annotated[str, typer.Option(help="member, curator or admin.")] = "member",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value.")] = False,
) -> None:
    """Make a key; it is shown this once. Its name is kept in clear and outlives people: name no person in it."""
    with writing(database()) as session:
        owner = directory.find(session, person) if person else None
        key, row = keys.make_key(session, name, dt.datetime.now(dt.UTC), person=owner, role=role)
        made = {"id": row.id, "name": row.name, "role": row.role, "key": key}
    if as_json:
        print_json(made)
    else:
        print(f"{key}\nKeep it now: it is not shown again.")


@app.command("list", epilog="Example: caucus key list --json")
def list_(as_json: Annotated[bool, typer.Option("--json", help="One JSON value.")] = False) -> None:
    """All keys with whose they are and whether they still open; the keys themselves are not kept."""
    with reading(database()) as session:
        found = [
            {"id": row.id, "name": row.name, "role": row.role, "person": row.person_id, "revoked_at": row.revoked_at}
            for row in keys.every(session)
        ]
    if as_json:
        print_json(found)
        return
    for key in found:
        print(
            f"{key['id']}  {key['name']}  {key['role']}"
            + (f"  revoked {key['revoked_at']:%Y-%m-%d}" if key["revoked_at"] else "")
        )


@app.command(epilog="Example: caucus key revoke crm")
def revoke(key: Annotated[str, typer.Argument(help="Its id, or its name where only one key has it.")]) -> None:
    """End a key at once; again changes nothing."""
    with writing(database()) as session:
        row = keys.revoke(session, key, dt.datetime.now(dt.UTC))
    print(f"{row.id}: revoked")
