"""Do the lock files still fit pyproject.toml, and do they name no index? Run by `make check`; asks no network."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

REPO = Path(__file__).parent.parent
LOCKS = {"requirements.lock": ("build",), "requirements-dev.lock": ("build", "dev")}


def problems() -> list[str]:
    """Each dependency that is not pinned, each pin without hashes, each address."""
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[str] = []
    for name, groups in LOCKS.items():
        lock = (REPO / name).read_text(encoding="utf-8")
        pinned = {_bare(match) for match in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)}
        wanted = list(project["project"]["dependencies"])
        wanted += [line for group in groups for line in project["dependency-groups"][group] if isinstance(line, str)]
        found += [f"{name}: {line} is not pinned" for line in wanted if _bare(re.split(r"[\[<>=!~; ]", line)[0]) not in pinned]
        entries = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)[1:]
        found += [f"{name}: {entry.split()[0]} has no hash" for entry in entries if "--hash=sha256:" not in entry]
        if re.search(r"https?://|--index-url|--find-links|file:", lock):
            found.append(f"{name}: names an address")
    return found


def _bare(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    for problem in problems():
        print(problem)
    sys.exit(1 if problems() else 0)
