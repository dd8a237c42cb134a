"""The console over HTTP: who may open what, what is shown and to whom, what is pressed, and what nobody can sneak in."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from bot.conversations import unanswered
from bot.db import reading, writing
from bot.delivery import outbox
from bot.delivery.tables import DeliveryRow
from bot.messages import Address, Card
from bot.people import audit, directory, signin
from bot.people.tables import AddressRow, PersonRow
from bot.wiring import web
from tests.conftest import NOW
from tests.site_world import OWN

FOR_CURATORS = ("", "/questions", "/try", "/cards", "/cards/exclusivity-request", "/followups")
FOR_ADMINS = ("/deliveries", "/channels", "/people")
NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)> {{7*7}}"


def test_pages_are_for_curators_and_some_for_admins_alone(app, people, sign) -> None:
    nobody = TestClient(web(app), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 1), follow_redirects=False)
    admin, curator, member = (sign(people[role]) for role in ("admin", "curator", "member"))
    for page in (*FOR_CURATORS, *FOR_ADMINS):
        path = f"/console{page}"
        assert nobody.get(path).status_code == 303, "even on the machine itself"
        assert member.get(path).status_code == 403
        assert admin.get(path).status_code == 200
        assert curator.get(path).status_code == (200 if page in FOR_CURATORS else 403), page
    shown = curator.get("/console").text
    assert "/console/people" not in shown
    with writing(app.engine) as session:
        session.get_one(PersonRow, people["admin"]).role = "member"
    assert admin.get("/console").status_code == 403, "a role that is taken holds at once"


def test_every_page_speaks_both_languages_without_inline_code_and_stays_small(app, people, sign) -> None:
    admin = sign(people["admin"])
    for page in (*FOR_CURATORS, *FOR_ADMINS):
        for lang, tag in (("en", "en"), ("zh", "zh-Hans")):
            admin.cookies.set("caucus_lang", lang)
            answer = admin.get(f"/console{page}")
            assert f'<html lang="{tag}">' in answer.text
            assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)|https?://(?!127)", answer.text), page
            assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert (answer.headers["X-Frame-Options"], answer.headers["Cache-Control"]) == ("DENY", "no-store")
            files = re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text)
            weight = len(answer.content) + sum(len(admin.get(html.unescape(file)).content) for file in set(files))
            assert weight < 100_000, (page, weight)


def test_alike_questions_stand_together_as_text_and_can_be_set_aside(app, people, sign) -> None:
    curator = sign(people["curator"])
    page = curator.get("/console/questions").text
    assert "asked 2 times" in page
    assert "karaoke &lt;b&gt;tonight&lt;/b&gt;" in page
    ids = next(group for group in re.findall(r'name="ids" value="([\d,]+)"', page) if "," in group)
    done = curator.post("/console/questions/settle", data={"ids": ids}, headers=OWN)
    assert done.headers["location"] == "/console/questions?told=settled"
    after = curator.get(done.headers["location"]).text
    assert "Set aside." in after
    assert "crypto" not in after
    again = curator.post("/console/questions/settle", data={"ids": ids}, headers=OWN)
    assert again.headers["location"].endswith("told=gone_by")


def test_in_a_large_house_no_page_weighs_more(app, people, sign) -> None:
    with writing(app.engine) as session:
        for n in range(150):
            _, row = directory.at_address(session, Address(channel="web", external_id=f"{n:032d}"), NOW)
            words = " ".join(f"{word}{n * 7919 % 9973}" for word in ("tariff", "warehouse", "sample", "port"))
            unanswered.keep(session, row, words, "en", "unknown", ["casual-yes"], NOW)
            delivery = outbox.put(session, row, Card(id="c", kind="notice", lang="en", text="x"), NOW, "nudge", NOW)
            delivery.state, delivery.reason = "failed", "Unreachable"
        member = session.get_one(PersonRow, people["member"])
        for n in range(250):
            audit.note(session, audit.Actor.of(member), "role", NOW, subject=member, target=f"{n:032x}", role=["member", "admin"])
    admin = sign(people["admin"])
    pages = (
        "/questions",
        "/questions?from=8",
        "/people",
        "/people?q=max",
        "/deliveries",
        "/deliveries?from=60",
        "/audit",
        "/changes",
    )
    for page in pages:
        answer = admin.get(f"/console{page}")
        files = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text))
        weight = len(answer.content) + sum(len(admin.get(html.unescape(file)).content) for file in files)
        assert (answer.status_code, weight < 100_000) == (200, True), (page, weight)
    assert "Max Member" in admin.get("/console/people?q=max").text
    for odd in ("-1", "x", "9" * 9, "99999", "１"):
        for page in ("questions", "deliveries", "people", "audit"):
            assert admin.get(f"/console/{page}", params={"from": odd}).status_code == 200


def read_through(here: TestClient, path: str, wanted: str) -> tuple[list[str], list[int]]:
    """What a list shows on all its pages, and how many it says are left on each that has a next one."""
    found: list[str] = []
    left: list[int] = []
    while True:
        page = html.unescape(here.get(path).text)
        found += re.findall(wanted, page)
        further = re.search(r'href="(/console/[^"]*from=\d+)">(\d+) more</a>', page)
        if further is None:
            assert not left or "Back to the first" in page
            return found, left
        path = further[1]
        left.append(int(further[2]))


def test_long_lists_say_how_many_more_there_are_and_show_them(app, people, sign) -> None:
    with writing(app.engine) as session:
        for n in range(90):
            _, row = directory.at_address(session, Address(channel="web", external_id=f"{n:032d}"), NOW)
            delivery = outbox.put(session, row, Card(id="c", kind="notice", lang="en", text="x"), NOW, "nudge", NOW)
            delivery.state, delivery.reason = "failed", "Unreachable"
        for n in range(60):
            directory.add_person(session, NOW, name=f"Guest {n} &", email=f"g{n}@example.com")
        for n in range(230):
            audit.note(session, audit.OPERATOR, "role", NOW, target=f"t{n}")
    admin = sign(people["admin"])
    deliveries, left = read_through(admin, "/console/deliveries", r'action="/console/deliveries/(\w+)"')
    assert (len(deliveries), len(set(deliveries)), left) == (92, 92, [32])
    assert "<strong>92</strong>" in admin.get("/console").text
    guests, left = read_through(admin, "/console/people?q=Guest", r'dir="auto">(Guest \d+) &<')
    assert (len(set(guests)), left) == (60, [20])
    lines, left = read_through(admin, "/console/audit", r"<code>(t\d+)</code>")
    assert lines == [f"t{n}" for n in range(230)][::-1]
    assert len(left) == 2
    admin.cookies.set("caucus_lang", "zh")
    assert "还有 32 条" in admin.get("/console/deliveries").text
    assert "还有 20 人" in admin.get("/console/people?q=Guest").text


@pytest.mark.parametrize("ids", ["x", "1;2", "-1", "1,,2", "9" * 13, "1 OR 1=1"])
def test_numbers_that_are_none_are_refused(people, sign, ids: str) -> None:
    assert sign(people["curator"]).post("/console/questions/settle", data={"ids": ids}, headers=OWN).status_code == 422


def test_a_question_is_tried_without_a_trace(app, people, sign) -> None:
    def kept() -> int:
        with reading(app.engine) as session:
            return len(unanswered.waiting(session))

    before = kept()
    curator = sign(people["curator"])
    page = curator.get("/console/try", params={"q": "They asked for exclusivity, what do I say?"}).text
    assert "Answered at once" in page
    assert "/console/cards/exclusivity-request" in page
    for odd in (NASTY, "", "   ", "a" * 5_000, "\0\u202e", "！！！"):
        shown = curator.get("/console/try", params={"q": odd})
        assert shown.status_code == 200
        assert "<script>alert" not in shown.text
    assert kept() == before


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_card_is_seen_as_on_every_channel(app, people, sign, lang: str) -> None:
    page = html.unescape(sign(people["curator"]).get(f"/console/cards/exclusivity-request?in={lang}").text)
    card = app.coach.card("exclusivity-request", lang)
    assert card
    assert page.count(card.verdict) >= 5, "web, Slack, WeChat, WeCom, terminal"
    assert sign(people["curator"]).get("/console/cards/none").status_code == 404


def test_a_failed_delivery_is_sent_again_and_a_doubt_is_settled(app, people, sign) -> None:
    admin = sign(people["admin"])
    page = admin.get("/console/deliveries").text
    failed, doubt = re.findall(r"/console/deliveries/([0-9a-f]{32})", page)
    assert "Mr Li" not in page, "what a message says stays with whom it is for"
    for row, how, state in ((failed, "again", "waiting"), (doubt, "arrived", "sent")):
        done = admin.post(f"/console/deliveries/{row}", data={"how": how}, headers=OWN)
        assert done.headers["location"].endswith("told=mended")
        with reading(app.engine) as session:
            assert session.get_one(DeliveryRow, row).state == state
        again = admin.post(f"/console/deliveries/{row}", data={"how": "drop"}, headers=OWN)
        assert again.headers["location"].endswith("told=gone_by")
    assert "Nothing here." in admin.get("/console/deliveries").text


def test_what_was_sent_or_only_failed_cannot_be_taken_as_arrived(app, people, sign) -> None:
    admin = sign(people["admin"])
    with reading(app.engine) as session:
        rows = {row.state: row.id for row in session.scalars(select(DeliveryRow))}
    for row in (rows["sent"], rows["failed"], "0" * 32):
        done = admin.post(f"/console/deliveries/{row}", data={"how": "arrived"}, headers=OWN)
        assert done.headers["location"].endswith("told=gone_by")
    for how in ("", "sent", "delete"):
        assert admin.post(f"/console/deliveries/{rows['failed']}", data={"how": how}, headers=OWN).status_code == 422


def test_an_admin_sees_how_many_followups_there_are_and_not_whose_what(app, people, sign) -> None:
    mine = html.unescape(sign(people["admin"]).get("/console/followups").text)
    assert "Samples for the May order" in mine
    theirs = html.unescape(sign(people["curator"]).get("/console/followups").text)
    assert "Samples" not in theirs
    with writing(app.engine) as session:
        session.get_one(PersonRow, people["curator"]).role = "admin"
    counted = html.unescape(sign(people["curator"]).get("/console/followups").text)
    assert "Samples" not in counted
    assert "Everybody's, in numbers" in counted


def test_roles_are_given_by_admins_and_nobody_takes_their_own(app, people, sign) -> None:
    admin, curator = sign(people["admin"]), sign(people["curator"])
    path = f"/console/people/{people['member']}/role"
    assert curator.post(path, data={"role": "admin"}, headers=OWN).status_code == 403
    assert admin.post(path, data={"role": "curator"}, headers=OWN).status_code == 303
    assert admin.post(path, data={"role": "owner"}, headers=OWN).status_code == 422
    assert admin.post(path, data={"role": "admin", "email": "x@y.z"}, headers=OWN).status_code == 422
    assert admin.post(f"/console/people/{people['admin']}/role", data={"role": "member"}, headers=OWN).status_code == 422
    assert admin.post(f"/console/people/{'0' * 32}/role", data={"role": "member"}, headers=OWN).status_code == 404
    with reading(app.engine) as session:
        roles = {name: session.get_one(PersonRow, person).role for name, person in people.items()}
    assert roles == {"admin": "admin", "curator": "curator", "member": "curator"}


def test_somebody_new_is_added_and_invited_once_and_nobody_can_enter_as_another(app, people, sign) -> None:
    admin = sign(people["admin"])
    assert (
        admin.post("/console/people", data={"name": NASTY, "email": "n@example.com", "role": "member"}, headers=OWN).status_code
        == 303
    )
    page = admin.get("/console/people").text
    assert "<script>alert" not in page
    new = next(p for p in re.findall(r"/console/people/([0-9a-f]{32})/invite", page) if p != people["curator"])
    link = re.search(r"/sign-in/[\w-]+", admin.post(f"/console/people/{new}/invite", data={"sure": "yes"}, headers=OWN).text)
    assert link
    assert link[0] not in admin.get("/console/people").text
    here = TestClient(web(app), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 1), follow_redirects=False)
    assert here.post(link[0], data={"to": "/"}, headers=OWN).status_code == 303
    for known in (new, people["member"]):
        refused = admin.post(f"/console/people/{known}/invite", data={"sure": "yes"}, headers=OWN)
        assert (refused.status_code, "/sign-in/" in refused.text) == (422, False)
    assert admin.post(f"/console/people/{new}/sign-out", data={"sure": "yes"}, headers=OWN).status_code == 303
    assert here.get("/me").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
    ],
)
def test_another_site_can_press_nothing(app, people, sign, headers: dict[str, str]) -> None:
    admin = sign(people["admin"])
    for path, form in (
        ("/questions/settle", {"ids": "1"}),
        (f"/deliveries/{'0' * 32}", {"how": "drop"}),
        (f"/people/{people['member']}/role", {"role": "admin"}),
        ("/people", {"name": "x", "role": "admin"}),
    ):
        assert admin.post(f"/console{path}", data=form, headers=headers).status_code == 403
    with reading(app.engine) as session:
        assert session.get_one(PersonRow, people["member"]).role == "member"


def test_a_form_is_pressed_not_fetched_and_holds_its_own_fields_only(people, sign) -> None:
    admin = sign(people["admin"])
    assert admin.get("/console/questions/settle").status_code in (404, 405)
    assert admin.post("/console/questions/settle", json={"ids": "1"}, headers=OWN).status_code == 415
    assert admin.post("/console/questions/settle", data={"ids": "1", "all": "1"}, headers=OWN).status_code == 422
    assert admin.post("/console/people", data={"name": "x", "id": "y"}, headers=OWN).status_code == 422
    assert admin.post("/console/people", data={"name": "x", "role": "god"}, headers=OWN).status_code == 422


def test_an_admin_of_one_workspace_sees_and_touches_nothing_of_another(app, people, sign) -> None:
    """Two Slack teams that know nothing of each other."""
    with writing(app.engine) as session:
        theirs, ours = (
            directory.at_address(session, Address(channel="slack", external_id=f"{team}/U", workspace=team), NOW)
            for team in ("T1", "T2")
        )
        theirs[0].role, theirs[0].name = "admin", "Theirs"
        audit.note(session, audit.OPERATOR, "role", NOW, subject=theirs[0], target="mine", role="admin")
        for n in range(320):  # more than one page of what another workspace did since
            audit.note(session, audit.Actor.of(ours[0]), "role", NOW, target=f"other{n}")
        ours[0].name = "Ours"
        kept = unanswered.keep(session, ours[1], "the secret plan of team two", "en", "unknown", [], NOW).id
        row = outbox.put(session, ours[1], Card(id="c", kind="notice", lang="en", text="x"), NOW, "nudge", NOW)
        row.state = "failed"
        delivery, them, us = row.id, theirs[0].id, ours[0].id
    admin = sign(them)
    assert "secret plan" not in admin.get("/console/questions").text
    assert delivery not in admin.get("/console/deliveries").text
    shown = admin.get("/console/people").text
    assert "Theirs" in shown
    assert all(name not in shown for name in ("Ours", "Max Member", us))
    assert "T2" not in admin.get("/console/channels").text
    trail = admin.get("/console/audit").text
    assert "<code>mine</code>" in trail
    assert "other" not in trail
    assert " more</a>" not in trail, "what is not theirs is not counted either"
    assert admin.post("/console/questions/settle", data={"ids": str(kept)}, headers=OWN).headers["location"].endswith("gone_by")
    assert (
        admin.post(f"/console/deliveries/{delivery}", data={"how": "drop"}, headers=OWN).headers["location"].endswith("gone_by")
    )
    for path, form in (("role", {"role": "admin"}), ("sign-out", {"sure": "yes"}), ("invite", {"sure": "yes"})):
        assert admin.post(f"/console/people/{us}/{path}", data=form, headers=OWN).status_code == 404
    assert admin.post("/console/people", data={"name": "New", "role": "admin"}, headers=OWN).status_code == 422
    house = sign(people["admin"])
    assert "secret plan" in house.get("/console/questions").text, "whoever runs the house sees all"


def test_who_leaves_their_workspace_does_not_come_to_see_the_house(app, people, sign) -> None:
    from bot.people import linking

    with writing(app.engine) as session:
        for team in ("T1", "T2"):
            person, row = directory.at_address(session, Address(channel="slack", external_id=f"{team}/U", workspace=team), NOW)
        person.role = "admin"
        signin.page_of(session, person, NOW)
        linking.unlink(session, session.get_one(AddressRow, row.id), NOW)
        assert person.role == "member"
