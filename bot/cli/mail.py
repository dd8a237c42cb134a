"""`caucus mail ingest`: one mail through the very intake, as the mail server would hand it over."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.shared import print_json
from bot.errors import Refused
from bot.followups.copied import Envelope
from bot.followups.intake import told
from bot.followups.known import State, state_from
from bot.wiring import LARGEST_MAIL, take_in_mail

app = typer.Typer(help="Copied e-mail.", no_args_is_help=True, rich_markup_mode=None)
_EXAMPLE = (
    "Example: caucus mail ingest copy.eml --rcpt fu.k7q2m6xwb4ta3zhn@in.acme.test --mail-from anna@acme.test --given state.json"
)


@app.callback()
def family() -> None:
    """Copied e-mail."""


@app.command("ingest", epilog=_EXAMPLE)
def ingest(
    file: Annotated[str, typer.Argument(help="The mail as it came (.eml), or - for standard input.")],
    rcpt: Annotated[str, typer.Option(help="The address of ours that it was sent to.")] = "",
    mail_from: Annotated[str | None, typer.Option(help='The envelope sender; "" for bounces.')] = None,
    now: Annotated[str, typer.Option(help="The time, ISO 8601 with offset.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value.")] = False,
    given: Annotated[str, typer.Option(help="A file with a throw-away state (JSON); the database is left alone.")] = "",
) -> None:
    """Take in one mail and tell what came of it."""
    if not given:
        raise Refused("mail ingest runs against a given state only (--given STATE.json): the database side is not there yet")
    state = _state(given, now)
    envelope = Envelope(state.mail_from if mail_from is None else mail_from, rcpt or state.person.address)
    mail, judgement = take_in_mail(_raw(file), envelope, state)
    outcome = told(judgement, mail, state)
    if as_json:
        print_json(outcome)
        return
    print(f"{outcome['action']}: {outcome['says']}")
    for followup in outcome["followups"]:
        who = ", ".join(followup["recipients"])
        print(f"  {followup['id'] or 'new'} [{followup['kind']}, {followup['state']}] {followup['subject']}: {who}")
    for warning in outcome["warnings"]:
        print(f"  ! {warning}")


def _state(given: str, now: str) -> State:
    try:
        value: Any = json.loads(Path(given).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise Refused(f"{given} cannot be read: {error}") from None
    if now:
        try:
            at = dt.datetime.fromisoformat(now)
        except ValueError:
            raise typer.BadParameter("is not ISO 8601, such as 2026-11-25T10:30:00-05:00", param_hint="--now") from None
        if at.tzinfo is None:
            raise typer.BadParameter("needs an offset, such as 2026-11-25T10:30:00-05:00", param_hint="--now")
        if isinstance(value, dict):
            value["now"] = now
    return state_from(value)


def _raw(file: str) -> bytes:
    """The bytes of the mail, one more than allowed at most."""
    try:
        if file == "-":
            return sys.stdin.buffer.read(LARGEST_MAIL + 1)
        with Path(file).open("rb") as opened:
            return opened.read(LARGEST_MAIL + 1)
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error}") from None
