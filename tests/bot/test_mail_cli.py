"""The commands around copied mail: addresses, `mail ingest` against the database, `doctor mail`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bot.test_cli import FORKS, Run, environment, in_child, refused
from tests.mails import RCPT, SERVER, TOKEN, mail

ADD = ("person", "add", "--name", "Anna", "--email", "anna@acme.test", "--zone", "America/New_York", "--json")
INGEST = ("--mail-from", "anna@acme.test", "--now", "2026-11-25T10:30:00-05:00", "--json")


@pytest.fixture
def caucus(tmp_path: Path) -> Callable[..., Run]:
    """Run a command over a data folder of the test's own."""

    def run(*arguments: str, **settings: str) -> Run:
        given = {"MAIL_DOMAIN": "in.coach.test", "MAIL_AUTHSERV_ID": SERVER, **settings}
        names = {f"CAUCUS_{name}": value for name, value in given.items()}
        for stream in ("in", "out", "err"):
            (tmp_path / stream).write_text("")
        child = FORKS.Process(target=in_child, args=(arguments, environment(tmp_path / "var", **names), tmp_path, tmp_path))
        child.start()
        child.join(120)
        return Run(child.exitcode, (tmp_path / "out").read_text("utf-8"), (tmp_path / "err").read_text("utf-8"))

    return run


@pytest.fixture
def eml(tmp_path: Path) -> Callable[..., str]:
    def write(**headers: Any) -> str:
        path = tmp_path / "mail.eml"
        path.write_bytes(mail(**headers))
        return str(path)

    return write


def test_a_person_with_a_token_has_mail_taken_in(caucus: Callable[..., Run], eml: Callable[..., str]) -> None:
    assert caucus(*ADD, "--mail-token", TOKEN).returncode == 0
    outcome = json.loads(caucus("mail", "ingest", eml(), "--rcpt", RCPT, *INGEST).stdout)
    assert outcome["action"] == "create"
    (followup,) = outcome["followups"]
    assert {"id", "kind", "recipients", "subject", "contact_name", "state", "due_at", "reason"} <= followup.keys()
    assert followup["due_at"] > "2026-11-25T10:30"
    assert json.loads(caucus("mail", "ingest", eml(), "--rcpt", RCPT, *INGEST).stdout) == outcome
    other = caucus("mail", "ingest", eml(), "--rcpt", "fu.aaaaaaaaaaaaaaaa@in.coach.test", *INGEST)
    assert json.loads(other.stdout)["action"] == "reject"


def test_an_address_is_shown_once_and_a_new_one_ends_the_old(caucus: Callable[..., Run], eml: Callable[..., str]) -> None:
    caucus(*ADD)
    shown = caucus("person", "mail-address", "anna@acme.test").stdout
    (first,) = re.findall(r"fu\.[a-z2-7]{16}@in\.coach\.test", shown)
    again = json.loads(caucus("person", "mail-address", "anna@acme.test", "--json").stdout)
    assert again["address"] is None
    assert again["since"]
    assert "not kept" in caucus("person", "mail-address", "anna@acme.test").stdout
    second = json.loads(caucus("person", "mail-address", "anna@acme.test", "--rotate", "--json").stdout)["address"]
    assert second != first
    assert json.loads(caucus("mail", "ingest", eml(), "--rcpt", first, *INGEST).stdout)["action"] == "reject"
    assert json.loads(caucus("mail", "ingest", eml(), "--rcpt", second, *INGEST).stdout)["action"] == "create"


def test_a_wrong_token_and_missing_options_are_told(caucus: Callable[..., Run], eml: Callable[..., str]) -> None:
    assert "16 characters" in refused(caucus(*ADD, "--mail-token", "nope"))
    assert "no person" in refused(caucus("person", "mail-address", "nobody@x.test"))
    assert caucus("mail", "ingest", eml()).returncode == 2
    assert caucus("mail", "ingest", eml(), "--rcpt", RCPT).returncode == 2
    assert caucus("mail", "ingest", eml(), "--rcpt", RCPT, "--mail-from", "", "--now", "yesterday").returncode == 2
    assert "cannot be read" in refused(caucus("mail", "ingest", "none.eml", "--rcpt", RCPT, *INGEST))


def test_the_doctor_names_all_that_copied_mail_misses(caucus: Callable[..., Run]) -> None:
    bare = caucus("doctor", "mail", MAIL_DOMAIN="", MAIL_AUTHSERV_ID="")
    assert "4 troubles" in refused(bare)
    for name in ("CAUCUS_LMTP_PORT", "CAUCUS_MAIL_DOMAIN", "CAUCUS_MAIL_AUTHSERV_ID", "person mail-address"):
        assert name in bare.stdout
    caucus(*ADD, "--mail-token", TOKEN)
    fine = caucus("doctor", "mail", LMTP_PORT="1")
    assert fine.returncode == 0
    assert "`caucus serve` opens it" in fine.stdout
    closed = caucus("doctor", "mail", LMTP_PORT="1", MAIL_HOST="0.0.0.0", IMAP_URL="imap://a:b@127.0.0.1:1/INBOX")
    assert "CAUCUS_MAIL_PEERS" in closed.stdout
    assert "does not answer" in closed.stdout
    assert "2 troubles" in refused(closed)
    assert caucus("doctor", "nonsense").returncode == 2


@pytest.mark.parametrize("part", ["", "mail"])
def test_the_doctor_tries_the_server_of_sign_in_mails(caucus: Callable[..., Run], part: str) -> None:
    away = caucus("doctor", *part.split(), MAIL_SEND_URL="smtp://u:b@127.0.0.1:1", MAIL_FROM="coach@in.coach.test")
    assert "mail with links to sign in: TROUBLE: the server of CAUCUS_MAIL_SEND_URL" in away.stdout
    assert away.returncode == 1


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"LMTP_PORT": "8024", "MAIL_DOMAIN": ""}, "CAUCUS_MAIL_DOMAIN"),
        ({"SMTP_PORT": "70000"}, "CAUCUS_SMTP_PORT"),
        ({"MAIL_PEERS": "10.0.0.0/8, nonsense"}, "CAUCUS_MAIL_PEERS"),
        ({"MAIL_TLS_CERT": "cert.pem"}, "CAUCUS_MAIL_TLS_KEY"),
        ({"IMAP_URL": "imaps://host/INBOX"}, "CAUCUS_IMAP_URL"),
        ({"IMAP_URL": "pop://a:b@host/INBOX"}, "CAUCUS_IMAP_URL"),
        ({"IMAP_URL": "imaps://a:b@host:99999/INBOX"}, "CAUCUS_IMAP_URL"),
    ],
)
def test_a_wrong_setting_is_named(caucus: Callable[..., Run], settings: dict[str, str], named: str) -> None:
    said = refused(caucus("doctor", "mail", **settings))
    assert named in said
    assert "b@host" not in said
