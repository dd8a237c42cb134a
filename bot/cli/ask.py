"""`caucus ask` and `caucus chat`: the coach in the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import logs
from bot.cli.shared import assembled, print_json
from bot.errors import Refused
from bot.messages import Card, Lang
from knowledge.schema import LANGS

if TYPE_CHECKING:
    from bot.wiring import App


def add_to(app: typer.Typer) -> None:
    """Register both commands."""
    app.command("ask", epilog='Example: caucus ask "They asked for exclusivity, what do I say?"')(ask)
    app.command("chat", epilog="Example: caucus chat")(chat)


def ask(
    text: Annotated[str, typer.Argument(help="The question, in your own words.")] = "",
    lang: Annotated[str, typer.Option(help="Answer in en or zh; otherwise in the language of the question.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value.")] = False,
    batch: Annotated[str, typer.Option(help="A file of JSON lines {id, text, lang?}, or - for standard input.")] = "",
) -> None:
    """Ask one question, or a batch of independent ones; nothing is kept."""
    forced = _lang(lang)
    if bool(text) == bool(batch):
        raise typer.BadParameter("give a question or --batch FILE")
    app = assembled()
    from bot.wiring import terminal  # loaded by now

    shown = terminal(app)
    if batch:
        for number, line in _lines(batch):
            print_json(_answered(app, shown.as_text, line, number, forced))
        return
    understood, cards = app.coach.ask_apart(text, forced)
    if as_json:
        print_json({**_decision(understood), "cards": [card.model_dump(mode="json") for card in cards]})
    else:
        for card in cards:
            shown.show(card)


def chat() -> None:
    """Talk with the coach; leave with Ctrl-D."""
    app = assembled()
    from bot.wiring import terminal

    logs.hush()  # they would stand between the lines of the talk
    terminal(app).talk()


def _answered(app: App, as_text: Callable[[Iterable[Card]], str], line: str, number: int, forced: Lang | None) -> dict[str, Any]:
    try:
        given = json.loads(line)
        text, name, lang = str(given["text"]), given["id"], str(given.get("lang") or "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Refused(f'line {number} is not a JSON object with "id" and "text"') from None
    if lang not in ("", *LANGS):
        raise Refused(f"line {number}: the languages are {' and '.join(LANGS)}, not {lang}")
    understood, cards = app.coach.ask_apart(text, forced or _lang(lang))
    return {"id": name, **_decision(understood), "text": as_text(cards)}


def _decision(understood: Any) -> dict[str, Any]:
    top = understood.candidates[0].probability if understood.candidates else 0.0
    return {
        "decision": understood.decision,
        "intent": understood.intent,
        "choices": [c.intent for c in understood.offered] if understood.decision == "ask" else [],
        "confidence": round(1 - understood.out_of_scope if understood.decision == "unknown" else top, 4),
    }


def _lines(batch: str) -> list[tuple[int, str]]:
    """The lines that say something, with their number from 1. Only a line feed ends a line: JSON may hold U+2028 as it is."""
    try:
        text = sys.stdin.read() if batch == "-" else Path(batch).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{batch} cannot be read: {error}") from None
    return [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def _lang(lang: str) -> Lang | None:
    if lang == "en":
        return "en"
    if lang == "zh":
        return "zh"
    if lang:
        raise typer.BadParameter("the languages are en and zh")
    return None
