"""`caucus work` sends and nothing else: it needs no understanding, and ends cleanly when asked to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.conftest import KEYS, REPO
from tests.mailservers import free_port


def started(folder: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """`caucus work` in an empty data folder, where understanding would first have to be learned."""
    settings = {"CAUCUS_DATA_DIR": str(folder), "CAUCUS_SECRET_KEYS": KEYS[0], "PYTHONPATH": str(REPO), **more}
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


def test_it_tells_health_and_metrics_on_a_port_of_its_own(tmp_path: Path) -> None:
    port = free_port()
    process = started(tmp_path / "var", CAUCUS_WORK_PORT=str(port))
    assert process.stdout
    assert "sends what is due" in process.stdout.readline()
    for path, word in {"/health/live": "ok", "/health/ready": '"database":"ok"', "/metrics": "caucus_part_ready"}.items():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            assert word in answer.read().decode()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors


def test_a_port_that_is_taken_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = started(tmp_path / "var", CAUCUS_WORK_PORT=str(taken.getsockname()[1]))
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "is the port taken?" in errors
