"""Messages to many on the console, and the audit trail of what is pressed there."""

from __future__ import annotations

import html
import re

from tests.site_world import OWN

NASTY = "<script>alert(1)</script> Dear all"


def test_a_broadcast_goes_from_draft_to_its_end_by_pressing(app, people, sign) -> None:
    curator = sign(people["curator"])
    made = curator.post("/console/broadcasts", data={"segment": "workspace", "en": NASTY, "zh": "各位好"}, headers=OWN)
    assert made.status_code == 303
    page = made.headers["location"]
    seen = curator.get(page).text
    assert "<script>alert" not in seen
    assert "would reach" in seen
    assert curator.post(page, data={"action": "test"}, headers=OWN).status_code == 303
    assert curator.post(page, data={"action": "pause"}, headers=OWN).status_code == 409
    admin = sign(people["admin"])
    assert admin.post(page, data={"action": "approve"}, headers=OWN).status_code in (303, 409)
    started = admin.post(page, data={"action": "start"}, headers=OWN)
    assert started.status_code == 303, html.unescape(started.text)
    running = curator.get(page).text
    assert "Pause" in running
    assert curator.post(page, data={"action": "cancel"}, headers=OWN).status_code == 303
    assert "cancelled" in curator.get(page).text
    assert page.rpartition("/")[2] in curator.get("/console/broadcasts").text


def test_a_broadcast_is_refused_with_its_reason(app, people, sign) -> None:
    curator = sign(people["curator"])
    refused = curator.post("/console/broadcasts", data={"segment": "nobody:knows", "en": "x", "zh": "y"}, headers=OWN)
    assert refused.status_code == 422
    assert "no such segment" in refused.text
    assert curator.get(f"/console/broadcasts/{'0' * 32}").status_code == 404
    assert curator.get("/console/broadcasts/../people").status_code in (403, 404)
    assert curator.post("/console/broadcasts", data={"segment": "workspace", "author": "x"}, headers=OWN).status_code == 422
    assert curator.post(f"/console/broadcasts/{'0' * 32}", data={"action": "delete"}, headers=OWN).status_code == 422
    assert curator.post("/console/broadcasts", data={"segment": "workspace", "en": "x", "zh": "y"}).status_code == 403


def test_what_is_pressed_is_in_the_trail_with_who_and_to_whom(app, people, sign) -> None:
    admin = sign(people["admin"])
    admin.post(f"/console/people/{people['member']}/role", data={"role": "curator"}, headers=OWN)
    failed = re.findall(r"/console/deliveries/([0-9a-f]{32})", admin.get("/console/deliveries").text)[0]
    admin.post(f"/console/deliveries/{failed}", data={"how": "drop"}, headers=OWN)
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.unescape(admin.get("/console/audit").text)))
    assert "Ada Admin gave a role: Max Member" in shown
    assert "member → curator" in shown
    assert f"Ada Admin dropped a delivery {failed[:8]}" in shown
    assert sign(people["curator"]).get("/console/audit").status_code == 403
