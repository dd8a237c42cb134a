"""`caucus db …`: the schema and its versions."""

from __future__ import annotations

import typer
from alembic.util import CommandError
from sqlalchemy import Engine

from bot.cli.shared import settings
from bot.db import downgrade as take_back
from bot.db import open_engine, refuse_old_schema, revisions
from bot.db import upgrade as bring_up
from bot.errors import Refused

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


def _engine() -> Engine:
    found = settings()
    return open_engine(found.database, found.keys())
