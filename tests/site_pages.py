"""Every page of the house with something on it, and the states of the chat: for screenshots, axe, weights and times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from bot.db import writing
from bot.people import signin
from bot.people.tables import PersonRow
from bot.wiring import App
from tests.site_world import TAUGHT

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = {
    "chat": "/",
    "followups-of-mine": "/matters",
    "history": "/history?q=exclusivity",
    "me": "/me",
    "card": "/cards/exclusivity-request",
    "sign-in": "/sign-in",
    "console": "/console",
    "questions": "/console/questions",
    "try": "/console/try?q=they+want+a+price+cut",
    "cards": "/console/cards",
    "one-card": "/console/cards/exclusivity-request",
    "followups": "/console/followups",
    "deliveries": "/console/deliveries",
    "channels": "/console/channels",
    "people": "/console/people",
    "audit": "/console/audit",
    "changes": "/console/changes",
    "new-card": "/console/changes/new",
    "change-a-card": "/console/changes/new?card=exclusivity-request",
    "broadcasts": "/console/broadcasts",
}
"""The pages that stand still; `furnish` adds those that are about one thing."""
OTHER_TEXT = {"en": "They want to be our only partner: wait?", "zh": "对方要独家，要不要先等等？"}


def furnish(app: App, people: dict[str, str]) -> dict[str, str]:
    """More for a house in use: broadcasts and changes in each state, a second device. Name of each page → its path."""
    now = app.now()
    with writing(app.engine) as session:
        for role in ("curator", "member"):
            signin.page_of(session, session.get_one(PersonRow, people[role]), now)
        other = signin.new_link(session, session.get_one(PersonRow, people["admin"]), "invitation", now)
        signin.use(session, other or "", now - dt.timedelta(days=3), device="Firefox · Android")
        unused = signin.new_link(session, session.get_one(PersonRow, people["member"]), "invitation", now)
    return {
        **PAGES,
        **_broadcasts(app, people),
        **_changes(app, people),
        "enter": f"/sign-in/{unused}",
        "spent": f"/sign-in/{other}",
    }


def _broadcasts(app: App, people: dict[str, str]) -> dict[str, str]:
    def by(role: str) -> Callable[[Session], PersonRow]:
        return lambda session: session.get_one(PersonRow, people[role])

    texts = {
        "en": "From Monday on, call before you send a price.\nAsk Ada if in doubt.",
        "zh": "从周一起，报价前先打个电话。\n拿不准就问 Ada。",
    }
    theme = next(iter(app.kb.themes))
    draft, card, once, again, running = (
        app.broadcasts.draft(by("curator"), {"segment": segment, **says})["id"]
        for segment, says in (
            ("workspace", texts),
            ("workspace", {"card": "exclusivity-request"}),
            ("lang:zh", texts),
            ("role:member", {"theme": theme}),
            ("workspace", texts),
        )
    )
    app.broadcasts.act(by("admin"), card, "approve")
    app.broadcasts.act(by("admin"), once, "start", {"at": (app.now() + dt.timedelta(days=2)).isoformat()})
    app.broadcasts.act(by("admin"), again, "start", {"cron": "30 9 * * mon", "zone": "local"})
    app.broadcasts.act(by("admin"), running, "start")
    named = {"draft": draft, "of-a-card": card, "once": once, "again": again, "running": running}
    return {f"broadcast-{name}": f"/console/broadcasts/{each}" for name, each in named.items()}


def _changes(app: App, people: dict[str, str]) -> dict[str, str]:
    """One change in each state; the live one changes a text, which needs no learning."""
    now, curation = app.now(), app.knowing.curation
    phrasing = {"kind": "add-phrasings", "intent": "casual-yes", "phrasings": {"en": [TAUGHT]}}
    with writing(app.engine) as session:
        curator = session.get_one(PersonRow, people["curator"])
        text = {"kind": "text", "card": "exclusivity-request", "fields": {"title": OTHER_TEXT}}
        live = curation.propose(session, curator, text, now)
        curation.decide(session, live.id, curator, True, now)
        number = live.id
    assert app.knowing.learner.once() == number
    app.knowing.learner.follow()
    with writing(app.engine) as session:
        curator = session.get_one(PersonRow, people["curator"])
        rows = {state: curation.propose(session, curator, phrasing, now, draft=state == "draft") for state in _STATES}
        curation.decide(session, rows["declined"].id, curator, False, now)
        rows["refused"].state, rows["refused"].report = "refused", _REPORT
        rows["accepted"].state, rows["accepted"].step = "accepted", "learning"
        rows["accepted"].leased_until = now + dt.timedelta(days=1)
        numbers = {"live": number, **{state: row.id for state, row in rows.items()}}
    return {f"change-{state}": f"/console/changes/{each}" for state, each in numbers.items()}


_STATES = ("draft", "review", "refused", "declined", "accepted")
_REPORT = {
    "reason": "the coach is sure that it means something else; accept it despite that, or choose the other card",
    "elsewhere": [{"text": TAUGHT, "lang": "en", "wanted": "casual-yes", "now": "confirm-by-text-or-phone"}],
    "questions": [],
    "wrong": [],
    "lost": False,
    "moved": [
        {
            "text": "he nodded, so are we done",
            "lang": "en",
            "wanted": "casual-yes",
            "before": "right at once",
            "after": "missed",
            "now": "exclusivity-request, show-technology",
        }
    ],
}
"""As learning leaves it."""


ASKS = {
    "en": (
        "They asked for exclusivity, what do I say?",
        "Send",
        "and the email",
        "can you book me a hotel",
        "remind me Thursday 10:00, I wrote to Mr Li about the price",
    ),
    "zh": ("对方要独家代理，怎么办？", "发送", "那邮件呢", "帮我订个酒店", "周四上午十点提醒我，已经给李经理发了报价"),
}


def states(page: Page, url: str, lang: str) -> Iterator[str]:
    """Bring the chat into one state after the other and tell its name: each is looked at as it stands."""
    page.goto(url)
    yield "chat-first-visit"
    answer, _, vague, stranger, remind = ASKS[lang]
    _ask(page, answer)
    yield "chat-answer"
    page.locator(".answer .card .start button").last.click()
    page.locator(".answer .card .pick button").last.wait_for()
    yield "chat-flow"
    page.locator(".answer .card").last.locator(".pick button").first.click()
    page.locator(".turn").nth(2).locator(".card").first.wait_for()
    yield "chat-flow-further"
    page.locator(".answer .card").last.get_by_role("button", name={"en": "Stop", "zh": "不问了"}[lang], exact=True).click()
    page.locator(".turn").nth(3).locator(".card").first.wait_for()
    for name, text in (("chat-asked-back", vague), ("chat-unknown", stranger), ("chat-reminder", remind)):
        _ask(page, text)
        yield name
    if not page.locator("#beside[open]").count():
        page.locator("#beside summary").click()
    page.locator("#beside").scroll_into_view_if_needed()
    yield "chat-beside"
    page.context.set_offline(True)
    page.locator("#text").fill(answer)
    page.keyboard.press("Enter")
    page.locator(".failed .retry").wait_for()
    yield "chat-offline"
    page.context.set_offline(False)
    page.goto(url + "/history")
    yield "history-of-all"


def _ask(page: Page, text: str) -> None:
    before = page.locator(".answer .card").count()
    page.locator("#text").fill(text)
    page.keyboard.press("Enter")
    page.locator(".answer .card").nth(before).wait_for()
