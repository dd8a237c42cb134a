"""The log tells ids, timings and decisions; never what people typed, never a secret, never the text of an error."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Engine

from bot import logs
from bot.db import writing
from bot.people import keys
from tests.conftest import KEYS, NOW, REPO

MARKER = "zebra4711"
"""Stands in everything that people, tools or secrets bring in; must stand in no line of the log."""

SERVE = """
import sys, threading
import httpx, uvicorn
import bot.cli.serve

key, marker = sys.argv[1], sys.argv[2]

def run(server):
    app = server.config.app

    async def fail():
        raise ValueError(f"the text of an error may quote {marker}")

    async def fail_on_vote(request):
        try:
            raise KeyError(marker)
        except KeyError as error:
            raise RuntimeError(marker) from error

    app.add_api_route("/fail", fail)
    app.add_route("/fail-deeper", fail_on_vote)
    server.config.port = 0
    thread = threading.Thread(target=uvicorn.Server.run, args=(server,))
    thread.start()
    while not server.started:
        assert thread.is_alive()
    try:
        talk(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join()

def talk(url):
    def call(method, path, **more):
        headers = {"authorization": f"Bearer {key}", **more.pop("headers", {})}
        with httpx.Client(base_url=url, timeout=120, trust_env=False) as client:  # one each: a 500 ends the connection
            return client.request(method, path, headers=headers, **more).status_code

    def ask(**body):
        return call("POST", "/api/ask", json={"conversation": marker, **body})

    told = [
        ask(text="They asked for exclusivity, what do I say?"),
        ask(text=f"They asked for exclusivity, what do I say? {marker}"),
        ask(text="why?", message_id=marker),
        ask(text="why?", message_id=marker),
        ask(choice="vote:not:exclusivity-request"),
        ask(text=f"how do I bake bread {marker}"),
        ask(text="ask a person"),
        ask(text=f"This answer was not helpful {marker}"),
        ask(choice=marker),
        ask(text=marker * 2_000),
        ask(text="delete my data"),
        ask(choice="erase:yes"),
        call("GET", "/api/cards/" + marker, params={"lang": marker}),
        call("POST", "/api/ask", json={marker: marker}),
        call("POST", "/api/ask", content=marker, headers={"content-type": "application/json"}),
        call("POST", "/api/ask", json={"text": marker}, headers={"authorization": f"Bearer {marker}"}),
        call("GET", "/fail", params={"q": marker}),
        call("GET", "/fail-deeper", headers={"cookie": marker}),
    ]
    print(told)

bot.cli.serve.Server.run = run
bot.cli.serve.serve(host="", port=-1, work=False)
"""


@pytest.mark.slow
@pytest.mark.usefixtures("matcher")
def test_a_conversation_leaves_no_word_and_no_secret_in_the_log(engine: Engine, tmp_path: Path) -> None:
    # development on SQLite and production on PostgreSQL: both ways of logging, both databases
    production = engine.dialect.name == "postgresql"
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "cache").symlink_to(REPO / "var" / "test-cache")
    with writing(engine) as session:
        key, _ = keys.make_key(session, MARKER, NOW)
    done = subprocess.run(
        [sys.executable, "-c", SERVE, key, MARKER],
        cwd=REPO,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("CAUCUS_")},
            "CAUCUS_DATA_DIR": str(folder),
            "CAUCUS_DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "CAUCUS_SECRET_KEYS": f"{KEYS[0]},{MARKER} and long enough to be one of the keys",
            "CAUCUS_ENV": "production" if production else "development",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert f"{[200] * 12 + [422, 422, 400, 401, 500, 500]}" in done.stdout  # everything was really asked
    log = done.stderr
    assert MARKER not in log
    for secret in (key, key.removeprefix("caucus_"), KEYS[0], "gAAAA"):
        assert secret not in log
    assert log.count("answered") >= 9  # and it is a log: decisions are told
    assert "exclusivity-request" in log
    assert log.count("ValueError") == 1
    assert log.count("RuntimeError") == 1
    assert "Traceback" not in log
    if production:
        lines = [json.loads(line) for line in log.splitlines()]
        assert all({"event", "level", "timestamp"} <= set(line) for line in lines)


@pytest.mark.parametrize("name", sorted(logs.FORBIDDEN))
def test_forbidden_names_are_dropped(name: str) -> None:
    assert logs.drop_forbidden(None, "info", {"event": "e", name: MARKER, "id": 7}) == {
        "event": "e",
        name: "(not logged)",
        "id": 7,
    }


def test_the_names_that_carry_words_or_secrets_are_forbidden() -> None:
    assert {"text", "body", "message", "question", "answer", "token", "secret", "password", "cookie", "email"} <= logs.FORBIDDEN
    assert not {"event", "level", "timestamp", "error", "at", "decision", "intent", "channel", "state"} & logs.FORBIDDEN


def raised() -> Exception:
    """An error with a past, as one is caught."""
    try:
        try:
            raise KeyError(MARKER)
        except KeyError as error:
            raise ValueError(MARKER) from error
    except ValueError as error:
        return error


@pytest.mark.parametrize("form", ["the error", "a tuple"])
def test_an_error_becomes_its_type_and_place_without_its_text(form: str) -> None:
    error = raised()
    given = error if form == "the error" else (type(error), error, error.__traceback__)
    event = logs.one_line_errors(None, "error", {"event": "failed", "exc_info": given})
    assert (event["event"], event["error"]) == ("failed", "ValueError")
    assert event["at"].startswith("test_logs.py:")
    assert MARKER not in repr(event)
    assert "exc_info" not in event


def test_the_error_being_handled_is_found_and_its_absence_is_no_error() -> None:
    try:
        raise ValueError(MARKER)
    except ValueError:
        event = logs.one_line_errors(None, "error", {"event": "failed", "exc_info": True})
    assert event["error"] == "ValueError"
    assert logs.one_line_errors(None, "error", {"event": "fine", "exc_info": True}) == {"event": "fine"}
    assert logs.one_line_errors(None, "info", {"event": "fine"}) == {"event": "fine"}


@pytest.fixture
def configured(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """What production has written to standard error; the logging of the test run comes back afterwards."""
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    logs.configure(production=True)
    yield lambda: capsys.readouterr().err
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)


def test_production_writes_json_lines_and_development_levels_of_no_use_are_left_out(configured: Callable[[], str]) -> None:
    structlog.get_logger().info("answered", decision="sure", text=MARKER)
    structlog.get_logger().debug("never seen")
    (line,) = [json.loads(line) for line in configured().splitlines()]
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "answered", "decision": "sure", "text": "(not logged)", "level": "info"}


def test_libraries_log_in_the_same_way_and_their_errors_without_text(configured: Callable[[], str]) -> None:
    library = logging.getLogger("some.package")
    library.info("too small to be told")
    try:
        raise ValueError(MARKER)
    except ValueError:
        library.exception("it failed")
    written = configured()
    (line,) = [json.loads(line) for line in written.splitlines()]
    assert (line["event"], line["level"], line["error"]) == ("it failed", "error", "ValueError")
    assert MARKER not in written


@pytest.mark.usefixtures("configured")
def test_what_is_logged_goes_to_standard_error_as_it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr("sys.stderr", first)
    logger = structlog.get_logger()
    logger.info("one")
    monkeypatch.setattr("sys.stderr", second)
    first.close()
    logger.info("two")
    logging.getLogger("elsewhere").warning("three")
    assert [json.loads(line)["event"] for line in second.getvalue().splitlines()] == ["two", "three"]


def test_a_logger_already_used_follows_the_configuration(configured: Callable[[], str]) -> None:
    # a command run within another process configures again: no logger may stay with the first configuration
    logger = structlog.get_logger()
    logger.info("one")
    logs.configure(production=True)
    with structlog.testing.capture_logs() as lines:
        logger.info("two")
    assert [json.loads(line)["event"] for line in configured().splitlines()] == ["one"]
    assert [line["event"] for line in lines] == ["two"]
