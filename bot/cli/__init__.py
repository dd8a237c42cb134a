"""The command line: every command of the contract, one module a family.

Only the family that is called is loaded: all together take seconds of imports, most of them half of that.
Exit code 0: done. 1: refused, with the reason on standard error. 2: wrong usage.
"""

from __future__ import annotations

import importlib
import sys

import typer

from bot.errors import CaucusError
from knowledge.document import KnowledgeError

_FAMILIES = {
    "ask": "ask",
    "chat": "ask",
    "serve": "serve",
    "evaluate": "evaluate",
    "flow": "flow",
    "doctor": "doctor",
    "when": "when",
    "work": "work",
    "knowledge": "knowledge:app",
    "person": "people:app",
    "broadcast": "broadcast:app",
    "followup": "followups:app",
    "contact": "followups:contact_app",
    "key": "keys:app",
    "db": "database:app",
    "mail": "mail:app",
    "wechat": "wechat:app",
    "workspace": "workspaces:app",
}
"""Each first word of the contract, and the module that adds it, or that holds its family of commands."""


def command_line(word: str = "") -> typer.Typer:
    """The command line with the family of this first word alone; with all of them for any other word."""
    app = typer.Typer(
        name="caucus",
        help="The private huddle before you answer the other side.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,
    )
    app.callback()(lambda: None)  # so that one command alone keeps its name
    added = set[str]()
    for name in (word,) if word in _FAMILIES else _FAMILIES:
        where, _, family = _FAMILIES[name].partition(":")
        module = importlib.import_module(f"bot.cli.{where}")
        if family:
            app.add_typer(getattr(module, family), name=name)
        elif where not in added:
            module.add_to(app)
            added.add(where)
    return app


def main() -> None:
    """Run a command; every refusal becomes one clear line and exit code 1."""
    try:
        command_line(next((word for word in sys.argv[1:] if not word.startswith("-")), ""))()
    except (CaucusError, KnowledgeError) as error:
        print(f"caucus: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output has gone, as in `caucus … | head`
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:  # a full disk, a folder that cannot be written
        print(f"caucus: {error.filename or 'the system'}: {error.strerror or error}", file=sys.stderr)
        sys.exit(1)
