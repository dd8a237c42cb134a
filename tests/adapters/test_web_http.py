"""The web chat over HTTP: who may come in, what a message may be, what the browser is told, what a card looks like."""

from __future__ import annotations

import asyncio
import datetime as dt
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.testclient import TestClient

from adapters.site import assets, forms
from adapters.site import browser as session
from adapters.site.guard import Door, Refusal
from adapters.web import form
from adapters.web.ports import WebPorts
from adapters.web.routes import router
from bot.errors import Unavailable
from bot.messages import Address, Answer, Card, Exchange, Inbound, Lang
from bot.pace import Pace
from bot.settings import Settings

NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
OWN = {"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:8000"}
FRAGMENT = {**OWN, "X-Caucus": "fragment"}
NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)> & \"' {{7*7}} \u202egnp"


def a_card(lang: Lang = "en", text: str = "Words", **more: object) -> Card:
    return Card(id="c", kind="notice", lang=lang, text=text, **more)


@dataclass
class FakeCoach:
    """Notes what it hears, answers with the card it is given, and can be away."""

    card: Card = field(default_factory=a_card)
    down: bool = False
    heard: list[Inbound] = field(default_factory=list)
    talk: list[Exchange] = field(default_factory=list)
    asked_of: list[tuple[Address, str]] = field(default_factory=list)

    def receive(self, inbound: Inbound) -> Answer:
        if self.down:
            raise Unavailable("the database is locked")
        self.heard.append(inbound)
        answer = Answer(conversation="t", decision="sure", cards=[self.card])
        said = inbound.choice or inbound.text
        self.talk.append(Exchange(at=NOW, said=said, answer=answer, message_id=inbound.message_id))
        return answer

    def history(self, address: Address, room: str, now: dt.datetime, lang: Lang) -> list[Exchange]:
        if self.down:
            raise Unavailable("the database is locked")
        self.asked_of.append((address, room))
        return list(self.talk)

    def one_card(self, card_id: str, lang: Lang) -> Card | None:
        if card_id != "exclusivity-request":
            return None
        return Card(id=card_id, kind="advice", lang=lang, title={"en": "Agree?", "zh": "能答应吗？"}[lang])


@pytest.fixture
def coach() -> FakeCoach:
    return FakeCoach()


def client_of(
    coach: FakeCoach,
    *,
    public_url: str = "",
    client: tuple[str, int] = ("127.0.0.1", 50000),
    base_url: str = "http://127.0.0.1:8000",
) -> TestClient:
    app = FastAPI()
    settings = Settings(public_url=public_url)
    app.include_router(assets.router(Door(settings)))
    app.include_router(router(WebPorts(coach.receive, coach.history, coach.one_card, lambda: NOW, settings)))
    return TestClient(app, base_url=base_url, client=client, follow_redirects=False)


@pytest.fixture
def web(coach: FakeCoach) -> Iterator[TestClient]:
    with client_of(coach) as client:
        yield client


