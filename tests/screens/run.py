"""`make screens`: every page at phone and desktop width, in both languages, light and dark, into a folder.

Usage: python -m tests.screens.run [FOLDER] [PAGE …]; without pages all of them. Says which page scrolls sideways.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from bot.intents.match import open_matcher
from bot.settings import read_settings
from bot.wiring import build
from knowledge.load import load
from tests.conftest import CACHE, KEYS, NOW
from tests.site_world import a_link, served, settle_in

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
SIZES = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 860}}
PAGES = {
    "chat": "/",
    "history": "/history",
    "me": "/me",
    "card": "/cards/exclusivity-request",
    "sign-in": "/sign-in",
    "console": "/console",
    "questions": "/console/questions",
    "try": "/console/try?q=they%20want%20a%20price%20cut",
    "cards": "/console/cards",
    "one-card": "/console/cards/exclusivity-request",
    "followups": "/console/followups",
    "deliveries": "/console/deliveries",
    "channels": "/console/channels",
    "people": "/console/people",
    "audit": "/console/audit",
    "changes": "/console/changes",
    "new-card": "/console/changes/new?lang=en",
    "broadcasts": "/console/broadcasts",
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
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with served(app) as url:
            for lang, locale in (("en", "en-GB"), ("zh", "zh-CN")):
                for size, viewport in SIZES.items():
                    scheme = "light" if (size == "phone") == (lang == "en") else "dark"
                    context = browser.new_context(locale=locale, viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
                    page = context.new_page()
                    page.goto(url + a_link(app, people["admin"]))
                    page.locator("main button.send").click()
                    for name in wanted or PAGES:
                        answer = page.goto(url + PAGES[name])
                        if answer and answer.status == 404:
                            continue
                        page.screenshot(path=folder / f"{name}-{size}-{lang}.png", full_page=name != "chat")
                        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                            print(f"{name} scrolls sideways: {size} {lang}")
                    context.close()
        browser.close()
        app.engine.dispose()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "var/screens"), sys.argv[2:])
