"""Real mail servers for tests: Debian's postfix and dovecot, each with a configuration, ports and folders of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import REPO, skip_loudly

SECONDS = 20.0


def needs_root_and(program: str) -> str:
    """The path of a server that only root can start; skips loudly where that cannot be."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        skip_loudly(f"{program} is not installed")
    if os.geteuid() != 0:
        skip_loudly(f"{program} is started by root only")
    assert found
    return found


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until_open(port: int) -> None:
    """Wait for a server to listen."""
    import time

    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as client:
            client.settimeout(SECONDS)
            client.recv(1)
            return
    raise TimeoutError(f"nothing listens on {port}")


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that the servers' own users may enter."""
    path = Path(tempfile.mkdtemp(prefix="caucus-mail-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


DOVECOT = """
protocols = imap
listen = 127.0.0.1
base_dir = {at}/run
state_dir = {at}/state
log_path = {at}/log
ssl = no
disable_plaintext_auth = no
default_internal_user = dovecot
default_login_user = dovenull
mail_location = maildir:{at}/mail/%u
first_valid_uid = 1
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid=dovecot gid=dovecot home={at}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@contextmanager
def dovecot() -> Iterator[int]:
    """An IMAP server with a mailbox for every name, password `secret`; its port."""
    program = needs_root_and("dovecot")
    port = free_port()
    with folder() as at:
        (at / "mail").mkdir()
        shutil.chown(at / "mail", "dovecot", "dovecot")
        (at / "dovecot.conf").write_text(DOVECOT.format(at=at, port=port))
        server = subprocess.Popen([program, "-F", "-c", str(at / "dovecot.conf")], stderr=subprocess.DEVNULL)
        try:
            until_open(port)
            yield port
        finally:
            server.terminate()
            server.wait(SECONDS)


SHIPPED = REPO / "deploy" / "postfix" / "main.cf"
"""What operators add to their main.cf."""
OWN = """
compatibility_level = 3.6
queue_directory = {at}/spool
data_directory = {at}/data
maillog_file = {at}/maillog
maillog_file_prefixes = {at}
mail_owner = postfix
setgid_group = postdrop
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
smtpd_peername_lookup = no
address_verify_poll_count = 20
address_verify_poll_delay = 1s
minimal_backoff_time = 5s
queue_run_delay = 5s
"""
"""An instance of its own, beside the machine's; and impatient."""
VOUCHES = (
    ", check_sender_access inline:{{anna@acme.test = PREPEND Authentication-Results: "
    "mx.coach.test; dmarc=pass header.from=acme.test}}"
)
"""What a milter would do with Anna's mails."""


def main_cf(at: Path, lmtp: int) -> str:
    """The shipped lines with this test's names and port, and one restriction more; beside them the instance's own."""
    text = SHIPPED.read_text("utf-8")
    probed = "smtpd_recipient_restrictions = reject_unauth_destination, reject_unverified_recipient"
    for old, new in {
        "mx.example.com": "mx.coach.test",
        "in.example.com": "in.coach.test",
        "127.0.0.1:8024": f"127.0.0.1:{lmtp}",
        probed: probed + VOUCHES,
    }.items():
        assert old in text, f"{old} is not in the shipped file"
        text = text.replace(old, new)
    return OWN.format(at=at) + text


MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """A running postfix: `port` takes mail by SMTP; what it says of itself is in `log`."""

    def __init__(self, program: str, at: Path, port: int) -> None:
        self._program, self._at, self.port = program, at, port

    def ask(self, *words: str) -> None:
        """A command of postfix for this instance."""
        subprocess.run([self._program, "-c", str(self._at / "etc"), *words], check=True, capture_output=True)

    @property
    def log(self) -> str:
        """All it has logged."""
        path = self._at / "maillog"
        return path.read_text() if path.exists() else ""


@contextmanager
def postfix(lmtp: int) -> Iterator[Postfix]:
    """A mail server for in.coach.test that hands over to an LMTP port, and vouches for Anna's mails as a milter would."""
    program = needs_root_and("postfix")
    port = free_port()
    with folder() as at:
        for name in ("etc", "spool", "data"):
            (at / name).mkdir()
        shutil.chown(at / "data", "postfix", "root")
        (at / "etc" / "main.cf").write_text(main_cf(at, lmtp))
        (at / "etc" / "master.cf").write_text(MASTER.format(port=port))
        server = Postfix(program, at, port)
        server.ask("start")
        try:
            until_open(port)
            yield server
        finally:
            with contextlib.suppress(subprocess.CalledProcessError):
                server.ask("stop")
