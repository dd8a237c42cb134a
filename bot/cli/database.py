"""`caucus db …`: the schema and its versions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from alembic.util import CommandError
from sqlalchemy import Engine

from bot.backup import backup as write_backup
from bot.backup import restore as load_backup
from bot.cli.shared import settings
from bot.db import downgrade as take_back
from bot.db import open_engine, refuse_old_schema, revisions
from bot.db import upgrade as bring_up
from bot.errors import Refused
from bot.tables import every_table

app = typer.Typer(help="Bring the database to this version, or back.", no_args_is_help=True)


@app.command(epilog="Example: caucus db upgrade")
def upgrade() -> None:
    """Bring the schema up to date; again does nothing."""
    engine = _engine()
    bring_up(engine)
    print(f"at revision {revisions(engine)[0]}")


@app.command(epilog="Example: caucus db downgrade 0001")
def downgrade(revision: str) -> None:
    """Take the schema back to a revision (base: to nothing; all data in it is lost)."""
    engine = _engine()
    try:
        take_back(engine, revision)
    except CommandError as error:
        raise Refused(str(error)) from None
    print(f"at revision {revisions(engine)[0] or 'none'}")


@app.command(epilog="Example: caucus db check")
def check() -> None:
    """Whether the schema is the one this version needs; exit code 1 when it is not."""
    engine = _engine()
    refuse_old_schema(engine)
    print(f"at revision {revisions(engine)[0]}, as needed")


@app.command(epilog="Example: caucus db backup backups/2026-11-23.caucus")
def backup(file: Path) -> None:
    """Write everything to one file, as of one moment, while Caucus runs. The keys are not in it: keep them elsewhere."""
    counts = write_backup(_engine(), file, dt.datetime.now(dt.UTC))
    print(f"{file}: {sum(counts.values())} rows of {len(counts)} tables")


@app.command(epilog="Example: caucus db restore backups/2026-11-23.caucus")
def restore(
    file: Path,
    replace: Annotated[bool, typer.Option("--replace", help="Also when the database holds people: they are replaced.")] = False,
) -> None:
    """Load a backup, whole or not at all; stop `serve` and `work` first. A damaged or newer file changes nothing."""
    engine = _engine()
    if engine.dialect.name == "sqlite":
        bring_up(engine)
    counts = load_backup(engine, file, replace=replace)
    print(f"{sum(counts.values())} rows of {len(counts)} tables restored")


def _engine() -> Engine:
    every_table()  # a backup goes over all that are known
    found = settings()
    return open_engine(found.database, found.keys())
