"""Every page of the house in a real headless Chromium: both languages, phone and desktop, light and dark, with axe.

The app behind it is the real one, in use, over SQLite; the pages are the same on PostgreSQL.
"""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.curation.tables import LayerChange
from bot.db import open_engine, writing
from bot.intents.match import Matcher
from bot.settings import read_settings
from bot.wiring import App, build
from knowledge.load import KnowledgeBase
from tests.conftest import CACHE, KEYS, NOW
from tests.site_pages import furnish, states
from tests.site_world import TAUGHT, a_link, served, settle_in

sync_api = pytest.importorskip("playwright.sync_api", reason="LOUD: no playwright, the pages are not tested in a browser")
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 860}}
A_MINUTE = 60.0
"""In which a curator who has never seen it makes a better answer of an unanswered question."""
SURE_OF = "They want to be our exclusive distributor for Vietnam, do we agree?"
"""The coach is sure that it means exclusivity-request."""
HEAVIEST = 100_000
House = tuple[App, dict[str, str], str, dict[str, str]]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.enable_socket,
    pytest.mark.xdist_group("web chat in a browser"),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="LOUD: no /usr/bin/chromium, the pages are not tested in a browser"),
]


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, kb: KnowledgeBase, matcher: Matcher
) -> Iterator[tuple[App, dict[str, str], str, dict[str, str]]]:
    """(the app, its people, its address, the path of each page)."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copyfile(sqlite_template, folder / "caucus.db")
    settings = read_settings({"CAUCUS_DATA_DIR": str(folder), "CAUCUS_SECRET_KEYS": KEYS[0]})
    engine = open_engine(f"sqlite:///{folder / 'caucus.db'}", KEYS)
    app = build(settings, engine=engine, kb=kb, matcher=matcher, now=lambda: NOW + dt.timedelta(hours=1), cache=CACHE)
    people = settle_in(app)
    paths = furnish(app, people)
    with served(app) as url:
        yield app, people, url, paths
    engine.dispose()


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


def findings(page: sync_api.Page) -> list[str]:
    """What axe finds serious or critical on a page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] in ("serious", "critical")]


class Visitor:
    """Somebody signed in at a browser; hears what the console complains about, and how heavy pages are."""

    def __init__(self, browser: sync_api.Browser, house: House, role: str, **how: str) -> None:
        app, people, self.url, self.paths = house
        lang, size, scheme = (how.get(name, usual) for name, usual in (("lang", "en"), ("size", "desktop"), ("scheme", "light")))
        self.context = browser.new_context(
            locale={"en": "en-GB", "zh": "zh-CN"}[lang], viewport=SIZES[size], color_scheme=scheme, reduced_motion="reduce"
        )
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.add_init_script(
            "addEventListener('securitypolicyviolation', e => console.error('CSP: ' + e.violatedDirective + ' ' + e.blockedURI))"
        )
        self.page.goto(self.url + a_link(app, people[role]) + "?to=/console")
        self.page.locator("main button.send").click()

    def go(self, path: str) -> int:
        """The status of a page that is opened now."""
        answer = self.page.goto(self.url + path)
        assert answer
        return answer.status

    def findings(self) -> list[str]:
        """What axe finds serious or critical."""
        return findings(self.page)

    def weight(self) -> int:
        """Bytes of the page and all it loaded."""
        return self.page.evaluate(
            "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
            ".reduce((sum, entry) => sum + (entry.decodedBodySize || 0), 0)"
        )


