"""`caucus broadcast …`: say something to many, from draft to report. Without --as the operator acts."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from bot.broadcasts.desk import Desk, Who, operator
from bot.cli.shared import assembled, database, print_json, settings
from bot.db import writing
from bot.people import directory
from bot.people.tables import PersonRow
from bot.wiring_ground import clock

app = typer.Typer(help="Say something to many: draft, preview, test, approve, start, and on.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON value.")]
As = Annotated[str, typer.Option("--as", help="Who acts: id, e-mail or address; otherwise the operator.")]
En = Annotated[str, typer.Option("--en", help="Own words in English.")]
Zh = Annotated[str, typer.Option("--zh", help="Own words in Chinese.")]
CardId = Annotated[str, typer.Option("--card", help="Instead of own words: a card.")]
Tip = Annotated[str, typer.Option("--tip", help="Instead: one tip, as card/number, from 0.")]
Theme = Annotated[str, typer.Option("--theme", help="Instead: the tips of a theme, one each run.")]
At = Annotated[str, typer.Option("--at", help="At a moment, ISO with offset.")]
Local = Annotated[str, typer.Option("--local", help="At a time on everybody's own clock, such as 2026-11-30T09:30.")]
Cron = Annotated[str, typer.Option("--cron", help="Again and again: minute hour day month weekday, such as '30 9 * * mon'.")]
Zone = Annotated[str, typer.Option("--zone", help="Of --cron: a zone, or local for everybody's own.")]


@app.command(epilog="Example: caucus broadcast draft --as anna@acme.test --segment workspace --en 'Ask twice.' --zh '多问一遍。'")
def draft(
    who: Annotated[str, typer.Option("--as", help="Who speaks: id, e-mail or address.")],
    segment: Annotated[str, typer.Option(help="To whom, such as workspace, wecom:department:2, lang:zh; joined by commas.")],
    en: En = "",
    zh: Zh = "",
    card: CardId = "",
    tip: Tip = "",
    theme: Theme = "",
    as_json: Json = False,
) -> None:
    """Write one down; nothing is sent before it is started."""
    given = {"segment": segment, "en": en, "zh": zh, "card": card, "tip": tip, "theme": theme}
    _show(_desk().draft(_who(who), given), as_json)


@app.command(epilog="Example: caucus broadcast change 3f2a… --as anna@acme.test --en 'Ask twice.' --zh '多问一遍。'")
def change(
    broadcast: str,
    who: As = "",
    segment: Annotated[str, typer.Option(help="To whom instead.")] = "",
    en: En = "",
    zh: Zh = "",
    card: CardId = "",
    tip: Tip = "",
    theme: Theme = "",
    as_json: Json = False,
) -> None:
    """Say something else, or to others, before it starts; what was approved has to be approved again."""
    given = {"segment": segment, "en": en, "zh": zh, "card": card, "tip": tip, "theme": theme}
    _show(_desk().act(_who(who), broadcast, "change", given), as_json)


@app.command(epilog="Example: caucus broadcast preview 3f2a… --json")
def preview(
    broadcast: str, who: As = "", at: At = "", local: Local = "", cron: Cron = "", zone: Zone = "", as_json: Json = False
) -> None:
    """Who would get it, how it looks on each channel, and what stands in the way."""
    seen = _desk().act(_who(who), broadcast, "preview", _when(at, local, cron, zone))
    if as_json:
        print_json(seen)
        return
    left = ", ".join(
        f"{seen[name]} {name.replace('_', ' ')}" for name in ("opted_out", "off", "late", "unreachable") if seen[name]
    )
    print(f"{seen['audience']} people would get it" + (f"; left out: {left}" if left else ""))
    for channel in seen["channels"]:
        print(f"\n{channel['channel']}: {channel['recipients']}")
        for line in channel["notes"]:
            print(f"  ({line})")
        for lang, messages in channel["looks"].items():
            for message in messages:
                print(f"  [{lang}] {_words(message)}")
    for line in (*seen["notes"], *(f"In the way: {line}" for line in seen["problems"])):
        print(line)


@app.command(epilog="Example: caucus broadcast start 3f2a… --as anna@acme.test --cron '30 9 * * mon' --zone local")
def start(
    broadcast: str, who: As = "", at: At = "", local: Local = "", cron: Cron = "", zone: Zone = "", as_json: Json = False
) -> None:
    """Send it: now, at a moment, at a time on everybody's own clock, or on a schedule."""
    _show(_desk().act(_who(who), broadcast, "start", _when(at, local, cron, zone)), as_json)


