"""`make bench-pages`: what each page costs: seconds of the server, its own bytes, and bytes with all that it loads.

    python -m tests.bench.pages

The house is a large one: 500 questions that nobody answered, 300 people, 90 deliveries that failed, 300 lines of the audit
trail, somebody with 50 answers and 70 follow-ups, and everything that the screenshots show. Prints a table, and ends with 1 when a page is over 1 s (the median of seven) or 100 kB.
"""

from __future__ import annotations

import datetime as dt
import re
import statistics
import sys
import tempfile
import time

import httpx

from bot.conversations import unanswered
from bot.db import writing
from bot.delivery import outbox
from bot.followups import desk
from bot.intents.match import open_matcher
from bot.messages import Address, Card, Inbound
from bot.people import audit, directory, signin
from bot.people.tables import PersonRow
from bot.settings import read_settings
from bot.wiring import App, build
from knowledge.load import load
from tests.conftest import CACHE, KEYS, NOW
from tests.site_pages import furnish
from tests.site_world import OWN, a_link, served, settle_in

HEAVIEST, SLOWEST = 100_000, 1.0
QUESTIONS, PEOPLE, FAILED, LINES, ANSWERS, MATTERS, TIMES = 500, 300, 90, 300, 50, 70, 7
WORDS = "crypto karaoke hotpot visa drone tax warehouse intern festival invoice mould ferry licence stamp golf".split()
OURS = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def fill(app: App) -> None:
    """A large house."""
    now = app.now()
    with writing(app.engine) as session:
        for n in range(PEOPLE):
            person = directory.add_person(session, now, name=f"Person {n}", email=f"p{n}@example.com")
            address = directory.add_address(
                session, person, Address(channel="wecom", external_id=f"p{n}", workspace="corp"), now - dt.timedelta(hours=1)
            )
            if n < FAILED:
                card = Card(id="nudge", kind="notice", lang="en", text="Mr Li: samples")
                row = outbox.put(session, address, card, now, "nudge", now)
                row.state, row.reason = "failed", "Unreachable"
            if n < PEOPLE // 2:
                continue
            for said in (
                f"{WORDS[n % 15]} and {WORDS[n % 7]} for {WORDS[n % 11]} {n}?",
                f"{WORDS[n % 13]} or {WORDS[n % 3]} {n}",
            ):
                unanswered.keep(session, address, said, "en", "unknown", [], now)
        last = directory.at_address(session, Address(channel="web", external_id="w" * 32), now)[1]
        for n in range(QUESTIONS - PEOPLE):
            said = f"{WORDS[n % 14]} {WORDS[n % 9]} {WORDS[n % 4]} please {n}"
            unanswered.keep(session, last, said, "en", "asked_back", ["casual-yes"], now)


def talk_long(app: App, person_id: str) -> None:
    """Somebody with much on their page."""
    now = app.now()
    with writing(app.engine) as session:
        person = session.get_one(PersonRow, person_id)
        row = signin.page_of(session, person, now)
        address = Address(channel="web", external_id=row.external_id)
        for n in range(MATTERS):
            desk.add(session, person, now, app.rules, name=f"Mr Li {n}", subject=f"Order {n}", when="Thursday 10:00", address=row)
        for n in range(LINES):
            audit.note(session, audit.Actor.of(person), "role", now, subject=person, target=f"{n:032x}", role=["member", "admin"])
    for n, card in enumerate([card for card in app.kb.cards if app.kb.cards[card].verdict][:ANSWERS]):
        app.coach.receive(Inbound(address=address, message_id=f"long{n}", choice=f"card:{card}", lang="zh", received_at=now))


def main() -> int:
    """Measure, print, and say whether all is within the limits."""
    kb = load()
    over: list[str] = []
    with tempfile.TemporaryDirectory() as data:
        settings = read_settings({"CAUCUS_DATA_DIR": data, "CAUCUS_SECRET_KEYS": KEYS[0]})
        later = NOW + dt.timedelta(hours=1)
        app = build(settings, kb=kb, matcher=open_matcher(kb, CACHE), now=lambda: later, cache=CACHE)
        people = settle_in(app)
        paths = furnish(app, people)
        fill(app)
        talk_long(app, people["admin"])
        with served(app) as url, httpx.Client(base_url=url, timeout=60, headers={"Accept-Language": "en"}) as client:
            client.post(a_link(app, people["admin"]), data={"to": "/console"}, headers=OWN)
            print(f"{'page':22} {'median s':>9} {'most s':>8} {'CPU s':>7} {'bytes':>8} {'in all':>8}")
            for name, path in paths.items():
                took: list[float] = []
                page, cpu = client.get(path), time.process_time()
                for _ in range(TIMES):
                    began = time.perf_counter()
                    client.get(path)
                    took.append(time.perf_counter() - began)
                each = (time.process_time() - cpu) / TIMES
                whole = len(page.content) + sum(len(client.get(file).content) for file in set(OURS.findall(page.text)))
                median = statistics.median(took)
                print(f"{name:22} {median:9.3f} {max(took):8.3f} {each:7.3f} {len(page.content):8} {whole:8}")
                if median > SLOWEST or whole > HEAVIEST or page.status_code not in (200, 410):
                    over.append(name)
        app.engine.dispose()
    print(f"over 1 s or 100 kB: {', '.join(over) or 'none'}")
    return int(bool(over))


if __name__ == "__main__":
    sys.exit(main())
