"""What the web chat keeps for its person: follow-ups beside it with both clocks, and all that was asked, to search and take."""

from __future__ import annotations

import html
import json
import re

import pytest
from starlette.testclient import TestClient

from adapters.site.browser import Session
from bot.db import writing
from bot.followups import desk
from bot.people import directory
from bot.wiring import App, web
from tests.conftest import NOW

OWN = {"Sec-Fetch-Site": "same-origin"}
NASTY = "<script>alert(1)</script>"


def browser(app: App, token: str = "a" * 43) -> TestClient:
    here = TestClient(web(app), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 1), follow_redirects=False)
    here.cookies.set("caucus", token)
    return here


def waits(app: App, token: str = "a" * 43, **more: str) -> str:
    """A follow-up's id."""
    with writing(app.engine) as session:
        person, row = directory.at_address(session, Session(token, is_new=False).address, NOW)
        person.zone = "Europe/Berlin"
        given = {"name": "李经理", "subject": "Samples", "when": "Thursday 10:00 in Shanghai", **more}
        return desk.add(session, person, NOW, app.rules, address=row, **given).id


def test_followups_stand_beside_the_chat_with_both_clocks(app: App) -> None:
    matter = waits(app)
    waits(app, "b" * 43, name="Somebody else's")
    page = html.unescape(browser(app).get("/").text)
    assert "李经理" in page
    assert "03:00 for you" in page
    assert "10:00 in Beijing" in page
    assert f'value="fu:done:{matter}"' in page
    assert "Somebody else" not in page
    chinese = html.unescape(browser(app).get("/matters", headers={"Accept-Language": "zh"}).text)
    assert "11月26日 周四" in chinese
    assert "北京 10:00" in chinese


def test_one_press_beside_the_chat_closes_the_matter(app: App) -> None:
    matter = waits(app, name=NASTY)
    here = browser(app)
    assert NASTY not in here.get("/").text
    here.post("/chat", data={"choice": f"fu:done:{matter}", "message_id": "m"}, headers=OWN)
    assert "None open." in here.get("/matters").text


def test_a_stranger_has_no_followups_and_none_is_made_by_looking(app: App) -> None:
    here = TestClient(web(app), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 1))
    assert "None open." in here.get("/matters").text
    with writing(app.engine) as session:
        assert directory.everybody(session) == []


def test_what_was_asked_is_found_by_words_of_question_or_answer(app: App) -> None:
    here, other = browser(app), browser(app, "b" * 43)
    for n, said in enumerate(("They asked for exclusivity, what do I say?", f"{NASTY} 图纸能给吗", "thanks")):
        here.post("/chat", data={"text": said, "message_id": f"m{n}"}, headers=OWN)
    whole = here.get("/history").text
    assert NASTY not in whole
    assert html.escape(NASTY) in whole
    found = html.unescape(here.get("/history", params={"q": "ONLY partner"}).text)
    assert "They asked for exclusivity" in found
    assert "图纸" not in found
    assert "图纸能给吗" in html.unescape(here.get("/history", params={"q": "图纸"}).text)
    assert "Nothing found." in here.get("/history", params={"q": "no such word"}).text
    assert "exclusivity" not in other.get("/history").text


@pytest.mark.parametrize("form", ["json", "text"])
def test_it_can_be_taken_along(app: App, form: str) -> None:
    here = browser(app)
    here.post("/chat", data={"text": "对方要独家代理，怎么办？", "message_id": "m"}, headers=OWN)
    taken = here.get("/history", params={"as": form})
    assert re.fullmatch(r'attachment; filename="caucus\.(json|txt)"', taken.headers["Content-Disposition"])
    assert taken.headers["X-Content-Type-Options"] == "nosniff"
    if form == "json":
        (row,) = json.loads(taken.text)
        assert (row["said"], row["cards"][0]["id"]) == ("对方要独家代理，怎么办？", "exclusivity-request")
    else:
        assert "> 对方要独家代理，怎么办？" in taken.text
    assert here.get("/history?as=exe").headers["content-type"].startswith("text/html")


def test_what_was_asked_is_shown_on_ones_own_clock(app: App) -> None:
    waits(app)  # somebody in Berlin, an hour ahead of UTC
    here = browser(app)
    here.post("/chat", data={"text": "they want exclusivity", "message_id": "m"}, headers=OWN)
    assert "2026-11-23 10:00</span>" in here.get("/history").text
    assert here.get("/history?as=text").text.startswith("2026-11-23 10:00+01:00\n> they want exclusivity")
    assert json.loads(here.get("/history?as=json").text)[0]["at"] == "2026-11-23T10:00:00+01:00"


@pytest.mark.parametrize(("said", "word"), [("what do you know about me?", "Download all"), ("导出我的数据", "下载我的全部数据")])
def test_everything_that_is_kept_is_one_press_away_and_holds_nobody_elses(app: App, said: str, word: str) -> None:
    here, other = browser(app), browser(app, "b" * 43)
    other.post("/chat", data={"text": "green walrus deposit", "message_id": "m"}, headers=OWN)
    here.post("/chat", data={"text": f"{NASTY} blue giraffe", "message_id": "m"}, headers=OWN)
    shown = here.post("/chat", data={"text": said, "message_id": "n"}, headers={**OWN, "X-Caucus": "fragment"}).text
    assert re.search(rf'<a [^>]*href="/me/export" download>[^<]*{word}', shown)
    taken = here.get("/me/export")
    assert taken.headers["Content-Disposition"] == 'attachment; filename="caucus-my-data.json"'
    assert (taken.headers["Cache-Control"], taken.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    told = taken.json()
    assert {row["said"] for row in told["inbounds"]} == {f"{NASTY} blue giraffe", said}
    assert "walrus" not in taken.text
    with writing(app.engine) as session:
        (person,) = told["people"]
        assert person["id"] == directory.known(session, Session("a" * 43, is_new=False).address).id


def test_of_a_stranger_there_is_nothing_to_take_and_nobody_is_made(app: App) -> None:
    new = TestClient(web(app), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 1))
    assert new.get("/me/export").json() == {}
    assert browser(app).get("/me/export").json() == {}
    with writing(app.engine) as session:
        assert directory.everybody(session) == []
