"""The JSON API keeps its contract for whoever has a key, and is short with everybody else. Through real HTTP requests."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from starlette.testclient import TestClient

import bot.db
from adapters.http import LARGEST_BODY
from bot.conversations.tables import InboundRow
from bot.db import open_engine, reading, writing
from bot.intents.match import Matcher
from bot.messages import LONGEST_UTTERANCE
from bot.pace import Pace
from bot.people import keys
from bot.people.tables import ApiKey
from bot.settings import Settings, read_settings
from bot.wiring import App, build, web
from knowledge.load import KnowledgeBase
from tests.conftest import KEYS, NOW

HERE = ("127.0.0.1", 50_000)
ELSEWHERE = ("203.0.113.9", 50_000)
JSON = {"content-type": "application/json"}
QUESTION = "They asked for exclusivity, what do I say?"


def no_limit() -> Pace:
    """A pace that nobody reaches."""
    return Pace(1e9, 1e9)


def client_of(app: App, *, at: tuple[str, int] = HERE, pace: Pace | None = None) -> TestClient:
    """A client at an address; an error inside becomes the 500 that a caller would see."""
    server = web(app, pace=pace or no_limit())
    return TestClient(server, base_url="http://127.0.0.1:8000", client=at, raise_server_exceptions=False)


@pytest.fixture
def client(app: App) -> TestClient:
    """A client on this machine, in development: no key needed."""
    return client_of(app)


def make_key(engine: Engine, name: str = "crm") -> dict[str, str]:
    """The header of a new key."""
    with writing(engine) as session:
        return {"authorization": f"Bearer {keys.make_key(session, name, NOW)[0]}"}


def asked(engine: Engine) -> int:
    """How many messages were handled."""
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(InboundRow)) or 0


def ask(client: TestClient, **body: object) -> dict[str, Any]:
    """The answer to a question that must be answered."""
    response = client.post("/api/ask", json=body)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


# the contract of an answer


def test_a_sure_answer_has_the_shape_of_the_contract(client: TestClient, kb: KnowledgeBase) -> None:
    told = ask(client, text=QUESTION)
    assert set(told) == {"conversation", "decision", "intent", "confidence", "choices", "cards", "asks", "result"}
    assert (told["decision"], told["intent"], told["choices"]) == ("sure", "exclusivity-request", [])
    assert told["asks"] is None
    assert told["result"] is None
    assert 0 < told["confidence"] <= 1
    assert told["conversation"]
    card = told["cards"][0]
    assert {"id", "lang", "title", "verdict", "because", "do", "avoid", "say", "ask", "sources"} <= set(card)
    assert (card["id"], card["lang"], card["title"]) == ("exclusivity-request", "en", kb.cards["exclusivity-request"].title.en)
    assert {"to", "text"} == set(card["say"][0])
    assert {"id", "title"} == set(card["choices"][0])
    assert all(card[name] for name in ("verdict", "because", "do", "avoid", "say", "ask", "sources"))


@pytest.mark.parametrize(
    ("question", "lang", "force"), [("对方要独家代理，怎么办？", "zh", None), (QUESTION, "zh", "zh"), ("独家", "en", "en")]
)
def test_the_language_follows_the_message_unless_forced(client: TestClient, question: str, lang: str, force: str | None) -> None:
    told = ask(client, text=question, **({"lang": force} if force else {}))
    assert told["intent"] == "exclusivity-request"
    assert told["cards"][0]["lang"] == lang


def test_an_unknown_question_is_told_so(client: TestClient) -> None:
    told = ask(client, text="how do I bake bread")
    assert (told["decision"], told["intent"], told["cards"][0]["id"]) == ("unknown", None, "unknown")


def test_choices_asked_back_can_be_pressed(client: TestClient, matcher: Matcher) -> None:
    vague = next(t for t in ("contract", "boss", "email", "meeting", "price") if matcher.understand(t).decision == "ask")
    told = ask(client, text=vague, conversation="c1")
    assert told["decision"] == "ask"
    assert 2 <= len(told["choices"]) <= 3
    second = told["choices"][1]
    assert {"id", "title"} == set(second)
    assert ask(client, choice=second["id"], conversation="c1")["intent"] == second["id"]


def test_a_conversation_goes_on_under_its_name_and_not_under_another(client: TestClient) -> None:
    first = ask(client, text=QUESTION)
    name = first["conversation"]
    again = ask(client, text="why?", conversation=name)
    assert (again["intent"], again["conversation"]) == ("exclusivity-request", name)
    assert ask(client, text="why?", conversation="another")["intent"] != "exclusivity-request"
    assert ask(client, text="why?")["conversation"] not in (name, "another")


def test_the_same_message_id_again_gives_the_same_answer_and_does_nothing_twice(client: TestClient, engine: Engine) -> None:
    body = {"text": QUESTION, "message_id": "m1"}
    first = ask(client, **body)
    assert ask(client, **body) == first
    assert ask(client, text="how do I bake bread", message_id="m1") == first
    assert asked(engine) == 1
    ask(client, text=QUESTION)
    ask(client, text=QUESTION)  # without an id each is a message of its own
    assert asked(engine) == 3


def test_replays_at_once_are_answered_once(app: App, engine: Engine) -> None:
    together, told = threading.Barrier(4), []

    def replay() -> None:
        client = client_of(app)
        together.wait()
        told.append(ask(client, text=QUESTION, message_id="m1", conversation="c1"))

    threads = [threading.Thread(target=replay) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 4
    assert all(answer == told[0] for answer in told)
    assert asked(engine) == 1


def test_a_card_is_read_in_both_languages(client: TestClient, kb: KnowledgeBase) -> None:
    for lang in ("en", "zh"):
        response = client.get("/api/cards/exclusivity-request", params={"lang": lang})
        assert response.status_code == 200
        assert response.json()["title"] == getattr(kb.cards["exclusivity-request"].title, lang)
    assert client.get("/api/cards/exclusivity-request").json()["lang"] == "en"


@pytest.mark.parametrize("path", ["no-such-card", "%3Cscript%3E", "..%2F..%2Fetc%2Fpasswd", "%00", "%ff", "EXCLUSIVITY-REQUEST"])
def test_a_card_that_is_not_there_is_a_404_that_repeats_nothing(client: TestClient, path: str) -> None:
    response = client.get(f"/api/cards/{path}")
    assert response.status_code == 404
    assert "script" not in response.text
    assert "passwd" not in response.text


@pytest.mark.parametrize("lang", ["fr", "EN", "<script>", "", "zh-CN"])
def test_a_card_in_another_language_is_a_422_that_repeats_nothing(client: TestClient, lang: str) -> None:
    response = client.get("/api/cards/exclusivity-request", params={"lang": lang})
    assert response.status_code == 422
    assert "<script>" not in response.text
    assert set(response.json()) == {"error"}


def test_the_openapi_description_names_the_routes_and_the_body(client: TestClient) -> None:
    described = client.get("/api/openapi.json").json()
    body = described["paths"]["/api/ask"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["properties"]) == {"text", "choice", "lang", "conversation", "message_id"}
    assert "/api/cards/{card_id}" in described["paths"]


def test_health_tells_which_part_is_ready(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}
    ready = client.get("/health/ready")
    assert ready.status_code == 200
    assert ready.json()["status"] == "ok"
    assert ready.json()["parts"]["database"] == "ok"


# who may ask


def test_a_valid_key_asks_from_anywhere(app: App, engine: Engine) -> None:
    client = client_of(app, at=ELSEWHERE)
    for header in (make_key(engine), {"authorization": make_key(engine)["authorization"].replace("Bearer", "bearer")}):
        response = client.post("/api/ask", json={"text": QUESTION}, headers=header)
        assert response.status_code == 200
        assert client.get("/api/cards/exclusivity-request", headers=header).status_code == 200


@pytest.mark.parametrize("at", [HERE, ELSEWHERE], ids=["here", "elsewhere"])
@pytest.mark.parametrize(
    "header",
    [
        "Bearer caucus_wrong",
        "Bearer ",
        "Bearer",
        "Basic dXNlcjpwYXNz",
        "caucus_wrong",
        "Bearer \xff\xfe",
        "Bearer " + "x" * 10_000,
        "Bearer ' OR 1=1 --",
    ],
)
def test_a_wrong_key_is_refused_even_on_this_machine(app: App, engine: Engine, header: str, at: tuple[str, int]) -> None:
    client = client_of(app, at=at)
    for method, path in (("POST", "/api/ask"), ("GET", "/api/cards/exclusivity-request")):
        response = client.request(method, path, json={"text": QUESTION}, headers={"authorization": header.encode("latin-1")})
        assert response.status_code == 401
        assert header.removeprefix("Bearer ").strip() not in response.text or len(header) < 8
        assert set(response.json()) == {"error"}
    assert asked(engine) == 0


def test_a_revoked_key_is_refused_at_once(app: App, engine: Engine) -> None:
    client, header = client_of(app, at=ELSEWHERE), make_key(engine)
    assert client.post("/api/ask", json={"text": QUESTION}, headers=header).status_code == 200
    with writing(engine) as session:
        session.scalars(select(ApiKey)).one().revoked_at = NOW
    assert client.post("/api/ask", json={"text": QUESTION}, headers=header).status_code == 401
    assert asked(engine) == 1


def test_without_a_key_nobody_asks_from_elsewhere(app: App, engine: Engine) -> None:
    client = client_of(app, at=ELSEWHERE)
    assert client.post("/api/ask", json={"text": QUESTION}).status_code == 401
    assert client.get("/api/cards/exclusivity-request").status_code == 401
    assert asked(engine) == 0


@pytest.mark.parametrize(
    ("at", "headers"),
    [
        (ELSEWHERE, {"host": "127.0.0.1:8000"}),
        (ELSEWHERE, {"host": "localhost", "x-forwarded-for": "127.0.0.1"}),
        (HERE, {"host": "coach.example.com"}),
        (HERE, {"host": "localhost.example.com:8000"}),
        (HERE, {"host": "127.0.0.1.example.com"}),
        (HERE, {"host": ""}),
        (HERE, {"host": "0.0.0.0:8000"}),
        (HERE, {"x-forwarded-for": "203.0.113.9"}),
        (HERE, {"x-forwarded-for": "127.0.0.1"}),
        (HERE, {"forwarded": "for=127.0.0.1"}),
        (("not an address", 1), {}),
    ],
)
def test_a_forged_name_or_a_proxy_in_between_is_not_this_machine(
    app: App, engine: Engine, at: tuple[str, int], headers: dict[str, str]
) -> None:
    response = client_of(app, at=at).post("/api/ask", json={"text": QUESTION}, headers=headers)
    assert response.status_code == 401
    assert asked(engine) == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost", "localhost:9", "[::1]:8000", "[::1]"])
def test_names_of_this_machine_need_no_key_in_development(app: App, host: str) -> None:
    for at in (HERE, ("::1", 50_000)):
        assert client_of(app, at=at).post("/api/ask", json={"text": "hello"}, headers={"host": host}).status_code == 200


def test_in_production_this_machine_needs_a_key_too(engine: Engine, kb: KnowledgeBase, matcher: Matcher, tmp_path: Path) -> None:
    settings = read_settings(
        {"CAUCUS_ENV": "production", "CAUCUS_SECRET_KEYS": KEYS[0], "CAUCUS_DATA_DIR": str(tmp_path / "var")}
    )
    client = client_of(build(settings, engine=engine, kb=kb, matcher=matcher, now=lambda: NOW))
    assert client.post("/api/ask", json={"text": QUESTION}).status_code == 401
    assert client.post("/api/ask", json={"text": QUESTION}, headers=make_key(engine)).status_code == 200


def test_keys_do_not_see_each_others_conversations_or_answers(app: App, engine: Engine) -> None:
    client, one, other = client_of(app), make_key(engine, "one"), make_key(engine, "other")
    body = {"text": QUESTION, "conversation": "c1", "message_id": "m1"}
    assert client.post("/api/ask", json=body, headers=one).json()["intent"] == "exclusivity-request"
    same_names = {"text": "why?", "conversation": "c1", "message_id": "m1"}
    assert client.post("/api/ask", json=same_names, headers=other).json()["intent"] != "exclusivity-request"
    assert client.post("/api/ask", json={**same_names, "message_id": "m2"}, headers=one).json()["intent"] == "exclusivity-request"


# how often


def test_too_many_requests_are_refused_with_when_to_come_back_for_each_key_apart(app: App, engine: Engine) -> None:
    client = client_of(app, pace=Pace(1 / 1_000, 3))
    one, other = make_key(engine, "one"), make_key(engine, "other")
    for _ in range(3):
        assert client.post("/api/ask", json={"text": "hello"}, headers=one).status_code == 200
    for path in ("/api/ask", "/api/ask"):
        response = client.post(path, json={"text": "hello"}, headers=one)
        assert response.status_code == 429
        assert 990 <= int(response.headers["retry-after"]) <= 1_001
        assert response.json() == {"error": "too many requests"}
    assert client.get("/api/cards/exclusivity-request", headers=one).status_code == 429
    assert asked(engine) == 3
    assert client.post("/api/ask", json={"text": "hello"}, headers=other).status_code == 200
    assert client.post("/api/ask", json={"text": "hello"}).status_code == 200  # this machine, without a key
    assert client.get("/health/live").status_code == 200


def test_broken_requests_count_too(app: App) -> None:
    client = client_of(app, pace=Pace(1 / 1_000, 2))
    assert [client.post("/api/ask", content=b"{", headers=JSON).status_code for _ in range(4)] == [400, 400, 429, 429]


def test_guessing_keys_is_slowed_down_and_a_valid_key_is_not(app: App, engine: Engine) -> None:
    client = client_of(app, at=ELSEWHERE)
    wrong = {"authorization": "Bearer caucus_guess"}
    statuses = [client.post("/api/ask", json={"text": "hello"}, headers=wrong).status_code for _ in range(100)]
    assert statuses[0] == 401
    assert 429 in statuses
    assert set(statuses) == {401, 429}
    assert client.post("/api/ask", json={"text": "hello"}, headers=make_key(engine)).status_code == 200


# what may be sent


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "json", "application/jsonp"],
)
def test_another_content_type_is_a_415(client: TestClient, kind: str) -> None:
    response = client.post("/api/ask", content=json.dumps({"text": QUESTION}), headers={"content-type": kind})
    assert response.status_code == 415


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON ;x=y"])
def test_json_by_any_spelling_is_read(client: TestClient, kind: str) -> None:
    response = client.post("/api/ask", content=json.dumps({"text": QUESTION}), headers={"content-type": kind})
    assert response.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"text": "x"',
        b"text=x",
        b"\xff\xfe",
        b'{"text": "\xff\xfe broken UTF-8"}',
        b'{"text": "\xed\xa0\x80"}',
        b'{"text": "half \\ud800"}',
        b'{"text": "x"} {"text": "y"}',
        b"\x00" * 100,
        b"[" * 100_000,
        b'{"text":' * 10_000,
        json.dumps({"text": "x"}).encode("utf-16"),
    ],
)
def test_broken_json_and_broken_utf_8_are_a_400(client: TestClient, engine: Engine, body: bytes) -> None:
    response = client.post("/api/ask", content=body, headers=JSON)
    assert response.status_code == 400
    assert len(response.content) < 500
    assert asked(engine) == 0


@pytest.mark.parametrize(
    "body",
    [
        {"txt": "x"},
        {"text": "x", "marker_unknown": 1},
        {"text": "x", "<script>marker</script>": 1},
        {"text": "x", "m" * 100_000: 1},
        {"text": "x", **{f"marker{n}": n for n in range(1_000)}},
        {"text": 1},
        {"text": None},
        {"text": ["x"]},
        {"text": {"marker": "x"}},
        {"text": True},
        {"choice": 1},
        {"choice": "marker" * 100},
        {"text": "x", "lang": "marker"},
        {"text": "x", "lang": 1},
        {"text": "x", "conversation": "marker marker"},
        {"text": "x", "conversation": "m" * 65},
        {"text": "x", "conversation": "m\n"},
        {"text": "x", "conversation": "../marker"},
        {"text": "x", "message_id": "m" * 201},
        {"text": "x", "message_id": 7},
        [],
        ["marker"],
        "marker",
        1,
        None,
        True,
    ],
)
def test_unknown_fields_and_wrong_types_are_a_422_that_repeats_nothing(client: TestClient, engine: Engine, body: object) -> None:
    response = client.post("/api/ask", content=json.dumps(body), headers=JSON)
    assert response.status_code == 422
    assert set(response.json()) == {"error"}
    assert "marker" not in response.text
    assert "mmm" not in response.text
    assert len(response.content) < 1_000
    assert asked(engine) == 0


def test_a_body_larger_than_allowed_is_a_413_whether_it_says_so_or_not(client: TestClient, engine: Engine) -> None:
    too_much = b'{"text": "' + b"x" * LARGEST_BODY + b'"}'
    assert client.post("/api/ask", content=too_much, headers=JSON).status_code == 413

    def streamed() -> Iterator[bytes]:
        for at in range(0, len(too_much), 65_536):
            yield too_much[at : at + 65_536]

    assert client.post("/api/ask", content=streamed(), headers=JSON).status_code == 413
    assert client.post("/api/ask", content=b"{}", headers={**JSON, "content-length": "9" * 30}).status_code == 413
    assert asked(engine) == 0


def test_a_long_message_within_the_limit_is_answered_and_cut(client: TestClient) -> None:
    told = ask(client, text=QUESTION + " " + "word " * 200_000)
    assert told["cards"][0]["id"] == "cut"
    assert str(LONGEST_UTTERANCE) in told["cards"][0]["text"]


@pytest.mark.parametrize("path", ["/api/ask", "/api/cards/exclusivity-request", "/health/live"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_another_method_is_a_405(client: TestClient, method: str, path: str) -> None:
    assert client.request(method, path).status_code == 405


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script> bread",
        "<b>x</b>",
        "{{7*7}} ${7*7}",
        "\u202egnp.exe",
        "\x00\x01",
        "😀",
        "",
        "'; DROP TABLE people; --",
        "a" * 100_000,
    ],
)
def test_hostile_words_are_answered_and_not_repeated(client: TestClient, words: str) -> None:
    response = client.post("/api/ask", json={"text": words})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    for part in ("<script>", "<b>", "{{", "gnp", "DROP", "aaaa"):
        assert part not in response.text


def test_cards_carry_markup_characters_as_plain_text(client: TestClient) -> None:
    told = ask(client, choice="<b>card:exclusivity-request</b>")
    assert told["cards"][0]["id"] == "stale"
    assert "<" not in json.dumps(told)


# the database away


@pytest.fixture
def impatient(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A SQLite database whose writers give up after 0.05 s."""
    monkeypatch.setattr(bot.db, "BUSY_SECONDS", 0.05)
    path = tmp_path / "locked.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{path}", KEYS)
    yield engine
    engine.dispose()


