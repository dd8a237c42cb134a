"""`/health/ready` tells which part is not ready, and keeps what answers people in the balancer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from adapters.api.health import HealthPorts, router
from bot import wiring_metrics
from bot.settings import Settings
from bot.wiring import App, web
from bot.wiring_mail import mail_gate
from tests.adapters.test_api import HERE

MAIL = {"mail_domain": "in.coach.test", "mail_authserv_id": "mx.coach.test"}


def ready(app: App) -> tuple[int, str, dict[str, str]]:
    """Status code, status and parts."""
    answer = TestClient(web(app), base_url="http://127.0.0.1:8000", client=HERE).get("/health/ready")
    return answer.status_code, answer.json()["status"], answer.json()["parts"]


def test_a_closed_mail_port_is_told_and_people_are_still_answered(settings: Settings, build_app: Callable[..., App]) -> None:
    app = build_app(settings=settings.model_copy(update={**MAIL, "lmtp_port": 0}))
    gate = mail_gate(app)
    assert gate
    assert ready(app)[:2] == (200, "degraded")
    assert ready(app)[2]["mail"] == "the mail port is closed"
    assert 'caucus_part_ready{part="mail"} 0.0' in wiring_metrics.exposition(app).decode()
    gate.start()
    try:
        assert ready(app)[1] == "ok"
        assert 'caucus_part_ready{part="mail"} 1.0' in wiring_metrics.exposition(app).decode()
    finally:
        gate.stop()
    assert ready(app)[2]["mail"] == "the mail port is closed"


def test_a_mailbox_that_cannot_be_reached_is_told_without_its_name(settings: Settings, build_app: Callable[..., App]) -> None:
    url = SecretStr("imap://coach:secret@127.0.0.1:1/INBOX")
    app = build_app(settings=settings.model_copy(update={**MAIL, "imap_url": url}))
    gate = mail_gate(app)
    assert gate
    assert gate.mailbox
    for state in ("not connected", "the IMAP server 127.0.0.1 does not answer"):
        gate.mailbox.state = state
        assert ready(app) == (200, "degraded", {**ready(app)[2], "mail": "no connection to the mailbox"})
    gate.mailbox.state = "ok"
    assert ready(app)[:2] == (200, "ok")


def test_without_ways_in_none_is_told_of(app: App) -> None:
    assert set(ready(app)[2]) == {"database", "disk", "understanding"}


@pytest.mark.parametrize(
    ("parts", "status", "code"),
    [
        ({"database": "ok", "slack": "ok"}, "ok", 200),
        ({"database": "ok", "slack": "away"}, "degraded", 200),
        ({"database": "away", "slack": "ok"}, "not ready", 503),
        ({"database": "away", "slack": "away"}, "not ready", 503),
    ],
)
def test_only_what_people_cannot_be_answered_without_costs_503(parts: dict[str, str], status: str, code: int) -> None:
    bare = FastAPI()
    bare.include_router(router(HealthPorts(lambda: parts, bytes, lambda _: None, beside={"slack"})))
    answer = TestClient(bare).get("/health/ready")
    assert (answer.status_code, answer.json()["status"], answer.json()["parts"]) == (code, status, parts)
