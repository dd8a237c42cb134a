"""Settings are read once, every trouble is told at once, and no secret shows."""

from __future__ import annotations

import base64
import datetime as dt
import random
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import WrongSettings
from bot.settings import Settings, is_loopback, read_settings

LONG = "a key of the tests and surely thirty-two long"
LONGER = "another key of the tests and also thirty-two long"


def troubles(environment: dict[str, str]) -> list[str]:
    """The names of the settings that are told to be wrong."""
    with pytest.raises(WrongSettings) as caught:
        read_settings(environment)
    for problem in caught.value.problems:
        assert problem in str(caught.value)
    return sorted(problem.partition(":")[0] for problem in caught.value.problems)


def test_without_any_setting_the_embedded_default_holds() -> None:
    found = read_settings({})
    assert (found.env, found.host, found.port, found.understanding, found.now) == ("development", "127.0.0.1", 8000, "full", None)
    assert found.database == f"sqlite:///{Path('var').resolve() / 'caucus.db'}"
    assert found.loopback_only


def test_every_setting_of_the_environment_is_taken() -> None:
    found = read_settings(
        {
            "CAUCUS_ENV": "production",
            "CAUCUS_HOST": "0.0.0.0",
            "CAUCUS_PORT": "9000",
            "CAUCUS_PUBLIC_URL": "https://coach.example.com/",
            "CAUCUS_DATA_DIR": "/srv/caucus",
            "CAUCUS_DATABASE_URL": "postgresql+psycopg://u:p@db/caucus",
            "CAUCUS_SECRET_KEYS": f"{LONG},{LONGER}",
            "CAUCUS_UNDERSTANDING": "fast",
        }
    )
    assert found.port == 9000
    assert found.public_url == "https://coach.example.com"
    assert found.data_dir == Path("/srv/caucus")
    assert found.database == "postgresql+psycopg://u:p@db/caucus"
    assert found.keys() == [LONG, LONGER]
    assert found.understanding == "fast"
    assert not found.loopback_only


def test_variables_of_others_are_none_of_our_business() -> None:
    assert read_settings({"PATH": "/bin", "PORT": "nonsense", "XCAUCUS_PORT": "nonsense"}).port == 8000


def test_an_empty_value_counts_as_unset() -> None:
    assert read_settings({"CAUCUS_PORT": "", "CAUCUS_NOW": "  ", "CAUCUS_SECRET_KEYS": ""}).port == 8000


def test_all_wrong_and_unknown_names_are_told_at_once() -> None:
    assert troubles(
        {
            "CAUCUS_ENV": "staging",
            "CAUCUS_PORT": "eight thousand",
            "CAUCUS_PUBLIC_URL": "coach.example.com",
            "CAUCUS_DATABASE_URL": "mysql://u:p@db/caucus",
            "CAUCUS_SECRET_KEYS": "short",
            "CAUCUS_NOW": "2026-11-22T09:00:00",
            "CAUCUS_UNDERSTANDING": "half",
            "CAUCUS_PROT": "8000",
        }
    ) == [
        "CAUCUS_DATABASE_URL",
        "CAUCUS_ENV",
        "CAUCUS_NOW",
        "CAUCUS_PORT",
        "CAUCUS_PROT",
        "CAUCUS_PUBLIC_URL",
        "CAUCUS_SECRET_KEYS",
        "CAUCUS_UNDERSTANDING",
    ]


def test_what_is_insecure_and_what_is_malformed_are_told_together() -> None:
    assert troubles(
        {
            "CAUCUS_ENV": "production",
            "CAUCUS_PORT": "70000",
            "CAUCUS_NOW": "2026-11-22T09:00:00+00:00",
            "CAUCUS_PUBLIC_URL": "http://coach.example.com",
            "CAUCUS_TYPO": "x",
        }
    ) == ["CAUCUS_NOW", "CAUCUS_PORT", "CAUCUS_PUBLIC_URL", "CAUCUS_SECRET_KEYS", "CAUCUS_TYPO"]


