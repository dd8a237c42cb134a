"""`caucus mail ingest`: one mail through the very intake, as the mail server would hand it over."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.shared import database, moment, print_json, settings
from bot.errors import Refused
from bot.followups.copied import Envelope
from bot.followups.intake import told
from bot.followups.known import state_from
from bot.followups.mail_due import due
from bot.wiring_ground import clock
from bot.wiring_mail import LARGEST_MAIL, mail_intake, take_in_mail

app = typer.Typer(help="Copied e-mail.", no_args_is_help=True, rich_markup_mode=None)
_EXAMPLE = "Example: caucus mail ingest copy.eml --rcpt fu.k7q2m6xwb4ta3zhn@in.acme.test --mail-from anna@acme.test --json"


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
    """Take in one mail and tell what came of it; the same mail again does nothing and tells the same."""
    outcome = _tried(given, file, rcpt, mail_from, now) if given else _noted(file, rcpt, mail_from, now)
    if as_json:
        print_json(outcome)
        return
    print(f"{outcome['action']}: {outcome['says']}")
    for followup in outcome["followups"]:
        who = ", ".join(followup["recipients"])
        print(f"  {followup['id'] or 'new'} [{followup['kind']}, {followup['state']}] {followup['subject']}: {who}")
    for warning in outcome["warnings"]:
        print(f"  ! {warning}")


def _tried(given: str, file: str, rcpt: str, mail_from: str | None, now: str) -> dict[str, Any]:
    """Against a throw-away state."""
    try:
        value: Any = json.loads(Path(given).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise Refused(f"{given} cannot be read: {error}") from None
    if now and isinstance(value, dict):
        value["now"] = moment(now).isoformat()
    state = state_from(value)
    envelope = Envelope(state.mail_from if mail_from is None else mail_from, rcpt or state.person.address)
    mail, judgement = take_in_mail(_raw(file), envelope, state)
    return told(judgement, mail, state, due=due)


def _noted(file: str, rcpt: str, mail_from: str | None, now: str) -> dict[str, Any]:
    """Against the database, as the mail ports do it."""
    if not rcpt or mail_from is None:
        raise typer.BadParameter('--rcpt and --mail-from are needed (or --given); a bounce has --mail-from ""')
    found = settings()
    if now and found.env == "production":
        raise Refused("--now is for development only")
    raw, at = _raw(file), moment(now) if now else None
    intake = mail_intake(found, database(), clock(found), ("web", "terminal"))
    return intake.take(Envelope(mail_from, rcpt), raw, at)


def _raw(file: str) -> bytes:
    """The bytes of the mail, one more than allowed at most."""
    try:
        if file == "-":
            return sys.stdin.buffer.read(LARGEST_MAIL + 1)
        with Path(file).open("rb") as opened:
            return opened.read(LARGEST_MAIL + 1)
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error}") from None
