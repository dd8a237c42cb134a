"""Mails are read in processes of their own, which are limited and started again."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from adapters.email import limits
from adapters.email.limits import Unreadable
from adapters.email.parse import parse
from adapters.email.reader import ReadingRoom
from bot.errors import Unavailable
from bot.followups.copied import Envelope
from tests.adapters.test_email_hostile import REFUSED
from tests.conftest import SHARED
from tests.mails import RCPT, SERVER, mail, multipart, pieces

ENVELOPE = Envelope("anna@acme.test", RCPT)
SAMPLES = [
    mail(),
    mail("您好\n", Subject="=?gb2312?B?xOO6ww==?=", Cc="王芳 <wang@suzhou.test>"),
    mail("FYI\n\n---------- Forwarded message ---------\nFrom: a@b.test\nDate: Mon\nSubject: x\nTo: c@d.test\n\nthe inner words"),
    multipart(b"Content-Type: text/plain\n\nwords", b"Content-Type: text/html\n\n<p>other words</p>", kind="alternative"),
    mail(pieces(b"Content-Type: text/plain\n\nUndelivered", boundary="B"), Content_Type="multipart/report; boundary=B"),
    *(path.read_bytes() for path in sorted((SHARED / "eval" / "mail").glob("*.eml"))),
]


@pytest.fixture(scope="module")
def room() -> Iterator[ReadingRoom]:
    room = ReadingRoom(1)
    yield room
    room.close()


@pytest.mark.parametrize("raw", SAMPLES)
def test_a_mail_comes_through_the_pipe_whole(room: ReadingRoom, raw: bytes) -> None:
    assert room.read(raw, ENVELOPE, SERVER) == parse(raw, ENVELOPE, SERVER)


@pytest.mark.parametrize("bomb", REFUSED)
def test_a_bomb_is_refused_there_with_the_same_reason(room: ReadingRoom, bomb: str) -> None:
    raw, code = REFUSED[bomb]
    with pytest.raises(Unreadable) as refusal:
        room.read(raw, ENVELOPE, SERVER)
    assert refusal.value.code == code


def test_a_mail_beyond_what_is_kept_says_that_it_was_cut(room: ReadingRoom) -> None:
    raw = mail("x" * 70 + "\n") + (b"y" * 78 + b"\r\n") * 60_000
    assert "cut" in room.read(raw, ENVELOPE, SERVER).warnings
    with pytest.raises(Unreadable):
        room.read(b"x" * (limits.LARGEST + 1), ENVELOPE, SERVER)


def readers() -> set[int]:
    """The processes we started that read mails."""
    return {child.pid for child in psutil.Process().children() if "adapters.email.reader_process" in child.cmdline()}


@pytest.fixture
def own() -> Iterator[tuple[ReadingRoom, psutil.Process]]:
    """A room of the test's own, and its reader, which stands still until it is ended."""
    others = readers()
    room = ReadingRoom(1)
    room.read(mail(), ENVELOPE, SERVER)
    (pid,) = readers() - others
    reader = psutil.Process(pid)
    reader.suspend()
    yield room, reader
    room.close()
    assert readers() <= others


def test_a_mail_over_the_processor_limit_is_refused_and_the_next_is_read(own: tuple[ReadingRoom, psutil.Process]) -> None:
    room, reader = own
    reader.send_signal(signal.SIGPROF)  # what the system sends when the time is spent
    threading.Timer(0.1, reader.resume).start()
    with pytest.raises(Unreadable) as refusal:
        room.read(mail(), ENVELOPE, SERVER)
    assert refusal.value.code == "too_much_work"
    assert room.read(mail(), ENVELOPE, SERVER).subject == "Quote 4411 for hand tools"


def test_a_reader_that_dies_leaves_the_mail_with_its_sender_and_comes_back(own: tuple[ReadingRoom, psutil.Process]) -> None:
    room, reader = own
    threading.Timer(0.1, reader.kill).start()
    with pytest.raises(Unavailable):
        room.read(mail(), ENVELOPE, SERVER)
    assert room.read(mail(), ENVELOPE, SERVER).sender.address == "anna@acme.test"


def test_a_reader_that_stands_still_is_ended_and_the_mail_stays_with_its_sender(
    own: tuple[ReadingRoom, psutil.Process],
) -> None:
    room, _ = own
    room.hard_timeout = 0.2
    with pytest.raises(Unavailable):
        room.read(mail(), ENVELOPE, SERVER)
    room.hard_timeout = 60.0
    assert room.read(mail(), ENVELOPE, SERVER).sender.address == "anna@acme.test"


def test_the_limit_of_processor_time_is_the_systems(tmp_path: Path) -> None:
    busy = tmp_path / "busy.py"
    busy.write_text(
        "import adapters.email.reader_process as there\n"
        "there.CPU_SECONDS = 0.2\n"
        "def forever(*_):\n"
        "    while True: pass\n"
        "there.parse = forever\n"
        "there.main()\n"
    )
    from adapters.email.reader_process import send

    process = subprocess.Popen(
        [sys.executable, str(busy)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdin is not None
    send(process.stdin, b'{"mail_from": "", "rcpt": "", "authserv_id": ""}', b"x")
    assert process.wait(30) == -signal.SIGPROF
    process.communicate()
