"""Does every route ask who comes, and is every page closed to what it should not load or be shown in?"""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from adapters.console.frame import ADMINS_ONLY
from adapters.site.browser import COOKIE, SIGNED_COOKIE
from bot.db import writing
from bot.people import directory, keys
from bot.wiring import App
from tests.conftest import NOW, REPO
from tests.security import doors
from tests.security.doors import ELSEWHERE, KEY, door_of, knock, routes, table, visitor
from tests.site_world import a_link, settle_in

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""Who is let in is looked up in one way on both databases."""
PAPER = REPO / "docs" / "security.md"


def signed_in(public: App, server: FastAPI, person: str) -> TestClient:
    """The browser of somebody who followed their link."""
    client = visitor(server)
    entered = client.post(a_link(public, person), data={"to": "/"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert entered.status_code == 303, entered.text
    return client


def test_every_route_without_credentials_refuses_or_says_why_it_is_open(server: FastAPI) -> None:
    client, found = visitor(server), routes(server)
    assert len(found) > 60
    for method, path in found:
        door, answer = door_of(path), knock(client, method, path)
        assert answer.status_code < 500, path
        if door.refusals:
            assert answer.status_code in door.refusals, (method, path, answer.status_code)
            assert len(answer.content) < 3_000
        else:
            assert door.why_open, path


def test_every_door_is_that_of_some_route(server: FastAPI) -> None:
    assert {id(door_of(path)) for _, path in routes(server)} == {id(door) for door in doors.DOORS.values()}


def test_the_paper_lists_every_route_as_it_answers(server: FastAPI) -> None:
    assert "\n".join(table(visitor(server), routes(server))) in PAPER.read_text("utf-8")


def test_invented_credentials_are_worth_nothing(server: FastAPI) -> None:
    for method, path in routes(server):
        door = door_of(path)
        if not door.refusals:
            continue
        invented = {
            "Authorization": "Bearer caucus_guessed",
            "X-Slack-Signature": "v0=" + "0" * 64,
            "X-Slack-Request-Timestamp": "1790000000",
            "X-Forwarded-For": "127.0.0.1",
        }
        client = visitor(server)  # one of their own, since guessing is slowed down
        for name in (COOKIE, SIGNED_COOKIE, f"__Host-{SIGNED_COOKIE}"):
            client.cookies.set(name, "x" * 43)
        assert knock(client, method, path, headers=invented).status_code in (*door.refusals, 429), (method, path)


def test_another_name_than_ours_and_a_form_of_another_site_are_refused(server: FastAPI) -> None:
    other = TestClient(server, base_url="https://evil.example.org", client=ELSEWHERE, follow_redirects=False)
    client = visitor(server)
    for method, path in routes(server):
        if path.startswith(("/api", "/slack", "/wechat", "/wecom", "/health", "/metrics")):
            continue  # for machines: a browser's cookie opens none of them
        assert knock(other, method, path).status_code == 403, (method, path)
        if method != "GET":
            assert knock(client, method, path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403, (method, path)


def test_a_member_opens_no_page_of_the_console_and_a_curator_none_of_the_admins(public: App, server: FastAPI) -> None:
    people = settle_in(public)
    member, curator = signed_in(public, server, people["member"]), signed_in(public, server, people["curator"])
    console = [(method, path) for method, path in routes(server) if path.startswith("/console")]
    assert len(console) > 25
    for method, path in console:
        assert knock(member, method, path).status_code == 403, (method, path)
        if path.split("/")[2:3] and path.split("/")[2] in ADMINS_ONLY:
            assert knock(curator, method, path).status_code == 403, (method, path)


def test_a_session_opens_no_route_of_the_api_and_a_key_no_page(public: App, server: FastAPI) -> None:
    people = settle_in(public)
    admin = signed_in(public, server, people["admin"])
    with writing(public.engine) as session:
        key, _ = keys.make_key(session, "crm", NOW, person=directory.find(session, people["admin"]), role="admin")
    for method, path in routes(server):
        if door_of(path) is KEY:
            assert knock(admin, method, path).status_code == 401, (method, path)
        elif door_of(path) in (doors.SESSION, doors.CURATOR):
            asked = knock(visitor(server), method, path, headers={"Authorization": f"Bearer {key}"})
            assert asked.status_code in (303, 401), (method, path)


def test_every_page_forbids_what_it_does_not_need(public: App, server: FastAPI) -> None:
    people = settle_in(public)
    pages = 0
    for client in (visitor(server), signed_in(public, server, people["admin"]), signed_in(public, server, people["member"])):
        for method, path in routes(server):
            if path == "/events":
                continue  # a stream without end, which is no page
            answer = knock(client, method, path)
            if not answer.headers.get("content-type", "").startswith("text/html"):
                continue
            pages += 1
            policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
            assert policy["default-src"] == "'none'", path
            assert policy["frame-ancestors"] == "'none'", path
            assert policy["base-uri"] == "'none'", path
            assert set(" ".join(policy.values()).split()) <= {"'none'", "'self'"}, path  # no host, no inline, no eval
            assert answer.headers["x-content-type-options"] == "nosniff", path
            assert answer.headers["referrer-policy"] == "no-referrer", path
            assert "<script>" not in answer.text and " style=" not in answer.text, path
    assert pages > 60


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(public: App, server: FastAPI) -> None:
    client, own = visitor(server), {"Sec-Fetch-Site": "same-origin"}
    entered = client.post(a_link(public, settle_in(public)["member"]), data={"to": "/"}, headers=own)
    answers = [entered, client.get("/language/zh"), client.get("/slack/install")]
    cookies = [cookie.lower() for answer in answers for cookie in answer.headers.get_list("set-cookie")]
    assert len(cookies) == 3
    for cookie in cookies:
        assert "secure" in cookie and "httponly" in cookie, cookie
        assert "samesite=lax" in cookie if "slack" in cookie else "samesite=strict" in cookie, cookie
    assert cookies[0].startswith(f"__host-{SIGNED_COOKIE}=")


def test_who_begins_one_installation_after_the_other_waits(server: FastAPI) -> None:
    client = visitor(server)
    statuses = [client.get("/slack/install").status_code for _ in range(60)]
    assert statuses[:20] == [302] * 20
    assert 429 in statuses