def _act(action: str, what: str) -> Callable[..., None]:
    def command(broadcast: str, who: As = "", as_json: Json = False) -> None:
        _show(_desk().act(_who(who), broadcast, action), as_json)

    command.__doc__ = what
    return command


for _action, _what in {
    "test": "Send it to yourself alone (the operator: to its author).",
    "approve": "Agree to it, as a second person.",
    "pause": "Send nothing more for now.",
    "resume": "Go on.",
    "cancel": "Send nothing more, ever.",
    "status": "How far it is: waiting, sent, in doubt, failed with reasons, opted out.",
    "report": "What came of it: reach, useful votes, questions that followed, who did what.",
}.items():
    app.command(_action, help=_what, epilog=f"Example: caucus broadcast {_action} 3f2a… --json")(_act(_action, _what))


@app.command("list", epilog="Example: caucus broadcast list --json")
def list_(who: As = "", as_json: Json = False) -> None:
    """The newest ones."""
    found = _desk().listed(_who(who))
    if as_json:
        print_json(found["broadcasts"])
        return
    for one in found["broadcasts"]:
        print(f"{one['id']}  {one['state']:9}  {one['segment']}")


@app.command(epilog="Example: caucus broadcast approval on --workspace slack:T0123")
def approval(
    wanted: Annotated[str, typer.Argument(help="on or off.")],
    workspace: Annotated[str, typer.Option(help="Of one workspace, such as slack:T0123; otherwise of this installation.")] = "",
) -> None:
    """Whether a second person has to approve before a broadcast starts."""
    if wanted not in ("on", "off"):
        raise typer.BadParameter("on or off")
    channel, _, name = workspace.partition(":")
    with writing(database()) as session:
        row = directory.workspace(session, channel or "web", name, clock(settings())())
        row.second_approval = wanted == "on"
    print(f"{workspace or 'this installation'}: approval by a second person {wanted}")


def _desk() -> Desk:
    return assembled(later=True).broadcasts


def _who(named: str) -> Who:
    return partial(_find, named) if named else operator


def _find(named: str, session: Session) -> PersonRow:
    return directory.find(session, named)


def _when(at: str, local: str, cron: str, zone: str) -> dict[str, str]:
    return {"at": at, "local_time": local, "cron": cron, "zone": zone}


def _words(message: Any) -> str:
    """What a reader sees of a message, roughly; --json has it exactly."""
    if isinstance(message, dict):
        message = message.get("text") if isinstance(message.get("text"), str) else _inside(message)
    return re.sub(r"\s*\n\s*", "\n       ", re.sub(r"<[^>]+>", " ", str(message)).strip())


def _inside(message: dict[str, Any]) -> str:
    body = message.get(message.get("msgtype", ""), {})
    buttons = [str(button.get("text")) for button in body.get("button_list", [])]
    return "\n".join(filter(None, [body.get("content") or body.get("sub_title_text") or body.get("head_content"), *buttons]))


def _show(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(told)
        return
    plain = {name: value for name, value in told.items() if not isinstance(value, (dict, list)) and value is not None}
    print("  ".join(f"{name} {value}" for name, value in plain.items()))
    for reason, number in told.get("reasons", {}).items():
        print(f"  {number} × {reason}")
    for line in told.get("notes", []):
        print(f"  {line}")
    for line in told.get("trail", []):
        print(f"  {line['at']}  {line['what']}  by {line['actor'] or line['by']}")
