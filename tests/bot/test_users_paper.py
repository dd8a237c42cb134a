"""Is what docs/users.md says one can say understood as it says? Each line is said to the coach, in both languages."""

from __future__ import annotations

import re

import pytest

from bot.messages import Address, Inbound
from bot.wiring import App
from tests.conftest import NOW, REPO

PAPER = (REPO / "docs" / "users.md").read_text("utf-8")
MEANT = (
    "followup-create",
    "followup-list",
    "followup-done",
    "followup-snooze",
    "followup-create",
    "followup-cancel",
    "mail-address",
    "zone",
    "quiet-hours",
    "language",
    "link",
    "my-email",
    "sign-in",
    "ask-a-person",
    "my-data",
    "delete-my-data",
)
"""What the rows of the tables mean, in their order, the same in both languages."""
ENGLISH, CHINESE = PAPER.split("## 中文")


def rows(part: str) -> list[str]:
    """What stands in the first column of the tables."""
    return [
        row.split("|")[1].strip()
        for row in re.findall(r"(?m)^\| .*$", part)
        if row.split("|")[1].strip() not in ("say", "这样说")
    ]


def said() -> list[tuple[str, str]]:
    """(intent, words) of each thing that the tables say one can say."""
    return [
        (intent, words)
        for part in (ENGLISH, CHINESE)
        for intent, row in zip(MEANT, rows(part), strict=True)
        for words in row.split(" · ")
    ]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("intent", "words"), said())
def test_what_the_paper_says_one_can_say_is_understood(app: App, intent: str, words: str) -> None:
    address = Address(channel="web", external_id="anna")
    for n, text in enumerate(("remind me tomorrow at 10 to call Mr Li", words) if intent.startswith("followup-") else (words,)):
        answer = app.coach.receive(Inbound(address=address, message_id=f"m{n}", text=text, received_at=NOW))
    assert answer.intent == intent


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_questions_of_the_paper_have_an_answer_or_a_choice(app: App) -> None:
    questions = re.findall(r"(?m)^- (.+)$", PAPER)
    assert len(questions) == 8
    for n, text in enumerate(questions):
        inbound = Inbound(address=Address(channel="web", external_id=f"w{n}"), message_id="m", text=text, received_at=NOW)
        assert app.coach.receive(inbound).decision in ("sure", "ask"), text
