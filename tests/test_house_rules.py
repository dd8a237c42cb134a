"""Does the house still look as agreed? Rules over the text of the repository, not its behaviour."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import PREFIX, Settings
from tests.conftest import REPO

PACKAGES = ("bot", "knowledge", "adapters")
SHORTEST, LONGEST = 5, 250
EMPTY_NAMES = {
    "manager",
    "helper",
    "helpers",
    "utils",
    "util",
    "service",
    "services",
    "handler",
    "handlers",
    "processor",
    "base",
    "core",
    "common",
}
"""They say nothing."""
VENDORS = {"slack_bolt": "slack", "slack_sdk": "slack", "wechatpy": "tencent"}
"""Library → the adapters that may import it."""
READS_ENVIRONMENT = ("bot/settings.py", "bot/cli/")
NOT_CHANNELS = {
    "console": "the curators' pages; nobody is coached there",
    "site": "what the web chat and the console share; no channel itself",
    "tencent": "what WeChat and WeCom share; no channel itself",
    "email": "takes in copied mail only; never shows a card and never answers by mail",
}
SAYS_WHY = re.compile(r"#\s*noqa: [A-Z]+\d+(, ?[A-Z]+\d+)* +([-–(]) ?\S")
NOT_OURS = {".venv", "var", "node_modules", "dist", "__pycache__"}


def sources(*folders: str) -> list[Path]:
    """The Python files below these folders of the repository."""
    found = [path for folder in folders for path in sorted((REPO / folder).rglob("*.py"))]
    return [path for path in found if not NOT_OURS & set(path.parts)]


def name(path: Path) -> str:
    """A path as people write it."""
    return path.relative_to(REPO).as_posix()


def everything() -> Iterator[Path]:
    """Every file of the repository that is ours; tools' caches begin with a dot."""
    for path in sorted(REPO.rglob("*")):
        parts = path.relative_to(REPO).parts
        hidden = any(part.startswith(".") and part not in (".ci", ".github", ".gitignore") for part in parts)
        if path.is_file() and not hidden and not NOT_OURS & set(parts):
            yield path


