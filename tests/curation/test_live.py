"""Does what a curator wishes become what people are told, without a pause, and is what would harm refused?"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from bot.curation.review import changes
from bot.db import reading, writing
from bot.messages import Address, Inbound
from bot.people import directory
from bot.people.tables import PersonRow
from bot.wiring import App
from tests.conftest import NOW

ASKED = "our boss wants the incoterms fixed before we ping them on dingtalk"


@pytest.fixture
def curator(engine: Engine) -> PersonRow:
    """Somebody who may change what the coach knows."""
    with writing(engine) as session:
        return directory.add_person(session, NOW, name="Lin", role="curator")


def accepted(app: App, curator: PersonRow, change: dict[str, Any], **how: Any) -> int:
    """The id of a change that was proposed and accepted, not learnt yet."""
    with writing(app.engine) as session:
        row = app.knowing.curation.propose(session, curator, change, NOW)
        app.knowing.curation.decide(session, row.id, curator, True, NOW, **how)
        return row.id


def ended(app: App, change_id: int) -> Any:
    """The change after it was learnt and followed."""
    assert app.knowing.learner.once() == change_id
    app.knowing.learner.follow()
    with reading(app.engine) as session:
        return next(told for told in changes(session) if told.id == change_id)


def asked(app: App, text: str, number: int = 1) -> Any:
    """What somebody is answered."""
    return app.receive(
        Inbound(address=Address(channel="web", external_id="anna"), message_id=f"m{number}", text=text, received_at=NOW)
    )


def test_an_added_phrasing_is_understood_by_the_running_coach_and_undone_again(app: App, curator: PersonRow) -> None:
    before = asked(app, ASKED)
    change = {"kind": "add-phrasings", "intent": "confirm-by-text-or-phone", "phrasings": {"en": [ASKED]}}
    told = ended(app, accepted(app, curator, change))
    assert (told.state, told.version, told.decided_by) == ("live", 1, "Lin")
    assert before.decision != "sure"
    assert asked(app, ASKED, 2).intent == "confirm-by-text-or-phone"
    with writing(app.engine) as session:
        undone = app.knowing.curation.undo(session, 1, curator, NOW)
        app.knowing.curation.decide(session, undone.id, curator, True, NOW)
    assert ended(app, undone.id).state == "live"
    assert asked(app, ASKED, 3).decision == before.decision
