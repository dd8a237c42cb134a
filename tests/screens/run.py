"""`make screens`: every page and state at phone and desktop width, in both languages, light and dark, into a folder.

Usage: python -m tests.screens.run [FOLDER] [PAGE …]; without pages all of them. Says which page scrolls sideways.
Phones are light in English and dark in Chinese, desktops the other way round.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bot.intents.match import open_matcher
from bot.settings import read_settings
from bot.wiring import App, build
from knowledge.load import load
from tests.conftest import CACHE, KEYS, NOW
from tests.site_pages import furnish, states
from tests.site_world import a_link, served, settle_in

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
SIZES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
    "desktop": {"viewport": {"width": 1280, "height": 860}},
}


def main(folder: Path, wanted: list[str]) -> None:
    """Make the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    kb = load()
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        settings = read_settings({"CAUCUS_DATA_DIR": data, "CAUCUS_SECRET_KEYS": KEYS[0]})
        later = NOW + dt.timedelta(hours=1)
        app = build(settings, kb=kb, matcher=open_matcher(kb, CACHE), now=lambda: later, cache=CACHE)
        people = settle_in(app)
        paths = furnish(app, people)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with served(app) as url:
            for lang, locale in (("en", "en-GB"), ("zh", "zh-CN")):
                for size in SIZES:
                    scheme = "light" if (size == "phone") == (lang == "en") else "dark"
                    context = browser.new_context(locale=locale, color_scheme=scheme, reduced_motion="reduce", **SIZES[size])
                    page = context.new_page()
                    for name in _shown(page, app, people, url, paths, wanted, lang):
                        page.screenshot(path=folder / f"{name}-{size}-{lang}.png", full_page=not name.startswith("chat"))
                        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                            print(f"{name} scrolls sideways: {size} {lang}")
                    context.close()
        browser.close()
        app.engine.dispose()


def _shown(
    page: Page, app: App, people: dict[str, str], url: str, paths: dict[str, str], wanted: list[str], lang: str
) -> Iterator[str]:
    if not wanted or any(name.startswith("chat-") for name in wanted):
        yield from (name for name in states(page, url, lang) if not wanted or name in wanted)
    page.goto(url + a_link(app, people["admin"]))
    page.locator("main button.send").click()
    for name in wanted or paths:
        if name in paths:
            page.goto(url + paths[name])
            yield name


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/screens"), sys.argv[2:])
