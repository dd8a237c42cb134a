"""`caucus knowledge …`: for curators."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli import layer
from bot.cli.shared import database, print_json
from bot.conversations import unanswered
from bot.conversations.gaps import grouped
from bot.db import reading
from bot.errors import Refused
from knowledge.load import SHIPPED, KnowledgeBase, load
from knowledge.schema import LANGS, Card

app = typer.Typer(help="Check, count and export what the coach knows.", no_args_is_help=True)
app.add_typer(layer.commands, name="layer")
Folder = Annotated[Path, typer.Option("--folder", help="Another knowledge folder than the shipped one.")]


@app.command(epilog="Example: caucus knowledge check")
def check(folder: Folder = SHIPPED) -> None:
    """Every problem with file and line; exit code 1 when there is one."""
    from knowledge.check import check as problems_of

    problems = problems_of(load(folder))
    for problem in problems:
        print(problem)
    if problems:
        raise Refused(f"{len(problems)} problems")
    print("no problems")


@app.command(epilog="Example: caucus knowledge stats --json")
def stats(as_json: Annotated[bool, typer.Option("--json", help="One JSON value.")] = False, folder: Folder = SHIPPED) -> None:
    """How much the coach knows: cards, phrasings by language, claims given and not."""
    found = counts(load(folder))
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        print(f"{name}: {value}")


@app.command(epilog="Example: caucus knowledge schema > card.schema.json")
def schema() -> None:
    """The JSON Schema of a card file, for editors."""
    print_json(Card.model_json_schema())


@app.command(epilog="Example: caucus knowledge export handbook/")
def export(folder: Annotated[Path, typer.Argument(help="Where to write the four files.")]) -> None:
    """Write the handbook: Markdown and HTML, English and Chinese."""
    from bot.conversations import handbook  # no other command should wait for its libraries

    kb = load()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for lang in LANGS:
            for ending, text in (("md", handbook.markdown(kb, lang)), ("html", handbook.html(kb, lang))):
                path = folder / f"handbook.{lang}.{ending}"
                path.write_text(text, encoding="utf-8")
                print(path)
    except OSError as error:
        raise Refused(f"{folder} cannot be written: {error.strerror}") from None


@app.command(epilog="Example: caucus knowledge gaps --json")
def gaps(as_json: Annotated[bool, typer.Option("--json", help="One JSON value.")] = False) -> None:
    """What people asked and did not get, grouped by likeness, each group with the likely card: proposed phrasings."""
    with reading(database()) as session:
        found = grouped(unanswered.waiting(session))
    if as_json:
        print_json(found)
        return
    for group in found:
        print(f"{group['count']:>4}  {group['likely'] or 'no card'}  {', '.join(group['reasons'])}")
        for said in group["phrasings"]:
            print(f"        {said}")


def counts(kb: KnowledgeBase) -> dict[str, Any]:
    """The figures of `stats`."""
    given = {claim for card in kb.cards.values() for claim in card.given_claims()}
    return {
        "cards": len(kb.cards),
        "phrasings": {lang: sum(len(card.phrasings.of(lang)) for card in kb.cards.values()) for lang in LANGS},
        "fewest_phrasings": {lang: min(len(card.phrasings.of(lang)) for card in kb.cards.values()) for lang in LANGS},
        "commands": len(kb.commands),
        "command_phrasings": {lang: sum(len(c.phrasings.of(lang)) for c in kb.commands.values()) for lang in LANGS},
        "out_of_scope": sum(len(group.of(lang)) for group in kb.out_of_scope.values() for lang in LANGS),
        "flows": {name: len(flow.rules) for name, flow in kb.flows.items()},
        "claims": {"given": len(given), "missing": sorted(set(kb.claims) - given)},
    }
