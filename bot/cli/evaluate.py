"""`caucus evaluate`: how well are questions understood?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.shared import assembled, print_json
from bot.errors import Refused
from bot.intents.evaluate import Given, figures, outcome, read_questions


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command("evaluate", epilog="Example: caucus evaluate tests/data/questions.jsonl")(evaluate)


def evaluate(
    file: Annotated[Path, typer.Argument(help="Labelled questions, a JSON line each: id, text, lang, labels.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value.")] = False,
    show: Annotated[str, typer.Option(help="Also list the questions with this outcome, such as 'sure but wrong'.")] = "",
) -> None:
    """The share right at once, within one tap, sure but wrong, and of strangers' topics declined."""
    try:
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        questions = read_questions(lines)
    except (OSError, ValueError) as error:
        raise Refused(f"{file}: {error}") from None
    matcher = assembled().matcher
    answers: list[Given] = []
    for question in questions:
        understood = matcher.understand(question.text)
        choices = tuple(c.intent for c in understood.offered) if understood.decision == "ask" else ()
        answers.append(Given(understood.decision, understood.intent, choices))
        if show and outcome(question, answers[-1]) == show:
            best = ", ".join(f"{c.intent} {c.probability:.2f}" for c in understood.candidates[:3])
            print(
                f"{question.id} {question.text!r} wants {'/'.join(question.labels)}: {best}; none {understood.out_of_scope:.2f}"
            )
    found = figures(questions, answers)
    if as_json:
        print_json(found)
        return
    names = list(next(iter(found.values())))
    print(" " * 6 + "".join(f"{name:>16}" for name in names))
    for group, row in found.items():
        print(f"{group:6}" + "".join(f"{row[name]:>16}" for name in names))
