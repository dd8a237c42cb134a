"""The process that reads mails: one request on standard input, one answer on standard output, again and again.

It knows nothing but the mail at hand: no database, no secrets, no settings. Its processor time for one mail and its
memory are limited by the operating system, so that even a fault in our parser or in Python's own cannot stop the intake.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
from typing import IO, Any

from adapters.email.limits import Unreadable
from adapters.email.parse import parse
from bot.followups.copied import CopiedEmail, Envelope

CPU_SECONDS = 3.0
"""Processor time for one mail, after which the system ends the process; limits.WORK keeps real mails far below it."""
MEMORY = 1024 * 1024 * 1024
_LENGTH = struct.Struct("!I")
_LEFT_OUT = ("envelope_to", "text", "older", "other")
"""Fields that a dump of a mail leaves out, and that the judging needs."""


def packed(mail: CopiedEmail) -> dict[str, Any]:
    """The whole mail as JSON, for this one pipe only."""
    said = mail.model_dump(mode="json") | {name: getattr(mail, name) for name in _LEFT_OUT}
    if mail.forwarded:
        said["forwarded"]["text"] = mail.forwarded.text
    return said


def send(pipe: IO[bytes], *blocks: bytes) -> None:
    """Each block with its length before it."""
    for block in blocks:
        pipe.write(_LENGTH.pack(len(block)))
        pipe.write(block)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """The next block. Raises EOFError when the other side has gone."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    block = pipe.read(_LENGTH.unpack(head)[0])
    if len(block) < _LENGTH.unpack(head)[0]:
        raise EOFError
    return block


def answer(about: dict[str, str], raw: bytes) -> dict[str, Any]:
    """The mail, or the code of why it cannot be read."""
    try:
        mail = parse(raw, Envelope(about["mail_from"], about["rcpt"]), about["authserv_id"])
    except Unreadable as refusal:
        return {"refused": refusal.code}
    except (MemoryError, RecursionError):
        return {"refused": "too_much_work"}
    return {"mail": packed(mail)}


def main() -> None:
    """Answer until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started us; it ends us when it is done
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    mails, answers = os.fdopen(0, "rb"), os.fdopen(1, "wb")
    while True:
        try:
            about, raw = json.loads(receive(mails)), receive(mails)
        except EOFError:
            return
        if sys.platform != "win32":
            signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        found = answer(about, raw)
        if sys.platform != "win32":
            signal.setitimer(signal.ITIMER_PROF, 0)
        send(answers, json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))


if __name__ == "__main__":
    main()