def test_a_locked_database_is_a_503_and_the_next_request_works(
    impatient: Engine, settings: Settings, kb: KnowledgeBase, matcher: Matcher
) -> None:
    client = client_of(build(settings, engine=impatient, kb=kb, matcher=matcher, now=lambda: NOW))
    other = sqlite3.connect(impatient.url.database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(3):
        response = client.post("/api/ask", json={"text": QUESTION, "message_id": "m1"})
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) >= 1
        assert set(response.json()) == {"error"}
    assert client.get("/health/live").status_code == 200
    assert client.get("/api/cards/exclusivity-request").status_code == 200  # needs no database
    other.execute("ROLLBACK")
    other.close()
    assert ask(client, text=QUESTION, message_id="m1")["intent"] == "exclusivity-request"
    assert asked(impatient) == 1


def test_a_missing_database_is_a_503_also_for_keys_and_readiness_and_the_next_request_works(
    impatient: Engine, settings: Settings, kb: KnowledgeBase, matcher: Matcher
) -> None:
    client = client_of(build(settings, engine=impatient, kb=kb, matcher=matcher, now=lambda: NOW))
    header = make_key(impatient)
    file = Path(impatient.url.database or "")
    impatient.dispose()
    away = file.parent / "away"
    away.mkdir()
    for part in file.parent.glob("locked.db*"):
        part.rename(away / part.name)
    file.mkdir()  # something else stands in its place
    for headers in ({}, header):
        assert client.post("/api/ask", json={"text": QUESTION}, headers=headers).status_code == 503
    ready = client.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json()["status"] == "not ready"
    assert ready.json()["parts"]["database"] != "ok"
    assert str(file.parent) not in ready.text
    impatient.dispose()
    file.rmdir()
    for part in away.iterdir():
        part.rename(file.parent / part.name)
    assert client.post("/api/ask", json={"text": QUESTION}, headers=header).status_code == 200
    assert client.get("/health/ready").status_code == 200


