"""`caucus evaluate`: how well are questions understood?"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.shared import assembled, print_json
from bot.errors import Refused
from bot.intents.evaluate import Given, figures, outcome, read_questions
from bot.intents.match import Understanding
from bot.intents.report import page


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("evaluate", epilog="Example: caucus evaluate tests/data/questions.jsonl")(evaluate)


def evaluate(
    file: Annotated[Path, typer.Argument(help="Labelled questions, a JSON line each: id, text, lang, labels.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Also write a page with curves, confusions and the worst errors here.")
    ] = None,
    show: Annotated[str, typer.Option(help="Also list the questions with this outcome, such as 'sure but wrong'.")] = "",
) -> None:
    """The share right at once, within one tap, sure but wrong, and of strangers' topics declined."""
    try:
        questions = read_questions([_read(number, line) for number, line in enumerate(_lines(file), 1)])
    except (OSError, ValueError) as error:
        raise Refused(f"{file}: {error}") from None
    matcher = assembled().matcher
    answers: list[Given] = []
    meant: list[Understanding] = []
    for question in questions:
        understood = matcher.understand(question.text)
        meant.append(understood)
        choices = tuple(c.intent for c in understood.offered) if understood.decision == "ask" else ()
        answers.append(Given(understood.decision, understood.intent, choices))
        if show and outcome(question, answers[-1]) == show:
            best = ", ".join(f"{c.intent} {c.probability:.2f}" for c in understood.candidates[:3])
            print(
                f"{question.id} {question.text!r} wants {'/'.join(question.labels)}: {best}; none {understood.out_of_scope:.2f}"
            )
    found = figures(questions, answers)
    if report:
        report.mkdir(parents=True, exist_ok=True)
        file = report / "understanding.html"
        file.write_text(page(questions, meant, answers, matcher.head.thresholds, matcher.head.made_of), encoding="utf-8")
        print(f"written: {file}", file=sys.stderr)
    if as_json:
        print_json(found)
        return
    names = list(next(iter(found.values())))
    print(" " * 6 + "".join(f"{name:>16}" for name in names))
    for group, row in found.items():
        print(f"{group:6}" + "".join(f"{row[name]:>16}" for name in names))


def _lines(file: Path) -> list[str]:
    """Only a line feed ends a line (JSON may hold U+2028 as it is); the last one may have it too."""
    return file.read_text(encoding="utf-8").rstrip().split("\n")


def _read(number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        raise ValueError(f"line {number} is not JSON") from None
