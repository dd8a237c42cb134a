"""`caucus knowledge layer …`: the team's own knowledge over the shipped one."""

from __future__ import annotations

import datetime as dt
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.shared import assembled, database, print_json
from bot.curation.learn import LOOK
from bot.curation.review import Curation, Told, changes
from bot.db import reading, writing
from bot.errors import Refused
from bot.people import directory
from knowledge.load import load

if TYPE_CHECKING:
    from bot.wiring import App

commands = typer.Typer(help="The team's own cards, phrasings, hidden cards and changed texts.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON value.")]
As = Annotated[str, typer.Option("--as", help="The curator: id, e-mail or address.")]


@commands.command(epilog="Example: caucus knowledge layer export > layer.yaml")
def export(file: Annotated[Path | None, typer.Argument(help="Where to write it; otherwise on standard output.")] = None) -> None:
    """The live layer as YAML, for review by pull request."""
    with reading(database()) as session:
        text = Curation(load()).export(session)
    if file is None:
        sys.stdout.write(text)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}") from None
    print(file)


@commands.command("import", epilog="Example: caucus knowledge layer import layer.yaml --as lin@example.com --approve")
def import_(
    file: Path,
    as_: As,
    approve: Annotated[bool, typer.Option("--approve", help="Also accept it and wait until it is live.")] = False,
    as_json: Json = False,
) -> None:
    """Propose that the layer be this file. A broken one is refused whole, with every reason."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    with writing(database()) as session:
        row = Curation(load()).import_(session, text, directory.find(session, as_), _now())
    _go_on(row.id, as_, approve=approve, as_json=as_json)


@commands.command("list", epilog="Example: caucus knowledge layer list --json")
def list_(as_json: Json = False) -> None:
    """The newest changes: state, who, when, and what they touch."""
    with reading(database()) as session:
        found = changes(session)
    if as_json:
        print_json([_told(told) for told in found])
        return
    for told in found:
        version = f"version {told.version}" if told.version else ""
        print(
            f"{told.id:>4}  {told.state:9} {told.proposed_at:%Y-%m-%d %H:%M}  {told.part}  {told.proposed_by or '-'}  {version}"
        )


@commands.command(epilog="Example: caucus knowledge layer approve 7 --as lin@example.com")
def approve(
    change: int,
    as_: As,
    despite: Annotated[
        bool, typer.Option("--despite", help="Also when the coach is sure that a phrasing means something else.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Accept a change, learn it and make it live; exit code 1 when it is refused, with the questions it would harm."""
    _approve(change, as_, despite=despite, as_json=as_json)


@commands.command(epilog="Example: caucus knowledge layer undo 3 --as lin@example.com --approve")
def undo(
    version: int,
    as_: As,
    approve: Annotated[bool, typer.Option("--approve", help="Also accept it and wait until it is live.")] = False,
    as_json: Json = False,
) -> None:
    """Propose what takes a live version back."""
    with writing(database()) as session:
        row = Curation(load()).undo(session, version, directory.find(session, as_), _now())
    _go_on(row.id, as_, approve=approve, as_json=as_json)


def _go_on(change: int, as_: str, *, approve: bool, as_json: bool) -> None:
    if approve:
        _approve(change, as_, despite=False, as_json=as_json)
    elif as_json:
        print_json({"id": change, "state": "review"})
    else:
        print(f"change {change} waits for review: caucus knowledge layer approve {change} --as …")


def _approve(change: int, as_: str, *, despite: bool, as_json: bool) -> None:
    app = assembled(later=True)
    with writing(app.engine) as session:
        app.knowing.curation.decide(session, change, directory.find(session, as_), True, _now(), despite=despite)
    told = _ended(app, change)
    if as_json:
        print_json(_told(told))
    else:
        print(f"change {change}: {told.state}" + (f", version {told.version}" if told.version else ""))
        for line in _lines(told.report):
            print(f"  {line}")
    if told.state != "live":
        raise Refused(told.report.get("reason", f"change {change} is {told.state}"))


def _ended(app: App, change: int) -> Told:
    """Learn until this change is decided; another process may learn it, and those accepted before it come first."""
    while True:
        took = app.knowing.learner.once()
        with reading(app.engine) as session:
            told = next(told for told in changes(session) if told.id == change)
        if told.state != "accepted":
            return told
        if took is None:
            threading.Event().wait(LOOK)


def _lines(report: dict[str, Any]) -> list[str]:
    named = (
        ("questions", "known question"),
        ("wrong", "not understood so"),
        ("elsewhere", "means something else"),
        ("moved", "moves"),
    )
    return [
        f"{name}: {each['text']!r} ({each['wanted']}): {each.get('before', '')} → {each['now']}"
        for key, name in named
        for each in report.get(key, [])
    ]


def _told(told: Told) -> dict[str, Any]:
    return {**asdict(told), "change": told.change.model_dump(mode="json")}


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