def test_a_setting_is_told_once_even_when_wrong_in_two_ways() -> None:
    assert troubles({"CAUCUS_ENV": "production", "CAUCUS_SECRET_KEYS": "short"}) == ["CAUCUS_SECRET_KEYS"]


@pytest.mark.parametrize(
    ("wrong", "value"),
    [
        ("SECRET_KEYS", ""),
        ("SECRET_KEYS", " , ,"),
        ("NOW", "2026-11-22T09:00:00+00:00"),
        ("PUBLIC_URL", "http://coach.example.com"),
        ("SECRET_KEYS", "change-me-please-change-me-please-xx"),
        ("SECRET_KEYS", "abcdefghij" * 4),
        ("SECRET_KEYS", "PasswordPasswort-2026-for-our-Caucus-server"),
        ("PROXIES", "0.0.0.0/1, 128.0.0.0/1"),
        ("MAIL_PEERS", "2000::/3"),
        ("DATABASE_URL", "postgresql+psycopg://u:p@db.example.com/caucus"),
        ("DATABASE_URL", "postgresql+psycopg://u:p@db.example.com/caucus?sslmode=disable"),
        ("DATABASE_URL", "postgresql+psycopg://u:p@9.9.9.9/caucus?sslmode=prefer"),
        ("DATABASE_URL", "postgresql+psycopg:///caucus?host=db.example.com"),
    ],
)
def test_production_refuses_to_start_insecurely(wrong: str, value: str) -> None:
    secure = {"CAUCUS_ENV": "production", "CAUCUS_SECRET_KEYS": LONG, "CAUCUS_PUBLIC_URL": "https://coach.example.com"}
    assert read_settings(secure).env == "production"
    assert troubles({**secure, f"CAUCUS_{wrong}": value}) == [f"CAUCUS_{wrong}"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEYS", ",".join(base64.urlsafe_b64encode(random.Random(n).randbytes(48)).decode() for n in range(200))),
        ("SECRET_KEYS", ",".join(random.Random(n).randbytes(32).hex() for n in range(200))),
        ("PROXIES", "127.0.0.1, 10.0.0.0/8, fc00::/7"),
        ("DATABASE_URL", "postgresql+psycopg://u:p@db.example.com/caucus?sslmode=verify-full"),
        ("DATABASE_URL", "postgresql+psycopg://u:p@db.example.com/caucus?sslmode=require"),
        ("DATABASE_URL", "postgresql+psycopg://u:p@database/caucus"),
        ("DATABASE_URL", "postgresql+psycopg://u:p@10.0.0.7/caucus"),
        ("DATABASE_URL", "postgresql+psycopg:///caucus?host=/run/postgresql"),
        ("DATABASE_URL", "postgresql+psycopg:///caucus"),
    ],
)
def test_production_takes_what_is_secure(name: str, value: str) -> None:
    secure = {"CAUCUS_ENV": "production", "CAUCUS_SECRET_KEYS": LONG, "CAUCUS_PUBLIC_URL": "https://coach.example.com"}
    assert read_settings({**secure, f"CAUCUS_{name}": value}).env == "production"


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("https://Coach.example.com/", "https://coach.example.com"),
        ("https://coach.example.com:443", "https://coach.example.com"),
        ("http://coach.example.com:80", "http://coach.example.com"),
        ("https://coach.example.com:8443", "https://coach.example.com:8443"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)
def test_the_public_address_is_as_browsers_write_it(said: str, taken: str) -> None:
    assert read_settings({"CAUCUS_PUBLIC_URL": said}).public_url == taken


@pytest.mark.parametrize(
    "said",
    [
        "https://u@c.example.com",
        "https://c.example.com/coach",
        "https://c.example.com?x=1",
        "https://c.example.com:x",
        "https://",
    ],
)
def test_a_public_address_under_which_nothing_would_be_answered_is_refused(said: str) -> None:
    assert troubles({"CAUCUS_PUBLIC_URL": said}) == ["CAUCUS_PUBLIC_URL"]


