"""`/api/broadcasts`: the key's owner acts, with the rights of their role; refusals are short, have their status and quote nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from bot.db import writing
from bot.people import keys
from bot.settings import Settings
from bot.wiring import web
from knowledge.load import KnowledgeBase
from tests.broadcasting import MONDAY, SAYS, House, Post

DRAFT = {"segment": "workspace", **SAYS}


class Site:
    """Caucus over HTTP, with a key of an admin, of a curator and of a member."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.client = TestClient(web(house.app), base_url="http://127.0.0.1:8000")
        self.keys: dict[str, str] = {}
        with writing(house.engine) as session:
            for role in ("admin", "curator", "member"):
                self.keys[role], _ = keys.make_key(session, role, MONDAY, role=role)

    def ask(self, method: str, path: str, body: object = None, *, role: str = "admin"):
        headers = {"Authorization": f"Bearer {self.keys[role]}"} if role else {}
        return self.client.request(method, f"/api/broadcasts{path}", json=body, headers=headers)


@pytest.fixture
def site(settings: Settings, engine: Engine, kb: KnowledgeBase) -> Site:
    house = House(settings, engine, kb, {"slack": Post()})
    house.person("slack:T1/LI", zone="Asia/Shanghai", lang="zh")
    house.person("slack:T1/BO", zone="Europe/Berlin", lang="en")
    return Site(house)


def test_a_broadcast_goes_from_draft_to_report(site: Site) -> None:
    made = site.ask("POST", "", DRAFT)
    assert made.status_code == 201
    path = f"/{made.json()['id']}"
    assert site.ask("POST", f"{path}/preview").json()["audience"] == 2
    assert site.ask("POST", f"{path}/approve", role="curator").json()["state"] == "approved"
    assert site.ask("POST", f"{path}/start", {}).json()["waiting"] == 2
    site.house.work()
    told = site.ask("POST", f"{path}/report", {}).json()
    assert (told["state"], told["sent"]) == ("done", 2)
    assert [one["state"] for one in site.ask("GET", "").json()["broadcasts"]] == ["done"]


def test_refusals_have_their_status_and_a_reason(site: Site) -> None:
    path = f"/{site.ask('POST', '', DRAFT).json()['id']}"
    asked = [
        (site.ask("POST", "", DRAFT, role="member"), 403, "curators and admins"),
        (site.ask("GET", "", role="member"), 403, "curators and admins"),
        (site.ask("POST", f"{path}/approve"), 422, "cannot approve"),
        (site.ask("POST", f"{path}/pause"), 409, "nothing to pause"),
        (site.ask("POST", f"{path}/explode"), 404, "the actions are"),
        (site.ask("POST", "/nothing/start"), 404, "no such broadcast"),
        (site.ask("POST", f"{path}/start", {"at": "yesterday"}), 422, "no time"),
        (site.ask("POST", f"{path}/start", {"cron": "* * * * *"}), 422, "once a day"),
        (site.ask("POST", "", {**DRAFT, "segment": "everyone"}), 422, "no such segment"),
        (site.ask("POST", "", {**DRAFT, "zh": ""}), 422, "Chinese text is empty"),
        (site.ask("POST", "", {"secret": "x"}), 422, "unknown field"),
        (site.ask("POST", "", [1]), 422, ""),
    ]
    for answer, status, reason in asked:
        assert answer.status_code == status, answer.text
        assert reason in answer.json()["error"]
        assert "Ask twice" not in answer.text
    assert site.client.post("/api/broadcasts", json=DRAFT, headers={"Authorization": "Bearer wrong"}).status_code == 401
