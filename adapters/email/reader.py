"""Who reads the mails? A few processes of their own, so that a hostile mail takes neither the web's time nor the house down.

A mail that the operating system had to stop is refused as too much work; when a reader dies for any other reason the mail
stays with its sender. Runs in worker threads; waits when all readers are busy.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from typing import Any

from adapters.email.limits import KEPT, LARGEST, Unreadable
from adapters.email.reader_process import receive, send
from bot.errors import Unavailable
from bot.followups.copied import CopiedEmail, Envelope

READERS = 2
HARD_TIMEOUT = 60.0
"""Seconds by the clock, for a machine that has no time for us; the limit of processor time is the reader's own."""


class Reader:
    """Reads mails one at a time in a process that is started when first needed, and again when it has died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._since: float | None = None
        """When the mail at hand was begun, by the monotonic clock."""

    def read(self, about: dict[str, str], raw: bytes) -> dict[str, Any]:
        """The answer of the process. Raises Unreadable or Unavailable when it died."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        self._since = time.monotonic()
        try:
            send(process.stdin, json.dumps(about).encode(), raw)
            return json.loads(receive(process.stdout))
        except (EOFError, OSError):
            ended = self.stop()
            if ended == -getattr(signal, "SIGPROF", 27):
                raise Unreadable("too_much_work") from None
            raise Unavailable("the reader of mails died") from None
        finally:
            self._since = None

    def kill_after(self, seconds: float) -> None:
        """End the process if it has been at one mail for longer; whoever waits for it is told that it died."""
        process, since = self._process, self._since
        if process is not None and since is not None and time.monotonic() - since > seconds:
            process.kill()

    def stop(self) -> int | None:
        """End the process; returns its exit code."""
        process, self._process = self._process, None
        if process is None:
            return None
        for pipe in (process.stdin, process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:  # what could not be written any more
                continue
        try:
            return process.wait(2)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.stop()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "adapters.email.reader_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # an error's text may quote the mail
                env={"PYTHONPATH": os.pathsep.join(path or os.curdir for path in sys.path)},  # none of our secrets
            )
        return self._process


class ReadingRoom:
    """Some readers, each used by one thread at a time."""

    def __init__(self, readers: int = READERS, hard_timeout: float = HARD_TIMEOUT) -> None:
        self.hard_timeout = hard_timeout
        self._starting = threading.Lock()
        self._closing = threading.Event()
        self._watch: threading.Thread | None = None  # one for all: a timer for each mail took an eighth of its time
        self._all = [Reader() for _ in range(readers)]
        self._free: queue.LifoQueue[Reader] = queue.LifoQueue()
        for reader in self._all:
            self._free.put(reader)

    def read(self, raw: bytes, envelope: Envelope, authserv_id: str) -> CopiedEmail:
        """One mail as we read it. Raises Unreadable, or Unavailable when that cannot be told now."""
        if len(raw) > LARGEST:
            raise Unreadable("too_large")
        about = {"mail_from": envelope.mail_from, "rcpt": envelope.rcpt, "authserv_id": authserv_id}
        reader = self._free.get()
        self._be_watched()
        try:
            found = reader.read(about, raw[: KEPT + 1])
        finally:
            self._free.put(reader)
        if code := found.get("refused"):
            raise Unreadable(code)
        return CopiedEmail.model_validate(found["mail"])

    def close(self) -> None:
        """End all readers; those at work first finish their mail."""
        for _ in self._all:
            self._free.get().stop()
        self._closing.set()
        if self._watch is not None:
            self._watch.join()
        for reader in self._all:
            self._free.put(reader)

    def _be_watched(self) -> None:
        with self._starting:
            if self._watch is None or not self._watch.is_alive():
                self._closing.clear()
                self._watch = threading.Thread(target=self._keep_watch, name="mail readers", daemon=True)
                self._watch.start()

    def _keep_watch(self) -> None:
        while not self._closing.wait(min(1.0, self.hard_timeout)):
            for reader in self._all:
                reader.kill_after(self.hard_timeout)
