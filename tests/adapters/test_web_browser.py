"""The web chat in a real headless Chromium: both languages, phone and desktop, light and dark, keyboard and axe.

The coach behind it is a hand-written fake that answers with the real cards, so that the page alone is tested.
"""

from __future__ import annotations

import datetime as dt
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from adapters.site import assets
from adapters.site.guard import Door
from adapters.web import events
from adapters.web.ports import WebPorts
from adapters.web.routes import router
from bot.conversations import pressed
from bot.conversations.answer import advice, notice, offer, unknown
from bot.errors import Unavailable
from bot.messages import Address, Answer, Card, Choice, Exchange, Inbound, Lang
from bot.settings import Settings
from knowledge.load import KnowledgeBase, load

sync_api = pytest.importorskip("playwright.sync_api", reason="LOUD: no playwright, the web chat is not tested in a browser")
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.xdist_group("web chat in a browser"),  # one browser, not one per worker
    pytest.mark.skipif(not CHROMIUM.exists(), reason="LOUD: no /usr/bin/chromium, the web chat is not tested in a browser"),
]

ASKED: dict[Lang, str] = {"en": "They asked for exclusivity, what do I say?", "zh": "对方要独家代理，怎么办？"}
WORDS: dict[str, dict[Lang, str]] = {
    "send": {"en": "Send", "zh": "发送"},
    "copy": {"en": "Copy", "zh": "复制"},
    "copied": {"en": "Copied", "zh": "已复制"},
    "retry": {"en": "Try again", "zh": "重试"},
}
SIZES = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 860}}


class Upstream:
    """Stands before the app as a proxy does: answers the event stream itself as long as it is told to."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.answers: int | None = None
        self.asked: list[int] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = self.answers if scope["type"] == "http" and scope["path"] == "/events" else None
        if status:
            self.asked.append(status)
            await Response("Bad Gateway", status)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class FakeCoach:
    """Knows two questions, keeps what was said, answers a repeat as before, and can lose its database."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb = kb
        self.down = False
        self.handled: list[Inbound] = []
        self._talks: dict[str, list[Exchange]] = {}
        self._answers: dict[tuple[str, str], Answer] = {}
        self._lock = threading.Lock()
        self.came: list[tuple[Address, dt.datetime, Answer]] = []

    def unasked(self, address: Address, since: dt.datetime) -> list[tuple[dt.datetime, Answer]]:
        return [(at, answer) for to, at, answer in self.came if to == address and at > since]

    def receive(self, inbound: Inbound) -> Answer:
        with self._lock:
            if self.down:
                raise Unavailable("the database is locked")
            key = (str(inbound.address), inbound.message_id)
            if key not in self._answers:
                self.handled.append(inbound)
                lang: Lang = inbound.lang or ("zh" if re.search("[\u4e00-\u9fff]", inbound.text) else "en")
                answer = Answer(conversation="c", decision="sure", cards=[self._card(inbound, lang)])
                self._answers[key] = answer
                told = Exchange(
                    at=inbound.received_at, said=inbound.choice or inbound.text, answer=answer, message_id=inbound.message_id
                )
                self._talks.setdefault(str(inbound.address), []).append(told)
            return self._answers[key]

    def history(self, address: Address, room: str, now: dt.datetime, lang: Lang) -> list[Exchange]:
        if self.down:
            raise Unavailable("the database is locked")
        came = [Exchange(at=at, said="", answer=answer) for to, at, answer in self.came if to == address]
        return pressed.in_words(self.kb, [*self._talks.get(str(address), []), *came], lang)

    def card(self, card_id: str, lang: Lang) -> Card | None:
        return advice(self.kb, card_id, lang, vote=False) if card_id in self.kb.cards else None

    def _card(self, inbound: Inbound, lang: Lang) -> Card:
        kind, _, value = inbound.choice.partition(":")
        if kind == "card":
            return advice(self.kb, value, lang)
        if kind == "vote":
            return notice("voted.useful", lang)
        if re.search("exclusiv|独家", inbound.text):
            card = advice(self.kb, "exclusivity-request", lang, instead=["casual-yes"])
            start = Choice(
                id="flow:exclusivity", title={"en": "Check it for my case, step by step", "zh": "按我的情况一步步判断"}[lang]
            )
            return card.model_copy(update={"choices": [start, *card.choices]})
        if re.search("CAD|图纸", inbound.text):
            return offer(self.kb, ["show-technology", "share-information", "ip-protection-early"], lang)
        return unknown(self.kb, lang) if inbound.text.strip() else notice("empty", lang)