def test_development_is_content_with_what_production_refuses() -> None:
    found = read_settings({"CAUCUS_NOW": "2026-11-22T09:00:00+08:00", "CAUCUS_PUBLIC_URL": "http://coach.example.com"})
    assert found.now == dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)


def test_production_makes_no_key_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(WrongSettings, match="CAUCUS_SECRET_KEYS"):
        Settings(env="production", data_dir=tmp_path).keys()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url", ["sqlite:////srv/caucus.db", "postgresql+psycopg://u:p@h/d", "postgresql+psycopg:///d?host=/var/run"]
)
def test_both_databases_are_taken(url: str) -> None:
    assert read_settings({"CAUCUS_DATABASE_URL": url}).database == url


@pytest.mark.parametrize("url", ["postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d", "sqlite+aiosqlite:///x", "caucus.db"])
def test_another_driver_is_refused(url: str) -> None:
    assert troubles({"CAUCUS_DATABASE_URL": url}) == ["CAUCUS_DATABASE_URL"]


def test_one_short_key_among_long_ones_is_refused() -> None:
    assert troubles({"CAUCUS_SECRET_KEYS": f"{LONG},short"}) == ["CAUCUS_SECRET_KEYS"]


def test_no_secret_shows_in_repr_or_in_an_error() -> None:
    found = read_settings({"CAUCUS_SECRET_KEYS": LONG, "CAUCUS_DATABASE_URL": "postgresql+psycopg://u:hunter2@h/d"})
    shown = f"{found!r} {found!s} {found.model_dump()!r} {found.model_dump_json()}"
    assert LONG not in shown
    assert "hunter2" not in shown
    with pytest.raises(WrongSettings) as caught:
        read_settings(
            {
                "CAUCUS_SECRET_KEYS": f"{LONG},tooshort",
                "CAUCUS_DATABASE_URL": "mysql://u:hunter2@h/d",
                "CAUCUS_PORT": "hunter3",
                "CAUCUS_SLACK_SIGNING_SECRET_TYPO": "hunter4",
            }
        )
    told = f"{caught.value} {caught.value!r} {caught.value.__cause__} {caught.value.__context__}"
    for secret in (LONG, "tooshort", "hunter2", "hunter3", "hunter4"):
        assert secret not in told


def test_the_key_of_development_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there yet"
    first = Settings(data_dir=folder).keys()
    assert first == Settings(data_dir=folder).keys()
    assert len(first) == 1
    assert len(first[0]) >= 32
    assert [path.name for path in folder.iterdir()] == ["secret.key"]  # and nothing half-made beside it
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600


def test_two_installations_have_different_keys(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path / "a").keys() != Settings(data_dir=tmp_path / "b").keys()


@pytest.mark.parametrize("content", ["", "\n", "short\n"])
def test_a_damaged_key_file_is_refused_rather_than_used(tmp_path: Path, content: str) -> None:
    (tmp_path / "secret.key").write_text(content)
    with pytest.raises(WrongSettings, match=re.escape("secret.key")):
        Settings(data_dir=tmp_path).keys()


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    program = (
        "import sys, pathlib\n"
        "from bot.settings import Settings\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        f"print(Settings(data_dir=pathlib.Path({str(folder)!r})).keys()[0])\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:  # all are at the door: let them in together
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = {process.communicate(timeout=60)[0].strip() for process in running}
    assert [process.returncode for process in running] == [0, 0, 0, 0]
    assert told == {(folder / "secret.key").read_text().strip()}
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["secret.key"]


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("", False),
    ],
)
def test_only_addresses_of_this_machine_are_loopback(host: str, *, own: bool) -> None:
    assert is_loopback(host) is own