class TestConversation:
    """A message goes in, its answer comes out, and both stay."""

    def test_a_message_is_answered_with_a_fragment_of_html(self, web, coach):
        coach.card = a_card(text="Do not agree as asked.")
        answer = web.post("/chat", data={"text": "exclusive?", "message_id": "m-1"}, headers=FRAGMENT)
        assert answer.status_code == 200
        assert answer.headers["X-Caucus"] == "fragment"
        assert "Do not agree as asked." in answer.text
        assert "<html" not in answer.text
        assert (coach.heard[0].text, coach.heard[0].message_id, coach.heard[0].received_at) == ("exclusive?", "m-1", NOW)

    def test_without_javascript_a_message_leads_back_to_the_page_with_its_history(self, web):
        answer = web.post("/chat", data={"text": "独家？", "message_id": "m-1"}, headers=OWN)
        assert (answer.status_code, answer.headers["location"].partition("#")[0]) == (303, "/")
        shown = web.get("/").text
        assert "独家？" in shown
        assert "Words" in shown

    def test_a_pressed_choice_reaches_the_coach_as_such(self, web, coach):
        web.post("/chat", data={"text": "files", "message_id": "m-1"}, headers=OWN)
        web.post("/chat", data={"choice": "card:x", "message_id": "m-2", "lang": "zh"}, headers=OWN)
        assert (coach.heard[1].choice, coach.heard[1].text, coach.heard[1].lang) == ("card:x", "", "zh")

    @pytest.mark.parametrize("text", ["", "  \n", "🙂🙂", "\u202e\u2066", "\0\x01\x07"])
    def test_text_without_words_gets_the_coachs_own_answer_in_the_language_of_the_page(self, web, coach, text):
        web.cookies.set("caucus_lang", "zh")
        assert web.post("/chat", data={"text": text, "message_id": "m"}, headers=FRAGMENT).status_code == 200
        assert coach.heard[0].lang == "zh"

    def test_words_choose_the_language_of_their_answer_themselves(self, web, coach):
        web.cookies.set("caucus_lang", "zh")
        web.post("/chat", data={"text": "exclusive", "message_id": "m"}, headers=FRAGMENT)
        assert coach.heard[0].lang is None

    def test_who_floods_the_chat_waits_and_others_do_not(self, coach):
        app, settings = FastAPI(), Settings()
        ports = WebPorts(coach.receive, coach.history, coach.one_card, lambda: NOW, settings, pace=Pace(1 / 1_000, 3))
        app.include_router(router(ports))
        one, other = (
            TestClient(app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 5), follow_redirects=False) for _ in "12"
        )
        one.get("/"), other.get("/")
        said = {"data": {"text": "hello", "message_id": "m"}, "headers": OWN}
        assert [one.post("/chat", **said).status_code for _ in range(5)] == [303, 303, 303, 429, 429]
        assert "Please wait" in one.post("/chat", **said).text
        assert other.post("/chat", **said).status_code == 303
        assert len(coach.heard) == 4

    def test_lines_of_a_textarea_come_as_lines(self, web, coach):
        web.post("/chat", data={"text": "one\r\ntwo", "message_id": "m"}, headers=FRAGMENT)
        assert coach.heard[0].text == "one\ntwo"

    def test_of_a_long_conversation_the_newest_turns_are_shown_and_the_cut_is_told(self, web, coach):
        coach.talk = [
            Exchange(at=NOW, said=f"q{n}", answer=Answer(conversation="t", decision="sure", cards=[])) for n in range(60)
        ]
        web.get("/")
        shown = web.get("/").text
        assert re.findall(r'class="words">q(\d+)<', shown) == [str(n) for n in range(10, 60)]
        assert "Earlier messages are not shown" in shown


