"""Do secrets come in by the environment alone, and does none show?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer
from pydantic import SecretStr

from bot.cli import command_line
from bot.settings import Settings

SECRET = re.compile(r"secret|token|aes_key|_keys$|robots|(?:database|imap|send)_url")
"""What the name of a setting says that holds one: keys, tokens, addresses with a password in them."""


def options(command: Any, path: str = "caucus") -> Iterator[tuple[str, str]]:
    """(command, option) of the whole command line."""
    for name, under in getattr(command, "commands", {}).items():
        yield from options(under, f"{path} {name}")
    for each in command.params:
        yield from ((path, word) for word in each.opts)


def test_every_secret_hides_itself_and_stands_on_no_command_line() -> None:
    """What is on a command line can be read by everybody on the machine, and stays in the shell's history."""
    hidden = {name for name, field in Settings.model_fields.items() if field.annotation is SecretStr or "SecretStr" in str(field)}
    named = {name for name in Settings.model_fields if SECRET.search(name)}
    assert named <= hidden, named - hidden
    assert len(named) > 15
    found = list(options(typer.main.get_command(command_line())))
    assert len(found) > 80
    assert [each for each in found if re.search("secret|password|api-?key", each[1])] == []
