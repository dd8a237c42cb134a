"""Does `caucus serve` open where the settings say, answer, and end in order when it is told to?"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from bot.intents.match import Matcher
from tests.conftest import REPO


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [[], ["--port", "0"]], ids=["by the settings", "any free port"])
def test_serve_opens_answers_and_ends_when_told(tmp_path: Path, matcher: Matcher, arguments: list[str]) -> None:
    assert matcher.head.classes  # learnt, and so in the cache that is linked here
    (tmp_path / "cache").mkdir()
    for file in (REPO / "var" / "test-cache").glob("*.np*"):
        (tmp_path / "cache" / file.name).hardlink_to(file)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {name: value for name, value in os.environ.items() if not name.startswith("CAUCUS_")}
    server = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve", *arguments],
        cwd=REPO,
        env={**own, "CAUCUS_DATA_DIR": str(tmp_path), "CAUCUS_PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        if not arguments:
            body = json.dumps({"text": "They asked for exclusivity, what do I say?"}).encode()
            found = json.loads(asked(f"http://127.0.0.1:{port}/api/ask", body, server))
            assert found["intent"] == "exclusivity-request"
        else:
            assert server.stdout
            assert "Caucus is open at" in server.stdout.readline()
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)
    assert server.returncode in (0, -signal.SIGTERM)


def asked(url: str, body: bytes, server: subprocess.Popen[str]) -> bytes:
    """The reply, as soon as somebody listens there."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    deadline = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.read()
        except OSError:
            assert server.poll() is None, server.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.1)
