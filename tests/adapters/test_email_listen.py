"""The mail ports, over real sockets of this machine."""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.email import limits
from adapters.email.listen import Listener, accepts, tls
from bot.errors import Refused, Unavailable
from bot.followups.copied import Envelope
from tests.mails import RCPT, TOKEN, mail

OTHER = "fu.aaaaaaaaaaaaaaaa@in.coach.test"


class Box:
    """Collects what was noted; `down` makes the database go away."""

    def __init__(self) -> None:
        self.got: list[tuple[Envelope, bytes]] = []
        self.down: set[str] = set()
        self.broken = False

    def note(self, envelope: Envelope, raw: bytes) -> None:
        """Take a mail, or fail as told."""
        if envelope.rcpt in self.down:
            raise Unavailable("the database is away")
        if self.broken:
            raise RuntimeError(f"secret {envelope.rcpt}")
        self.got.append((envelope, raw))

    def knows(self, token: str) -> bool:
        """Two people have an address."""
        if "lookup" in self.down:
            raise Unavailable("the database is away")
        return token in (TOKEN, "a" * 16)


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def listen(box: Box) -> Iterator[Callable[..., Listener]]:
    started: list[Listener] = []

    def make(**changes: object) -> Listener:
        given: dict[str, object] = {"lmtp_port": 0, "smtp_port": 0, "timeout": 10.0, **changes}
        listener = Listener(accepts("in.coach.test", box.knows), box.note, **given)  # type: ignore[arg-type]
        started.append(listener)
        listener.start()
        return listener

    yield make
    for listener in started:
        listener.stop()