class TestWhoMayComeIn:
    """Only this machine, and only our own page."""

    @pytest.mark.parametrize("path", ["/", "/cards/exclusivity-request", "/static/chat.css"])
    @pytest.mark.parametrize(
        ("client", "headers"),
        [
            ("10.0.0.7", {}),
            ("127.0.0.1", {"Host": "evil.example"}),
            ("127.0.0.1", {"Host": "evil.example:8000"}),
            ("127.0.0.1", {"Host": "127.0.0.1.evil.example"}),
            ("127.0.0.1", {"Host": "localhost@evil.example"}),
            ("127.0.0.1", {"Host": "[::1"}),
            ("127.0.0.1", {"Host": ""}),
            ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
            ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}),
        ],
    )
    def test_only_this_machine_by_its_own_name_and_without_a_proxy(self, coach, path, client, headers):
        refused = client_of(coach, client=(client, 1)).get(path, headers=headers)
        assert refused.status_code == 403
        assert "only to a browser on the very machine" in refused.text
        assert "本机浏览器" in refused.text
        assert "set-cookie" not in refused.headers

    @pytest.mark.parametrize(
        ("client", "host"),
        [("127.0.0.1", "localhost:8000"), ("127.0.0.1", "LOCALHOST"), ("::1", "[::1]:8000"), ("127.0.0.9", "127.0.0.9")],
    )
    def test_every_name_of_this_machine_is_welcome(self, coach, client, host):
        assert client_of(coach, client=(client, 1)).get("/", headers={"Host": host}).status_code == 200

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": "http://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://127.0.0.1:9000"},
            {"Origin": "https://127.0.0.1:8000"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8000"},
            {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"},
            {"Referer": "http://127.0.0.1:8000/"},
        ],
    )
    def test_a_message_from_another_page_is_refused_before_it_is_read(self, web, coach, headers):
        refused = web.post("/chat", data={"text": "x", "message_id": "m"}, headers=headers)
        assert refused.status_code == 403
        assert "came from another page" in refused.text
        assert coach.heard == []

    @pytest.mark.parametrize(
        "headers",
        [{"Origin": "http://127.0.0.1:8000"}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Sec-Fetch-Site": "none"}],
    )
    def test_a_message_from_our_own_page_is_accepted(self, web, headers):
        assert web.post("/chat", data={"text": "x", "message_id": "m"}, headers=headers).status_code == 303


class TestSession:
    """A browser is known by a cookie that the coach never sees."""

    def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(self, web):
        cookie = web.get("/").headers["set-cookie"].lower()
        assert re.match(r"caucus=[a-z0-9_-]{43};", cookie)
        assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/;"))
        assert "secure" not in cookie

    def test_under_https_the_cookie_is_secure(self, coach):
        client = client_of(coach, public_url="https://localhost:8000", base_url="http://localhost:8000")
        assert "; Secure" in client.get("/").headers["set-cookie"]

    def test_the_coach_knows_a_browser_by_a_hash_and_never_by_its_cookie(self, web, coach):
        web.get("/")
        web.post("/chat", data={"text": "x", "message_id": "m"}, headers=OWN)
        web.get("/")
        address = coach.heard[0].address
        assert re.fullmatch(r"web:[0-9a-f]{32}", str(address))
        assert web.cookies["caucus"] not in coach.heard[0].model_dump_json()
        assert coach.asked_of[-1] == (address, coach.heard[0].room)

    @pytest.mark.parametrize("cookie", ["", "x", "a" * 42, "a" * 44, "a" * 42 + "!", "../../etc", "%00" * 15])
    def test_a_malformed_cookie_gets_a_new_one(self, web, cookie):
        answer = web.get("/", headers={"Cookie": f"caucus={cookie}"})
        assert answer.status_code == 200
        assert session.WELL_FORMED.fullmatch(answer.cookies["caucus"])

    def test_a_visit_over_a_link_elsewhere_does_not_overwrite_the_held_back_cookie(self, web):
        answer = web.get("/", headers={"Sec-Fetch-Site": "cross-site"})
        assert "set-cookie" not in answer.headers
        assert 'http-equiv="refresh" content="0; url=/"' in answer.text

    def test_the_language_is_the_browsers_until_it_is_chosen(self, web):
        assert '<html lang="zh-Hans">' in web.get("/", headers={"Accept-Language": "fr, zh-TW;q=0.8, en;q=0.5, x;q=oops"}).text
        assert '<html lang="en">' in web.get("/", headers={"Accept-Language": "en-GB,zh;q=0.9"}).text
        chosen = web.get("/?lang=zh")
        assert (chosen.status_code, chosen.headers["location"]) == (303, "/")
        assert '<html lang="zh-Hans">' in web.get("/", headers={"Accept-Language": "en"}).text
        assert web.get("/?lang=fr").status_code == 200


class TestBadInput:
    """What the page would never send is refused in a word."""

    def send(self, web: TestClient, body: bytes | Iterator[bytes], kind: str = "application/x-www-form-urlencoded") -> int:
        answer = web.post("/chat", content=body, headers={**FRAGMENT, "Content-Type": kind})
        assert "refused" in answer.text
        return answer.status_code

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"message_id=m",
            b"text=a&choice=b&message_id=m",
            b"text=a&text=b&message_id=m",
            b"choice=&message_id=m",
            b"choice=" + b"c" * 201 + b"&message_id=m",
            b"text=a&message_id=" + b"m" * 201,
            b"text=a&message_id=m%00",
            b"text=a&message_id=m&lang=fr",
            b"text=a&message_id=m&role=admin",
            b"a=1&b=2&c=3&d=4&e=5&f=6",
        ],
    )
    def test_fields_the_page_would_not_send_are_422(self, web, coach, body):
        assert self.send(web, body) == 422
        assert coach.heard == []

    @pytest.mark.parametrize("body", [b"text=%ff%fe&message_id=m", b"text=\xff&message_id=m", b"text=%ed%a0%80&message_id=m"])
    def test_broken_utf_8_is_400(self, web, coach, body):
        assert self.send(web, body) == 400
        assert coach.heard == []

    @pytest.mark.parametrize(
        "kind",
        [
            "application/json",
            "multipart/form-data; boundary=x",
            "text/plain",
            "",
            "application/x-www-form-urlencoded; charset=gbk",
        ],
    )
    def test_another_content_type_is_415(self, web, coach, kind):
        assert self.send(web, b"text=a&message_id=m", kind) == 415
        assert coach.heard == []

    def test_a_body_over_64_kb_is_413_whatever_its_length_header_says(self, web, coach):
        def in_chunks() -> Iterator[bytes]:
            yield b"message_id=m&text="
            for _ in range(100):
                yield b"a" * 1000

        assert self.send(web, b"text=" + b"a" * forms.LONGEST_BODY) == 413
        assert self.send(web, in_chunks()) == 413
        assert coach.heard == []

    def test_a_body_is_not_read_without_end(self):
        read = 0

        async def endless() -> dict[str, object]:
            nonlocal read
            read += 100_000
            return {"type": "http.request", "body": b"a" * 100_000, "more_body": True}

        headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"10")]
        with pytest.raises(Refusal) as refused:
            asyncio.run(form.read_said(Request({"type": "http", "method": "POST", "headers": headers}, endless)))
        assert refused.value.status == 413
        assert read <= forms.POLITE_BODY + 100_000

    def test_a_body_that_breaks_off_is_400(self):
        async def gone() -> dict[str, object]:
            return {"type": "http.disconnect"}

        headers = [(b"content-type", b"application/x-www-form-urlencoded")]
        with pytest.raises(Refusal) as refused:
            asyncio.run(form.read_said(Request({"type": "http", "method": "POST", "headers": headers}, gone)))
        assert refused.value.status == 400

    def test_just_under_the_limit_is_read_whole(self, web, coach):
        text = "a" * (forms.LONGEST_BODY - 100)
        assert web.post("/chat", data={"text": text, "message_id": "m"}, headers=FRAGMENT).status_code == 200
        assert coach.heard[0].text == text

    def test_a_message_without_an_id_still_gets_one(self, web, coach):
        web.post("/chat", data={"text": "a"}, headers=FRAGMENT)
        assert len(coach.heard[0].message_id) == 32

    @pytest.mark.parametrize(
        "path",
        [
            "/cards/none",
            "/cards/..%2f..%2fetc",
            "/cards/%00",
            "/cards/%3Cscript%3E",
            "/static/none.js",
            "/static/..%2froutes.py",
            "/static/chat.css%00",
        ],
    )
    def test_what_is_not_there_is_404(self, web, path):
        answer = web.get(path)
        assert answer.status_code == 404
        assert "<script>" not in answer.text

    @given(st.binary(max_size=300))
    def test_any_body_is_read_or_refused(self, body):
        try:
            outcome = 200 if form.parse(body).message_id else 500
        except Refusal as refusal:
            outcome = refusal.status
        assert outcome in (200, 400, 422)