# anything at all

LEAF = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30)
VALUE = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "text": st.text(max_size=60) | VALUE,
        "choice": st.text(max_size=20) | st.sampled_from(["1", "card:casual-yes", "lang:zh", "none", "erase:yes"]) | VALUE,
        "lang": st.sampled_from(["en", "zh", "fr"]) | VALUE,
        "conversation": st.text(max_size=10) | VALUE,
        "message_id": st.text(max_size=10) | VALUE,
        "extra": VALUE,
    },
)
BODY = st.binary(max_size=80) | (VALUE | FIELDS).map(lambda value: json.dumps(value).encode())


@pytest.fixture
def fuzzed(app: App) -> Callable[[bytes], httpx.Response]:
    """One application for all examples, without a server thread per request."""
    transport = httpx.ASGITransport(web(app, pace=no_limit()), client=HERE, raise_app_exceptions=False)

    def send(body: bytes) -> httpx.Response:
        async def once() -> httpx.Response:
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
                return await client.post("/api/ask", content=body, headers=JSON)

        return asyncio.run(once())

    return send


@given(body=BODY)
@example(body=b'{"text": "\\ud800"}')
@example(body=b'{"text": 1e999}')
@example(body=b'{"text": NaN}')
@example(body=b'{"text": "a", "text": "b"}')
@example(body=b'{"message_id": "\\u0000"}')
@example(body=b'{"choice": "\\u0000"}')
@examples(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_body_whatsoever_is_a_500(fuzzed: Callable[[bytes], httpx.Response], body: bytes) -> None:
    response = fuzzed(body)
    assert response.status_code in (200, 400, 422)
    told = response.json()
    if response.status_code == 200:
        assert told["cards"]
        assert told["decision"] in ("sure", "ask", "unknown")
    else:
        assert set(told) == {"error"}
        assert len(response.content) < 1_000


@given(
    headers=st.dictionaries(
        st.sampled_from(["authorization", "content-type", "host", "x-forwarded-for", "forwarded", "accept", "cookie", "range"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30),
    )
)
@examples(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_header_whatsoever_is_a_500(client: TestClient, headers: dict[str, str]) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    response = client.post("/api/ask", content=b'{"text": "hello"}', headers={"content-type": "application/json", **raw})
    assert response.status_code in (200, 401, 415, 429)
