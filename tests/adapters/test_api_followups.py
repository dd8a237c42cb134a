"""`/api/followups`: a key's owner notes, lists and changes what is theirs; broken and foreign requests get a short reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from adapters.http import LARGEST_BODY
from bot.db import writing
from bot.people import directory, keys
from bot.wiring import App, web

NOW = dt.datetime.fromisoformat("2026-11-25T10:00:00+01:00")
GIVEN = {
    "subject": "quotation 4411",
    "contact_name": "Li Wei",
    "recipients": ["li@factory.cn"],
    "when": "Thursday 10:00 their time",
}


@pytest.fixture
def app(build_app: Callable[..., App]) -> App:
    return build_app(now=lambda: NOW)


def client_of(app: App, name: str = "") -> TestClient:
    """Somebody with a key of their own; without a name this machine's own user."""
    headers = {}
    if name:
        with writing(app.engine) as session:
            person = directory.add_person(session, NOW, name=name, zone="Europe/Berlin")
            headers = {"Authorization": f"Bearer {keys.make_key(session, name, NOW, person=person)[0]}"}
    return TestClient(web(app), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50_000), headers=headers)


@pytest.fixture
def anna(app: App) -> TestClient:
    return client_of(app, "anna")


def test_one_is_noted_listed_and_closed(anna: TestClient) -> None:
    made = anna.post("/api/followups", json=GIVEN)
    assert made.status_code == 201
    told = made.json()
    assert {name: told[name] for name in ("kind", "recipients", "subject", "contact_name", "state", "due_at")} == {
        "kind": "normal",
        "recipients": ["li@factory.cn"],
        "subject": "quotation 4411",
        "contact_name": "Li Wei",
        "state": "open",
        "due_at": "2026-11-26T10:00:00+08:00",
    }
    assert anna.get("/api/followups").json() == {"followups": [told]}
    for _ in range(2):
        closed = anna.patch(f"/api/followups/{told['id']}", json={"action": "replied"})
        assert (closed.status_code, closed.json()["state"], closed.json()["reason"]) == (200, "closed", "replied")
    assert anna.get("/api/followups").json() == {"followups": []}
    assert len(anna.get("/api/followups?state=all").json()["followups"]) == 1
    assert anna.patch(f"/api/followups/{told['id']}", json={"action": "undo"}).json()["state"] == "open"


def test_the_same_request_id_makes_one(anna: TestClient) -> None:
    first, again = (anna.post("/api/followups", json={**GIVEN, "request_id": "r1"}).json() for _ in range(2))
    assert first == again
    assert len(anna.get("/api/followups").json()["followups"]) == 1


def test_several_recipients_are_one_follow_up(anna: TestClient) -> None:
    told = anna.post("/api/followups", json={**GIVEN, "recipients": ["li@factory.cn", "wang@factory.cn"]}).json()
    assert told["recipients"] == ["li@factory.cn", "wang@factory.cn"]


def test_without_a_time_their_working_hours_decide(anna: TestClient) -> None:
    told = anna.post("/api/followups", json={"subject": "samples", "contact_name": "Li"}).json()
    assert told["due_at"] == "2026-11-26T14:30:00+08:00", "sent at 17:00 in Beijing: the next day, when the user is awake"


def test_it_is_put_off_in_words_and_exactly(anna: TestClient) -> None:
    one = anna.post("/api/followups", json=GIVEN).json()["id"]
    assert (
        anna.patch(f"/api/followups/{one}", json={"action": "snooze", "when": "Friday 9:00"}).json()["due_at"]
        == "2026-11-27T09:00:00+01:00"
    )
    exact = anna.patch(f"/api/followups/{one}", json={"action": "snooze", "until": "2026-12-01T09:00:00+08:00"})
    assert exact.json()["due_at"] == "2026-12-01T02:00:00+01:00"


def test_what_is_noted_is_changed_and_taken_back(anna: TestClient) -> None:
    one = anna.post("/api/followups", json={"subject": "samples", "contact_name": "Li", "deadline": "2026-12-15T18:00:00+08:00"})
    assert (one.status_code, one.json()["deadline"]) == (201, "2026-12-15T10:00:00+00:00")
    at = f"/api/followups/{one.json()['id']}"
    given = {"subject": "contract", "contact_name": "Ms Wang", "phone": "+86 21 5555", "contact_zone": "Asia/Tokyo"}
    changed = anna.patch(at, json={"action": "change", "deadline": "2026-12-20T18:00:00+08:00", **given}).json()
    assert (changed["subject"], changed["contact_name"]) == ("contract", "Ms Wang")
    assert (changed["deadline"], changed["zone"]) == ("2026-12-20T10:00:00+00:00", "Asia/Tokyo")
    back = anna.patch(at, json={"action": "undo"}).json()
    assert {**back, "reason": ""} == {**one.json(), "reason": ""}