class TestUnavailable:
    """The database is away: nothing is lost, and the next request works."""

    def test_a_fragment_is_503_with_a_plain_sentence(self, web, coach):
        coach.down = True
        answer = web.post("/chat", data={"text": "my words", "message_id": "m"}, headers=FRAGMENT)
        assert (answer.status_code, answer.headers["X-Caucus"]) == (503, "fragment")
        assert "Nothing was done" in answer.text
        assert answer.headers["Retry-After"]

    def test_a_page_keeps_the_words_and_their_id_and_the_next_try_works(self, web, coach):
        coach.down = True
        answer = web.post("/chat", data={"text": f"my words {NASTY}", "message_id": "the-id"}, headers=OWN)
        assert answer.status_code == 503
        kept = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", answer.text, re.DOTALL)
        assert kept
        assert html.unescape(kept.group(1)) == f"my words {NASTY}"
        assert re.findall(r'name="message_id" value="([^"]*)"', answer.text) == ["the-id"]
        coach.down = False
        assert web.post("/chat", data={"text": "my words", "message_id": "the-id"}, headers=OWN).status_code == 303

    def test_a_pressed_choice_can_be_sent_again(self, web, coach):
        coach.down = True
        answer = web.post("/chat", data={"choice": "card:x", "message_id": "the-id"}, headers=OWN)
        assert 'name="choice" value="card:x"' in answer.text

    def test_the_page_itself_opens_with_the_reason(self, web, coach):
        web.get("/")
        coach.down = True
        answer = web.get("/")
        assert answer.status_code == 503
        assert "Nothing was done" in answer.text
        assert "<textarea" in answer.text