def imported(path: Path) -> set[str]:
    """The top names of all modules that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def uses(path: Path, module: str, *names: str) -> list[int]:
    """The lines on which `module.name` is used, or `from module import name`."""
    lines: list[int] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        dotted = (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == module
            and node.attr in names
        )
        taken = isinstance(node, ast.ImportFrom) and node.module == module and {alias.name for alias in node.names} & set(names)
        if dotted or taken:
            lines.append(node.lineno)
    return lines


@pytest.mark.parametrize("path", sources(*PACKAGES), ids=name)
def test_a_module_says_what_it_is_for_and_is_short(path: Path) -> None:
    text = path.read_text("utf-8")
    assert ast.get_docstring(ast.parse(text)), "no module docstring"
    lines = len(text.splitlines())
    assert lines <= LONGEST, f"{lines} lines"
    assert lines >= SHORTEST or path.name == "__init__.py", f"{lines} lines"


@pytest.mark.parametrize("path", sources(*PACKAGES, "tests"), ids=name)
def test_no_module_or_folder_has_a_name_that_says_nothing(path: Path) -> None:
    assert not EMPTY_NAMES & {part.removesuffix(".py") for part in path.relative_to(REPO).parts}


def test_no_class_has_a_name_that_says_nothing() -> None:
    words = {word.rstrip("s") for word in EMPTY_NAMES} - {"base", "core", "common"}  # a knowledge base is one
    found = [
        f"{name(path)}: {node.name}"
        for path in sources(*PACKAGES)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and words & {word.lower() for word in re.findall(r"[A-Z][a-z]+", node.name)}
    ]
    assert found == []


def test_only_settings_and_the_command_line_read_the_environment() -> None:
    found = {
        f"{name(path)}:{line}"
        for path in sources(*PACKAGES)
        if not name(path).startswith(READS_ENVIRONMENT)
        for line in uses(path, "os", "environ", "getenv", "environb")
    }
    assert found == set()


def test_nobody_sleeps() -> None:
    found = {f"{name(path)}:{line}" for path in sources(*PACKAGES) for line in uses(path, "time", "sleep")}
    assert found == set()


@pytest.mark.parametrize("library", VENDORS)
def test_a_vendors_library_stays_in_its_adapter(library: str) -> None:
    homes = VENDORS[library] if isinstance(VENDORS[library], tuple) else (VENDORS[library],)
    allowed = tuple(f"adapters/{home}/" for home in homes)
    assert [name(p) for p in sources(*PACKAGES) if library in imported(p) and not name(p).startswith(allowed)] == []


def test_the_knowledge_and_the_understanding_of_it_know_no_database_network_or_clock() -> None:
    forbidden = {"sqlalchemy", "httpx", "fastapi", "socket", "requests", "urllib"}
    paths = sources("knowledge", "bot/intents")
    assert [name(path) for path in paths if forbidden & imported(path)] == []
    assert [name(path) for path in paths if uses(path, "time", "time", "monotonic") or uses(path, "dt", "now")] == []


def channels() -> list[str]:
    """The folders of adapters/."""
    return sorted(path.name for path in (REPO / "adapters").iterdir() if path.is_dir() and list(path.glob("*.py")))


@pytest.mark.parametrize("channel", channels())
def test_every_channel_passes_the_channel_contract(channel: str) -> None:
    tested = False
    for path in sources("tests/adapters"):
        tree = ast.parse(path.read_text("utf-8"))
        classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
        heirs = [c.name for c in classes if any(isinstance(b, ast.Name) and b.id == "ChannelContract" for b in c.bases)]
        tested |= bool(heirs) and f"adapters.{channel}" in path.read_text("utf-8")
    assert tested or channel in NOT_CHANNELS, f"no class in tests/adapters inherits ChannelContract for adapters/{channel}"


def test_what_is_excused_from_the_contract_exists() -> None:
    assert set(NOT_CHANNELS) <= set(channels())


def test_the_example_of_an_environment_lists_every_setting_and_nothing_else_in_order() -> None:
    text = (REPO / "deploy" / "env.example").read_text("utf-8")
    listed = re.findall(r"(?m)^#? ?([A-Z][A-Z0-9_]*)=", text)
    assert listed == [PREFIX + field.upper() for field in Settings.model_fields]


BUILD_MACHINE = re.compile(r"(?<![\w.~-])/(?:home|root|tmp|work|Users)/[\w.]")
"""A path of somebody's own folders: the project speaks of none."""


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    found = []
    for path in everything():
        if path.suffix in (".png", ".npz", ".woff2", ".ico") or path.name == Path(__file__).name:
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        found += [f"{name(path)}: {match.group()}" for match in BUILD_MACHINE.finditer(text)]
    assert found == []


def test_the_pattern_of_build_machines_finds_one() -> None:
    assert BUILD_MACHINE.search("see /" + "work/main/bot")
    assert BUILD_MACHINE.search("in /" + "tmp/bash_jobs.0/x")
    assert not BUILD_MACHINE.search("https://example.com/" + "work/main")


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_file_has_hashes_and_no_address(lock: str) -> None:
    lines = (REPO / lock).read_text("utf-8").splitlines()
    assert [line for line in lines if re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host", line)] == []
    pins = [line for line in lines if re.match(r"[a-z0-9][\w.-]*(\[[\w,-]+\])?==", line, re.IGNORECASE)]
    assert len(pins) > 20
    assert len([line for line in lines if "--hash=sha256:" in line]) >= len(pins)
    assert [line for line in pins if not line.rstrip().endswith("\\")] == []


@pytest.mark.parametrize("file", ["LICENSE", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_the_papers_of_the_house_are_there(file: str) -> None:
    assert (REPO / file).read_text("utf-8").strip()


def test_what_is_not_for_the_repository_is_ignored() -> None:
    ignored = (REPO / ".gitignore").read_text("utf-8").split()
    assert {".venv/", "var/", "__pycache__/"} <= set(ignored)


@pytest.mark.parametrize("path", sources("tests"), ids=name)
def test_tests_mock_nothing(path: Path) -> None:
    assert "unittest" not in imported(path)


def test_every_lint_exception_in_the_code_has_its_reason() -> None:
    found = [
        f"{name(path)}:{number}"
        for path in sources(*PACKAGES)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(r"#\s*noqa", line) and not SAYS_WHY.search(line)
    ]
    assert found == []
