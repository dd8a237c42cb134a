"""The command line: every command of the contract, one module a family.

Exit code 0: done. 1: refused, with the reason on standard error. 2: wrong usage.
"""

from __future__ import annotations

import sys

import typer

from bot.cli import (
    ask,
    broadcast,
    database,
    doctor,
    evaluate,
    flow,
    followups,
    keys,
    knowledge,
    mail,
    people,
    serve,
    wechat,
    when,
    work,
    workspaces,
)
from bot.errors import CaucusError
from knowledge.document import KnowledgeError

app = typer.Typer(
    name="caucus",
    help="The private huddle before you answer the other side.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
ask.add_to(app)
serve.add_to(app)
evaluate.add_to(app)
flow.add_to(app)
doctor.add_to(app)
when.add_to(app)
work.add_to(app)
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(people.app, name="person")
app.add_typer(broadcast.app, name="broadcast")
app.add_typer(followups.app, name="followup")
app.add_typer(followups.contact_app, name="contact")
app.add_typer(keys.app, name="key")
app.add_typer(database.app, name="db")
app.add_typer(mail.app, name="mail")
app.add_typer(wechat.app, name="wechat")
app.add_typer(workspaces.app, name="workspace")


def main() -> None:
    """Run a command; every refusal becomes one clear line and exit code 1."""
    try:
        app()
    except (CaucusError, KnowledgeError) as error:
        print(f"caucus: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output has gone, as in `caucus … | head`
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:  # a full disk, a folder that cannot be written
        print(f"caucus: {error.filename or 'the system'}: {error.strerror or error}", file=sys.stderr)
        sys.exit(1)
