"""What the web chat keeps for its person: follow-ups beside it with both clocks, and all that was asked, to search and take."""

from __future__ import annotations

import datetime as dt
import html
import json
import re

import pytest
from starlette.testclient import TestClient

from adapters.site.browser import Session
from adapters.web.page import MOST_MATTERS
from bot.db import writing
from bot.followups import desk
from bot.messages import Inbound
from bot.people import directory, retention
from bot.people.data_map import SAID_DAYS
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


@pytest.mark.parametrize(("lang", "words"), [("en", ["Open this follow-up", "Done"]), ("zh", ["查看这件事", "已完成"])])
def test_a_button_beside_the_chat_is_shown_in_words_and_never_by_its_id(app: App, lang: str, words: list[str]) -> None:
    matter, here = waits(app), browser(app)
    here.cookies.set("caucus_lang", lang)
    for n, what in enumerate(("show", "done")):
        here.post("/chat", data={"choice": f"fu:{what}:{matter}", "message_id": f"m{n}", "lang": lang}, headers=OWN)
    shown = {path: html.unescape(here.get(path).text) for path in ("/", "/history", "/history?as=text")}
    assert re.findall(r'class="words">([^<]+)<', shown["/"]) == words
    assert re.findall(r'<span dir="auto">([^<]*)<', shown["/history"]) == words[::-1]
    assert re.findall(r"^> (.*)$", shown["/history?as=text"], re.MULTILINE) == words
    assert [row["said"] for row in json.loads(here.get("/history?as=json").text)] == words
    assert here.get("/history", params={"q": words[1]}).text.count("<li>") >= 1


def weight(here: TestClient, path: str) -> int:
    """Bytes of a page with all that it loads."""
    page = here.get(path)
    assert page.status_code == 200
    files = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
    return len(page.content) + sum(len(here.get(html.unescape(file)).content) for file in files)


def test_a_long_talk_with_many_followups_stays_a_small_page_and_all_of_it_is_reached(app: App) -> None:
    for n in range(MOST_MATTERS + 60):
        waits(
            app, name=f"李经理 {n}", subject=f"Samples {n} " + "long " * 20, when=f"Thursday {8 + n % 9}:{n % 60:02d} in Shanghai"
        )
    here = browser(app)
    cards = [card for card in app.kb.cards if app.kb.cards[card].verdict][:50]
    for n, card in enumerate(cards):
        here.post("/chat", data={"choice": f"card:{card}", "message_id": f"m{n}", "lang": "zh"}, headers=OWN)
    page = html.unescape(here.get("/").text)
    assert weight(here, "/") < 100_000
    assert f'data-card="{cards[-1]}"' in page, "the newest is there"
    assert f'data-card="{cards[0]}"' not in page
    assert re.search(r'class="earlier">[^<]*<a href="/history">', page)
    assert page.count('value="fu:done:') == MOST_MATTERS
    assert '<span class="mark">68</span>' in page
    listed = set(re.findall(r'value="fu:done:(\w+)"', page))
    while further := re.search(r'<a href="(/matters\?from=\d+)">(\d+) more</a>', page):
        assert int(further[2]) == 68 - len(listed)
        assert weight(here, further[1]) < 100_000
        page = html.unescape(here.get(further[1]).text)
        listed |= set(re.findall(r'value="fu:done:(\w+)"', page))
    assert len(listed) == 68
    assert '<a href="/matters">Back to the first</a>' in page
    assert "<html" not in here.get("/matters", headers={"X-Caucus": "fragment"}).text


def test_a_long_history_is_read_page_by_page(app: App) -> None:
    here = browser(app)
    for n in range(130):
        said = f"thanks {n} " + ("太长了" * 400 if n % 10 == 0 else "")
        address = Session("a" * 43, is_new=False).address
        app.coach.receive(Inbound(address=address, message_id=f"m{n}", text=said, received_at=NOW))
    path, seen = "/history?q=thanks", []
    while path:
        assert weight(here, path) < 100_000
        page = html.unescape(here.get(path).text)
        seen += [int(n) for n in re.findall(r'<span dir="auto">thanks (\d+)', page)]
        further = re.search(r'<a href="(/history\?[^"]*from=\d+)">\d+ more</a>', page)
        path = further[1] if further else ""
    assert seen == list(range(130))[::-1]


@pytest.mark.parametrize(
    ("lang", "gone", "why"), [("en", "(words no longer kept)", "kept for {} days"), ("zh", "（原话已不再保留）", "保留 {} 天")]
)
def test_whose_words_are_gone_is_told_so_and_keeps_the_answers(app: App, lang: str, gone: str, why: str) -> None:
    here = browser(app)
    here.cookies.set("caucus_lang", lang)
    here.post("/chat", data={"text": "they want exclusivity", "message_id": "m"}, headers=OWN)
    retention.sweep(app.engine, NOW + dt.timedelta(days=SAID_DAYS, hours=1))
    page = html.unescape(here.get("/history").text)
    assert gone in page
    assert why.format(SAID_DAYS) in page
    assert 'href="/cards/exclusivity-request' in page
    assert f"> {gone}\n" in here.get("/history?as=text").text
    (row,) = json.loads(here.get("/history?as=json").text)
    assert (row["said"], row["cards"][0]["id"]) == (None, "exclusivity-request")
    assert re.findall(r'class="words">([^<]+)<', html.unescape(here.get("/").text)) == [gone]