@pytest.fixture
def visit(browser: sync_api.Browser, house: House) -> Iterator[object]:
    """`visit(role, lang=…, size=…, scheme=…)`."""
    visitors: list[Visitor] = []

    def come(role: str = "admin", **how: str) -> Visitor:
        visitors.append(Visitor(browser, house, role, **how))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_page_has_a_serious_finding_scrolls_sideways_or_is_heavy(visit, lang) -> None:
    me = visit(lang=lang)
    faults: list[str] = []
    for path in me.paths.values():
        assert me.go(path) in (200, 410), path
        if (weight := me.weight()) > HEAVIEST:
            faults.append(f"{path} weighs {weight}")
        for size, scheme in itertools.product(SIZES, ("light", "dark")):
            me.page.set_viewport_size(SIZES[size])
            me.page.emulate_media(color_scheme=scheme)
            faults += [f"{path} {size} {scheme} {finding}" for finding in me.findings()]
            if me.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                faults.append(f"{path} {size} scrolls sideways")
        me.complaints[:] = [told for told in me.complaints if "status of 410" not in told]
    assert faults == []


@pytest.mark.parametrize(("lang", "size", "scheme"), [("en", "phone", "dark"), ("zh", "desktop", "light")])
def test_no_state_of_the_chat_has_a_serious_finding(browser, house, lang, size, scheme) -> None:
    locale = {"en": "en-GB", "zh": "zh-CN"}[lang]
    context = browser.new_context(locale=locale, viewport=SIZES[size], color_scheme=scheme, reduced_motion="reduce")
    page, faults, seen = context.new_page(), [], []
    for name in states(page, house[2], lang):
        seen.append(name)
        faults += [f"{name} {finding}" for finding in findings(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append(f"{name} scrolls sideways")
    context.close()
    assert len(seen) == len(set(seen)) >= 9
    assert faults == []


def test_the_console_is_used_by_keyboard_alone(visit) -> None:
    me = visit("curator")
    me.go("/console/questions")
    me.page.keyboard.press("Tab")
    assert me.page.evaluate("document.activeElement.className") == "skip"
    me.page.keyboard.press("Enter")
    before = me.page.locator(".sheet").count()
    for _ in range(60):
        me.page.keyboard.press("Tab")
        if me.page.evaluate("document.activeElement.textContent").strip() == "Set aside":
            break
    outline = me.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    me.page.keyboard.press("Enter")
    sync_api.expect(me.page.locator(".told")).to_have_text("Set aside.")
    assert me.page.locator(".sheet").count() == before - 1


def test_an_admin_finds_a_failed_delivery_and_mends_it(visit) -> None:
    me = visit("admin", size="phone")
    me.go("/console")
    me.page.get_by_role("link", name="Deliveries failed or in doubt").click()
    failed = me.page.locator("li", has=me.page.locator(".mark.failed")).first
    failed.get_by_role("button", name="Send again").click()
    sync_api.expect(me.page.locator(".told")).to_have_text("Done.")
    assert me.page.locator(".mark.failed").count() == 0


def test_a_follow_up_beside_the_chat_is_closed_by_one_press(visit) -> None:
    me = visit("admin", lang="zh")
    me.go("/")
    beside = me.page.locator("#matters")
    sync_api.expect(beside).to_contain_text("李经理")
    sync_api.expect(beside).to_contain_text("北京")
    beside.get_by_role("button", name="完成").first.click()
    sync_api.expect(beside).to_contain_text("没有待跟进的事", timeout=15_000)


def test_another_language_is_one_press_away_and_stays(visit) -> None:
    me = visit("curator", lang="en", size="phone")
    me.go("/console/cards")
    me.page.get_by_role("link", name="中文").click()
    assert me.page.url.endswith("/console/cards")
    sync_api.expect(me.page.locator("h1")).to_have_text("卡片")
    me.go("/me")
    sync_api.expect(me.page.locator("h2").first).to_have_text("已登录的设备")


def learns(app: App) -> None:
    """The change that only stands for one being learnt is put away: the next one is for the learner."""
    with writing(app.engine) as session:
        session.execute(update(LayerChange).where(LayerChange.state == "accepted").values(state="declined"))


def test_a_curator_turns_an_unanswered_question_into_a_better_answer_and_asks_again(visit, house) -> None:
    """Three presses from the console's first page, and no word of a manual."""
    app = house[0]
    learns(app)
    app.knowing.learner.start()
    try:
        me = visit("curator", size="phone")
        me.go("/console")
        began = time.monotonic()
        me.page.get_by_role("link", name="Questions without a good answer").click()
        group = me.page.locator(".sheet", has_text=TAUGHT)
        group.locator(".closest button[value=confirm-by-text-or-phone]").click()
        sync_api.expect(me.page.locator("main [role=status]", has_text="It is live")).to_be_visible(timeout=A_MINUTE * 1000)
        again = me.page.locator("#again")
        sync_api.expect(again).to_contain_text("it now answers at once")
        sync_api.expect(again.locator("a")).to_have_attribute("href", "/console/cards/confirm-by-text-or-phone")
        me.page.get_by_role("link", name="Ask the question again").click()
        sync_api.expect(me.page.locator("#made")).to_have_text("Answered at once")
        assert me.page.locator(".guesses a").first.get_attribute("href") == "/console/cards/confirm-by-text-or-phone"
        me.go("/")
        me.page.locator("#text").fill(TAUGHT)
        me.page.keyboard.press("Enter")
        card = me.page.locator(".answer .card").last
        sync_api.expect(card).to_have_attribute("data-card", "confirm-by-text-or-phone")
        took = time.monotonic() - began
        print(f"from the press on the questions to the better answer in chat: {took:.1f} s")
        assert took < A_MINUTE
        me.go("/console/questions")
        assert me.page.locator(".sheet", has_text=TAUGHT).count() == 0, "and it is settled"
    finally:
        app.knowing.learner.stop()


def test_a_change_that_does_harm_is_refused_with_the_list_and_accepted_despite_it(visit, house) -> None:
    app = house[0]
    learns(app)
    me = visit("curator", lang="zh")
    me.go(f"/console/try?q={SURE_OF}")
    me.page.locator("#intent").select_option("casual-yes")
    me.page.get_by_role("button", name="加到这张卡片").click()
    sync_api.expect(me.page.locator("progress")).to_be_visible()
    app.knowing.learner.once()
    refused = me.page.locator(".trouble")
    sync_api.expect(refused).to_contain_text("教练确信这句话说的是另一件事")
    sync_api.expect(me.page.locator(".rows li").first).to_contain_text(SURE_OF)
    me.page.get_by_role("button", name="仍然接受").click()
    app.knowing.learner.once()
    app.knowing.learner.follow()
    sync_api.expect(me.page.locator("main [role=status]")).to_contain_text("已生效")
    me.page.get_by_role("button", name="撤回").click()
    me.page.get_by_role("button", name="接受").click()
    app.knowing.learner.once()
    app.knowing.learner.follow()
    sync_api.expect(me.page.locator("main [role=status]")).to_contain_text("已生效")


def test_a_broadcast_is_written_seen_as_it_comes_and_put_on_a_schedule(visit) -> None:
    me = visit("curator", lang="zh", size="phone")
    me.go("/console/broadcasts")
    me.page.locator("#en").fill("Call **before** <b>you</b> quote.")
    me.page.locator("#zh").fill("报价前先打电话。")
    me.page.get_by_role("button", name="存为草稿").click()
    sync_api.expect(me.page.locator(".preview").first).to_contain_text("报价前先打电话。")
    sync_api.expect(me.page.locator(".preview").last).to_contain_text("Call **before** <b>you</b> quote.")
    me.page.get_by_label("定期发送").check()
    me.page.get_by_label("哪天").select_option("mon-fri")
    me.page.get_by_role("textbox", name="几点").fill("08:15")
    me.page.get_by_role("button", name="开始发送").click()
    sync_api.expect(me.page.locator("main")).to_contain_text("周一到周五 08:15（收件人当地时间）")
    me.page.get_by_role("button", name="取消群发").click()
    sync_api.expect(me.page.locator(".mark").first).to_have_text("已取消")