@pytest.fixture(scope="module")
def coach() -> FakeCoach:
    return FakeCoach(load())


@pytest.fixture(scope="module")
def upstream() -> Upstream:
    return Upstream(FastAPI())


@pytest.fixture(scope="module")
def app_url(coach: FakeCoach, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the real routes under uvicorn, over the fake coach."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    app = upstream.app
    now = lambda: dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)  # noqa: E731
    app.include_router(assets.router(Door(settings)))
    app.include_router(router(WebPorts(coach.receive, coach.history, coach.card, now, settings, coach.unasked)))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(upstream, log_level="warning", lifespan="off", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert server.started, "uvicorn did not start"
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """A person at a browser of one size, scheme and language; hears whatever the console complains about."""

    def __init__(
        self,
        browser: sync_api.Browser,
        url: str,
        *,
        lang: Lang = "en",
        size: str = "desktop",
        scheme: str = "light",
        **more: object,
    ) -> None:
        locale = {"en": "en-GB", "zh": "zh-CN"}[lang]
        self.context = browser.new_context(
            locale=locale, viewport=SIZES[size], color_scheme=scheme, reduced_motion="reduce", **more
        )
        self.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
        self.lang: Lang = lang
        self.url = url
        self.complaints: list[str] = []
        self.page = self.context.new_page()
        self.page.on(
            "console", lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.add_init_script(
            "addEventListener('securitypolicyviolation', e => console.error('CSP: ' + e.violatedDirective + ' ' + e.blockedURI))"
        )
        self.page.goto(url)

    def ask(self, text: str) -> sync_api.Locator:
        """Type and press Enter; the answer's last card, once it is there."""
        before = self.page.locator(".answer .card").count()
        self.page.locator("#text").fill(text)
        self.page.keyboard.press("Enter")
        sync_api.expect(self.page.locator(".answer .card")).to_have_count(before + 1)
        return self.page.locator(".answer .card").last

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=self.word(name), exact=True).click()

    def word(self, name: str) -> str:
        return WORDS[name][self.lang]

    def scrolls_sideways(self) -> bool:
        return self.page.evaluate("document.documentElement.scrollWidth > innerWidth")

    def focused(self, question: str) -> object:
        return self.page.evaluate(f"(() => {{ const e = document.activeElement; return {question}; }})()")

    def serious_findings(self) -> list[str]:
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [f"{v['id']}: {v['nodes'][0]['html']}" for v in found if v["impact"] in ("serious", "critical")]


@pytest.fixture
def visit(browser: sync_api.Browser, app_url: str, coach: FakeCoach, upstream: Upstream) -> Iterator[object]:
    """Open visits with `visit(lang=…, size=…, scheme=…)`; none may leave a complaint in the console unless it says so."""
    visitors: list[Visitor] = []

    def open_visit(**how: object) -> Visitor:
        visitors.append(Visitor(browser, app_url, **how))
        return visitors[-1]

    yield open_visit
    coach.down, upstream.answers = False, None
    for visitor in visitors:
        visitor.context.close()
    assert [c for v in visitors for c in v.complaints] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_question_gets_its_card_and_every_state_of_the_page_is_accessible(visit, lang, size, scheme):
    me = visit(lang=lang, size=size, scheme=scheme)
    assert me.serious_findings() == []
    assert not me.scrolls_sideways()
    card = me.ask(ASKED[lang])
    assert card.get_attribute("lang") == {"en": "en", "zh": "zh-Hans"}[lang]
    assert (
        card.locator("h2").inner_text()
        == {"en": "They want to be our only partner. Agree?", "zh": "对方要独家，能答应吗？"}[lang]
    )
    assert card.locator(".verdict-label").inner_text() == {"en": "No", "zh": "不建议"}[lang]
    for folded in card.locator("details").all():
        folded.locator("summary").click()
    assert not me.scrolls_sideways()
    me.ask("Can you book me a hotel?")
    me.ask("CAD" if lang == "en" else "图纸")
    assert me.serious_findings() == []
    assert not me.scrolls_sideways()


@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_copy_takes_the_exact_text_and_says_so(visit, lang, size, coach):
    me = visit(lang=lang, size=size)
    card = me.ask(ASKED[lang])
    assert card.get_by_role("button", name=me.word("copy")).count() == 3
    copy = card.locator("button.copy").first
    copy.click()
    sync_api.expect(copy).to_contain_text(me.word("copied"))
    sync_api.expect(me.page.locator("#told")).to_have_text(me.word("copied"))
    ready = advice(coach.kb, "exclusivity-request", lang).say[0].text
    assert me.page.evaluate("navigator.clipboard.readText()") == ready


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_keyboard_alone_suffices(visit, lang):
    me = visit(lang=lang)
    assert me.focused("e.id") == "text"
    me.page.keyboard.type("two")
    me.page.keyboard.press("Shift+Enter")
    me.page.keyboard.type("CAD 图纸")
    assert me.page.locator("#text").input_value() == "two\nCAD 图纸"
    me.page.keyboard.press("Enter")
    offered = me.page.locator(".answer .card").last
    sync_api.expect(offered.locator("[data-focus]")).to_be_focused()
    me.page.keyboard.press("Tab")
    assert me.focused("e.value") == "card:show-technology"
    me.page.keyboard.press("Enter")
    sync_api.expect(me.page.locator(".answer .card")).to_have_count(2)
    sync_api.expect(me.page.locator(".answer .card").last.locator("h2")).to_be_focused()
    me.page.keyboard.press("Tab")
    assert me.focused("e.className") == "copy"
    outline = me.focused("getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth")
    assert outline == "solid2px"


def test_enter_while_composing_chinese_does_not_send(visit, coach):
    me = visit(lang="zh")
    me.page.locator("#text").fill("独家")
    handled = len(coach.handled)
    me.page.evaluate(
        "document.getElementById('text').dispatchEvent(new KeyboardEvent('keydown', "
        "{key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )
    me.page.wait_for_timeout(200)
    assert me.page.locator("#text").input_value() == "独家"
    assert len(coach.handled) == handled


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_conversation_is_there_after_a_reload_with_choices_under_their_titles(visit, lang):
    me = visit(lang=lang, size="phone")
    me.ask("CAD" if lang == "en" else "图纸")
    pressed = me.page.locator("button[value='card:show-technology']")
    title = pressed.inner_text().strip()
    pressed.click()
    sync_api.expect(me.page.locator(".answer .card")).to_have_count(2)
    me.page.reload()
    sync_api.expect(me.page.locator(".said .words")).to_have_text(["CAD" if lang == "en" else "图纸", title])
    sync_api.expect(me.page.locator(".answer .card")).to_have_count(2)
    sync_api.expect(me.page.locator("#newest h2")).to_be_in_viewport()


def test_a_pressed_example_asks_its_question(visit, coach):
    me = visit(size="phone")
    me.page.locator(".examples button").first.click()
    sync_api.expect(me.page.locator(".answer .verdict-label")).to_have_text("No")
    assert coach.handled[-1].text == ASKED["en"]
    assert me.page.locator("#welcome").count() == 0


def test_markup_in_a_question_stays_text_at_once_and_after_a_reload(visit):
    me = visit()
    nasty = "<img src=x onerror=alert(1)><script>alert(2)</script> {{7*7}} </textarea><b>bold</b>\u202egnp.exe"
    me.ask(nasty)
    assert me.page.locator(".words").inner_text() == nasty
    me.page.reload()
    assert me.page.locator(".words").inner_text() == nasty
    assert me.page.locator(".said img, .said b, .said script").count() == 0


def test_the_new_answer_does_not_make_the_page_jump(visit):
    me = visit(size="phone")
    me.ask(ASKED["en"])
    me.ask("CAD")
    said = me.page.locator("#newest .said")
    top = said.bounding_box()["y"]
    header = me.page.locator(".top").bounding_box()["height"]
    assert header <= top <= header + 60, "the new question stands right below the top, its answer under it"


def test_a_vote_is_answered_in_place_and_stays_small_after_a_reload(visit, coach):
    me = visit()
    card = me.ask(ASKED["en"])
    card.get_by_role("button", name="Useful", exact=True).click()
    sync_api.expect(card.locator(".voted")).to_have_text("Thank you, noted.")
    assert coach.handled[-1].choice == "vote:useful:exclusivity-request"
    assert me.page.locator(".turn").count() == 1
    me.page.reload()
    sync_api.expect(me.page.locator(".turn.quiet .words")).to_have_text("Useful")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_lost_network_keeps_the_words_and_the_retry_is_the_same_message(visit, lang, coach):
    me = visit(lang=lang, size="phone")
    sent: list[str] = []
    me.page.on("request", lambda request: sent.append(request.post_data or "") if request.url.endswith("/chat") else None)
    me.page.route("**/chat", lambda route: (route.fetch(), route.abort())[1])  # it arrives, and the answer is lost
    handled = len(coach.handled)
    me.page.locator("#text").fill(ASKED[lang])
    me.press("send")
    retry = me.page.get_by_role("button", name=me.word("retry"))
    sync_api.expect(retry).to_be_focused()
    sync_api.expect(me.page.locator(".words")).to_have_text(ASKED[lang])
    assert me.serious_findings() == []
    assert not me.scrolls_sideways()
    me.page.unroute("**/chat")
    retry.click()
    sync_api.expect(me.page.locator(".verdict-label")).to_be_visible()
    assert sent[0] == sent[1]
    assert len(coach.handled) == handled + 1, "nothing was done twice"
    me.complaints.clear()  # the browser itself reports the broken connection


def test_an_unsent_question_outlives_a_reload_and_so_does_a_draft(visit, coach):
    me = visit()
    coach.down = True
    me.page.locator("#text").fill("They want exclusivity, <b>now</b>")
    me.page.keyboard.press("Enter")
    sync_api.expect(me.page.locator(".failed .why")).to_contain_text("cannot reach its notes")
    me.page.locator("#text").fill("a second thought")
    coach.down = False
    me.page.reload()
    assert me.page.locator("#text").input_value() == "a second thought"
    sync_api.expect(me.page.locator(".words")).to_have_text("They want exclusivity, <b>now</b>")
    me.page.get_by_role("button", name="Try again").click()
    sync_api.expect(me.page.locator(".verdict-label")).to_be_visible()
    me.complaints.clear()  # the browser itself reports the 503


def test_what_was_not_sent_is_kept_also_where_the_same_words_were_said_before(visit, coach):
    me = visit()
    me.ask("yes")
    coach.down = True
    me.page.locator("#text").fill("yes")
    me.page.keyboard.press("Enter")
    sync_api.expect(me.page.locator(".failed .why")).to_contain_text("cannot reach its notes")
    coach.down = False
    me.page.reload()
    sync_api.expect(me.page.locator(".failed")).to_have_count(1)
    handled = len(coach.handled)
    me.page.get_by_role("button", name="Try again").click()
    sync_api.expect(me.page.locator(".answer .card")).to_have_count(2)
    assert len(coach.handled) == handled + 1
    me.page.reload()
    sync_api.expect(me.page.locator(".said .words")).to_have_text(["yes", "yes"])
    sync_api.expect(me.page.locator(".failed")).to_have_count(0)
    me.complaints.clear()  # the browser itself reports the 503


def test_what_arrived_though_its_answer_was_lost_is_not_offered_again(visit, coach):
    me = visit()
    me.page.route("**/chat", lambda route: (route.fetch(), route.abort())[1])
    me.page.locator("#text").fill(ASKED["en"])
    me.page.keyboard.press("Enter")
    sync_api.expect(me.page.locator(".failed")).to_have_count(1)
    me.page.unroute("**/chat")
    me.page.reload()
    sync_api.expect(me.page.locator(".verdict-label")).to_be_visible()
    sync_api.expect(me.page.locator(".failed")).to_have_count(0)
    me.complaints.clear()  # the browser itself reports the broken connection


def test_what_is_too_long_comes_back_to_be_edited(visit):
    me = visit()
    long = "exclusive " * 10_000
    me.page.locator("#text").fill(long)
    me.press("send")
    sync_api.expect(me.page.locator(".failed .why")).to_contain_text("too long")
    me.page.get_by_role("button", name="Edit").click()
    assert me.page.locator("#text").input_value() == long
    me.complaints.clear()  # the browser itself reports the 413


def test_the_interface_speaks_the_language_chosen_and_remembers_it(visit):
    me = visit(lang="en", size="phone")
    me.page.locator("#text").fill("half a thought")
    me.page.get_by_role("link", name="中文").click()
    assert me.page.locator("html").get_attribute("lang") == "zh-Hans"
    assert me.page.locator("#text").input_value() == "half a thought"
    me.page.goto(me.url)
    sync_api.expect(me.page.locator("#welcome h2")).to_have_text("对方说了什么？")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_without_javascript_everything_but_copying_works(visit, lang):
    me = visit(lang=lang, size="phone", java_script_enabled=False)
    me.page.locator("#text").fill(ASKED[lang])
    me.press("send")
    sync_api.expect(me.page.locator(".said .words")).to_have_text(ASKED[lang])
    assert not me.page.locator(".copy").first.is_visible()
    me.page.locator("button[value='card:casual-yes']").click()
    sync_api.expect(me.page.locator(".answer .card")).to_have_count(2)
    assert me.page.url.endswith("/#newest")


@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_card_stands_alone_in_both_languages(visit, lang, size):
    me = visit(lang=lang, size=size)
    me.page.goto(f"{me.url}/cards/exclusivity-request?lang={lang}")
    assert (
        me.page.locator("h1").inner_text()
        == {"en": "They want to be our only partner. Agree?", "zh": "对方要独家，能答应吗？"}[lang]
    )
    assert me.page.locator("details[open]").count() == 3
    assert me.serious_findings() == []
    assert not me.scrolls_sideways()
    other = {"en": "中文", "zh": "EN"}[lang]
    me.page.get_by_role("link", name=other).click()
    assert me.page.locator("html").get_attribute("lang") == {"en": "zh-Hans", "zh": "en"}[lang]


def test_a_link_from_another_site_finds_the_conversation_of_before(visit):
    me = visit()
    me.ask(ASKED["en"])
    elsewhere = me.url.replace("127.0.0.1", "localhost")  # another site to the browser, which holds back strict cookies
    me.page.goto(f"{elsewhere}/cards/casual-yes")
    me.page.evaluate(
        f"(() => {{ const a = document.createElement('a'); a.href = '{me.url}/'; a.textContent = 'go'; "
        "document.body.append(a); a.click(); })()"
    )
    sync_api.expect(me.page.locator(".said .words")).to_have_text(ASKED["en"])


def test_what_comes_unasked_is_shown_at_once_and_once(visit, coach):
    me = visit()
    me.ask(ASKED["en"])
    address = coach.handled[-1].address
    assert coach.handled[-1].zone, "the browser says where it is"
    card = Card(
        id="nudge",
        kind="notice",
        lang="en",
        title="Mr Li: samples",
        text="It is 9:00 in Beijing now.",
        choices=[Choice(id="fu:done:x", title="Done")],
    )
    answer = Answer(conversation="", decision="sure", cards=[card], delivery="d1")
    coach.came.append((address, dt.datetime(2026, 11, 22, 9, 1, tzinfo=dt.UTC), answer))
    shown = me.page.locator("[data-delivery=d1]")
    sync_api.expect(shown).to_have_count(1, timeout=10_000)
    assert "Mr Li: samples" in shown.inner_text()
    assert me.serious_findings() == []
    me.page.reload()
    me.page.wait_for_timeout(1_500)
    sync_api.expect(me.page.locator("[data-delivery=d1]")).to_have_count(1)
    me.page.get_by_role("button", name="Done", exact=True).click()
    sync_api.expect(me.page.locator(".answer .card")).to_have_count(3)
    assert coach.handled[-1].choice == "fu:done:x"


def came(coach: FakeCoach, delivery: str, minute: int) -> None:
    """Something comes unasked to whoever spoke last."""
    card = Card(id="nudge", kind="notice", lang="en", title=f"Mr Li: {delivery}", text="It is 9:00 in Beijing now.")
    answer = Answer(conversation="", decision="sure", cards=[card], delivery=delivery)
    coach.came.append((coach.handled[-1].address, dt.datetime(2026, 11, 22, 9, minute, tzinfo=dt.UTC), answer))


def test_what_came_while_the_page_was_closed_is_marked_once_on_return(visit, coach):
    me = visit(lang="zh")
    me.ask(ASKED["zh"])
    came(coach, "seen-1", 2)
    sync_api.expect(me.page.locator("[data-delivery=seen-1]")).to_have_count(1, timeout=10_000)
    me.page.goto("about:blank")
    came(coach, "missed-1", 3)
    me.page.goto(me.url)
    marked = me.page.locator(".missed")
    sync_api.expect(marked).to_have_text(["你不在的时候收到的"])
    assert me.page.locator("[data-delivery=missed-1] .missed").count() == 1
    assert me.serious_findings() == []
    me.page.reload()
    sync_api.expect(me.page.locator("[data-delivery=missed-1]")).to_have_count(1)
    sync_api.expect(marked).to_have_count(0)


def test_a_stream_that_is_dropped_goes_on_without_loss_or_repeat(visit, coach, monkeypatch):
    monkeypatch.setattr(events, "OPEN_FOR", 1.5)
    me = visit()
    opened: list[str] = []
    me.page.on("request", lambda request: opened.append(request.url) if "/events" in request.url else None)
    me.page.reload()  # so that the first stream is counted too: a page that has loaded may have opened its own already
    me.ask(ASKED["en"])
    for number in (1, 2, 3):
        came(coach, f"dropped-{number}", 3 + number)
        sync_api.expect(me.page.locator(f"[data-delivery=dropped-{number}]")).to_have_count(1, timeout=40_000)
    assert len(opened) >= 2, "the browser came back by itself"
    shown = me.page.locator("[data-delivery^=dropped]").evaluate_all("turns => turns.map(turn => turn.dataset.delivery)")
    assert shown == ["dropped-1", "dropped-2", "dropped-3"]


@pytest.mark.parametrize("status", [502, 503])
def test_a_stream_that_was_refused_once_is_asked_for_again(visit, coach, upstream, monkeypatch, status):
    monkeypatch.setattr(events, "OPEN_FOR", 1.5)
    me = visit()
    me.ask(ASKED["en"])
    came(coach, f"before-{status}", 5)
    sync_api.expect(me.page.locator(f"[data-delivery=before-{status}]")).to_have_count(1, timeout=10_000)
    upstream.answers = status
    with me.page.expect_response(lambda answer: "/events" in answer.url and answer.status == status, timeout=20_000):
        pass
    upstream.answers = None
    came(coach, f"after-{status}", 6)
    sync_api.expect(me.page.locator(f"[data-delivery=after-{status}]")).to_have_count(1, timeout=20_000)
    sync_api.expect(me.page.locator(f"[data-delivery=before-{status}]")).to_have_count(1)
    me.complaints.clear()  # the browser itself reports the status


def test_coming_back_online_or_into_sight_asks_at_once(visit, coach, upstream):
    me = visit()
    me.page.add_init_script("Math.random = () => 100;")  # so that no wait is over within the test
    me.page.reload()
    me.ask(ASKED["en"])
    for number, event in enumerate(
        ("window.dispatchEvent(new Event('online'))", "document.dispatchEvent(new Event('visibilitychange'))")
    ):
        upstream.answers = 502
        with me.page.expect_response(lambda answer: "/events" in answer.url and answer.status == 502):
            me.page.reload()
        upstream.answers = None
        came(coach, f"sight-{number}", 20 + number)
        with me.page.expect_response(lambda answer: "/events?after" in answer.url and answer.status == 200):
            me.page.evaluate(f"setInterval(() => {event}, 50)")
        sync_api.expect(me.page.locator(f"[data-delivery=sight-{number}]")).to_have_count(1)
    me.complaints.clear()  # the browser itself reports the status


@pytest.mark.parametrize(("lang", "words"), [("en", "no longer signed in"), ("zh", "登录已失效")])
def test_whose_session_ended_is_told_so_and_asked_no_more(visit, upstream, lang, words):
    me = visit(lang=lang, size="phone")
    upstream.answers = 401
    me.page.clock.install()
    me.page.reload()
    told = me.page.locator("#signed-out-told")
    sync_api.expect(told).to_contain_text(words, timeout=10_000)
    assert told.get_by_role("link").get_attribute("href") == "/sign-in?to=/"
    assert me.serious_findings() == []
    assert not me.scrolls_sideways()
    asked = len(upstream.asked)
    me.page.clock.fast_forward("10:00")
    me.page.evaluate("fetch('/matters')")
    assert len(upstream.asked) == asked
    upstream.answers = None  # signed in again, in another tab
    me.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    sync_api.expect(told).to_have_count(0)
    me.complaints.clear()  # the browser itself reports the 401


DESKTOP = """
  window.told = [];
  window.away = false;
  Object.defineProperty(document, 'hidden', { get: () => window.away });
  window.Notification = class {
    static permission = 'default';
    static async requestPermission() { return (this.permission = 'granted'); }
    constructor(title, options) { window.told.push([title, options.body, options.tag]); }
    close() {}
  };
"""
"""Stands for the desktop that a headless browser has none of: it writes down what it would show."""


def test_the_desktop_is_told_that_something_came_only_when_allowed_and_away(visit, coach):
    me = visit()
    me.page.add_init_script(DESKTOP)
    me.page.reload()
    me.ask(ASKED["en"])
    came(coach, "told-1", 7)
    sync_api.expect(me.page.locator("[data-delivery=told-1]")).to_have_count(1, timeout=10_000)
    assert me.page.evaluate("told") == [], "nobody allowed it"
    me.page.get_by_role("button", name="Show reminders on this desktop").click()
    sync_api.expect(me.page.locator("aside")).to_contain_text("Reminders are shown on this desktop")
    came(coach, "told-2", 8)
    sync_api.expect(me.page.locator("[data-delivery=told-2]")).to_have_count(1, timeout=10_000)
    assert me.page.evaluate("told") == [], "the page is looked at"
    me.page.evaluate("window.away = true")
    came(coach, "told-3", 9)
    sync_api.expect(me.page.locator("[data-delivery=told-3]")).to_have_count(1, timeout=10_000)
    assert me.page.evaluate("told") == [["Caucus", "Mr Li: told-3", "told-3"]]
    assert "Beijing" not in str(me.page.evaluate("told")), "its text stays on the page"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_link_of_a_card_is_copied_in_its_language(visit, lang):
    me = visit(lang=lang, size="phone")
    me.page.goto(f"{me.url}/cards/exclusivity-request")
    me.page.get_by_role("button", name={"en": "Copy the link", "zh": "复制链接"}[lang]).click()
    sync_api.expect(me.page.locator(".copy-link")).to_have_text(me.word("copied"))
    assert me.page.evaluate("navigator.clipboard.readText()") == f"{me.url}/cards/exclusivity-request?lang={lang}"