class TestWhatTheBrowserIsTold:
    """Headers and files."""

    @pytest.mark.parametrize("path", ["/", "/cards/exclusivity-request", "/cards/none", "/static/chat.js", "/?lang=zh"])
    def test_every_answer_carries_the_security_headers(self, web, path):
        headers = web.get(path).headers
        policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
        assert policy == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self'",
            "connect-src": "'self'",
            "form-action": "'self'",
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
        }
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "camera=()" in headers["Permissions-Policy"]

    def test_the_conversation_is_never_stored_by_the_browser(self, web):
        assert web.get("/").headers["Cache-Control"] == "no-store"
        assert web.post("/chat", data={"text": "x"}, headers=FRAGMENT).headers["Cache-Control"] == "no-store"

    def test_a_page_needs_nothing_but_our_own_files_and_no_inline_script_or_style(self, web):
        for path in ("/", "/cards/exclusivity-request"):
            text = web.get(path).text
            assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)|https?://", text)
            for file in re.findall(r'(?:src|href)="(/static/[^"]+)"', text):
                assert web.get(html.unescape(file)).status_code == 200

    def test_files_are_kept_by_version_and_known_by_their_tag(self, web):
        path = re.search(r"/static/chat\.css\?v=\w+", web.get("/").text)
        assert path
        first = web.get(path.group())
        assert first.headers["Content-Type"] == "text/css; charset=utf-8"
        assert "immutable" in first.headers["Cache-Control"]
        again = web.get(path.group(), headers={"If-None-Match": f'"other", W/{first.headers["ETag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert web.get("/static/chat.css?v=old").headers["Cache-Control"] == "no-cache"

    def test_style_and_script_together_stay_small(self, web):
        assert sum(len(web.get(f"/static/{name}").content) for name in ("chat.css", "chat.js")) < 100_000


class TestCardPage:
    """One card by link."""

    def test_it_opens_without_a_session_in_both_languages(self, web):
        english, chinese = (web.get(f"/cards/exclusivity-request?lang={lang}") for lang in ("en", "zh"))
        assert "Agree?" in english.text
        assert "能答应吗？" in chinese.text
        assert '<html lang="zh-Hans">' in chinese.text
        assert 'href="/cards/exclusivity-request?lang=en"' in chinese.text
        assert "set-cookie" not in english.headers
