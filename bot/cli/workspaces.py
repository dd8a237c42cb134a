"""`caucus workspace …`: the tenants we know, and a cadence of their own for follow-ups."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cli.shared import database, print_json, settings
from bot.db import reading, writing
from bot.errors import Refused
from bot.followups.cadence import Cadence, read_cadence, usual
from bot.followups.tables import CadenceRow
from bot.people.tables import Workspace
from bot.wiring_ground import clock

app = typer.Typer(help="Workspaces, and the cadence of their follow-ups.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON value.")]
LARGEST = 64_000
"""Bytes of a cadence file."""


@app.command("list", epilog="Example: caucus workspace list --json")
def list_(as_json: Json = False) -> None:
    """All workspaces, each with whether it has a cadence of its own."""
    with reading(database()) as session:
        own = set(session.scalars(select(CadenceRow.workspace_id)))
        rows = session.scalars(select(Workspace).order_by(Workspace.channel, Workspace.external_id)).all()
    told = [{"workspace": f"{row.channel}:{row.external_id}", "id": row.id, "own_cadence": row.id in own} for row in rows]
    if as_json:
        print_json(told)
        return
    for one in told:
        print(f"{one['workspace']}  {'own cadence' if one['own_cadence'] else 'usual cadence'}")


@app.command(epilog="Example: caucus workspace cadence slack:T0123 cadence.yaml")
def cadence(
    workspace: Annotated[str, typer.Argument(help="Such as slack:T0123, or its id.")],
    file: Annotated[
        Path | None, typer.Argument(help="A cadence in the form of bot/followups/cadence.yaml; without: show.")
    ] = None,
    back: Annotated[bool, typer.Option("--usual", help="Go back to the usual cadence.")] = False,
    as_json: Json = False,
) -> None:
    """Show the cadence of a workspace's follow-ups, or set one of its own. It holds from the next step of each follow-up on."""
    if file and back:
        raise typer.BadParameter("a file or --usual, not both")
    given = _read(file) if file else None
    engine = database()
    if given or back:
        with writing(engine) as session:
            row = _find(session, workspace)
            own = session.get(CadenceRow, row.id)
            if back and own:
                session.delete(own)
            elif given and own:
                own.steps, own.set_at = given.model_dump(mode="json"), clock(settings())()
            elif given:
                session.add(CadenceRow(workspace_id=row.id, steps=given.model_dump(mode="json"), set_at=clock(settings())()))
    with reading(engine) as session:
        row = _find(session, workspace)
        own = session.get(CadenceRow, row.id)
        holds = read_cadence(own.steps) if own else usual()
        name = f"{row.channel}:{row.external_id}"
    told: dict[str, Any] = {"workspace": name, "own": own is not None, **holds.model_dump(mode="json")}
    if as_json:
        print_json(told)
        return
    print(f"# {name}: {'its own cadence' if own else 'the usual cadence'}")
    print(yaml.safe_dump(holds.model_dump(mode="json", exclude_defaults=True), sort_keys=False, allow_unicode=True), end="")


def _read(file: Path) -> Cadence:
    try:
        if file.stat().st_size > LARGEST:
            raise Refused(f"{file}: more than {LARGEST} bytes")
        return read_cadence(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read: {type(error).__name__}") from None
    except (yaml.YAMLError, RecursionError):
        raise Refused(f"{file} is not YAML") from None


def _find(session: Session, named: str) -> Workspace:
    channel, _, external_id = named.partition(":")
    its = (Workspace.channel == channel, Workspace.external_id == external_id) if external_id else (Workspace.id == named,)
    row = session.scalar(select(Workspace).where(*its))
    if row is None:
        raise Refused(f"there is no workspace {named}; `caucus workspace list` names them")
    return row
