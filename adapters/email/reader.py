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

    def read(self, about: dict[str, str], raw: bytes) -> dict[str, Any]:
        """The answer of the process. Raises Unreadable or Unavailable when it died."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        clock = threading.Timer(HARD_TIMEOUT, process.kill)
        clock.start()
        try:
            send(process.stdin, json.dumps(about).encode(), raw)
            return json.loads(receive(process.stdout))
        except (EOFError, OSError):
            ended = self.stop()
            if ended == -getattr(signal, "SIGPROF", 27):
                raise Unreadable("too_much_work") from None
            raise Unavailable("the reader of mails died") from None
        finally:
            clock.cancel()

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

    def __init__(self, readers: int = READERS) -> None:
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
        for reader in self._all:
            self._free.put(reader)
