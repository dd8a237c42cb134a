"""What somebody hostile, or two at once, may do to the console: nothing runs, nothing is framed, nothing is lost."""

from __future__ import annotations

import html
import re

import pytest

from bot.db import writing
from bot.people import directory
from bot.people.tables import PersonRow
from bot.wiring import App
from tests.site_pages import furnish
from tests.site_world import OWN

NASTY = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}{% raw %}"
CARD = {
    **{f"{name}_en": f"{NASTY} {name}?" for name in ("title", "verdict")},
    **{f"{name}_zh": f"{NASTY} 中文{name}" for name in ("title", "verdict")},
    **{
        f"{name}_{lang}": f"{NASTY} 好的\n{NASTY} 第二"
        for name in ("because", "do", "avoid", "say", "ask", "watch_for", "tips")
        for lang in ("en", "zh")
    },
    "unless_en": NASTY,
    "unless_zh": NASTY,
    "phrasings_en": f"{NASTY} one\ntwo\nthree",
    "phrasings_zh": f"{NASTY} 一\n二\n三",
    "kind": NASTY,
    "theme": NASTY,
    "card": "",
    "ids": "",
    "seen": "0",
    "how": "draft",
}
FORMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/console/broadcasts", {"segment": NASTY, "en": NASTY, "zh": NASTY}),
    ("/console/broadcasts", {"segment": "workspace", "en": NASTY, "zh": NASTY}),
    ("/console/broadcasts", {"segment": "workspace", "card": NASTY}),
    ("/console/people", {"name": NASTY, "email": "", "role": "member"}),
    ("/console/people", {"name": "x", "email": NASTY, "role": NASTY}),
    ("/console/changes/card", CARD),
    ("/console/changes/import", {"yaml": f"texts: {{exclusivity-request: {{title: {{en: {NASTY!r}, zh: 好的好的}}}}}}"}),
    ("/console/changes/import", {"yaml": NASTY}),
    ("/console/changes/import", {"yaml": f"hidden: [{NASTY!r}]"}),
    ("/console/changes/phrasings", {"lang": "en", "intent": "casual-yes", "phrasings": NASTY}),
    ("/console/changes/phrasings", {"lang": "en", "intent": NASTY, "phrasings": "one"}),
)


def harmless(text: str) -> bool:
    """Whether nothing of what was typed became markup or was worked out."""
    return (
        not re.search(r"<script>|<img src=x|onerror=alert\(2\)>(?!&)", text.replace(html.escape(NASTY), ""))
        and "49{%" not in text
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_typed_into_any_field_or_imported_is_text_on_every_page(app: App, people, sign, lang: str) -> None:
    admin = sign(people["admin"])
    admin.get(f"/language/{lang}?to=/console")
    for path, form in FORMS:
        answer = admin.post(path, data=form, headers=OWN)
        assert answer.status_code in (303, 404, 422), (path, answer.status_code)
        assert harmless(answer.text), path
        if answer.status_code == 303:
            assert harmless(admin.get(answer.headers["location"]).text), path
    for path in (
        "",
        "/questions",
        f"/try?q={NASTY}",
        "/cards",
        "/changes",
        "/broadcasts",
        "/people",
        f"/people?q={NASTY}",
        "/audit",
    ):
        shown = admin.get(f"/console{path}")
        assert shown.status_code == 200, path
        assert harmless(shown.text), path


def test_no_page_can_be_framed_run_a_script_of_others_or_be_kept(app: App, people, sign) -> None:
    admin = sign(people["admin"])
    for name, path in furnish(app, people).items():
        headers = admin.get(path).headers
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy, name
        assert "'unsafe-inline'" not in policy, name
        assert "default-src 'none'" in policy, name
        assert headers["x-content-type-options"] == "nosniff", name
        if path.startswith("/console"):
            assert headers["cache-control"] == "no-store", name


def test_two_curators_on_one_card_the_later_is_told_and_finds_their_words_in_the_form(app: App, people, sign) -> None:
    first, second = sign(people["curator"]), sign(people["admin"])
    form = second.get("/console/changes/new?card=exclusivity-request").text
    fields = dict.fromkeys(re.findall(r'<textarea id="[a-z_]+" name="([a-z_]+)"', form), "")
    for name, text in re.findall(r'<textarea id="[a-z_]+" name="([a-z_]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        fields[name] = html.unescape(text)
    seen = re.search(r'name="seen" value="(\d+)"', form)
    assert seen
    usual = {**fields, "card": "exclusivity-request", "kind": "no", "ids": "", "seen": seen[1], "how": "live"}
    usual["kind"] = html.unescape(re.findall(r'<option value="([a-z-]+)" selected', form)[0])
    mine = first.post("/console/changes/card", data={**usual, "title_en": "The first one's title?"}, headers=OWN)
    assert mine.status_code == 303, mine.text
    app.knowing.learner.once()
    app.knowing.learner.follow()
    late = second.post("/console/changes/card", data={**usual, "title_en": "The later one's title?"}, headers=OWN)
    assert late.status_code in (409, 422)
    told = html.unescape(late.text)
    assert "was changed by somebody else since (version 1)" in told
    assert "The later one's title?" in told, "nothing typed is lost"
    second.get("/language/zh?to=/console")
    chinese = second.post("/console/changes/card", data={**usual, "title_en": "The later one's title?"}, headers=OWN)
    assert "已被别人改过（第 1 版）" in chinese.text


ASKING = ("people", "broadcasts", "changes/phrasings", "changes/card", "changes/import")
FOREIGN = ("role", "id", "state", "author", "version", "person", "accepted")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (f"/console/{form}", field) for form in ASKING for field in FOREIGN if (form, field) != ("people", "role")
    ],  # it asks for that
)
def test_no_form_takes_a_field_that_its_page_does_not_have(people, sign, path: str, field: str) -> None:
    given = {"/console/people": {"name": "x"}, "/console/broadcasts": {"segment": "workspace", "en": "x", "zh": "y"}}.get(
        path, {}
    )
    assert sign(people["admin"]).post(path, data={**given, field: "admin"}, headers=OWN).status_code == 422


def test_ids_of_another_workspace_open_nothing(app: App, people, sign) -> None:
    """A curator whose people are in one workspace of several: broadcasts of the house, changes and people are not theirs."""
    from bot.messages import Address

    paths = furnish(app, people)
    with writing(app.engine) as session:
        for team in ("T1", "T2"):
            person = directory.add_person(session, app.now(), name=f"Curator of {team}", role="admin")
            directory.add_address(session, person, Address(channel="slack", external_id=f"U{team}", workspace=team), app.now())
            people[team] = person.id
        session.flush()
        assert session.get_one(PersonRow, people["T1"]).role == "admin"
    theirs = sign(people["T1"])
    for name, path in paths.items():
        if name.startswith(("broadcast-", "change-")) and name != "change-a-card":
            assert theirs.get(path).status_code in (403, 404), name
            for form in ({"action": "cancel"}, {"how": "decline"}):
                assert theirs.post(path, data=form, headers=OWN).status_code in (403, 404, 422), name
    other = people["T2"]
    for act, form in (("role", {"role": "admin"}), ("invite", {"sure": "yes"}), ("sign-out", {"sure": "yes"})):
        assert theirs.post(f"/console/people/{other}/{act}", data=form, headers=OWN).status_code == 404
    assert "Curator of T2" not in theirs.get("/console/people").text
