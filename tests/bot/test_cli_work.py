"""`caucus work` sends and nothing else: it needs no understanding, and ends cleanly when asked to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.conftest import KEYS, REPO


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """`caucus work` in an empty data folder, where understanding would first have to be learned."""
    settings = {"CAUCUS_DATA_DIR": str(folder), "CAUCUS_SECRET_KEYS": KEYS[0], "PYTHONPATH": str(REPO)}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CAUCUS_")} | settings
    command = [sys.executable, "-m", "bot", "work", *arguments]
    return subprocess.Popen(
        command, cwd=folder.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_once_does_what_is_due_and_ends(tmp_path: Path) -> None:
    out, errors = (process := started(tmp_path / "var", "--once", "--now", "2026-11-23T09:00:00+08:00")).communicate(timeout=60)
    assert (process.returncode, out) == (0, "0 sent or tried\n"), errors
    assert not (tmp_path / "var" / "cache").exists()


def test_it_stops_cleanly_on_sigterm(tmp_path: Path) -> None:
    process = started(tmp_path / "var")
    assert process.stdout
    assert "sends what is due" in process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert not (tmp_path / "var" / "cache").exists()
