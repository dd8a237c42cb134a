"""`caucus when`: how is a time expression read? The grammar alone: no settings, no database."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import typer

from bot.cli.shared import print_json
from bot.errors import Refused
from bot.followups.times import DEFAULT_THEIR_ZONE, When, read
from bot.intents.normalise import language
from bot.messages import Lang


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command(
        "when",
        epilog='Example: caucus when "Thursday morning their time" --now 2026-11-25T10:30:00-05:00 --zone America/New_York',
    )(when)


def when(
    text: Annotated[str, typer.Argument(help="The words to read, in English, Chinese or both.")],
    now: Annotated[str, typer.Option(help="The present moment, ISO with offset.")],
    zone: Annotated[str, typer.Option(help="The user's time zone, such as Europe/Berlin.")],
    their_zone: Annotated[str, typer.Option(help="The counterpart's time zone.")] = DEFAULT_THEIR_ZONE,
    lang: Annotated[str, typer.Option(help="Answer in en or zh; otherwise in the language of the words.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value.")] = False,
) -> None:
    """Tell when an expression is, what else it may mean, and what was understood."""
    found = read(text, _moment(now), zone, their_zone, lang=_lang(lang, text))
    if as_json:
        print_json(told(found))
        return
    print(found.understood or "no time in it")
    if found.warning and found.warning != found.understood:
        print(f"({found.warning})")


def told(found: When) -> dict[str, Any]:
    """What was read as JSON: `ambiguous` says whether to ask, `alternatives` what to offer then."""
    return {
        "at": found.at.isoformat() if found.at else None,
        "ambiguous": bool(found.ambiguous),
        "alternatives": [{"at": one.at.isoformat(), "en": one.en, "zh": one.zh} for one in found.ambiguous],
        "understood": found.understood,
        "whose": found.whose,
        "explicit_time": found.explicit_time,
        "span": list(found.span),
        "warning": found.warning,
    }


def _moment(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"--now {text[:60]!r} is not a time; write it like 2026-11-25T10:30:00-05:00") from None
    if moment.utcoffset() is None:
        raise Refused(f"--now {text!r} has no offset; write it like 2026-11-25T10:30:00-05:00")
    return moment


def _lang(lang: str, text: str) -> Lang:
    if lang not in ("", "en", "zh"):
        raise typer.BadParameter("the languages are en and zh")
    if lang == "en" or lang == "zh":
        return lang
    return language(text) or "en"