def test_a_change_says_what_and_nothing_else_takes_its_fields(anna: TestClient) -> None:
    at = f"/api/followups/{anna.post('/api/followups', json=GIVEN).json()['id']}"
    for wrong in (
        {"action": "change"},
        {"action": "done", "phone": "+86 21 5555"},
        {"action": "change", "contact_zone": "Mars/One"},
    ):
        assert anna.patch(at, json=wrong).status_code == 422, wrong
    assert anna.patch(at, json={"action": "change", "phone": "nobody's"}).json() == {"error": "that is not a telephone number"}
    assert anna.post("/api/followups", json={**GIVEN, "deadline": "2026-11-01T09:00:00Z"}).json() == {
        "error": "that deadline is past"
    }


def test_nobody_else_sees_or_changes_it(app: App, anna: TestClient) -> None:
    one = anna.post("/api/followups", json=GIVEN).json()["id"]
    for other in (client_of(app, "bert"), client_of(app)):
        assert other.get("/api/followups?state=all").json() == {"followups": []}
        refused = other.patch(f"/api/followups/{one}", json={"action": "cancel"})
        assert (refused.status_code, refused.json()) == (404, {"error": "there is no such follow-up"})
    assert anna.get("/api/followups").json()["followups"][0]["state"] == "open"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"when": "yesterday"}, "past"),
        ({"when": "on 30 February"}, "no day 30"),
        ({"when": "after the holiday"}, "may mean"),
        ({"when": "blue"}, "no time"),
        ({"due_at": "2020-01-01T00:00:00Z", "when": ""}, "past"),
        ({"due_at": "2099-01-01T00:00:00Z", "when": ""}, "five years"),
        ({"due_at": "2026-12-01T00:00:00"}, "due_at"),
        ({"recipients": ["nobody"]}, "e-mail"),
        ({"contact_zone": "Mars/One"}, "time zone"),
        ({"subject": ""}, "subject"),
        ({"reach": "pigeon"}, "reach"),
        ({"secret": "zebrafish"}, "unknown field"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason_and_makes_nothing(
    anna: TestClient, changed: dict[str, object], reason: str
) -> None:
    answer = anna.post("/api/followups", json={**GIVEN, **changed})
    assert answer.status_code == 422
    assert reason in answer.json()["error"]
    assert "zebrafish" not in answer.text
    assert anna.get("/api/followups").json() == {"followups": []}


def test_broken_requests_are_short_and_never_a_500(anna: TestClient) -> None:
    json_type = {"content-type": "application/json"}
    assert anna.post("/api/followups", content="{", headers=json_type).status_code == 400
    assert anna.post("/api/followups", content="x", headers={"content-type": "text/plain"}).status_code == 415
    assert anna.post("/api/followups", content="[" * (LARGEST_BODY + 1), headers=json_type).status_code == 413
    assert anna.patch("/api/followups/" + "x" * 500, json={"action": "done"}).status_code == 404
    assert anna.patch("/api/followups/%00", json={"action": "done"}).status_code == 404
    assert anna.patch("/api/followups/x", json={"action": "explode"}).status_code == 422
    assert anna.get("/api/followups?state=secret").status_code == 422


def test_without_a_valid_key_nothing_is_told(app: App) -> None:
    stranger = TestClient(web(app), base_url="http://127.0.0.1:8000", client=("203.0.113.9", 5))
    assert stranger.get("/api/followups").status_code == 401
    assert stranger.post("/api/followups", json=GIVEN).status_code == 401
    assert stranger.patch("/api/followups/x", json={"action": "done"}).status_code == 401


def test_a_key_made_for_a_person_shows_what_they_said_elsewhere_too(app: App) -> None:
    anna = client_of(app, "anna")
    anna.post("/api/ask", json={"text": "I emailed Mr Li about the samples, remind me tomorrow at 9:30"})
    assert [row["contact_name"] for row in anna.get("/api/followups").json()["followups"]] == ["Mr Li"]
