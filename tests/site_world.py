"""A house in use, for tests and screenshots of the pages: people who asked, follow-ups, deliveries that went wrong."""

from __future__ import annotations

import datetime as dt
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from bot.cli.http import options
from bot.conversations import unanswered
from bot.db import writing
from bot.delivery import outbox
from bot.followups import desk
from bot.messages import Address, Card, Inbound
from bot.people import directory, signin
from bot.people.tables import PersonRow
from bot.wiring import App, web

OWN = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a form that its own page sends."""
ASKED = (
    "They asked for exclusivity, what do I say?",
    "对方要独家代理，怎么办？",
    "Should I send them the CAD files?",
    "只靠邮件沟通行吗？",
    "They promise to do their best. Is that enough?",
)
TAUGHT = "our boss wants the incoterms fixed before we ping them on dingtalk"
"""Not understood at first; belongs to confirm-by-text-or-phone."""
GAPS = (
    ("en", TAUGHT, "unknown", []),
    ("en", "they want to pay in crypto, is that ok", "unknown", []),
    ("en", "is it ok if they want to pay in crypto?", "unknown", []),
    ("zh", "对方想用虚拟货币付款，能收吗", "none_of_these", ["casual-yes"]),
    ("en", "how do I say no to karaoke <b>tonight</b>", "asked_back", ["casual-yes"]),
)


def settle_in(app: App) -> dict[str, str]:
    """Fill an empty house; name → person id of admin, curator and member."""
    now = app.now()
    with writing(app.engine) as session:
        people = {
            role: directory.add_person(session, now, name=name, email=f"{role}@example.com", zone="Europe/Berlin", role=role).id
            for role, name in (("admin", "Ada Admin"), ("curator", "Cora Curator"), ("member", "Max Member"))
        }
        address = directory.add_address(
            session,
            session.get_one(PersonRow, people["member"]),
            Address(channel="wecom", external_id="max", workspace="corp"),
            now,
        )
        for lang, said, reason, likely in GAPS:
            unanswered.keep(session, address, said, lang, reason, likely, now)
        for n, (state, reason) in enumerate(
            (("failed", "Unreachable"), ("in_doubt", "the vendor's answer was lost"), ("sent", ""))
        ):
            card = Card(id="nudge", kind="notice", lang="en", text="Mr Li: samples")
            row = outbox.put(session, address, card, now - dt.timedelta(days=n), "nudge", now - dt.timedelta(days=n))
            row.state, row.reason, row.tries = state, reason, 2
    for n, said in enumerate(ASKED):
        at = now - dt.timedelta(weeks=n % 3, hours=1)
        app.coach.receive(
            Inbound(address=Address(channel="web", external_id="w" * 32), message_id=f"m{n}", text=said, received_at=at)
        )
    with writing(app.engine) as session:
        admin = session.get_one(PersonRow, people["admin"])
        desk.add(
            session,
            admin,
            now,
            app.rules,
            name="李经理",
            subject="Samples for the May order",
            when="Thursday 10:00",
            address=signin.page_of(session, admin, now),
        )
    return people


def a_link(app: App, person: str) -> str:
    """The path of a link that signs this person in."""
    with writing(app.engine) as session:
        return f"/sign-in/{signin.new_link(session, session.get_one(PersonRow, person), 'chat', app.now())}"


@contextmanager
def served(app: App) -> Iterator[str]:
    """The app's pages at an address of this machine."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(web(app), lifespan="off", **options(app.settings) | {"timeout_graceful_shutdown": 1})
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 30
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert server.started, "uvicorn did not start"
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)