class Talk:
    """A raw conversation, for what smtplib would not send."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.file = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.socket.close()

    def say(self, line: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(line)

    def hear(self) -> str:
        """The next answer, its last line."""
        while True:
            line = self.file.readline().decode()
            if line[3:4] != "-":
                return line.strip()

    def ask(self, line: bytes) -> str:
        """A command and its answer."""
        self.say(line + b"\r\n")
        return self.hear()

    def greet(self, *rcpts: str, hello: bytes = b"LHLO t") -> None:
        """All that comes before the mail."""
        self.hear()
        assert self.ask(hello).startswith("250")
        assert self.ask(b"MAIL FROM:<anna@acme.test>").startswith("250")
        for rcpt in rcpts:
            assert self.ask(f"RCPT TO:<{rcpt}>".encode()).startswith("250")
        assert self.ask(b"DATA").startswith("354")


def test_smtp_hands_over_envelope_and_bytes(listen: Callable[..., Listener], box: Box) -> None:
    with smtplib.SMTP("127.0.0.1", listen().ports["smtp"]) as client:
        assert client.sendmail("anna@acme.test", [RCPT], mail()) == {}
        client.sendmail("", [RCPT], mail("a\n.b\n..\n"))
    assert [(envelope.mail_from, envelope.rcpt) for envelope, _ in box.got] == [("anna@acme.test", RCPT), ("", RCPT)]
    assert box.got[0][1].strip() == mail().strip()
    assert b"\r\na\r\n.b\r\n..\r\n" in box.got[1][1]


def test_lmtp_answers_for_each_recipient(listen: Callable[..., Listener], box: Box) -> None:
    box.down.add(OTHER)
    with Talk(listen().ports["lmtp"]) as talk:
        talk.greet(RCPT, OTHER, RCPT)
        talk.say(mail() + b"\r\n.\r\n")
        assert [talk.hear()[:3] for _ in range(3)] == ["250", "451", "250"]
        assert talk.ask(b"NOOP").startswith("250")
    assert [envelope.rcpt for envelope, _ in box.got] == [RCPT]


def test_an_unknown_address_is_refused_before_the_mail_with_one_answer_for_all(listen: Callable[..., Listener], box: Box) -> None:
    answers = set()
    with smtplib.LMTP("127.0.0.1", listen().ports["lmtp"]) as client:
        client.ehlo()
        client.mail("a@b.test")
        for wrong in (
            "fu.bbbbbbbbbbbbbbbb@in.coach.test",
            f"fu.{TOKEN}@elsewhere.test",
            "postmaster@in.coach.test",
            "x",
            f"fu.{TOKEN}x@in.coach.test",
        ):
            answers.add(client.rcpt(wrong))
        assert client.verify(RCPT)[0] == 252
    assert {code for code, _ in answers} == {550}
    assert len(answers) == 1


def test_who_guesses_addresses_is_sent_away(listen: Callable[..., Listener]) -> None:
    with Talk(listen().ports["lmtp"]) as talk:
        talk.hear()
        talk.ask(b"LHLO t")
        talk.ask(b"MAIL FROM:<>")
        answers = [talk.ask(b"RCPT TO:<fu.%s@in.coach.test>" % (b"c" * 15 + bytes([97 + n]))) for n in range(11)]
        assert answers[-1].startswith("421")
        assert talk.file.read() == b""


def test_when_the_database_is_away_the_sender_keeps_the_mail(listen: Callable[..., Listener], box: Box) -> None:
    port = listen().ports["smtp"]
    box.down.update((RCPT, "lookup"))
    with smtplib.SMTP("127.0.0.1", port) as client, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        client.sendmail("a@b.test", [RCPT], mail())
    assert refused.value.recipients[RCPT][0] == 451
    box.down.remove("lookup")
    with smtplib.SMTP("127.0.0.1", port) as client, pytest.raises(smtplib.SMTPDataError) as later:
        client.sendmail("a@b.test", [OTHER, RCPT], mail())
    assert later.value.smtp_code == 451
    assert [envelope.rcpt for envelope, _ in box.got] == [OTHER]


def test_a_fault_of_ours_is_no_reason_to_lose_mail_and_tells_nothing(
    listen: Callable[..., Listener], box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    box.broken = True
    with smtplib.SMTP("127.0.0.1", listen().ports["smtp"]) as client, pytest.raises(smtplib.SMTPDataError) as refused:
        client.sendmail("a@b.test", [RCPT], mail())
    assert refused.value.smtp_code == 451
    assert b"secret" not in refused.value.smtp_error  # type: ignore[operator]
    assert TOKEN not in caplog.text


def test_a_mail_over_the_limit_is_refused_at_mail_or_after_data(listen: Callable[..., Listener], box: Box) -> None:
    port = listen(largest=100_000).ports["lmtp"]
    with Talk(port) as talk:
        talk.hear()
        talk.ask(b"LHLO t")
        assert talk.ask(b"MAIL FROM:<a@b.test> SIZE=200000").startswith("552")
    with Talk(port) as talk:
        talk.greet(RCPT)
        talk.say(b"Subject: x\r\n\r\n" + b"x" * 300_000)  # one line that does not end for long
        assert talk.ask(b"\r\n.").startswith("552")
        assert talk.ask(b"NOOP").startswith("250")
    assert box.got == []


def test_of_a_large_mail_the_beginning_is_kept(listen: Callable[..., Listener], box: Box) -> None:
    with Talk(listen().ports["lmtp"]) as talk:
        talk.greet(RCPT)
        for _ in range(6):
            talk.say((b"x" * 998 + b"\r\n") * 1048)
        assert talk.ask(b".").startswith("250")
    assert len(box.got[0][1]) == limits.KEPT + 1  # by which the reader knows that it was cut


def test_a_long_line_is_taken(listen: Callable[..., Listener], box: Box) -> None:
    with Talk(listen().ports["lmtp"]) as talk:
        talk.greet(RCPT)
        talk.say(b"Subject: x\r\n\r\n" + b"y" * 200_000 + b"\r\n..z\r\n")
        assert talk.ask(b".").startswith("250")
    assert box.got[0][1] == b"Subject: x\r\n\r\n" + b"y" * 200_000 + b"\r\n.z\r\n"


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\n\0.\r\n"])
def test_only_the_true_end_ends_a_mail(listen: Callable[..., Listener], box: Box, end: bytes) -> None:
    with Talk(listen().ports["lmtp"]) as talk:
        talk.greet(RCPT)
        talk.say(
            b"Subject: x\r\n\r\none"
            + end
            + b"MAIL FROM:<evil@x.test>\r\nRCPT TO:<"
            + RCPT.encode()
            + b">\r\nDATA\r\nSubject: two\r\n"
        )
        assert talk.ask(b"\r\n.").startswith("250")
        assert talk.ask(b"NOOP").startswith("250")
    assert len(box.got) == 1
    assert b"evil@x.test" in box.got[0][1]


def test_rubbish_and_broken_connections_harm_nobody(listen: Callable[..., Listener], box: Box) -> None:
    port = listen().ports["lmtp"]
    for rubbish in (
        b"\0\xff\r\n" * 30,
        b"A" * 300_000 + b"\r\n",
        b"LHLO t\r\nMAIL FROM:<\xff\xfe>\r\nDATA\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
    ):
        with Talk(port) as talk:
            talk.say(rubbish)
            talk.hear()
    with Talk(port) as talk:
        talk.greet(RCPT)
        talk.say(b"Subject: cut")
    with smtplib.LMTP("127.0.0.1", port) as client:
        client.sendmail("a@b.test", [RCPT], mail())
    assert len(box.got) == 1


def test_connections_are_limited_and_given_free_again(listen: Callable[..., Listener]) -> None:
    port = listen(most_connections=2).ports["smtp"]
    with Talk(port) as one, Talk(port) as two:
        assert one.hear().startswith("220")
        assert two.hear().startswith("220")
        with Talk(port) as three:
            assert three.hear().startswith("421")
        two.ask(b"QUIT")
    for _ in range(100):
        with Talk(port) as again:
            if again.hear().startswith("220"):
                break
    else:
        pytest.fail("no place came free")


def test_only_our_own_mail_server_may_hand_over_mail(listen: Callable[..., Listener], box: Box) -> None:
    listener = listen(peers=("10.0.0.0/8", "::1"))
    for port in listener.ports.values():
        with Talk(port) as talk:
            assert talk.hear().startswith("554")
            assert talk.file.read() == b""
    with smtplib.LMTP("127.0.0.1", listen(peers=("127.0.0.0/8",)).ports["lmtp"]) as client:
        assert client.sendmail("a@b.test", [RCPT], mail()) == {}
    assert len(box.got) == 1


def test_a_mail_that_cannot_be_read_is_refused_with_the_reason(listen: Callable[..., Listener]) -> None:
    def note(*_: object) -> None:
        raise limits.Unreadable("two_from")

    listener = Listener(accepts("in.coach.test", lambda _: True), note, lmtp_port=0)
    listener.start()
    try:
        with smtplib.LMTP("127.0.0.1", listener.ports["lmtp"]) as client, pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail("a@b.test", [RCPT], mail())
    finally:
        listener.stop()
    assert (refused.value.smtp_code, refused.value.smtp_error) == (554, b"5.6.0 " + limits.REASONS["two_from"].encode())


def test_stopping_waits_for_the_mail_that_is_being_noted_and_answers_it() -> None:
    began, may_end, noted = threading.Event(), threading.Event(), []

    def note(envelope: Envelope, _: bytes) -> None:
        began.set()
        may_end.wait(10)
        noted.append(envelope.rcpt)

    listener = Listener(accepts("in.coach.test", lambda _: True), note, lmtp_port=0)
    listener.start()
    with Talk(listener.ports["lmtp"]) as talk:
        talk.greet(RCPT)
        talk.say(mail() + b"\r\n.\r\n")
        assert began.wait(10)
        stopping = threading.Thread(target=listener.stop)
        stopping.start()
        may_end.set()
        assert talk.hear().startswith("250")
        stopping.join(20)
    assert noted == [RCPT]


def test_a_silent_connection_is_ended(listen: Callable[..., Listener]) -> None:
    with Talk(listen(timeout=0.2).ports["smtp"]) as talk:
        assert talk.hear().startswith("220")
        assert talk.file.read() == b""


def test_a_port_in_use_is_refused_with_the_reason(listen: Callable[..., Listener]) -> None:
    port = listen().ports["lmtp"]
    with pytest.raises(Refused, match="mail port"):
        listen(lmtp_port=port, smtp_port=None)


def test_stopping_ends_what_is_open_and_starting_again_works(listen: Callable[..., Listener]) -> None:
    before = threading.active_count()
    listener = listen()
    with Talk(listener.ports["smtp"]) as talk:
        talk.hear()
        listener.stop()
        assert talk.file.read() == b""
    listener.stop()
    assert threading.active_count() <= before + 1
    listener.start()
    with smtplib.LMTP("127.0.0.1", listener.ports["lmtp"]) as client:
        assert client.noop()[0] == 250


def test_starttls_protects_smtp_where_there_is_a_certificate(listen: Callable[..., Listener], box: Box, tmp_path: Path) -> None:
    certificate, key = certified(tmp_path)
    listener = listen(tls_context=tls(certificate, key), require_tls=True)
    with smtplib.SMTP("127.0.0.1", listener.ports["smtp"]) as client:
        client.ehlo()
        assert client.docmd("MAIL", "FROM:<a@b.test>")[0] == 530
        client.starttls(context=ssl.create_default_context(cafile=certificate))
        client.sendmail("anna@acme.test", [RCPT], mail())
    with smtplib.LMTP("127.0.0.1", listener.ports["lmtp"]) as local:
        local.ehlo()
        assert not local.has_extn("starttls")
        assert not local.has_extn("auth")
    assert len(box.got) == 1
    with pytest.raises(Refused, match="certificate"):
        tls(certificate, str(tmp_path / "none"))


def certified(folder: Path) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    import ipaddress

    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2120, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(folder / "cert.pem"), str(folder / "key.pem")
