"""`caucus wechat …`: the official account as a whole."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.shared import database, print_json, settings
from bot.errors import Refused, SendError
from bot.messages import Choice
from bot.wiring_ground import clock
from bot.wiring_tencent import assemble, publish_menu
from knowledge.load import load

app = typer.Typer(help="The WeChat official account.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """The WeChat official account."""


@app.command(epilog="Example: caucus wechat menu --show")
def menu(
    show: Annotated[bool, typer.Option("--show", help="Print it instead of making it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value.")] = False,
) -> None:
    """Make the account's menu (自定义菜单): questions by theme, follow-ups, help. It replaces the one that is there."""
    found = settings()
    themes = [Choice(id=f"theme:{theme.id}", title=theme.title.zh) for theme in load().themes.values()]
    try:
        made = publish_menu(assemble(found, database(), clock(found)), themes, show=show)
    except SendError as error:
        raise Refused(f"the menu was not made: {error or type(error).__name__}; see `caucus doctor wechat`") from None
    if as_json:
        print_json(made)
        return
    for group in made["button"]:
        print(group["name"] + ": " + ", ".join(entry["name"] for entry in group["sub_button"]))
    print("not made, only shown" if show else "made; followers see it within 24 hours")
