"""Copied mail from a mailbox: Debian's dovecot, real IMAP, IDLE included."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from imap_tools import MailBoxUnencrypted

from adapters.email import imap
from adapters.email.imap import ImapPoll
from adapters.email.limits import Unreadable
from adapters.email.listen import accepts
from bot.errors import Refused, Unavailable
from bot.followups.copied import Envelope
from tests.mails import RCPT, TOKEN, mail
from tests.mailservers import dovecot

KNOWN = accepts("in.coach.test", lambda token: token == TOKEN)
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dovecot")]


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    with dovecot() as port:
        yield port


class Intake:
    """Collects what is noted; fails first as often as told."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.got: list[tuple[Envelope, bytes]] = []
        self.came = threading.Condition()

    def __call__(self, envelope: Envelope, raw: bytes) -> None:
        """Take a mail."""
        with self.came:
            if self.failures:
                raise self.failures.pop(0)
            self.got.append((envelope, raw))
            self.came.notify_all()

    def wait_for(self, number: int) -> None:
        """Until so many have come."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.got) >= number, 20), f"only {len(self.got)} came"


@pytest.fixture
def inbox(server: int, request: pytest.FixtureRequest) -> Iterator[MailBoxUnencrypted]:
    """A mailbox of the test's own."""
    with MailBoxUnencrypted("127.0.0.1", server, 10).login(request.node.name[:40], "secret") as box:
        yield box


@pytest.fixture
def url(server: int, request: pytest.FixtureRequest) -> str:
    return f"imap://{request.node.name[:40]}:secret@127.0.0.1:{server}/INBOX"


@pytest.fixture
def watch(url: str) -> Iterator[Callable[..., ImapPoll]]:
    started: list[ImapPoll] = []

    def make(intake: Intake, **changes: object) -> ImapPoll:
        poll = ImapPoll(url, KNOWN, intake, **changes)  # type: ignore[arg-type]
        started.append(poll)
        poll.start()
        return poll

    yield make
    for poll in started:
        poll.stop()


def delivered(extra: str = f"Return-Path: <anna@acme.test>\r\nDelivered-To: {RCPT}", **headers: str) -> bytes:
    """A mail as a mail server puts it into a mailbox."""
    return extra.encode() + b"\r\n" + mail(**headers) + b"\r\n"


def test_what_is_there_and_what_comes_later_is_noted_once_and_marked_as_seen(
    inbox: MailBoxUnencrypted, watch: Callable[..., ImapPoll]
) -> None:
    inbox.append(delivered())
    intake = Intake()
    poll = watch(intake)
    intake.wait_for(1)
    inbox.append(delivered(Subject="later"))
    intake.wait_for(2)
    poll.stop()
    assert poll.state == "not connected"
    assert [(e.mail_from, e.rcpt) for e, _ in intake.got] == [("anna@acme.test", RCPT)] * 2
    assert intake.got[0][1].strip() == delivered().strip()
    inbox.client.noop()  # a view of its own, told of the others' flags only now
    assert inbox.uids("UNSEEN") == []
    again = Intake()
    assert watch(again).once(inbox) == 0
    assert again.got == []


def test_a_mail_that_cannot_be_noted_now_stays_unseen_and_comes_again(inbox: MailBoxUnencrypted, url: str) -> None:
    inbox.append(delivered())
    intake = Intake(Unavailable("the database is away"))
    poll = ImapPoll(url, KNOWN, intake)
    with pytest.raises(Unavailable):
        poll.once(inbox)
    assert len(inbox.uids("UNSEEN")) == 1
    assert poll.once(inbox) == 1
    assert len(intake.got) == 1


def test_a_refused_mail_and_one_for_nobody_are_flagged_for_somebody_to_look_at(inbox: MailBoxUnencrypted, url: str) -> None:
    inbox.append(delivered())
    inbox.append(delivered("Delivered-To: fu.aaaaaaaaaaaaaaaa@in.coach.test"))
    inbox.append(delivered("Delivered-To: someone@elsewhere.test"))
    inbox.append(delivered(Subject="fine"))
    intake = Intake(Unreadable("two_from"))
    assert ImapPoll(url, KNOWN, intake).once(inbox) == 4
    assert len(intake.got) == 1
    assert len(inbox.uids("FLAGGED")) == 3
    assert inbox.uids("UNSEEN") == []


def test_of_a_large_mail_the_beginning_is_fetched(inbox: MailBoxUnencrypted, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "KEPT", 50_000)
    monkeypatch.setattr(imap, "LARGEST", 200_000)
    inbox.append(delivered() + b"x" * 100_000)
    inbox.append(delivered() + b"x" * 300_000)
    intake = Intake()
    assert ImapPoll(url, KNOWN, intake).once(inbox) == 2
    assert [len(raw) for _, raw in intake.got] == [50_001]
    assert len(inbox.uids("FLAGGED")) == 1


def test_the_watch_comes_back_after_the_connection_was_cut(
    inbox: MailBoxUnencrypted, watch: Callable[..., ImapPoll], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "_FIRST_BREAK", 0.05)
    intake = Intake(RuntimeError("a fault of ours"))
    poll = watch(intake)
    inbox.append(delivered())
    intake.wait_for(1)
    assert poll._box is not None
    poll._box.client.sock.shutdown(2)
    inbox.append(delivered(Subject="after the cut"))
    intake.wait_for(2)


def test_a_wrong_password_or_server_is_told_without_either(server: int) -> None:
    with pytest.raises(Refused, match="refuses the login") as refused:
        imap.connect(f"imap://nobody:wrong-secret@127.0.0.1:{server}/INBOX")
    assert "wrong-secret" not in str(refused.value)
    with pytest.raises(Refused, match="folder Nowhere"):
        imap.connect(f"imap://nobody:secret@127.0.0.1:{server}/Nowhere")
    with pytest.raises(Refused, match="does not answer"):
        imap.connect("imap://nobody:secret@127.0.0.1:1/INBOX")
    with pytest.raises(Refused, match="does not answer"):
        imap.connect(f"imaps://nobody:secret@127.0.0.1:{server}/INBOX")


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (f"Return-Path: <>\r\nDelivered-To: {RCPT}", ("", RCPT)),
        (f"Return-Path: <a@b.test>\r\nX-Gm-Original-To: {RCPT}\r\nTo: fu.{'b' * 16}@in.coach.test", ("a@b.test", RCPT)),
        (f"To: Anna <x@y.test>, {RCPT.upper()}", ("anna@acme.test", RCPT)),
        (
            f"Delivered-To: fu.{'b' * 16}@in.coach.test\r\nCc: <fu.{TOKEN}.3days@in.coach.test>",
            ("anna@acme.test", f"fu.{TOKEN}.3days@in.coach.test"),
        ),
        ("To: x@y.test", None),
    ],
)
def test_the_envelope_is_read_from_what_the_server_wrote(headers: str, found: tuple[str, str] | None) -> None:
    about = imap.envelope(delivered(headers, To="li@x.test", Cc="z@x.test"), KNOWN)
    assert (about and (about.mail_from, about.rcpt)) == found
